/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * front_end.h - a VMM's end of a transport, with a virtio-serial driver's rings
 *
 * Made for tests: it can do all that a VMM and its guest do, and anything they
 * must not.  Guest memory is a memfd, guest address GPA_BASE on; descriptors
 * and rings are plain memory that a test may scribble on.
 */

#ifndef SELFTESTS_VPORTEMU_FRONT_END_H
#define SELFTESTS_VPORTEMU_FRONT_END_H

#include <linux/virtio_console.h>
#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GPA_BASE	0x100000000ull
#define USER_BASE	0x700000000000ull	/* what the VMM calls it */
#define FE_MEM_SIZE	(16u << 20)

#define FE_MAX_QUEUES	1024
#define FE_MAX_BUFFERS	64

enum {
	FE_GET_FEATURES = 1, FE_SET_FEATURES = 2, FE_SET_OWNER = 3,
	FE_SET_MEM_TABLE = 5, FE_SET_VRING_NUM = 8, FE_SET_VRING_ADDR = 9,
	FE_SET_VRING_BASE = 10, FE_GET_VRING_BASE = 11, FE_SET_VRING_KICK = 12,
	FE_SET_VRING_CALL = 13, FE_SET_VRING_ERR = 14,
	FE_GET_PROTOCOL_FEATURES = 15, FE_SET_PROTOCOL_FEATURES = 16,
	FE_GET_QUEUE_NUM = 17, FE_SET_VRING_ENABLE = 18,
	FE_SET_BACKEND_REQ_FD = 21, FE_GET_CONFIG = 24, FE_SET_CONFIG = 25,
	FE_RESET_DEVICE = 34, FE_GET_MAX_MEM_SLOTS = 36, FE_ADD_MEM_REG = 37,
	FE_REM_MEM_REG = 38, FE_SET_LOG_BASE = 6, FE_GET_INFLIGHT_FD = 31,
	FE_SET_INFLIGHT_FD = 32, FE_SET_DEVICE_STATE_FD = 42,
	FE_CHECK_DEVICE_STATE = 43,
};

#define FE_VERSION_1		(1ull << 32)
#define FE_EVENT_IDX		(1ull << 29)
#define FE_INDIRECT		(1ull << 28)
#define FE_PROTOCOL		(1ull << 30)
#define FE_MULTIPORT		(1ull << 1)
#define FE_EMERG_WRITE		(1ull << 2)
#define FE_LOG_ALL		(1ull << 26)
#define FE_PACKED		(1ull << 34)
#define FE_RING_RESET		(1ull << 40)
#define FE_IN_ORDER		(1ull << 35)
#define FE_ALL_FEATURES	(FE_VERSION_1 | FE_EVENT_IDX | FE_INDIRECT | \
			 FE_PROTOCOL | FE_MULTIPORT | FE_EMERG_WRITE)

/*
 * MQ, LOG_SHMFD, REPLY_ACK, BACKEND_REQ, CONFIG, INFLIGHT_SHMFD, RESET_DEVICE,
 * CONFIGURE_MEM_SLOTS, DEVICE_STATE
 */
#define FE_PROTOCOL_FEATURES	0x8b22bull

/*
 * With FE_PACKED, positions count on without an end: the wrap counter is that
 * of the rounds, and what is in the ring lies at the position modulo its size.
 */
struct fe_queue {
	unsigned int num;
	volatile struct vring_desc *desc;
	volatile struct vring_packed_desc *packed;	/* the same place */
	volatile struct vring_avail *avail;
	volatile struct vring_packed_desc_event *driver;	/* the same */
	volatile struct vring_used *used;
	volatile struct vring_packed_desc_event *device;	/* the same */
	uint16_t next_desc;	/* descriptors are used round robin */
	uint16_t last_used;
	int kick;
	int call;
	int err;
	uint64_t buffers[FE_MAX_BUFFERS];	/* addresses by id */
};

struct front_end {
	int sock;
	int backend;		/* our end of the back-end's channel */
	int memfd;
	uint8_t *mem;
	size_t brk;		/* of mem that is in use */
	uint64_t features;
	struct fe_queue queues[FE_MAX_QUEUES];
};

/* How the device is reached. */
struct fe_ops {
	const char *export;	/* its type */
	void (*begin)(struct front_end *fe, uint64_t features);
	void (*sync)(struct front_end *fe);
	unsigned int (*queue_size)(unsigned int index);	/* at most */
	void (*configure)(struct front_end *fe, unsigned int index,
			  uint32_t base);
	void (*kick)(struct front_end *fe, unsigned int index);

	/* Wait for a call, for all of the time there is; take it. */
	bool (*wait)(struct front_end *fe, unsigned int index);
	bool (*called)(struct front_end *fe, unsigned int index);
	bool (*broken)(struct front_end *fe, unsigned int index);
	void (*reset)(struct front_end *fe);
	void (*restart)(struct front_end *fe);	/* after a reset */
	void (*finish)(struct front_end *fe);	/* or NULL: socket is closed */
};

extern const struct fe_ops fe_vhost_ops;
extern const struct fe_ops fe_vfio_ops;
extern const struct fe_ops fe_remote_ops;	/* memory is not shared */

/* All that follows goes this way; the first one is vhost-user. */
void fe_use(const struct fe_ops *ops);

/* Messages of vhost-user */
void fe_send(struct front_end *fe, uint32_t request, uint32_t flags,
	     const void *payload, uint32_t size, const int *fds, int nfds);
uint64_t fe_reply_u64(struct front_end *fe, uint32_t request);

/* Send with NEED_REPLY.  Return: what the back-end says, 0 for well. */
uint64_t fe_request(struct front_end *fe, uint32_t request, const void *payload,
		    uint32_t size, const int *fds, int nfds);
uint64_t fe_request_u64(struct front_end *fe, uint32_t request, uint64_t value);
uint64_t fe_get_u64(struct front_end *fe, uint32_t request);
uint64_t fe_vring_state(struct front_end *fe, uint32_t request,
			uint32_t index, uint32_t num);

/* The back-end has done all that it had to do before this. */
void fe_sync(struct front_end *fe);

/* Calls that come through a queue's eventfd: members of struct fe_ops. */
bool fe_call_wait(struct front_end *fe, unsigned int index);
bool fe_call_take(struct front_end *fe, unsigned int index);

/*
 * Life: make guest memory; the same, and connect on @sock; negotiate and hand
 * memory over.
 */
void fe_init(struct front_end *fe);
void fe_connect(struct front_end *fe, int sock);
void fe_begin(struct front_end *fe, uint64_t features);
void fe_finish(struct front_end *fe);

/* Memory */
void *fe_alloc(struct front_end *fe, size_t size);
uint64_t fe_gpa(const struct front_end *fe, const void *at);
uint64_t fe_user(const struct front_end *fe, const void *at);

/* Rings: make and start; stop, returning the base; start again at a base. */
void fe_queue_setup(struct front_end *fe, unsigned int index, unsigned int num);
void fe_queue_configure(struct front_end *fe, unsigned int index,
			uint32_t base);
uint32_t fe_queue_stop(struct front_end *fe, unsigned int index);

/* Put a chain of one descriptor, or of one already written, into the ring. */
uint16_t fe_add(struct front_end *fe, unsigned int index, void *at,
		uint32_t len, bool writable);
void fe_add_head(struct front_end *fe, unsigned int index, uint16_t head);

/* In a packed ring: the next descriptor, of a chain if @flags say so. */
void fe_add_packed(struct front_end *fe, unsigned int index, uint64_t addr,
		   uint32_t len, uint16_t flags);
void fe_kick(struct front_end *fe, unsigned int index);

/* Take a used element.  Return: its length; -1 when there is none. */
int64_t fe_get_used(struct front_end *fe, unsigned int index, uint32_t *ret_id);

/* Has the device said that this queue, or any, broke it? */
bool fe_broken(struct front_end *fe, unsigned int index);

/* Wait for a call, and a used element. */
int64_t fe_wait_used(struct front_end *fe, unsigned int index);

/* Was there a call since one last asked?  Waits for none. */
bool fe_called(struct front_end *fe, unsigned int index);

/* The driver: control queues with @buffers receive buffers. */
void fe_driver_start(struct front_end *fe, unsigned int buffers);

/* Stop all rings and forget them, as a driver that resets the device. */
void fe_driver_reset(struct front_end *fe);
void fe_send_control(struct front_end *fe, uint32_t id, uint16_t event,
		     uint16_t value);

/* Expect just this message next; @name of PORT_NAME, else NULL. */
void fe_expect_control(struct front_end *fe, uint32_t id, uint16_t event,
		       uint16_t value, const char *name);

/* Expect a console's size next. */
void fe_expect_resize(struct front_end *fe, uint32_t id, uint16_t cols,
		      uint16_t rows);

/* Queue indices of a port. */
unsigned int fe_rx(uint32_t port);
unsigned int fe_tx(uint32_t port);

/* Set a port's queues up and open it, after PORT_ADD. */
void fe_open_port(struct front_end *fe, uint32_t port);

#endif /* SELFTESTS_VPORTEMU_FRONT_END_H */
