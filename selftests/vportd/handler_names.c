// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * handler_names.c - handlers that do nothing, for who reads their names only
 */

#include "handler.h"

const struct handler_ops agent_handler = { .name = "agent" };
const struct handler_ops exec_handler = { .name = "exec" };
const struct handler_ops log_handler = { .name = "log" };
const struct handler_ops relay_handler = { .name = "relay" };
