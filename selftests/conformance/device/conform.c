// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conform.c - one list of checks for QEMU's device and for vportemu's
 *
 * usage: conform [NAME]...
 *
 * Prints a table: a check per line, a column per device.  vportemu must pass
 * all that there is over a transport, QEMU all for which the list has no reason
 * why it might not: a list that only our own device can pass would prove
 * nothing.  Each check is a process of its own, so that the next ones are run
 * whatever becomes of it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checks.h"

#define MAX_CHECKS	160
#define MAX_SECONDS	30	/* that a check may take */
#define PROCESSES	3	/* of them that run at the same time */

static const struct dut_kind *const kinds[] = {
	&dut_qemu, &dut_vhost, &dut_vfio
};

#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static const struct check *const parts[] = {
	config_checks, control_checks, console_checks, data_checks, plug_checks,
	life_checks, monitor_checks
};

enum verdict { PASSED, DIFFERS, ABSENT, FAILED };

static const char *const words[] = {
	[PASSED] = "ok", [DIFFERS] = "differs", [ABSENT] = "-",
	[FAILED] = "FAILED",
};

struct job {
	const struct check *check;
	const struct dut_kind *kind;
	enum verdict verdict;
	bool waits;		/* it may, for what does not come */
	pid_t pid;
	FILE *log;
};

static struct job jobs[MAX_CHECKS * KINDS];
static unsigned int job_count;

static const char *absent(const struct job *job)
{
	if (job->kind == &dut_qemu)
		return job->check->not_qemu;
	if (job->kind == &dut_vhost)
		return job->check->not_vhost;
	return NULL;
}

/* cmocka outside of its own runner: a check that fails prints why and aborts. */
__attribute__((noreturn))
static void run(const struct job *job)
{
	static const struct rlimit no_core;
	static struct dut dut;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	setenv("CMOCKA_TEST_ABORT", "1", 1);
	dup2(fileno(job->log), STDOUT_FILENO);
	dup2(fileno(job->log), STDERR_FILENO);
	alarm(MAX_SECONDS);
	dut.kind = job->kind;
	job->check->run(&dut);
	_exit(0);
}

static void start(struct job *job)
{
	if (absent(job)) {
		job->verdict = ABSENT;
		return;
	}
	job->log = tmpfile();
	fflush(stdout);
	job->pid = fork();
	if (!job->pid)
		run(job);
	if (!job->log || job->pid < 0) {
		perror("conform");
		exit(2);
	}
}

/* Wait for any.  Return: whether it was one that does not wait. */
static bool reap(void)
{
	struct job *job;
	int status;
	pid_t pid = wait(&status);

	for (job = jobs; job < jobs + job_count; job++) {
		if (job->pid == pid)
			break;
	}
	if (job == jobs + job_count)
		return false;
	job->pid = 0;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		fprintf(job->log, "no end in %d seconds\n", MAX_SECONDS);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		job->verdict = PASSED;
	else if (job->kind == &dut_qemu && job->check->differs)
		job->verdict = DIFFERS;
	else
		job->verdict = FAILED;
	return !job->waits;
}

/* Those that wait are begun before all others, and all together. */
static void run_all(void)
{
	unsigned int i, running = 0;

	for (i = 0; i < job_count; i++) {
		if (jobs[i].waits)
			start(&jobs[i]);
	}
	for (i = 0; i < job_count; i++) {
		if (jobs[i].waits)
			continue;
		while (running == PROCESSES)
			running -= reap();
		start(&jobs[i]);
		running += jobs[i].pid > 0;
	}
	for (i = 0; i < job_count; i++) {
		while (jobs[i].pid > 0)
			reap();
	}
}

static bool wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++) {
		if (!strcmp(*names, name))
			return true;
	}
	return false;
}

static void add_job(const struct check *check, const struct dut_kind *kind)
{
	if (job_count == MAX_CHECKS * KINDS) {
		fprintf(stderr, "conform: more than %d checks\n", MAX_CHECKS);
		exit(2);
	}
	jobs[job_count++] = (struct job){
		.check = check,
		.kind = kind,
		.waits = kind == &dut_qemu && check->differs,
	};
}

static void list(char **names)
{
	const struct check *check;
	unsigned int i, k;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		for (check = parts[i]; check->name; check++) {
			if (!wanted(check->name, names))
				continue;
			for (k = 0; k < KINDS; k++)
				add_job(check, kinds[k]);
		}
	}
}

/* "QEMU 7.2", of the program that is tested. */
static void print_title(const struct dut_kind *kind)
{
	char command[256], version[32] = "?";
	FILE *out;

	if (kind->title) {
		printf("%-12s", kind->title);
		return;
	}
	snprintf(command, sizeof(command), "%s --version",
		 getenv(kind->variable) ?: kind->program);
	out = popen(command, "r");
	if (!out || fscanf(out, "QEMU emulator version %15[0-9.]",
			   version) != 1)
		strcpy(version, "?");
	if (out)
		pclose(out);
	printf("QEMU %-7s", version);
}

static void print_log(const struct job *job)
{
	char line[1024];

	printf("\n%s, %s:\n", job->check->name,
	       job->kind->title ?: "QEMU");
	rewind(job->log);
	while (fgets(line, sizeof(line), job->log))
		printf("    %s", line);
}

static void print_row(const struct job *row)
{
	const struct check *check = row->check;
	unsigned int k;

	printf("%-56s", check->name);
	for (k = 0; k < KINDS; k++)
		printf(" %-11s", words[row[k].verdict]);
	for (k = 0; k < KINDS; k++) {
		if (row[k].verdict == DIFFERS)
			printf(" QEMU %s", check->differs);
		else if (row[k].verdict == ABSENT)
			printf(" %s", absent(&row[k]));
	}
	putchar('\n');
}

static unsigned int report(void)
{
	unsigned int i, counts[4] = { 0 };

	printf("%-57s", "check");
	fflush(stdout);
	for (i = 0; i < KINDS; i++)
		print_title(kinds[i]);
	putchar('\n');
	for (i = 0; i < job_count; i += KINDS)
		print_row(&jobs[i]);
	for (i = 0; i < job_count; i++) {
		counts[jobs[i].verdict]++;
		if (jobs[i].verdict == FAILED)
			print_log(&jobs[i]);
	}
	printf("\n%u differ for a known reason, %u are not there\n",
	       counts[DIFFERS], counts[ABSENT]);
	printf("%u passed, %u failed\n", counts[PASSED], counts[FAILED]);
	return counts[FAILED];
}

/* What a check leaves that ended before its end, too. */
static void remove_directory(const char *dir)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command))
		fprintf(stderr, "conform: %s is still there\n", dir);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/conform-XXXXXX";
	unsigned int failures;

	list(argv + 1);
	if (!job_count) {
		fprintf(stderr, "conform: no check of this name\n");
		return 2;
	}
	if (!mkdtemp(dir)) {
		perror(dir);
		return 2;
	}
	setenv("TMPDIR", dir, 1);
	run_all();
	failures = report();
	remove_directory(dir);
	return failures ? 1 : 0;
}
