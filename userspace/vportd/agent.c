// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent.c - the QEMU guest agent protocol on a port
 *
 * A session turns the stream of bytes into calls and sends their replies in the
 * order of the requests.  Most calls are done when they return; one that takes
 * time stays in the queue, and what was asked after it waits for its turn to be
 * answered.
 *
 * Barriers
 * --------
 *
 * guest-sync and guest-sync-delimited promise that whatever came before their
 * reply is stale.  So they are answered at once, also while earlier commands
 * still run, and the replies of those are given up: delivered later, a client
 * would take them for the answer to something else.  The byte 0xFF and a
 * client's leaving do the same without an answer.
 */

#include <errno.h>
#include <stdlib.h>

#include "bytes.h"
#include "call.h"
#include "command.h"
#include "handler.h"
#include "json_stream.h"
#include "log.h"
#include "port.h"

/* Requests whose replies are due; with more the host is not listened to. */
#define AGENT_MAX_CALLS	64

/* Input is looked at in such pieces, so that replies can stop it in between. */
#define AGENT_SLICE	4096

struct agent {
	struct port *port;
	struct json_stream *stream;
	struct bytes reply;
	struct command_call *calls;	/* in the order of the requests */
	struct command_call **tail;
	unsigned int count;
};

static struct command_call *agent_unqueue(struct agent *agent)
{
	struct command_call *call = agent->calls;

	agent->calls = call->next;
	if (!agent->calls)
		agent->tail = &agent->calls;
	agent->count--;
	call->next = NULL;
	return call;
}

static void agent_queue(struct agent *agent, struct command_call *call)
{
	call->session = agent;
	*agent->tail = call;
	agent->tail = &call->next;
	agent->count++;
}

/* What is still running ends without anyone to tell. */
static void agent_give_up(struct agent *agent)
{
	struct command_call *call;

	while (agent->calls) {
		call = agent_unqueue(agent);
		call->session = NULL;
		if (call->done)
			call_destroy(call);
	}
}

/* An answer too large to be sent is an error with nothing of the host's. */
static int agent_format(struct agent *agent, struct command_call *call)
{
	int err = call_write_reply(call, &agent->reply);

	if (!err)
		return 0;

	call->has_id = false;
	command_error(call, err, "The reply is larger than %u bytes",
		      PORT_WRITE_MAX);
	return call_write_reply(call, &agent->reply);
}

static void agent_reply(struct agent *agent, struct command_call *call)
{
	if (call_is_silent(call))
		return;
	if (agent_format(agent, call)) {
		log_err("agent: no memory for a reply");
		return;
	}

	port_write(agent->port, bytes_peek(&agent->reply),
		   bytes_len(&agent->reply));
	bytes_consume(&agent->reply, bytes_len(&agent->reply));
}

static void agent_flush(struct agent *agent)
{
	struct command_call *call;

	while (agent->calls && agent->calls->done) {
		call = agent_unqueue(agent);
		agent_reply(agent, call);
		call_destroy(call);
	}
}

static void agent_on_done(struct command_call *call)
{
	struct agent *agent = call->session;

	if (!agent) {
		call_destroy(call);
		return;
	}

	agent_flush(agent);
	port_resume_input(agent->port);
}

static bool is_barrier(const struct command_call *call)
{
	return call->command && call->command->flags & COMMAND_BARRIER;
}

static void agent_call(struct agent *agent, struct command_call *call)
{
	if (!call->error && is_barrier(call))
		agent_give_up(agent);

	call->on_done = agent_on_done;
	agent_queue(agent, call);
	call_run(call);
	agent_flush(agent);
}

static void agent_on_value(void *data, struct json_object *value)
{
	struct command_call *call = call_create();

	if (!call) {
		log_err("agent: no memory for a request");
		return;
	}

	call_parse(call, value);
	agent_call(data, call);
}

static void agent_on_error(void *data, const char *why)
{
	struct command_call *call = call_create();

	if (!call) {
		log_err("agent: no memory for a request");
		return;
	}

	command_error(call, -EINVAL, "%s", why);
	agent_call(data, call);
}

static void agent_on_sentinel(void *data)
{
	agent_give_up(data);
}

static const struct json_stream_ops agent_stream_ops = {
	.value = agent_on_value,
	.error = agent_on_error,
	.sentinel = agent_on_sentinel,
};

static ssize_t agent_input(void *state, const void *data, size_t len)
{
	struct agent *agent = state;
	const char *p = data;
	size_t done = 0;
	size_t slice;

	while (done < len && agent->count < AGENT_MAX_CALLS &&
	       port_writable(agent->port)) {
		slice = len - done < AGENT_SLICE ? len - done : AGENT_SLICE;
		json_stream_feed(agent->stream, p + done, slice);
		done += slice;
	}

	return done;
}

static int agent_start(struct port *port, void **ret_state)
{
	struct agent *agent;
	int err;

	agent = calloc(1, sizeof(*agent));
	if (!agent)
		return -ENOMEM;

	agent->port = port;
	agent->tail = &agent->calls;
	bytes_init(&agent->reply, PORT_WRITE_MAX);
	err = json_stream_create(&agent_stream_ops, agent, &agent->stream);
	if (err) {
		free(agent);
		return err;
	}

	*ret_state = agent;
	return 0;
}

static void agent_stop(void *state)
{
	struct agent *agent = state;

	agent_give_up(agent);
	json_stream_destroy(agent->stream);
	bytes_finish(&agent->reply);
	free(agent);
}

const struct handler_ops agent_handler = {
	.name = "agent",
	.start = agent_start,
	.input = agent_input,
	.stop = agent_stop,
};
