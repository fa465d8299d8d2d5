// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_exec.c - vportctl agent SOCKET exec: run a program in a guest
 *
 * The agent tells of the end of a program only when it is asked, so it is asked
 * after 10, 20, 40 .. 640 ms, and every 640 ms from then on.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base64.h"
#include "bytes.h"
#include "client.h"
#include "log.h"
#include "session.h"

#define ASK_FIRST_MS	10
#define ASK_LAST_MS	640

/* What agents take in one message is 64 MiB of text. */
#define INPUT_MAX	(44u << 20)

int member_data(struct json_object *object, const char *key, char **ret,
		size_t *ret_len)
{
	const char *text = member_text(object, key, "");
	struct base64_decoder decoder = { 0 };
	size_t len = strlen(text);
	char *data = malloc((len + 3) / 4 * 3 + 1);
	ssize_t n;

	if (!data)
		return -ENOMEM;
	n = base64_decode_more(&decoder, data, text, len);
	if (n < 0) {
		free(data);
		return n;
	}
	*ret = data;
	*ret_len = n;
	return 0;
}

static struct json_object *exec_args(const char *const *argv,
				     const char *input)
{
	struct json_object *args = json_object_new_object();
	struct json_object *list = json_object_new_array();
	const char *const *p;

	for (p = argv + 1; *p; p++)
		json_object_array_add(list, json_object_new_string(*p));
	json_object_object_add(args, "path", json_object_new_string(argv[0]));
	json_object_object_add(args, "arg", list);
	json_object_object_add(args, "capture-output",
			       json_object_new_boolean(true));
	if (input)
		json_object_object_add(args, "input-data",
				       json_object_new_string(input));
	return args;
}

static bool has_exited(struct json_object *status)
{
	struct json_object *exited;

	return json_object_object_get_ex(status, "exited", &exited) &&
	       json_object_get_boolean(exited);
}

static void wait_ms(unsigned int ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000l };

	nanosleep(&time, NULL);
}

static int wait_for_end(struct client *client, int64_t pid,
			struct json_object **ret)
{
	unsigned int pause = ASK_FIRST_MS;
	struct json_object *args;
	int err;

	for (;;) {
		args = json_object_new_object();
		json_object_object_add(args, "pid", json_object_new_int64(pid));
		err = session_call(client, "guest-exec-status", args, ret);
		if (err || has_exited(*ret))
			return err;
		json_object_put(*ret);
		wait_ms(pause);
		if (pause < ASK_LAST_MS)
			pause *= 2;
	}
}

int agent_run(struct client *client, const char *const *argv,
	      const char *input, struct json_object **ret)
{
	struct json_object *started;
	int64_t pid;
	int err;

	err = session_call(client, "guest-exec", exec_args(argv, input),
			   &started);
	if (err)
		return err;
	pid = member_int(started, "pid", -1);
	json_object_put(started);
	if (pid < 0) {
		log_err("guest-exec: a pid was expected, there is none");
		return -EPROTO;
	}
	return wait_for_end(client, pid, ret);
}

int exec_status(struct json_object *status)
{
	int64_t signal = member_int(status, "signal", 0);
	int64_t code = member_int(status, "exitcode", -1);

	if (signal)
		return 128 + (signal & 127);
	if (code >= 0)
		return code & 255;
	log_err("guest-exec-status: exitcode or signal was expected, there is neither");
	return EXIT_NOT_RUN;
}

static int print_stream(struct json_object *status, const char *key,
			const char *cut, FILE *stream)
{
	struct json_object *truncated;
	char *data;
	size_t len;
	int err;

	err = member_data(status, key, &data, &len);
	if (err) {
		log_err("guest-exec-status: %s: %s", key, strerror(-err));
		return err;
	}
	if (len && fwrite(data, len, 1, stream) != 1)
		err = -EIO;
	free(data);
	if (json_object_object_get_ex(status, cut, &truncated) &&
	    json_object_get_boolean(truncated))
		log_warn("guest-exec-status: %s: the agent has cut it", key);
	return err;
}

/* Return: 0 with standard input in base64, or -errno after saying why. */
static int read_input(char **ret)
{
	static char buf[65536];
	struct bytes data;
	int err = 0;
	size_t n;

	bytes_init(&data, INPUT_MAX);
	while (!err && (n = fread(buf, 1, sizeof(buf), stdin)) > 0)
		err = bytes_append(&data, buf, n);
	if (!err && ferror(stdin))
		err = -EIO;

	*ret = err ? NULL : malloc(BASE64_LEN(bytes_len(&data)) + 1);
	if (*ret) {
		base64_encode(*ret, bytes_peek(&data), bytes_len(&data));
		(*ret)[BASE64_LEN(bytes_len(&data))] = '\0';
	} else {
		err = err ? err : -ENOMEM;
		log_err("standard input: %s", strerror(-err));
	}
	bytes_finish(&data);
	return err;
}

int agent_exec(struct client *client, int argc, char **argv)
{
	struct json_object *status;
	char *input = NULL;
	int err = 0;
	int ret;

	if (!strcmp(*argv, "--input")) {
		err = read_input(&input);
		argv++;
	}
	if (*argv && !strcmp(*argv, "--"))
		argv++;
	if (!err && !*argv) {
		log_err("agent: exec: expected a program, see vportctl agent --help");
		err = -EINVAL;
	}
	if (!err)
		err = agent_run(client, (const char *const *)argv, input,
				&status);
	free(input);
	if (err)
		return EXIT_NOT_RUN;

	ret = exec_status(status);
	if (print_stream(status, "out-data", "out-truncated", stdout) ||
	    print_stream(status, "err-data", "err-truncated", stderr))
		ret = EXIT_NOT_RUN;
	json_object_put(status);
	return ret;
}
