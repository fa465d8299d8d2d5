// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * metrics_test.c - statistics over HTTP
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

static int setup(void **state)
{
	begin();
	emulator_chardev(&f.emu, "c");
	emulator_arg(&f.emu, "-metrics addr.type=fd,addr.str=%d",
		     emulator_socket(&f.emu, "metrics"));
	emulator_start(&f.emu);
	attach(false);
	return 0;
}

static int teardown(void **state)
{
	end();
	return 0;
}

/* The whole answer, up to the end of the connection. */
static void ask(const char *request, char *answer, size_t size)
{
	int fd = emulator_connect(&f.emu, "metrics");
	size_t have = 0;
	ssize_t len;

	write_exactly(fd, request, strlen(request));
	while ((len = recv(fd, answer + have, size - 1 - have, 0)) > 0)
		have += len;
	assert_int_equal(len, 0);
	answer[have] = '\0';
	close(fd);
}

static void test_metrics(void **state)
{
	static char answer[65536];
	const char *body;
	size_t len;

	guest_says("lost");
	ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", answer, sizeof(answer));
	assert_int_equal(sscanf(answer, "HTTP/1.1 200 OK\r\n"
				"Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"
				"Content-Length: %zu\r\n", &len), 1);
	body = strstr(answer, "\r\n\r\n");
	assert_non_null(body);
	body += 4;
	assert_int_equal(strlen(body), len);
	assert_non_null(strstr(body, "# TYPE vport_port_dropped_bytes counter\n"
		"# UNIT vport_port_dropped_bytes bytes\n"
		"# HELP vport_port_dropped_bytes Bytes from the guest that nobody will get.\n"
		"vport_port_dropped_bytes_total{bus=\"s0.0\",nr=\"1\",driver=\"virtserialport\",id=\"p1\",chardev=\"c\"} 4\n"));
	assert_non_null(strstr(body, "vport_port_guest_connected{bus=\"s0.0\",nr=\"1\",driver=\"virtserialport\",id=\"p1\",chardev=\"c\"} 1\n"));
	assert_non_null(strstr(body, "\nvport_running 1\n"));
	assert_string_equal(body + len - 6, "# EOF\n");
}

static void test_refusals(void **state)
{
	static const char *const pairs[][2] = {
		{ "GET / HTTP/1.0\n\n", "HTTP/1.1 404 Not Found\r\n" },
		{ "POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n" },
		{ "GET /metrics\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n" },
		{ "\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n" },
	};
	char answer[1024], request[8193];
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		ask(pairs[i][0], answer, sizeof(answer));
		assert_memory_equal(answer, pairs[i][1], strlen(pairs[i][1]));
	}
	memset(request, 'x', 8192);
	request[8192] = '\0';
	ask(request, answer, sizeof(answer));
	assert_memory_equal(answer, "HTTP/1.1 431 ", 13);
}

/* Those who say nothing take the places of others only for a time. */
static void test_silent_clients(void **state)
{
	static char answer[65536];
	int fds[16];
	size_t i;

	for (i = 0; i < 16; i++)
		fds[i] = emulator_connect(&f.emu, "metrics");
	ask("GET /metrics HTTP/1.1\r\n\r\n", answer, sizeof(answer));
	assert_memory_equal(answer, "HTTP/1.1 200 ", 13);
	for (i = 0; i < 16; i++)
		close(fds[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_metrics),
		TEST(test_refusals),
		TEST(test_silent_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
