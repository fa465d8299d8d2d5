// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp_schema_test.c - query-qmp-schema describes what commands answer
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "port_fixture.h"

static struct json_object *schema;

/*
 * Execute, and return what is returned, to be put.  A descriptor comes with each
 * command; few of them want one.
 */
static struct json_object *execute(const char *command)
{
	static char line[1 << 17];
	struct json_object *answer, *ret = NULL;

	qmp_send_fd(f.qmp, command, f.qmp);
	qmp_read(f.qmp, line, sizeof(line));
	answer = json_tokener_parse(line);
	if (!json_object_object_get_ex(answer, "return", &ret))
		fail_msg("%s: %s", command, line);
	json_object_get(ret);
	json_object_put(answer);
	return ret;
}

static int setup(void **state)
{
	begin();
	emulator_chardev(&f.emu, "c");
	emulator_arg(&f.emu, "-chardev ringbuf,id=r -add-fd fd=%d,set=2,opaque=x",
		     emulator_socket(&f.emu, "set"));
	emulator_arg(&f.emu, "-name tester -device virtio-serial-pci");
	emulator_arg(&f.emu, "-device virtconsole,bus=s0.0");
	emulator_start(&f.emu);
	attach(false);
	schema = execute("{'execute': 'query-qmp-schema'}");
	return 0;
}

static int teardown(void **state)
{
	json_object_put(schema);
	end();
	return 0;
}

static const char *text(struct json_object *object, const char *member)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, member, &value))
		return NULL;
	return json_object_get_string(value);
}

/* The entry of that name: of a command, or of anything else. */
static struct json_object *find(const char *name, bool command)
{
	struct json_object *entry;
	size_t i;

	for (i = 0; i < json_object_array_length(schema); i++) {
		entry = json_object_array_get_idx(schema, i);
		if (!strcmp(text(entry, "name"), name) &&
		    !strcmp(text(entry, "meta-type"), "command") == command)
			return entry;
	}
	fail_msg("'%s' is not in the schema", name);
	return NULL;
}

static struct json_object *list_of(struct json_object *entry, const char *name)
{
	struct json_object *list = NULL;

	json_object_object_get_ex(entry, name, &list);
	return list;
}

static void check(struct json_object *value, const char *type);

/* Check the members that @entry names.  Return: how many there are. */
static int check_members(struct json_object *value, struct json_object *entry)
{
	struct json_object *list = list_of(entry, "members"), *member, *found;
	const char *name;
	int count = 0;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		member = json_object_array_get_idx(list, i);
		name = text(member, "name");
		if (json_object_object_get_ex(value, name, &found)) {
			check(found, text(member, "type"));
			count++;
		} else if (!json_object_object_get_ex(member, "default",
						      NULL)) {
			fail_msg("no '%s' in %s", name,
				 json_object_to_json_string(value));
		}
	}
	return count;
}

static struct json_object *find_variant(struct json_object *entry,
					const char *tag)
{
	struct json_object *list = list_of(entry, "variants"), *variant;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		variant = json_object_array_get_idx(list, i);
		if (!strcmp(text(variant, "case"), tag))
			return find(text(variant, "type"), false);
	}
	fail_msg("no variant for '%s'", tag);
	return NULL;
}

static void check_object(struct json_object *value, struct json_object *entry)
{
	const char *tag = text(entry, "tag");
	int known = check_members(value, entry);

	if (tag)
		known += check_members(value, find_variant(entry,
							   text(value, tag)));
	if (known != json_object_object_length(value))
		fail_msg("more than is described: %s",
			 json_object_to_json_string(value));
}

static void check_enum(struct json_object *value, struct json_object *entry)
{
	struct json_object *values = list_of(entry, "values");
	size_t i;

	for (i = 0; i < json_object_array_length(values); i++) {
		if (json_object_equal(value,
				      json_object_array_get_idx(values, i)))
			return;
	}
	fail_msg("not described: %s", json_object_to_json_string(value));
}

static void check_builtin(struct json_object *value, struct json_object *entry)
{
	static const struct {
		const char *name;
		enum json_type type;
	} types[] = {
		{ "boolean", json_type_boolean }, { "int", json_type_int },
		{ "string", json_type_string },
	};
	const char *name = text(entry, "json-type");
	size_t i;

	for (i = 0; i < 3; i++) {
		if (!strcmp(types[i].name, name) &&
		    !json_object_is_type(value, types[i].type))
			fail_msg("expected %s: %s", name,
				 json_object_to_json_string(value));
	}
}

static void check(struct json_object *value, const char *type)
{
	struct json_object *entry = find(type, false);
	const char *meta = text(entry, "meta-type");
	size_t i;

	if (!strcmp(meta, "array")) {
		assert_true(json_object_is_type(value, json_type_array));
		for (i = 0; i < json_object_array_length(value); i++)
			check(json_object_array_get_idx(value, i),
			      text(entry, "element-type"));
	} else if (!strcmp(meta, "object")) {
		assert_true(json_object_is_type(value, json_type_object));
		check_object(value, entry);
	} else if (!strcmp(meta, "enum")) {
		check_enum(value, entry);
	} else {
		assert_string_equal(meta, "builtin");
		check_builtin(value, entry);
	}
}

#define PATH	"'path': '/machine/peripheral/s0/virtio-backend'"

static const struct {
	const char *name;
	const char *args;
} calls[] = {
	{ "add-fd", "'fdset-id': 2" },
	{ "chardev-add", "'id': 'n', 'backend': {'type': 'null', 'data': {}}" },
	{ "chardev-add", "'id': 't', 'backend': {'type': 'pty', 'data': {}}" },
	{ "chardev-change", "'id': 'n', 'backend': {'type': 'pty', 'data': {}}" },
	{ "chardev-remove", "'id': 't'" },
	{ "device-list-properties", "'typename': 'virtio-serial-pci'" },
	{ "human-monitor-command", "'command-line': 'info status'" },
	{ "qom-get", "'path': 's0', 'property': 'max_ports'" },
	{ "qom-list", "'path': '/machine'" },
	{ "qom-list-get", "'paths': ['s0', '/chardevs/c']" },
	{ "qom-list-properties", "'typename': 'virtconsole'" },
	{ "qom-list-types", "'abstract': true" },
	{ "query-chardev", "" },
	{ "query-chardev-backends", "" },
	{ "query-command-line-options", "" },
	{ "query-commands", "" },
	{ "query-fdsets", "" },
	{ "query-name", "" },
	{ "query-qmp-schema", "" },
	{ "query-status", "" },
	{ "query-uuid", "" },
	{ "query-version", "" },
	{ "query-yank", "" },
	{ "ringbuf-write", "'device': 'r', 'data': 'word'" },
	{ "ringbuf-read", "'device': 'r', 'size': 3" },
	{ "trace-event-get-state", "'name': '*'" },
	{ "x-query-virtio", "" },
	{ "x-query-virtio-queue-element", PATH ", 'queue': 2" },
	{ "x-query-virtio-queue-status", PATH ", 'queue': 3" },
	{ "x-query-virtio-serial-stats", "" },
	{ "x-query-virtio-status", PATH },
};

static void test_answers(void **state)
{
	struct json_object *value;
	char command[256];
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		snprintf(command, sizeof(command),
			 "{'execute': '%s', 'arguments': {%s}}", calls[i].name,
			 calls[i].args);
		value = execute(command);
		check(value, text(find(calls[i].name, true), "ret-type"));
		json_object_put(value);
	}
}

/* What returns something is among them. */
static void test_all_are_checked(void **state)
{
	struct json_object *entry;
	const char *nothing = text(find("quit", true), "ret-type");
	size_t i, j;

	for (i = 0; i < json_object_array_length(schema); i++) {
		entry = json_object_array_get_idx(schema, i);
		if (strcmp(text(entry, "meta-type"), "command") ||
		    !strcmp(text(entry, "ret-type"), nothing))
			continue;
		for (j = 0; j < sizeof(calls) / sizeof(calls[0]); j++) {
			if (!strcmp(calls[j].name, text(entry, "name")))
				break;
		}
		if (j == sizeof(calls) / sizeof(calls[0]))
			fail_msg("what '%s' returns is not checked",
				 text(entry, "name"));
	}
}

/* Arguments and data have types that are there, too. */
static void test_names(void **state)
{
	static const char *const members[] = {
		"arg-type", "ret-type", "element-type"
	};
	struct json_object *entry, *commands, *list;
	size_t i, j;

	for (i = 0; i < json_object_array_length(schema); i++) {
		entry = json_object_array_get_idx(schema, i);
		for (j = 0; j < 3; j++) {
			if (text(entry, members[j]))
				find(text(entry, members[j]), false);
		}
		list = list_of(entry, "members");
		for (j = 0; list && strcmp(text(entry, "meta-type"), "enum") &&
		     j < json_object_array_length(list); j++)
			find(text(json_object_array_get_idx(list, j), "type"),
			     false);
	}
	commands = execute("{'execute': 'query-commands'}");
	for (i = 0; i < json_object_array_length(commands); i++)
		find(text(json_object_array_get_idx(commands, i), "name"),
		     true);
	json_object_put(commands);
	find("VSERPORT_CHANGE", false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answers),
		TEST(test_all_are_checked),
		TEST(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
