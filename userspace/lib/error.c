// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * error.c - why something was refused, for the person or program that asked
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

int error_set(struct error *error, int code, const char *format, ...)
{
	va_list args;

	if (!error)
		return code;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return code;
}

int error_prefix(struct error *error, int code, const char *format, ...)
{
	char text[sizeof(error->text)];
	va_list args;
	size_t len;

	if (!error)
		return code;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	len = strlen(text);
	snprintf(text + len, sizeof(text) - len, "%s", error->text);
	memcpy(error->text, text, sizeof(text));
	return code;
}
