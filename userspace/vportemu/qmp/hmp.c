// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hmp.c - the monitor's commands for people, through human-monitor-command
 */

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "command.h"
#include "error.h"
#include "machine.h"
#include "opts.h"

/* Of one answer: `info qtree` of 511 ports is below 128 KiB. */
#define ANSWER_MAX	(16u << 20)

struct hmp_command {
	const char *name;
	const char *args;
	const char *help;
	/* @arg is what is behind the name, without blanks around it. */
	int (*handle)(struct machine *machine, char *arg, struct bytes *out,
		      struct error *error);
};

static const struct hmp_command commands[];

__attribute__((format(printf, 2, 3)))
static void print(struct bytes *out, const char *format, ...)
{
	char line[1024];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (len >= (int)sizeof(line))
		len = sizeof(line) - 1;
	bytes_append(out, line, len);
	bytes_append(out, "\r\n", 2);
}

/* Take the next word off. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");

	*rest = word + strcspn(word, " \t");
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static int hmp_help(struct machine *machine, char *arg, struct bytes *out,
		    struct error *error);

static void info_version(struct machine *machine, struct bytes *out)
{
	struct json_object *version = qmp_version(), *qemu, *part, *package;

	json_object_object_get_ex(version, "qemu", &qemu);
	json_object_object_get_ex(version, "package", &package);
	json_object_object_get_ex(qemu, "major", &part);
	print(out, "%s (behaves as QEMU %d)", json_object_get_string(package),
	      json_object_get_int(part));
	json_object_put(version);
}

static void info_status(struct machine *machine, struct bytes *out)
{
	bool prelaunch = !strcmp(machine_status(machine), "prelaunch");

	print(out, "VM status: %s%s",
	      machine_running(machine) ? "running" : "paused",
	      prelaunch ? " (prelaunch)" : "");
}

static void print_chardev(void *data, const char *label, const char *filename,
			  bool frontend_open)
{
	print(data, "%s: filename=%s", label, filename);
}

static void info_chardev(struct machine *machine, struct bytes *out)
{
	machine_visit_chardevs(machine, print_chardev, out);
}

static void info_name(struct machine *machine, struct bytes *out)
{
	if (machine_name(machine))
		print(out, "%s", machine_name(machine));
}

static void info_uuid(struct machine *machine, struct bytes *out)
{
	print(out, "%s", machine_uuid(machine));
}

struct qtree {
	struct machine *machine;
	struct bytes *out;
	const char *bus;
};

static void print_port(void *data, const struct machine_port *port)
{
	struct qtree *tree = data;
	struct bytes *out = tree->out;

	if (strcmp(port->bus, tree->bus))
		return;
	print(out, "    dev: %s, id \"%s\"", port->model, port->id ?: "");
	print(out, "      chardev = \"%s\"", port->chardev ?: "");
	print(out, "      nr = %u (0x%x)", port->nr, port->nr);
	print(out, "      name = \"%s\"", port->name ?: "");
	print(out, "      port %u, guest %s, host %s, throttle %s", port->nr,
	      port->guest_connected ? "on" : "off",
	      port->host_connected ? "on" : "off",
	      port->throttled ? "on" : "off");
}

static void print_device(void *data, const char *id, const char *bus)
{
	struct qtree *tree = data;

	print(tree->out, "dev: virtio-serial-device, id \"%s\"", id ?: "");
	print(tree->out, "  bus: %s", bus);
	print(tree->out, "    type virtio-serial-bus");
	tree->bus = bus;
	machine_visit_ports(tree->machine, print_port, tree);
}

static void info_qtree(struct machine *machine, struct bytes *out)
{
	struct qtree tree = { machine, out, NULL };

	machine_visit_devices(machine, print_device, &tree);
}

static void print_stats(void *data, const struct machine_port *port)
{
	print(data, "%s port %u: to host %" PRIu64 ", to guest %" PRIu64
	      ", dropped %" PRIu64 " bytes; throttled %" PRIu64
	      ", starved %" PRIu64 " times", port->bus, port->nr,
	      port->bytes_to_host, port->bytes_to_guest, port->bytes_dropped,
	      port->throttles, port->starvations);
}

static void info_serial_stats(struct machine *machine, struct bytes *out)
{
	machine_visit_ports(machine, print_stats, out);
}

static const struct {
	const char *name;
	const char *help;
	void (*print)(struct machine *machine, struct bytes *out);
} infos[] = {
	{ "chardev", "show the character devices", info_chardev },
	{ "name", "show the name", info_name },
	{ "qtree", "show devices and ports", info_qtree },
	{ "status", "show whether data flows", info_status },
	{ "uuid", "show the UUID", info_uuid },
	{ "version", "show the version", info_version },
	{ "virtio-serial", "show what ports have moved", info_serial_stats },
};

static int hmp_info(struct machine *machine, char *arg, struct bytes *out,
		    struct error *error)
{
	size_t i;

	for (i = 0; i < sizeof(infos) / sizeof(infos[0]); i++) {
		if (!*arg)
			print(out, "info %s  -- %s", infos[i].name,
			      infos[i].help);
		if (strcmp(infos[i].name, arg))
			continue;
		infos[i].print(machine, out);
		return 0;
	}
	if (*arg)
		print(out, "unknown command: 'info %s'", arg);
	return 0;
}

static int hmp_options(struct machine *machine, const char *arg,
		       const char *implied,
		       int (*add)(struct machine *machine,
				  const struct opts *opts,
				  struct error *error),
		       struct error *error)
{
	struct opts opts;
	int ret;

	ret = opts_parse(&opts, arg, implied, error);
	if (ret)
		return ret;
	ret = add(machine, &opts, error);
	opts_finish(&opts);
	return ret;
}

static int add_device(struct machine *machine, const struct opts *opts,
		      struct error *error)
{
	return machine_add_device(machine, opts, true, error);
}

static int hmp_device_add(struct machine *machine, char *arg, struct bytes *out,
			  struct error *error)
{
	return hmp_options(machine, arg, "driver", add_device, error);
}

static int hmp_device_del(struct machine *machine, char *arg, struct bytes *out,
			  struct error *error)
{
	return machine_remove_device(machine, arg, error);
}

/* A server that waits would make everybody wait. */
static int add_chardev(struct machine *machine, const struct opts *opts,
		       struct error *error)
{
	return machine_add_chardev(machine, opts, true, error);
}

static int hmp_chardev_add(struct machine *machine, char *arg,
			   struct bytes *out, struct error *error)
{
	return hmp_options(machine, arg, "backend", add_chardev, error);
}

static int hmp_chardev_remove(struct machine *machine, char *arg,
			      struct bytes *out, struct error *error)
{
	return machine_remove_chardev(machine, arg, error);
}

static int hmp_chardev_change(struct machine *machine, char *arg,
			      struct bytes *out, struct error *error)
{
	const char *id = next_word(&arg);
	char text[1024];

	snprintf(text, sizeof(text), "%s,id=%s", arg, id);
	return hmp_options(machine, text, "backend", machine_change_chardev,
			   error);
}

static int hmp_send_break(struct machine *machine, char *arg, struct bytes *out,
			  struct error *error)
{
	return machine_send_break(machine, arg, error);
}

static int hmp_ringbuf_read(struct machine *machine, char *arg,
			    struct bytes *out, struct error *error)
{
	const char *id = next_word(&arg), *size = next_word(&arg);
	size_t len, i;
	char *data;
	int ret;

	ret = machine_ringbuf_read(machine, id, strtoul(size, NULL, 0), &data,
				   &len, error);
	if (ret)
		return ret;
	for (i = 0; i < len; i++) {
		if (data[i] == '\n')
			bytes_append(out, "\r", 1);
		bytes_append(out, data + i, 1);
	}
	bytes_append(out, "\r\n", 2);
	free(data);
	return 0;
}

static int hmp_ringbuf_write(struct machine *machine, char *arg,
			     struct bytes *out, struct error *error)
{
	const char *id = next_word(&arg);

	return machine_ringbuf_write(machine, id, arg, strlen(arg), error);
}

static int hmp_stop(struct machine *machine, char *arg, struct bytes *out,
		    struct error *error)
{
	machine_set_running(machine, false);
	return 0;
}

static int hmp_cont(struct machine *machine, char *arg, struct bytes *out,
		    struct error *error)
{
	machine_set_running(machine, true);
	return 0;
}

static int hmp_quit(struct machine *machine, char *arg, struct bytes *out,
		    struct error *error)
{
	machine_shutdown(machine, "host-qmp-quit");
	return 0;
}

static int hmp_system_reset(struct machine *machine, char *arg,
			    struct bytes *out, struct error *error)
{
	machine_reset(machine, "host-qmp-system-reset");
	return 0;
}

static const struct hmp_command commands[] = {
	{ "chardev-add", "args", "add a character device", hmp_chardev_add },
	{ "chardev-change", "id args", "change a character device",
	  hmp_chardev_change },
	{ "chardev-remove", "id", "remove a character device",
	  hmp_chardev_remove },
	{ "chardev-send-break", "id", "send a break", hmp_send_break },
	{ "cont", "", "let data flow again", hmp_cont },
	{ "device_add", "driver[,prop=value][,...]", "add a port",
	  hmp_device_add },
	{ "device_del", "id", "remove a port", hmp_device_del },
	{ "help", "[cmd]", "show the help", hmp_help },
	{ "info", "[subcommand]", "show various information", hmp_info },
	{ "quit", "", "end the process", hmp_quit },
	{ "ringbuf_read", "device size", "read from a ring buffer",
	  hmp_ringbuf_read },
	{ "ringbuf_write", "device data", "write to a ring buffer",
	  hmp_ringbuf_write },
	{ "stop", "", "stop the flow of data", hmp_stop },
	{ "system_reset", "", "forget what drivers said", hmp_system_reset },
};

#define NUM_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static int hmp_help(struct machine *machine, char *arg, struct bytes *out,
		    struct error *error)
{
	size_t i;

	for (i = 0; i < NUM_COMMANDS; i++) {
		if (!*arg || !strcmp(arg, commands[i].name))
			print(out, "%s %s -- %s", commands[i].name,
			      commands[i].args, commands[i].help);
	}
	return 0;
}

static void trim_end(char *text)
{
	size_t len = strlen(text);

	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
}

static void run(struct machine *machine, char *line, struct bytes *out)
{
	const char *name = next_word(&line);
	struct error error;
	size_t i;

	line += strspn(line, " \t");
	for (i = 0; i < NUM_COMMANDS; i++) {
		if (!strcmp(commands[i].name, name))
			break;
	}
	if (i == NUM_COMMANDS) {
		if (*name)
			print(out, "unknown command: '%s'", name);
	} else if (*commands[i].args && *commands[i].args != '[' && !*line) {
		print(out, "%s: expected %s", name, commands[i].args);
	} else if (commands[i].handle(machine, line, out, &error)) {
		print(out, "Error: %s", error.text);
	}
}

int qmp_human_monitor_command(struct machine *machine,
			      struct json_object *args,
			      struct json_object **ret, struct error *error)
{
	char *line = strdup(qmp_arg_string(args, "command-line"));
	struct bytes out;

	if (!line)
		return error_set(error, -ENOMEM, "out of memory");

	bytes_init(&out, ANSWER_MAX);
	trim_end(line);
	run(machine, line, &out);
	*ret = json_object_new_string_len(bytes_len(&out) ?
					  (const char *)bytes_peek(&out) : "",
					  bytes_len(&out));
	bytes_finish(&out);
	free(line);
	return *ret ? 0 : error_set(error, -ENOMEM, "out of memory");
}
