// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hmp.c - the monitor's commands for people, through human-monitor-command
 */

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "command.h"
#include "error.h"
#include "hmp.h"
#include "machine.h"
#include "opts.h"

struct hmp_command {
	const char *name;
	const char *args;
	const char *help;
	/* @arg is what is behind the name, without blanks around it. */
	int (*handle)(struct machine *machine, char *arg, struct bytes *out,
		      struct error *error);
};

static int hmp_help(struct machine *machine, char *arg, struct bytes *out,
		    struct error *error);

void hmp_print(struct bytes *out, const char *format, ...)
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

static int hmp_info_command(struct machine *machine, char *arg,
			    struct bytes *out, struct error *error)
{
	hmp_info(machine, arg, out);
	return 0;
}

static int add_device(struct machine *machine, const struct opts *opts,
		      struct error *error)
{
	return machine_add_device(machine, opts, true, error);
}

static int hmp_device_add(struct machine *machine, char *arg, struct bytes *out,
			  struct error *error)
{
	return machine_from_text(machine, arg, "driver", add_device, error);
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
	return machine_from_text(machine, arg, "backend", add_chardev, error);
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
	return machine_from_text(machine, text, "backend", machine_change_chardev,
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

static int hmp_trace_event(struct machine *machine, char *arg,
			   struct bytes *out, struct error *error)
{
	const char *name = next_word(&arg), *how = next_word(&arg);
	bool on = !strcmp(how, "on");

	if (!on && strcmp(how, "off"))
		return error_set(error, -EINVAL, "Expected 'on' or 'off'");
	return machine_enable_traces(name, on, error);
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
	{ "info", "[subcommand]", "show various information",
	  hmp_info_command },
	{ "quit", "", "end the process", hmp_quit },
	{ "ringbuf_read", "device size", "read from a ring buffer",
	  hmp_ringbuf_read },
	{ "ringbuf_write", "device data", "write to a ring buffer",
	  hmp_ringbuf_write },
	{ "stop", "", "stop the flow of data", hmp_stop },
	{ "system_reset", "", "forget what drivers said", hmp_system_reset },
	{ "trace-event", "name on|off", "tell of what happens, or no longer",
	  hmp_trace_event },
};

#define NUM_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static int hmp_help(struct machine *machine, char *arg, struct bytes *out,
		    struct error *error)
{
	size_t i;

	for (i = 0; i < NUM_COMMANDS; i++) {
		if (!*arg || !strcmp(arg, commands[i].name))
			hmp_print(out, "%s %s -- %s", commands[i].name,
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

void hmp_execute(struct machine *machine, char *line, struct bytes *out)
{
	const char *name;
	struct error error;
	size_t i;

	trim_end(line);
	name = next_word(&line);
	line += strspn(line, " \t");
	for (i = 0; i < NUM_COMMANDS; i++) {
		if (!strcmp(commands[i].name, name))
			break;
	}
	if (i == NUM_COMMANDS) {
		if (*name)
			hmp_print(out, "unknown command: '%s'", name);
	} else if (*commands[i].args && *commands[i].args != '[' && !*line) {
		hmp_print(out, "%s: expected %s", name, commands[i].args);
	} else if (commands[i].handle(machine, line, out, &error)) {
		hmp_print(out, "Error: %s", error.text);
	}
}

const char *hmp_command_name(unsigned int index)
{
	return index < NUM_COMMANDS ? commands[index].name : NULL;
}

int qmp_human_monitor_command(struct machine *machine,
			      struct json_object *args,
			      struct json_object **ret, struct error *error)
{
	char *line = strdup(qmp_arg_string(args, "command-line"));
	struct bytes out;

	if (!line)
		return error_set(error, -ENOMEM, "out of memory");

	bytes_init(&out, HMP_ANSWER_MAX);
	hmp_execute(machine, line, &out);
	*ret = json_object_new_string_len(bytes_len(&out) ?
					  (const char *)bytes_peek(&out) : "",
					  bytes_len(&out));
	bytes_finish(&out);
	free(line);
	return *ret ? 0 : error_set(error, -ENOMEM, "out of memory");
}
