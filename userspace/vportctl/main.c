// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vportctl - what a person types about virtio-serial ports
 */

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "streams.h"
#include "vportctl.h"

#define TIMEOUT_HELP \
	"\n" \
	"  -t, --timeout=SECONDS  how long to wait for each reply (5)\n"

static const struct subcommand subcommands[] = {
	{
		"agent", "[--timeout=SECONDS] PORT COMMAND [ARGUMENT]...",
		"talk to a guest agent: commands, files, programs",
		"Talk to the guest agent behind PORT, a unix socket, a character device\n"
		"or the name of a port of this machine.  COMMAND is one of\n"
		"\n"
		"  guest-... [JSON-ARGUMENTS]  any command of the agent; print what it\n"
		"                         returns as JSON\n"
		"  exec [--input] [--] PROGRAM [ARGUMENT]...\n"
		"                         run a program to its end; its output and exit\n"
		"                         status become ours (125: it was not run);\n"
		"                         --input: it gets our standard input\n"
		"  get FILE [LOCAL]       fetch a file (LOCAL -: to standard output)\n"
		"  put LOCAL FILE         send a file (LOCAL -: from standard input)\n"
		"  shell                  run lines of standard input as shell commands\n"
		TIMEOUT_HELP,
		run_agent,
	},
	{
		"cat", "[--follow] PORT",
		"print what comes from a port",
		"Copy what comes from PORT to standard output until the other side\n"
		"leaves, after waiting for it to come.\n"
		"\n"
		"  -f, --follow           go on when it comes again\n",
		run_cat,
	},
	{
		"list", "[--json]",
		"list the ports of this machine and their state",
		"List the virtio-serial ports of this machine: device, name, whether\n"
		"the host's and the guest's end is open, bytes received and sent, and\n"
		"the program that has it open (? for what cannot be known; it takes\n"
		"root, and for the bytes debugfs).\n"
		"\n"
		"  -j, --json             print JSON\n",
		run_list,
	},
	{
		"ping", "[--count=N] [--interval=SECONDS] [--timeout=SECONDS] PORT",
		"measure how fast a guest agent answers",
		"Send guest-ping to the guest agent behind PORT and print how long each\n"
		"answer takes.\n"
		"\n"
		"  -c, --count=N          how often (4)\n"
		"  -i, --interval=SECONDS  from an answer to the next ping (1)\n"
		"  -t, --timeout=SECONDS  how long to wait for each reply (5)\n",
		run_ping,
	},
	{
		"qmp", "[--timeout=SECONDS] SOCKET COMMAND [JSON-ARGUMENTS]",
		"send a command to a machine's monitor, print what it returns",
		"Send COMMAND to the QMP monitor behind SOCKET and print what it\n"
		"returns as JSON.  Events are skipped.\n"
		TIMEOUT_HELP,
		run_qmp,
	},
	{
		"send", "PORT [FILE]",
		"send a file or standard input to a port",
		"Copy FILE or standard input to PORT.  Where nobody is on the other\n"
		"side, wait.\n",
		run_send,
	},
	{
		"watch", "[--json]",
		"print what happens to the ports of this machine",
		"Print a line when a port is plugged, named or unplugged, when its host\n"
		"comes or leaves, when it is opened or closed and, once a second, when\n"
		"bytes were received or sent.  Ends with an interrupt.\n"
		"\n"
		"  -j, --json             print JSON objects, one a line\n",
		run_watch,
	},
	{ NULL },
};

static void print_help(void)
{
	const struct subcommand *sub;

	printf("Usage: vportctl SUBCOMMAND [ARGUMENT]...\n\n");
	for (sub = subcommands; sub->name; sub++)
		printf("  %-8s %s\n", sub->name, sub->summary);
	printf("\n"
	       "  -h, --help     print this text; after a subcommand, about it\n"
	       "  -V, --version  print the version\n");
}

static const struct subcommand *find(const char *name)
{
	const struct subcommand *sub;

	for (sub = subcommands; sub->name; sub++) {
		if (!strcmp(sub->name, name))
			return sub;
	}

	return NULL;
}

static bool is_option(const char *word, const char *shortly, const char *longly)
{
	return !strcmp(word, shortly) || !strcmp(word, longly);
}

static int run(int argc, char **argv)
{
	const struct subcommand *sub;

	if (argc < 2) {
		log_err("no subcommand, see vportctl --help");
		return EXIT_FAILURE;
	}
	if (is_option(argv[1], "-h", "--help")) {
		print_help();
		return EXIT_SUCCESS;
	}
	if (is_option(argv[1], "-V", "--version")) {
		printf("vportctl " VPORT_VERSION "\n");
		return EXIT_SUCCESS;
	}

	sub = find(argv[1]);
	if (!sub) {
		log_err("%s: unknown subcommand, see vportctl --help", argv[1]);
		return EXIT_FAILURE;
	}

	return sub->run(sub, argc - 1, argv + 1);
}

/* It has read all that it wanted, as in "vportctl list | head -1". */
static bool reader_is_gone(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}

int main(int argc, char **argv)
{
	int status;

	streams_open();
	log_init("vportctl");
	signal(SIGPIPE, SIG_IGN);
	status = run(argc, argv);

	if (streams_flush()) {
		if (!reader_is_gone())
			log_err("standard output: cannot write");
		return EXIT_FAILURE;
	}
	return status;
}
