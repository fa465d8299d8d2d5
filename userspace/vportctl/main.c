// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vportctl - what a person types about virtio-serial ports
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "vportctl.h"

#define TIMEOUT_HELP \
	"\n" \
	"  -t, --timeout=SECONDS  how long to wait for each reply (5)\n"

static const struct subcommand subcommands[] = {
	{
		"agent", "[--timeout=SECONDS] SOCKET COMMAND [JSON-ARGUMENTS]",
		"send a command to a guest agent, print what it returns",
		"Send COMMAND to the guest agent behind SOCKET, a unix socket or a\n"
		"character device, and print what it returns as JSON.\n"
		TIMEOUT_HELP,
		run_agent,
	},
	{
		"list", "[--json]",
		"list the ports of this machine and their state",
		"List the virtio-serial ports of this machine: device, name, and\n"
		"whether the host's and the guest's end is open (? if not known,\n"
		"which takes root and debugfs).\n"
		"\n"
		"  -j, --json             print JSON\n",
		run_list,
	},
	{
		"qmp", "[--timeout=SECONDS] SOCKET COMMAND [JSON-ARGUMENTS]",
		"send a command to a machine's monitor, print what it returns",
		"Send COMMAND to the QMP monitor behind SOCKET and print what it\n"
		"returns as JSON.  Events are skipped.\n"
		TIMEOUT_HELP,
		run_qmp,
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

int main(int argc, char **argv)
{
	int status;

	log_init("vportctl");
	signal(SIGPIPE, SIG_IGN);
	status = run(argc, argv);

	/* A full disk under the output is a failure, too. */
	if (fflush(stdout) || ferror(stdout)) {
		log_err("standard output: cannot write");
		return EXIT_FAILURE;
	}
	return status;
}
