// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * relay_flow_test.c - each kind of peer, made by the relay or by somebody else,
 * gets and sends all bytes in order, however slow the reader
 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <linux/vm_sockets.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "handler_fixture.h"

/* What goes in and comes out at once; a terminal takes little. */
#define CHUNK		4000

/* Many times what all queues on the way hold, but for those of TCP. */
#define FLOW_BYTES	(2u << 20)

/* No queue is larger than this. */
#define FLOW_STUCK	(64u << 20)

struct peer {
	int in;			/* the test reads what the host said from here */
	int out;
};

struct kind {
	const char *name;
	const char *conf;
	/* make() - what is there before the relay; NULL: nothing */
	int (*make)(void);
	/* meet() - the peer, when there is a host */
	void (*meet)(int made, struct peer *peer);
	/* is_here() - whether the machine has such; NULL: it has */
	bool (*is_here)(void);
};

/* Of one direction: how much went in and came out. */
struct flow {
	int from;
	int to;
	size_t sent;
	size_t got;
};

static uint8_t byte_at(size_t i)
{
	return i * 7 + (i >> 8) + (i >> 16);
}

static bool flow_in(struct flow *flow)
{
	uint8_t data[CHUNK];
	ssize_t n;
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = byte_at(flow->sent + i);
	n = write(flow->from, data, sizeof(data));
	if (n > 0)
		flow->sent += n;
	return n > 0;
}

/* Waits when there is nothing yet. */
static void flow_out(struct flow *flow)
{
	uint8_t data[CHUNK];
	ssize_t n = read(flow->to, data, sizeof(data));
	ssize_t i;

	if (n < 0 && errno == EAGAIN) {
		wait_for_input(flow->to);
		return;
	}
	assert_true(n > 0);
	for (i = 0; i < n; i++) {
		if (data[i] != byte_at(flow->got + i))
			fail_msg("byte %zu is another", flow->got + i);
	}
	flow->got += n;
}

/* Who does not read stops who writes. */
static void flow_fill(struct flow *flow)
{
	do {
		turns();
	} while (flow_in(flow) && flow->sent < FLOW_STUCK);
	assert_true(flow->sent >= CHUNK && flow->sent < FLOW_STUCK);
}

/* And nobody else: one direction is full while the other one is used. */
static void flow_past(struct flow *full, struct flow *flow)
{
	size_t until = flow->got + FLOW_BYTES;

	flow_fill(full);
	while (flow->got < until) {
		flow_in(flow);
		flow_out(flow);
	}
	while (flow->got < flow->sent)
		flow_out(flow);
	while (full->got < full->sent)
		flow_out(full);
}

static void flows_both_ways(void **state)
{
	const struct kind *kind = *state;
	struct peer peer;
	struct flow down;
	struct flow up;
	int made = -1;

	if (kind->is_here && !kind->is_here()) {
		print_message("%s: the machine has none\n", kind->name);
		skip();
	}
	if (kind->make)
		made = kind->make();
	fixture_start(kind->conf);
	host_comes();
	kind->meet(made, &peer);
	fcntl(peer.in, F_SETFL, O_NONBLOCK);
	fcntl(peer.out, F_SETFL, O_NONBLOCK);
	down = (struct flow){ .from = host_fd(), .to = peer.in };
	up = (struct flow){ .from = peer.out, .to = host_fd() };
	flow_past(&up, &down);
	flow_past(&down, &up);

	close(peer.in);
	if (peer.out != peer.in)
		close(peer.out);
	if (made >= 0)
		close(made);
}

static void meet_unix(int made, struct peer *peer)
{
	peer->in = peer->out = peer_connect();
}

static void meet_client(int listener, struct peer *peer)
{
	peer->in = peer->out = peer_accept(listener);
}

/* 127.44.77.1 rather than localhost: others may use the same port there. */
static struct sockaddr_in tcp_address(void)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(47114),
		.sin_addr.s_addr = htonl(0x7f2c4d01),
	};
}

static int connect_to(const void *addr, socklen_t len)
{
	int family = ((const struct sockaddr *)addr)->sa_family;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(0, connect(fd, addr, len));
	return fd;
}

static int listen_at(const void *addr, socklen_t len)
{
	int family = ((const struct sockaddr *)addr)->sa_family;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(0, bind(fd, addr, len));
	assert_int_equal(0, listen(fd, 1));
	return fd;
}

static void meet_tcp(int made, struct peer *peer)
{
	struct sockaddr_in addr = tcp_address();

	peer->in = peer->out = connect_to(&addr, sizeof(addr));
}

static int make_tcp(void)
{
	struct sockaddr_in addr = tcp_address();

	return listen_at(&addr, sizeof(addr));
}

#define ABSTRACT "vport-relay-flow-test"

static socklen_t abstract_address(struct sockaddr_un *addr)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(addr->sun_path + 1, ABSTRACT, sizeof(ABSTRACT) - 1);
	return offsetof(struct sockaddr_un, sun_path) + sizeof(ABSTRACT);
}

static void meet_abstract(int made, struct peer *peer)
{
	struct sockaddr_un addr;
	socklen_t len = abstract_address(&addr);

	peer->in = peer->out = connect_to(&addr, len);
}

static int make_abstract(void)
{
	struct sockaddr_un addr;
	socklen_t len = abstract_address(&addr);

	return listen_at(&addr, len);
}

static const struct sockaddr_vm vsock = {
	.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL, .svm_port = 47114,
};

/* Without the loopback such a connection goes to a host, who may not answer. */
static bool has_vsock(void)
{
	struct sockaddr_vm any = vsock;
	struct timeval limit = { .tv_usec = 500000 };
	int listener = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has;

	any.svm_cid = VMADDR_CID_ANY;
	setsockopt(client, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &limit,
		   sizeof(limit));
	has = !bind(listener, (struct sockaddr *)&any, sizeof(any)) &&
	      !listen(listener, 1) &&
	      !connect(client, (struct sockaddr *)&vsock, sizeof(vsock));
	close(client);
	close(listener);
	return has;
}

static void meet_vsock(int made, struct peer *peer)
{
	peer->in = peer->out = connect_to(&vsock, sizeof(vsock));
}

static int make_vsock(void)
{
	return listen_at(&vsock, sizeof(vsock));
}

static char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", fixture_dir, name);
	return path;
}

static void meet_pty(int made, struct peer *peer)
{
	peer->in = peer->out = open(path_of("pty"), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(peer->in >= 0);
}

/* Somebody else's, as it is when it is new: with an echo, and lines. */
static int make_pty(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_int_equal(0, grantpt(master) || unlockpt(master));
	assert_int_equal(0, symlink(ptsname(master), path_of("pty")));
	return master;
}

static void meet_master(int master, struct peer *peer)
{
	peer->in = peer->out = dup(master);
}

static void open_fifos(const char *read_name, const char *write_name,
		       struct peer *peer)
{
	peer->in = open(path_of(read_name), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	peer->out = open(path_of(write_name), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(peer->in >= 0 && peer->out >= 0);
}

static void meet_fifos(int made, struct peer *peer)
{
	open_fifos("f.out", "f.in", peer);
}

static int make_fifos(void)
{
	assert_int_equal(0, mkfifo(path_of("f.in"), 0600));
	assert_int_equal(0, mkfifo(path_of("f.out"), 0600));
	return -1;
}

static void meet_made_fifos(int made, struct peer *peer)
{
	open_fifos("f.in", "f.out", peer);
}

#define LISTEN(address) "handler = relay\nlisten = " address "\n"
#define CONNECT(address) "handler = relay\nconnect = " address "\n"

static const struct kind kinds[] = {
	{ "unix_listen", LISTEN("unix:%s/sock"), NULL, meet_unix },
	{ "unix_connect", CONNECT("unix:%s/sock"), peer_listen, meet_client },
	{ "abstract_listen", LISTEN("abstract:" ABSTRACT), NULL, meet_abstract },
	{ "abstract_connect", CONNECT("abstract:" ABSTRACT), make_abstract,
	  meet_client },
	{ "tcp_listen", LISTEN("tcp:127.44.77.1:47114"), NULL, meet_tcp },
	{ "tcp_connect", CONNECT("tcp:127.44.77.1:47114"), make_tcp, meet_client },
	{ "vsock_listen", LISTEN("vsock:any:47114"), NULL, meet_vsock, has_vsock },
	{ "vsock_connect", CONNECT("vsock:1:47114"), make_vsock, meet_client,
	  has_vsock },
	{ "pty_listen", LISTEN("pty:%s/pty"), NULL, meet_pty },
	{ "pty_connect", CONNECT("pty:%s/pty"), make_pty, meet_master },
	{ "fifo_listen", LISTEN("fifo:%s/f"), NULL, meet_fifos },
	{ "fifo_connect", CONNECT("fifo:%s/f"), make_fifos, meet_made_fifos },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

int main(void)
{
	struct CMUnitTest tests[KINDS];
	size_t i;

	for (i = 0; i < KINDS; i++)
		tests[i] = (struct CMUnitTest){
			kinds[i].name, flows_both_ways, fixture_begin,
			fixture_end, (void *)&kinds[i],
		};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
