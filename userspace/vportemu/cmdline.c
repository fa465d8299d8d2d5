// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmdline.c - the command line
 *
 * Options are QEMU's, and as there `-x` and `--x` are the same.  As there, too,
 * things are made in the order in which they need each other, whatever their
 * order on the line: character devices, monitors, devices, exports.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "chardev.h"
#include "cmdline.h"
#include "device.h"
#include "error.h"
#include "log.h"
#include "machine.h"
#include "option_build.h"
#include "opts.h"
#include "sandbox.h"

enum stage {
	STAGE_SCAN,		/* acted upon when first seen */
	STAGE_SETTINGS,
	STAGE_CHARDEV,
	STAGE_MONITOR,
	STAGE_DEVICE,
	STAGE_EXPORT,
	NUM_STAGES
};

struct option {
	const char *name;
	const char *argument;	/* for help; NULL: takes none */
	const char *help;
	enum stage stage;

	/* For STAGE_SCAN; @arg is NULL for an option without argument. */
	int (*scan)(struct cmdline *cmdline, const char *arg);

	/* For the others. */
	int (*build)(struct machine *machine, const char *arg,
		     struct error *error);
};

static const struct option options[];

static int scan_help(struct cmdline *cmdline, const char *arg);

static int scan_version(struct cmdline *cmdline, const char *arg)
{
	printf("vportemu " VPORT_VERSION "\n");
	cmdline->done = true;
	return 0;
}

static int scan_capabilities(struct cmdline *cmdline, const char *arg)
{
	printf("{\"type\": \"console\", \"features\": []}\n");
	cmdline->done = true;
	return 0;
}

static int scan_pidfile(struct cmdline *cmdline, const char *arg)
{
	cmdline->pidfile = arg;
	return 0;
}

static int scan_daemonize(struct cmdline *cmdline, const char *arg)
{
	cmdline->daemonize = true;
	chardev_stdio_forbid();
	return 0;
}

static int scan_sandbox(struct cmdline *cmdline, const char *arg)
{
	struct error error;
	bool on = true;
	int ret;

	ret = sandbox_parse(arg, &on, &error);
	if (ret)
		log_err("-sandbox %s: %s", arg, error.text);
	cmdline->no_sandbox = !on;
	return ret;
}

static int scan_stopped(struct cmdline *cmdline, const char *arg)
{
	cmdline->stopped = true;
	return 0;
}

/* Everything that -nodefaults would leave out is not there to begin with. */
static int scan_nodefaults(struct cmdline *cmdline, const char *arg)
{
	return 0;
}

static const struct option options[] = {
	{ "chardev", "BACKEND,id=ID[,...]",
	  "add a character device; `-chardev help` lists them",
	  STAGE_CHARDEV, .build = build_chardev },
	{ "device", "MODEL[,PROPERTY=VALUE...]",
	  "add a device or port; `-device help` and `-device MODEL,help`",
	  STAGE_DEVICE, .build = build_device },
	{ "export", "TYPE,id=ID,device=ID,addr.type=unix,addr.path=PATH",
	  "offer a device to a VMM; TYPE is vhost-user", STAGE_EXPORT,
	  .build = build_export },
	{ "socket-path", "PATH", "the same for the only device, over vhost-user",
	  STAGE_EXPORT, .build = build_socket_path },
	{ "fd", "NUMBER", "the same on a descriptor that was passed",
	  STAGE_EXPORT, .build = build_fd },
	{ "mon", "chardev=ID[,mode=readline|control][,pretty=on]",
	  "a monitor on a character device, for people or (control) QMP",
	  STAGE_MONITOR, .build = build_mon },
	{ "monitor", "stdio|unix:PATH[,...]|tcp:HOST:PORT[,...]|chardev:ID|...",
	  "the same in short, for people", STAGE_MONITOR,
	  .build = build_monitor },
	{ "qmp", "DEVICE", "the same with QMP", STAGE_MONITOR,
	  .build = build_qmp },
	{ "metrics", "addr.type=unix,addr.path=PATH",
	  "serve OpenMetrics over HTTP", STAGE_MONITOR,
	  .build = build_metrics },
	{ "echr", "CODE",
	  "character that begins a command to a mux (default: 1, Ctrl-a)",
	  STAGE_SETTINGS, .build = build_echr },
	{ "qmp-pretty", "DEVICE", "the same, one member a line",
	  STAGE_MONITOR, .build = build_qmp_pretty },
	{ "add-fd", "fd=FD,set=SET[,opaque=TEXT]",
	  "put a descriptor into a set, to be opened as /dev/fdset/SET",
	  STAGE_SETTINGS, .build = build_add_fd },
	{ "name", "NAME", "what query-name says", STAGE_SETTINGS,
	  .build = build_name },
	{ "uuid", "UUID", "what query-uuid says", STAGE_SETTINGS,
	  .build = build_uuid },
	{ "msg", "timestamp=on|off", "begin messages with the time",
	  STAGE_SETTINGS, .build = build_msg },
	{ "object", "monitor-qmp|monitor-hmp,id=ID,chardev=ID",
	  "a monitor, as an object that can be taken away", STAGE_MONITOR,
	  .build = build_object },
	{ "S", NULL, "do not let data flow until `cont`", STAGE_SCAN,
	  scan_stopped },
	{ "nodefaults", NULL, "for command lines of QEMU: there are none",
	  STAGE_SCAN, scan_nodefaults },
	{ "no-user-config", NULL, "the same: there are no such files",
	  STAGE_SCAN, scan_nodefaults },
	{ "sandbox", "on|off",
	  "let the kernel do only what is needed from the start on (default: on)",
	  STAGE_SCAN, scan_sandbox },
	{ "pidfile", "FILE", "write the process id to a file", STAGE_SCAN,
	  scan_pidfile },
	{ "daemonize", NULL, "go to the background when all is ready",
	  STAGE_SCAN, scan_daemonize },
	{ "print-capabilities", NULL,
	  "say what this vhost-user back-end is, and exit", STAGE_SCAN,
	  scan_capabilities },
	{ "version", NULL, "say which version this is, and exit", STAGE_SCAN,
	  scan_version },
	{ "help", NULL, "show this list, and exit", STAGE_SCAN, scan_help },
	{ "h", NULL, NULL, STAGE_SCAN, scan_help },
};

#define NUM_OPTIONS	(sizeof(options) / sizeof(options[0]))

static int scan_help(struct cmdline *cmdline, const char *arg)
{
	size_t i;

	printf("Usage: vportemu OPTION...\n"
	       "A virtio-serial device in a process of its own, with the words of QEMU.\n\n");
	for (i = 0; i < NUM_OPTIONS; i++) {
		if (options[i].help)
			printf("-%s %s\n\t%s\n", options[i].name,
			       options[i].argument ?: "", options[i].help);
	}
	printf("\nA console and a port for a guest agent, for user-mode Linux:\n\n"
	       "  vportemu -device virtio-serial-pci,id=virtio-serial0,max_ports=2 \\\n"
	       "    -chardev socket,id=agent,path=/tmp/agent.sock,server=on,wait=off \\\n"
	       "    -device virtserialport,chardev=agent,name=org.qemu.guest_agent.0 \\\n"
	       "    --export vhost-user,id=x0,device=virtio-serial0,addr.type=unix,addr.path=/tmp/vu.sock\n"
	       "  linux.uml virtio_uml.device=/tmp/vu.sock:3:1 ...\n");
	cmdline->done = true;
	return 0;
}

static const struct option *find_option(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NUM_OPTIONS; i++) {
		if (strlen(options[i].name) == len &&
		    !strncmp(options[i].name, name, len))
			return &options[i];
	}
	return NULL;
}

/*
 * Take the option at @at.  `--x=y` is one with its argument.
 * Return: index of the next, -EINVAL.
 */
static int next_option(const struct cmdline *cmdline, int at,
		       const struct option **ret, const char **ret_arg)
{
	const char *text = cmdline->argv[at];
	const char *name = text + 1 + (text[0] == '-' && text[1] == '-');
	size_t len = strcspn(name, "=");

	if (*text != '-') {
		log_err("%s: expected an option", text);
		return -EINVAL;
	}
	*ret = find_option(name, len);
	*ret_arg = NULL;
	if (!*ret || (name[len] && (text[1] != '-' || !(*ret)->argument))) {
		log_err("%s: invalid option", text);
		return -EINVAL;
	}
	if (!(*ret)->argument)
		return at + 1;
	if (name[len]) {
		*ret_arg = name + len + 1;
		return at + 1;
	}
	if (at + 1 == cmdline->argc) {
		log_err("%s: requires an argument", text);
		return -EINVAL;
	}
	*ret_arg = cmdline->argv[at + 1];
	return at + 2;
}

static bool asks_for_help(const char *arg)
{
	return arg && (!strcmp(arg, "help") || !strcmp(arg, "?"));
}

static void print_backends(void)
{
	const struct chardev_ops *const *ops;

	printf("Available chardev backend types:\n");
	for (ops = chardev_backends; *ops; ops++) {
		printf("%s\n", (*ops)->name);
		opts_print_help(stdout, (*ops)->options);
		opts_print_help(stdout, chardev_common_options);
		opts_print_help(stdout, chardev_mux_option);
	}
}

/* `-device help`, `-device MODEL,help`, `-chardev help`. */
static bool scan_argument(const struct option *option, const char *arg)
{
	const char *comma = strrchr(arg, ',');
	char model[64];

	if (option->stage == STAGE_CHARDEV && asks_for_help(arg)) {
		print_backends();
		return true;
	}
	if (option->stage != STAGE_DEVICE)
		return false;
	if (asks_for_help(arg)) {
		device_print_models(stdout);
		return true;
	}
	if (!comma || !asks_for_help(comma + 1))
		return false;

	snprintf(model, sizeof(model), "%.*s", (int)(comma - arg), arg);
	return !device_print_help(stdout, model);
}

int cmdline_scan(struct cmdline *cmdline, int argc, char **argv)
{
	const struct option *option;
	const char *arg;
	int at = 1, ret = 0;

	*cmdline = (struct cmdline) { .argc = argc, .argv = argv };
	while (at < argc && !cmdline->done && !ret) {
		at = next_option(cmdline, at, &option, &arg);
		if (at < 0)
			return at;
		if (option->scan)
			ret = option->scan(cmdline, arg);
		else if (scan_argument(option, arg))
			cmdline->done = true;
	}
	return ret;
}

int cmdline_build(const struct cmdline *cmdline, struct machine *machine)
{
	const struct option *option;
	struct error error;
	enum stage stage;
	const char *arg;
	int at, ret;

	for (stage = STAGE_SETTINGS; stage < NUM_STAGES; stage++) {
		for (at = 1; at < cmdline->argc;) {
			at = next_option(cmdline, at, &option, &arg);
			if (at < 0)
				return at;
			if (option->stage != stage)
				continue;
			ret = option->build(machine, arg, &error);
			if (ret) {
				log_err("-%s %s: %s", option->name, arg,
					error.text);
				return ret;
			}
		}
	}
	return 0;
}
