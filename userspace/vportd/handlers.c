// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * handlers.c - the table of handlers
 */

#include <string.h>

#include "handler.h"

static const struct handler_ops *const handlers[] = {
	&agent_handler,
	&exec_handler,
	&log_handler,
	&relay_handler,
};

#define HANDLERS (sizeof(handlers) / sizeof(handlers[0]))

const struct handler_ops *handler_find(const char *name)
{
	size_t i;

	for (i = 0; i < HANDLERS; i++) {
		if (!strcmp(handlers[i]->name, name))
			return handlers[i];
	}
	return NULL;
}
