/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * readline.h - a line that a person edits in a terminal
 */

#ifndef VPORTEMU_READLINE_H
#define VPORTEMU_READLINE_H

#include <stdbool.h>
#include <stddef.h>

struct bytes;

#define READLINE_MAX		4095	/* characters, as QEMU */
#define READLINE_HISTORY	64	/* lines, as QEMU */

struct readline_ops {
	/* A line is complete. */
	void (*line)(void *data, char *line);

	/* The @index-th word that may take the place of @start, or NULL. */
	const char *(*complete)(void *data, const char *start,
				unsigned int index);
};

enum readline_escape {
	READLINE_PLAIN,
	READLINE_ESC,		/* an escape character has been read */
	READLINE_CSI,		/* and a bracket behind it */
};

struct readline {
	const struct readline_ops *ops;
	void *data;
	struct bytes *out;	/* what to print; bounded by its owner */
	const char *prompt;
	char line[READLINE_MAX + 1];
	size_t len;
	size_t cursor;
	char *history[READLINE_HISTORY];	/* the newest last */
	unsigned int num_history;
	unsigned int shown;	/* which of these; num_history: none */
	enum readline_escape escape;
	unsigned int csi;	/* the number in an escape sequence */
	bool skip_newline;	/* a carriage return came before */
};

void readline_init(struct readline *rl, const struct readline_ops *ops,
		   void *data, struct bytes *out, const char *prompt);
void readline_finish(struct readline *rl);

/* Forget the line and show the prompt. */
void readline_begin(struct readline *rl);

/* Show the prompt and the line that there is. */
void readline_show(struct readline *rl);

/* One character was typed. */
void readline_key(struct readline *rl, unsigned char c);

#endif /* VPORTEMU_READLINE_H */
