// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent_hang_test.c - a file system that does not answer holds up nobody else
 *
 * The file system is this program: it knows files with names of one letter, which
 * can be opened, and leaves all else that it is asked unanswered, but for the
 * beginning of the files "s" and "t".  It is mounted where only this program and
 * the agent see it.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent_process.h"

#define DIR	"/tmp/agent-hang-test"

#define FILE_CALL(command, args) \
	"{\"execute\":\"guest-file-" command "\",\"arguments\":{" args "}}"
#define ERROR(desc) \
	"{\"error\":{\"class\":\"GenericError\",\"desc\":\"" desc "\"}}"
#define PING	"{\"execute\":\"guest-ping\"}"

/* What is to be had of them, and what its size is said to be. */
#define BEGINNING	(1 << 20)
#define SIZE		(4 << 20)

static int fuse = -1;
static pid_t server = -1;
static int client;

static void answer(uint64_t unique, int err, void *data, size_t len)
{
	struct fuse_out_header header = {
		.len = sizeof(header) + len, .error = err, .unique = unique,
	};
	struct iovec iov[2] = {
		{ &header, sizeof(header) }, { data, len },
	};

	if (writev(fuse, iov, 2) < 0)
		perror("fuse");
}

static void answer_entry(const struct fuse_in_header *in, const char *name)
{
	struct fuse_entry_out entry = {
		.nodeid = *name, .entry_valid = 1000, .attr_valid = 1000,
		.attr = { .ino = *name, .mode = S_IFREG | 0666,
			  .size = SIZE, .nlink = 1 },
	};

	if (!name[1])
		answer(in->unique, 0, &entry, sizeof(entry));
}

static void answer_attr(const struct fuse_in_header *in)
{
	bool file = in->nodeid != FUSE_ROOT_ID;
	struct fuse_attr_out attr = {
		.attr_valid = 1000,
		.attr = { .ino = in->nodeid, .size = SIZE, .nlink = 1,
			  .mode = file ? S_IFREG | 0666 : S_IFDIR | 0777 },
	};

	answer(in->unique, 0, &attr, sizeof(attr));
}

static void answer_read(const struct fuse_in_header *in,
			const struct fuse_read_in *read)
{
	static char data[BEGINNING];

	if ((in->nodeid == 's' || in->nodeid == 't') && read->offset < sizeof(data))
		answer(in->unique, 0, data, read->size);
}

__attribute__((noreturn))
static void serve(void)
{
	static char request[1 << 20];
	struct fuse_in_header *in = (struct fuse_in_header *)request;
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 65536,
		.flags = FUSE_PARALLEL_DIROPS,
	};
	struct fuse_open_out opened = { .fh = 1 };

	while (read(fuse, request, sizeof(request)) > 0) {
		if (in->opcode == FUSE_INIT)
			answer(in->unique, 0, &init, sizeof(init));
		else if (in->opcode == FUSE_LOOKUP)
			answer_entry(in, (char *)(in + 1));
		else if (in->opcode == FUSE_GETATTR)
			answer_attr(in);
		else if (in->opcode == FUSE_OPEN)
			answer(in->unique, 0, &opened, sizeof(opened));
		else if (in->opcode == FUSE_READ)
			answer_read(in, (struct fuse_read_in *)(in + 1));
	}
	_exit(0);
}

static bool mount_fuse(void)
{
	char options[96];

	mkdir(DIR, 0700);
	fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fuse);
	return fuse >= 0 && !unshare(CLONE_NEWNS) &&
	       !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("test", DIR, "fuse", 0, options);
}

static int begin(void **state)
{
	if (!mount_fuse()) {
		print_message("no FUSE here: %s\n", strerror(errno));
		close(fuse);
		return 0;
	}
	server = fork();
	if (!server)
		serve();
	close(fuse);
	return test_agent_start(state);
}

/*
 * What hangs ends with the connection: a process that has files of such a file
 * system open cannot end before that.
 */
static int end(void **state)
{
	int status = 0;

	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
		status = test_agent_stop(state);
		umount2(DIR, MNT_DETACH);
	}
	rmdir(DIR);
	return status;
}

static int setup(void **state)
{
	if (server > 0)
		client = client_connect(&test_agent);
	return 0;
}

static void need_fuse(void)
{
	if (server < 0)
		skip();
}

static void others_are_answered(void)
{
	int other = client_connect(&test_agent);

	client_ask(other, PING, "{\"return\":{}}");
	client_close(other);
	client_sync(client);
	client_ask(client, PING, "{\"return\":{}}");
}

static void client_says(const char *request)
{
	client_send(client, request, strlen(request));
}

/* Each test has one of its own.  Return: its handle. */
static int open_file(char name)
{
	char request[160];
	char *line;
	int handle;

	snprintf(request, sizeof(request),
		 FILE_CALL("open", "\"path\":\"" DIR "/%c\",\"mode\":\"r+\""),
		 name);
	client_says(request);
	line = client_line(client);
	if (sscanf(line, "{\"return\": %d}", &handle) != 1)
		fail_msg("%s", line);
	free(line);
	return handle;
}

/* @more: the members behind the handle. */
static void hangs(const char *command, int handle, const char *more)
{
	char request[160];
	char reply[160];

	snprintf(request, sizeof(request), FILE_CALL("%s", "\"handle\":%d%s"),
		 command, handle, more);
	client_says(request);
	others_are_answered();

	/* And so does nobody else who wants that file. */
	snprintf(request, sizeof(request),
		 FILE_CALL("read", "\"handle\":%d"), handle);
	snprintf(reply, sizeof(reply),
		 ERROR("handle '%d' is in use by another command"), handle);
	client_ask(client, request, reply);
}

static void open_that_hangs(void **state)
{
	need_fuse();
	client_says(FILE_CALL("open", "\"path\":\"" DIR "/lost\""));
	others_are_answered();
}

static void read_that_hangs(void **state)
{
	need_fuse();
	hangs("read", open_file('r'), "");
}

/* A reply of which a part is sent ends with its line; the next one is the sync's. */
static void reply_that_hangs(void **state)
{
	static const char begin[] = "{\"return\": {\"buf-b64\": \"AAAA";
	char got[sizeof(begin)] = "";
	char request[160];
	char *line;

	need_fuse();
	snprintf(request, sizeof(request), FILE_CALL("read",
		 "\"handle\":%d,\"count\":%d"), open_file('s'), SIZE);
	client_says(request);
	assert_int_equal(sizeof(begin) - 1, recv(client, got, sizeof(begin) - 1,
						 MSG_WAITALL));
	assert_string_equal(begin, got);

	client_says(PING PING "{\"execute\":\"guest-sync-delimited\","
		    "\"arguments\":{\"id\":5}}\n");
	line = client_line(client);
	assert_int_equal(strlen(line), strspn(line, "A"));
	free(line);
	line = client_line(client);
	assert_string_equal("\xff{\"return\": 5}", line);
	free(line);
	others_are_answered();
}

/* Whether the reply is begun when the sync is met is for the threads to say. */
static void sync_in_one_piece_with_what_it_voids(void **state)
{
	char request[320];
	char reply[40];
	char *line;
	bool last;
	int handle;
	int i;

	need_fuse();
	handle = open_file('t');
	for (i = 0; i < 100; i++) {
		snprintf(request, sizeof(request), FILE_CALL("read",
			 "\"handle\":%d,\"count\":%d") PING
			 "{\"execute\":\"guest-sync\",\"arguments\":{\"id\":%d}}"
			 FILE_CALL("seek", "\"handle\":%d,\"offset\":0,"
				   "\"whence\":0"),
			 handle, BEGINNING / 2, i, handle);
		client_says(request);
		snprintf(reply, sizeof(reply), "{\"return\": %d}", i);
		do {
			line = client_line(client);
			last = !strcmp(line, reply);
			free(line);
		} while (!last);
		/* Unless the file is still being read. */
		free(client_line(client));
	}
	others_are_answered();
}

static void write_that_hangs(void **state)
{
	need_fuse();
	hangs("write", open_file('w'), ",\"buf-b64\":\"eA==\"");
}

static void close_that_hangs(void **state)
{
	need_fuse();
	hangs("close", open_file('c'), "");
}

/* A memory checker looks at the program itself, and hangs as a whole. */
static void program_that_hangs(void **state)
{
	need_fuse();
	if (agent_is_wrapped())
		skip();
	client_says("{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"" DIR
		    "/program\",\"capture-output\":true,\"input-data\":\"eA==\"}}");
	others_are_answered();
}

/* Nor do they keep the place of those who are there. */
static void clients_that_do_not_wait_for_it(void **state)
{
	static const char request[] =
		FILE_CALL("open", "\"path\":\"" DIR "/lost\"");
	int other;
	int i;

	need_fuse();
	for (i = 0; i < 20; i++) {
		other = client_connect(&test_agent);
		client_send(other, request, strlen(request));
		client_close(other);
	}
	others_are_answered();
}

/* Each keeps a thread: there is a limit, and it is told. */
static void many_that_hang(void **state)
{
	static const char request[] =
		FILE_CALL("open", "\"path\":\"" DIR "/lost\"")
		"{\"execute\":\"guest-sync\",\"arguments\":{\"id\":7}}";
	bool told = false;
	char *line;
	int i;

	need_fuse();
	for (i = 0; i <= 32 && !told; i++) {
		client_says(request);
		line = client_line(client);
		told = strstr(line, "no more operations on files at a time");
		free(line);
	}
	assert_true(told);
	line = client_line(client);
	assert_string_equal("{\"return\": 7}", line);
	free(line);
	others_are_answered();
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, test_agent_end)
	const struct CMUnitTest tests[] = {
		TEST(open_that_hangs),
		TEST(read_that_hangs),
		TEST(sync_in_one_piece_with_what_it_voids),
		TEST(reply_that_hangs),
		TEST(write_that_hangs),
		TEST(close_that_hangs),
		TEST(program_that_hangs),
		TEST(clients_that_do_not_wait_for_it),
		TEST(many_that_hang),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
