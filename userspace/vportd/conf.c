// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf.c - what the configuration says of a port
 */

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "address.h"
#include "bytes.h"
#include "conf.h"
#include "conf_value.h"
#include "error.h"
#include "handler.h"
#include "keyfile.h"
#include "port.h"
#include "words.h"

#define CONF_TEXT_MAX	(1u << 20)

struct conf_key {
	const char *name;
	const char *handler;		/* whose key it is; NULL: everyone's */
	int (*set)(const char *value, void *member);
	size_t offset;			/* of the member */
	const char *expected;
};

static int set_handler(const char *value, void *member);

#define MEMBER(name) offsetof(struct port_conf, name)
#define WHOLE 0
#define TEMPLATE "%n, %d, %p and %% being the only uses of %"
#define PATH_EXPECTED "an absolute path, " TEMPLATE

enum {
	KEY_HANDLER,
	KEY_IF_SYSTEMD,
	KEY_LISTEN,
	KEY_CONNECT,
	KEY_OWNER,
	KEY_GROUP,
	KEY_MODE,
	KEY_COMMAND,
	KEY_PASS,
	KEY_START,
};

/* The first ones are those that the enum above has names for. */
static const struct conf_key conf_keys[] = {
	[KEY_HANDLER] = { "handler", NULL, set_handler, MEMBER(handler),
			  "agent, relay, exec, log or ignore" },
	[KEY_IF_SYSTEMD] = { "if-systemd", NULL, conf_value_bool,
			     MEMBER(if_systemd), "yes or no" },
	[KEY_LISTEN] = { "listen", "relay", conf_value_listen, MEMBER(listen),
			 "unix:PATH, abstract:NAME, tcp:ADDRESS:PORT, "
			 "vsock:CID:PORT, pty:PATH or fifo:PATH" },
	[KEY_CONNECT] = { "connect", "relay", conf_value_connect,
			  MEMBER(connect),
			  "unix:PATH, abstract:NAME, tcp:ADDRESS:PORT, "
			  "vsock:CID:PORT, pty:PATH or fifo:PATH" },
	[KEY_OWNER] = { "owner", "relay", conf_value_owner, WHOLE, "a user" },
	[KEY_GROUP] = { "group", "relay", conf_value_group, WHOLE, "a group" },
	[KEY_MODE] = { "mode", "relay", conf_value_mode, MEMBER(mode),
		       "access bits in octal, such as 0660" },
	[KEY_COMMAND] = { "command", "exec", conf_value_words, MEMBER(command),
			  "a program and its arguments, " TEMPLATE },
	[KEY_PASS] = { "port", "exec", conf_value_pass, MEMBER(pass),
		       "stdio, listen-fd or path" },
	[KEY_START] = { "start", "exec", conf_value_start, MEMBER(start),
			"at-once or connected" },
	{ "if-executable", NULL, conf_value_program, MEMBER(if_executable),
	  "an absolute path, or a name to look for" },
	{ "host-leaves", "relay", conf_value_host_leaves, MEMBER(host_leaves),
	  "close or keep" },
	{ "hold", "relay", conf_value_hold, MEMBER(hold), "always or with-peer" },
	{ "environment", "exec", conf_value_words, MEMBER(environment),
	  "NAME=VALUE words, " TEMPLATE },
	{ "user", "exec", conf_value_user, WHOLE, "a user" },
	{ "directory", "exec", conf_value_path, MEMBER(directory),
	  PATH_EXPECTED },
	{ "restart", "exec", conf_value_restart, MEMBER(restart),
	  "always, on-failure or no" },
	{ "restart-delay", "exec", conf_value_time, MEMBER(restart_delay),
	  "a time, such as 500ms, 10s or 1min" },
	{ "stop-timeout", "exec", conf_value_time, MEMBER(stop_timeout),
	  "a time, such as 500ms, 10s or 1min" },
	{ "to", "log", conf_value_target, WHOLE,
	  "journal, syslog or file:PATH" },
	{ "max-size", "log", conf_value_size, MEMBER(max_size),
	  "0, or a size of at least 4K, such as 100K, 10M or 1G" },
	{ "keep-files", "log", conf_value_files, MEMBER(keep_files),
	  "a number up to 1000" },
};

#define CONF_KEYS (sizeof(conf_keys) / sizeof(conf_keys[0]))

static const struct port_conf conf_defaults = {
	.refs = 1,
	.mode = 0600,
	.restart = CONF_RESTART_AUTO,
	.restart_delay = 1000000,
	.stop_timeout = 5000000,
	.max_size = 10 << 20,
	.keep_files = 5,
};

static bool is_given(const struct port_conf *conf, unsigned int key)
{
	return conf->given & 1ull << key;
}

/* "ignore" is no handler, but one that was named. */
static int set_handler(const char *value, void *member)
{
	const struct handler_ops *handler = handler_find(value);

	if (!handler && strcmp(value, "ignore"))
		return -EINVAL;
	*(const struct handler_ops **)member = handler;
	return 0;
}

struct port_conf *conf_create(const struct keyfile_entry *entry)
{
	struct port_conf *conf = malloc(sizeof(*conf));

	if (!conf)
		return NULL;

	*conf = conf_defaults;
	conf->pattern = strdup(entry->section);
	conf->file = strdup(entry->file);
	conf->line = entry->line;
	conf->text = strdup("");
	if (!conf->pattern || !conf->file || !conf->text) {
		conf_unref(conf);
		return NULL;
	}
	return conf;
}

static int conf_remember(struct port_conf *conf,
			 const struct keyfile_entry *entry)
{
	char *text;

	if (asprintf(&text, "%s%s=%s\n", conf->text, entry->key,
		     entry->value) < 0)
		return -ENOMEM;
	free(conf->text);
	conf->text = text;
	return 0;
}

int conf_set(struct port_conf *conf, const struct keyfile_entry *entry,
	     struct error *error)
{
	const struct conf_key *key;
	unsigned int i;
	int err;

	for (i = 0; i < CONF_KEYS; i++) {
		if (!strcmp(conf_keys[i].name, entry->key))
			break;
	}
	if (i == CONF_KEYS)
		return error_set(error, -EINVAL,
				 "[%s]: %s: unknown key, see vportd.conf(5)",
				 conf->pattern, entry->key);
	if (is_given(conf, i))
		return error_set(error, -EINVAL, "[%s]: %s: given twice",
				 conf->pattern, entry->key);

	key = &conf_keys[i];
	err = key->set(entry->value, (char *)conf + key->offset);
	if (err == -EINVAL)
		return error_set(error, err, "[%s]: %s = %s: expected %s",
				 conf->pattern, entry->key, entry->value,
				 key->expected);
	if (!err)
		err = conf_remember(conf, entry);
	if (!err)
		conf->given |= 1ull << i;
	return err;
}

/* Return: a text, or NULL when all keys are the handler's. */
static const struct conf_key *find_misplaced(const struct port_conf *conf)
{
	const char *name = conf->handler ? conf->handler->name : "ignore";
	unsigned int i;

	for (i = 0; i < CONF_KEYS; i++) {
		if (is_given(conf, i) && conf_keys[i].handler &&
		    strcmp(conf_keys[i].handler, name))
			return &conf_keys[i];
	}
	return NULL;
}

/* A relay to something that is one stream for all its peers. */
static bool conf_is_lasting(const struct port_conf *conf)
{
	const char *address = conf->listen ? conf->listen : conf->connect;

	return address && address_is_lasting(address);
}

static const char *find_missing(const struct port_conf *conf)
{
	const char *name = conf->handler ? conf->handler->name : "ignore";
	bool listen = is_given(conf, KEY_LISTEN);
	bool connect = is_given(conf, KEY_CONNECT);

	if (!is_given(conf, KEY_HANDLER))
		return "expected handler = agent, relay, exec, log or ignore";
	if (!strcmp(name, "relay") && listen == connect)
		return "handler relay: expected either listen or connect";
	if (connect && (is_given(conf, KEY_OWNER) ||
			is_given(conf, KEY_GROUP) || is_given(conf, KEY_MODE)))
		return "owner, group and mode: expected with listen only";
	if (conf->hold == CONF_HOLD_WITH_PEER && conf_is_lasting(conf))
		return "hold = with-peer: expected a socket with it";
	if (!strcmp(name, "exec") && !is_given(conf, KEY_COMMAND))
		return "handler exec: expected command";
	if (conf->start == CONF_CONNECTED && conf->pass != CONF_PASS_STDIO)
		return "start = connected: expected port = stdio with it";
	return NULL;
}

int conf_check(const struct port_conf *conf, struct error *error)
{
	const struct conf_key *misplaced = find_misplaced(conf);
	const char *missing = find_missing(conf);

	if (missing)
		return error_set(error, -EINVAL, "[%s]: %s", conf->pattern,
				 missing);
	if (misplaced)
		return error_set(error, -EINVAL,
				 "[%s]: %s: expected with handler %s only",
				 conf->pattern, misplaced->name,
				 misplaced->handler);
	return 0;
}

/* A name is looked for where a daemon's programs are. */
static bool is_executable(const char *program)
{
	static const char *const dirs[] = {
		"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin",
		"/sbin", "/bin", NULL
	};
	char path[PATH_MAX];
	int i;

	if (strchr(program, '/'))
		return !access(program, X_OK);
	for (i = 0; dirs[i]; i++) {
		snprintf(path, sizeof(path), "%s/%s", dirs[i], program);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

bool conf_matches(const struct port_conf *conf, const char *name)
{
	if (fnmatch(conf->pattern, name, 0))
		return false;
	if (is_given(conf, KEY_IF_SYSTEMD) &&
	    conf->if_systemd != (sd_booted() > 0))
		return false;
	return !conf->if_executable || is_executable(conf->if_executable);
}

bool conf_keeps_output(const struct port_conf *conf)
{
	return conf->host_leaves == CONF_KEEP || conf_is_lasting(conf) ||
	       (conf->command && conf->start == CONF_AT_ONCE);
}

struct port_conf *conf_ref(struct port_conf *conf)
{
	if (conf)
		conf->refs++;
	return conf;
}

void conf_unref(struct port_conf *conf)
{
	if (!conf || --conf->refs)
		return;

	free(conf->pattern);
	free(conf->file);
	free(conf->text);
	free(conf->if_executable);
	free(conf->listen);
	free(conf->connect);
	words_free(conf->command);
	words_free(conf->environment);
	free(conf->user);
	free(conf->directory);
	free(conf->path);
	free(conf);
}

static const char *expand_one(char c, const struct port_setup *setup)
{
	switch (c) {
	case 'n':
		return setup->name;
	case 'd':
		return strrchr(setup->devnode, '/') + 1;
	case 'p':
		return setup->devnode;
	default:
		return "%";
	}
}

char *conf_expand(const char *template, const struct port_setup *setup)
{
	struct bytes text;
	char *ret = NULL;
	int err = 0;

	bytes_init(&text, CONF_TEXT_MAX);
	for (; *template && !err; template++) {
		const char *part = template;
		size_t len = 1;

		if (*template == '%') {
			part = expand_one(*++template, setup);
			len = strlen(part);
		}
		err = bytes_append(&text, part, len);
	}
	/* With its end, so that even an empty text has a place. */
	if (!err)
		err = bytes_append(&text, "", 1);
	if (!err)
		ret = strdup((const char *)bytes_peek(&text));
	bytes_finish(&text);
	return ret;
}

char **conf_expand_words(char **templates, const struct port_setup *setup)
{
	size_t count = 0;
	char **words;
	size_t i;

	while (templates && templates[count])
		count++;
	words = calloc(count + 1, sizeof(*words));
	for (i = 0; words && i < count; i++) {
		words[i] = conf_expand(templates[i], setup);
		if (!words[i]) {
			words_free(words);
			return NULL;
		}
	}
	return words;
}

bool conf_name_is_safe(const char *name)
{
	const char *p;

	for (p = name; *p; p++) {
		if (*p == '/' || (unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	}
	return *name && strcmp(name, ".") && strcmp(name, "..");
}
