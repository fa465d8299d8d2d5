// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * config_test.c - what vportd.conf may say, and what is said of what it may not
 */

#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf.h"
#include "config.h"
#include "error.h"
#include "handler.h"
#include "port.h"

static struct config *config;
static struct error error;

/* Return: 0 or -errno, with @error. */
static int load(const char *text, size_t len)
{
	FILE *stream = fmemopen((char *)text, len, "r");
	int err;

	assert_non_null(stream);
	config_destroy(config);
	config = NULL;
	err = config_load_stream(stream, "F", &config, &error);
	fclose(stream);
	return err;
}

static void parse(const char *text)
{
	if (load(text, strlen(text)))
		fail_msg("%s: %s", text, error.text);
}

static int end(void **state)
{
	config_destroy(config);
	config = NULL;
	return 0;
}

static void first_section_that_matches_counts(void **state)
{
	parse("# comment\n; comment\n\n"
	      "[org.example.a]\nhandler = ignore\n"
	      "  [ org.*.[0-9] ]  ; more\n\thandler=log ; why\n"
	      "[org.*]\nhandler = agent\n");
	assert_null(config_match(config, "org.example.a")->handler);
	assert_string_equal("log", config_match(config, "org.x.7")->handler->name);
	assert_string_equal("agent", config_match(config, "org.x.77")->handler->name);
	assert_null(config_match(config, "com.example"));
	assert_null(config_match(config, "xorg.x.7"));
}

static void every_key_has_its_place(void **state)
{
	const struct port_conf *conf;

	parse("[r]\nhandler = relay\nlisten = tcp:[::1]:80\nowner = root\n"
	      "group = 12345\nmode = 0660\nhost-leaves = keep\n"
	      "[e]\nhandler = exec\nuser = root\ndirectory = /tmp\n"
	      "command = /bin/x 'a b'  \"c\\\" \" d\\ e %n\nstart = connected\n"
	      "restart = on-failure\nrestart-delay = 1500ms\nstop-timeout=2min\n"
	      "environment = A=%d B=%%\n"
	      "[t]\nhandler = relay\nconnect = pty:/dev/ttyS1\n"
	      "[u]\nhandler = relay\nconnect = unix:/x\n"
	      "[l]\nhandler = log\nto = file:/x/%n\nmax-size = 64K\n"
	      "keep-files = 3\n");
	conf = config_match(config, "r");
	assert_string_equal("tcp:[::1]:80", conf->listen);
	assert_true(conf->has_owner && conf->owner == 0);
	assert_true(conf->has_group && conf->group == 12345);
	assert_int_equal(0660, conf->mode);
	assert_int_equal(CONF_KEEP, conf->host_leaves);
	assert_true(conf_keeps_output(conf));

	conf = config_match(config, "e");
	assert_string_equal("/bin/x", conf->command[0]);
	assert_string_equal("a b", conf->command[1]);
	assert_string_equal("c\" ", conf->command[2]);
	assert_string_equal("d e", conf->command[3]);
	assert_null(conf->command[5]);
	assert_string_equal("root", conf->user);
	assert_int_equal(CONF_CONNECTED, conf->start);
	assert_int_equal(CONF_RESTART_ON_FAILURE, conf->restart);
	assert_int_equal(1500000, conf->restart_delay);
	assert_int_equal(120000000, conf->stop_timeout);
	assert_false(conf_keeps_output(conf));
	assert_true(conf_keeps_output(config_match(config, "t")));
	assert_false(conf_keeps_output(config_match(config, "u")));

	conf = config_match(config, "l");
	assert_int_equal(CONF_TO_FILE, conf->target);
	assert_string_equal("/x/%n", conf->path);
	assert_int_equal(65536, conf->max_size);
	assert_int_equal(3, conf->keep_files);
}

static void templates_are_filled_in(void **state)
{
	const struct port_setup setup = {
		.name = "org.x", .devnode = "/dev/vport0p3",
	};
	const struct port_conf *conf;
	char **words;
	char *text;

	parse("[*]\nhandler = exec\ncommand = /bin/%% %n,%d,%p\n");
	conf = config_match(config, "org.x");
	words = conf_expand_words(conf->command, &setup);
	assert_string_equal("/bin/%", words[0]);
	assert_string_equal("org.x,vport0p3,/dev/vport0p3", words[1]);
	assert_null(words[2]);
	free(words[0]);
	free(words[1]);
	free(words);

	text = conf_expand("", &setup);
	assert_string_equal("", text);
	free(text);
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
#define RELAY "[p]\nhandler = relay\n"
#define EXEC "[p]\nhandler = exec\n"
#define LOG "[p]\nhandler = log\n"
	static const char *const cases[][2] = {
		{ "handler = agent\n",
		  "F:1: handler: expected after a [PATTERN] of port names" },
		{ "[p]\n", "F:1: [p]: expected handler = agent, relay, exec, "
			   "log or ignore" },
		{ "\n[p\n", "F:2: expected [SECTION]" },
		{ "[]\n", "F:1: expected [SECTION]" },
		{ "[p]\nfrob\n",
		  "F:2: expected KEY = VALUE or [SECTION]" },
		{ "[p]\n=frob\n", "F:2: expected KEY = VALUE" },
		{ "[p]\nhandler = frob\n",
		  "F:2: [p]: handler = frob: expected agent, relay, exec, log "
		  "or ignore" },
		{ "[p]\nfrob = 1\n",
		  "F:2: [p]: frob: unknown key, see vportd.conf(5)" },
		{ LOG "handler = log\n", "F:3: [p]: handler: given twice" },
		{ LOG "[q]\nhandler = log\n[p]\n",
		  "F:5: [p]: is in line 1, too" },
		{ LOG "mode = 0600\n",
		  "F:1: [p]: mode: expected with handler relay only" },
		{ RELAY, "F:1: [p]: handler relay: expected either listen or "
			 "connect" },
		{ RELAY "listen=unix:/a\nconnect=unix:/b\n",
		  "F:1: [p]: handler relay: expected either listen or connect" },
		{ RELAY "listen = unix:a\n",
		  "F:3: [p]: listen = unix:a: expected unix:PATH, abstract:NAME,"
		  " tcp:ADDRESS:PORT, vsock:CID:PORT, pty:PATH or fifo:PATH" },
		{ RELAY "connect = vsock:any:1\n",
		  "F:3: [p]: connect = vsock:any:1: expected unix:PATH, "
		  "abstract:NAME, tcp:ADDRESS:PORT, vsock:CID:PORT, pty:PATH or "
		  "fifo:PATH" },
		{ RELAY "connect = pty:/a\nmode = 0660\n",
		  "F:1: [p]: owner, group and mode: expected with listen only" },
		{ RELAY "mode = 888\n",
		  "F:3: [p]: mode = 888: expected access bits in octal, such as "
		  "0660" },
		{ RELAY "owner = no-such-user\n",
		  "F:3: [p]: owner = no-such-user: expected a user" },
		{ RELAY "hold = frob\n",
		  "F:3: [p]: hold = frob: expected always or with-peer" },
		{ RELAY "listen = pty:/a\nhold = with-peer\n",
		  "F:1: [p]: hold = with-peer: expected a socket with it" },
		{ RELAY "host-leaves = frob\n",
		  "F:3: [p]: host-leaves = frob: expected close or keep" },
		{ EXEC, "F:1: [p]: handler exec: expected command" },
		{ EXEC "command = /x \"a\n",
		  "F:3: [p]: command = /x \"a: expected a program and its "
		  "arguments, %n, %d, %p and %% being the only uses of %" },
		{ EXEC "command = /x\nstart = connected\nport = path\n",
		  "F:1: [p]: start = connected: expected port = stdio with it" },
		{ EXEC "restart-delay = 1h\n",
		  "F:3: [p]: restart-delay = 1h: expected a time, such as 500ms,"
		  " 10s or 1min" },
		{ LOG "max-size = 1\n",
		  "F:3: [p]: max-size = 1: expected 0, or a size of at least "
		  "4K, such as 100K, 10M or 1G" },
		{ LOG "to = file:x\n",
		  "F:3: [p]: to = file:x: expected journal, syslog or "
		  "file:PATH" },
		{ LOG "if-systemd = maybe\n",
		  "F:3: [p]: if-systemd = maybe: expected yes or no" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(-22, load(cases[i][0], strlen(cases[i][0])));
		assert_string_equal(cases[i][1], error.text);
	}
}

static void values_out_of_range_are_refused(void **state)
{
	static const char *const cases[] = {
		RELAY "listen = tcp:127.0.0.1:0", RELAY "listen = tcp:1.2.3.4",
		RELAY "listen = tcp:::1:80", RELAY "listen = tcp:a.example:80",
		RELAY "listen = tcp:127.0.0.1:65536", RELAY "listen = vsock:1",
		RELAY "listen = vsock:1:4294967295", RELAY "listen = abstract:",
		RELAY "connect = vsock:any:1", RELAY "listen = unix:/%x",
		RELAY "mode = ", RELAY "mode = 07777", RELAY "owner = 4294967295",
		EXEC "command = ", EXEC "command = /x %", EXEC "user = 0x",
		EXEC "stop-timeout = 86401", EXEC "stop-timeout = -1",
		EXEC "stop-timeout = 99999999999999999999",
		LOG "max-size = 9000000000G", LOG "keep-files = 1001",
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (load(cases[i], strlen(cases[i])) != -22)
			fail_msg("%s: accepted", cases[i]);
	}
}

/* As libinih is built, it would cut these without a word. */
static void long_lines_are_whole(void **state)
{
	char text[16384] = "[";
	char arg[4096];
	int n = 1;
	int i;

	for (i = 0; i < 300; i++)
		text[n++] = 'a' + i % 26;
	n += sprintf(text + n, "*]\nhandler = exec\ncommand = /x ");
	for (i = 0; i < 1000; i++)
		arg[i] = i % 7 ? 'a' + i % 26 : ',';
	arg[i] = '\0';
	n += sprintf(text + n, "%s %s;x y ; comment\n", arg, arg);

	parse(text);
	memmove(text, text + 1, 300);
	text[300] = '\0';
	assert_non_null(config_match(config, text));
	assert_string_equal(arg, config_match(config, text)->command[1]);
	strcat(arg, ";x");
	assert_string_equal(arg, config_match(config, text)->command[2]);
	assert_string_equal("y", config_match(config, text)->command[3]);
}

static void what_is_no_text_is_refused(void **state)
{
	static const char nul[] = "[p]\nhandler = lo\0g\n";
	static char line[40000];

	assert_int_equal(-22, load(nul, sizeof(nul) - 1));
	memset(line, 'x', sizeof(line));
	assert_int_equal(-22, load(line, sizeof(line)));
	assert_string_equal("F:1: expected text in lines of less than 32 KiB",
			    error.text);
	memset(line + 2, '/', 1000);
	memcpy(line, "x=", 2);
	assert_int_equal(-22, load(line, 1000));
	assert_string_equal("F:1: a word of the value is too long", error.text);
}

static void conditions_are_looked_at(void **state)
{
	parse("[p]\nhandler = log\nif-executable = /no/such/program\n"
	      "[p*]\nhandler = log\nif-executable = no-such-program\n"
	      "[*]\nhandler = agent\nif-executable = sh\n"
	      "[q]\nhandler = log\nif-systemd = yes\n"
	      "[q*]\nhandler = log\nif-systemd = no\n");
	assert_string_equal("agent", config_match(config, "p")->handler->name);
	parse("[q]\nhandler = log\nif-systemd = yes\n"
	      "[q*]\nhandler = agent\nif-systemd = no\n");
	assert_string_equal(access("/run/systemd/system", F_OK) ? "agent" : "log",
			    config_match(config, "q")->handler->name);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(0, fclose(file));
}

/* Where systemd does not start these, they are started; files come before. */
static void well_known_ports_are_built_in(void **state)
{
	static const char *const cases[][2] = {
		{ "com.redhat.spice.0", "/usr/sbin/spice-vdagentd" },
		{ "org.spice-space.webdav.0", "/usr/sbin/spice-webdavd" },
		{ "org.libguestfs.channel.0", "/usr/sbin/guestfsd" },
	};
	bool systemd = !access("/run/systemd/system", F_OK);
	struct port_conf *conf;
	size_t i;

	assert_int_equal(0, config_load("/dev/null", &config, &error));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		conf = config_match(config, cases[i][0]);
		if (systemd || access(cases[i][1], X_OK))
			assert_null(conf);
		else
			assert_string_equal("exec", conf->handler->name);
	}
}

static void drop_ins_come_first(void **state)
{
	char dir[] = "/tmp/config-test.XXXXXX";
	char cleanup[64];

	assert_non_null(mkdtemp(dir));
	assert_int_equal(0, chdir(dir));
	assert_int_equal(0, mkdir("c.d", 0700));
	write_file("c", "[x]\nhandler=agent\n[z]\nhandler=agent\n");
	write_file("c.d/20.conf", "[x]\nhandler=log\n[y]\nhandler=log\n");
	write_file("c.d/10.conf", "[x]\nhandler=ignore\n");
	write_file("c.d/00.conf~", "frob");
	write_file("c.d/.00.conf", "frob");

	assert_int_equal(0, config_load("c", &config, &error));
	assert_null(config_match(config, "x")->handler);
	assert_string_equal("log", config_match(config, "y")->handler->name);
	assert_string_equal("agent", config_match(config, "z")->handler->name);
	assert_string_equal("agent", config_match(config,
			    "org.qemu.guest_agent.0")->handler->name);
	assert_null(config_match(config, "org.qemu.guest_agent.-1"));
	config_destroy(config);
	config = NULL;

	write_file("c.d/20.conf", "[x]\nhandler=frob\n");
	assert_int_equal(-22, config_load("c", &config, &error));
	assert_memory_equal("c.d/20.conf:2: ", error.text, 15);
	assert_null(config);
	assert_int_equal(-2, config_load("d", &config, &error));
	assert_string_equal("d: No such file or directory", error.text);

	assert_int_equal(0, chdir("/"));
	snprintf(cleanup, sizeof(cleanup), "rm -r %s", dir);
	assert_int_equal(0, system(cleanup));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(first_section_that_matches_counts, end),
		cmocka_unit_test_teardown(every_key_has_its_place, end),
		cmocka_unit_test_teardown(templates_are_filled_in, end),
		cmocka_unit_test_teardown(what_is_wrong_is_told_with_its_place, end),
		cmocka_unit_test_teardown(values_out_of_range_are_refused, end),
		cmocka_unit_test_teardown(long_lines_are_whole, end),
		cmocka_unit_test_teardown(what_is_no_text_is_refused, end),
		cmocka_unit_test_teardown(conditions_are_looked_at, end),
		cmocka_unit_test_teardown(well_known_ports_are_built_in, end),
		cmocka_unit_test_teardown(drop_ins_come_first, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
