// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fsfreeze.c - guest-fsfreeze-freeze, -freeze-list, -thaw and -status
 *
 * The helper does it, and it may take time: a hook waits for a database, a file
 * system for its disk.  Whichever client they come from, a freeze and a thaw
 * are never in progress at once, and are done in the order in which they came.
 *
 * The daemon counts as frozen from before the first file system is until after
 * the last one no longer is, and what could get stuck in one is refused.
 */

#include <errno.h>
#include <string.h>

#include <json-c/json.h>

#include "command.h"
#include "context.h"
#include "helper.h"
#include "log.h"

/* Those that wait for the one before them; clients are few. */
#define MAX_WAITING 16

static struct command_call *waiting[MAX_WAITING];
static unsigned int waiting_count;
static bool in_progress;

static int start(struct command_call *call);

/* The first of those that wait has its turn. */
static void start_next(void)
{
	struct command_call *call;
	int err;

	while (!in_progress && waiting_count) {
		call = waiting[0];
		waiting_count--;
		memmove(waiting, waiting + 1, waiting_count * sizeof(*waiting));
		err = start(call);
		if (err != -EINPROGRESS)
			command_done(call, err);
	}
}

static void finish(struct command_call *call, int err)
{
	/* Before the client can ask for more. */
	in_progress = false;
	start_next();
	command_done(call, err);
}

static void set_frozen(bool frozen)
{
	int err = state_set_frozen(frozen);

	if (err)
		log_warn("agent: %s/qga.state.isfrozen: %s; a restart will not know",
			 agent_conf()->state_dir, strerror(-err));
}

static void on_thawed(struct command_call *call, int err)
{
	/* Also after a hook's error everything is thawed. */
	set_frozen(false);
	finish(call, err);
}

static void on_frozen(struct command_call *call, int err)
{
	if (err || !json_object_get_int(command_get_result(call)))
		set_frozen(false);
	finish(call, err);
}

static void on_freeze_hook(struct command_call *call, int err)
{
	if (err) {
		finish(call, err);
		return;
	}

	set_frozen(true);
	err = helper_run(call, "guest-fsfreeze-freeze", command_args(call),
			 on_frozen);
	if (err != -EINPROGRESS)
		on_frozen(call, err);
}

static bool is_thaw(const struct command_call *call)
{
	return !strcmp(command_name(call), "guest-fsfreeze-thaw");
}

static int start_freeze(struct command_call *call)
{
	/* It came while another one was on its way. */
	if (state_is_frozen())
		return command_error(call, -EBUSY,
				     "Command %s has been disabled: the agent is in frozen state",
				     command_name(call));

	return helper_run(call, "guest-fsfreeze-hook", NULL, on_freeze_hook);
}

/* Return: -EINPROGRESS, or another -errno. */
static int start(struct command_call *call)
{
	int err;

	if (is_thaw(call))
		err = helper_run(call, "guest-fsfreeze-thaw", NULL, on_thawed);
	else
		err = start_freeze(call);
	in_progress = err == -EINPROGRESS;
	return err;
}

int command_fsfreeze(struct command_call *call)
{
	if (!in_progress)
		return start(call);
	if (waiting_count == MAX_WAITING)
		return command_error(call, -EBUSY,
				     "%d freezes and thaws are waiting",
				     MAX_WAITING);

	waiting[waiting_count++] = call;
	return -EINPROGRESS;
}

int command_fsfreeze_status(struct command_call *call)
{
	command_result(call, json_object_new_string(
			       state_is_frozen() ? "frozen" : "thawed"));
	return 0;
}

void fsfreeze_finish(void)
{
	waiting_count = 0;
	in_progress = false;
}
