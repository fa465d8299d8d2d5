// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * request.c - a request to the host from a script: `request VERB [ARGUMENT...]`
 */

#include <stdio.h>
#include <string.h>

#include "host.h"

int main(int argc, char *argv[])
{
	char text[200] = "";
	int ret, i;

	for (i = 1; i < argc; i++) {
		if (strlen(text) + strlen(argv[i]) + 2 > sizeof(text))
			return 2;
		strcat(text, i > 1 ? " " : "");
		strcat(text, argv[i]);
	}

	ret = host_request("%s", text);
	if (ret && strcmp(host_result(), ""))
		fprintf(stderr, "request: %s: %s\n", text, host_result());
	else if (ret)
		fprintf(stderr, "request: %s: %s\n", text, strerror(-ret));
	else if (*host_result())
		puts(host_result());
	return ret ? 1 : 0;
}
