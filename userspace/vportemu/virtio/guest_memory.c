// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guest_memory.c - the guest's memory as the emulator sees it
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include <unistd.h>

#include "guest_memory.h"

static struct guest_memory *all_memory;

void guest_memory_init(struct guest_memory *mem)
{
	memset(mem, 0, sizeof(*mem));
	mem->max = GUEST_MEMORY_MAX_REGIONS;
	mem->next = all_memory;
	all_memory = mem;
}

void guest_memory_finish(struct guest_memory *mem)
{
	struct guest_memory **link;

	guest_memory_clear(mem);
	for (link = &all_memory; *link; link = &(*link)->next) {
		if (*link == mem) {
			*link = mem->next;
			break;
		}
	}
}

void guest_memory_clear(struct guest_memory *mem)
{
	unsigned int count = mem->count;
	unsigned int i;

	/* The fault handler must not find what is being unmapped. */
	mem->count = 0;
	for (i = 0; i < count; i++)
		munmap(mem->regions[i].map, mem->regions[i].map_size);
	free(mem->regions);
	mem->regions = NULL;
	mem->lost = false;
}

void guest_memory_swap(struct guest_memory *a, struct guest_memory *b)
{
	struct guest_memory old = *a;

	a->regions = b->regions;
	a->count = b->count;
	a->lost = b->lost;
	b->regions = old.regions;
	b->count = old.count;
	b->lost = old.lost;
}

static bool ranges_overlap(uint64_t a, uint64_t a_size, uint64_t b,
			   uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static int guest_memory_check(const struct guest_memory *mem,
			      const struct guest_region_desc *desc, int fd)
{
	struct stat st;
	unsigned int i;

	if (!desc->size || desc->gpa + desc->size < desc->gpa ||
	    desc->user_addr + desc->size < desc->user_addr ||
	    desc->offset + desc->size < desc->offset)
		return -EINVAL;

	if (fstat(fd, &st))
		return -errno;
	/* Only files have a size that says something; a device tells mmap(). */
	if (S_ISREG(st.st_mode) &&
	    desc->offset + desc->size > (uint64_t)st.st_size)
		return -EINVAL;

	for (i = 0; i < mem->count; i++) {
		if (ranges_overlap(desc->gpa, desc->size, mem->regions[i].gpa,
				   mem->regions[i].size))
			return -EEXIST;
	}
	return mem->count < mem->max ? 0 : -ENOSPC;
}

/* Pages of hugetlbfs are as large as its blocks; others are the machine's. */
static uint64_t page_size_of(int fd)
{
	struct statfs fs;

	if (!fstatfs(fd, &fs) && fs.f_type == HUGETLBFS_MAGIC)
		return fs.f_bsize;

	return sysconf(_SC_PAGESIZE);
}

/* mmap() wants page aligned offsets, the protocols do not promise them. */
static int guest_region_map(struct guest_region *region,
			    const struct guest_region_desc *desc, int fd)
{
	uint64_t page = page_size_of(fd);
	uint64_t slack = desc->offset & (page - 1);

	if (desc->size > SIZE_MAX - slack)
		return -EINVAL;

	region->map_size = desc->size + slack;
	region->map = mmap(NULL, region->map_size,
			   PROT_READ | (desc->readonly ? 0 : PROT_WRITE),
			   MAP_SHARED | MAP_NORESERVE, fd,
			   desc->offset - slack);
	if (region->map == MAP_FAILED)
		return -errno;

	/* Other people's memory has no place in our core dumps. */
	madvise(region->map, region->map_size, MADV_DONTDUMP);
	region->gpa = desc->gpa;
	region->size = desc->size;
	region->user_addr = desc->user_addr;
	region->host = (uint8_t *)region->map + slack;
	region->page_size = page;
	region->readonly = desc->readonly;
	return 0;
}

int guest_memory_add(struct guest_memory *mem,
		     const struct guest_region_desc *desc, int fd)
{
	struct guest_region *regions;
	struct guest_region region;
	unsigned int i;
	int ret;

	ret = guest_memory_check(mem, desc, fd);
	if (ret)
		return ret;

	regions = realloc(mem->regions, (mem->count + 1) * sizeof(*regions));
	if (!regions)
		return -ENOMEM;
	mem->regions = regions;

	ret = guest_region_map(&region, desc, fd);
	if (ret)
		return ret;

	for (i = mem->count; i && regions[i - 1].gpa > region.gpa; i--)
		regions[i] = regions[i - 1];
	regions[i] = region;
	mem->count++;
	return 0;
}

int guest_memory_remove(struct guest_memory *mem, uint64_t gpa, uint64_t size)
{
	struct guest_region *region;
	struct guest_region gone;
	unsigned int i;

	for (i = 0; i < mem->count; i++) {
		region = &mem->regions[i];
		if (region->gpa != gpa || region->size != size)
			continue;
		gone = *region;
		mem->count--;
		memmove(region, region + 1,
			(mem->count - i) * sizeof(*region));
		munmap(gone.map, gone.map_size);
		return 0;
	}
	return -ENOENT;
}

/* Index of the first region that ends behind @gpa. */
static unsigned int first_behind(const struct guest_memory *mem, uint64_t gpa)
{
	unsigned int low = 0, high = mem->count, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (mem->regions[mid].gpa + (mem->regions[mid].size - 1) < gpa)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int guest_memory_remove_range(struct guest_memory *mem, uint64_t gpa,
			      uint64_t last)
{
	unsigned int begin = first_behind(mem, gpa), end = begin, i;
	const struct guest_region *region;

	for (; end < mem->count && mem->regions[end].gpa <= last; end++) {
		region = &mem->regions[end];
		if (region->gpa < gpa ||
		    region->gpa + (region->size - 1) > last)
			return -EINVAL;
	}
	if (begin == end)
		return 0;

	for (i = begin; i < end; i++)
		munmap(mem->regions[i].map, mem->regions[i].map_size);
	memmove(&mem->regions[begin], &mem->regions[end],
		(mem->count - end) * sizeof(*mem->regions));
	mem->count -= end - begin;
	return 0;
}

static const struct guest_region *
guest_memory_find(const struct guest_memory *mem, uint64_t gpa)
{
	unsigned int low = 0, high = mem->count, mid;
	const struct guest_region *region;

	while (low < high) {
		mid = (low + high) / 2;
		region = &mem->regions[mid];
		if (gpa < region->gpa)
			high = mid;
		else if (gpa - region->gpa >= region->size)
			low = mid + 1;
		else
			return region;
	}
	return NULL;
}

void *guest_memory_at(const struct guest_memory *mem, uint64_t gpa,
		      uint64_t len, bool write)
{
	const struct guest_region *region = guest_memory_find(mem, gpa);

	if (!region || len > region->size - (gpa - region->gpa) ||
	    (write && region->readonly))
		return NULL;

	return region->host + (gpa - region->gpa);
}

int guest_memory_from_user(const struct guest_memory *mem, uint64_t addr,
			   uint64_t *ret)
{
	const struct guest_region *region;
	unsigned int i;

	for (i = 0; i < mem->count; i++) {
		region = &mem->regions[i];
		if (addr >= region->user_addr &&
		    addr - region->user_addr < region->size) {
			*ret = region->gpa + (addr - region->user_addr);
			return 0;
		}
	}
	return -EFAULT;
}

int guest_memory_iov(const struct guest_memory *mem, uint64_t gpa, uint64_t len,
		     bool write, struct iovec *iov, unsigned int max)
{
	const struct guest_region *region;
	unsigned int used = 0;
	uint64_t part;

	while (len) {
		region = guest_memory_find(mem, gpa);
		if (!region || (write && region->readonly))
			return -EFAULT;
		if (used == max)
			return -E2BIG;

		part = region->size - (gpa - region->gpa);
		if (part > len)
			part = len;
		iov[used].iov_base = region->host + (gpa - region->gpa);
		iov[used].iov_len = part;
		used++;
		gpa += part;
		len -= part;
	}
	return used;
}

static void log_range(const struct guest_memory *mem, uint64_t gpa,
		      uint64_t len)
{
	uint64_t page = gpa / GUEST_MEMORY_LOG_PAGE;
	uint64_t last = (gpa + len - 1) / GUEST_MEMORY_LOG_PAGE;

	for (; page <= last && page / 8 < mem->log_size; page++)
		__atomic_fetch_or(&mem->log[page / 8], 1u << page % 8,
				  __ATOMIC_RELAXED);
}

/* A range does not span regions here: it is where one was found before. */
void guest_memory_log(const struct guest_memory *mem, const void *host,
		      uint64_t len)
{
	const struct guest_region *region;
	const uint8_t *at = host;
	unsigned int i;

	for (i = 0; i < mem->count && len; i++) {
		region = &mem->regions[i];
		if (at >= region->host && at < region->host + region->size) {
			log_range(mem, region->gpa + (at - region->host), len);
			return;
		}
	}
}

/* The page that @addr is on becomes an empty one of our own. */
static bool replace_page(const struct guest_region *region, uintptr_t addr)
{
	uintptr_t page = addr & ~(region->page_size - 1);

	return mmap((void *)page, region->page_size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
		    0) != MAP_FAILED;
}

static bool guest_memory_repair(struct guest_memory *mem, uintptr_t addr)
{
	unsigned int i;

	for (i = 0; i < mem->count; i++) {
		if (addr - (uintptr_t)mem->regions[i].map <
		    mem->regions[i].map_size)
			return replace_page(&mem->regions[i], addr);
	}
	return false;
}

/*
 * Runs on the one thread there is, at an access to guest memory: the tables are
 * not being changed.  mmap() is a plain system call.
 */
static void fault_handler(int sig, siginfo_t *info, void *context)
{
	struct guest_memory *mem;

	if (info->si_code == BUS_ADRERR) {
		for (mem = all_memory; mem; mem = mem->next) {
			if (guest_memory_repair(mem,
						(uintptr_t)info->si_addr)) {
				mem->lost = true;
				return;
			}
		}
	}
	/* Not ours: the access is repeated, and ends the process. */
	signal(SIGBUS, SIG_DFL);
}

void guest_memory_catch_faults(void)
{
	struct sigaction action = {
		.sa_sigaction = fault_handler,
		.sa_flags = SA_SIGINFO,
	};

	sigaction(SIGBUS, &action, NULL);
}
