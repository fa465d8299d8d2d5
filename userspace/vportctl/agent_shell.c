// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_shell.c - vportctl agent SOCKET shell: command lines for a guest
 *
 * Each line is a shell of its own in the guest, so what it exports or sets ends
 * with it.  The directory is handed on: a line behind a mark, at the end of the
 * standard error, tells where the last one has ended.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <json-c/json.h>

#include "client.h"
#include "log.h"
#include "session.h"

struct shell {
	struct client *client;
	char mark[32];
	char *host;
	char *directory;
	int status;		/* of the last line */
};

/* Arguments: mark, directory, line.  The line may exit. */
static const char script[] =
	"mark=$1; cd -- \"$2\" || exit; line=$3; set --\n"
	"trap 's=$?; printf %s \"$mark\" >&2; pwd >&2; exit $s' EXIT\n"
	"eval \"$line\"\n";

static int get_host(struct shell *shell)
{
	struct json_object *result;
	int err;

	err = session_call(shell->client, "guest-get-host-name",
			   json_object_new_object(), &result);
	if (err)
		return err;
	shell->host = strdup(member_text(result, "host-name", "guest"));
	json_object_put(result);
	return shell->host ? 0 : -ENOMEM;
}

/* Take the directory from behind the last mark in @text, which ends there. */
static void take_directory(struct shell *shell, char *text, size_t *len)
{
	size_t mark = strlen(shell->mark);
	char *found = NULL;
	char *directory;
	char *p = text;

	while ((p = memmem(p, text + *len - p, shell->mark, mark))) {
		found = p;
		p += mark;
	}
	if (!found)
		return;

	*len = found - text;
	found[mark + strcspn(found + mark, "\n")] = '\0';
	directory = strdup(found + mark);
	if (directory) {
		free(shell->directory);
		shell->directory = directory;
	}
}

static int show(struct shell *shell, struct json_object *status)
{
	char *out = NULL;
	char *errors = NULL;
	size_t out_len;
	size_t errors_len;
	int err;

	err = member_data(status, "out-data", &out, &out_len);
	if (!err)
		err = member_data(status, "err-data", &errors, &errors_len);
	if (!err) {
		errors[errors_len] = '\0';
		take_directory(shell, errors, &errors_len);
		fwrite(out, 1, out_len, stdout);
		fflush(stdout);
		fwrite(errors, 1, errors_len, stderr);
	} else {
		log_err("guest-exec-status: %s", strerror(-err));
	}
	free(out);
	free(errors);
	return err;
}

static int run_line(struct shell *shell, char *line)
{
	const char *argv[] = {
		"/bin/sh", "-c", script, "sh", shell->mark,
		shell->directory, line, NULL,
	};
	struct json_object *status;
	int err;

	err = agent_run(shell->client, argv, NULL, &status);
	if (err)
		return err;
	shell->status = exec_status(status);
	err = show(shell, status);
	json_object_put(status);
	return err;
}

static void prompt(const struct shell *shell)
{
	if (!isatty(STDIN_FILENO))
		return;
	fprintf(stderr, "%s:%s%s ", shell->host, shell->directory,
		shell->status ? "!" : "#");
}

/* An error of the agent ends a line, one of the connection all of it. */
static int run_lines(struct shell *shell)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int err = 0;

	for (prompt(shell); (len = getline(&line, &size, stdin)) > 0;
	     prompt(shell)) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (!strcmp(line, "exit"))
			break;
		if (!line[strspn(line, " \t")])
			continue;
		err = run_line(shell, line);
		if (err == -EREMOTEIO)
			shell->status = EXIT_NOT_RUN;
		else if (err)
			break;
		err = 0;
	}
	free(line);
	return err;
}

int agent_shell(struct client *client, int argc, char **argv)
{
	struct shell shell = { .client = client };
	uint64_t random;
	int err;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return EXIT_FAILURE;
	snprintf(shell.mark, sizeof(shell.mark), "\n%016" PRIx64 ":", random);
	shell.directory = strdup("/");
	err = shell.directory ? get_host(&shell) : -ENOMEM;
	if (!err)
		err = run_lines(&shell);
	free(shell.host);
	free(shell.directory);
	return err ? EXIT_FAILURE : shell.status;
}
