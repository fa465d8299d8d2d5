/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ports.h - the ports of this machine and what is known of them
 */

#ifndef VPORTCTL_PORTS_H
#define VPORTCTL_PORTS_H

#include <stddef.h>
#include <sys/types.h>

#include "port_state.h"

struct row {
	char *device;		/* vport0p1 */
	char *name;		/* NULL: none */
	char *owner;		/* the program that has it open; NULL: ? */
	pid_t owner_pid;
	struct port_states states;
};

struct table {
	struct row *rows;	/* by device */
	size_t count;
};

/* Fill an empty table.  Return: 0 or -errno; ports_free() it in any case. */
int ports_fill(struct table *table);

/* Fill in the owners, as far as they can be seen. */
void ports_find_owners(struct table *table);

void ports_free(struct table *table);

#endif /* VPORTCTL_PORTS_H */
