// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * socket_options.c - what -chardev socket is told, and how it is told again
 *
 * The words of errors are QEMU's.
 */

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "error.h"
#include "opts.h"
#include "socket_address.h"

#define OPT(name, type, help) \
	{ #name, type, offsetof(struct socket_options, name), help }

const struct opt_desc socket_option_descs[] = {
	OPT(backend, OPT_STRING, NULL),
	OPT(id, OPT_STRING, "name by which a device or monitor refers to it"),
	OPT(path, OPT_STRING, "unix socket"),
	OPT(host, OPT_STRING, "TCP host name or address"),
	OPT(port, OPT_STRING, "TCP port or service"),
	OPT(fd, OPT_STRING, "descriptor that was passed to the process"),
	OPT(abstract, OPT_BOOL, "the path is an abstract name (default: off)"),
	OPT(tight, OPT_BOOL,
	    "an abstract name ends where it ends (default: on)"),
	OPT(cid, OPT_STRING, "vsock context id, with port"),
	OPT(to, OPT_U32, "TCP ports to try, from port up to this one"),
	OPT(numeric, OPT_BOOL, "host and port are no names (default: off)"),
	OPT(mptcp, OPT_BOOL, "use multipath TCP (default: off)"),
	OPT(ipv4, OPT_BOOL, "use IPv4"),
	OPT(ipv6, OPT_BOOL, "use IPv6"),
	{ "keep-alive", OPT_BOOL, offsetof(struct socket_options, keep_alive),
	  "look after idle TCP connections (default: off)" },
	OPT(reconnect, OPT_U32,
	    "seconds after which a client connects again (default: 0, never)"),
	{ "reconnect-ms", OPT_U32,
	  offsetof(struct socket_options, reconnect_ms),
	  "the same in milliseconds" },
	OPT(server, OPT_BOOL, "listen (default: off)"),
	{ "max-clients", OPT_U32, offsetof(struct socket_options, max_clients),
	  "how many a server has at a time (default: 1)" },
	OPT(wait, OPT_BOOL,
	    "start only when a client has connected (default: on)"),
	OPT(nodelay, OPT_BOOL, "send small TCP segments at once"),
	OPT(delay, OPT_BOOL, "collect small TCP segments (default: on)"),
	OPT(telnet, OPT_BOOL, NULL),
	OPT(tn3270, OPT_BOOL, NULL),
	OPT(websocket, OPT_BOOL, NULL),
	{ "tls-creds", OPT_STRING, offsetof(struct socket_options, tls_creds) },
	{ "tls-authz", OPT_STRING, offsetof(struct socket_options, tls_authz) },
	{ NULL }
};

/* QEMU's clients may say that they do not want these. */
static int check_absent(const struct socket_options *options,
			struct error *error)
{
	const char *name = options->telnet ? "telnet" :
			   options->tn3270 ? "tn3270" :
			   options->websocket ? "websocket" : NULL;

	if (name)
		return error_set(error, -EINVAL,
				 "Parameter '%s' does not accept value 'on'",
				 name);
	if (options->tls_authz && !options->tls_creds)
		return error_set(error, -EINVAL,
			"'tls_authz' option requires 'tls_creds' option");
	if (options->tls_creds)
		return error_set(error, -ENOENT,
				 "No TLS credentials with id '%s'",
				 options->tls_creds);
	return 0;
}

static int check_ports(const struct socket_options *options,
		       struct error *error)
{
	char *end;

	if (!options->to)
		return 0;
	if (!options->host || !options->server)
		return error_set(error, -EINVAL,
			"'to' option requires 'host' and 'server'");
	if (!*options->port || strtoul(options->port, &end, 10) > options->to ||
	    *end || options->to > UINT16_MAX)
		return error_set(error, -EINVAL,
				 "Parameter 'to' expects a port from '%s' up",
				 options->port);
	return 0;
}

static int check_reconnect(struct socket_options *options,
			   const struct opts *opts, struct error *error)
{
	bool seconds = opts_has(opts, "reconnect");
	const char *name = seconds ? "reconnect" : "reconnect-ms";

	if (seconds && opts_has(opts, "reconnect-ms"))
		return error_set(error, -EINVAL,
			"'reconnect' and 'reconnect-ms' are mutually exclusive");
	if (options->reconnect > UINT32_MAX / 1000)
		return error_set(error, -EINVAL,
				 "Parameter 'reconnect' expects up to %u",
				 UINT32_MAX / 1000);
	if (seconds)
		options->reconnect_ms = 1000 * options->reconnect;
	if (options->reconnect_ms && options->server)
		return error_set(error, -EINVAL,
			"'%s' option is incompatible with socket in server listen mode",
			name);
	if (options->reconnect_ms && options->fd)
		return error_set(error, -EINVAL,
				 "'%s' option is incompatible with 'fd'", name);
	return 0;
}

/* The resolver takes any number, and makes it fit. */
int socket_port_check(const char *name, const char *port, struct error *error)
{
	size_t digits = strspn(port, "0123456789");

	if (!digits || port[digits] || strtoul(port, NULL, 10) <= UINT16_MAX)
		return 0;
	return error_set(error, -EINVAL,
			 "Parameter '%s' expects up to %u or a service, not '%s'",
			 name, UINT16_MAX, port);
}

int socket_options_parse(struct socket_options *options,
			 const struct opts *opts, struct error *error)
{
	int kinds, ret;

	*options = (struct socket_options) { .wait = true, .delay = true,
					     .tight = true, .max_clients = 1 };
	ret = opts_apply(opts, socket_option_descs, NULL, options, error);
	if (ret)
		return ret;

	kinds = !!options->path + !!options->host + !!options->fd +
		!!options->cid;
	if (options->port && !kinds) {
		options->host = "";
		kinds = 1;
	}
	if (kinds != 1)
		return error_set(error, -EINVAL,
			"None or one of 'path', 'fd' or 'host' option required.");
	if ((options->host || options->cid) && !options->port)
		return error_set(error, -EINVAL,
				 "chardev: socket: no port given");
	if (options->host && socket_port_check("port", options->port, error))
		return -EINVAL;
	if (!options->server && opts_has(opts, "wait"))
		return error_set(error, -EINVAL,
			"'wait' option is incompatible with socket in client connect mode");
	if (!options->path && (opts_has(opts, "abstract") ||
			       opts_has(opts, "tight")))
		return error_set(error, -EINVAL,
			"'abstract' and 'tight' options require 'path'");
	if (!options->server && opts_has(opts, "max-clients"))
		return error_set(error, -EINVAL,
			"'max-clients' option is incompatible with socket in client connect mode");
	if (!options->max_clients || options->max_clients > SOCKET_MAX_CLIENTS)
		return error_set(error, -EINVAL,
				 "Parameter 'max-clients' expects 1 to %u",
				 SOCKET_MAX_CLIENTS);
	if (!options->delay)
		options->nodelay = true;
	ret = check_absent(options, error);
	if (!ret)
		ret = check_ports(options, error);
	return ret ?: check_reconnect(options, opts, error);
}

/* The options outlive the strings they were parsed from. */
int socket_options_keep(struct socket_options *options)
{
	const char **strings[] = { &options->path, &options->host,
				   &options->port, &options->fd,
				   &options->cid };
	size_t i;
	int ret = 0;

	options->backend = NULL;
	options->id = NULL;
	options->tls_creds = NULL;
	options->tls_authz = NULL;
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (!*strings[i])
			continue;
		*strings[i] = strdup(*strings[i]);
		if (!*strings[i])
			ret = -ENOMEM;
	}
	return ret;
}

void socket_options_free(struct socket_options *options)
{
	free((char *)options->path);
	free((char *)options->host);
	free((char *)options->port);
	free((char *)options->fd);
	free((char *)options->cid);
}

int socket_options_fix_path(struct socket_options *options)
{
	char *cwd, *path = NULL;

	if (!options->path || options->abstract || *options->path == '/')
		return 0;
	cwd = getcwd(NULL, 0);
	if (cwd && asprintf(&path, "%s/%s", cwd, options->path) < 0)
		path = NULL;
	free(cwd);
	if (!path)
		return -ENOMEM;
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		free(path);
		return 0;
	}
	free((char *)options->path);
	options->path = path;
	return 0;
}

static void describe_inet(const struct sockaddr *addr, socklen_t len, char *buf,
			  size_t size)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];
	bool v6 = addr->sa_family == AF_INET6;

	if (getnameinfo(addr, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV)) {
		snprintf(buf, size, "unknown");
		return;
	}
	snprintf(buf, size, "%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "",
		 port);
}

void socket_describe(const struct socket_options *options, int fd, char *buf,
		     size_t size)
{
	struct sockaddr_storage storage = { .ss_family = AF_UNSPEC };
	struct sockaddr *addr = (struct sockaddr *)&storage;
	socklen_t len = sizeof(storage);
	char inet[128];

	if (options->path) {
		snprintf(buf, size, "unix:%s%s%s", options->path,
			 options->abstract ? ",abstract=on" : "",
			 options->abstract && !options->tight ? ",tight=off" :
								"");
		return;
	}
	if (options->cid) {
		snprintf(buf, size, "vsock:%s:%s", options->cid, options->port);
		return;
	}
	if (fd >= 0)
		getsockname(fd, addr, &len);
	if (addr->sa_family == AF_UNIX) {
		snprintf(buf, size, "unix:%.*s",
			 (int)(len - offsetof(struct sockaddr_un, sun_path)),
			 ((struct sockaddr_un *)addr)->sun_path);
	} else if (addr->sa_family == AF_UNSPEC) {
		snprintf(buf, size, "tcp:%s:%s", options->host ?: "",
			 options->port ?: "");
	} else {
		describe_inet(addr, len, inet, sizeof(inet));
		snprintf(buf, size, "tcp:%s", inet);
	}
}

void socket_describe_peer(int fd, char *buf, size_t size)
{
	struct sockaddr_storage storage;
	struct sockaddr *addr = (struct sockaddr *)&storage;
	socklen_t len = sizeof(storage);

	*buf = '\0';
	if (!getpeername(fd, addr, &len) &&
	    (addr->sa_family == AF_INET || addr->sa_family == AF_INET6))
		describe_inet(addr, len, buf, size);
}
