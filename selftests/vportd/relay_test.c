// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * relay_test.c - a port and a socket, a pty or a fifo
 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "handler_fixture.h"

#define LISTEN "handler = relay\nlisten = unix:%s/sock\n"
#define CONNECT "handler = relay\nconnect = unix:%s/sock\n"

static void both_directions(void **state)
{
	int peer;

	fixture_start(LISTEN);
	host_comes();
	peer = peer_connect();
	host_sends("hello", 5);
	peer_gets(peer, "hello");
	peer_sends(peer, "world");
	host_gets("world");
	close(peer);
}

static void socket_has_its_mode_and_goes_with_the_port(void **state)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/sub/org.test", fixture_dir);
	fixture_start("handler = relay\nlisten = unix:%s/sub/%n\nmode = 0620\n");
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0620, st.st_mode & 07777);
	fixture_stop();
	assert_int_equal(-1, stat(path, &st));
}

/* What is accepted is never lost: it waits for a peer, and for a host. */
static void data_waits_for_the_other_side(void **state)
{
	int peer;

	fixture_start(LISTEN);
	peer = peer_connect();
	peer_sends(peer, "early");
	turns();
	host_comes();
	host_gets("early");
	close(peer);
	turns();
	host_sends("for the next", 12);
	turns();
	peer = peer_connect();
	peer_gets(peer, "for the next");
	close(peer);
}

static void next_peer_waits_for_its_turn(void **state)
{
	int first;
	int second;

	fixture_start(LISTEN);
	host_comes();
	first = peer_connect();
	turns();
	second = peer_connect();
	peer_sends(second, "second");
	peer_sends(first, "first");
	host_gets("first");
	host_sends("1", 1);
	peer_gets(first, "1");
	nothing_to_read(second);
	close(first);
	host_gets("second");
	host_sends("2", 1);
	peer_gets(second, "2");
	close(second);
}

/* One that said all it had to say still hears the host. */
static void half_closed_peer_is_served(void **state)
{
	int peer;

	fixture_start(LISTEN);
	host_comes();
	peer = peer_connect();
	peer_sends(peer, "question");
	shutdown(peer, SHUT_WR);
	host_gets("question");
	turns();
	host_sends("answer", 6);
	peer_gets(peer, "answer");
	host_leaves();
	peer_gets_end(peer);
	close(peer);
}

static void peer_goes_with_its_host(void **state)
{
	int peer;

	fixture_start(LISTEN);
	host_comes();
	peer = peer_connect();
	host_sends("last words", 10);
	turns();
	host_leaves();
	peer_gets(peer, "last words");
	peer_gets_end(peer);

	/* What it says now is for nobody, the next host in particular. */
	peer_sends(peer, "stale");
	turns();
	host_comes();
	close(peer);
	peer = peer_connect();
	peer_sends(peer, "fresh");
	host_gets("fresh");
	close(peer);
}

static void kept_peer_outlives_its_host(void **state)
{
	int peer;

	fixture_start(LISTEN "host-leaves = keep\n");
	host_comes();
	peer = peer_connect();
	peer_sends(peer, "1");
	host_gets("1");
	host_leaves();
	peer_sends(peer, "2");
	nothing_to_read(peer);
	host_comes();
	host_gets("2");
	host_sends("3", 1);
	peer_gets(peer, "3");
	close(peer);
}

/* Many times what all queues on the way hold, compared byte for byte. */
static void slow_reader_loses_nothing(void **state)
{
	static uint8_t data[4 << 20];
	static uint8_t got[sizeof(data)];
	size_t sent = 0;
	size_t len = 0;
	size_t i;
	ssize_t n;
	int peer;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 7 + (i >> 8);
	fixture_start(LISTEN);
	host_comes();
	peer = peer_connect();
	fcntl(peer, F_SETFL, O_NONBLOCK);
	while (len < sizeof(data)) {
		n = write(peer, data + sent, sizeof(data) - sent);
		sent += n > 0 ? n : 0;
		host_sends(data + len, 4096);
		for (i = 0; i < 4096; i += n) {
			wait_for_input(peer);
			n = read(peer, got + len + i, 4096 - i);
			assert_true(n > 0);
		}
		len += 4096;
	}
	assert_memory_equal(data, got, sizeof(data));

	/* And what it sent meanwhile is there in order. */
	assert_true(sent > 256 << 10);
	for (i = 0; i < sent; i++) {
		static char expected[2];

		if (!data[i])
			break;
		expected[0] = data[i];
		if (i < 2000)
			host_gets(expected);
	}
	close(peer);
}

static void connects_when_a_host_comes(void **state)
{
	int listener = peer_listen();
	int peer;

	fixture_start(CONNECT);
	nothing_to_read(listener);
	host_comes();
	peer = peer_accept(listener);
	host_sends("x", 1);
	peer_gets(peer, "x");
	host_leaves();
	peer_gets_end(peer);
	close(peer);
	close(listener);
}

static void connects_again(void **state)
{
	int listener;
	int peer;

	fixture_start(CONNECT);
	host_comes();
	host_sends("kept", 4);
	turns();
	listener = peer_listen();
	peer = peer_accept(listener);
	peer_gets(peer, "kept");
	close(peer);
	turns();
	host_sends("too", 3);
	peer = peer_accept(listener);
	peer_gets(peer, "too");
	close(peer);
	close(listener);
}

/* No pause between two hosts: the peer has done nothing wrong. */
static void connects_at_once_for_the_next_host(void **state)
{
	int listener = peer_listen();
	int peer;
	int i;

	fixture_start(CONNECT);
	host_comes();
	for (i = 0; i < 20; i++) {
		peer = peer_accept(listener);
		host_sends("x", 1);
		peer_gets(peer, "x");
		host_leaves();
		host_comes();
		peer_gets_end(peer);
		close(peer);
		turns();
	}
	peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(peer >= 0);
	close(peer);
	close(listener);
}

static void pty_passes_all_bytes(void **state)
{
	char path[128];
	int peer;

	fixture_start("handler = relay\nlisten = pty:%s/pty\n");
	snprintf(path, sizeof(path), "%s/pty", fixture_dir);
	peer = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(peer >= 0);
	host_comes();
	host_sends("a\r\n\003\177", 5);
	peer_gets(peer, "a\r\n\003\177");
	peer_sends(peer, "b\n\004");
	host_gets("b\n\004");

	/* Nobody has it open for a while; the host does not mind. */
	close(peer);
	turns();
	host_sends("c", 1);
	turns();
	peer = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	peer_gets(peer, "c");
	close(peer);
	fixture_stop();
	assert_int_equal(-1, access(path, F_OK));
}

static void file_in_the_way_of_a_pty_is_kept(void **state)
{
	write_file("pty", "mine");
	fixture_start("handler = relay\nlisten = pty:%s/pty\n");
	fixture_stop();
	wait_for_file("pty", "mine");
}

static void fifos_pass_both_ways(void **state)
{
	char path[128];
	int in;
	int out;

	fixture_start("handler = relay\nlisten = fifo:%s/f\n");
	host_comes();
	snprintf(path, sizeof(path), "%s/f.in", fixture_dir);
	in = open(path, O_WRONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/f.out", fixture_dir);
	out = open(path, O_RDONLY | O_CLOEXEC);
	peer_sends(in, "up");
	host_gets("up");
	host_sends("down", 4);
	peer_gets(out, "down");
	close(in);
	close(out);
}

static void tcp_and_abstract(void **state)
{
	fixture_start("handler = relay\nlisten = abstract:vport-%d-relay-test\n");
	fixture_stop();
	fixture_start("handler = relay\nlisten = tcp:[::1]:47113\n");
	fixture_stop();
	fixture_start("handler = relay\nconnect = tcp:127.0.0.1:1\n");
	host_comes();
	turns();
}

static void wait_for_node(bool open)
{
	while (node_is_open() != open)
		assert_true(sd_event_run(fixture_event, 10000000) > 0);
}

/* What the host has yet to take keeps it open. */
static void node_is_open_with_a_peer_only(void **state)
{
	char last[200000];
	size_t got = 0;
	ssize_t n;
	int peer;

	memset(last, 'x', sizeof(last));
	fixture_start(LISTEN "hold = with-peer\n");
	turns();
	assert_false(node_is_open());

	peer = peer_connect();
	wait_for_node(true);
	host_comes();
	host_sends("question", 8);
	peer_gets(peer, "question");
	assert_int_equal(sizeof(last), write(peer, last, sizeof(last)));
	close(peer);
	turns();
	while ((n = read(host_fd(), last, 1000)) > 0 || got < sizeof(last)) {
		got += n > 0 ? n : 0;
		if (n < 0)
			wait_for_input(host_fd());
	}
	assert_int_equal(sizeof(last), got);
	wait_for_node(false);

	/* And so for the next one, whoever the host is. */
	peer = peer_connect();
	wait_for_node(true);
	nothing_to_read(peer);
	host_comes();
	peer_sends(peer, "next");
	host_gets("next");
	host_leaves();
	peer_gets_end(peer);
	assert_true(node_is_open());
	close(peer);
	wait_for_node(false);
}

static void node_is_open_while_connected(void **state)
{
	int listener;
	int peer;

	fixture_start(CONNECT "hold = with-peer\n");
	turns();
	assert_false(node_is_open());
	listener = peer_listen();
	peer = peer_accept(listener);
	wait_for_node(true);
	host_comes();
	host_sends("x", 1);
	peer_gets(peer, "x");
	close(listener);
	close(peer);
	wait_for_node(false);

	listener = peer_listen();
	peer = peer_accept(listener);
	wait_for_node(true);
	close(peer);
	close(listener);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
	const struct CMUnitTest tests[] = {
		TEST(both_directions),
		TEST(socket_has_its_mode_and_goes_with_the_port),
		TEST(data_waits_for_the_other_side),
		TEST(next_peer_waits_for_its_turn),
		TEST(half_closed_peer_is_served),
		TEST(peer_goes_with_its_host),
		TEST(kept_peer_outlives_its_host),
		TEST(slow_reader_loses_nothing),
		TEST(connects_when_a_host_comes),
		TEST(connects_again),
		TEST(connects_at_once_for_the_next_host),
		TEST(pty_passes_all_bytes),
		TEST(file_in_the_way_of_a_pty_is_kept),
		TEST(fifos_pass_both_ways),
		TEST(tcp_and_abstract),
		TEST(node_is_open_with_a_peer_only),
		TEST(node_is_open_while_connected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
