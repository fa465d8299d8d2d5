// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command_ringbuf.c - ringbuf-read and ringbuf-write
 */

#include <errno.h>
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "machine.h"

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *base64_encode(const uint8_t *data, size_t len)
{
	char *text = malloc((len + 2) / 3 * 4 + 1), *to = text;
	uint32_t bits;
	size_t i;

	for (i = 0; text && i < len; i += 3) {
		bits = data[i] << 16;
		bits |= i + 1 < len ? data[i + 1] << 8 : 0;
		bits |= i + 2 < len ? data[i + 2] : 0;
		*to++ = digits[bits >> 18];
		*to++ = digits[bits >> 12 & 63];
		*to++ = i + 1 < len ? digits[bits >> 6 & 63] : '=';
		*to++ = i + 2 < len ? digits[bits & 63] : '=';
	}
	if (text)
		*to = '\0';
	return text;
}

/* Decode in place.  Return: how long it is, -EINVAL. */
static ssize_t base64_decode(char *text, size_t len)
{
	size_t i, have = 0, padding = 0;
	const char *digit;
	uint32_t bits = 0;

	if (len % 4)
		return -EINVAL;
	while (len && padding < 2 && text[len - 1] == '=') {
		padding++;
		len--;
	}
	for (i = 0; i < len; i++) {
		digit = text[i] ? strchr(digits, text[i]) : NULL;
		if (!digit)
			return -EINVAL;
		bits = bits << 6 | (digit - digits);
		if (i % 4)
			text[have++] = bits >> (6 - 2 * (i % 4));
	}
	return have;
}

static int parse_format(struct json_object *args, bool *base64,
			struct error *error)
{
	const char *format = qmp_arg_string(args, "format");

	*base64 = format && !strcmp(format, "base64");
	if (format && !*base64 && strcmp(format, "utf8"))
		return error_set(error, -EINVAL,
				 "Parameter 'format' does not accept value '%s'",
				 format);
	return 0;
}

int qmp_ringbuf_read(struct machine *machine, struct json_object *args,
		     struct json_object **ret, struct error *error)
{
	struct json_object *size;
	char *data, *text;
	bool base64;
	size_t len;
	int err;

	err = parse_format(args, &base64, error);
	if (err)
		return err;
	json_object_object_get_ex(args, "size", &size);
	if (json_object_get_int64(size) <= 0)
		return error_set(error, -EINVAL,
				 "size must be greater than zero");
	err = machine_ringbuf_read(machine, qmp_arg_string(args, "device"),
				   json_object_get_int64(size), &data, &len,
				   error);
	if (err)
		return err;

	if (base64) {
		text = base64_encode((uint8_t *)data, len);
		*ret = text ? json_object_new_string(text) : NULL;
		free(text);
	} else {
		*ret = json_object_new_string_len(data, len);
	}
	free(data);
	return *ret ? 0 : error_set(error, -ENOMEM, "out of memory");
}

static int bad_base64(const char *text, struct error *error)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/=\n";

	if (text[strspn(text, alphabet)])
		return error_set(error, -EINVAL,
				 "Base64 data contains invalid characters");
	return error_set(error, -EINVAL, "Base64 data '%s' is not valid", text);
}

int qmp_ringbuf_write(struct machine *machine, struct json_object *args,
		      struct json_object **ret, struct error *error)
{
	struct json_object *value;
	bool base64;
	ssize_t len;
	char *data;
	int err;

	err = parse_format(args, &base64, error);
	if (err)
		return err;
	json_object_object_get_ex(args, "data", &value);
	len = json_object_get_string_len(value);
	data = malloc(len + 1);
	if (!data)
		return error_set(error, -ENOMEM, "out of memory");
	memcpy(data, json_object_get_string(value), len + 1);

	if (base64)
		len = base64_decode(data, len);
	if (len < 0)
		err = bad_base64(json_object_get_string(value), error);
	else
		err = machine_ringbuf_write(machine,
			qmp_arg_string(args, "device"), data, len, error);
	free(data);
	return err;
}
