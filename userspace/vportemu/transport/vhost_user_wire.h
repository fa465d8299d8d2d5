/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vhost_user_wire.h - vhost-user messages as they are on the socket
 *
 * All fields are in the order of the machine that both ends run on.
 */

#ifndef VPORTEMU_VHOST_USER_WIRE_H
#define VPORTEMU_VHOST_USER_WIRE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

enum vu_request_id {
	VU_GET_FEATURES = 1,
	VU_SET_FEATURES = 2,
	VU_SET_OWNER = 3,
	VU_RESET_OWNER = 4,
	VU_SET_MEM_TABLE = 5,
	VU_SET_LOG_BASE = 6,
	VU_SET_LOG_FD = 7,
	VU_SET_VRING_NUM = 8,
	VU_SET_VRING_ADDR = 9,
	VU_SET_VRING_BASE = 10,
	VU_GET_VRING_BASE = 11,
	VU_SET_VRING_KICK = 12,
	VU_SET_VRING_CALL = 13,
	VU_SET_VRING_ERR = 14,
	VU_GET_PROTOCOL_FEATURES = 15,
	VU_SET_PROTOCOL_FEATURES = 16,
	VU_GET_QUEUE_NUM = 17,
	VU_SET_VRING_ENABLE = 18,
	VU_SET_BACKEND_REQ_FD = 21,
	VU_GET_CONFIG = 24,
	VU_SET_CONFIG = 25,
	VU_GET_INFLIGHT_FD = 31,
	VU_SET_INFLIGHT_FD = 32,
	VU_RESET_DEVICE = 34,
	VU_GET_MAX_MEM_SLOTS = 36,
	VU_ADD_MEM_REG = 37,
	VU_REM_MEM_REG = 38,
	VU_SET_DEVICE_STATE_FD = 42,
	VU_CHECK_DEVICE_STATE = 43,
	VU_MAX_ID = 64,
};

/* From the back-end to the front-end, on a socket of their own. */
enum {
	VU_BACKEND_CONFIG_CHANGE = 2,
};

/* Header flags. */
enum {
	VU_VERSION = 0x1,
	VU_VERSION_MASK = 0x3,
	VU_REPLY = 0x4,
	VU_NEED_REPLY = 0x8,
};

/* Protocol feature bits. */
enum {
	VU_PROTOCOL_MQ = 0,
	VU_PROTOCOL_LOG_SHMFD = 1,
	VU_PROTOCOL_REPLY_ACK = 3,
	VU_PROTOCOL_BACKEND_REQ = 5,
	VU_PROTOCOL_CONFIG = 9,
	VU_PROTOCOL_INFLIGHT_SHMFD = 12,
	VU_PROTOCOL_RESET_DEVICE = 13,
	VU_PROTOCOL_CONFIGURE_MEM_SLOTS = 15,
	VU_PROTOCOL_DEVICE_STATE = 19,
};

/* The virtio feature bit that says that there are protocol features. */
#define VU_F_PROTOCOL_FEATURES	30

/* And the one that says that writes to guest memory are logged. */
#define VU_F_LOG_ALL		26

/* Both are between the front-end and us, and not for the guest. */
#define VU_TRANSPORT_FEATURES \
	(1ull << VU_F_PROTOCOL_FEATURES | 1ull << VU_F_LOG_ALL)

/* In the argument of SET_VRING_KICK, CALL and ERR. */
#define VU_VRING_INDEX_MASK	0xff
#define VU_VRING_NOFD		0x100

/* Regions in one SET_MEM_TABLE, and so descriptors in one message. */
#define VU_MAX_FDS		8

#define VU_CONFIG_MAX		256

struct vu_header {
	uint32_t request;
	uint32_t flags;
	uint32_t size;
};

struct vu_vring_state {
	uint32_t index;
	uint32_t num;
};

struct vu_vring_addr {
	uint32_t index;
	uint32_t flags;
	uint64_t desc;
	uint64_t used;
	uint64_t avail;
	uint64_t log;
};

struct vu_region {
	uint64_t gpa;
	uint64_t size;
	uint64_t user_addr;
	uint64_t offset;
};

struct vu_mem_table {
	uint32_t count;
	uint32_t padding;
	struct vu_region regions[VU_MAX_FDS];
};

struct vu_mem_reg {
	uint64_t padding;
	struct vu_region region;
};

struct vu_log {
	uint64_t size;
	uint64_t offset;
};

struct vu_inflight {
	uint64_t size;
	uint64_t offset;
	uint16_t num_queues;
	uint16_t queue_size;
};

/* Which way a device's state goes, and when: stopped, in any case. */
enum {
	VU_STATE_SAVE = 0,
	VU_STATE_LOAD = 1,
	VU_STATE_STOPPED = 0,
};

struct vu_state_transfer {
	uint32_t direction;
	uint32_t phase;
};

/* In the answer: no other descriptor is offered. */
#define VU_STATE_NOFD		0x100

struct vu_config {
	uint32_t offset;
	uint32_t size;
	uint32_t flags;
	uint8_t data[VU_CONFIG_MAX];
};

union vu_payload {
	uint64_t u64;
	struct vu_vring_state state;
	struct vu_vring_addr addr;
	struct vu_mem_table mem;
	struct vu_mem_reg mem_reg;
	struct vu_config config;
	struct vu_log log;
	struct vu_inflight inflight;
	struct vu_state_transfer state_transfer;
};

static_assert(sizeof(struct vu_header) == 12, "as on the wire");
static_assert(sizeof(struct vu_vring_addr) == 40, "as on the wire");
static_assert(sizeof(struct vu_mem_reg) == 40, "as on the wire");
static_assert(offsetof(struct vu_mem_table, regions) == 8, "as on the wire");
static_assert(offsetof(struct vu_config, data) == 12, "as on the wire");

#endif /* VPORTEMU_VHOST_USER_WIRE_H */
