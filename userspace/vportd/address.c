// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * address.c - where the other end of a relay is
 */

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <linux/vm_sockets.h>

#include "address.h"

struct scheme {
	const char *prefix;
	int (*parse)(const char *rest, struct address *address);
	bool lasting;
};

static int parse_unix(const char *rest, struct address *address)
{
	struct sockaddr_un *un = &address->socket.un;

	if (*rest != '/')
		return -EINVAL;
	if (strlen(rest) >= sizeof(un->sun_path))
		return -ENAMETOOLONG;

	un->sun_family = AF_UNIX;
	strcpy(un->sun_path, rest);
	address->len = sizeof(*un);
	address->path = rest;
	return 0;
}

/* Such a name has no end of its own: its length says where it is. */
static int parse_abstract(const char *rest, struct address *address)
{
	struct sockaddr_un *un = &address->socket.un;
	size_t len = strlen(rest);

	if (!len)
		return -EINVAL;
	if (len >= sizeof(un->sun_path))
		return -ENAMETOOLONG;

	un->sun_family = AF_UNIX;
	memcpy(un->sun_path + 1, rest, len);
	address->len = offsetof(struct sockaddr_un, sun_path) + 1 + len;
	return 0;
}

/* Return: whether @text is a decimal number up to @max. */
static bool parse_decimal(const char *text, uint32_t max, uint32_t *ret)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || *end || number > max)
		return false;
	*ret = number;
	return true;
}

/* "[::1]:80" or "127.0.0.1:80".  Return: the port's digits, or NULL. */
static const char *split_tcp(const char *rest, char *host, size_t size)
{
	const char *colon = strrchr(rest, ':');
	size_t len;

	if (!colon)
		return NULL;
	len = colon - rest;
	if (*rest == '[' && len > 2 && colon[-1] == ']') {
		rest++;
		len -= 2;
	} else if (memchr(rest, ':', len)) {
		return NULL;
	}
	if (!len || len >= size)
		return NULL;

	memcpy(host, rest, len);
	host[len] = '\0';
	return colon + 1;
}

static int parse_tcp(const char *rest, struct address *address)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found;
	const char *service;
	char host[64];
	uint32_t port;

	service = split_tcp(rest, host, sizeof(host));
	if (!service || !parse_decimal(service, 65535, &port) || !port)
		return -EINVAL;
	if (!strcmp(host, "localhost"))
		strcpy(host, "127.0.0.1");
	if (getaddrinfo(host, service, &hints, &found))
		return -EINVAL;

	memcpy(&address->socket, found->ai_addr, found->ai_addrlen);
	address->len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static int parse_vsock(const char *rest, struct address *address)
{
	struct sockaddr_vm *vm = (struct sockaddr_vm *)&address->socket;
	const char *colon = strchr(rest, ':');
	char cid[16];
	uint32_t n;

	if (!colon || colon - rest >= (ptrdiff_t)sizeof(cid))
		return -EINVAL;
	memcpy(cid, rest, colon - rest);
	cid[colon - rest] = '\0';

	if (!strcmp(cid, "any"))
		n = VMADDR_CID_ANY;
	else if (!parse_decimal(cid, UINT32_MAX, &n))
		return -EINVAL;
	vm->svm_family = AF_VSOCK;
	vm->svm_cid = n;
	if (!parse_decimal(colon + 1, UINT32_MAX - 1, &vm->svm_port))
		return -EINVAL;
	address->len = sizeof(*vm);
	return 0;
}

static int parse_path(const char *rest, struct address *address,
		      enum address_kind kind)
{
	if (*rest != '/' || !rest[1])
		return -EINVAL;
	address->kind = kind;
	address->path = rest;
	return 0;
}

static int parse_pty(const char *rest, struct address *address)
{
	return parse_path(rest, address, ADDRESS_PTY);
}

static int parse_fifo(const char *rest, struct address *address)
{
	return parse_path(rest, address, ADDRESS_FIFO);
}

static const struct scheme schemes[] = {
	{ "unix:", parse_unix },
	{ "abstract:", parse_abstract },
	{ "tcp:", parse_tcp },
	{ "vsock:", parse_vsock },
	{ "pty:", parse_pty, true },
	{ "fifo:", parse_fifo, true },
	{ NULL },
};

static const struct scheme *find_scheme(const char *text)
{
	const struct scheme *scheme;

	for (scheme = schemes; scheme->prefix; scheme++) {
		if (!strncmp(text, scheme->prefix, strlen(scheme->prefix)))
			return scheme;
	}
	return NULL;
}

int address_parse(const char *text, struct address *address)
{
	const struct scheme *scheme = find_scheme(text);

	memset(address, 0, sizeof(*address));
	if (!scheme)
		return -EINVAL;
	return scheme->parse(text + strlen(scheme->prefix), address);
}

bool address_is_wellformed(const char *text, bool listen)
{
	struct address address;

	if (address_parse(text, &address))
		return false;
	if (address.socket.any.sa_family == AF_VSOCK && !listen)
		return ((struct sockaddr_vm *)&address.socket)->svm_cid !=
		       VMADDR_CID_ANY;
	return true;
}

bool address_is_lasting(const char *text)
{
	const struct scheme *scheme = find_scheme(text);

	return scheme && scheme->lasting;
}
