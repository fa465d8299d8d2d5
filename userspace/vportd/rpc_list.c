// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rpc_list.c - names of the agent's commands, from options and files
 *
 * The option has commas and QEMU's tests write files with semicolons; either
 * is understood in both.
 */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "command.h"
#include "log.h"
#include "rpc_list.h"

#define RPC_TEXT_MAX	(1u << 20)

static int add_name(struct rpc_list *list, const char *name, size_t len)
{
	char **longer;

	if (!len)
		return 0;
	longer = reallocarray(list->names, list->count + 2, sizeof(*longer));
	if (!longer)
		return -ENOMEM;
	list->names = longer;
	longer[list->count] = strndup(name, len);
	longer[list->count + 1] = NULL;
	return longer[list->count++] ? 0 : -ENOMEM;
}

int rpc_list_add(struct rpc_list *list, const char *text)
{
	int err = 0;

	while (!err && *text) {
		size_t len = strcspn(text, ",;");
		size_t word = len;

		if (text[len])
			list->separator = text[len];
		while (word && isspace((unsigned char)text[word - 1]))
			word--;
		while (word && isspace((unsigned char)*text)) {
			text++;
			word--;
			len--;
		}
		err = add_name(list, text, word);
		text += len + !!text[len];
	}
	return err;
}

int rpc_list_append(struct rpc_list *list, const struct rpc_list *other)
{
	int err = 0;
	size_t i;

	for (i = 0; i < other->count && !err; i++)
		err = add_name(list, other->names[i], strlen(other->names[i]));
	if (other->separator)
		list->separator = other->separator;
	return err;
}

char *rpc_list_text(const struct rpc_list *list)
{
	const char *separator = list->separator == ';' ? ";" : ",";
	struct bytes text;
	char *ret = NULL;
	int err = 0;
	size_t i;

	bytes_init(&text, RPC_TEXT_MAX);
	for (i = 0; i < list->count && !err; i++) {
		const char *name = list->names[i];

		if (i)
			err = bytes_append(&text, separator, 1);
		if (!err)
			err = bytes_append(&text, name, strlen(name));
	}
	if (!err)
		err = bytes_append(&text, "", 1);
	if (!err)
		ret = strdup((const char *)bytes_peek(&text));
	bytes_finish(&text);
	return ret;
}

void rpc_list_check(const struct rpc_list *list, const char *what)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (!command_find(list->names[i]))
			log_warn("%s: %s: no such command, ignoring it", what,
				 list->names[i]);
	}
}

void rpc_list_finish(struct rpc_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	memset(list, 0, sizeof(*list));
}
