// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * startup.c - give back what only the start has needed
 *
 * Most of a daemon's resident memory is code of libraries that ran once:
 * relocations, constructors, options, files.  Their pages are the file's own and
 * never changed, so that they may go; those that are run again come back from
 * the page cache one by one.
 */

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "startup.h"

static int drop_object(struct dl_phdr_info *info, size_t size, void *data)
{
	uintptr_t page = *(const size_t *)data;
	uintptr_t start;
	uintptr_t end;
	int i;

	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *phdr = &info->dlpi_phdr[i];

		if (phdr->p_type != PT_LOAD || phdr->p_flags & PF_W)
			continue;
		start = (info->dlpi_addr + phdr->p_vaddr) & ~(page - 1);
		end = info->dlpi_addr + phdr->p_vaddr + phdr->p_filesz;
		madvise((void *)start, (end - start) & ~(page - 1),
			MADV_DONTNEED);
	}

	return 0;
}

void startup_forget(void)
{
	size_t page = sysconf(_SC_PAGESIZE);

	dl_iterate_phdr(drop_object, &page);
}
