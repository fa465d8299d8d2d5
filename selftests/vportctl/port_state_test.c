// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port_state_test.c - the state of a port, from its debugfs file
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "port_state.h"

static void check(const char *text, enum port_state host,
		  enum port_state guest)
{
	struct port_states states = { 77, 77 };

	port_states_parse(text, &states);
	assert_int_equal(host, states.host);
	assert_int_equal(guest, states.guest);
}

static void states_are_read(void **state)
{
	check("name: a\nguest_connected: 1\nhost_connected: 0\n"
	      "outvq_full: 0\n", PORT_CLOSED, PORT_OPEN);
	check("host_connected: 1\nguest_connected: 0", PORT_OPEN, PORT_CLOSED);
}

static void what_is_not_told_is_unknown(void **state)
{
	check("", PORT_UNKNOWN, PORT_UNKNOWN);
	check("host_connected: yes\nguest_connected:\n", PORT_UNKNOWN,
	      PORT_UNKNOWN);
	check("name: host_connected: 1\n", PORT_UNKNOWN, PORT_UNKNOWN);
}

static void bytes_are_counted(void **state)
{
	struct port_states states = { 0 };

	port_states_parse("bytes_received: 12345678901\nbytes_sent: 0\n",
			  &states);
	assert_int_equal(12345678901, states.received);
	assert_int_equal(0, states.sent);
	port_states_parse("host_connected: 1\n", &states);
	assert_int_equal(-1, states.received);
	assert_int_equal(-1, states.sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_are_read),
		cmocka_unit_test(what_is_not_told_is_unknown),
		cmocka_unit_test(bytes_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
