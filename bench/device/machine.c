// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine.c - QEMU and the two vportemu that its guest has devices of
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"

/* Where programs find them, as their command lines say. */
enum { FD_PORT = 50, FD_LISTENER = 51 };

/* How long anything may take that happens at all, s. */
#define TIMEOUT		120

void die(const char *what)
{
	perror(what);
	exit(1);
}

static void make_ends(struct device *device)
{
	struct timeval timeout = { .tv_sec = TIMEOUT };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		die("socketpair");
	device->host = pair[0];
	device->port = pair[1];
	setsockopt(device->host, SOL_SOCKET, SO_RCVTIMEO, &timeout,
		   sizeof(timeout));
	setsockopt(device->host, SOL_SOCKET, SO_SNDTIMEO, &timeout,
		   sizeof(timeout));
}

static void make_listener(struct device *device, const char *dir)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", dir,
		 device->name);
	device->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (device->listener < 0 ||
	    bind(device->listener, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(device->listener, 1))
		die(addr.sun_path);
}

/* It goes when we do. */
static pid_t start(const char *const argv[], const struct device *device)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	dup2(device->port, FD_PORT);
	if (device->listener >= 0)
		dup2(device->listener, FD_LISTENER);
	/* What the guest prints is no part of the table. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(argv[0], (char *const *)argv);
	die(argv[0]);
}

static void start_vportemu(struct device *device, const char *program)
{
	char export[128], port[128];
	const char *argv[] = {
		program, "-chardev", "socket,id=flow,fd=50",
		"-device", "virtio-serial-pci,id=s0,max_ports=31",
		"-device", port, "--export", export, NULL
	};

	snprintf(port, sizeof(port), "virtserialport,chardev=flow,name=flow.%s",
		 device->name);
	snprintf(export, sizeof(export),
		 "type=%s,id=x0,device=s0,addr.type=fd,addr.str=%d",
		 device->name, FD_LISTENER);
	device->pid = start(argv, device);
}

void machine_start(struct machine *machine, const char *vportemu,
		   const char *dir, const char *const qemu[])
{
	static const char *const names[] = { "qemu", "vhost-user", "vfio-user" };
	struct device *device;
	unsigned int i;

	for (i = 0; i < NUM_DEVICES; i++) {
		device = &machine->devices[i];
		*device = (struct device){ .name = names[i], .listener = -1 };
		make_ends(device);
		if (i == QEMU)
			continue;
		make_listener(device, dir);
		start_vportemu(device, vportemu);
	}
	machine->qemu = start(qemu, &machine->devices[QEMU]);
	for (i = 0; i < NUM_DEVICES; i++)
		close(machine->devices[i].port);
}

static int reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int machine_end(struct machine *machine)
{
	unsigned int i;
	int status;

	for (i = 0; i < NUM_DEVICES; i++) {
		if (write(machine->devices[i].host, "end\n", 4) != 4)
			die("write");
	}
	status = reap(machine->qemu);
	for (i = 0; i < NUM_DEVICES; i++) {
		if (!machine->devices[i].pid)
			continue;
		kill(machine->devices[i].pid, SIGTERM);
		status |= reap(machine->devices[i].pid);
	}
	return status;
}
