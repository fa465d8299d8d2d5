// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * handlers.c - which handler serves which port
 */

#include <stdbool.h>
#include <string.h>

#include "handler.h"

struct handler_rule {
	const char *stem;	/* of the name; a number follows */
	const struct handler_ops *handler;
};

static const struct handler_rule handler_rules[] = {
	{ "org.qemu.guest_agent.", &agent_handler },
};

static bool is_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits && !text[digits];
}

const struct handler_ops *handler_for_port(const char *name)
{
	size_t count = sizeof(handler_rules) / sizeof(handler_rules[0]);
	const struct handler_rule *rule;

	if (!name)
		return NULL;

	for (rule = handler_rules; rule < handler_rules + count; rule++) {
		size_t len = strlen(rule->stem);

		if (!strncmp(name, rule->stem, len) && is_number(name + len))
			return rule->handler;
	}

	return NULL;
}
