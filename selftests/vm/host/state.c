// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state.c - what the emulator says about the two ends of a port
 *
 * The emulator acts on a closed socket on a later turn of its loop than on a
 * monitor command that was sent after it, and says nothing when it has.  So it
 * is asked again, each answer being a turn of its loop.
 */

#include <json-c/json.h>
#include <string.h>

#include "host.h"
#include "qmp.h"

/* Far more turns of the emulator's loop than it needs. */
#define CONFIRM_MAX_TRIES	10000

struct state {
	bool host;
	bool guest;
};

static bool find_state(const char *chardev, struct json_object *list,
		       struct state *ret)
{
	size_t count = json_object_array_length(list);
	struct json_object *entry, *label, *file, *open;
	size_t i;

	for (i = 0; i < count; i++) {
		entry = json_object_array_get_idx(list, i);
		if (!json_object_object_get_ex(entry, "label", &label) ||
		    !json_object_object_get_ex(entry, "filename", &file) ||
		    !json_object_object_get_ex(entry, "frontend-open", &open) ||
		    strcmp(json_object_get_string(label), chardev))
			continue;
		ret->host = strncmp(json_object_get_string(file),
				    "disconnected:", 13);
		ret->guest = json_object_get_boolean(open);
		return true;
	}
	return false;
}

/* Answers @req itself if there is no such state. */
static bool get_state(struct request *req, struct json_object *list,
		      const char *error, struct state *ret)
{
	if (error) {
		request_err(req, "query-chardev: %s", error);
		return false;
	}
	if (!find_state(req->port->chardev, list, ret)) {
		request_err(req, "%s: no such chardev", req->port->chardev);
		return false;
	}
	/* The chardev of a console counts as open from the start. */
	if (req->port->console)
		ret->guest = req->port->guest_open;
	return true;
}

static void ask(struct request *req, qmp_done_fn *done)
{
	if (qmp_execute(req->host->qmp, "query-chardev", NULL, done, req))
		request_err(req, "the monitor takes no command");
}

static void confirmed(void *data, struct json_object *list, const char *error)
{
	struct request *req = data;
	struct state state;

	if (!get_state(req, list, error, &state))
		return;
	if (state.host == req->want)
		request_ok(req, "%s", "");
	else if (++req->tries < CONFIRM_MAX_TRIES)
		ask(req, confirmed);
	else
		request_err(req, "the emulator does not notice");
}

/**
 * request_confirm_host() - answer when the emulator has seen the host end
 * @req:  the request
 * @open: the state that was brought about
 */
void request_confirm_host(struct request *req, bool open)
{
	req->want = open;
	ask(req, confirmed);
}

static void queried(void *data, struct json_object *list, const char *error)
{
	struct request *req = data;
	struct state state;

	if (get_state(req, list, error, &state))
		request_ok(req, "guest=%s host=%s",
			   state.guest ? "open" : "closed",
			   state.host ? "open" : "closed");
}

/**
 * request_query() - `query NAME`: the state of both ends
 * @req: the request
 */
void request_query(struct request *req)
{
	ask(req, queried);
}

static void guest_changed(struct request *req);

static void awaited(void *data, struct json_object *list, const char *error)
{
	struct request *req = data;
	struct state state;

	if (!get_state(req, list, error, &state))
		return;
	if (state.guest == req->want)
		request_ok(req, "%s", "");
	else
		req->guest_changed = guest_changed;
}

static void guest_changed(struct request *req)
{
	req->guest_changed = NULL;
	ask(req, awaited);
}

/**
 * request_await() - `await NAME open|closed`: the guest's end gets there
 * @req: the request
 */
void request_await(struct request *req)
{
	if (strcmp(req->words[2], "open") && strcmp(req->words[2], "closed")) {
		request_err(req, "%s: expected open or closed", req->words[2]);
		return;
	}
	req->want = !strcmp(req->words[2], "open");
	ask(req, awaited);
}
