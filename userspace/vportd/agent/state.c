// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state.c - what a successor of this process must know
 *
 * Two files, as QEMU's agent has them: qga.state with the next file handle, so
 * that a client that kept one across a restart does not meet another file, and
 * qga.state.isfrozen, which is there while file systems are frozen.  The
 * directory is in memory (/run) and so is writable while they are.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "context.h"
#include "log.h"

#define FIRST_HANDLE	1000

static char state_path[PATH_MAX];
static char frozen_path[PATH_MAX];
static int64_t next_handle = FIRST_HANDLE;
static bool frozen;
static bool complained;

static void load_handle(void)
{
	char line[128];
	long long n;
	FILE *file = fopen(state_path, "re");

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "fd_counter=%lld", &n) == 1 && n >= FIRST_HANDLE)
			next_handle = n;
	}
	fclose(file);
}

void state_load(const char *dir)
{
	snprintf(state_path, sizeof(state_path), "%s/qga.state", dir);
	snprintf(frozen_path, sizeof(frozen_path), "%s/qga.state.isfrozen",
		 dir);
	next_handle = FIRST_HANDLE;
	load_handle();
	frozen = !access(frozen_path, F_OK);
	if (frozen)
		log_warn("agent: %s: file systems were left frozen, waiting for a thaw",
			 frozen_path);
}

/* Return: 0 or -errno. */
static int write_whole(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t len = strlen(text);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != (ssize_t)len)
		err = -EIO;
	close(fd);
	return err;
}

static void save_handle(void)
{
	char tmp[PATH_MAX + 4];
	char text[64];
	int err;

	snprintf(text, sizeof(text), "[global]\nfd_counter=%lld\n",
		 (long long)next_handle);
	snprintf(tmp, sizeof(tmp), "%s.new", state_path);
	err = write_whole(tmp, text);
	if (!err && rename(tmp, state_path))
		err = -errno;
	if (err && !complained)
		log_warn("agent: %s: %s; handles begin at %d again after a restart",
			 state_path, strerror(-err), FIRST_HANDLE);
	complained = err;
}

int64_t state_next_handle(void)
{
	int64_t handle = next_handle++;

	if (*state_path)
		save_handle();
	return handle;
}

int state_set_frozen(bool now)
{
	int err = 0;

	if (now && *frozen_path)
		err = write_whole(frozen_path, "");
	else if (*frozen_path && unlink(frozen_path) && errno != ENOENT)
		err = -errno;

	/* What cannot be written down holds for this process all the same. */
	frozen = now;
	return err;
}

bool state_is_frozen(void)
{
	return frozen;
}
