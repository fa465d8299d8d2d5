// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * opts_test.c - QEMU's option strings
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "error.h"
#include "opts.h"

struct target {
	const char *text;
	const char *addr;
	const char *automatic;
	bool flag;
	uint32_t number;
};

static const struct opt_desc descs[] = {
	{ "text", OPT_STRING, offsetof(struct target, text) },
	{ "addr", OPT_PCI_ADDRESS, offsetof(struct target, addr) },
	{ "auto", OPT_AUTO, offsetof(struct target, automatic) },
	{ "flag", OPT_BOOL, offsetof(struct target, flag) },
	{ "number", OPT_U32, offsetof(struct target, number) },
	{ NULL }
};

/* Expect @text to be refused for just this reason. */
static void refused(const char *text, const char *why)
{
	struct target target = { .number = 77 };
	struct error error = { "" };
	struct opts opts;

	if (!opts_parse(&opts, text, "text", &error)) {
		assert_int_equal(opts_apply(&opts, descs, "model", &target,
					    &error), -22);
		opts_finish(&opts);
	}
	assert_string_equal(error.text, why);
	assert_int_equal(target.number, 77);
}

static struct opts accepted;
static struct target got;

static void parse(const char *text)
{
	struct error error;

	memset(&got, 0, sizeof(got));
	got.flag = true;
	assert_int_equal(opts_parse(&accepted, text, "text", &error), 0);
	assert_int_equal(opts_apply(&accepted, descs, NULL, &got, &error), 0);
}

static void test_list(void **state)
{
	parse("first,number=0x10,addr=1f.7,auto=auto");
	assert_string_equal(got.text, "first");
	assert_int_equal(got.number, 16);
	assert_string_equal(got.addr, "1f.7");
	assert_true(got.flag);
	opts_finish(&accepted);

	parse("text=a,,b,,,flag=off,number=1,number=4294967295");
	assert_string_equal(got.text, "a,b,");
	assert_false(got.flag);
	assert_int_equal(got.number, UINT32_MAX);
	opts_finish(&accepted);

	parse("x,noflag");
	assert_false(got.flag);
	opts_finish(&accepted);
	parse("x,noflag,flag");
	assert_true(got.flag);
	opts_finish(&accepted);
	parse("text=with=sign,");
	assert_string_equal(got.text, "with=sign");
	opts_finish(&accepted);
	parse("");
	assert_null(got.text);
	opts_finish(&accepted);
}

static void test_json(void **state)
{
	parse("{\"text\": \"a,b\", 'number': 5, \"flag\": false}");
	assert_string_equal(got.text, "a,b");
	assert_int_equal(got.number, 5);
	assert_false(got.flag);
	assert_true(opts_has(&accepted, "number"));
	assert_null(opts_get(&accepted, "number"));
	opts_finish(&accepted);
}

static void test_refusals(void **state)
{
	refused("x,bogus=1", "Property 'model.bogus' not found");
	refused("x,flag=maybe", "Parameter 'flag' expects 'on' or 'off'");
	refused("x,number=abc", "Parameter 'number' expects integer");
	refused("x,number=-1", "Parameter 'number' expects uint32_t");
	refused("x,number= 1", "Parameter 'number' expects integer");
	refused("x,number=1x", "Parameter 'number' expects integer");
	refused("x,number=", "Parameter 'number' expects integer");
	refused("x,number=4294967296", "Parameter 'number' expects uint32_t");
	refused("x,number=99999999999999999999",
		"Parameter 'number' expects uint32_t");
	refused("x,auto=maybe", "Parameter 'auto' does not accept value 'maybe'");
	refused("x,addr=20", "Property 'model.addr' doesn't take value '20'");
	refused("x,addr=1.8", "Property 'model.addr' doesn't take value '1.8'");
	refused("x,addr=1.", "Property 'model.addr' doesn't take value '1.'");
	refused("x,addr=", "Property 'model.addr' doesn't take value ''");
	refused("{", "JSON parse error, premature EOI");
	refused("{}{}", "JSON parse error, expecting one object only");
	refused("{\xff" "5 ", "JSON parse error, expecting an object");
	refused("{'number': '5'}", "Parameter 'number' expects uint64");
	refused("{'number': 5.0}", "Parameter 'number' expects uint64");
	refused("{'number': -5}", "Parameter 'number' expects uint32_t");
	refused("{'flag': 'on'}",
		"Invalid parameter type for 'flag', expected: boolean");
	refused("{'text': 5}",
		"Invalid parameter type for 'text', expected: string");
	refused("{'text': {}}",
		"Invalid parameter type for 'text', expected: string");
}

/* Clients of monitors write numbers and booleans as strings, too. */
static void test_lenient_json(void **state)
{
	struct json_object *object;
	struct error error;
	struct opts opts;

	object = json_tokener_parse("{\"number\": \"5\", \"flag\": \"on\"}");
	opts_from_json(&opts, object);
	json_object_put(object);
	got.flag = false;
	assert_int_equal(opts_apply(&opts, descs, NULL, &got, &error), 0);
	assert_int_equal(got.number, 5);
	assert_true(got.flag);
	opts_finish(&opts);
}

static void test_ids(void **state)
{
	assert_true(opts_id_wellformed("a"));
	assert_true(opts_id_wellformed("virtio-serial0.0_x"));
	assert_false(opts_id_wellformed(""));
	assert_false(opts_id_wellformed("1a"));
	assert_false(opts_id_wellformed("-a"));
	assert_false(opts_id_wellformed("a b"));
	assert_false(opts_id_wellformed("a/b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_lenient_json),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
