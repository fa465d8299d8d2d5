// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file.c - guest-file-open, -close, -read, -write, -seek and -flush
 *
 * Descriptors do not block, which matters for pipes and terminals.  For files
 * that means nothing, and what asks a file system can hang with it.  So a thread
 * does that, unless what is to be read is at hand; until it is done, be it never,
 * its handle is busy.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "blob.h"
#include "command.h"
#include "context.h"
#include "handles.h"
#include "result.h"
#include "work.h"

/* As QEMU's agent: what a client may ask for, and what it gets unasked. */
#define READ_COUNT_MAX (48 << 20)
#define READ_COUNT_DEFAULT 4096

/* Of a blob on its way to the file. */
#define WRITE_PIECE (32 << 10)

/* A call and what a thread does for it. */
struct file_job {
	struct work work;
	struct command_call *call;
	struct file *file;
	int (*end)(struct file_job *job);	/* returns as a run() */

	int fd;
	const char *path;
	int flags;		/* of open(), or lseek()'s whence */
	const struct blob *blob;
	uint64_t count;		/* of it */
	off_t offset;
	int64_t ret;		/* what came out, or -errno */
	bool may_block;
};

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

static void job_done(struct work *work)
{
	struct file_job *job = (struct file_job *)work;
	struct command_call *call = job->call;
	int err;

	job->file->busy = false;
	err = job->end(job);
	free(job);
	command_done(call, err);
}

/* Return: -EINPROGRESS, or another -errno with the error set. */
static int start_job(const struct file_job *what, void (*run)(struct work *))
{
	struct file_job *job = malloc(sizeof(*job));
	int err;

	if (!job)
		return -ENOMEM;

	*job = *what;
	job->work = (struct work){ .run = run, .done = job_done };
	err = work_start(&job->work);
	if (!err) {
		job->file->busy = true;
		return -EINPROGRESS;
	}
	free(job);
	return command_error(what->call, err,
			     "no more operations on files at a time: %s",
			     strerror(-err));
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
static void run_open(struct work *work)
{
	struct file_job *job = (struct file_job *)work;
	struct stat st = { 0 };

	job->ret = open_file(job->path, job->flags);
	if (job->ret < 0 || fstat(job->ret, &st))
		return;
	job->may_block = S_ISREG(st.st_mode) || S_ISBLK(st.st_mode);
	if (S_ISDIR(st.st_mode)) {
		close(job->ret);
		job->ret = -EISDIR;
	}
}

static int open_error(struct command_call *call, int err, const char *why)
{
	struct json_object *mode = command_arg(call, "mode");

	return command_error(call, err,
			     "failed to open file '%s' (mode: '%s'): %s",
			     json_object_get_string(command_arg(call, "path")),
			     mode ? json_object_get_string(mode) : "r", why);
}

static int end_open(struct file_job *job)
{
	struct file *file = job->file;

	file->handle = 0;
	if (job->ret < 0)
		return open_error(job->call, job->ret, strerror(-job->ret));

	file->fd = job->ret;
	file->may_block = job->may_block;
	file->handle = state_next_handle();
	command_result(job->call, json_object_new_int64(file->handle));
	return 0;
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
	struct file_job job = { .call = call, .end = end_open };
	const char *mode = "r";
	char text[40];
	int err;

	job.path = get_text(call, "path");
	if (command_arg(call, "mode"))
		mode = get_text(call, "mode");
	job.flags = mode ? find_mode(mode) : -EINVAL;
	if (job.flags < 0)
		return command_error(call, job.flags,
				     "invalid file open mode '%s'",
				     mode ? mode : "\\u0000");
	if (!job.path)
		return command_error(call, -EINVAL, "a path has no NUL inside");
	job.file = handles_unused();
	snprintf(text, sizeof(text), "%d files are open", HANDLES_MAX);
	if (!job.file)
		return open_error(call, -EMFILE, text);

	err = start_job(&job, run_open);
	if (err == -EINPROGRESS)
		job.file->handle = -1;
	return err;
}

static void run_close(struct work *work)
{
	struct file_job *job = (struct file_job *)work;

	job->ret = close(job->fd) ? -errno : 0;
}

/* The descriptor is gone also when what was written is not. */
static int end_close(struct file_job *job)
{
	job->file->handle = 0;
	if (job->ret)
		return command_error(job->call, job->ret,
				     "failed to close handle: %s",
				     strerror(-job->ret));
	return 0;
}

int command_file_close(struct command_call *call)
{
	struct file_job job = { .call = call, .end = end_close };
	int err;

	err = handles_get(call, &job.file);
	if (err)
		return err;
	job.fd = job.file->fd;
	return start_job(&job, run_close);
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

	file->leaving = text->reader;
	if (!text->reader)
		file->busy = false;
	result_add_int(result, "count", text->done);
	result_add_bool(result, "eof", text->eof);
	command_result(call, result);
}

static int read_begun(struct command_call *call, int err)
{
	if (err)
		return command_error(call, err, "failed to read file: %s",
				     strerror(-err));
	return 0;
}

static void on_filled(struct command_call *call, int err)
{
	command_done(call, read_begun(call, err));
}

int command_file_read(struct command_call *call)
{
	int64_t count = get_count(call, READ_COUNT_DEFAULT);
	size_t max = agent_conf()->reply_max;
	struct command_text text = {
		.name = "buf-b64",
		.end = end_read,
		.filled = on_filled,
		.released = handles_released,
	};
	struct command_text *own;
	struct file *file;
	int err;

	err = handles_get(call, &file);
	if (err)
		return err;
	if (count < 0 || count > READ_COUNT_MAX)
		return reject_count(call, count);

	text.fd = file->fd;
	text.may_block = file->may_block;
	text.left = max && (uint64_t)count > max ? max : (uint64_t)count;
	text.owner = file;
	own = command_add_text(call, &text);
	if (!own)
		return -ENOMEM;

	file->busy = true;
	err = command_text_fill(own);
	if (err == -EAGAIN && own->reader)
		return -EINPROGRESS;
	return read_begun(call, err);
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
	char piece[WRITE_PIECE];
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

static void run_write(struct work *work)
{
	struct file_job *job = (struct file_job *)work;

	job->ret = write_blob(job->fd, job->blob, job->count);
}

static int end_write(struct file_job *job)
{
	struct json_object *result;

	if (job->ret < 0)
		return command_error(job->call, job->ret,
				     "failed to write to file: %s",
				     strerror(-job->ret));

	result = json_object_new_object();
	result_add_int(result, "count", job->ret);
	result_add_bool(result, "eof", false);
	command_result(job->call, result);
	return 0;
}

int command_file_write(struct command_call *call)
{
	struct file_job job = { .call = call, .end = end_write };
	struct blob *blob;
	int64_t count;
	int err;

	err = handles_get(call, &job.file);
	if (err)
		return err;
	if (command_blob(call, "buf-b64", &blob))
		return -EBADMSG;
	count = get_count(call, blob->len);
	if (count < 0 || (uint64_t)count > blob->len)
		return reject_count(call, count);

	job.fd = job.file->fd;
	job.blob = blob;
	job.count = count;
	return start_job(&job, run_write);
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

/* The size of a file is the file system's to know. */
static void run_seek(struct work *work)
{
	struct file_job *job = (struct file_job *)work;

	job->ret = lseek(job->fd, job->offset, job->flags);
	if (job->ret < 0)
		job->ret = -errno;
}

static int end_seek(struct file_job *job)
{
	struct json_object *result;

	if (job->ret < 0)
		return command_error(job->call, job->ret,
				     "failed to seek file: %s",
				     strerror(-job->ret));

	result = json_object_new_object();
	result_add_int(result, "position", job->ret);
	result_add_bool(result, "eof", false);
	command_result(job->call, result);
	return 0;
}

int command_file_seek(struct command_call *call)
{
	struct file_job job = { .call = call, .end = end_seek };
	int err;

	job.offset = json_object_get_int64(command_arg(call, "offset"));
	job.flags = get_whence(call);
	if (job.flags < 0)
		return job.flags;
	err = handles_get(call, &job.file);
	if (err)
		return err;

	job.fd = job.file->fd;
	if (job.flags == SEEK_END && job.file->may_block)
		return start_job(&job, run_seek);
	run_seek(&job.work);
	return end_seek(&job);
}

/* Nothing is held back here: what was written, the kernel has. */
int command_file_flush(struct command_call *call)
{
	struct file *file;

	return handles_get(call, &file);
}
