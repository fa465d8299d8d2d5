/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - the table of QMP commands
 */

#ifndef VPORTEMU_QMP_COMMAND_H
#define VPORTEMU_QMP_COMMAND_H

#include <stdbool.h>

struct error;
struct json_object;
struct machine;

enum qmp_type {
	QMP_STRING,
	QMP_BOOL,
	QMP_INT,
	QMP_OBJECT,
	QMP_ARRAY,
	QMP_ANY,
};

struct qmp_arg {
	const char *name;	/* NULL ends the list */
	enum qmp_type type;
	bool required;
};

#define QMP_MAX_ARGS	4

struct qmp_command {
	const char *name;

	/*
	 * handle() - do it.
	 *
	 * @args has been checked; it is an empty object when there were none.
	 * @ret is what to return, NULL for an empty object.
	 *
	 * Return: 0, -errno with words in @error.
	 */
	int (*handle)(struct machine *machine, struct json_object *args,
		      struct json_object **ret, struct error *error);
	struct qmp_arg args[QMP_MAX_ARGS];
	bool any_args;		/* the handler checks them; those are some */
	const char *returns;	/* a type of schema.h; NULL: an empty object */
	bool allow_oob;		/* takes no time, and nobody's state */
};

/* command.c */
const struct qmp_command *qmp_command_find(const char *name);

/* All of them, but for qmp_capabilities; NULL behind the last. */
const struct qmp_command *qmp_command_at(unsigned int index);

/* Check arguments against the command's list. */
int qmp_command_check(const struct qmp_command *command,
		      struct json_object *args, struct error *error);

/* The string argument @name, or NULL. */
const char *qmp_arg_string(struct json_object *args, const char *name);

/* What query-version and the greeting say. */
struct json_object *qmp_version(void);

/* command_chardev.c */
int qmp_query_chardev(struct machine *machine, struct json_object *args,
		      struct json_object **ret, struct error *error);
int qmp_query_chardev_backends(struct machine *machine,
			       struct json_object *args,
			       struct json_object **ret, struct error *error);

/* Of all that chardev-add takes; NULL behind the last. */
const char *qmp_backend_name(unsigned int index);
int qmp_chardev_add(struct machine *machine, struct json_object *args,
		    struct json_object **ret, struct error *error);
int qmp_chardev_remove(struct machine *machine, struct json_object *args,
		       struct json_object **ret, struct error *error);

int qmp_chardev_change(struct machine *machine, struct json_object *args,
		       struct json_object **ret, struct error *error);
int qmp_chardev_send_break(struct machine *machine, struct json_object *args,
			   struct json_object **ret, struct error *error);
int qmp_chardev_window_size_changed(struct machine *machine,
				    struct json_object *args,
				    struct json_object **ret,
				    struct error *error);

/* command_device.c */
int qmp_device_add(struct machine *machine, struct json_object *args,
		   struct json_object **ret, struct error *error);
int qmp_device_del(struct machine *machine, struct json_object *args,
		   struct json_object **ret, struct error *error);
int qmp_system_reset(struct machine *machine, struct json_object *args,
		     struct json_object **ret, struct error *error);
int qmp_query_serial_stats(struct machine *machine, struct json_object *args,
			   struct json_object **ret, struct error *error);

/* command_fd.c */
int qmp_getfd(struct machine *machine, struct json_object *args,
	      struct json_object **ret, struct error *error);
int qmp_closefd(struct machine *machine, struct json_object *args,
		struct json_object **ret, struct error *error);
int qmp_add_fd(struct machine *machine, struct json_object *args,
	       struct json_object **ret, struct error *error);
int qmp_remove_fd(struct machine *machine, struct json_object *args,
		  struct json_object **ret, struct error *error);
int qmp_query_fdsets(struct machine *machine, struct json_object *args,
		     struct json_object **ret, struct error *error);
int qmp_add_client(struct machine *machine, struct json_object *args,
		   struct json_object **ret, struct error *error);

/* command_qom.c */

/* Call @visit for each object, parents first. */
void qom_visit(struct machine *machine,
	       void (*visit)(void *data, unsigned int depth, const char *name,
			     const char *type),
	       void *data);
int qmp_qom_list(struct machine *machine, struct json_object *args,
		 struct json_object **ret, struct error *error);
int qmp_qom_get(struct machine *machine, struct json_object *args,
		struct json_object **ret, struct error *error);
int qmp_qom_set(struct machine *machine, struct json_object *args,
		struct json_object **ret, struct error *error);
int qmp_qom_list_get(struct machine *machine, struct json_object *args,
		     struct json_object **ret, struct error *error);

int qmp_object_add(struct machine *machine, struct json_object *args,
		   struct json_object **ret, struct error *error);
int qmp_object_del(struct machine *machine, struct json_object *args,
		   struct json_object **ret, struct error *error);

/* qom_types.c */

/* Of all models of ports; NULL behind the last. */
const char *qom_port_name(unsigned int index);
int qmp_device_list_properties(struct machine *machine,
			       struct json_object *args,
			       struct json_object **ret, struct error *error);
int qmp_qom_list_types(struct machine *machine, struct json_object *args,
		       struct json_object **ret, struct error *error);
int qmp_qom_list_properties(struct machine *machine, struct json_object *args,
			    struct json_object **ret, struct error *error);

/* command_virtio.c */
int qmp_query_virtio(struct machine *machine, struct json_object *args,
		     struct json_object **ret, struct error *error);
int qmp_query_virtio_status(struct machine *machine, struct json_object *args,
			    struct json_object **ret, struct error *error);
int qmp_query_virtio_queue_status(struct machine *machine,
				  struct json_object *args,
				  struct json_object **ret,
				  struct error *error);

int qmp_query_virtio_queue_element(struct machine *machine,
				   struct json_object *args,
				   struct json_object **ret,
				   struct error *error);

/* command_trace.c */
int qmp_trace_event_get_state(struct machine *machine, struct json_object *args,
			      struct json_object **ret, struct error *error);
int qmp_trace_event_set_state(struct machine *machine, struct json_object *args,
			      struct json_object **ret, struct error *error);

/* command_misc.c */
int qmp_query_yank(struct machine *machine, struct json_object *args,
		   struct json_object **ret, struct error *error);
int qmp_yank(struct machine *machine, struct json_object *args,
	     struct json_object **ret, struct error *error);
int qmp_query_command_line_options(struct machine *machine,
				   struct json_object *args,
				   struct json_object **ret,
				   struct error *error);

/* schema.c */
int qmp_query_schema(struct machine *machine, struct json_object *args,
		     struct json_object **ret, struct error *error);

/* hmp.c */
int qmp_human_monitor_command(struct machine *machine,
			      struct json_object *args,
			      struct json_object **ret, struct error *error);

/* command_ringbuf.c */
int qmp_ringbuf_read(struct machine *machine, struct json_object *args,
		     struct json_object **ret, struct error *error);
int qmp_ringbuf_write(struct machine *machine, struct json_object *args,
		      struct json_object **ret, struct error *error);

#endif /* VPORTEMU_QMP_COMMAND_H */
