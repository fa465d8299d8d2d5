// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * config.c - the files that say which handler serves which port
 */

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "config.h"
#include "error.h"
#include "handler.h"
#include "keyfile.h"

/* More sections than any machine has ports. */
#define CONFIG_MAX	4096

/*
 * Programs that a systemd machine starts from units and udev rules of their own
 * are started from here on others.  They open their port themselves.
 */
static const char config_builtin[] =
"[org.qemu.guest_agent.[0-9]]\n"
"handler = agent\n"
"[org.qemu.guest_agent.[0-9][0-9]]\n"
"handler = agent\n"
"[com.redhat.spice.0]\n"
"if-systemd = no\n"
"if-executable = spice-vdagentd\n"
"handler = exec\n"
"port = path\n"
"command = sh -c 'mkdir -p /run/spice-vdagentd && exec spice-vdagentd -x -s %p'\n"
"[org.spice-space.webdav.0]\n"
"if-systemd = no\n"
"if-executable = spice-webdavd\n"
"handler = exec\n"
"port = path\n"
"command = spice-webdavd -p 9843\n"
"[org.libguestfs.channel.0]\n"
"if-systemd = no\n"
"if-executable = guestfsd\n"
"handler = exec\n"
"port = path\n"
"command = guestfsd -r -c %p\n";

struct config {
	struct port_conf **ports;
	size_t count;
	struct port_conf *open;		/* the section being read */
	size_t first;			/* of the file being read */
};

static int config_add(struct config *config, struct port_conf *conf)
{
	struct port_conf **longer;

	longer = reallocarray(config->ports, config->count + 1,
			      sizeof(struct port_conf *));
	if (!longer)
		return -ENOMEM;
	config->ports = longer;
	longer[config->count++] = conf;
	return 0;
}

/* What comes later in the same file would never be looked at. */
static const struct port_conf *config_find_twin(const struct config *config,
						const char *pattern)
{
	size_t i;

	for (i = config->first; i < config->count; i++) {
		if (!strcmp(config->ports[i]->pattern, pattern))
			return config->ports[i];
	}
	return NULL;
}

static int config_end_section(struct config *config, struct error *error)
{
	struct port_conf *conf = config->open;
	int err;

	if (!conf)
		return 0;

	config->open = NULL;
	err = conf_check(conf, error);
	if (!err)
		err = config_add(config, conf);
	if (err)
		conf_unref(conf);
	return err;
}

static int config_begin_section(struct config *config,
				const struct keyfile_entry *entry,
				struct error *error)
{
	const struct port_conf *twin;

	twin = config_find_twin(config, entry->section);
	if (twin)
		return error_set(error, -EINVAL, "[%s]: is in line %u, too",
				 entry->section, twin->line);
	if (config->count == CONFIG_MAX)
		return error_set(error, -EINVAL,
				 "[%s]: expected at most %d sections",
				 entry->section, CONFIG_MAX);

	config->open = conf_create(entry);
	return config->open ? 0 : -ENOMEM;
}

static int config_on_entry(void *data, const struct keyfile_entry *entry,
			   struct error *error)
{
	struct config *config = data;

	if (entry->what == KEYFILE_BEGIN)
		return config_begin_section(config, entry, error);
	if (entry->what == KEYFILE_END)
		return config_end_section(config, error);
	if (!config->open)
		return error_set(error, -EINVAL,
				 "%s: expected after a [PATTERN] of port names",
				 entry->key);
	return conf_set(config->open, entry, error);
}

static int config_parse(struct config *config, const char *path,
			struct error *error)
{
	config->first = config->count;
	return keyfile_parse(path, 0, config_on_entry, config, error);
}

static int config_parse_stream(struct config *config, FILE *stream,
			       const char *name, struct error *error)
{
	config->first = config->count;
	return keyfile_parse_stream(stream, name, 0, config_on_entry, config,
				    error);
}

static int config_parse_builtin(struct config *config, struct error *error)
{
	FILE *stream = fmemopen((char *)config_builtin, strlen(config_builtin),
				"r");
	int err;

	if (!stream)
		return -errno;
	err = config_parse_stream(config, stream, "built-in", error);
	fclose(stream);
	return err;
}

static int is_drop_in(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return *entry->d_name != '.' && len > 5 &&
	       !strcmp(entry->d_name + len - 5, ".conf");
}

/* By bytes, whatever the locale. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int config_parse_drop_in(struct config *config, const char *dir,
				const char *name, struct error *error)
{
	char *path;
	int err;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return -ENOMEM;
	err = config_parse(config, path, error);
	free(path);
	return err;
}

static int config_parse_drop_ins(struct config *config, const char *main_file,
				 struct error *error)
{
	struct dirent **names;
	char *dir;
	int count;
	int err = 0;
	int i;

	if (asprintf(&dir, "%s.d", main_file) < 0)
		return -ENOMEM;
	count = scandir(dir, &names, is_drop_in, compare_names);
	if (count < 0 && errno != ENOENT)
		err = error_set(error, -errno, "%s: %s", dir, strerror(errno));

	for (i = 0; i < count; i++) {
		if (!err)
			err = config_parse_drop_in(config, dir,
						   names[i]->d_name, error);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	free(dir);
	return err;
}

static int config_parse_all(struct config *config, const char *path,
			    struct error *error)
{
	const char *main_file = path ? path : CONFIG_FILE;
	int err;

	err = config_parse_drop_ins(config, main_file, error);
	if (!err)
		err = config_parse(config, main_file, error);
	if (err == -ENOENT && !path)
		err = 0;
	if (!err)
		err = config_parse_builtin(config, error);
	return err;
}

static int config_finish(struct config *config, int err, struct config **ret,
			 struct error *error)
{
	if (err) {
		if (!*error->text)
			error_set(error, err, "%s", strerror(-err));
		config_destroy(config);
		return err;
	}

	*ret = config;
	return 0;
}

int config_load(const char *path, struct config **ret, struct error *error)
{
	struct config *config = calloc(1, sizeof(*config));
	int err;

	*error->text = '\0';
	err = config ? config_parse_all(config, path, error) : -ENOMEM;
	return config_finish(config, err, ret, error);
}

int config_load_stream(FILE *stream, const char *name, struct config **ret,
		       struct error *error)
{
	struct config *config = calloc(1, sizeof(*config));
	int err = -ENOMEM;

	*error->text = '\0';
	if (config)
		err = config_parse_stream(config, stream, name, error);
	return config_finish(config, err, ret, error);
}

void config_destroy(struct config *config)
{
	size_t i;

	if (!config)
		return;

	conf_unref(config->open);
	for (i = 0; i < config->count; i++)
		conf_unref(config->ports[i]);
	free(config->ports);
	free(config);
}

struct port_conf *config_match(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->count; i++) {
		if (conf_matches(config->ports[i], name))
			return config->ports[i];
	}
	return NULL;
}
