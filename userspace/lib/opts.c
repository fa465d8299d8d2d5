// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * opts.c - QEMU option strings: key=value lists and JSON objects
 */

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "json_stream.h"
#include "opts.h"

#define OPTS_MAX_DESCS	64	/* of a table whose help is printed */

/* Copy up to a single comma; return where the copied part ended. */
static const char *opts_unescape(const char *text, char *to)
{
	while (*text) {
		if (*text == ',') {
			if (text[1] != ',')
				break;
			text++;
		}
		*to++ = *text++;
	}
	*to = '\0';
	return text;
}

static int opts_add(struct opts *opts, const char *key, const char *value)
{
	struct json_object *string;

	string = json_object_new_string(value);
	if (!string)
		return -ENOMEM;
	if (json_object_object_add(opts->values, key, string)) {
		json_object_put(string);
		return -ENOMEM;
	}
	return 0;
}

/* A word without a value: `server` is on, `noserver` is off. */
static int opts_add_flag(struct opts *opts, const char *word)
{
	if (!strncmp(word, "no", 2) && word[2])
		return opts_add(opts, word + 2, "off");

	return opts_add(opts, word, "on");
}

static int opts_parse_list(struct opts *opts, const char *text,
			   const char *implied)
{
	size_t room = strlen(text) + 1;
	const char *key_end;
	char *key, *value;
	int ret = 0;

	key = malloc(room);
	value = malloc(room);
	if (!key || !value)
		ret = -ENOMEM;

	while (!ret && *text) {
		key_end = text + strcspn(text, "=,");
		if (*key_end == '=') {
			memcpy(key, text, key_end - text);
			key[key_end - text] = '\0';
			text = opts_unescape(key_end + 1, value);
			ret = opts_add(opts, key, value);
		} else {
			text = opts_unescape(text, value);
			ret = implied ? opts_add(opts, implied, value) :
					opts_add_flag(opts, value);
		}
		implied = NULL;
		if (*text == ',')
			text++;
	}

	free(key);
	free(value);
	return ret;
}

struct opts_json {
	struct json_object *value;
	struct error *error;
	int ret;
};

static void opts_json_value(void *data, struct json_object *value)
{
	struct opts_json *json = data;

	if (json->value) {
		json->ret = error_set(json->error, -EINVAL,
			"JSON parse error, expecting one object only");
		return;
	}
	json->value = json_object_get(value);
}

static void opts_json_error(void *data, const char *why)
{
	struct opts_json *json = data;

	if (!json->ret)
		json->ret = error_set(json->error, -EINVAL, "%s", why);
}

static const struct json_stream_ops opts_json_ops = {
	.value		= opts_json_value,
	.error		= opts_json_error,
};

static int opts_parse_json(struct opts *opts, const char *text,
			   struct error *error)
{
	struct opts_json json = { .error = error };
	struct json_stream *stream;
	int ret;

	ret = json_stream_create(&opts_json_ops, &json, &stream);
	if (ret)
		return ret;
	json_stream_feed(stream, text, strlen(text));
	json_stream_destroy(stream);

	if (!json.ret && !json.value)
		json.ret = error_set(error, -EINVAL,
				     "JSON parse error, premature EOI");
	/* A byte 0xFF makes the parser forget the brace. */
	if (!json.ret && !json_object_is_type(json.value, json_type_object))
		json.ret = error_set(error, -EINVAL,
				     "JSON parse error, expecting an object");
	if (json.ret) {
		json_object_put(json.value);
		return json.ret;
	}

	opts->values = json.value;
	opts->strict = true;
	return 0;
}

int opts_parse(struct opts *opts, const char *text, const char *implied,
	       struct error *error)
{
	int ret;

	memset(opts, 0, sizeof(*opts));
	if (*text == '{')
		return opts_parse_json(opts, text, error);

	opts->values = json_object_new_object();
	if (!opts->values)
		return error_set(error, -ENOMEM, "out of memory");

	ret = opts_parse_list(opts, text, implied);
	if (ret) {
		opts_finish(opts);
		return error_set(error, ret, "out of memory");
	}
	return 0;
}

void opts_from_json(struct opts *opts, struct json_object *object)
{
	opts->values = json_object_get(object);
	opts->strict = false;
}

void opts_finish(struct opts *opts)
{
	json_object_put(opts->values);
	opts->values = NULL;
}

const char *opts_get(const struct opts *opts, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(opts->values, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;

	return json_object_get_string(value);
}

bool opts_has(const struct opts *opts, const char *name)
{
	return json_object_object_get_ex(opts->values, name, NULL);
}

bool opts_id_wellformed(const char *id)
{
	if (!isalpha((unsigned char)*id))
		return false;

	for (; *id; id++) {
		if (!isalnum((unsigned char)*id) && !strchr("-._", *id))
			return false;
	}
	return true;
}

static int opt_wrong_type(const char *name, const char *expected,
			  struct error *error)
{
	return error_set(error, -EINVAL,
			 "Invalid parameter type for '%s', expected: %s",
			 name, expected);
}

/* The text of a value where only text will do. */
static int opt_text(const char *name, struct json_object *value,
		    const char **ret, struct error *error)
{
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return opt_wrong_type(name, "string", error);

	text = json_object_get_string(value);
	if (strlen(text) != (size_t)json_object_get_string_len(value))
		return error_set(error, -EINVAL,
				 "Parameter '%s' must not contain NUL", name);
	*ret = text;
	return 0;
}

static int opt_bool(const struct opts *opts, const char *name,
		    struct json_object *value, bool *ret, struct error *error)
{
	static const char *const on[] = { "on", "yes", "true", "y" };
	static const char *const off[] = { "off", "no", "false", "n" };
	const char *text;
	size_t i;

	if (json_object_is_type(value, json_type_boolean)) {
		*ret = json_object_get_boolean(value);
		return 0;
	}
	if (opts->strict || !json_object_is_type(value, json_type_string))
		return opt_wrong_type(name, "boolean", error);

	text = json_object_get_string(value);
	for (i = 0; i < sizeof(on) / sizeof(on[0]); i++) {
		if (!strcmp(text, on[i]) || !strcmp(text, off[i])) {
			*ret = !strcmp(text, on[i]);
			return 0;
		}
	}
	return error_set(error, -EINVAL, "Parameter '%s' expects 'on' or 'off'",
			 name);
}

static int opt_u32(const struct opts *opts, const char *name,
		   struct json_object *value, uint32_t *ret,
		   struct error *error)
{
	unsigned long long number;
	const char *text;
	char *end;

	if (json_object_is_type(value, json_type_int)) {
		text = json_object_to_json_string(value);
	} else {
		if (opts->strict ||
		    !json_object_is_type(value, json_type_string))
			return error_set(error, -EINVAL,
				"Parameter '%s' expects uint64", name);
		text = json_object_get_string(value);
	}

	errno = 0;
	number = strtoull(text, &end, 0);
	if (!isdigit((unsigned char)text[*text == '-']) || *end)
		return error_set(error, -EINVAL,
				 "Parameter '%s' expects integer", name);
	if (errno || *text == '-' || number > UINT32_MAX)
		return error_set(error, -EINVAL,
				 "Parameter '%s' expects uint32_t", name);
	*ret = number;
	return 0;
}

static int opt_size(const struct opts *opts, const char *name,
		    struct json_object *value, uint64_t *ret,
		    struct error *error)
{
	static const char suffixes[] = "BKMGTPE";
	const char *text = json_object_get_string(value), *suffix = suffixes;
	unsigned long long number;
	unsigned int shift;
	char *end;

	if (!json_object_is_type(value, json_type_int) &&
	    (opts->strict || !json_object_is_type(value, json_type_string)))
		return opt_wrong_type(name, "integer", error);

	errno = 0;
	number = strtoull(text, &end, 0);
	if (*end && *text && !end[1])
		suffix = strchr(suffixes, toupper((unsigned char)*end));
	else if (*end)
		suffix = NULL;
	if (!isdigit((unsigned char)*text) || !suffix)
		return error_set(error, -EINVAL,
			"Parameter '%s' expects a non-negative number below 2^64",
			name);
	shift = 10 * (suffix - suffixes);
	if (errno || number > UINT64_MAX >> shift)
		return error_set(error, -EINVAL,
				 "Value '%s' is out of range for parameter '%s'",
				 text, name);
	*ret = number << shift;
	return 0;
}

static int opt_auto(const char *name, const char *text, struct error *error)
{
	if (!strcmp(text, "on") || !strcmp(text, "off") ||
	    !strcmp(text, "auto"))
		return 0;

	return error_set(error, -EINVAL,
			 "Parameter '%s' does not accept value '%s'", name,
			 text);
}

/* `5`, `0x1f`, `5.0`: slot below 32, function below 8, both in hex. */
static bool opt_pci_address_valid(const char *text)
{
	unsigned long slot, function = 0;
	char *end;

	if (!isxdigit((unsigned char)*text))
		return false;
	slot = strtoul(text, &end, 16);
	if (*end == '.') {
		if (!isxdigit((unsigned char)end[1]))
			return false;
		function = strtoul(end + 1, &end, 16);
	}
	return !*end && slot < 32 && function < 8;
}

static int opt_pci_address(const char *driver, const char *name,
			   const char *text, struct error *error)
{
	if (opt_pci_address_valid(text))
		return 0;

	return error_set(error, -EINVAL,
			 "Property '%s.%s' doesn't take value '%s'", driver,
			 name, text);
}

static int opt_apply(const struct opts *opts, const struct opt_desc *desc,
		     const char *driver, struct json_object *value,
		     void *member, struct error *error)
{
	const char *text = NULL;
	int ret;

	if (desc->type == OPT_BOOL)
		return opt_bool(opts, desc->name, value, member, error);
	if (desc->type == OPT_U32)
		return opt_u32(opts, desc->name, value, member, error);

	if (desc->type == OPT_SIZE)
		return opt_size(opts, desc->name, value, member, error);

	ret = opt_text(desc->name, value, &text, error);
	if (!ret && desc->type == OPT_AUTO)
		ret = opt_auto(desc->name, text, error);
	if (!ret && desc->type == OPT_PCI_ADDRESS)
		ret = opt_pci_address(driver, desc->name, text, error);
	if (!ret)
		*(const char **)member = text;
	return ret;
}

static int opt_unknown(const char *driver, const char *name,
		       struct error *error)
{
	if (driver)
		return error_set(error, -EINVAL, "Property '%s.%s' not found",
				 driver, name);

	return error_set(error, -EINVAL, "Invalid parameter '%s'", name);
}

static const struct opt_desc *find_desc(const struct opt_desc *descs,
					const char *name)
{
	for (; descs->name; descs++) {
		if (!strcmp(descs->name, name))
			return descs;
	}
	return NULL;
}

int opts_apply(const struct opts *opts, const struct opt_desc *descs,
	       const char *driver, void *target, struct error *error)
{
	const struct opt_desc *desc;
	int ret;

	json_object_object_foreach(opts->values, name, value) {
		desc = find_desc(descs, name);
		if (!desc)
			return opt_unknown(driver, name, error);

		ret = opt_apply(opts, desc, driver, value,
				(char *)target + desc->offset, error);
		if (ret)
			return ret;
	}
	return 0;
}

int opts_apply_part(const struct opts *opts, const struct opt_desc *descs,
		    void *target, struct opts *rest, struct error *error)
{
	struct opts part = { json_object_new_object(), opts->strict };
	int ret = 0;

	*rest = (struct opts){ json_object_new_object(), opts->strict };
	if (!part.values || !rest->values)
		ret = error_set(error, -ENOMEM, "out of memory");
	json_object_object_foreach(opts->values, name, value) {
		if (ret)
			break;
		json_object_object_add(find_desc(descs, name) ? part.values :
				       rest->values, name,
				       json_object_get(value));
	}
	if (!ret)
		ret = opts_apply(&part, descs, NULL, target, error);
	opts_finish(&part);
	if (ret)
		opts_finish(rest);
	return ret;
}

const char *opts_type_name(enum opt_type type)
{
	static const char *const types[] = {
		[OPT_STRING]		= "str",
		[OPT_BOOL]		= "bool",
		[OPT_U32]		= "uint32",
		[OPT_SIZE]		= "size",
		[OPT_AUTO]		= "OnOffAuto",
		[OPT_PCI_ADDRESS]	= "str",
	};

	return types[type];
}

static struct json_object *opt_value(enum opt_type type, const void *member)
{
	const char *text;

	switch (type) {
	case OPT_BOOL:
		return json_object_new_boolean(*(const bool *)member);
	case OPT_U32:
		return json_object_new_int64(*(const uint32_t *)member);
	case OPT_SIZE:
		return json_object_new_uint64(*(const uint64_t *)member);
	default:
		text = *(const char *const *)member;
		return json_object_new_string(text ?: "");
	}
}

struct json_object *opts_values(const struct opt_desc *descs,
				const void *target)
{
	struct json_object *values = json_object_new_object();

	for (; descs->name; descs++) {
		if (descs->help)
			json_object_object_add(values, descs->name,
				opt_value(descs->type, (const char *)target +
						       descs->offset));
	}
	return values;
}

static int compare_names(const void *a, const void *b)
{
	const struct opt_desc *const *one = a, *const *other = b;

	return strcmp((*one)->name, (*other)->name);
}

static void print_help(FILE *out, const struct opt_desc *desc)
{
	char name[64];

	snprintf(name, sizeof(name), "%s=<%s>", desc->name,
		 opts_type_name(desc->type));
	if (*desc->help)
		fprintf(out, "  %-22s - %s\n", name, desc->help);
	else
		fprintf(out, "  %s\n", name);
}

void opts_print_help(FILE *out, const struct opt_desc *descs)
{
	const struct opt_desc *listed[OPTS_MAX_DESCS];
	size_t i, num = 0;

	for (; descs->name; descs++) {
		if (descs->help && num < OPTS_MAX_DESCS)
			listed[num++] = descs;
	}
	qsort(listed, num, sizeof(listed[0]), compare_names);
	for (i = 0; i < num; i++)
		print_help(out, listed[i]);
}
