// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * settings.c - qemu-ga.conf
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "keyfile.h"
#include "log.h"
#include "options.h"

enum setting_type {
	SETTING_STRING,
	SETTING_BOOL,
	SETTING_LIST,
};

struct setting {
	const char *key;
	enum setting_type type;
	size_t offset;
	bool process;		/* about the process, not the agent */
};

#define MEMBER(name) offsetof(struct settings, name)

static const struct setting setting_keys[] = {
	{ "daemon", SETTING_BOOL, MEMBER(daemon), true },
	{ "method", SETTING_STRING, MEMBER(method), true },
	{ "path", SETTING_STRING, MEMBER(path), true },
	{ "logfile", SETTING_STRING, MEMBER(logfile), true },
	{ "pidfile", SETTING_STRING, MEMBER(pidfile), true },
	{ "verbose", SETTING_BOOL, MEMBER(verbose), true },
	{ "retry-path", SETTING_BOOL, MEMBER(retry), true },
	{ "fsfreeze-hook", SETTING_STRING, MEMBER(freeze_hook), false },
	{ "statedir", SETTING_STRING, MEMBER(state_dir), false },
	{ "block-rpcs", SETTING_LIST, MEMBER(block), false },
	{ "blacklist", SETTING_LIST, MEMBER(block), false },
	{ "allow-rpcs", SETTING_LIST, MEMBER(allow), false },
	{ NULL },
};

struct reading {
	struct settings *settings;
	bool whole;
};

void settings_init(struct settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	settings->daemon = -1;
	settings->verbose = -1;
	settings->retry = -1;
}

void settings_finish(struct settings *settings)
{
	free(settings->method);
	free(settings->path);
	free(settings->logfile);
	free(settings->pidfile);
	free(settings->freeze_hook);
	free(settings->state_dir);
	rpc_list_finish(&settings->block);
	rpc_list_finish(&settings->allow);
	settings_init(settings);
}

int settings_set(char **member, const char *value)
{
	char *text = strdup(value);

	if (!text)
		return -ENOMEM;
	free(*member);
	*member = text;
	return 0;
}

static int read_bool(const char *value, int *member)
{
	bool yes = !strcmp(value, "true") || !strcmp(value, "1");

	if (!yes && strcmp(value, "false") && strcmp(value, "0"))
		return -EINVAL;
	if (*member < 0)
		*member = yes;
	return 0;
}

static int read_value(const struct setting *setting, const char *value,
		      struct settings *settings)
{
	void *member = (char *)settings + setting->offset;
	char **text = member;

	switch (setting->type) {
	case SETTING_BOOL:
		return read_bool(value, member);
	case SETTING_LIST:
		return rpc_list_add(member, value);
	default:
		return *text ? 0 : settings_set(text, value);
	}
}

static const struct setting *find_setting(const char *key)
{
	const struct setting *setting;

	for (setting = setting_keys; setting->key; setting++) {
		if (!strcmp(setting->key, key))
			return setting;
	}
	return NULL;
}

/* qemu-ga passes over what it does not know, and files rely on it. */
static int on_entry(void *data, const struct keyfile_entry *entry,
		    struct error *error)
{
	const struct reading *reading = data;
	const struct setting *setting;
	int err;

	if (entry->what != KEYFILE_PAIR || strcmp(entry->section, "general"))
		return 0;

	setting = find_setting(entry->key);
	if (!setting) {
		log_warn("%s:%u: %s: unknown key, ignoring it", entry->file,
			 entry->line, entry->key);
		return 0;
	}
	if (setting->process && !reading->whole)
		return 0;

	err = read_value(setting, entry->value, reading->settings);
	if (err == -EINVAL)
		return error_set(error, err, "%s = %s: expected true or false",
				 entry->key, entry->value);
	return err;
}

int settings_read(struct settings *settings, const char *path, bool whole)
{
	struct reading reading = { settings, whole };
	struct error error = { "" };
	int err;

	err = keyfile_parse(path, KEYFILE_LISTS, on_entry, &reading, &error);
	if (err && err != -ENOENT)
		log_err("%s", *error.text ? error.text : strerror(-err));
	return err;
}
