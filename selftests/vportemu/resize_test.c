// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * resize_test.c - the size of a console's window
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "port_fixture.h"

#define F_SIZE	(1ull << VIRTIO_CONSOLE_F_SIZE)

#define SIZE(cols, rows) \
	"{'execute': 'chardev-window-size-changed', 'arguments': {'id': 'c', 'cols': " cols ", 'rows': " rows "}}"

static void begin_console(const char *chardev, const char *device)
{
	emulator_init(&f.emu);
	emulator_arg(&f.emu, "-chardev %s,id=c", chardev);
	emulator_arg(&f.emu, "-device virtio-serial-pci,id=s0,%s", device);
	emulator_arg(&f.emu, "-device virtconsole,chardev=c");
	emulator_standard(&f.emu);
}

static void attach_console(uint64_t features)
{
	f.qmp = qmp_connect(&f.emu, "qmp");
	fe_connect(&f.fe, emulator_connect(&f.emu, "vu"));
	fe_begin(&f.fe, features);
}

/* The guest's driver begins, and hears of its console. */
static void start_driver(void)
{
	fe_driver_start(&f.fe, 8);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
	fe_queue_setup(&f.fe, 0, 64);
	fe_queue_setup(&f.fe, 1, 64);
	fe_send_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_READY, 1);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_CONSOLE_PORT, 1, NULL);
}

static void set_window(int fd, uint16_t cols, uint16_t rows)
{
	struct winsize size = { .ws_col = cols, .ws_row = rows };

	assert_int_equal(ioctl(fd, TIOCSWINSZ, &size), 0);
}

static void test_message(void **state)
{
	begin_console("null", "max_ports=2,console-size=on");
	emulator_start(&f.emu);
	attach_console(FE_ALL_FEATURES | F_SIZE);
	qmp_expect(f.qmp, SIZE("80", "25"), NULL);
	start_driver();
	fe_expect_resize(&f.fe, 0, 80, 25);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	qmp_expect(f.qmp, SIZE("132", "50"), NULL);
	fe_expect_resize(&f.fe, 0, 132, 50);
	/* Nothing has changed, so nothing is said. */
	qmp_expect(f.qmp, SIZE("132", "50"), NULL);
	fe_sync(&f.fe);
	assert_int_equal(fe_get_used(&f.fe, 2, NULL), -1);
	qmp_expect(f.qmp, SIZE("65536", "1"),
		   "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Parameter 'cols' expects uint16_t\"}}");
	end();
}

/* A driver that does not care is not told. */
static void test_without_feature(void **state)
{
	begin_console("null", "max_ports=2,console-size=on");
	emulator_start(&f.emu);
	attach_console(FE_ALL_FEATURES);
	qmp_expect(f.qmp, SIZE("80", "25"), NULL);
	start_driver();
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	end();
}

/* Without control messages the configuration space has it. */
static void test_config(void **state)
{
	uint32_t get[3 + 1] = { 0, 4, 0 };
	uint32_t reply[3 + 4], change[3];

	begin_console("null", "max_ports=1,console-size=on");
	emulator_start(&f.emu);
	attach_console((FE_ALL_FEATURES & ~FE_MULTIPORT) | F_SIZE);
	fe_queue_setup(&f.fe, 0, 64);
	fe_queue_setup(&f.fe, 1, 64);
	qmp_expect(f.qmp, SIZE("80", "25"), NULL);
	read_exactly(f.fe.backend, change, sizeof(change));
	assert_int_equal(change[0], 2);
	fe_send(&f.fe, FE_GET_CONFIG, 0x1, get, sizeof(get), NULL, 0);
	read_exactly(f.fe.sock, reply, sizeof(reply));
	assert_int_equal(reply[6], 80 | 25 << 16);
	end();
}

static void test_pty(void **state)
{
	char path[128], chardev[160];
	int fd;

	snprintf(path, sizeof(path), "/tmp/vportemu-pty-%d", (int)getpid());
	snprintf(chardev, sizeof(chardev), "pty,path=%s", path);
	begin_console(chardev, "max_ports=2,console-size=on");
	emulator_start(&f.emu);
	attach_console(FE_ALL_FEATURES | F_SIZE);
	start_driver();
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	set_window(fd, 100, 40);
	fe_send_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_OPEN, 1);
	write_tty(fd, "x", 1);
	fe_expect_resize(&f.fe, 0, 100, 40);
	close(fd);
	end();
}

/* A terminal's window at the start, and when its user is told of a change. */
static void test_stdio(void **state)
{
	int master, slave, in, out;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	fcntl(master, F_SETFD, FD_CLOEXEC);
	fcntl(slave, F_SETFD, FD_CLOEXEC);
	set_window(master, 90, 30);
	begin_console("stdio", "max_ports=2,console-size=on");
	in = dup(0);
	out = dup(1);
	dup2(slave, 0);
	dup2(slave, 1);
	emulator_start(&f.emu);
	dup2(in, 0);
	dup2(out, 1);
	close(in);
	close(out);
	attach_console(FE_ALL_FEATURES | F_SIZE);
	start_driver();
	fe_expect_resize(&f.fe, 0, 90, 30);
	fe_expect_control(&f.fe, 0, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	set_window(master, 91, 31);
	kill(f.emu.pid, SIGWINCH);
	fe_expect_resize(&f.fe, 0, 91, 31);
	end();
	close(master);
	close(slave);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_without_feature),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_pty),
		cmocka_unit_test(test_stdio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
