// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage.c - what --help prints
 */

#include <stdio.h>

#include "config.h"
#include "options.h"

static const char vportd_usage[] =
"Usage: vportd [OPTION]...\n"
"Serve the virtio-serial ports of this machine.\n"
"\n"
"Ports are served as " CONFIG_FILE " says, see vportd.conf(5).  Without it,\n"
"those named org.qemu.guest_agent.N are served with the QEMU guest agent\n"
"protocol, and others are left alone.  With a method other than virtio-serial\n"
"or with a path the guest agent is all that is served.\n"
"\n";

static const char qemu_ga_usage[] =
"Usage: qemu-ga [-m <method> -p <path>] [<options>]\n"
"QEMU Guest Agent %s (vportd " VPORT_VERSION ")\n"
"\n";

static const char options_usage[] =
"  -m, --method=METHOD  virtio-serial (the default), isa-serial, unix-listen\n"
"                         or vsock-listen\n"
"  -p, --path=PATH      virtio-serial: a port, by its node or a link to it;\n"
"                       isa-serial: a serial port (/dev/ttyS0);\n"
"                       unix-listen: a socket;\n"
"                       vsock-listen: <cid>:<port>\n"
"  -r, --retry-path     wait for a path that is not there\n"
"  -c, --config=FILE    read this in place of " QGA_CONF_FILE "\n"
"  -b, --block-rpcs=LIST  forbid these commands; \"help\" lists all\n"
"  -a, --allow-rpcs=LIST  forbid all others; \"help\" lists all\n"
"  -F, --fsfreeze-hook[=PATH]  run this around a freeze of file systems\n"
"                         (" AGENT_FREEZE_HOOK ")\n"
"  -t, --statedir=DIR   where to keep the agent's state (/run)\n"
"  -l, --logfile=FILE   log there and not to standard error\n"
"  -d, --daemonize      go to the background when all is ready\n"
"  -f, --pidfile=FILE   write the process id there (with -d:\n"
"                         /var/run/qemu-ga.pid)\n"
"  -D, --dump-conf      print all of this as " QGA_CONF_FILE " has it\n"
"  -v, --verbose        say what happens\n"
"  -V, --version        print the version\n"
"  -h, --help           print this text\n";

static const char own_usage[] =
"      --conf=FILE      read this in place of " CONFIG_FILE "\n"
"      --check-conf     say whether the configuration is valid, and exit\n"
"      --agent-version=VERSION  what guest-info tells (11.1.3)\n"
"      --helper=PATH    the program that does what may take time\n"
"      --hook-timeout=SECONDS  what a run of the fsfreeze hook may take (600)\n"
"      --reply-max=SIZE  bytes of data in a reply, at most; 7M suits libvirt\n";

void usage_print(bool as_qemu_ga, const char *agent_version)
{
	if (as_qemu_ga)
		printf(qemu_ga_usage, agent_version);
	else
		fputs(vportd_usage, stdout);
	fputs(options_usage, stdout);
	fputs(own_usage, stdout);
}
