// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf_value.c - the types of values in the configuration
 */

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "conf.h"
#include "conf_value.h"
#include "words.h"

/* A day, in microseconds. */
#define CONF_TIME_MAX	(86400ull * 1000000)

/* Of a file and of how many old ones are kept. */
#define CONF_SIZE_MIN	4096
#define CONF_FILES_MAX	1000

struct unit {
	const char *name;
	uint64_t factor;
};

static int set_text(const char *value, char **member)
{
	char *text = strdup(value);

	if (!text)
		return -ENOMEM;
	free(*member);
	*member = text;
	return 0;
}

/* Return: the place of @value among @words, or -EINVAL. */
static int find_word(const char *value, const char *const *words)
{
	int i;

	for (i = 0; words[i]; i++) {
		if (!strcmp(words[i], value))
			return i;
	}
	return -EINVAL;
}

int conf_value_bool(const char *value, void *member)
{
	static const char *const words[] = {
		"no", "yes", "false", "true", "0", "1", "off", "on", NULL
	};
	int i = find_word(value, words);

	if (i < 0)
		return i;
	*(bool *)member = i & 1;
	return 0;
}

int conf_value_mode(const char *value, void *member)
{
	unsigned long mode;
	char *end;

	mode = strtoul(value, &end, 8);
	if (!isdigit((unsigned char)*value) || *end || mode > 0777)
		return -EINVAL;
	*(mode_t *)member = mode;
	return 0;
}

/* A number of digits and, right behind it, a unit. */
static int parse_number(const char *value, const struct unit *units,
			uint64_t max, uint64_t *ret)
{
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)*value))
		return -EINVAL;
	errno = 0;
	number = strtoull(value, &end, 10);
	for (; units->name && strcmp(units->name, end); units++)
		;
	if (errno || !units->name || number > max / units->factor)
		return -EINVAL;

	*ret = number * units->factor;
	return 0;
}

int conf_value_time(const char *value, void *member)
{
	static const struct unit units[] = {
		{ "", 1000000 }, { "s", 1000000 }, { "ms", 1000 },
		{ "min", 60000000 }, { NULL },
	};

	return parse_number(value, units, CONF_TIME_MAX, member);
}

int conf_value_size(const char *value, void *member)
{
	static const struct unit units[] = {
		{ "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 },
		{ "G", 1 << 30 }, { NULL },
	};
	uint64_t size;
	int err;

	err = parse_number(value, units, INT64_MAX, &size);
	if (err || (size && size < CONF_SIZE_MIN))
		return -EINVAL;
	*(uint64_t *)member = size;
	return 0;
}

int conf_value_files(const char *value, void *member)
{
	static const struct unit units[] = { { "", 1 }, { NULL } };
	uint64_t count;
	int err;

	err = parse_number(value, units, CONF_FILES_MAX, &count);
	if (!err)
		*(unsigned int *)member = count;
	return err;
}

/* Whether conf_expand() knows every "%" in it. */
static bool is_template(const char *value)
{
	for (; *value; value++) {
		if (*value != '%')
			continue;
		if (!value[1] || !strchr("ndp%", value[1]))
			return false;
		value++;
	}
	return true;
}

int conf_value_path(const char *value, void *member)
{
	if (*value != '/' || !is_template(value))
		return -EINVAL;
	return set_text(value, member);
}

int conf_value_program(const char *value, void *member)
{
	if (!*value || (*value != '/' && strchr(value, '/')))
		return -EINVAL;
	return set_text(value, member);
}

int conf_value_words(const char *value, void *member)
{
	char ***list = member;
	char **words;
	size_t i;
	int err;

	err = words_split(value, &words);
	if (err)
		return err;
	for (i = 0; words[i] && is_template(words[i]); i++)
		;
	if (!i || words[i]) {
		words_free(words);
		return -EINVAL;
	}
	words_free(*list);
	*list = words;
	return 0;
}

static int set_address(const char *value, char **member, bool listen)
{
	if (!is_template(value) || !address_is_wellformed(value, listen))
		return -EINVAL;
	return set_text(value, member);
}

int conf_value_listen(const char *value, void *member)
{
	return set_address(value, member, true);
}

int conf_value_connect(const char *value, void *member)
{
	return set_address(value, member, false);
}

/* Return: whether @value is a number that names a user or a group. */
static bool parse_id(const char *value, uint32_t *ret)
{
	unsigned long id;
	char *end;

	if (!isdigit((unsigned char)*value))
		return false;
	errno = 0;
	id = strtoul(value, &end, 10);
	if (errno || *end || id >= UINT32_MAX)
		return false;
	*ret = id;
	return true;
}

int conf_value_owner(const char *value, void *data)
{
	struct port_conf *conf = data;
	struct passwd *passwd = getpwnam(value);

	if (passwd)
		conf->owner = passwd->pw_uid;
	else if (!parse_id(value, &conf->owner))
		return -EINVAL;
	conf->has_owner = true;
	return 0;
}

int conf_value_group(const char *value, void *data)
{
	struct port_conf *conf = data;
	struct group *group = getgrnam(value);

	if (group)
		conf->group = group->gr_gid;
	else if (!parse_id(value, &conf->group))
		return -EINVAL;
	conf->has_group = true;
	return 0;
}

int conf_value_user(const char *value, void *data)
{
	struct port_conf *conf = data;
	struct passwd *passwd = getpwnam(value);

	if (!passwd)
		return -EINVAL;
	conf->uid = passwd->pw_uid;
	conf->gid = passwd->pw_gid;
	return set_text(value, &conf->user);
}

int conf_value_target(const char *value, void *data)
{
	static const char *const words[] = { "journal", "syslog", NULL };
	struct port_conf *conf = data;
	int target = find_word(value, words);

	if (target >= 0) {
		conf->target = target;
		return 0;
	}
	if (strncmp(value, "file:", 5))
		return -EINVAL;
	conf->target = CONF_TO_FILE;
	return conf_value_path(value + 5, &conf->path);
}

static int set_enum(const char *value, const char *const *words, void *member)
{
	int i = find_word(value, words);

	if (i < 0)
		return i;
	*(unsigned int *)member = i;
	return 0;
}

int conf_value_host_leaves(const char *value, void *member)
{
	static const char *const words[] = { "close", "keep", NULL };

	return set_enum(value, words, member);
}

int conf_value_hold(const char *value, void *member)
{
	static const char *const words[] = { "always", "with-peer", NULL };

	return set_enum(value, words, member);
}

int conf_value_start(const char *value, void *member)
{
	static const char *const words[] = { "at-once", "connected", NULL };

	return set_enum(value, words, member);
}

int conf_value_restart(const char *value, void *member)
{
	static const char *const words[] = {
		"always", "on-failure", "no", NULL
	};

	return set_enum(value, words, member);
}

int conf_value_pass(const char *value, void *member)
{
	static const char *const words[] = {
		"stdio", "listen-fd", "path", NULL
	};

	return set_enum(value, words, member);
}
