// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * presence.c - the background process, its log file and its pid file
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "background.h"
#include "log.h"
#include "options.h"
#include "presence.h"

struct presence {
	const struct settings *settings;
	int parent;		/* waits for a byte here; -1: none */
	int pidfile;		/* locked; -1: none */
	int logfile;
	sd_event_source *thaw;	/* looks whether the files may be touched */
};

static bool may_log_to_file(void)
{
	return !agent_is_frozen();
}

static int open_pidfile(struct presence *presence)
{
	const char *path = presence->settings->pidfile;
	int err;

	if (!path)
		return 0;
	err = pidfile_create(path, &presence->pidfile);
	if (err == -EAGAIN)
		log_err("%s: another process holds it", path);
	else if (err)
		log_err("%s: %s", path, strerror(-err));
	return err;
}

static int open_logfile(struct presence *presence)
{
	const char *path = presence->settings->logfile;

	if (!path)
		return 0;
	presence->logfile = open(path, O_WRONLY | O_CREAT | O_APPEND |
				 O_CLOEXEC | O_NOCTTY, 0600);
	if (presence->logfile < 0) {
		log_err("%s: %s", path, strerror(errno));
		return -errno;
	}
	log_set_file(presence->logfile, may_log_to_file);
	return 0;
}

static int open_files(struct presence *presence)
{
	int err = open_pidfile(presence);

	return err ? err : open_logfile(presence);
}

static int on_turn(sd_event_source *source, void *userdata)
{
	struct presence *presence = userdata;

	if (agent_is_frozen())
		return 0;
	presence->thaw = sd_event_source_disable_unref(presence->thaw);
	open_files(presence);
	return 0;
}

int presence_begin(const struct settings *settings, struct presence **ret)
{
	struct presence *presence = calloc(1, sizeof(*presence));
	int err = 0;

	if (!presence)
		return -ENOMEM;

	presence->settings = settings;
	presence->parent = -1;
	presence->pidfile = -1;
	presence->logfile = -1;
	if (settings->daemon > 0)
		err = background_begin(&presence->parent);
	if (err) {
		log_err("--daemonize: %s", strerror(-err));
		free(presence);
		return err;
	}
	*ret = presence;
	return 0;
}

int presence_ready(struct presence *presence, sd_event *event)
{
	int err;

	if (agent_is_frozen())
		err = sd_event_add_post(event, &presence->thaw, on_turn,
					presence);
	else
		err = open_files(presence);
	if (err < 0)
		return err;

	if (presence->parent >= 0)
		err = background_ready(presence->parent);
	presence->parent = -1;
	if (err < 0)
		log_err("--daemonize: %s", strerror(-err));
	return err < 0 ? err : 0;
}

void presence_end(struct presence *presence)
{
	if (!presence)
		return;

	sd_event_source_disable_unref(presence->thaw);
	if (presence->pidfile >= 0) {
		unlink(presence->settings->pidfile);
		close(presence->pidfile);
	}
	if (presence->logfile >= 0) {
		log_set_file(-1, NULL);
		close(presence->logfile);
	}
	if (presence->parent >= 0)
		close(presence->parent);
	free(presence);
}
