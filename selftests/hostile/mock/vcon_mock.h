/* SPDX-License-Identifier: GPL-2.0-or-later WITH Linux-syscall-note */
/*
 * vcon_mock.h - what a program can make the host of /dev/vcon-mock do
 *
 * An open file is a host that may plug one virtio console device into the kernel
 * and takes it away again when it is closed.  It does what it is told and nothing
 * else: buffers stay where they are until somebody takes them and gives them back,
 * with any number and length.
 *
 * Queues have the numbers of VIRTIO 5.3.2.  What the driver puts into the
 * emergency register can be read(2) from the file, which never waits.
 */

#ifndef _VCON_MOCK_H
#define _VCON_MOCK_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* The most of its queues that a device lets itself be asked for. */
#define VCON_MOCK_QUEUES	128

/* The most entries of a queue, a power of two. */
#define VCON_MOCK_ENTRIES	256

/* The most that one VCON_MOCK_TAKE or VCON_MOCK_GIVE copies. */
#define VCON_MOCK_BYTES		65536

struct vcon_mock_config {
	__u16 cols;
	__u16 rows;
	__u32 max_ports;
};

struct vcon_mock_plug {
	__u64 features;			/* offered */
	struct vcon_mock_config config;
	__u32 entries;			/* of each queue */
	__u32 fail_queue;		/* this one cannot be had; 0: none, 1: the first */
	__u32 fail_reset;		/* queues cannot be reset */
	__u32 index;			/* returned: N of virtioN */
	__u32 bound;			/* returned: a driver has taken the device */
};

struct vcon_mock_buf {
	__u32 queue;
	__u32 id;			/* head of the chain: any number may be given */
	__u32 size;			/* of the buffer; given: the used length */
	__u32 writable;			/* by the host */
	__u64 data;			/* memory of the caller */
	__u32 data_len;			/* its length; returned: bytes copied */
	__s32 timeout_ms;		/* to wait for a buffer; -1: for ever */
	__u32 quiet;			/* given: the interrupt may come later */
	__u32 reserved;
};

/* Moves of random play, for vcon_mock_play.moves_mask. */
#define VCON_MOCK_MESSAGE	(1 << 0)	/* control messages, true or not */
#define VCON_MOCK_INPUT		(1 << 1)	/* data, its length true or not */
#define VCON_MOCK_OUTPUT	(1 << 2)	/* takes data and messages */
#define VCON_MOCK_HOLD		(1 << 3)	/* takes and keeps some for long */
#define VCON_MOCK_NOISE		(1 << 4)	/* interrupts for nothing, new sizes */
#define VCON_MOCK_LIE		(1 << 5)	/* rings that make no sense */
#define VCON_MOCK_SLEEP_WAKE	(1 << 6)	/* the device sleeps, may not wake up */
#define VCON_MOCK_ALL_MOVES	((1 << 7) - 1)

struct vcon_mock_play {
	__u64 seed;
	__u32 moves;			/* to be made; returned: made */
	__u32 moves_mask;
	__u32 messages;			/* returned: control messages sent */
	__u32 buffers;			/* returned: buffers given back */
	__u32 lies;			/* returned */
	__u32 sleeps;			/* returned */
};

/* A device that no driver wants is plugged all the same. */
#define VCON_MOCK_PLUG		_IOWR('V', 0x40, struct vcon_mock_plug)

/* Once: for another device, open another file. */
#define VCON_MOCK_UNPLUG	_IO('V', 0x41)

/* As the machine does; the number is as in fail_queue. */
#define VCON_MOCK_SLEEP		_IO('V', 0x42)
#define VCON_MOCK_WAKE		_IOW('V', 0x43, __u32)

/* ETIMEDOUT: no buffer in time.  ENODEV: the driver has no such queue. */
#define VCON_MOCK_TAKE		_IOWR('V', 0x44, struct vcon_mock_buf)

/*
 * Data is written only to a buffer that was taken, and only while no lie was
 * told on its queue, since the memory may be somebody else's by then.
 */
#define VCON_MOCK_GIVE		_IOW('V', 0x45, struct vcon_mock_buf)

/* An interrupt for nothing, of this queue. */
#define VCON_MOCK_INTERRUPT	_IOW('V', 0x46, __u32)

/* Say that this many more buffers were used, without saying which. */
#define VCON_MOCK_JUMP		_IOWR('V', 0x47, struct vcon_mock_buf)

/*
 * Write these flags, in size, to where the next used buffer of a packed ring goes,
 * and interrupt.  It still goes there.  EOPNOTSUPP: the ring is not packed.
 */
#define VCON_MOCK_MARK		_IOW('V', 0x4a, struct vcon_mock_buf)

/* Change the configuration, and say so. */
#define VCON_MOCK_CONFIG	_IOW('V', 0x48, struct vcon_mock_config)

/* Returns early when nothing moves any more, or on a signal. */
#define VCON_MOCK_PLAY		_IOWR('V', 0x49, struct vcon_mock_play)

#endif /* _VCON_MOCK_H */
