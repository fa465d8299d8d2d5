/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_release.h - the format of os-release(5)
 */

#ifndef VPORTD_OS_RELEASE_H
#define VPORTD_OS_RELEASE_H

#include <stdio.h>

/**
 * os_release_read() - read assignments as a shell would
 * @file:  read up to its end
 * @field: called for each, in order; a key may come again
 * @data:  passed to @field
 *
 * Lines that are no assignment are skipped, and so is what is longer than a
 * line of that file may sensibly be.
 */
void os_release_read(FILE *file,
		     void (*field)(void *data, const char *key,
				   const char *value),
		     void *data);

#endif /* VPORTD_OS_RELEASE_H */
