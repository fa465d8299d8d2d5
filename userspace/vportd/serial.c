// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * serial.c - a handler on a serial port
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "handler.h"
#include "log.h"
#include "port.h"
#include "serial.h"

#define SERIAL_RETRY	(5 * 1000000ull)

struct serial {
	sd_event *event;
	struct port_setup setup;
	char *path;
	bool retry;
	struct port *port;
	sd_event_source *timer;
	int told;
};

static int serial_open(struct serial *serial);

static int serial_on_timer(sd_event_source *source, uint64_t usec,
			   void *userdata);

/* Return: 0 when it is tried again. */
static int serial_trouble(struct serial *serial, int err)
{
	port_destroy(serial->port);
	serial->port = NULL;
	if (!serial->retry) {
		log_err("%s: %s", serial->path, strerror(-err));
		return err;
	}

	if (serial->told != err)
		log_warn("%s: %s, trying again", serial->path, strerror(-err));
	serial->told = err;
	serial->timer = sd_event_source_disable_unref(serial->timer);
	sd_event_add_time_relative(serial->event, &serial->timer,
				   CLOCK_MONOTONIC, SERIAL_RETRY, 0,
				   serial_on_timer, serial);
	return 0;
}

static int serial_on_timer(sd_event_source *source, uint64_t usec,
			   void *userdata)
{
	serial_open(userdata);
	return 0;
}

static bool serial_event(void *source, uint32_t revents)
{
	return true;
}

static void serial_failed(void *source, int err)
{
	struct serial *serial = source;

	if (serial_trouble(serial, err))
		sd_event_exit(serial->event, EXIT_FAILURE);
}

/* A line that was hung up. */
static void serial_eof(void *source)
{
	serial_failed(source, -EIO);
}

static const struct port_source_ops serial_source_ops = {
	.event = serial_event,
	.eof = serial_eof,
	.failed = serial_failed,
};

/* 38400 bits per second, which is what hosts expect of a guest agent. */
static int set_raw(int fd)
{
	struct termios raw;

	if (tcgetattr(fd, &raw))
		return -errno;
	cfmakeraw(&raw);
	cfsetspeed(&raw, B38400);
	return tcsetattr(fd, TCSANOW, &raw) ? -errno : 0;
}

static int serial_open_port(struct serial *serial)
{
	int fd = open(serial->path,
		      O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	int err;

	if (fd < 0)
		return -errno;
	err = set_raw(fd);
	if (!err)
		err = port_create(serial->event, &serial->setup, fd,
				  &serial_source_ops, serial, &serial->port);
	if (err)
		close(fd);
	return err;
}

static int serial_open(struct serial *serial)
{
	int err = serial_open_port(serial);

	if (err)
		return serial_trouble(serial, err);
	serial->told = 0;
	log_info("%s: serving it with handler %s", serial->path,
		 serial->setup.handler->name);
	return 0;
}

int serial_create(sd_event *event, const char *path, bool retry,
		  const struct handler_ops *handler, struct serial **ret)
{
	struct serial *serial;
	int err;

	serial = calloc(1, sizeof(*serial));
	if (!serial)
		return -ENOMEM;

	serial->event = event;
	serial->setup.handler = handler;
	serial->retry = retry;
	serial->path = strdup(path);
	err = serial->path ? serial_open(serial) : -ENOMEM;
	if (err) {
		serial_destroy(serial);
		return err;
	}
	*ret = serial;
	return 0;
}

void serial_destroy(struct serial *serial)
{
	if (!serial)
		return;
	port_destroy(serial->port);
	sd_event_source_disable_unref(serial->timer);
	free(serial->path);
	free(serial);
}
