/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent_conf.h - what the administrator says about the guest agent
 *
 * Filled from options and files by whoever starts the daemon; the agent reads
 * it and never changes it.
 */

#ifndef VPORTD_AGENT_CONF_H
#define VPORTD_AGENT_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

/* What an option without an argument means, as -F alone. */
#define AGENT_FREEZE_HOOK	"/etc/qemu/fsfreeze-hook"

struct agent_conf {
	/* What guest-info tells as the agent's version. */
	const char *version;

	/*
	 * Names of commands, each list with a NULL at its end.  Where allow is
	 * not NULL everything else is off; block wins over allow.  A name that
	 * is no command's is nothing to the agent, see command_find().
	 */
	const char *const *allow;
	const char *const *block;

	/* Run around a freeze with "freeze" or "thaw"; NULL: no hook. */
	const char *freeze_hook;

	/* What each run of it may take before it is ended; 0: any time. */
	unsigned int hook_seconds;

	/* Where qga.state and qga.state.isfrozen are. */
	const char *state_dir;

	/*
	 * The program that runs what may take time; NULL: vportd-helper beside
	 * the daemon or in ../libexec/vport of its directory.
	 */
	const char *helper;

	/*
	 * Bytes that one guest-file-read returns, and one stream of
	 * guest-exec-status, at most; 0: 48 MiB and 16 MiB, as QEMU's.  libvirt
	 * gives up a connection at a reply of 10 MiB, which is 7.5 MiB of data.
	 */
	size_t reply_max;
};

/* What holds without options: everything allowed, no hook. */
extern const struct agent_conf agent_conf_default;

/* conf.c */

/**
 * agent_configure() - make the agent ready, before its first session
 * @conf:  borrowed until agent_finish(), with all that it points to
 * @event: the loop; a reference is kept
 *
 * Blocks SIGCHLD, which the loop takes from then on.  Where the state directory
 * says that file systems were frozen by the daemon's predecessor, the agent
 * begins in the frozen state.
 *
 * Return: 0 or -errno.
 */
int agent_configure(const struct agent_conf *conf, sd_event *event);

/* After the last session: end what runs and give everything back. */
void agent_finish(void);

/* Whether file systems are frozen: log files and signals had better wait. */
bool agent_is_frozen(void);

#endif /* VPORTD_AGENT_CONF_H */
