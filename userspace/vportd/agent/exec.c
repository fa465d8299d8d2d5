// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * exec.c - guest-exec and guest-exec-status
 *
 * A program belongs to no session: who knows its number may ask for its end,
 * once.  It has ended when it has exited and nobody holds its output open any
 * more; a daemon that it leaves behind is waited for no longer than a second.
 *
 * Its file may be on a file system that does not answer, so a thread starts it.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

#include "blob.h"
#include "capture.h"
#include "child.h"
#include "command.h"
#include "context.h"
#include "feed.h"
#include "result.h"
#include "launch.h"
#include "string_list.h"
#include "work.h"

/* As QEMU's agent: what is kept of each stream. */
#define OUTPUT_MAX	(16u << 20)

/* Programs whose end has not been told; each takes up to six descriptors. */
#define MAX_PROGRAMS	100

/* For those that the program left behind with its output in their hands. */
#define LINGER_USEC	1000000

struct program {
	struct work work;
	struct program *next;
	struct command_call *call;	/* waits for its start; NULL: that is over */
	struct launch launch;
	struct launch_fds fds;
	char **argv;
	char **envp;			/* NULL: the daemon's own */
	pid_t pid;
	struct child *child;		/* NULL: it has exited */
	sd_event_source *linger;	/* a second after that */
	bool told;			/* its end; nobody may ask any more */
	siginfo_t end;
	struct feed in;
	struct capture out;
	struct capture err;
};

static struct program *programs;
static unsigned int program_count;

struct capture_mode {
	const char *word;
	bool out;
	bool err;
	bool merged;
};

static const struct capture_mode capture_modes[] = {
	{ "none" },
	{ "stdout", .out = true },
	{ "stderr", .err = true },
	{ "separated", .out = true, .err = true },
	{ "merged", .out = true, .merged = true },
};

#define MODE_NONE	(&capture_modes[0])
#define MODE_BOTH	(&capture_modes[3])

static const struct capture_mode *find_mode(struct command_call *call)
{
	struct json_object *arg = command_arg(call, "capture-output");
	const char *word;
	size_t i;

	if (!arg)
		return MODE_NONE;
	if (json_object_is_type(arg, json_type_boolean))
		return json_object_get_boolean(arg) ? MODE_BOTH : MODE_NONE;
	if (!json_object_is_type(arg, json_type_string)) {
		command_error(call, -EINVAL,
			      "Invalid parameter type for 'capture-output', expected: GuestExecCaptureOutput");
		return NULL;
	}

	word = json_object_get_string(arg);
	for (i = 0; i < sizeof(capture_modes) / sizeof(capture_modes[0]); i++) {
		if (!strcmp(capture_modes[i].word, word))
			return &capture_modes[i];
	}
	command_error(call, -EINVAL,
		      "Parameter 'capture-output' does not accept value '%s'",
		      word);
	return NULL;
}

/* What was only for its start. */
static void program_end_launch(struct program *program)
{
	launch_close(&program->fds);
	free(program->argv);
	free(program->envp);
	program->argv = NULL;
	program->envp = NULL;
}

static void program_free(struct program *program)
{
	struct program **p;

	for (p = &programs; *p; p = &(*p)->next) {
		if (*p == program) {
			*p = program->next;
			program_count--;
			break;
		}
	}
	child_forget(program->child);
	sd_event_source_disable_unref(program->linger);
	program_end_launch(program);
	feed_finish(&program->in);
	capture_finish(&program->out);
	capture_finish(&program->err);
	free(program);
}

static bool program_is_open(const struct program *program)
{
	return capture_is_open(&program->out) || capture_is_open(&program->err);
}

static bool program_has_ended(const struct program *program)
{
	return !program->call && !program->child &&
	       (!program_is_open(program) || !program->linger);
}

/* What the client has been told of goes when nobody writes to it any more. */
static void program_on_end(struct capture *capture)
{
	struct program *program = capture->data;

	if (program->told && !program_is_open(program))
		program_free(program);
}

static int program_on_linger(sd_event_source *source, uint64_t usec,
			     void *userdata)
{
	struct program *program = userdata;

	program->linger = sd_event_source_disable_unref(program->linger);
	return 0;
}

static void program_on_child(void *data, const siginfo_t *info)
{
	struct program *program = data;

	program->end = *info;
	program->child = NULL;
	feed_finish(&program->in);
	if (program_is_open(program))
		sd_event_add_time_relative(agent_event(), &program->linger,
					   CLOCK_MONOTONIC, LINGER_USEC, 0,
					   program_on_linger, program);
}

static struct program *program_find(pid_t pid)
{
	struct program *program;

	for (program = programs; program; program = program->next) {
		if (program->pid == pid && !program->told)
			return program;
	}

	return NULL;
}

/* Forget the oldest program that has ended and that nobody asked about. */
static bool make_room(void)
{
	struct program *oldest = NULL;
	struct program *program;

	if (program_count < MAX_PROGRAMS)
		return true;

	for (program = programs; program; program = program->next) {
		if (program_has_ended(program))
			oldest = program;
	}
	if (oldest)
		program_free(oldest);
	return oldest;
}

static size_t output_limit(void)
{
	size_t limit = agent_conf()->reply_max;

	return limit && limit < OUTPUT_MAX ? limit : OUTPUT_MAX;
}

/* The ends of the program; -1 where it gets /dev/null. */
static int program_open(struct program *program,
			const struct capture_mode *mode, struct blob *input)
{
	struct launch_fds *fds = &program->fds;
	int err = 0;

	if (input)
		err = feed_open(&program->in, input, &fds->in);
	if (!err && mode->out)
		err = capture_start(&program->out, agent_event(),
				    output_limit(), &fds->out);
	if (!err && mode->err)
		err = capture_start(&program->err, agent_event(),
				    output_limit(), &fds->err);
	fds->merged = mode->merged;
	return err;
}

static struct program *program_new(struct command_call *call)
{
	struct program *program = calloc(1, sizeof(*program));

	if (!program)
		return NULL;

	program->call = call;
	program->fds = (struct launch_fds){ -1, -1, -1, false };
	feed_init(&program->in);
	capture_init(&program->out);
	capture_init(&program->err);
	program->out.data = program;
	program->out.on_end = program_on_end;
	program->err.data = program;
	program->err.on_end = program_on_end;
	program->next = programs;
	programs = program;
	program_count++;
	return program;
}

/* Return: 0 or -errno. */
static int program_watch(struct program *program)
{
	struct program *old = program_find(program->launch.pid);
	int err;

	/* One that has ended and was never asked about. */
	if (old)
		program_free(old);
	program->pid = program->launch.pid;
	err = child_watch(agent_event(), program->pid, program_on_child, program,
			  &program->child);
	if (err >= 0)
		err = feed_start(&program->in, agent_event());
	/* Nobody would ever learn of its end. */
	if (err < 0 && !kill(program->pid, SIGKILL))
		waitpid(program->pid, NULL, 0);
	return err < 0 ? err : 0;
}

static int program_started(struct program *program, struct command_call *call)
{
	struct json_object *result;
	int err = program->launch.err;

	if (err)
		return command_error(call, err,
				     "Guest agent command failed, error was 'Failed to execute child process \u201c%s\u201d (%s)'",
				     program->launch.path, strerror(-err));
	err = program_watch(program);
	if (err)
		return err;

	result = json_object_new_object();
	result_add_int(result, "pid", program->pid);
	command_result(call, result);
	return 0;
}

static void program_run(struct work *work)
{
	launch_run(&((struct program *)work)->launch);
}

static void program_on_start(struct work *work)
{
	struct program *program = (struct program *)work;
	struct command_call *call = program->call;
	int err;

	program->call = NULL;
	launch_finish(&program->launch);
	program_end_launch(program);
	err = program_started(program, call);
	if (err)
		program_free(program);
	command_done(call, err);
}

/* Return: 0 when program_on_start() will follow, or -errno. */
static int program_start(struct program *program, struct command_call *call)
{
	struct json_object *env = command_arg(call, "env");
	const char *path = json_object_get_string(command_arg(call, "path"));
	int err;

	program->argv = strings_from_json(path, command_arg(call, "arg"));
	if (env)
		program->envp = strings_from_json(NULL, env);
	if (!program->argv || (env && !program->envp))
		return -ENOMEM;

	program->launch.path = path;
	program->launch.argv = program->argv;
	program->launch.envp = env ? program->envp : environ;
	err = launch_prepare(&program->launch, &program->fds);
	if (err)
		return err;
	program->work = (struct work){
		.run = program_run, .done = program_on_start,
	};
	err = work_start(&program->work);
	if (!err)
		return 0;
	launch_finish(&program->launch);
	return command_error(call, err,
			     "no more programs are started at a time: %s",
			     strerror(-err));
}

static int check_strings(struct command_call *call)
{
	static const char *const names[] = { "path", "arg", "env" };
	size_t i;

	for (i = 0; i < 3; i++) {
		if (strings_have_nul(command_arg(call, names[i])))
			return command_error(call, -EINVAL,
					     "Parameter '%s' has a NUL inside",
					     names[i]);
	}

	return 0;
}

int command_exec(struct command_call *call)
{
	const struct capture_mode *mode = find_mode(call);
	struct blob *input = NULL;
	struct program *program;
	int err;

	err = mode ? check_strings(call) : -EINVAL;
	if (!err && command_blob(call, "input-data", &input) < 0)
		err = -EBADMSG;
	if (err)
		return err;
	if (!make_room())
		return command_error(call, -EAGAIN, "%d programs are running",
				     MAX_PROGRAMS);
	program = program_new(call);
	if (!program)
		return -ENOMEM;

	err = program_open(program, mode, input);
	if (!err)
		err = program_start(program, call);
	if (!err)
		return -EINPROGRESS;
	program_free(program);
	return err;
}

static int add_output(struct command_call *call, struct json_object *result,
		      struct capture *capture, const char *const *names)
{
	int err;

	if (!capture_is_used(capture) || !capture->len)
		return 0;

	err = command_add_file(call, names[0], capture->file, capture->len);
	if (err)
		return err;
	result_add_bool(result, names[1], capture->truncated);
	return 0;
}

static int tell_end(struct program *program, struct command_call *call,
		    struct json_object *result)
{
	static const char *const out[] = { "out-data", "out-truncated" };
	static const char *const err[] = { "err-data", "err-truncated" };
	int code = program->end.si_status;
	int ret;

	result_add_int(result, program->end.si_code == CLD_EXITED ?
		       "exitcode" : "signal", code);
	ret = add_output(call, result, &program->out, out);
	if (!ret)
		ret = add_output(call, result, &program->err, err);
	return ret;
}

int command_exec_status(struct command_call *call)
{
	int64_t pid = json_object_get_int64(command_arg(call, "pid"));
	struct program *program = pid > 0 ? program_find(pid) : NULL;
	struct json_object *result;
	bool ended;
	int err = 0;

	if (!program || program->pid != pid)
		return command_error(call, -ESRCH, "PID %lld does not exist",
				     (long long)pid);

	ended = program_has_ended(program);
	result = json_object_new_object();
	result_add_bool(result, "exited", ended);
	command_result(call, result);
	if (!ended)
		return 0;

	err = tell_end(program, call, result);
	if (err)
		return err;
	program->told = true;
	if (!program_is_open(program))
		program_free(program);
	return 0;
}

/* One that a thread is about to start is the thread's. */
void exec_finish(void)
{
	struct program **p = &programs;

	while (*p) {
		if ((*p)->call)
			p = &(*p)->next;
		else
			program_free(*p);
	}
}
