// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent.c - the QEMU guest agent protocol on a port
 *
 * A session turns the stream of bytes into calls, has them run one after
 * another and sends their replies in that order.  Most calls are done when they
 * return; one that takes time holds up those behind it, as their replies would
 * have to wait anyway, but no other session.
 *
 * Barriers
 * --------
 *
 * guest-sync and guest-sync-delimited promise that whatever came before their
 * reply is stale.  So they are answered at once, also while earlier commands
 * still run, and the replies of those are given up: delivered later, a client
 * would take them for the answer to something else.  The byte 0xFF and a
 * client's leaving do the same without an answer.  What was asked is done all
 * the same, in its order.
 *
 * A reply that is being sent comes to its end first, unless the file that it is
 * made from does not answer: then its line ends there.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "bytes.h"
#include "call.h"
#include "command.h"
#include "handler.h"
#include "json_stream.h"
#include "log.h"
#include "port.h"

/* Requests whose replies are due; with more the host is not listened to. */
#define AGENT_MAX_CALLS	64

/* Nor with so many bytes of requests behind one that takes time. */
#define AGENT_MAX_AHEAD	(1u << 20)

/* Input is looked at in such pieces, so that replies can stop it in between. */
#define AGENT_SLICE	4096

/* Pieces of a long reply before other sessions get their turn. */
#define AGENT_PIECES	16

/* Calls in the order of the requests; the first one may be running. */
struct call_chain {
	struct agent *agent;		/* NULL: nobody wants the replies */
	struct command_call *calls;
	struct command_call **tail;
	unsigned int count;
};

struct agent {
	struct port *port;
	struct json_stream *stream;
	struct bytes reply;
	struct call_chain *chain;
	struct command_call *sending;	/* part of its reply is on its way */
	bool stalled;			/* and the next part is waited for */
	struct blob blob;		/* of the request that is coming in */
	bool has_blob;
	size_t ahead;			/* bytes that came behind a call */
};

static struct call_chain *chain_create(struct agent *agent)
{
	struct call_chain *chain = calloc(1, sizeof(*chain));

	if (chain) {
		chain->agent = agent;
		chain->tail = &chain->calls;
	}
	return chain;
}

static struct command_call *chain_pop(struct call_chain *chain)
{
	struct command_call *call = chain->calls;

	chain->calls = call->next;
	if (!chain->calls)
		chain->tail = &chain->calls;
	chain->count--;
	call->next = NULL;
	return call;
}

static void chain_push(struct call_chain *chain, struct command_call *call)
{
	call->chain = chain;
	*chain->tail = call;
	chain->tail = &call->next;
	chain->count++;
}

/* An answer too large to be sent is an error with nothing of the host's. */
static int agent_format(struct agent *agent, struct command_call *call)
{
	int err = call_write_reply(call, &agent->reply);

	if (!err)
		return 0;

	call_drop_texts(call);
	call->has_id = false;
	command_error(call, err, "The reply is larger than %u bytes",
		      PORT_WRITE_MAX);
	return call_write_reply(call, &agent->reply);
}

static void agent_write(struct agent *agent)
{
	port_write(agent->port, bytes_peek(&agent->reply),
		   bytes_len(&agent->reply));
	bytes_consume(&agent->reply, bytes_len(&agent->reply));
}

/* Return: whether there is more to send when the port takes more. */
static bool agent_send(struct agent *agent, struct command_call *call)
{
	const char *text;
	size_t len;
	int i;

	agent->stalled = false;
	for (i = 0; i < AGENT_PIECES && call_has_text(call) &&
		    port_writable(agent->port); i++) {
		text = call_next_text(call, &len);
		if (!text) {
			/* agent_on_text() goes on, unless a barrier comes. */
			agent->stalled = true;
			port_resume_input(agent->port);
			return true;
		}
		port_write(agent->port, text, len);
	}
	if (call_has_text(call)) {
		port_resume_output(agent->port);
		return true;
	}

	if (call_write_end(call, &agent->reply))
		log_err("agent: no memory for the end of a reply");
	agent_write(agent);
	return false;
}

/* Return: whether there is more of the reply to come. */
static bool agent_reply(struct agent *agent, struct command_call *call)
{
	if (call_is_silent(call))
		return false;
	if (agent_format(agent, call)) {
		log_err("agent: no memory for a reply");
		return false;
	}

	agent_write(agent);
	return call_has_text(call) && agent_send(agent, call);
}

/* Return: whether the session is busy with sending the call's reply. */
static bool chain_reply(struct call_chain *chain)
{
	struct command_call *call = chain_pop(chain);

	if (chain->agent && agent_reply(chain->agent, call)) {
		chain->agent->sending = call;
		return true;
	}

	call_destroy(call);
	return false;
}

static bool chain_must_wait(const struct call_chain *chain)
{
	return chain->agent && chain->agent->sending;
}

/* Go on with the calls; the chain is gone after its last one if detached. */
static void chain_run(struct call_chain *chain)
{
	struct command_call *call;

	while ((call = chain->calls) && !chain_must_wait(chain)) {
		if (!call->started)
			call_run(call);
		if (!call->done || chain_reply(chain))
			return;
	}

	if (chain->agent && !chain->calls)
		chain->agent->ahead = 0;
	if (!chain->agent && !chain->calls)
		free(chain);
}

static void agent_on_done(struct command_call *call)
{
	struct call_chain *chain = call->chain;
	struct agent *agent = chain->agent;

	chain_run(chain);
	if (agent)
		port_resume_input(agent->port);
}

static void agent_on_text(struct command_call *call)
{
	struct agent *agent = call->chain->agent;

	if (agent && agent->sending == call)
		port_resume_output(agent->port);
}

static void agent_stop_sending(struct agent *agent)
{
	call_destroy(agent->sending);
	agent->sending = NULL;
	agent->stalled = false;
}

/* What has been asked is done without anyone to tell. */
static void agent_give_up(struct agent *agent)
{
	struct call_chain *old = agent->chain;
	struct call_chain *chain;

	if (agent->stalled) {
		port_write(agent->port, "\n", 1);
		agent_stop_sending(agent);
	}
	if (!old->calls)
		return;
	chain = chain_create(agent);
	if (!chain) {
		log_err("agent: no memory to void replies");
		return;
	}

	agent->chain = chain;
	agent->ahead = 0;
	if (agent->sending)
		agent->sending->chain = chain;
	old->agent = NULL;
	chain_run(old);
}

static bool is_barrier(const struct command_call *call)
{
	return call->command && call->command->flags & COMMAND_BARRIER &&
	       !command_refusal(call->command);
}

static void agent_call(struct agent *agent, struct command_call *call)
{
	if (!call->error && is_barrier(call))
		agent_give_up(agent);

	call->on_done = agent_on_done;
	call->on_text = agent_on_text;
	chain_push(agent->chain, call);
	chain_run(agent->chain);
}

static void agent_drop_blob(struct agent *agent)
{
	blob_finish(&agent->blob);
	agent->has_blob = false;
}

static void agent_on_value(void *data, struct json_object *value)
{
	struct command_call *call = call_create();
	struct agent *agent = data;

	if (!call) {
		log_err("agent: no memory for a request");
		agent_drop_blob(agent);
		return;
	}

	/* Taken over as it is. */
	call->blob = agent->blob;
	blob_init(&agent->blob);
	agent->has_blob = false;
	call_parse(call, value);
	agent_call(agent, call);
}

static void agent_on_error(void *data, const char *why)
{
	struct command_call *call = call_create();

	agent_drop_blob(data);
	if (!call) {
		log_err("agent: no memory for a request");
		return;
	}

	command_error(call, -EINVAL, "%s", why);
	agent_call(data, call);
}

static void agent_on_sentinel(void *data)
{
	agent_drop_blob(data);
	agent_give_up(data);
}

/* One of each message; no command takes two. */
static bool agent_text_begins(void *data, const char *outer, const char *inner)
{
	struct agent *agent = data;

	if (agent->has_blob || strcmp(outer, "arguments") ||
	    (strcmp(inner, "buf-b64") && strcmp(inner, "input-data")))
		return false;

	agent->has_blob = true;
	return true;
}

static void agent_text(void *data, const char *text, size_t len)
{
	struct agent *agent = data;

	blob_add(&agent->blob, text, len);
}

static const struct json_stream_ops agent_stream_ops = {
	.value = agent_on_value,
	.error = agent_on_error,
	.sentinel = agent_on_sentinel,
	.text_begins = agent_text_begins,
	.text = agent_text,
};

static bool agent_busy(const void *state)
{
	const struct agent *agent = state;

	return agent->sending || agent->chain->calls;
}

static bool agent_listens(const struct agent *agent)
{
	return (!agent->sending || agent->stalled) &&
	       agent->chain->count < AGENT_MAX_CALLS &&
	       agent->ahead < AGENT_MAX_AHEAD && port_writable(agent->port);
}

static ssize_t agent_input(void *state, const void *data, size_t len)
{
	struct agent *agent = state;
	const char *p = data;
	size_t done = 0;
	size_t slice;

	while (done < len && agent_listens(agent)) {
		slice = len - done < AGENT_SLICE ? len - done : AGENT_SLICE;
		json_stream_feed(agent->stream, p + done, slice);
		if (agent_busy(agent))
			agent->ahead += slice;
		done += slice;
	}

	return done;
}

static void agent_drained(void *state)
{
	struct agent *agent = state;

	if (agent->sending && agent_send(agent, agent->sending))
		return;

	agent_stop_sending(agent);
	chain_run(agent->chain);
	port_resume_input(agent->port);
}

static void agent_dropped(void *state)
{
	struct agent *agent = state;

	if (!agent->sending)
		return;

	agent_stop_sending(agent);
	port_resume_output(agent->port);
}

static int agent_start(struct port *port, void **ret_state)
{
	struct agent *agent;
	int err;

	agent = calloc(1, sizeof(*agent));
	if (!agent)
		return -ENOMEM;

	agent->port = port;
	agent->chain = chain_create(agent);
	blob_init(&agent->blob);
	bytes_init(&agent->reply, PORT_WRITE_MAX);
	err = agent->chain ? 0 : -ENOMEM;
	if (!err)
		err = json_stream_create(&agent_stream_ops, agent,
					 &agent->stream);
	if (err) {
		free(agent->chain);
		free(agent);
		return err;
	}

	*ret_state = agent;
	return 0;
}

static void agent_stop(void *state)
{
	struct agent *agent = state;

	call_destroy(agent->sending);
	agent->chain->agent = NULL;
	chain_run(agent->chain);
	json_stream_destroy(agent->stream);
	blob_finish(&agent->blob);
	bytes_finish(&agent->reply);
	free(agent);
}

const struct handler_ops agent_handler = {
	.name = "agent",
	.start = agent_start,
	.input = agent_input,
	.drained = agent_drained,
	.dropped = agent_dropped,
	.busy = agent_busy,
	.stop = agent_stop,
};
