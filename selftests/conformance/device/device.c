// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device.c - a device under test: its life, its monitor, a port to begin with
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "device.h"

#define LINE_SIZE	65536

void dut_begin(struct dut *dut, const char *properties)
{
	fe_use(dut->kind->front_end);
	setenv("VPORTEMU", getenv(dut->kind->variable) ?: dut->kind->program,
	       1);
	emulator_init(&dut->emu);
	fe_init(&dut->fe);
	if (dut->kind->begin)
		dut->kind->begin(dut);
	emulator_arg(&dut->emu,
		     "-device virtio-serial-pci,id=s0,addr=4,vectors=72%s%s",
		     *properties ? "," : "", properties);
}

void dut_start(struct dut *dut)
{
	emulator_chardev(&dut->emu, "qmp");
	emulator_arg(&dut->emu, "-mon chardev=qmp,mode=control");
	dut->kind->arrange(dut);
	emulator_start(&dut->emu);
	dut->qmp = qmp_connect(&dut->emu, "qmp");
	dut->kind->connect(dut);
}

void dut_negotiate(struct dut *dut, uint64_t features)
{
	fe_begin(&dut->fe, features);
	fe_sync(&dut->fe);
}

void dut_driver(struct dut *dut)
{
	fe_driver_start(&dut->fe, 24);
}

void dut_stop(struct dut *dut)
{
	while (dut->event_count)
		free(dut->events[--dut->event_count]);
	fe_finish(&dut->fe);
	close(dut->qmp);
	emulator_stop(&dut->emu);
}

void dut_refused(struct dut *dut, const char *words)
{
	char out[LINE_SIZE];

	dut->kind->arrange(dut);
	if (!emulator_run(dut->emu.argv, out, sizeof(out)))
		fail_msg("accepted, and ended with status 0: %s", out);
	if (!strstr(out, words))
		fail_msg("'%s' expected, got: %s", words, out);
}

static bool is_event(const char *line)
{
	return strstr(line, "\"event\": ") && strstr(line, "\"timestamp\": ");
}

static void keep_event(struct dut *dut, const char *line)
{
	assert_true(dut->event_count < DUT_MAX_EVENTS);
	dut->events[dut->event_count++] = strdup(line);
}

static void ask(struct dut *dut, const char *command, char *line)
{
	write_exactly(dut->qmp, command, strlen(command));
	for (;;) {
		qmp_read(dut->qmp, line, LINE_SIZE);
		if (!is_event(line))
			return;
		keep_event(dut, line);
	}
}

void dut_expect(struct dut *dut, const char *command, const char *answer)
{
	char line[LINE_SIZE];

	ask(dut, command, line);
	if (strcmp(line, answer ?: "{\"return\": {}}"))
		fail_msg("%s: %s", command, line);
}

void dut_says(struct dut *dut, const char *command, const char *words)
{
	char line[LINE_SIZE];

	ask(dut, command, line);
	if (!strstr(line, words))
		fail_msg("%s: '%s' expected in: %s", command, words, line);
}

void dut_fails(struct dut *dut, const char *command, const char *desc)
{
	char answer[LINE_SIZE];

	snprintf(answer, sizeof(answer), "{\"error\": {\"class\": "
		 "\"GenericError\", \"desc\": \"%s\"}}", desc);
	dut_expect(dut, command, answer);
}

void dut_event(struct dut *dut, const char *words)
{
	char line[LINE_SIZE];
	int i;

	for (i = 0; i < dut->event_count; i++) {
		if (!strstr(dut->events[i], words))
			continue;
		free(dut->events[i]);
		memmove(&dut->events[i], &dut->events[i + 1],
			(--dut->event_count - i) * sizeof(dut->events[0]));
		return;
	}
	for (;;) {
		qmp_read(dut->qmp, line, sizeof(line));
		if (strstr(line, words))
			return;
		keep_event(dut, line);
	}
}

void dut_frontend_open(struct dut *dut, const char *chardev, bool open)
{
	char line[LINE_SIZE], label[64], *at, *begin;

	ask(dut, "{'execute': 'query-chardev'}", line);
	snprintf(label, sizeof(label), "\"label\": \"%s\"", chardev);
	at = strstr(line, label);
	if (!at)
		fail_msg("no chardev '%s' in: %s", chardev, line);
	for (begin = at; *begin != '{'; begin--)
		;
	*strchr(at, '}') = '\0';
	if (!strstr(begin, open ? "\"frontend-open\": true" :
		    "\"frontend-open\": false"))
		fail_msg("not so: %s", begin);
}

void dut_chardev(struct dut *dut, const char *name)
{
	emulator_chardev(&dut->emu, name);
}

int dut_client(struct dut *dut, const char *name)
{
	return emulator_connect(&dut->emu, name);
}

void dut_one_port(struct dut *dut, uint64_t features)
{
	dut_begin(dut, features & FE_PACKED ? "max_ports=3,packed=on" :
		  "max_ports=3");
	dut_chardev(dut, "c1");
	emulator_arg(&dut->emu, "-device virtserialport,nr=1,chardev=c1,id=p1");
	dut_start(dut);
	dut_negotiate(dut, features);
	dut_driver(dut);
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
}

int dut_open_port(struct dut *dut, uint64_t features)
{
	int client;

	dut_one_port(dut, features);
	client = dut_client(dut, "c1");
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	fe_open_port(&dut->fe, 1);
	fe_expect_control(&dut->fe, 1, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL);
	dut_event(dut, "VSERPORT_CHANGE");
	return client;
}

void dut_console(struct dut *dut, const char *properties)
{
	dut_begin(dut, properties);
	dut_chardev(dut, "c0");
	emulator_arg(&dut->emu, "-device virtconsole,chardev=c0,id=con");
	dut_start(dut);
}

void dut_send(struct dut *dut, uint32_t port, const char *words)
{
	char *buf = fe_alloc(&dut->fe, strlen(words));

	fe_add(&dut->fe, fe_tx(port), memcpy(buf, words, strlen(words)),
	       strlen(words), false);
	fe_kick(&dut->fe, fe_tx(port));
	assert_int_equal(fe_wait_used(&dut->fe, fe_tx(port)), 0);
}

void host_hears(int fd, const char *words)
{
	char buf[128];

	read_exactly(fd, buf, strlen(words));
	assert_memory_equal(buf, words, strlen(words));
}

void dut_receive(struct dut *dut, uint32_t port, const char *words)
{
	char *buf = fe_alloc(&dut->fe, 128);

	fe_add(&dut->fe, fe_rx(port), buf, 128, true);
	fe_kick(&dut->fe, fe_rx(port));
	assert_int_equal(fe_wait_used(&dut->fe, fe_rx(port)), strlen(words));
	assert_memory_equal(buf, words, strlen(words));
}
