// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bytes_test.c - the bounded queue of bytes
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"

static void empty_queue_holds_nothing(void **state)
{
	struct bytes b;

	bytes_init(&b, 100);
	assert_int_equal(0, bytes_len(&b));
	assert_null(b.data);
	bytes_finish(&b);
	bytes_finish(&b);
}

static void bytes_come_out_in_order(void **state)
{
	struct bytes b;

	bytes_init(&b, 100);
	assert_int_equal(0, bytes_append(&b, "abc", 3));
	assert_int_equal(0, bytes_append(&b, "def", 3));
	bytes_consume(&b, 2);
	assert_int_equal(4, bytes_len(&b));
	assert_memory_equal("cdef", bytes_peek(&b), 4);
	bytes_finish(&b);
}

static void limit_is_exact(void **state)
{
	char data[100] = "x";
	struct bytes b;

	bytes_init(&b, sizeof(data));
	assert_int_equal(0, bytes_append(&b, data, sizeof(data)));
	assert_int_equal(-ENOBUFS, bytes_append(&b, data, 1));
	assert_int_equal(sizeof(data), bytes_len(&b));

	bytes_consume(&b, 1);
	assert_int_equal(0, bytes_append(&b, data, 1));
	assert_int_equal(-ENOBUFS, bytes_append(&b, data, 1));
	assert_int_equal(-ENOBUFS, bytes_append(&b, data, SIZE_MAX));
	bytes_finish(&b);
}

static void failed_append_changes_nothing(void **state)
{
	struct bytes b;

	bytes_init(&b, 4);
	assert_int_equal(0, bytes_append(&b, "abc", 3));
	assert_int_equal(-ENOBUFS, bytes_append(&b, "de", 2));
	assert_int_equal(3, bytes_len(&b));
	assert_memory_equal("abc", bytes_peek(&b), 3);
	bytes_finish(&b);
}

static void emptied_queue_gives_memory_back(void **state)
{
	struct bytes b;
	uint8_t *to;

	bytes_init(&b, 1 << 20);
	assert_int_equal(0, bytes_reserve(&b, 1 << 20, &to));
	memset(to, 'x', 1 << 20);
	bytes_commit(&b, 1 << 20);
	bytes_consume(&b, 1 << 20);
	assert_int_equal(0, b.size);
	assert_int_equal(0, bytes_append(&b, "a", 1));
	bytes_finish(&b);
}

/* Against a model: the bytes are numbered, what comes out must count on. */
static void random_use_keeps_order_and_bound(void **state)
{
	const size_t limit = 10000;
	unsigned int seed = 1;
	uint8_t in = 0;
	uint8_t out = 0;
	struct bytes b;
	uint8_t *to;
	size_t len;
	size_t i;
	int round;

	bytes_init(&b, limit);
	for (round = 0; round < 20000; round++) {
		len = rand_r(&seed) % 700;
		if (!bytes_reserve(&b, len, &to)) {
			for (i = 0; i < len; i++)
				to[i] = in++;
			bytes_commit(&b, len);
		} else {
			assert_true(bytes_len(&b) + len > limit);
		}

		len = rand_r(&seed) % 700;
		if (len > bytes_len(&b))
			len = bytes_len(&b);
		for (i = 0; i < len; i++)
			assert_int_equal(out++, bytes_peek(&b)[i]);
		bytes_consume(&b, len);
		assert_true(b.size <= limit);
	}
	bytes_finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_queue_holds_nothing),
		cmocka_unit_test(bytes_come_out_in_order),
		cmocka_unit_test(limit_is_exact),
		cmocka_unit_test(failed_append_changes_nothing),
		cmocka_unit_test(emptied_queue_gives_memory_back),
		cmocka_unit_test(random_use_keeps_order_and_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
