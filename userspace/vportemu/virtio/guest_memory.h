/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_memory.h - the guest's memory as the emulator sees it
 *
 * A table of regions, each a mapping of a descriptor that the VMM handed over.
 *
 * Trust
 * -----
 *
 * Guest addresses come from the guest, regions from the VMM.  Every look-up is
 * bounded by the region it falls into and none is kept across a change of the
 * table.  A region may not be larger than its file when it comes.  A file that
 * is cut short later cannot be refused in advance (UML's memory file has no
 * seals), so a fault on it is caught: the page is replaced by an empty one, the
 * access goes on, and guest_memory_lost() is true from then on, upon which the
 * device that belongs to it is broken.  Where the kernel meets the hole during
 * readv() or writev() it answers EFAULT and there is no fault at all.
 */

#ifndef VPORTEMU_GUEST_MEMORY_H
#define VPORTEMU_GUEST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/*
 * As many memory slots as QEMU lets a vhost-user back-end ask for; a VM with
 * every DIMM socket filled has 256 and some.
 */
#define GUEST_MEMORY_MAX_REGIONS	509

/* What a bit of the log stands for. */
#define GUEST_MEMORY_LOG_PAGE		4096

struct guest_region {
	uint64_t gpa;		/* first guest physical address */
	uint64_t size;
	uint64_t user_addr;	/* the same byte in the VMM's address space */
	uint8_t *host;		/* the same byte here */
	void *map;		/* what to unmap */
	size_t map_size;
	size_t page_size;
	bool readonly;
};

struct guest_memory {
	struct guest_region *regions;	/* in order of gpa */
	unsigned int count;
	unsigned int max;	/* regions; not taken along by a swap */
	volatile bool lost;		/* set by the fault handler */
	uint8_t *log;		/* a bit for each page that is written, or NULL */
	uint64_t log_size;	/* bytes */
	struct guest_memory *next;	/* all of them, for the fault handler */
};

/* Where a region is to come from. */
struct guest_region_desc {
	uint64_t gpa;
	uint64_t size;
	uint64_t user_addr;
	uint64_t offset;	/* in the file */
	bool readonly;		/* not for the device to write */
};

void guest_memory_init(struct guest_memory *mem);
void guest_memory_finish(struct guest_memory *mem);

/**
 * guest_memory_add() - map one more region
 * @mem:  the table
 * @desc: addresses and size
 * @fd:   what to map; remains the caller's
 *
 * Return: 0; -EINVAL for an empty or wrapping range or a file that is too
 *         short, -EEXIST for an overlap, -ENOSPC above the limit, -ENOMEM, or
 *         what mmap() says; the table is then unchanged.
 */
int guest_memory_add(struct guest_memory *mem,
		     const struct guest_region_desc *desc, int fd);

/* Unmap the region of just this address and size; -ENOENT if there is none. */
int guest_memory_remove(struct guest_memory *mem, uint64_t gpa, uint64_t size);

/* Unmap everything; a lost memory is whole again. */
void guest_memory_clear(struct guest_memory *mem);

/* Exchange what two tables hold: a new one takes the place of an old one. */
void guest_memory_swap(struct guest_memory *a, struct guest_memory *b);

static inline bool guest_memory_lost(const struct guest_memory *mem)
{
	return mem->lost;
}

/**
 * guest_memory_remove_range() - unmap all regions within a range
 * @mem:  the table
 * @gpa:  first guest physical address
 * @last: last one
 *
 * Return: 0; -EINVAL when a region is only partly in there, and nothing has
 *         changed.
 */
int guest_memory_remove_range(struct guest_memory *mem, uint64_t gpa,
			      uint64_t last);

/**
 * guest_memory_at() - a contiguous range of guest memory
 * @mem:   the table
 * @gpa:   its guest physical address
 * @len:   its length, more than 0
 * @write: is it to be written?
 *
 * Return: where it is mapped; NULL when it is not, or not in one piece.
 */
void *guest_memory_at(const struct guest_memory *mem, uint64_t gpa,
		      uint64_t len, bool write);

/**
 * guest_memory_from_user() - what guest address the VMM means
 * @mem:  the table
 * @addr: an address in the VMM's address space
 * @ret:  its guest physical address, on success
 *
 * Return: 0, -EFAULT.
 */
int guest_memory_from_user(const struct guest_memory *mem, uint64_t addr,
			   uint64_t *ret);

/* The device has written here: for who copies the memory meanwhile. */
void guest_memory_log(const struct guest_memory *mem, const void *host,
		      uint64_t len);

static inline void guest_memory_dirty(const struct guest_memory *mem,
				      const volatile void *host, uint64_t len)
{
	if (mem->log)
		guest_memory_log(mem, (const void *)host, len);
}

/**
 * guest_memory_iov() - describe a range, which may span regions
 * @mem: the table
 * @gpa: its guest physical address
 * @len: its length, more than 0
 * @write: is it to be written?
 * @iov: where to describe it
 * @max: entries there
 *
 * Return: entries used; -EFAULT when part of it is not mapped, -E2BIG when
 *         @max is too small.
 */
int guest_memory_iov(const struct guest_memory *mem, uint64_t gpa, uint64_t len,
		     bool write, struct iovec *iov, unsigned int max);

/**
 * guest_memory_catch_faults() - install the SIGBUS handler
 *
 * Faults outside of all guest memory end the process as they would without it.
 */
void guest_memory_catch_faults(void);

#endif /* VPORTEMU_GUEST_MEMORY_H */
