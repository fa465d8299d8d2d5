// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * option_table.c - the options of the command line, and what the simple ones do
 */

#include <stdio.h>
#include <string.h>

#include "chardev.h"
#include "cmdline.h"
#include "option.h"
#include "option_build.h"
#include "sandbox.h"
#include "trace_option.h"

static int scan_help(struct cmdline *cmdline, const char *arg,
		     struct error *error);

static int scan_version(struct cmdline *cmdline, const char *arg,
			struct error *error)
{
	printf("vportemu " VPORT_VERSION "\n");
	cmdline->done = true;
	return 0;
}

static int scan_capabilities(struct cmdline *cmdline, const char *arg,
			     struct error *error)
{
	printf("{\"type\": \"console\", \"features\": []}\n");
	cmdline->done = true;
	return 0;
}

static int scan_pidfile(struct cmdline *cmdline, const char *arg,
			struct error *error)
{
	cmdline->pidfile = arg;
	return 0;
}

static int scan_daemonize(struct cmdline *cmdline, const char *arg,
			  struct error *error)
{
	cmdline->daemonize = true;
	chardev_stdio_forbid();
	return 0;
}

static int scan_sandbox(struct cmdline *cmdline, const char *arg,
			struct error *error)
{
	bool on = true;
	int ret;

	ret = sandbox_parse(arg, &on, error);
	cmdline->no_sandbox = !on;
	return ret;
}

static int scan_run_with(struct cmdline *cmdline, const char *arg,
			 struct error *error)
{
	return process_run_with(&cmdline->process, arg, error);
}

/* -chroot and -runas are what -run-with was before QEMU 9.1. */
static int scan_chroot(struct cmdline *cmdline, const char *arg,
		       struct error *error)
{
	return process_set_root(&cmdline->process, arg, error);
}

static int scan_runas(struct cmdline *cmdline, const char *arg,
		      struct error *error)
{
	return process_run_as(&cmdline->process, arg, error);
}

static int scan_stopped(struct cmdline *cmdline, const char *arg,
			struct error *error)
{
	cmdline->stopped = true;
	return 0;
}

/* Everything that -nodefaults would leave out is not there to begin with. */
static int scan_nodefaults(struct cmdline *cmdline, const char *arg,
			   struct error *error)
{
	return 0;
}

static const struct option options[] = {
	{ "chardev", "BACKEND,id=ID[,...]",
	  "add a character device; `-chardev help` lists them",
	  STAGE_CHARDEV, true, .build = build_chardev },
	{ "device", "MODEL[,PROPERTY=VALUE...]",
	  "add a device or port; `-device help` and `-device MODEL,help`",
	  STAGE_DEVICE, true, .build = build_device },
	{ "export", "TYPE,id=ID,device=ID,addr.type=unix,addr.path=PATH",
	  "offer a device to a VMM; TYPE is vfio-user or vhost-user", STAGE_EXPORT, true,
	  .build = build_export },
	{ "socket-path", "PATH", "the same for the only device, over vhost-user",
	  STAGE_EXPORT, .build = build_socket_path },
	{ "fd", "NUMBER", "the same on a descriptor that was passed",
	  STAGE_EXPORT, .build = build_fd },
	{ "mon", "chardev=ID[,mode=readline|control][,pretty=on]",
	  "a monitor on a character device, for people or (control) QMP",
	  STAGE_MONITOR, true, .build = build_mon },
	{ "monitor", "stdio|unix:PATH[,...]|tcp:HOST:PORT[,...]|chardev:ID|...",
	  "the same in short, for people", STAGE_MONITOR,
	  .build = build_monitor },
	{ "qmp", "DEVICE", "the same with QMP", STAGE_MONITOR,
	  .build = build_qmp },
	{ "metrics", "addr.type=unix,addr.path=PATH",
	  "serve OpenMetrics over HTTP", STAGE_MONITOR, true,
	  .build = build_metrics },
	{ "echr", "CODE",
	  "character that begins a command to a mux (default: 1, Ctrl-a)",
	  STAGE_SETTINGS, .build = build_echr },
	{ "qmp-pretty", "DEVICE", "the same, one member a line",
	  STAGE_MONITOR, .build = build_qmp_pretty },
	{ "add-fd", "fd=FD,set=SET[,opaque=TEXT]",
	  "put a descriptor into a set, to be opened as /dev/fdset/SET",
	  STAGE_SETTINGS, true, .build = build_add_fd },
	{ "global", "DRIVER.PROPERTY=VALUE",
	  "give a property to all devices of a type", STAGE_SETTINGS, true,
	  .build = build_global },
	{ "name", "NAME", "what query-name says", STAGE_SETTINGS, true,
	  .build = build_name },
	{ "uuid", "UUID", "what query-uuid says", STAGE_SETTINGS,
	  .build = build_uuid },
	{ "msg", "[timestamp=on|off][,guest-name=on|off]",
	  "begin messages with the time, and with the name of -name",
	  STAGE_SETTINGS, true, .build = build_msg },
	{ "object", "monitor-qmp|monitor-hmp,id=ID,chardev=ID",
	  "a monitor, as an object that can be taken away", STAGE_MONITOR, true,
	  .build = build_object },
	{ "trace", "[[enable=]PATTERN][,events=FILE][,file=FILE]",
	  "tell what happens; `-trace help` lists what can be told",
	  STAGE_SETTINGS, true, .build = build_trace },
	{ "d", "trace:PATTERN[,...]", "the same", STAGE_SETTINGS,
	  .build = build_log_items },
	{ "D", "FILE", "tell it in a file", STAGE_SETTINGS,
	  .build = build_log_file },
	{ "S", NULL, "do not let data flow until `cont`", STAGE_SCAN,
	  .scan = scan_stopped },
	{ "nodefaults", NULL, "for command lines of QEMU: there are none",
	  STAGE_SCAN, .scan = scan_nodefaults },
	{ "no-user-config", NULL, "the same: there are no such files",
	  STAGE_SCAN, .scan = scan_nodefaults },
	{ "sandbox", "on|off",
	  "let the kernel do only what is needed from the start on (default: on)",
	  STAGE_SCAN, .group = true, .scan = scan_sandbox },
	{ "run-with", "[chroot=DIR][,user=USER][,exit-with-parent=on|off]",
	  "whose the process is, where it lives and how long", STAGE_SCAN,
	  true, scan_run_with },
	{ "chroot", "DIR", "the same as -run-with chroot=DIR", STAGE_SCAN,
	  .scan = scan_chroot },
	{ "runas", "USER", "the same as -run-with user=USER", STAGE_SCAN,
	  .scan = scan_runas },
	{ "readconfig", "FILE", "read options from a file", STAGE_SCAN,
	  .scan = cmdline_read },
	{ "set", "GROUP.ID.KEY=VALUE", "add to an option with that id",
	  STAGE_SCAN, .scan = cmdline_set },
	{ "pidfile", "FILE", "write the process id to a file", STAGE_SCAN,
	  .scan = scan_pidfile },
	{ "daemonize", NULL, "go to the background when all is ready",
	  STAGE_SCAN, .scan = scan_daemonize },
	{ "print-capabilities", NULL,
	  "say what this vhost-user back-end is, and exit", STAGE_SCAN,
	  .scan = scan_capabilities },
	{ "version", NULL, "say which version this is, and exit", STAGE_SCAN,
	  .scan = scan_version },
	{ "help", NULL, "show this list, and exit", STAGE_SCAN, .scan = scan_help },
	{ "h", NULL, NULL, STAGE_SCAN, .scan = scan_help },
};

#define NUM_OPTIONS	(sizeof(options) / sizeof(options[0]))

static int scan_help(struct cmdline *cmdline, const char *arg,
		     struct error *error)
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

const struct option *option_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NUM_OPTIONS; i++) {
		if (strlen(options[i].name) == len &&
		    !strncmp(options[i].name, name, len))
			return &options[i];
	}
	return NULL;
}
