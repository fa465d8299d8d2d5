// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conform - one list of checks for two guest agents
 *
 * usage: conform CHECKS NAME COMMAND NAME COMMAND
 *
 * Prints a table: a check per line, a column per agent.  The first agent must
 * pass all of them, the second one those for which the list has no reason why it
 * might not: a list that only our own agent can pass would prove nothing.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

#include "shape.h"

#define AGENTS		2
#define MAX_CHECKS	256
#define MAX_LINES	4
#define MAX_VARIABLES	16
#define TIMEOUT_MS	5000

struct variable {
	char name[16];
	long long number;
};

struct agent {
	const char *name;
	const char *command;
	pid_t pid;
	int fd;
	char dir[32];
	struct variable variables[MAX_VARIABLES];
	int variable_count;
	char *replies;		/* the last ones, for a check that failed */
};

struct check {
	char *name;
	char *request;
	bool repeat;
	char *shapes[MAX_LINES];
	int shape_count;
	char *reason;
};

enum verdict { PASSED, DIFFERS, FAILED };

static struct agent agents[AGENTS];
static struct agent *current;
static struct check checks[MAX_CHECKS];
static int check_count;

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("conform: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	exit(2);
}

static void add_line(struct check *check, const char *path, int number,
		     char sign, char *text)
{
	if (sign == '>' || sign == '*') {
		check->request = text;
		check->repeat = sign == '*';
	} else if (sign == '<' && check->shape_count < MAX_LINES) {
		check->shapes[check->shape_count++] = text;
	} else if (sign == '!') {
		check->reason = text;
	} else {
		die("%s:%d: begins with none of = > * < !", path, number);
	}
}

static void load_checks(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int number = 0;

	if (!file)
		die("%s: %s", path, strerror(errno));
	while (getline(&line, &size, file) >= 0) {
		number++;
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		if (strlen(line) < 3 || line[1] != ' ')
			die("%s:%d: expected a sign, a blank and text", path,
			    number);
		if (*line == '=' && check_count < MAX_CHECKS)
			checks[check_count++].name = strdup(line + 2);
		else if (check_count)
			add_line(&checks[check_count - 1], path, number, *line,
				 strdup(line + 2));
	}
	free(line);
	fclose(file);
}

static int try_connect(const struct agent *agent)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/sock", agent->dir);
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	close(fd);
	return -1;
}

static void agent_start(struct agent *agent)
{
	char line[512];
	int tries;

	strcpy(agent->dir, "/tmp/conform.XXXXXX");
	if (!mkdtemp(agent->dir))
		die("%s: %s", agent->dir, strerror(errno));
	snprintf(line, sizeof(line),
		 "exec %s -m unix-listen -p %s/sock -t %s >%s/log 2>&1",
		 agent->command, agent->dir, agent->dir, agent->dir);
	agent->pid = fork();
	if (!agent->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/bin/sh", "sh", "-c", line, NULL);
		_exit(127);
	}

	for (tries = 0; tries < TIMEOUT_MS; tries++) {
		agent->fd = try_connect(agent);
		if (agent->fd >= 0)
			return;
		poll(NULL, 0, 1);
	}
	die("%s does not listen", agent->command);
}

static void agent_stop(struct agent *agent)
{
	char command[64];

	close(agent->fd);
	kill(agent->pid, SIGTERM);
	waitpid(agent->pid, NULL, 0);
	snprintf(command, sizeof(command), "rm -r %s", agent->dir);
	if (system(command))
		die("%s: cannot be removed", agent->dir);
	free(agent->replies);
}

static void keep(const char *name, long long number)
{
	struct variable *variable = current->variables;
	int i;

	for (i = 0; i < current->variable_count; i++, variable++) {
		if (!strcmp(variable->name, name))
			break;
	}
	if (i == MAX_VARIABLES)
		die("%s: too many names", name);
	if (i == current->variable_count)
		current->variable_count++;
	snprintf(variable->name, sizeof(variable->name), "%s", name);
	variable->number = number;
}

/* Write what the name at @p stands for.  Return: what follows it. */
static const char *put_variable(FILE *out, const char *p)
{
	const struct variable *variable = current->variables;
	int i;

	if (*p == '$') {
		fputc('$', out);
		return p + 1;
	}
	if (!strncmp(p, "DIR", 3)) {
		fputs(current->dir, out);
		return p + 3;
	}
	for (i = 0; i < current->variable_count; i++, variable++) {
		if (!strncmp(p, variable->name, strlen(variable->name))) {
			fprintf(out, "%lld", variable->number);
			return p + strlen(variable->name);
		}
	}
	fputc('0', out);
	return p + 1;
}

static void send_request(const struct check *check)
{
	const char *p = check->request;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	while (*p) {
		if (*p == '$')
			p = put_variable(out, p + 1);
		else
			fputc(*p++, out);
	}
	fputc('\n', out);
	fclose(out);
	if (send(current->fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		die("%s has gone in %s", current->name, check->name);
	free(text);
}

/* Return: a line without its end, to be passed to free(), or NULL. */
static char *receive_line(void)
{
	struct pollfd pfd = { .fd = current->fd, .events = POLLIN };
	char *line;
	size_t len;
	FILE *out = open_memstream(&line, &len);
	char c = 0;

	while (poll(&pfd, 1, TIMEOUT_MS) == 1 &&
	       recv(current->fd, &c, 1, 0) == 1 && c != '\n')
		fputc(c, out);
	fclose(out);
	if (c == '\n')
		return line;

	free(line);
	return NULL;
}

static bool line_matches(const char *shape_text, const char *line)
{
	struct json_object *shape;
	struct json_object *value;
	bool matches;

	if (!strncmp(shape_text, "\\xff", 4)) {
		if (*line++ != '\xff')
			return false;
		shape_text += 4;
	}
	shape = json_tokener_parse(shape_text);
	if (!shape)
		die("%s: no JSON", shape_text);
	value = json_tokener_parse(line);
	matches = value && shape_matches(shape, value, keep);
	json_object_put(shape);
	json_object_put(value);
	return matches;
}

/* Return: whether nothing came before the reply to a guest-sync of now. */
static bool is_in_step(const struct check *check)
{
	static int id = 1000;
	char expected[32];
	char request[96];
	bool in_step = true;
	char *line;
	bool found;

	id++;
	snprintf(request, sizeof(request), "{\"execute\":\"guest-sync\","
		 "\"arguments\":{\"id\":%d}}\n", id);
	snprintf(expected, sizeof(expected), "{\"return\": %d}", id);
	send(current->fd, request, strlen(request), MSG_NOSIGNAL);
	for (;;) {
		line = receive_line();
		if (!line)
			die("%s does not answer after %s", current->name,
			    check->name);
		found = !strcmp(line, expected);
		free(line);
		if (found)
			return in_step;
		in_step = false;
	}
}

static bool ask_once(const struct check *check)
{
	bool matches = true;
	char *line;
	int i;

	free(current->replies);
	current->replies = NULL;
	send_request(check);
	for (i = 0; i < check->shape_count; i++) {
		line = receive_line();
		if (!line) {
			matches = false;
			break;
		}
		matches = matches && line_matches(check->shapes[i], line);
		free(current->replies);
		current->replies = line;
	}
	return is_in_step(check) && matches;
}

static enum verdict run_check(struct agent *agent, const struct check *check)
{
	int tries = check->repeat ? 1000 : 1;

	current = agent;
	while (tries--) {
		if (ask_once(check))
			return PASSED;
		/* An error will not go away. */
		if (!agent->replies || strstr(agent->replies, "\"error\""))
			break;
		if (tries)
			poll(NULL, 0, 2);
	}

	return check->reason && agent != &agents[0] ? DIFFERS : FAILED;
}

static void print_failure(const struct agent *agent, const struct check *check)
{
	printf("#   %s was asked %s\n#   and replied %.400s\n", agent->name,
	       check->request, agent->replies ? agent->replies : "nothing");
}

static int run_checks(void)
{
	static const char *const words[] = { "ok", "differs", "FAILED" };
	enum verdict verdicts[AGENTS];
	int passed[AGENTS] = { 0 };
	int failed = 0;
	int i;
	int j;

	printf("# %-28s %-10s %-10s\n", "check", agents[0].name,
	       agents[1].name);
	for (i = 0; i < check_count; i++) {
		for (j = 0; j < AGENTS; j++) {
			verdicts[j] = run_check(&agents[j], &checks[i]);
			passed[j] += verdicts[j] == PASSED;
			failed += verdicts[j] == FAILED;
		}
		printf("# %-28s %-10s %-10s %s\n", checks[i].name,
		       words[verdicts[0]], words[verdicts[1]],
		       verdicts[1] == DIFFERS ? checks[i].reason : "");
		for (j = 0; j < AGENTS; j++) {
			if (verdicts[j] == FAILED)
				print_failure(&agents[j], &checks[i]);
		}
	}
	printf("# of %d checks %s passed %d, %s passed %d\n", check_count,
	       agents[0].name, passed[0], agents[1].name, passed[1]);
	printf("%d passed, %d failed\n", check_count * AGENTS - failed, failed);
	return failed;
}

int main(int argc, char **argv)
{
	int failed;
	int i;

	if (argc != 2 + 2 * AGENTS)
		die("usage: conform CHECKS NAME COMMAND NAME COMMAND");
	load_checks(argv[1]);
	for (i = 0; i < AGENTS; i++) {
		agents[i].name = argv[2 + 2 * i];
		agents[i].command = argv[3 + 2 * i];
		agent_start(&agents[i]);
	}
	failed = run_checks();
	for (i = 0; i < AGENTS; i++)
		agent_stop(&agents[i]);
	for (i = 0; i < check_count; i++) {
		free(checks[i].name);
		free(checks[i].request);
		free(checks[i].reason);
		while (checks[i].shape_count)
			free(checks[i].shapes[--checks[i].shape_count]);
	}
	return failed > 0;
}
