// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * udp.c - a character device that is a pair of UDP addresses
 *
 * Always open: there is no telling whether anybody listens.  Each piece of
 * output is a datagram; one that nobody takes is lost, as datagrams are.
 */

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "chardev.h"
#include "error.h"
#include "opts.h"
#include "socket_address.h"

/* The longest datagram of IPv4. */
#define DATAGRAM_MAX	65507

/* Datagrams in one call. */
#define BATCH		64

struct chardev_udp {
	struct chardev chr;
	int fd;
	sd_event_source *source;
	size_t have;			/* of a datagram that is being read */
	size_t done;
	uint8_t buf[DATAGRAM_MAX + 1];
};

struct udp_options {
	const char *backend;
	const char *id;
	const char *host;
	const char *port;
	const char *localaddr;
	const char *localport;
	bool ipv4;
	bool ipv6;
};

#define OPT(name, type, help) \
	{ #name, type, offsetof(struct udp_options, name), help }

static const struct opt_desc udp_options[] = {
	OPT(backend, OPT_STRING, NULL),
	OPT(id, OPT_STRING, "name by which a device or monitor refers to it"),
	OPT(host, OPT_STRING, "where to send to (default: localhost)"),
	OPT(port, OPT_STRING, "port or service there"),
	OPT(localaddr, OPT_STRING, "address here (default: any)"),
	OPT(localport, OPT_STRING, "port here (default: any)"),
	OPT(ipv4, OPT_BOOL, "use IPv4"),
	OPT(ipv6, OPT_BOOL, "use IPv6"),
	{ NULL }
};

static struct chardev_udp *to_udp(struct chardev *chr)
{
	return (struct chardev_udp *)chr;
}

/* @flags: AI_NUMERICHOST at run time, when nothing may be waited for. */
static int resolve(const char *host, const char *port, int family, int flags,
		   struct addrinfo **ret, struct error *error)
{
	struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = flags,
	};
	int err;

	err = getaddrinfo(host && *host ? host : NULL, port, &hints, ret);
	if (err)
		return error_set(error, -EINVAL,
				 "address resolution failed for %s:%s: %s",
				 host ?: "", port, gai_strerror(err));
	return 0;
}

static int udp_bind(const struct udp_options *options,
		    const struct addrinfo *peer, int flags, struct error *error)
{
	struct addrinfo *local;
	int fd, ret;

	ret = resolve(options->localaddr, options->localport ?: "0",
		      peer->ai_family, AI_PASSIVE | flags, &local, error);
	if (ret)
		return ret;

	fd = socket(peer->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    0);
	if (fd < 0)
		ret = error_set(error, -errno, "Failed to create a socket: %s",
				strerror(errno));
	else if (bind(fd, local->ai_addr, local->ai_addrlen))
		ret = error_set(error, -errno, "Failed to bind socket: %s",
				strerror(errno));
	else if (connect(fd, peer->ai_addr, peer->ai_addrlen))
		ret = error_set(error, -errno, "Failed to connect to '%s:%s': %s",
				options->host, options->port, strerror(errno));
	freeaddrinfo(local);
	if (ret && fd >= 0)
		close(fd);
	return ret ?: fd;
}

static int udp_open(const struct udp_options *options, bool runtime,
		    struct error *error)
{
	int flags = runtime ? AI_NUMERICHOST | AI_NUMERICSERV : 0;
	int family = AF_UNSPEC;
	struct addrinfo *peer;
	int ret;

	if (options->ipv4 != options->ipv6)
		family = options->ipv4 ? AF_INET : AF_INET6;
	ret = resolve(options->host, options->port, family, flags, &peer,
		      error);
	if (ret)
		return ret;
	ret = udp_bind(options, peer, flags, error);
	freeaddrinfo(peer);
	return ret;
}

/* While part of a datagram is left there is something to read at once. */
static void udp_update(struct chardev *chr)
{
	struct chardev_udp *udp = to_udp(chr);
	uint32_t events = 0;

	if (chr->want & CHARDEV_READ)
		events |= EPOLLIN;
	if (chr->want & CHARDEV_WRITE)
		events |= EPOLLOUT;
	if (chr->want & CHARDEV_READ && udp->done < udp->have)
		events |= EPOLLOUT;
	sd_event_source_set_io_events(udp->source, events);
	sd_event_source_set_enabled(udp->source,
				    events ? SD_EVENT_ON : SD_EVENT_OFF);
}

static int udp_event(sd_event_source *source, int fd, uint32_t events,
		     void *data)
{
	struct chardev *chr = data;
	socklen_t len = sizeof(int);
	bool left = to_udp(chr)->done < to_udp(chr)->have;
	int err;

	/* Nobody listens at the other end: that is not for ever. */
	if (events & EPOLLERR)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (events & EPOLLOUT && chr->want & CHARDEV_WRITE && chr->frontend)
		chr->frontend->writable(chr->frontend_data);
	if ((events & EPOLLIN || left) && chr->want & CHARDEV_READ &&
	    chr->frontend)
		chr->frontend->readable(chr->frontend_data);
	udp_update(chr);
	return 0;
}

static int udp_create(struct sd_event *event, const struct opts *opts,
		      bool runtime, struct chardev **ret, struct error *error)
{
	struct udp_options options = { .host = NULL };
	struct chardev_udp *udp;
	int fd, err;

	err = opts_apply(opts, udp_options, NULL, &options, error);
	if (err)
		return err;
	if (!options.host || !*options.host)
		options.host = runtime ? "127.0.0.1" : "localhost";
	if (!options.port || !*options.port)
		return error_set(error, -EINVAL,
				 "chardev: udp: remote port not specified");
	fd = socket_port_check("port", options.port, error);
	if (!fd && options.localport)
		fd = socket_port_check("localport", options.localport, error);
	if (!fd)
		fd = udp_open(&options, runtime, error);
	if (fd < 0)
		return fd;

	udp = calloc(1, sizeof(*udp));
	err = udp ? sd_event_add_io(event, &udp->source, fd, 0, udp_event,
				    &udp->chr) : -ENOMEM;
	if (err < 0) {
		free(udp);
		close(fd);
		return error_set(error, err, "%s", strerror(-err));
	}
	udp->fd = fd;
	udp->chr.open = true;
	*ret = &udp->chr;
	return 0;
}

static void udp_destroy(struct chardev *chr)
{
	sd_event_source_disable_unref(to_udp(chr)->source);
	close(to_udp(chr)->fd);
	free(chr);
}

/* A datagram may be longer than the room there is: the rest is kept. */
static ssize_t udp_readv(struct chardev *chr, const struct iovec *iov, int num)
{
	struct chardev_udp *udp = to_udp(chr);
	size_t part, start;
	ssize_t len;
	int i;

	if (udp->done == udp->have) {
		len = recv(udp->fd, udp->buf, sizeof(udp->buf), MSG_DONTWAIT);
		if (len <= 0)
			return -EAGAIN;
		udp->have = len;
		udp->done = 0;
	}
	start = udp->done;
	for (i = 0; i < num && udp->done < udp->have; i++) {
		part = udp->have - udp->done;
		if (part > iov[i].iov_len)
			part = iov[i].iov_len;
		memcpy(iov[i].iov_base, udp->buf + udp->done, part);
		udp->done += part;
	}
	return udp->done - start;
}

/* What cannot be sent for another reason than a full queue is lost. */
static ssize_t udp_send(struct chardev_udp *udp, struct mmsghdr *msgs,
			unsigned int num)
{
	int sent;

	do {
		sent = sendmmsg(udp->fd, msgs, num, MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);

	if (sent >= 0)
		return sent;
	return errno == EAGAIN || errno == EFAULT ? -errno : 1;
}

static ssize_t udp_writev(struct chardev *chr, const struct iovec *iov, int num)
{
	struct mmsghdr msgs[BATCH] = { 0 };
	struct iovec pieces[BATCH];
	size_t total = 0;
	ssize_t sent;
	int i, count = 0;

	for (i = 0; i < num && count < BATCH; i++) {
		if (!iov[i].iov_len)
			continue;
		pieces[count] = iov[i];
		if (pieces[count].iov_len > DATAGRAM_MAX)
			pieces[count].iov_len = DATAGRAM_MAX;
		msgs[count].msg_hdr.msg_iov = &pieces[count];
		msgs[count].msg_hdr.msg_iovlen = 1;
		count++;
		/* The rest of this one comes with the next call. */
		if (iov[i].iov_len > DATAGRAM_MAX)
			break;
	}
	if (!count)
		return 0;
	sent = udp_send(to_udp(chr), msgs, count);
	for (i = 0; i < sent; i++)
		total += pieces[i].iov_len;
	return sent < 0 ? sent : (ssize_t)total;
}

static void udp_filename(struct chardev *chr, char *buf, size_t size)
{
	snprintf(buf, size, "udp");
}

const struct chardev_ops chardev_udp_ops = {
	.name		= "udp",
	.options	= udp_options,
	.create		= udp_create,
	.destroy	= udp_destroy,
	.readv		= udp_readv,
	.writev		= udp_writev,
	.update		= udp_update,
	.filename	= udp_filename,
};
