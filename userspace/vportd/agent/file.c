// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file.c - guest-file-open, -close, -read, -write, -seek and -flush
 *
 * A handle belongs to no session: a client may open a file, leave, and write to
 * it when it is back.  Descriptors do not block, which matters for pipes and
 * terminals.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "blob.h"
#include "command.h"
#include "context.h"
#include "result.h"

/* Well below the usual limit of 1024 descriptors, which clients need, too. */
#define MAX_FILES 256

/* As QEMU's agent: what a client may ask for, and what it gets unasked. */
#define READ_COUNT_MAX (48 << 20)
#define READ_COUNT_DEFAULT 4096

/* Of a blob on its way to the file. */
#define WRITE_PIECE (64 << 10)

struct file {
	int64_t handle;		/* 0: unused */
	int fd;
	bool busy;		/* a reply with its contents is being sent */
};

static struct file files[MAX_FILES];

struct mode {
	const char *names[3];
	int flags;
};

static const struct mode modes[] = {
	{ { "r", "rb" }, O_RDONLY },
	{ { "w", "wb" }, O_WRONLY | O_CREAT | O_TRUNC },
	{ { "a", "ab" }, O_WRONLY | O_CREAT | O_APPEND },
	{ { "r+", "rb+", "r+b" }, O_RDWR },
	{ { "w+", "wb+", "w+b" }, O_RDWR | O_CREAT | O_TRUNC },
	{ { "a+", "ab+", "a+b" }, O_RDWR | O_CREAT | O_APPEND },
};

/* Return: flags of open(), or -EINVAL. */
static int find_mode(const char *name)
{
	size_t i;
	int j;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		for (j = 0; j < 3 && modes[i].names[j]; j++) {
			if (!strcmp(modes[i].names[j], name))
				return modes[i].flags;
		}
	}

	return -EINVAL;
}

static struct file *find_file(int64_t handle)
{
	size_t i;

	for (i = 0; i < MAX_FILES; i++) {
		if (files[i].handle == handle)
			return &files[i];
	}

	return NULL;
}

/* Return: the file that the call is about, or NULL with the error set. */
static struct file *get_file(struct command_call *call)
{
	int64_t handle = json_object_get_int64(command_arg(call, "handle"));
	struct file *file = handle > 0 ? find_file(handle) : NULL;

	if (!file)
		command_error(call, -EBADF, "handle '%lld' has not been found",
			      (long long)handle);
	if (!file || !file->busy)
		return file;

	command_error(call, -EBUSY,
		      "handle '%lld' is being read by another client",
		      (long long)handle);
	return NULL;
}

/* A new file gets its mode whatever the umask, one that is there keeps its. */
static int open_file(const char *path, int flags)
{
	int fd;

	flags |= O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	fd = open(path, flags & ~O_CREAT);
	if (fd >= 0 || errno != ENOENT || !(flags & O_CREAT))
		return fd >= 0 ? fd : -errno;

	fd = open(path, flags | O_EXCL, 0);
	if (fd < 0)
		return -errno;
	if (!fchmod(fd, 0666))
		return fd;

	flags = errno;
	close(fd);
	unlink(path);
	return -flags;
}

/* A directory can be opened to read, but not read: say so at once. */
static int open_no_directory(const char *path, int flags)
{
	int fd = open_file(path, flags);
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && S_ISDIR(st.st_mode)) {
		close(fd);
		return -EISDIR;
	}

	return fd;
}

/* Return: the string without a NUL inside, or NULL. */
static const char *get_text(struct command_call *call, const char *name)
{
	struct json_object *arg = command_arg(call, name);
	const char *text = json_object_get_string(arg);

	return strlen(text) == (size_t)json_object_get_string_len(arg) ?
	       text : NULL;
}

int command_file_open(struct command_call *call)
{
	const char *mode = "r";
	const char *path = get_text(call, "path");
	struct file *file;
	int flags;
	int fd;

	if (command_arg(call, "mode"))
		mode = get_text(call, "mode");
	flags = mode ? find_mode(mode) : -EINVAL;
	if (flags < 0)
		return command_error(call, flags, "invalid file open mode '%s'",
				     mode ? mode : "\\u0000");
	if (!path)
		return command_error(call, -EINVAL, "a path has no NUL inside");
	file = find_file(0);
	if (!file)
		return command_error(call, -EMFILE,
				     "failed to open file '%s' (mode: '%s'): %d files are open",
				     path, mode, MAX_FILES);

	fd = open_no_directory(path, flags);
	if (fd < 0)
		return command_error(call, fd,
				     "failed to open file '%s' (mode: '%s'): %s",
				     path, mode, strerror(-fd));

	file->fd = fd;
	file->handle = state_next_handle();
	command_result(call, json_object_new_int64(file->handle));
	return 0;
}

int command_file_close(struct command_call *call)
{
	struct file *file = get_file(call);
	int err = 0;

	if (!file)
		return -EBADF;

	/* The descriptor is gone also when what was written is not. */
	if (close(file->fd))
		err = -errno;
	file->handle = 0;
	if (err)
		return command_error(call, err, "failed to close handle: %s",
				     strerror(-err));
	return 0;
}

/* Return: @count of the call, or @unset. */
static int64_t get_count(struct command_call *call, int64_t unset)
{
	struct json_object *count = command_arg(call, "count");

	return count ? json_object_get_int64(count) : unset;
}

static int reject_count(struct command_call *call, int64_t count)
{
	return command_error(call, -EINVAL,
			     "value '%lld' is invalid for argument count",
			     (long long)count);
}

static void end_read(struct command_call *call, struct command_text *text)
{
	struct json_object *result = json_object_new_object();
	struct file *file = text->owner;

	file->busy = false;
	result_add_int(result, "count", text->done);
	result_add_bool(result, "eof", text->eof);
	command_result(call, result);
}

int command_file_read(struct command_call *call)
{
	int64_t count = get_count(call, READ_COUNT_DEFAULT);
	size_t max = agent_conf()->reply_max;
	struct command_text text = { .name = "buf-b64", .end = end_read };
	struct file *file = get_file(call);
	struct command_text *own;
	int err;

	if (!file)
		return -EBADF;
	if (count < 0 || count > READ_COUNT_MAX)
		return reject_count(call, count);

	text.fd = file->fd;
	text.left = max && (uint64_t)count > max ? max : (uint64_t)count;
	text.owner = file;
	own = command_add_text(call, &text);
	if (!own)
		return -ENOMEM;

	file->busy = true;
	err = command_text_fill(own);
	if (err)
		return command_error(call, err, "failed to read file: %s",
				     strerror(-err));
	return 0;
}

/* Return: bytes written, fewer than @len when no more fit; -errno if none. */
static ssize_t write_file(int fd, const char *data, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = write(fd, data + done, len - done);
		if (n < 0)
			return done ? (ssize_t)done : -errno;
		done += n;
	}

	return done;
}

/* The same for the first @len bytes of a blob. */
static ssize_t write_blob(int fd, const struct blob *blob, size_t len)
{
	static char piece[WRITE_PIECE];
	size_t done = 0;
	ssize_t want;
	ssize_t n;

	while (done < len) {
		want = len - done < WRITE_PIECE ? len - done : WRITE_PIECE;
		want = blob_read(blob, done, piece, want);
		n = want > 0 ? write_file(fd, piece, want) : want;
		if (n < 0)
			return done ? (ssize_t)done : n;
		done += n;
		if (n < want || !n)
			break;
	}

	return done;
}

int command_file_write(struct command_call *call)
{
	struct file *file = get_file(call);
	struct json_object *result;
	struct blob *blob;
	int64_t count;
	ssize_t n;

	if (!file)
		return -EBADF;
	if (command_blob(call, "buf-b64", &blob))
		return -EBADMSG;
	count = get_count(call, blob->len);
	if (count < 0 || (uint64_t)count > blob->len)
		return reject_count(call, count);

	n = write_blob(file->fd, blob, count);
	if (n < 0)
		return command_error(call, n, "failed to write to file: %s",
				     strerror(-n));

	result = json_object_new_object();
	result_add_int(result, "count", n);
	result_add_bool(result, "eof", false);
	command_result(call, result);
	return 0;
}

/* A number or a word, each in lseek()'s order.  Return: < 0 for an error. */
static int get_whence(struct command_call *call)
{
	static const char *const words[] = { "set", "cur", "end" };
	static const int values[] = { SEEK_SET, SEEK_CUR, SEEK_END };
	struct json_object *whence = command_arg(call, "whence");
	int64_t number;
	int i;

	if (json_object_is_type(whence, json_type_int)) {
		number = json_object_get_int64(whence);
		if (number >= 0 && number < 3)
			return values[number];
		return command_error(call, -EINVAL, "invalid whence code %lld",
				     (long long)number);
	}
	if (!json_object_is_type(whence, json_type_string))
		return command_error(call, -EINVAL,
				     "Invalid parameter type for 'whence', expected: GuestFileWhence");

	for (i = 0; i < 3; i++) {
		if (!strcmp(words[i], json_object_get_string(whence)))
			return values[i];
	}
	return command_error(call, -EINVAL,
			     "Parameter 'whence' does not accept value '%s'",
			     json_object_get_string(whence));
}

int command_file_seek(struct command_call *call)
{
	int64_t offset = json_object_get_int64(command_arg(call, "offset"));
	int whence = get_whence(call);
	struct json_object *result;
	struct file *file;
	off_t position;

	if (whence < 0)
		return whence;
	file = get_file(call);
	if (!file)
		return -EBADF;

	position = lseek(file->fd, offset, whence);
	if (position < 0)
		return command_error(call, -errno, "failed to seek file: %s",
				     strerror(errno));

	result = json_object_new_object();
	result_add_int(result, "position", position);
	result_add_bool(result, "eof", false);
	command_result(call, result);
	return 0;
}

/* Nothing is held back here: what was written, the kernel has. */
int command_file_flush(struct command_call *call)
{
	return get_file(call) ? 0 : -EBADF;
}
