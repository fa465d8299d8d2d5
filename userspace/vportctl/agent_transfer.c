// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_transfer.c - vportctl agent SOCKET get, put: files from and to a guest
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base64.h"
#include "client.h"
#include "log.h"
#include "progress.h"
#include "session.h"

/* Of one request; agents take much more, libvirt's limit is 10 MiB. */
#define READ_PIECE	(1u << 20)
#define WRITE_PIECE	(512u << 10)

struct transfer {
	struct client *client;
	int64_t handle;
	int fd;			/* of the file on this side */
	int64_t done;
	struct progress progress;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int remote_open(struct transfer *transfer, const char *path,
		       const char *mode)
{
	struct json_object *args = json_object_new_object();
	struct json_object *handle;
	int err;

	json_object_object_add(args, "path", json_object_new_string(path));
	json_object_object_add(args, "mode", json_object_new_string(mode));
	err = session_call(transfer->client, "guest-file-open", args, &handle);
	if (err)
		return err;
	transfer->handle = json_object_get_int64(handle);
	json_object_put(handle);
	return 0;
}

static struct json_object *handle_args(const struct transfer *transfer)
{
	struct json_object *args = json_object_new_object();

	json_object_object_add(args, "handle",
			       json_object_new_int64(transfer->handle));
	return args;
}

static int remote_close(struct transfer *transfer)
{
	return session_call(transfer->client, "guest-file-close",
			    handle_args(transfer), NULL);
}

/* Return: the position, -1 for what has none, or a smaller -errno. */
static int64_t remote_seek(struct transfer *transfer, int whence)
{
	struct json_object *args = handle_args(transfer);
	struct json_object *reply;
	struct json_object *result;
	int64_t position = -1;
	int err;

	json_object_object_add(args, "offset", json_object_new_int(0));
	json_object_object_add(args, "whence", json_object_new_int(whence));
	err = session_ask(transfer->client, "guest-file-seek", args, &reply);
	if (err)
		return err;
	if (json_object_object_get_ex(reply, "return", &result))
		position = member_int(result, "position", -1);
	json_object_put(reply);
	return position;
}

static int write_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			log_err("write: %s", strerror(errno));
			return -errno;
		}
		data += n;
		len -= n;
	}
	return 0;
}

/* Return: 1 after data, 0 at the end of the file, -errno. */
static int get_piece(struct transfer *transfer)
{
	struct json_object *args = handle_args(transfer);
	struct json_object *result;
	struct json_object *eof;
	char *data = NULL;
	size_t len = 0;
	bool end;
	int err;

	json_object_object_add(args, "count", json_object_new_int(READ_PIECE));
	err = session_call(transfer->client, "guest-file-read", args, &result);
	if (err)
		return err;

	err = member_data(result, "buf-b64", &data, &len);
	end = json_object_object_get_ex(result, "eof", &eof) &&
	      json_object_get_boolean(eof);
	json_object_put(result);
	if (err)
		log_err("guest-file-read: %s", strerror(-err));
	else
		err = write_all(transfer->fd, data, len);
	free(data);
	if (err)
		return err;
	transfer->done += len;
	progress_show(&transfer->progress, transfer->done);
	return !end;
}

/* What has no size, such as a file in /proc, is read to its end. */
static int get_all(struct transfer *transfer, const char *path)
{
	int64_t total = remote_seek(transfer, SEEK_END);
	int err;

	if (total > 0 && remote_seek(transfer, SEEK_SET) != 0) {
		log_err("%s: cannot seek in it", path);
		return -ESPIPE;
	}
	if (total < -1)
		return total;

	progress_begin(&transfer->progress, base_name(path),
		       total > 0 ? total : -1);
	do {
		err = get_piece(transfer);
	} while (err > 0);
	progress_end(&transfer->progress, transfer->done);
	return err;
}

/*
 * The path, or in it if it is a directory; to be freed.  A link leads to what is
 * replaced, it is not replaced itself.
 */
static char *local_path(const char *local, const char *remote)
{
	const char *name = base_name(remote);
	struct stat st;
	char *path;
	char *real;

	if (!local)
		path = strdup(name);
	else if (stat(local, &st) || !S_ISDIR(st.st_mode))
		path = strdup(local);
	else if (asprintf(&path, "%s/%s", local, name) < 0)
		return NULL;

	real = path ? realpath(path, NULL) : NULL;
	if (real) {
		free(path);
		path = real;
	}
	return path;
}

/* A device or a fifo gets what comes; a file in its place is not wanted. */
static int get_to_special(struct transfer *transfer, const char *remote,
			  const char *path)
{
	int err;

	transfer->fd = open(path, O_WRONLY | O_CLOEXEC);
	if (transfer->fd < 0) {
		log_err("%s: %s", path, strerror(errno));
		return -errno;
	}
	err = get_all(transfer, remote);
	close(transfer->fd);
	return err;
}

static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode);
}

/* The file has its name when it is whole. */
static int get_to_file(struct transfer *transfer, const char *remote,
		       const char *path)
{
	char *part;
	int err;

	if (asprintf(&part, "%s.part", path) < 0)
		return -ENOMEM;
	transfer->fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (transfer->fd < 0) {
		err = -errno;
		log_err("%s: %s", part, strerror(errno));
		free(part);
		return err;
	}

	err = get_all(transfer, remote);
	if (close(transfer->fd) || (!err && rename(part, path))) {
		err = -errno;
		log_err("%s: %s", path, strerror(errno));
	}
	if (err)
		unlink(part);
	free(part);
	return err;
}

int agent_get(struct client *client, int argc, char **argv)
{
	struct transfer transfer = { .client = client, .fd = STDOUT_FILENO };
	const char *local = argc > 1 ? argv[1] : NULL;
	char *path;
	int err;

	if (remote_open(&transfer, argv[0], "r"))
		return EXIT_FAILURE;

	if (local && !strcmp(local, "-")) {
		err = get_all(&transfer, argv[0]);
	} else {
		path = local_path(local, argv[0]);
		if (!path)
			err = -ENOMEM;
		else if (is_special(path))
			err = get_to_special(&transfer, argv[0], path);
		else
			err = get_to_file(&transfer, argv[0], path);
		free(path);
	}
	if (remote_close(&transfer))
		err = -EREMOTEIO;
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int put_piece(struct transfer *transfer, const char *data, size_t len)
{
	struct json_object *args = handle_args(transfer);
	struct json_object *result;
	char *text = malloc(BASE64_LEN(len));
	int64_t count;
	int err;

	if (!text) {
		json_object_put(args);
		return -ENOMEM;
	}
	base64_encode(text, data, len);
	json_object_object_add(args, "buf-b64", json_object_new_string_len(
				       text, BASE64_LEN(len)));
	free(text);
	err = session_call(transfer->client, "guest-file-write", args, &result);
	if (err)
		return err;

	count = member_int(result, "count", -1);
	json_object_put(result);
	if (count != (int64_t)len) {
		log_err("guest-file-write: %lld of %zu bytes were written",
			(long long)count, len);
		return -EIO;
	}
	transfer->done += len;
	progress_show(&transfer->progress, transfer->done);
	return 0;
}

static int put_all(struct transfer *transfer)
{
	static char data[WRITE_PIECE];
	ssize_t n;
	int err = 0;

	while (!err) {
		n = read(transfer->fd, data, sizeof(data));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			log_err("read: %s", strerror(errno));
			return -errno;
		}
		if (!n)
			break;
		err = put_piece(transfer, data, n);
	}
	return err;
}

static int put_file(struct transfer *transfer, const char *local,
		    const char *remote)
{
	struct stat st;
	int err;

	if (fstat(transfer->fd, &st)) {
		log_err("%s: %s", local, strerror(errno));
		return -errno;
	}
	err = remote_open(transfer, remote, "w");
	if (err)
		return err;

	progress_begin(&transfer->progress, base_name(local),
		       S_ISREG(st.st_mode) ? st.st_size : -1);
	err = put_all(transfer);
	progress_end(&transfer->progress, transfer->done);
	/* What the last write could not put on the disk shows here. */
	if (remote_close(transfer))
		err = -EREMOTEIO;
	return err;
}

/* The path, or in it if it ends as a directory's does; to be freed. */
static char *remote_path(const char *remote, const char *local)
{
	char *path;
	size_t len = strlen(remote);

	if (!len || remote[len - 1] != '/' || !strcmp(local, "-"))
		return strdup(remote);
	return asprintf(&path, "%s%s", remote, base_name(local)) < 0 ? NULL :
								      path;
}

int agent_put(struct client *client, int argc, char **argv)
{
	char *remote;
	struct transfer transfer = { .client = client };
	bool standard = !strcmp(argv[0], "-");
	int err = -ENOMEM;

	transfer.fd = standard ? STDIN_FILENO :
				 open(argv[0], O_RDONLY | O_CLOEXEC);
	if (transfer.fd < 0) {
		log_err("%s: %s", argv[0], strerror(errno));
		return EXIT_FAILURE;
	}
	remote = remote_path(argv[1], argv[0]);
	if (remote)
		err = put_file(&transfer, argv[0], remote);
	free(remote);
	if (!standard)
		close(transfer.fd);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
