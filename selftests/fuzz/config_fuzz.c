// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * config_fuzz.c - vportd.conf out of anything
 *
 * What is accepted must be usable: every section has what its handler takes
 * apart without looking twice, and templates expand.
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "conf.h"
#include "config.h"
#include "error.h"
#include "handler.h"
#include "port.h"
#include "words.h"

static void expand(const char *template, const struct port_setup *setup)
{
	char *text = template ? conf_expand(template, setup) : NULL;

	assert(!template || text);
	free(text);
}

static void use(const struct port_conf *conf)
{
	const struct port_setup setup = {
		.name = "org.example", .devnode = "/dev/vport0p1",
	};
	char **words;

	if (!conf)
		return;
	assert(!conf->listen || address_is_wellformed(conf->listen, true));
	assert(!conf->connect || address_is_wellformed(conf->connect, false));
	expand(conf->listen, &setup);
	expand(conf->connect, &setup);
	expand(conf->path, &setup);
	expand(conf->directory, &setup);
	words = conf_expand_words(conf->command, &setup);
	assert(words);
	words_free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config;
	struct error error;
	FILE *stream;

	if (!size)
		return 0;
	stream = fmemopen((void *)data, size, "r");
	if (!stream)
		return 0;
	if (!config_load_stream(stream, "fuzz", &config, &error)) {
		use(config_match(config, "org.example"));
		use(config_match(config, "a"));
		config_destroy(config);
	} else {
		assert(*error.text);
	}
	fclose(stream);
	return 0;
}
