// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * option_build.c - what the options of the command line make
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "chardev.h"
#include "error.h"
#include "log.h"
#include "machine.h"
#include "option_build.h"
#include "opts.h"
#include "shorthand.h"

static bool show_guest_name;

struct name_options {
	const char *guest;
	const char *process;
	bool debug_threads;
};

const struct opt_desc option_name_descs[] = {
	{ "guest", OPT_STRING, offsetof(struct name_options, guest) },
	{ "process", OPT_STRING, offsetof(struct name_options, process) },
	/* There is one thread, which has the process's name in any case. */
	{ "debug-threads", OPT_BOOL,
	  offsetof(struct name_options, debug_threads) },
	{ NULL }
};

int build_name(struct machine *machine, const char *arg,
	       struct error *error)
{
	struct name_options name = { .guest = NULL };
	struct opts opts;
	int ret;

	ret = opts_parse(&opts, arg, "guest", error);
	if (ret)
		return ret;
	ret = opts_apply(&opts, option_name_descs, NULL, &name, error);
	if (!ret && name.guest && machine_set_name(machine, name.guest))
		ret = error_set(error, -ENOMEM, "out of memory");
	log_set_subject(show_guest_name ? machine_name(machine) : NULL);
	if (!ret && name.process)
		prctl(PR_SET_NAME, name.process);
	opts_finish(&opts);
	return ret;
}

struct msg_options {
	bool timestamp;
	bool guest_name;
};

const struct opt_desc option_msg_descs[] = {
	{ "timestamp", OPT_BOOL, offsetof(struct msg_options, timestamp) },
	{ "guest-name", OPT_BOOL, offsetof(struct msg_options, guest_name) },
	{ NULL }
};

static int set_msg(struct machine *machine, const struct opts *opts,
		   struct error *error)
{
	struct msg_options msg = { .timestamp = false };
	int ret = opts_apply(opts, option_msg_descs, NULL, &msg, error);

	if (ret)
		return ret;
	log_set_timestamps(msg.timestamp);
	show_guest_name = msg.guest_name;
	log_set_subject(show_guest_name ? machine_name(machine) : NULL);
	return 0;
}

int build_msg(struct machine *machine, const char *arg, struct error *error)
{
	return machine_from_text(machine, arg, NULL, set_msg, error);
}

int build_object(struct machine *machine, const char *arg,
		 struct error *error)
{
	return machine_from_text(machine, arg, "qom-type", machine_add_object,
				 error);
}

int build_uuid(struct machine *machine, const char *arg,
	       struct error *error)
{
	char uuid[37];
	size_t i;

	for (i = 0; i < 36 && arg[i]; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (arg[i] != '-')
				break;
		} else if (!isxdigit((unsigned char)arg[i])) {
			break;
		}
		uuid[i] = tolower((unsigned char)arg[i]);
	}
	if (i != 36 || arg[i])
		return error_set(error, -EINVAL,
				 "failed to parse UUID string: wrong format");
	uuid[36] = '\0';
	machine_set_uuid(machine, uuid);
	return 0;
}

/* `DRIVER.PROPERTY=VALUE`, or the three as options. */
int build_global(struct machine *machine, const char *arg,
		 struct error *error)
{
	size_t driver = strcspn(arg, ".=,"), rest = 0;
	char *text;
	int ret;

	if (driver && arg[driver] == '.')
		rest = strcspn(arg + driver + 1, "=,");
	if (!rest || arg[driver + 1 + rest] != '=')
		return machine_from_text(machine, arg, NULL,
					 machine_add_global, error);

	text = malloc(2 * strlen(arg) + 64);
	if (!text)
		return error_set(error, -ENOMEM, "out of memory");
	sprintf(text, "driver=%.*s,property=%.*s,value=", (int)driver, arg,
		(int)rest, arg + driver + 1);
	shorthand_append_value(text, 2 * strlen(arg) + 64,
			       arg + driver + rest + 2);
	ret = machine_from_text(machine, text, NULL, machine_add_global, error);
	free(text);
	return ret;
}

static int add_chardev(struct machine *machine, const struct opts *opts,
		       struct error *error)
{
	return machine_add_chardev(machine, opts, false, error);
}

int build_chardev(struct machine *machine, const char *arg,
		  struct error *error)
{
	return machine_from_text(machine, arg, "backend", add_chardev, error);
}

int build_mon(struct machine *machine, const char *arg,
	      struct error *error)
{
	return machine_from_text(machine, arg, "chardev", machine_add_monitor, error);
}

static int add_device(struct machine *machine, const struct opts *opts,
		      struct error *error)
{
	return machine_add_device(machine, opts, false, error);
}

int build_device(struct machine *machine, const char *arg,
		 struct error *error)
{
	return machine_from_text(machine, arg, "driver", add_device, error);
}

int build_export(struct machine *machine, const char *arg,
		 struct error *error)
{
	return machine_from_text(machine, arg, "type", machine_add_export, error);
}

/*
 * -qmp and -monitor: a character device in its short form, and a monitor on it.
 */
static int build_monitor_mode(struct machine *machine, const char *arg,
			      const char *mode, struct error *error)
{
	char text[1024], id[32];
	unsigned int n = 0;
	int ret;

	if (!strcmp(arg, "none"))
		return 0;
	if (!strncmp(arg, "chardev:", 8)) {
		snprintf(text, sizeof(text), "mode=%s,chardev=", mode);
		shorthand_append_value(text, sizeof(text), arg + 8);
		return build_mon(machine, text, error);
	}

	do {
		snprintf(id, sizeof(id), "compat_monitor%u", n++);
	} while (machine_has_chardev(machine, id));
	ret = shorthand_expand(arg, id, text, sizeof(text), error);
	if (!ret)
		ret = build_chardev(machine, text, error);
	if (ret)
		return ret;

	snprintf(text, sizeof(text), "chardev=%s,mode=%s", id, mode);
	return build_mon(machine, text, error);
}

int build_qmp(struct machine *machine, const char *arg,
	      struct error *error)
{
	return build_monitor_mode(machine, arg, "control", error);
}

int build_qmp_pretty(struct machine *machine, const char *arg,
		     struct error *error)
{
	return build_monitor_mode(machine, arg, "control,pretty=on", error);
}

int build_monitor(struct machine *machine, const char *arg,
		  struct error *error)
{
	return build_monitor_mode(machine, arg, "readline", error);
}

int build_metrics(struct machine *machine, const char *arg,
		  struct error *error)
{
	return machine_from_text(machine, arg, NULL, machine_add_metrics,
				 error);
}

int build_add_fd(struct machine *machine, const char *arg,
		 struct error *error)
{
	return machine_from_text(machine, arg, NULL, machine_add_fd_option, error);
}

int build_echr(struct machine *machine, const char *arg,
	       struct error *error)
{
	unsigned long code;
	char *end;

	code = strtoul(arg, &end, 0);
	if (!isdigit((unsigned char)*arg) || *end || code > UINT8_MAX)
		return error_set(error, -EINVAL,
				 "Bad argument to echr, expected 0 to 255");
	chardev_mux_set_escape(code);
	return 0;
}

/* The conventions of vhost-user back-ends: the one device there is. */
int build_socket_path(struct machine *machine, const char *arg,
		      struct error *error)
{
	char text[512] = "vhost-user,id=vhost-user,addr.type=unix,addr.path=";

	shorthand_append_value(text, sizeof(text), arg);
	return build_export(machine, text, error);
}

int build_fd(struct machine *machine, const char *arg,
	     struct error *error)
{
	char text[512] = "vhost-user,id=vhost-user,addr.type=fd,addr.str=";

	shorthand_append_value(text, sizeof(text), arg);
	return build_export(machine, text, error);
}
