// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compare - two guest agents side by side: what they do in a second, how long
 * one request takes, how much memory they need
 *
 * Each measurement is made in rounds, in each of which both agents have their
 * turn, so that what the machine does besides hits both; the best round of
 * each counts.
 */

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"

#define ROUNDS	5
#define PING	"{\"execute\":\"guest-ping\"}\n"

static char *big;		/* a request that writes 32 MiB */
static char path[] = "/tmp/bench-file.XXXXXX";

static int compare_doubles(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return (left > right) - (left < right);
}

/* Microseconds that half of @count requests need at most. */
static double median(struct agent *agent, const char *request, int count)
{
	double *times = calloc(count, sizeof(*times));
	char reply[256];
	double start;
	double result;
	int i;

	for (i = 0; i < count; i++) {
		start = now();
		agent_ask(agent, request, reply, sizeof(reply));
		times[i] = (now() - start) * 1e6;
	}
	qsort(times, count, sizeof(*times), compare_doubles);
	result = times[count / 2];
	free(times);
	return result;
}

static double ping_rate(struct agent *agent)
{
	const int count = 5000;
	double start = now();
	char reply[256];
	int i;

	for (i = 0; i < count; i++)
		agent_ask(agent, PING, reply, sizeof(reply));
	return count / (now() - start);
}

static double ping_median(struct agent *agent)
{
	return median(agent, PING, 5000);
}

static double osinfo_median(struct agent *agent)
{
	return median(agent, "{\"execute\":\"guest-get-osinfo\"}\n", 500);
}

static double info_median(struct agent *agent)
{
	return median(agent, "{\"execute\":\"guest-info\"}\n", 500);
}

static double interfaces_median(struct agent *agent)
{
	return median(agent, "{\"execute\":\"guest-network-get-interfaces\"}\n",
		      500);
}

static double fsinfo_median(struct agent *agent)
{
	return median(agent, "{\"execute\":\"guest-get-fsinfo\"}\n", 200);
}

static double disks_median(struct agent *agent)
{
	return median(agent, "{\"execute\":\"guest-get-disks\"}\n", 200);
}

static size_t count_lines(const char *p, size_t len)
{
	size_t lines = 0;
	const char *end;

	for (; (end = memchr(p, '\n', len)); p = end + 1) {
		len -= end + 1 - p;
		lines++;
	}
	return lines;
}

/* Requests go out while replies come in, as fast as each can. */
static double sync_rate(struct agent *agent)
{
	static const char request[] = "{\"execute\":\"guest-sync\","
				      "\"arguments\":{\"id\":123456789}}\n";
	const size_t count = 40000;
	const size_t total = count * (sizeof(request) - 1);
	char *all = malloc(total);
	struct pollfd pfd = { .fd = agent->fd };
	static char buf[256 << 10];
	double start = now();
	size_t sent = 0;
	size_t got = 0;
	ssize_t n;
	size_t i;

	for (i = 0; i < count; i++)
		memcpy(all + i * (sizeof(request) - 1), request,
		       sizeof(request) - 1);
	while (got < count) {
		pfd.events = POLLIN | (sent < total ? POLLOUT : 0);
		poll(&pfd, 1, -1);
		if (pfd.revents & POLLOUT) {
			n = send(agent->fd, all + sent, total - sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);
			sent += n > 0 ? n : 0;
		}
		if (pfd.revents & POLLIN) {
			n = recv(agent->fd, buf, sizeof(buf), MSG_DONTWAIT);
			if (!n)
				die("%s has gone", agent->name);
			got += n > 0 ? count_lines(buf, n) : 0;
		}
	}
	free(all);
	return count / (now() - start);
}

static long long number_in(const char *reply, const char *name)
{
	const char *p = strstr(reply, name);

	return p ? atoll(p + strlen(name)) : -1;
}

static long long open_file(struct agent *agent, const char *mode)
{
	char request[128];
	char reply[256];

	snprintf(request, sizeof(request), "{\"execute\":\"guest-file-open\","
		 "\"arguments\":{\"path\":\"%s\",\"mode\":\"%s\"}}\n", path,
		 mode);
	agent_ask(agent, request, reply, sizeof(reply));
	return number_in(reply, "\"return\": ");
}

static void with_handle(struct agent *agent, const char *command,
			long long handle, const char *more)
{
	char request[160];
	char reply[256];

	snprintf(request, sizeof(request), "{\"execute\":\"guest-file-%s\","
		 "\"arguments\":{\"handle\":%lld%s}}\n", command, handle, more);
	agent_ask(agent, request, reply, sizeof(reply));
}

/* MB/s of the file's bytes, in pieces. */
static double read_rate(struct agent *agent, size_t piece, int count)
{
	long long handle = open_file(agent, "r");
	char more[32];
	double time = 0;
	double start;
	int i;

	snprintf(more, sizeof(more), ",\"count\":%zu", piece);
	for (i = 0; i < count; i++) {
		with_handle(agent, "seek", handle,
			    ",\"offset\":0,\"whence\":0");
		start = now();
		with_handle(agent, "read", handle, more);
		time += now() - start;
	}
	with_handle(agent, "close", handle, "");
	return piece * count / 1e6 / time;
}

static double read_64k(struct agent *agent)
{
	return read_rate(agent, 64 << 10, 300);
}

static double read_1m(struct agent *agent)
{
	return read_rate(agent, 1 << 20, 20);
}

static double read_48m(struct agent *agent)
{
	return read_rate(agent, 48 << 20, 1);
}

static double write_rate(struct agent *agent, size_t piece, int count)
{
	long long handle = open_file(agent, "r+");
	size_t text = piece / 3 * 4;
	char reply[256];
	double time = 0;
	double start;
	size_t len;
	int i;

	len = sprintf(big, "{\"execute\":\"guest-file-write\","
		      "\"arguments\":{\"handle\":%lld,\"buf-b64\":\"", handle);
	memset(big + len, 'Q', text);
	strcpy(big + len + text, "\"}}\n");
	for (i = 0; i < count; i++) {
		with_handle(agent, "seek", handle,
			    ",\"offset\":0,\"whence\":0");
		start = now();
		agent_send(agent, big, len + text + 4);
		agent_receive(agent, reply, sizeof(reply));
		time += now() - start;
		if (strstr(reply, "\"error\""))
			die("%s: write: %s", agent->name, reply);
	}
	with_handle(agent, "close", handle, "");
	return text / 4 * 3 * count / 1e6 / time;
}

static double write_64k(struct agent *agent)
{
	return write_rate(agent, 64 << 10, 100);
}

static double write_1m(struct agent *agent)
{
	return write_rate(agent, 1 << 20, 10);
}

static double write_32m(struct agent *agent)
{
	return write_rate(agent, 32 << 20, 1);
}

/* Milliseconds from the request to the reply that says that it has ended. */
static double run_once(struct agent *agent, const char *request)
{
	char reply[1024];
	char status[128];
	double start = now();

	agent_ask(agent, request, reply, sizeof(reply));
	snprintf(status, sizeof(status), "{\"execute\":\"guest-exec-status\","
		 "\"arguments\":{\"pid\":%lld}}\n",
		 number_in(reply, "\"pid\": "));
	do {
		agent_ask(agent, status, reply, sizeof(reply));
	} while (strstr(reply, "\"exited\": false"));
	return (now() - start) * 1e3;
}

static double exec_median(struct agent *agent)
{
	double times[100];
	int i;

	for (i = 0; i < 100; i++)
		times[i] = run_once(agent, "{\"execute\":\"guest-exec\","
			"\"arguments\":{\"path\":\"/bin/true\"}}\n");
	qsort(times, 100, sizeof(times[0]), compare_doubles);
	return times[50];
}

static double exec_output(struct agent *agent)
{
	return run_once(agent, "{\"execute\":\"guest-exec\",\"arguments\":"
		"{\"path\":\"head\",\"arg\":[\"-c15000000\",\"/dev/zero\"],"
		"\"capture-output\":true}}\n");
}

/* Milliseconds to the answer of a sync; the list is empty, nothing freezes. */
static double sync_in_hook(struct agent *agent)
{
	static const char request[] =
		"{\"execute\":\"guest-fsfreeze-freeze-list\","
		"\"arguments\":{\"mountpoints\":[]}}\n"
		"{\"execute\":\"guest-sync\",\"arguments\":{\"id\":4711}}\n";
	double start = now();
	char reply[256];
	double time;

	agent_send(agent, request, sizeof(request) - 1);
	do {
		agent_receive(agent, reply, sizeof(reply));
	} while (!strstr(reply, "4711"));
	time = (now() - start) * 1e3;

	/* Until the hook is through. */
	agent_ask(agent, "{\"execute\":\"guest-fsfreeze-thaw\"}\n", reply,
		  sizeof(reply));
	return time;
}

struct measurement {
	const char *name;
	const char *unit;
	double (*run)(struct agent *agent);
	bool more_is_better;
	double target;		/* of the ratio; 0: none */
};

static const struct measurement measurements[] = {
	{ "guest-ping, one at a time", "/s", ping_rate, true, 2 },
	{ "guest-ping, median", "us", ping_median, false, 0.5 },
	{ "guest-sync, pipelined", "/s", sync_rate, true, 2 },
	{ "guest-info, median", "us", info_median },
	{ "guest-get-osinfo, median", "us", osinfo_median },
	{ "guest-network-get-interfaces, median", "us", interfaces_median },
	{ "guest-get-fsinfo, median", "us", fsinfo_median },
	{ "guest-get-disks, median", "us", disks_median },
	{ "guest-file-read, 64 KiB", "MB/s", read_64k, true, 3 },
	{ "guest-file-read, 1 MiB", "MB/s", read_1m, true, 3 },
	{ "guest-file-read, 48 MiB", "MB/s", read_48m, true, 3 },
	{ "guest-file-write, 64 KiB", "MB/s", write_64k, true },
	{ "guest-file-write, 1 MiB", "MB/s", write_1m, true, 4 },
	{ "guest-file-write, 32 MiB", "MB/s", write_32m, true },
	{ "guest-exec /bin/true and status, median", "ms", exec_median, false,
	  0.6 },
	{ "guest-exec with 15 MB of output", "ms", exec_output },
	{ "guest-sync while a hook takes 2 s", "ms", sync_in_hook, false,
	  0.01 },
};

static void print_row(const char *name, const char *unit, double a, double b,
		      bool more_is_better, double target)
{
	double ratio = b ? a / b : 0;
	const char *verdict = "";

	if (target)
		verdict = (more_is_better ? ratio >= target : ratio <= target) ?
			  "reached" : "MISSED";
	printf("%-40s %-5s %12.1f %12.1f %8.2f", name, unit, a, b, ratio);
	if (target)
		printf("  %s %.2g %s", more_is_better ? ">=" : "<=", target,
		       verdict);
	putchar('\n');
}

static void measure(const struct measurement *m, struct agent agents[2])
{
	double best[2] = { 0 };
	double value;
	int round;
	int i;

	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < 2; i++) {
			value = m->run(&agents[i]);
			if (!round || (m->more_is_better ? value > best[i] :
							   value < best[i]))
				best[i] = value;
		}
	}
	print_row(m->name, m->unit, best[0], best[1], m->more_is_better,
		  m->target);
	fflush(stdout);
}

struct memory {
	long idle;
	long dirty;
	long peak;		/* over idle */
	long kept;
};

/* Of a process that has just been started. */
static struct memory measure_memory(const char *name, const char *command)
{
	struct memory memory;
	struct agent agent;
	char reply[256];

	agent_start(&agent, name, command);
	agent_ask(&agent, PING, reply, sizeof(reply));
	memory.idle = agent_status(&agent, "VmRSS");
	memory.dirty = agent_smaps(&agent, "Private_Dirty");
	read_48m(&agent);
	write_32m(&agent);
	agent_ask(&agent, PING, reply, sizeof(reply));
	memory.peak = agent_status(&agent, "VmHWM") - memory.idle;
	memory.kept = agent_status(&agent, "VmRSS") - memory.idle;
	agent_stop(&agent);
	return memory;
}

static void compare_memory(char **commands)
{
	struct memory a = measure_memory("ours", commands[0]);
	struct memory b = measure_memory("theirs", commands[1]);

	print_row("resident memory, idle", "KiB", a.idle, b.idle, false, 0.7);
	print_row("  of it private and dirty", "KiB", a.dirty, b.dirty, false,
		  0);
	print_row("peak of a 48 MiB read, 32 MiB write", "+KiB", a.peak, b.peak,
		  false, 0);
	print_row("kept of that", "+KiB", a.kept, b.kept, false, 0);
	printf("# to reach: %d KiB dirty, %d KiB peak, %d KiB kept: %s\n", 512,
	       8192, 2048, a.dirty <= 512 && a.peak <= 8192 && a.kept <= 2048 ?
	       "reached" : "MISSED");
}

int main(int argc, char **argv)
{
	struct agent agents[2];
	size_t i;

	if (argc < 3)
		die("usage: compare AGENT OTHER-AGENT [NAME], each a command");
	big = malloc((48 << 20) + 4096);
	close(mkstemp(path));
	if (truncate(path, 48 << 20))
		die("%s: cannot be made 48 MiB large", path);

	agent_start(&agents[0], "ours", argv[1]);
	agent_start(&agents[1], "theirs", argv[2]);
	printf("%-46s %12s %12s %8s\n", "", "vportd",
	       argc > 3 ? argv[3] : "other", "ratio");
	for (i = 0; i < sizeof(measurements) / sizeof(measurements[0]); i++)
		measure(&measurements[i], agents);
	agent_stop(&agents[0]);
	agent_stop(&agents[1]);
	compare_memory(argv + 1);
	unlink(path);
	free(big);
	return 0;
}
