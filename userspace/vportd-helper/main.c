// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vportd-helper - runs for vportd what may take time
 *
 * Standard input is a socket of sequenced packets.  Each is a request, which is
 * one JSON object, or a NUL, and brings the end of a pipe, which gets the reply,
 * another one, and where it is a NUL a file with the request.  Every request is
 * run by a process of its own (pool.c), so that one that hangs (a dead server's
 * file system, a hook) or dies keeps nobody from his reply; the pipe's end of file
 * tells that there will be none.
 *
 * Trust
 * -----
 *
 * The socket is the daemon's, but what is in the arguments came from the host.
 */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "job.h"
#include "log.h"
#include "pool.h"
#include "streams.h"

/* In a file, and in a message. */
#define REQUEST_MAX	(64u << 20)
#define REQUEST_SHORT	4096

/* In front of the system's files. */
static const char *root = "";

static const struct job_command commands[] = {
	{ "guest-fsfreeze-freeze", job_freeze },
	{ "guest-fsfreeze-hook", job_freeze_hook },
	{ "guest-fsfreeze-thaw", job_thaw },
	{ "guest-fstrim", job_fstrim },
	{ "guest-get-disks", job_get_disks },
	{ "guest-get-fsinfo", job_get_fsinfo },
	{ "guest-set-memory-blocks", job_set_memory_blocks },
	{ "guest-set-time", job_set_time },
	{ "guest-set-user-password", job_set_user_password },
	{ "guest-set-vcpus", job_set_vcpus },
	{ "guest-shutdown", job_shutdown },
	{ "guest-ssh-add-authorized-keys", job_ssh_add },
	{ "guest-ssh-get-authorized-keys", job_ssh_get },
	{ "guest-ssh-remove-authorized-keys", job_ssh_remove },
	{ "guest-suspend-disk", job_suspend_disk },
	{ "guest-suspend-hybrid", job_suspend_hybrid },
	{ "guest-suspend-ram", job_suspend_ram },
	{ NULL },
};

static const struct job_command *find_command(const char *name)
{
	const struct job_command *command;

	for (command = commands; command->name; command++) {
		if (!strcmp(command->name, name))
			return command;
	}

	return NULL;
}

/* What came over the socket. */
struct message {
	char text[REQUEST_SHORT + 1];
	int fds[2];		/* the pipe, and a file or -1 */
};

/* Return: the object in the message or its file, or NULL. */
static struct json_object *read_request(const struct message *message)
{
	struct json_object *request = NULL;
	int file = message->fds[1];
	struct stat st;
	char *text;

	if (file < 0)
		return json_tokener_parse(message->text);
	if (fstat(file, &st) || st.st_size > REQUEST_MAX)
		return NULL;
	text = calloc(1, st.st_size + 1);
	if (text && pread(file, text, st.st_size, 0) == st.st_size)
		request = json_tokener_parse(text);
	free(text);
	return request;
}

/* The text is followed by a NUL, which is sent as the sign of its end. */
static void write_reply(int pipe, struct json_object *reply)
{
	const char *text = json_object_to_json_string(reply);
	size_t len = strlen(text) + 1;
	ssize_t n;

	while (len) {
		n = write(pipe, text, len);
		if (n < 0)
			return;		/* nobody waits for it any more */
		text += n;
		len -= n;
	}
}

static struct json_object *make_reply(const struct job *job, int err)
{
	struct json_object *reply = json_object_new_object();
	const char *text = job->error ? job->error : strerror(-err);

	if (err)
		json_object_object_add(reply, "error",
				       json_object_new_string(text));
	else
		json_object_object_add(reply, "return", job->result ?
				       job->result : json_object_new_object());
	return reply;
}

/* Return: whether the process can do another one. */
static bool run_job(const struct message *message)
{
	struct json_object *request = read_request(message);
	const struct job_command *command;
	struct json_object *reply;
	struct json_object *hook;
	struct job job = { .root = root };

	command = find_command(json_object_get_string(
		json_object_object_get(request, "execute")) ?: "");
	if (command) {
		job.args = json_object_object_get(request, "arguments");
		if (json_object_object_get_ex(request, "hook", &hook))
			job.hook = json_object_get_string(hook);
		job.hook_seconds = json_object_get_int(
			json_object_object_get(request, "hook-seconds"));
		reply = make_reply(&job, command->run(&job));
		write_reply(message->fds[0], reply);
		json_object_put(reply);
		free(job.error);
	}
	json_object_put(request);
	return !job.changed;
}

/* Return: whether one came; -errno at the socket's end. */
static int receive(struct message *message)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec iov = { message->text, REQUEST_SHORT };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	size_t len;
	ssize_t n;

	n = recvmsg(STDIN_FILENO, &msg, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!n && !cmsg)
		return -EPIPE;
	len = cmsg ? cmsg->cmsg_len - CMSG_LEN(0) : 0;
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS ||
	    (len != sizeof(int) && len != 2 * sizeof(int)))
		return -EPROTO;

	message->text[n] = '\0';
	message->fds[1] = -1;
	memcpy(message->fds, CMSG_DATA(cmsg), len);
	return 1;
}

/* One request.  Return: whether the process can do another one. */
static bool serve(void)
{
	static struct message message;
	bool again;
	int ret;

	ret = receive(&message);
	if (ret < 0 && ret != -EPIPE)
		log_err("standard input: %s; vportd starts this program by itself",
			strerror(-ret));
	if (ret <= 0)
		return !ret;

	pool_taken();
	again = run_job(&message);
	close(message.fds[0]);
	if (message.fds[1] >= 0)
		close(message.fds[1]);
	return again;
}

static const char help[] =
"Usage: vportd-helper [OPTION]...\n"
"Run commands of the guest agent that may take time; started by vportd, with a\n"
"socket as standard input.\n"
"\n"
"      --root=DIR  look for the system's files and programs in DIR\n"
"  -V, --version   print the version\n"
"  -h, --help      print this text\n";

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "root", required_argument, NULL, 'r' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL },
};

/* Return: exit status. */
static int print(const char *text)
{
	fputs(text, stdout);
	if (!streams_flush())
		return EXIT_SUCCESS;
	log_err("standard output: cannot write");
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	int err;
	int c;

	streams_open();
	log_init("vportd-helper");
	while ((c = getopt_long(argc, argv, "hV", long_options, NULL)) >= 0) {
		switch (c) {
		case 'h':
			return print(help);
		case 'V':
			return print("vportd-helper " VPORT_VERSION "\n");
		case 'r':
			root = optarg;
			break;
		default:
			return EXIT_FAILURE;
		}
	}

	if (optind < argc) {
		log_err("%s: unexpected argument, see --help", argv[optind]);
		return EXIT_FAILURE;
	}
	signal(SIGPIPE, SIG_IGN);
	err = pool_run(STDIN_FILENO, serve);
	if (err)
		log_err("%s", strerror(-err));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
