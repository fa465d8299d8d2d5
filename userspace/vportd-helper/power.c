// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * power.c - guest-shutdown and guest-suspend-*
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "job.h"

struct shutdown_mode {
	const char *name;
	const char *program;
	const char *options[2];		/* of shutdown, where there is no such */
};

static const struct shutdown_mode shutdown_modes[] = {
	{ "powerdown", "poweroff", { "-h", "-P" } },
	{ "halt", "halt", { "-h", "-H" } },
	{ "reboot", "reboot", { "-r" } },
};

static const struct shutdown_mode *find_mode(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(shutdown_modes) / sizeof(shutdown_modes[0]); i++) {
		if (!*name || !strcmp(shutdown_modes[i].name, name))
			return &shutdown_modes[i];
	}

	return NULL;
}

static int run_shutdown(struct job *job, const struct shutdown_mode *mode,
			struct program_output *output)
{
	char *path = program_find(job, mode->program);
	const char *argv[7] = { path };
	size_t n = 1;
	int status;
	int i;

	if (!path) {
		path = program_find(job, "shutdown");
		argv[0] = path;
		for (i = 0; i < 2 && mode->options[i]; i++)
			argv[n++] = mode->options[i];
		argv[n++] = "+0";
		argv[n++] = "hypervisor initiated shutdown";
	}
	if (!path) {
		snprintf(output->text, sizeof(output->text),
			 "neither %s nor shutdown is there", mode->program);
		return -ENOENT;
	}

	status = program_run(argv, NULL, output);
	free(path);
	return status;
}

int job_shutdown(struct job *job)
{
	const struct shutdown_mode *mode = find_mode(job_text(job, "mode"));
	struct program_output output = { "" };

	if (!mode)
		return job_error(job, -EINVAL,
			"mode is invalid (valid values are: halt|powerdown|reboot");
	if (!run_shutdown(job, mode, &output))
		return 0;

	return job_error(job, -EIO, "child process has failed to shutdown%s%s",
			 *output.text ? ": " : "", output.text);
}

struct suspend_mode {
	const char *unit;		/* of systemd, to be asked for */
	const char *verb;		/* of systemctl */
	const char *pm_option;		/* of pm-is-supported */
	const char *pm_program;
	const char *state;		/* in /sys/power/state; NULL: none */
};

static const struct suspend_mode suspend_disk = {
	"systemd-hibernate", "hibernate", "--hibernate", "pm-hibernate", "disk",
};

static const struct suspend_mode suspend_ram = {
	"systemd-suspend", "suspend", "--suspend", "pm-suspend", "mem",
};

static const struct suspend_mode suspend_hybrid = {
	"systemd-hybrid-sleep", "hybrid-sleep", "--suspend-hybrid",
	"pm-suspend-hybrid", NULL,
};

/* Return: the exit status, or -errno where the program is missing. */
static int run_two(struct job *job, const char *name, const char *first,
		   const char *second, struct program_output *output)
{
	char *path = program_find(job, name);
	const char *argv[] = { path, first, second, NULL };
	int status;

	if (!path)
		return -ENOENT;
	status = program_run(argv, NULL, output);
	free(path);
	return status;
}

/* A unit that exists but does not run: the status is 3, or near it. */
static bool systemd_can(struct job *job, const struct suspend_mode *mode)
{
	struct program_output output;
	int status = run_two(job, "systemctl", "status", mode->unit, &output);

	return status >= 1 && status <= 3;
}

static bool pm_can(struct job *job, const struct suspend_mode *mode)
{
	struct program_output output;

	return !run_two(job, "pm-is-supported", mode->pm_option, NULL, &output);
}

static bool kernel_can(struct job *job, const struct suspend_mode *mode)
{
	char states[128];

	return mode->state && !job_read_word(job, states, sizeof(states),
					     "/sys/power/state") &&
	       strstr(states, mode->state);
}

static int write_state(struct job *job, const char *state)
{
	char *path = job_path(job, "/sys/power/state");
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0 || write(fd, state, strlen(state)) < 0)
		err = job_error(job, -errno, "failed to write %s: %s", path,
				strerror(errno));
	if (fd >= 0)
		close(fd);
	free(path);
	return err;
}

static int suspend(struct job *job, const struct suspend_mode *mode)
{
	struct program_output output = { "" };
	int status;

	if (systemd_can(job, mode))
		status = run_two(job, "systemctl", mode->verb, NULL, &output);
	else if (pm_can(job, mode))
		status = run_two(job, mode->pm_program, NULL, NULL, &output);
	else if (kernel_can(job, mode))
		return write_state(job, mode->state);
	else
		return job_error(job, -EOPNOTSUPP,
			"the requested suspend mode is not supported by the guest");

	if (!status)
		return 0;
	return job_error(job, -EIO, "child process has failed to suspend%s%s",
			 *output.text ? ": " : "", output.text);
}

int job_suspend_disk(struct job *job)
{
	return suspend(job, &suspend_disk);
}

int job_suspend_ram(struct job *job)
{
	return suspend(job, &suspend_ram);
}

int job_suspend_hybrid(struct job *job)
{
	return suspend(job, &suspend_hybrid);
}
