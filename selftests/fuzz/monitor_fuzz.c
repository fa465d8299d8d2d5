// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * monitor_fuzz.c - what a person may type at a monitor: the line editor
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "readline.h"

static void check_line(void *data, char *line)
{
	struct readline *rl = data;

	if (strlen(line) > READLINE_MAX)
		abort();
	readline_begin(rl);
}

static const char *complete(void *data, const char *start, unsigned int index)
{
	static const char *const words[] = { "info", "info-more", "stop", "x" };
	const char *blank = strrchr(start, ' ');
	const char *word = blank ? blank + 1 : start;
	size_t i;

	for (i = 0; i < 4; i++) {
		if (!strncmp(words[i], word, strlen(word)) && !index--)
			return words[i];
	}
	return NULL;
}

static const struct readline_ops ops = { check_line, complete };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct readline *rl = malloc(sizeof(*rl));
	struct bytes out;

	bytes_init(&out, 1 << 20);
	readline_init(rl, &ops, rl, &out, "(qemu) ");
	readline_begin(rl);
	while (size--) {
		readline_key(rl, *data++);
		if (rl->cursor > rl->len || rl->len > READLINE_MAX ||
		    strlen(rl->line) > rl->len ||
		    rl->num_history > READLINE_HISTORY)
			abort();
		bytes_consume(&out, bytes_len(&out));
	}
	readline_finish(rl);
	bytes_finish(&out);
	free(rl);
	return 0;
}
