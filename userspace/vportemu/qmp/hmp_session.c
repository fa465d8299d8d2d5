// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hmp_session.c - a monitor that a person types at
 *
 * While another front-end of a mux has the focus nothing is printed; with the
 * focus comes the prompt.
 */

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "command.h"
#include "hmp.h"
#include "qmp.h"
#include "readline.h"

struct hmp_session {
	struct machine *machine;
	monitor_output output;
	void *output_data;
	struct readline readline;
	struct bytes out;
	bool connected;
	bool greeted;
	bool focus;
};

static void session_flush(struct hmp_session *session)
{
	if (bytes_len(&session->out))
		session->output(session->output_data, bytes_peek(&session->out),
				bytes_len(&session->out));
	bytes_consume(&session->out, bytes_len(&session->out));
}

static void session_line(void *data, char *line)
{
	struct hmp_session *session = data;

	hmp_execute(session->machine, line, &session->out);
	readline_begin(&session->readline);
}

static const char *session_complete(void *data, const char *start,
				    unsigned int index)
{
	struct hmp_session *session = data;

	return hmp_complete(session->machine, start, index);
}

static const struct readline_ops session_readline_ops = {
	.line		= session_line,
	.complete	= session_complete,
};

static int hmp_session_create(struct machine *machine, monitor_output output,
			      void *data, bool pretty, void **ret)
{
	struct hmp_session *session = calloc(1, sizeof(*session));

	if (!session)
		return -ENOMEM;
	session->machine = machine;
	session->output = output;
	session->output_data = data;
	bytes_init(&session->out, HMP_ANSWER_MAX);
	readline_init(&session->readline, &session_readline_ops, session,
		      &session->out, "(qemu) ");
	*ret = session;
	return 0;
}

static void hmp_session_destroy(void *data)
{
	struct hmp_session *session = data;

	if (!session)
		return;
	readline_finish(&session->readline);
	bytes_finish(&session->out);
	free(session);
}

static void session_greet(struct hmp_session *session)
{
	struct json_object *version = qmp_version(), *qemu, *part[3];

	json_object_object_get_ex(version, "qemu", &qemu);
	json_object_object_get_ex(qemu, "major", &part[0]);
	json_object_object_get_ex(qemu, "minor", &part[1]);
	json_object_object_get_ex(qemu, "micro", &part[2]);
	hmp_print(&session->out,
		  "QEMU %d.%d.%d monitor - type 'help' for more information",
		  json_object_get_int(part[0]), json_object_get_int(part[1]),
		  json_object_get_int(part[2]));
	json_object_put(version);
	session->greeted = true;
	readline_begin(&session->readline);
	session_flush(session);
}

static void hmp_session_begin(void *data)
{
	struct hmp_session *session = data;

	session->connected = true;
	session->greeted = false;
	if (session->focus)
		session_greet(session);
}

static void hmp_session_end(void *data)
{
	struct hmp_session *session = data;

	session->connected = false;
}

static void hmp_session_focus(void *data, bool focus)
{
	struct hmp_session *session = data;

	session->focus = focus;
	if (!session->connected)
		return;
	if (focus && !session->greeted) {
		session_greet(session);
	} else if (focus) {
		readline_show(&session->readline);
		session_flush(session);
	} else if (session->greeted) {
		session->output(session->output_data, "\r\n", 2);
	}
}

static void hmp_session_input(void *data, const void *text, size_t len)
{
	struct hmp_session *session = data;
	const unsigned char *c = text;

	for (; len; len--)
		readline_key(&session->readline, *c++);
	session_flush(session);
}

/* People ask. */
static void hmp_session_event(void *data, struct json_object *event)
{
}

const struct monitor_session_ops hmp_session_ops = {
	.mode		= "readline",
	.create		= hmp_session_create,
	.destroy	= hmp_session_destroy,
	.begin		= hmp_session_begin,
	.end		= hmp_session_end,
	.focus		= hmp_session_focus,
	.input		= hmp_session_input,
	.event		= hmp_session_event,
};
