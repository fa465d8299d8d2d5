/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * job.h - one command, in a process of its own
 *
 * A job may block for as long as it likes: nobody else waits for it.
 */

#ifndef HELPER_JOB_H
#define HELPER_JOB_H

#include <stdbool.h>
#include <stdint.h>

struct json_object;

struct job {
	struct json_object *args;
	const char *hook;		/* of a freeze; NULL: none */
	unsigned int hook_seconds;	/* that it may take; 0: any number */
	const char *root;		/* in front of the system's files, or "" */
	struct json_object *result;	/* NULL: {} */
	char *error;
	bool changed;			/* the process; it does no other job */
};

struct job_command {
	const char *name;

	/*
	 * run() - do it.
	 *
	 * Return: 0, or -errno: strerror() is the error's text unless
	 *         job_error() has set a better one.
	 */
	int (*run)(struct job *job);
};

/* job.c */

/* Return: the argument, borrowed, or NULL. */
struct json_object *job_arg(const struct job *job, const char *name);

/* The text of an argument that is a string, "" if it is not there. */
const char *job_text(const struct job *job, const char *name);

/* What to answer; taken over. */
void job_result(struct job *job, struct json_object *result);

/* What went wrong; the last one counts.  Return: @err. */
__attribute__((format(printf, 3, 4)))
int job_error(struct job *job, int err, const char *format, ...);

/*
 * The path of a system's file; ends the job when there is no memory for it.
 * Return: to be passed to free().
 */
__attribute__((format(printf, 2, 3)))
char *job_path(const struct job *job, const char *format, ...);

/**
 * job_read_word() - the first line of a small file
 * @job:    names the root
 * @word:   where to, cut to @size
 * @size:   of @word
 * @format: of the path
 *
 * Return: 0 or -errno.
 */
__attribute__((format(printf, 4, 5)))
int job_read_word(const struct job *job, char *word, size_t size,
		  const char *format, ...);

/* members.c */

struct job_member {
	const char *name;
	int type;		/* of json-c */
	const char *word;	/* for it */
	bool optional;
};

/**
 * job_check_members() - an array of objects against a table
 * @job:     gets the error
 * @array:   the argument
 * @name:    its name
 * @members: ends with a NULL name
 *
 * Return: 0, or -EINVAL with the error set.
 */
int job_check_members(struct job *job, struct json_object *array,
		      const char *name, const struct job_member *members);

int64_t job_member_int(struct json_object *object, const char *name);
bool job_member_bool(struct json_object *object, const char *name);

/* program.c */

/* What a program that failed had to say. */
struct program_output {
	char text[512];
};

/**
 * program_run() - run a program to its end
 * @argv:   its arguments; the first one is its path, looked for in PATH
 * @input:  what it reads, or NULL
 * @output: what it printed, cut; NULL: nothing is wanted
 *
 * Return: its exit status, 128 and more for a signal, or -errno.
 */
int program_run(const char *const *argv, const char *input,
		struct program_output *output);

/*
 * The same, but after so many seconds, unless they are 0, the program and what it
 * started get SIGTERM and later SIGKILL.  Return: as above; -ETIMEDOUT after that,
 * and the program may still be there.
 */
int program_run_within(const char *const *argv, const char *input,
		       struct program_output *output, unsigned int seconds);

/* Return: the first of @dirs/@name under the root that is there, or NULL. */
char *program_find(const struct job *job, const char *name);

/* The commands, by the files that define them. */

/* disks.c */
int job_get_disks(struct job *job);

/* fsinfo.c */
int job_get_fsinfo(struct job *job);

/* freeze.c */
int job_freeze_hook(struct job *job);
int job_freeze(struct job *job);
int job_thaw(struct job *job);

/* online.c */
int job_set_vcpus(struct job *job);
int job_set_memory_blocks(struct job *job);

/* password.c */
int job_set_user_password(struct job *job);

/* power.c */
int job_shutdown(struct job *job);
int job_suspend_disk(struct job *job);
int job_suspend_ram(struct job *job);
int job_suspend_hybrid(struct job *job);

/* ssh.c */
int job_ssh_get(struct job *job);
int job_ssh_add(struct job *job);
int job_ssh_remove(struct job *job);

/* time.c */
int job_set_time(struct job *job);

/* trim.c */
int job_fstrim(struct job *job);

#endif /* HELPER_JOB_H */
