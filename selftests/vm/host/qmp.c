// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp.c - the client side of an emulator's monitor
 *
 * Commands are answered in the order in which they were sent, so a queue of
 * callbacks is all the state there is.
 */

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host.h"
#include "json_stream.h"
#include "log.h"
#include "qmp.h"

struct qmp_pending {
	qmp_done_fn *done;
	void *data;
};

struct qmp {
	const struct qmp_ops *ops;
	void *data;
	sd_event_source *io;
	struct json_stream *stream;
	int listener;
	int fd;
	bool ready;
	struct qmp_pending pending[QMP_MAX_PENDING];
	unsigned int first;		/* of pending */
	unsigned int count;
};

static const char *string_member(struct json_object *object, const char *name)
{
	struct json_object *member;

	if (!json_object_object_get_ex(object, name, &member))
		return "";
	return json_object_get_string(member);
}

static void answer(struct qmp *qmp, struct json_object *value,
		   const char *error)
{
	struct qmp_pending pending;

	if (!qmp->count)
		return;

	pending = qmp->pending[qmp->first];
	qmp->first = (qmp->first + 1) % QMP_MAX_PENDING;
	qmp->count--;
	if (pending.done)
		pending.done(pending.data, value, error);
}

static void negotiated(void *data, struct json_object *value, const char *error)
{
	struct qmp *qmp = data;

	if (error) {
		log_err("monitor: %s", error);
		return;
	}
	qmp->ready = true;
	qmp->ops->ready(qmp->data);
}

static void got_value(void *data, struct json_object *message)
{
	struct qmp *qmp = data;
	struct json_object *member = NULL;

	if (json_object_object_get_ex(message, "QMP", &member)) {
		qmp_execute(qmp, "qmp_capabilities", NULL, negotiated, qmp);
	} else if (json_object_object_get_ex(message, "return", &member)) {
		answer(qmp, member, NULL);
	} else if (json_object_object_get_ex(message, "error", &member)) {
		answer(qmp, NULL, string_member(member, "desc"));
	} else if (json_object_object_get_ex(message, "event", NULL)) {
		json_object_object_get_ex(message, "data", &member);
		qmp->ops->event(qmp->data, string_member(message, "event"),
				member);
	}
}

static void got_error(void *data, const char *why)
{
	log_err("monitor: %s", why);
}

static const struct json_stream_ops stream_ops = {
	.value	= got_value,
	.error	= got_error,
};

static int readable(sd_event_source *source, int fd, uint32_t events,
		    void *data)
{
	struct qmp *qmp = data;
	char buf[4096];
	ssize_t n;

	n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (n > 0)
		json_stream_feed(qmp->stream, buf, n);
	else if (n == 0 || errno != EAGAIN)
		/* The process's end is noticed elsewhere. */
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

static int make_sockets(struct qmp *qmp, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	qmp->listener = listen_unix(path);
	if (qmp->listener < 0)
		return qmp->listener;
	strcpy(addr.sun_path, path);
	qmp->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (qmp->fd < 0 ||
	    connect(qmp->fd, (struct sockaddr *)&addr, sizeof(addr)))
		return -errno;
	return 0;
}

int qmp_create(sd_event *event, const char *path, const struct qmp_ops *ops,
	       void *data, struct qmp **ret)
{
	struct qmp *qmp;
	int r;

	qmp = calloc(1, sizeof(*qmp));
	if (!qmp)
		return -ENOMEM;
	qmp->ops = ops;
	qmp->data = data;
	qmp->fd = -1;
	qmp->listener = -1;

	r = json_stream_create(&stream_ops, qmp, &qmp->stream);
	if (!r)
		r = make_sockets(qmp, path);
	if (!r)
		r = sd_event_add_io(event, &qmp->io, qmp->fd, EPOLLIN, readable,
				    qmp);
	if (r < 0) {
		qmp_destroy(qmp);
		return r;
	}

	*ret = qmp;
	return 0;
}

void qmp_destroy(struct qmp *qmp)
{
	if (!qmp)
		return;
	sd_event_source_disable_unref(qmp->io);
	json_stream_destroy(qmp->stream);
	if (qmp->fd >= 0)
		close(qmp->fd);
	if (qmp->listener >= 0)
		close(qmp->listener);
	free(qmp);
}

int qmp_listener(const struct qmp *qmp)
{
	return qmp->listener;
}

int qmp_execute(struct qmp *qmp, const char *command, struct json_object *args,
		qmp_done_fn *done, void *data)
{
	struct json_object *message = json_object_new_object();
	struct qmp_pending *slot;
	const char *text;
	size_t len;
	ssize_t n;

	json_object_object_add(message, "execute",
			       json_object_new_string(command));
	if (args)
		json_object_object_add(message, "arguments", args);
	text = json_object_to_json_string_length(message,
						 JSON_C_TO_STRING_PLAIN, &len);

	/* Small, and read at once: a full socket means a dead emulator. */
	n = -1;
	errno = ENOBUFS;
	if (qmp->count < QMP_MAX_PENDING)
		n = send(qmp->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	json_object_put(message);
	if (n != (ssize_t)len)
		return n < 0 ? -errno : -EIO;

	slot = &qmp->pending[(qmp->first + qmp->count++) % QMP_MAX_PENDING];
	slot->done = done;
	slot->data = data;
	return 0;
}
