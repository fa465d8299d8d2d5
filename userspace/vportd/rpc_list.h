/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_list.h - names of the agent's commands, from options and files
 */

#ifndef VPORTD_RPC_LIST_H
#define VPORTD_RPC_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed is empty. */
struct rpc_list {
	char **names;		/* with a NULL at the end; NULL: none */
	size_t count;
	char separator;		/* of the last text with more than one name */
};

/**
 * rpc_list_add() - add names
 * @list: the list
 * @text: names between commas or semicolons
 *
 * Return: 0 or -ENOMEM.
 */
int rpc_list_add(struct rpc_list *list, const char *text);

/* Add the names of @other.  Return: 0 or -ENOMEM. */
int rpc_list_append(struct rpc_list *list, const struct rpc_list *other);

/* As an option or a file would give it, to be freed; NULL: no memory. */
char *rpc_list_text(const struct rpc_list *list);

/* Warn of names that are no command's; @what is the list's. */
void rpc_list_check(const struct rpc_list *list, const char *what);

void rpc_list_finish(struct rpc_list *list);

#endif /* VPORTD_RPC_LIST_H */
