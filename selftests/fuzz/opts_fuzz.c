// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * opts_fuzz.c - option strings of every kind of table
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "opts.h"

struct target {
	const char *text;
	const char *address;
	const char *automatic;
	bool flag;
	uint32_t number;
};

static const struct opt_desc descs[] = {
	{ "text", OPT_STRING, offsetof(struct target, text) },
	{ "addr", OPT_PCI_ADDRESS, offsetof(struct target, address) },
	{ "auto", OPT_AUTO, offsetof(struct target, automatic) },
	{ "flag", OPT_BOOL, offsetof(struct target, flag) },
	{ "number", OPT_U32, offsetof(struct target, number) },
	{ "driver", OPT_STRING, offsetof(struct target, text) },
	{ NULL }
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct target target = { .text = NULL };
	struct error error;
	struct opts opts;
	char *text;

	text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';

	if (!opts_parse(&opts, text, "driver", &error)) {
		if (!opts_apply(&opts, descs, NULL, &target, &error) &&
		    target.text && strlen(target.text) > size)
			abort();
		opts_apply(&opts, descs, "driver", &target, &error);
		opts.strict = !opts.strict;
		opts_apply(&opts, descs, NULL, &target, &error);
		opts_finish(&opts);
	}
	free(text);
	return 0;
}
