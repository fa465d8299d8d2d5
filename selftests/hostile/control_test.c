// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * control_test.c - control messages that no device should send
 */

#include "fixture.h"

FIXTURE(control)
{
	struct script s;
	int fd;
};

FIXTURE_SETUP(control)
{
	PORT_SETUP(&self->s, &self->fd, O_RDWR | O_NONBLOCK);
}

FIXTURE_TEARDOWN(control)
{
	close(self->fd);
	script_close(&self->s);
}

/* Data gets through, both ways. */
static int works(struct script *s, int fd)
{
	struct vcon_mock_buf buf;
	char data[16];
	size_t len = sizeof(data);
	int ret;

	/* It may take the host end for closed, until the last answer is in. */
	if (!(wait_for(fd, POLLOUT) & POLLOUT))
		return -ETIMEDOUT;
	ret = script_send(s, PORT, "ping", 4);
	if (ret)
		return ret;
	if (wait_for(fd, POLLIN) < 0 || read_some(fd, data, sizeof(data)) != 4)
		return -EIO;
	if (write_some(fd, "pong", 4) != 4)
		return -EIO;
	ret = script_take(s, queue_of_port(PORT) + 1, &buf, data, &len);
	if (ret)
		return ret;
	if (len != 4 || memcmp(data, "pong", 4))
		return -EILSEQ;
	return script_give(s, &buf, NULL, 0, 0);
}

TEST_F(control, used_lengths_that_cannot_be)
{
	struct virtio_console_control head = {
		.id = PORT,
		.event = VIRTIO_CONSOLE_PORT_REMOVE,
		.value = 1,
	};
	unsigned int used;

	/* Too short to be a message: the port must not go. */
	for (used = 0; used < sizeof(head); used++)
		ASSERT_EQ(0, script_say_raw(&self->s, &head, sizeof(head), used));
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_EQ(0, works(&self->s, self->fd));

	/* Longer than the buffer: what is in it counts. */
	head.event = VIRTIO_CONSOLE_PORT_OPEN;
	ASSERT_EQ(0, script_say_raw(&self->s, &head, sizeof(head), UINT32_MAX));
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_EQ(0, works(&self->s, self->fd));
}

TEST_F(control, events_that_there_are_not)
{
	unsigned int event;

	for (event = 8; event < 70000; event = event * 5 / 4 + 1)
		ASSERT_EQ(0, script_say(&self->s, PORT, event, 1, "xxxx", 4));
	for (event = 0; event <= VIRTIO_CONSOLE_PORT_READY; event += 3)
		ASSERT_EQ(0, script_say(&self->s, PORT, event, 1, NULL, 0));
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_EQ(0, works(&self->s, self->fd));
}

TEST_F(control, ports_that_there_cannot_be)
{
	static const uint32_t ids[] = { 4, 5, 1000, INT32_MAX, UINT32_MAX };
	unsigned int event, i;

	for (i = 0; i < 5; i++)
		for (event = 0; event <= VIRTIO_CONSOLE_PORT_NAME; event++)
			ASSERT_EQ(0, script_say(&self->s, ids[i], event, 1,
						"name", 4));
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_EQ(0, works(&self->s, self->fd));
}

TEST_F(control, ports_that_there_are_not)
{
	unsigned int event;

	for (event = VIRTIO_CONSOLE_PORT_REMOVE;
	     event <= VIRTIO_CONSOLE_PORT_NAME; event++)
		ASSERT_EQ(0, script_say(&self->s, 2, event, 1, "name", 4));
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_EQ(-ENOENT, script_node_open(&self->s, 2, O_RDWR));
	EXPECT_EQ(0, works(&self->s, self->fd));
}

TEST_F(control, port_that_is_there_already)
{
	int i;

	for (i = 0; i < 100; i++)
		ASSERT_EQ(0, script_say(&self->s, PORT, VIRTIO_CONSOLE_PORT_ADD,
					1, NULL, 0));
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_EQ(0, works(&self->s, self->fd));
	EXPECT_EQ(-EBUSY, script_node_open(&self->s, PORT, O_RDWR));
}

/* Also when it is said at the moment when the last answer has been heard. */
TEST_F(control, port_that_is_added_again_is_ready_again)
{
	int i;

	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, script_say(&self->s, PORT, VIRTIO_CONSOLE_PORT_ADD,
					1, NULL, 0));
		ASSERT_EQ(0, script_hear(&self->s, PORT,
					 VIRTIO_CONSOLE_PORT_READY, 1));
	}
}

TEST_F(control, port_that_goes_twice)
{
	char c;

	ASSERT_EQ(0, script_say(&self->s, PORT, VIRTIO_CONSOLE_PORT_REMOVE, 1,
				NULL, 0));
	ASSERT_EQ(0, script_say(&self->s, PORT, VIRTIO_CONSOLE_PORT_REMOVE, 1,
				NULL, 0));
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_EQ(-ENODEV, read_some(self->fd, &c, 1));
	EXPECT_EQ(-ENODEV, write_some(self->fd, "c", 1));
	EXPECT_EQ(POLLHUP, wait_for(self->fd, POLLIN));
	EXPECT_EQ(-ENOENT, script_node_open(&self->s, PORT, O_RDWR));
}

/* An open port stays what it is; when it is closed it may become one. */
TEST_F(control, open_port_becomes_no_console)
{
	ASSERT_EQ(0, script_say(&self->s, PORT, VIRTIO_CONSOLE_CONSOLE_PORT, 1,
				NULL, 0));
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_EQ(0, works(&self->s, self->fd));
	EXPECT_EQ(-EBUSY, script_node_open(&self->s, PORT, O_RDWR));
}

TEST_F(control, console_is_a_console_once)
{
	int i;

	ASSERT_EQ(0, script_console(&self->s, 0));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, script_say(&self->s, 0, VIRTIO_CONSOLE_CONSOLE_PORT,
					1, NULL, 0));
		ASSERT_EQ(0, script_say(&self->s, 0, VIRTIO_CONSOLE_PORT_ADD, 1,
					NULL, 0));
	}
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_EQ(-ENXIO, script_node_open(&self->s, 0, O_RDWR));
	EXPECT_EQ(0, works(&self->s, self->fd));
}

/* Nor is it said to be closed in between. */
TEST_F(control, console_is_said_to_be_open_once)
{
	struct virtio_console_control head = { .id = 0 };
	struct vcon_mock_buf buf;
	size_t len = sizeof(head);

	ASSERT_EQ(0, script_console(&self->s, 0));
	ASSERT_EQ(0, script_say(&self->s, 3, VIRTIO_CONSOLE_PORT_ADD, 1, NULL, 0));
	while (head.id != 3) {
		ASSERT_EQ(0, script_take(&self->s, CONTROL_OUT, &buf, &head, &len));
		ASSERT_EQ(0, script_give(&self->s, &buf, NULL, 0, 0));
		EXPECT_NE(0, head.id);
	}
}

/* The kernel has 16 consoles and 8 terminals for them. */
TEST_F(control, more_consoles_than_the_kernel_has)
{
	struct vcon_mock_plug plug = PLUG_DEFAULT;
	struct script many = { .fd = -1 };
	unsigned int id;

	plug.config.max_ports = 40;
	ASSERT_EQ(0, script_plug(&many, &plug));
	for (id = 4; id < 40; id++) {
		ASSERT_EQ(0, script_say(&many, id, VIRTIO_CONSOLE_PORT_ADD, 1,
					NULL, 0));
		ASSERT_EQ(0, script_say(&many, id, VIRTIO_CONSOLE_CONSOLE_PORT,
					1, NULL, 0));
	}
	ASSERT_EQ(0, script_settle(&many));
	script_close(&many);
	EXPECT_EQ(0, works(&self->s, self->fd));
}

TEST_F(control, size_that_is_cut_off)
{
	unsigned int len;

	ASSERT_EQ(0, script_console(&self->s, 0));
	for (len = 0; len < 6; len++)
		ASSERT_EQ(0, script_say(&self->s, 0, VIRTIO_CONSOLE_RESIZE, 1,
					"\xff\xff\xff\xff\xff", len));
	/* For a port that is no console, too. */
	ASSERT_EQ(0, script_say(&self->s, PORT, VIRTIO_CONSOLE_RESIZE, 1,
				"\xff\xff\xff\xff", 4));
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_EQ(0, works(&self->s, self->fd));
}

TEST_F(control, configuration_that_changes_under_way)
{
	struct vcon_mock_config config = { 0 };
	int i;

	for (i = 0; i < 200; i++) {
		config.cols = i * 331;
		config.rows = ~i;
		config.max_ports = i * 4711;
		ASSERT_EQ(0, ioctl(self->s.fd, VCON_MOCK_CONFIG, &config));
	}
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_EQ(0, works(&self->s, self->fd));
	/* Still four ports. */
	ASSERT_EQ(0, script_say(&self->s, 4, VIRTIO_CONSOLE_PORT_ADD, 1, NULL, 0));
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_EQ(-ENOENT, script_node_open(&self->s, 4, O_RDWR));
}

/* As fast as the driver takes them; it says little about it. */
TEST_F_TIMEOUT(control, flood_of_messages, 120)
{
	long lines = script_log_lines();
	struct vcon_mock_buf buf;
	int i;

	for (i = 0; i < 5000; i++) {
		ASSERT_EQ(0, script_say(&self->s, i % 7, i % 9, i % 3, "name/",
					i % 6));
		/* A host that floods may read what it is told, or not. */
		if (i % 50 == 0 && !script_take_now(&self->s, CONTROL_OUT, &buf))
			ASSERT_EQ(0, script_give(&self->s, &buf, NULL, 0, 0));
	}
	EXPECT_GT(200, script_log_lines() - lines);
}

FIXTURE(name)
{
	struct script s;
};

FIXTURE_VARIANT(name)
{
	const char *name;	/* NULL: of x, as long */
	size_t len;
	const char *shown;	/* NULL: refused */
};

#define NAME_VARIANT(variant, name_, len_, shown_)			\
	FIXTURE_VARIANT_ADD(name, variant) {				\
		.name = name_, .len = len_, .shown = shown_ }

NAME_VARIANT(without_end, "abc", 3, "abc");
NAME_VARIANT(with_an_end, "abc", 4, "abc");
NAME_VARIANT(that_ends_early, "abc\0def", 7, "abc");
NAME_VARIANT(of_no_bytes, "", 0, NULL);
NAME_VARIANT(of_an_end_only, "\0", 1, NULL);
NAME_VARIANT(with_a_slash, "../../etc/passwd", 16, NULL);
NAME_VARIANT(of_one_dot, ".", 1, NULL);
NAME_VARIANT(of_two_dots, "..", 2, NULL);
NAME_VARIANT(with_a_line_end, "a\nDEVNAME=sda", 13, NULL);
NAME_VARIANT(with_an_escape, "\x1b[2Jgone", 8, NULL);
NAME_VARIANT(with_del, "a\x7f", 2, NULL);
NAME_VARIANT(that_is_too_long, NULL, 256, NULL);
NAME_VARIANT(that_fills_the_buffer, NULL, 1016, NULL);
NAME_VARIANT(that_overflows_the_buffer, NULL, 4000, NULL);

FIXTURE_SETUP(name)
{
	DEVICE_SETUP(&self->s);
}

FIXTURE_TEARDOWN(name)
{
	script_close(&self->s);
}

/* Return: the name that sysfs shows, or NULL. */
static const char *shown_name(struct script *s, uint32_t id)
{
	static char text[4096];
	char path[96];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/sys/class/virtio-ports/vport%up%u/name",
		 s->index, id);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n - 1 : 0] = 0;
	return text;
}

TEST_F(name, is_shown_or_refused)
{
	const char *shown;
	char name[4000];

	memset(name, 'x', sizeof(name));
	if (variant->name)
		memcpy(name, variant->name, variant->len);
	ASSERT_EQ(0, script_port(&self->s, PORT, NULL));
	ASSERT_EQ(0, script_say(&self->s, PORT, VIRTIO_CONSOLE_PORT_NAME, 1,
				name, variant->len));
	ASSERT_EQ(0, script_settle(&self->s));

	shown = shown_name(&self->s, PORT);
	if (variant->shown) {
		ASSERT_NE(NULL, shown);
		EXPECT_STREQ(variant->shown, shown);
	} else {
		EXPECT_EQ(NULL, shown);
	}

	/* A later one that is right is taken, unless there is one. */
	ASSERT_EQ(0, script_say(&self->s, PORT, VIRTIO_CONSOLE_PORT_NAME, 1,
				"right", 5));
	ASSERT_EQ(0, script_settle(&self->s));
	EXPECT_STREQ(variant->shown ?: "right", shown_name(&self->s, PORT));
}

TEST_HARNESS_MAIN
