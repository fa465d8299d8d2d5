/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket_address.h - what -chardev socket is told, made into a socket
 */

#ifndef VPORTEMU_SOCKET_ADDRESS_H
#define VPORTEMU_SOCKET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "opts.h"

struct error;

/* Descriptors, and memory for what they have not read. */
#define SOCKET_MAX_CLIENTS	64

struct socket_options {
	const char *backend;
	const char *id;
	const char *path;
	const char *host;
	const char *port;
	const char *fd;
	const char *cid;
	bool abstract;
	bool tight;
	bool ipv4;
	bool ipv6;
	bool keep_alive;
	bool mptcp;
	bool numeric;		/* neither host nor port is a name */
	uint32_t to;		/* the last port to try; 0: just the one */
	uint32_t reconnect;	/* s */
	uint32_t reconnect_ms;
	uint32_t max_clients;	/* and as many may wait, as with QEMU */
	bool server;
	bool wait;
	bool nodelay;
	bool delay;

	/* what there is not */
	bool telnet;
	bool tn3270;
	bool websocket;
	const char *tls_creds;
	const char *tls_authz;
};

extern const struct opt_desc socket_option_descs[];

/* socket_options.c */

/* Fill and check; the strings are borrowed from @opts. */
int socket_options_parse(struct socket_options *options,
			 const struct opts *opts, struct error *error);

/* Is it a TCP or UDP port, or may be the name of one? */
int socket_port_check(const char *name, const char *port, struct error *error);

/* Make the strings our own, and free them; of half of them, too. */
int socket_options_keep(struct socket_options *options);
void socket_options_free(struct socket_options *options);

/*
 * Make a path, which is our own string, absolute: in the background we are in
 * another directory.  One that is too long then stays as it is.
 */
int socket_options_fix_path(struct socket_options *options);

/* Print the address of a server or client as QEMU does. */
void socket_describe(const struct socket_options *options, int fd, char *buf,
		     size_t size);

/* Print the address of the other end of a connection. */
void socket_describe_peer(int fd, char *buf, size_t size);

/* socket_address.c */

/**
 * socket_listen() - the listening socket
 *
 * Return: its descriptor, not blocking; -errno with words in @error.
 */
int socket_listen(const struct socket_options *options, struct error *error);

/**
 * socket_connect() - the connected socket
 * @options: where to
 * @wait:    until it is connected; else ret_pending may be set
 * @pending: it will be, or have failed, when it is writable
 * @error:   why not
 *
 * Return: its descriptor, not blocking; -errno with words in @error.
 */
int socket_connect(const struct socket_options *options, bool wait,
		   bool *pending, struct error *error);

/**
 * socket_resolve() - make a host's name a number, once
 *
 * For those who are going to connect again and again, and may not wait then.
 * Where there are several addresses, it is the first.
 *
 * Return: its numbers, to free; NULL with words in @error.
 */
char *socket_resolve(const struct socket_options *options,
		     struct error *error);

#endif /* VPORTEMU_SOCKET_ADDRESS_H */
