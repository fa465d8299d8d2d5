// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text.c - long strings of a result, made while they are sent
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base64.h"
#include "call.h"

/* Bytes of a piece: whole groups of three, so that only the last has pads. */
#define TEXT_PIECE	(48u << 10)

/* The name before the first piece and the quote behind the last. */
#define TEXT_MARGIN	64

struct command_text *command_add_text(struct command_call *call,
				      const struct command_text *text)
{
	struct command_text *own = &call->texts[call->text_count];

	*own = *text;
	own->piece_len = 0;
	own->piece = malloc(text->left < TEXT_PIECE ? text->left + 1 :
						      TEXT_PIECE);
	if (!own->piece)
		return NULL;

	call->text_count++;
	return own;
}

/* A short piece is the last one. */
int command_text_fill(struct command_text *text)
{
	size_t want = text->left < TEXT_PIECE ? text->left : TEXT_PIECE;
	ssize_t n = 1;

	while (text->piece_len < want) {
		n = read(text->fd, text->piece + text->piece_len,
			 want - text->piece_len);
		if (n <= 0)
			break;
		text->piece_len += n;
	}

	text->left -= text->piece_len;
	text->done += text->piece_len;
	text->eof = !n;
	if (n <= 0)
		text->left = 0;
	return n < 0 && !text->piece_len ? -errno : 0;
}

static void end_file(struct command_call *call, struct command_text *text)
{
	close(text->fd);
}

int command_add_file(struct command_call *call, const char *name, int fd,
		     size_t len)
{
	struct command_text text = {
		.name = name,
		.fd = dup(fd),
		.left = len,
		.end = end_file,
	};

	if (text.fd < 0)
		return -errno;
	lseek(text.fd, 0, SEEK_SET);
	if (command_add_text(call, &text))
		return 0;

	close(text.fd);
	return -ENOMEM;
}

bool call_has_text(const struct command_call *call)
{
	return call->text_at < call->text_count;
}

static void text_end(struct command_call *call)
{
	struct command_text *text = &call->texts[call->text_at++];

	text->end(call, text);
	free(text->piece);
	text->piece = NULL;
}

const char *call_next_text(struct command_call *call, size_t *ret_len)
{
	static char out[TEXT_MARGIN + BASE64_LEN(TEXT_PIECE) + 4];
	struct command_text *text = &call->texts[call->text_at];
	size_t len = 0;

	if (!text->begun)
		len = snprintf(out, TEXT_MARGIN, "\"%s\": \"", text->name);
	text->begun = true;

	if (!text->piece_len && text->left)
		command_text_fill(text);
	base64_encode(out + len, text->piece, text->piece_len);
	len += BASE64_LEN(text->piece_len);
	text->piece_len = 0;

	if (!text->left) {
		memcpy(out + len, "\", ", 3);
		len += 3;
		text_end(call);
	}

	*ret_len = len;
	return out;
}

void call_drop_texts(struct command_call *call)
{
	while (call_has_text(call))
		text_end(call);
}
