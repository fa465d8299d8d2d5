// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * socket_file_test.c - whose file is it?
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "socket_file.h"

static char dir[] = "/tmp/socket-file-test.XXXXXX";
static struct sockaddr_un addr = { .sun_family = AF_UNIX };

static int begin(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/s", dir);
	return 0;
}

static int end(void **state)
{
	return rmdir(dir);
}

static int bind_one(int *ret_fd)
{
	*ret_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_true(*ret_fd >= 0);
	return socket_file_bind(*ret_fd, (struct sockaddr *)&addr, sizeof(addr));
}

/* It is not asked by a connection, which would be a client. */
static void that_of_the_living_stays(void **state)
{
	int first, second;

	assert_int_equal(0, bind_one(&first));
	assert_int_equal(-EADDRINUSE, bind_one(&second));
	assert_int_equal(0, listen(first, 1));
	assert_int_equal(-EADDRINUSE,
			 socket_file_bind(second, (struct sockaddr *)&addr,
					  sizeof(addr)));
	assert_int_equal(-1, accept(first, NULL, NULL));
	assert_int_equal(EAGAIN, errno);
	close(second);
	close(first);
	assert_int_equal(0, unlink(addr.sun_path));
}

static void that_of_the_dead_is_replaced(void **state)
{
	int fd;

	assert_int_equal(0, bind_one(&fd));
	close(fd);
	assert_int_equal(0, bind_one(&fd));
	close(fd);
	assert_int_equal(0, unlink(addr.sun_path));
}

static void other_files_stay(void **state)
{
	int fd = open(addr.sun_path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(-EADDRINUSE, bind_one(&fd));
	close(fd);
	assert_int_equal(0, unlink(addr.sun_path));
}

static void only_ours_is_removed(void **state)
{
	struct socket_file file = { NULL };
	int ours, theirs;

	socket_file_finish(&file);
	assert_int_equal(0, bind_one(&ours));
	assert_int_equal(0, socket_file_init(&file, addr.sun_path));
	assert_int_equal(0, unlink(addr.sun_path));
	assert_int_equal(0, bind_one(&theirs));
	socket_file_finish(&file);
	assert_int_equal(0, socket_file_init(&file, addr.sun_path));
	socket_file_finish(&file);
	assert_int_equal(-ENOENT, socket_file_init(&file, addr.sun_path));
	close(ours);
	close(theirs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(that_of_the_living_stays),
		cmocka_unit_test(that_of_the_dead_is_replaced),
		cmocka_unit_test(other_files_stay),
		cmocka_unit_test(only_ours_is_removed),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
