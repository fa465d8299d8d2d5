// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text.c - long strings of a result, made while they are sent
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base64.h"
#include "call.h"
#include "reader.h"

/* Bytes of a piece: whole groups of three, so that only the last has pads. */
#define TEXT_PIECE	(48u << 10)

/* The name before the first piece and the quote behind the last. */
#define TEXT_MARGIN	64

struct command_text *command_add_text(struct command_call *call,
				      const struct command_text *text)
{
	struct command_text *own = &call->texts[call->text_count];

	*own = *text;
	own->call = call;
	own->piece = malloc(text->left < TEXT_PIECE ? text->left + 1 :
						      TEXT_PIECE);
	if (!own->piece)
		return NULL;

	call->text_count++;
	return own;
}

static void text_on_ready(void *data)
{
	struct command_text *text = data;
	struct command_call *call = text->call;
	int err;

	if (call->done) {
		call->on_text(call);
		return;
	}
	err = command_text_fill(text);
	if (err != -EAGAIN)
		text->filled(call, err);
}

static int text_start_reader(struct command_text *text)
{
	const struct reader_user user = {
		.ready = text_on_ready, .text = text,
		.released = text->released, .file = text->owner,
	};

	return reader_create(text->fd, text->left - text->piece_len, &user,
			     &text->reader);
}

/* Return: bytes, 0 at the end, or -errno. */
static ssize_t text_read(struct command_text *text, char *to, size_t len)
{
	struct iovec iov = { .iov_base = to, .iov_len = len };
	ssize_t n;
	int err;

	if (text->reader)
		return reader_read(text->reader, to, len);
	n = text->may_block ? preadv2(text->fd, &iov, 1, -1, RWF_NOWAIT) :
			      read(text->fd, to, len);
	if (n >= 0)
		return n;
	if (!text->may_block || (errno != EAGAIN && errno != EOPNOTSUPP))
		return -errno;

	err = text_start_reader(text);
	return err ? err : reader_read(text->reader, to, len);
}

/* A short piece is the last one. */
int command_text_fill(struct command_text *text)
{
	size_t want = text->left < TEXT_PIECE ? text->left : TEXT_PIECE;
	ssize_t n = 1;

	while (text->piece_len < want) {
		n = text_read(text, text->piece + text->piece_len,
			      want - text->piece_len);
		if (n <= 0)
			break;
		text->piece_len += n;
	}
	if (n == -EAGAIN && text->reader)
		return n;

	text->has_piece = true;
	text->left -= text->piece_len;
	text->done += text->piece_len;
	text->eof = !n;
	if (n <= 0)
		text->left = 0;
	return n < 0 && !text->piece_len ? n : 0;
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
	if (text->reader)
		reader_abandon(text->reader);
	text->reader = NULL;
	free(text->piece);
	text->piece = NULL;
}

const char *call_next_text(struct command_call *call, size_t *ret_len)
{
	static char out[TEXT_MARGIN + BASE64_LEN(TEXT_PIECE) + 4];
	struct command_text *text = &call->texts[call->text_at];
	size_t len = 0;

	if (!text->has_piece && text->left &&
	    command_text_fill(text) == -EAGAIN && text->reader)
		return NULL;
	if (!text->begun)
		len = snprintf(out, TEXT_MARGIN, "\"%s\": \"", text->name);
	text->begun = true;
	base64_encode(out + len, text->piece, text->piece_len);
	len += BASE64_LEN(text->piece_len);
	text->piece_len = 0;
	text->has_piece = false;

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
