// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lines.c - the handler that logs what the host says, line by line
 *
 * What a line says is the host's affair: control characters but tabs become
 * question marks, so that whoever looks at the log with a terminal is safe.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "conf.h"
#include "handler.h"
#include "log.h"
#include "logfile.h"
#include "port.h"

/* Longer lines are cut into pieces. */
#define LINES_MAX	8192

struct lines {
	const struct port_setup *setup;
	struct logfile *file;
	size_t len;
	char line[LINES_MAX];
	int told;
};

static void write_syslog(const struct lines *lines, const char *text)
{
	syslog(LOG_DAEMON | LOG_INFO, "%s: %s", lines->setup->name, text);
}

/* Where there is no journal, syslog is where its lines would go. */
static int write_journal(const struct lines *lines, const char *text)
{
	if (access("/run/systemd/journal/socket", F_OK)) {
		write_syslog(lines, text);
		return 0;
	}
	return sd_journal_send("MESSAGE=%s", text, "PRIORITY=%d", LOG_INFO,
			       "SYSLOG_IDENTIFIER=%s", lines->setup->name,
			       "VPORT_NAME=%s", lines->setup->name, NULL);
}

static int lines_write(struct lines *lines, const char *text, size_t len)
{
	switch (lines->setup->conf->target) {
	case CONF_TO_FILE:
		return logfile_write(lines->file, text, len);
	case CONF_TO_SYSLOG:
		write_syslog(lines, text);
		return 0;
	default:
		return write_journal(lines, text);
	}
}

static void make_printable(char *text)
{
	for (; *text; text++) {
		if (((unsigned char)*text < 0x20 && *text != '\t') ||
		    *text == 0x7f)
			*text = '?';
	}
}

static void lines_flush(struct lines *lines)
{
	size_t len = lines->len;
	int err;

	if (len && lines->line[len - 1] == '\r')
		len--;
	lines->line[len] = '\0';
	make_printable(lines->line);
	err = lines_write(lines, lines->line, strlen(lines->line));
	lines->len = 0;

	if (err && err != lines->told)
		log_err("%s: %s, lines are lost", lines->setup->name,
			strerror(-err));
	lines->told = err;
}

static ssize_t lines_input(void *state, const void *data, size_t len)
{
	struct lines *lines = state;
	const char *text = data;
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '\n') {
			lines_flush(lines);
			continue;
		}
		if (lines->len == LINES_MAX - 1)
			lines_flush(lines);
		lines->line[lines->len++] = text[i] ? text[i] : '?';
	}
	return len;
}

/* A last line without an end is one, too. */
static void lines_host(void *state, bool here)
{
	struct lines *lines = state;

	if (!here && lines->len)
		lines_flush(lines);
}

static void lines_stop(void *state)
{
	struct lines *lines = state;

	if (lines->len)
		lines_flush(lines);
	logfile_close(lines->file);
	free(lines);
}

static int lines_open(struct lines *lines)
{
	const struct port_conf *conf = lines->setup->conf;
	char *path = conf_expand(conf->path, lines->setup);
	int err;

	if (!path)
		return -ENOMEM;
	err = logfile_open(path, conf->max_size, conf->keep_files,
			   &lines->file);
	if (err)
		log_err("%s: %s: %s", lines->setup->name, path, strerror(-err));
	free(path);
	return err;
}

static int lines_start(struct port *port, void **ret_state)
{
	struct lines *lines;
	int err;

	lines = calloc(1, sizeof(*lines));
	if (!lines)
		return -ENOMEM;

	lines->setup = port_setup(port);
	if (lines->setup->conf->target == CONF_TO_FILE) {
		err = lines_open(lines);
		if (err) {
			free(lines);
			return err;
		}
	}
	*ret_state = lines;
	return 0;
}

const struct handler_ops log_handler = {
	.name = "log",
	.start = lines_start,
	.input = lines_input,
	.host = lines_host,
	.stop = lines_stop,
};
