// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf.c - the agent's configuration and its place in the loop
 */

#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include "context.h"
#include "work.h"

/* The version: the QEMU whose schema this is; clients print and compare it. */
const struct agent_conf agent_conf_default = {
	.version = "11.1.3",
	.state_dir = "/run",
	.hook_seconds = 600,
};

static const struct agent_conf *current = &agent_conf_default;
static sd_event *loop;

const struct agent_conf *agent_conf(void)
{
	return current;
}

sd_event *agent_event(void)
{
	return loop;
}

int agent_configure(const struct agent_conf *conf, sd_event *event)
{
	sigset_t set;

	/* The loop refuses to watch children otherwise. */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;

	current = conf;
	loop = sd_event_ref(event);
	state_load(conf->state_dir);
	return 0;
}

void agent_finish(void)
{
	fsfreeze_finish();
	helper_finish();
	exec_finish();
	work_finish();
	loop = sd_event_unref(loop);
	current = &agent_conf_default;
}

bool agent_is_frozen(void)
{
	return state_is_frozen();
}
