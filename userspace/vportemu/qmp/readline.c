// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * readline.c - a line that a person edits in a terminal
 *
 * With the keys of QEMU's monitor, which are those of Emacs.
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "readline.h"

#define CTRL(key)	((key) & 0x1f)
#define DELETE		0x7f
#define ESCAPE		0x1b

/* Of a list of completions, what fits into a line of a terminal. */
#define COLUMNS		80

void readline_init(struct readline *rl, const struct readline_ops *ops,
		   void *data, struct bytes *out, const char *prompt)
{
	memset(rl, 0, sizeof(*rl));
	rl->ops = ops;
	rl->data = data;
	rl->out = out;
	rl->prompt = prompt;
}

void readline_finish(struct readline *rl)
{
	unsigned int i;

	for (i = 0; i < rl->num_history; i++)
		free(rl->history[i]);
}

static void print(struct readline *rl, const char *text, size_t len)
{
	bytes_append(rl->out, text, len);
}

static void print_text(struct readline *rl, const char *text)
{
	print(rl, text, strlen(text));
}

static void move_left(struct readline *rl, size_t columns)
{
	char text[32];

	if (columns)
		print(rl, text, snprintf(text, sizeof(text), "\033[%zuD",
					 columns));
}

void readline_show(struct readline *rl)
{
	print_text(rl, "\r");
	print_text(rl, rl->prompt);
	print(rl, rl->line, rl->len);
	print_text(rl, "\033[K");
	move_left(rl, rl->len - rl->cursor);
}

void readline_begin(struct readline *rl)
{
	rl->len = 0;
	rl->cursor = 0;
	rl->line[0] = '\0';
	rl->shown = rl->num_history;
	rl->escape = READLINE_PLAIN;
	print_text(rl, rl->prompt);
}

static void insert(struct readline *rl, const char *text, size_t len)
{
	if (len > READLINE_MAX - rl->len)
		len = READLINE_MAX - rl->len;
	memmove(rl->line + rl->cursor + len, rl->line + rl->cursor,
		rl->len - rl->cursor + 1);
	memcpy(rl->line + rl->cursor, text, len);
	rl->len += len;
	rl->cursor += len;
	if (rl->cursor == rl->len)
		print(rl, text, len);
	else
		readline_show(rl);
}

/* Take out what lies between @from and the cursor. */
static void erase(struct readline *rl, size_t from, size_t to)
{
	if (from == to)
		return;
	memmove(rl->line + from, rl->line + to, rl->len - to + 1);
	rl->len -= to - from;
	rl->cursor = from;
	readline_show(rl);
}

static void set_line(struct readline *rl, const char *text)
{
	rl->len = strlen(text);
	rl->cursor = rl->len;
	memcpy(rl->line, text, rl->len + 1);
	readline_show(rl);
}

/* The newest goes to the end; one that is there already moves there. */
static void remember(struct readline *rl)
{
	unsigned int i;
	char *copy;

	if (!rl->len)
		return;
	for (i = 0; i < rl->num_history; i++) {
		if (!strcmp(rl->history[i], rl->line))
			break;
	}
	if (i == rl->num_history && i == READLINE_HISTORY)
		i = 0;
	copy = strdup(rl->line);
	if (!copy)
		return;
	if (i < rl->num_history) {
		free(rl->history[i]);
		memmove(&rl->history[i], &rl->history[i + 1],
			(--rl->num_history - i) * sizeof(copy));
	}
	rl->history[rl->num_history++] = copy;
}

static void show_history(struct readline *rl, int step)
{
	unsigned int at = rl->shown + step;

	if (rl->shown == 0 && step < 0)
		return;
	if (at > rl->num_history)
		return;
	rl->shown = at;
	set_line(rl, at < rl->num_history ? rl->history[at] : "");
}

static void finish_line(struct readline *rl)
{
	char line[READLINE_MAX + 1];

	print_text(rl, "\r\n");
	remember(rl);
	memcpy(line, rl->line, rl->len + 1);
	rl->len = 0;
	rl->cursor = 0;
	rl->line[0] = '\0';
	rl->ops->line(rl->data, line);
}

static size_t common_length(const char *a, const char *b)
{
	size_t len = 0;

	while (a[len] && a[len] == b[len])
		len++;
	return len;
}

static void list_completions(struct readline *rl, const char *start)
{
	const char *word;
	size_t column = 0;
	unsigned int i;

	print_text(rl, "\r\n");
	for (i = 0; (word = rl->ops->complete(rl->data, start, i)); i++) {
		if (column && column + strlen(word) + 2 > COLUMNS) {
			print_text(rl, "\r\n");
			column = 0;
		}
		print_text(rl, word);
		print_text(rl, "  ");
		column += strlen(word) + 2;
	}
	print_text(rl, "\r\n");
	readline_show(rl);
}

/* What all candidates begin with; and if there is just one, a blank. */
static void complete(struct readline *rl)
{
	char start[READLINE_MAX + 1];
	const char *first, *word, *last;
	size_t common, have;
	unsigned int i;

	memcpy(start, rl->line, rl->cursor);
	start[rl->cursor] = '\0';
	first = rl->ops->complete(rl->data, start, 0);
	if (!first)
		return;
	common = strlen(first);
	for (i = 1; (word = rl->ops->complete(rl->data, start, i)); i++) {
		have = common_length(first, word);
		common = have < common ? have : common;
	}
	last = strrchr(start, ' ');
	have = strlen(last ? last + 1 : start);
	if (common > have)
		insert(rl, first + have, common - have);
	else if (i > 1)
		list_completions(rl, start);
	if (i == 1)
		insert(rl, " ", 1);
}

static size_t word_start(const struct readline *rl)
{
	size_t at = rl->cursor;

	while (at && isspace((unsigned char)rl->line[at - 1]))
		at--;
	while (at && !isspace((unsigned char)rl->line[at - 1]))
		at--;
	return at;
}

static void set_cursor(struct readline *rl, size_t at)
{
	if (at > rl->len)
		return;
	rl->cursor = at;
	readline_show(rl);
}

static void plain_key(struct readline *rl, unsigned char c)
{
	switch (c) {
	case CTRL('a'):
		set_cursor(rl, 0);
		break;
	case CTRL('b'):
		set_cursor(rl, rl->cursor - !!rl->cursor);
		break;
	case CTRL('d'):
		erase(rl, rl->cursor, rl->cursor + (rl->cursor < rl->len));
		break;
	case CTRL('e'):
		set_cursor(rl, rl->len);
		break;
	case CTRL('f'):
		set_cursor(rl, rl->cursor + 1);
		break;
	case CTRL('h'):
	case DELETE:
		erase(rl, rl->cursor - !!rl->cursor, rl->cursor);
		break;
	case CTRL('i'):
		complete(rl);
		break;
	case CTRL('k'):
		erase(rl, rl->cursor, rl->len);
		break;
	case CTRL('l'):
		print_text(rl, "\033[H\033[J");
		readline_show(rl);
		break;
	case '\n':
	case '\r':
		finish_line(rl);
		break;
	case CTRL('n'):
		show_history(rl, 1);
		break;
	case CTRL('p'):
		show_history(rl, -1);
		break;
	case CTRL('u'):
		erase(rl, 0, rl->cursor);
		break;
	case CTRL('w'):
		erase(rl, word_start(rl), rl->cursor);
		break;
	case ESCAPE:
		rl->escape = READLINE_ESC;
		break;
	default:
		if (c >= ' ')
			insert(rl, (char *)&c, 1);
	}
}

/* What terminals send for keys of their own, and for which key it stands. */
static void csi_key(struct readline *rl, unsigned char c)
{
	static const struct {
		char final;
		unsigned char number;
		unsigned char key;
	} keys[] = {
		{ 'A', 0, CTRL('p') }, { 'B', 0, CTRL('n') },
		{ 'C', 0, CTRL('f') }, { 'D', 0, CTRL('b') },
		{ 'F', 0, CTRL('e') }, { 'H', 0, CTRL('a') },
		{ '~', 1, CTRL('a') }, { '~', 3, CTRL('d') },
		{ '~', 4, CTRL('e') },
	};
	size_t i;

	if (isdigit(c)) {
		rl->csi = (rl->csi * 10 + c - '0') % 1000;
		return;
	}
	rl->escape = READLINE_PLAIN;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].final == c && keys[i].number == rl->csi)
			plain_key(rl, keys[i].key);
	}
}

void readline_key(struct readline *rl, unsigned char c)
{
	bool skip = rl->skip_newline && c == '\n';

	rl->skip_newline = c == '\r';
	if (skip)
		return;
	if (rl->escape == READLINE_CSI) {
		csi_key(rl, c);
	} else if (rl->escape == READLINE_ESC) {
		rl->escape = c == '[' || c == 'O' ? READLINE_CSI :
						    READLINE_PLAIN;
		rl->csi = 0;
	} else {
		plain_key(rl, c);
	}
}
