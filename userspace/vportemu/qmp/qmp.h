/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp.h - the QEMU machine protocol, over whatever carries bytes
 */

#ifndef VPORTEMU_QMP_H
#define VPORTEMU_QMP_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct machine;
struct qmp_session;

/**
 * qmp_session_create() - a session without a client
 * @machine: what its commands act on
 * @output:  called with text for the client
 * @data:    for @output
 * @pretty:  one member a line
 * @ret:     the session, on success
 *
 * Return: 0, -ENOMEM.
 */
int qmp_session_create(struct machine *machine,
		       void (*output)(void *data, const void *text, size_t len),
		       void *data, bool pretty, struct qmp_session **ret);

/* NULL is allowed. */
void qmp_session_destroy(struct qmp_session *session);

/* A client has come: it is greeted, and has to negotiate. */
void qmp_session_begin(struct qmp_session *session);

/* The client has gone. */
void qmp_session_end(struct qmp_session *session);

/* The client sent something. */
void qmp_session_input(struct qmp_session *session, const void *text,
		       size_t len);

/* Tell the client, if it has negotiated. */
void qmp_session_event(struct qmp_session *session, struct json_object *event);

#endif /* VPORTEMU_QMP_H */
