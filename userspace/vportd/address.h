/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * address.h - where the other end of a relay is
 */

#ifndef VPORTD_ADDRESS_H
#define VPORTD_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

enum address_kind {
	ADDRESS_SOCKET,
	ADDRESS_PTY,		/* @path, or at the end of that link */
	ADDRESS_FIFO,		/* @path.in and @path.out */
};

struct address {
	enum address_kind kind;
	union {
		struct sockaddr any;
		struct sockaddr_un un;	/* the longest of them */
		struct sockaddr_storage storage;
	} socket;
	socklen_t len;
	const char *path;	/* of what is in the file system, or NULL */
};

/**
 * address_parse() - understand an address
 * @text:    unix:PATH, abstract:NAME, tcp:ADDRESS:PORT, vsock:CID:PORT,
 *           pty:PATH, fifo:PATH; borrowed
 * @address: filled in
 *
 * Internet addresses are numbers, or "localhost": a name service may take its
 * time.  "vsock:any:PORT" is for listening.
 *
 * Return: 0, -ENAMETOOLONG, -EINVAL.
 */
int address_parse(const char *text, struct address *address);

/* The same for a template, and whether one can listen or connect there. */
bool address_is_wellformed(const char *text, bool listen);

/* Whether what a template names is one stream for all its users. */
bool address_is_lasting(const char *text);

#endif /* VPORTD_ADDRESS_H */
