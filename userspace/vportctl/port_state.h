/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_state.h - the state of a port, from its debugfs file
 */

#ifndef VPORTCTL_PORT_STATE_H
#define VPORTCTL_PORT_STATE_H

#include <stdint.h>

enum port_state {
	PORT_UNKNOWN,
	PORT_CLOSED,
	PORT_OPEN,
};

struct port_states {
	enum port_state host;
	enum port_state guest;
	int64_t received;		/* bytes; -1: not known */
	int64_t sent;
};

/* Read "KEY: VALUE" lines; what is not told stays unknown. */
void port_states_parse(const char *text, struct port_states *states);

/* The same for a port of this machine, as far as it may be read. */
void port_states_read(const char *sysname, struct port_states *states);

#endif /* VPORTCTL_PORT_STATE_H */
