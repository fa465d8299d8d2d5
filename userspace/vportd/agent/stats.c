// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stats.c - guest-get-load, guest-get-cpustats and guest-get-diskstats
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "command.h"
#include "result.h"
#include "sysfile.h"

/* In the order of the columns; what an older kernel lacks is left out. */
static const char *const cpu_columns[] = {
	"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal",
	"guest", "guestnice", NULL,
};

static const char *const disk_columns[] = {
	"read-ios", "read-merges", "read-sectors", "read-ticks",
	"write-ios", "write-merges", "write-sectors", "write-ticks",
	"ios-pgr", "total-ticks", "weight-ticks",
	"discard-ios", "discard-merges", "discard-sectors", "discard-ticks",
	"flush-ios", "flush-ticks", NULL,
};

int command_get_load(struct command_call *call)
{
	static const char *const names[] = { "load1m", "load5m", "load15m" };
	struct json_object *result;
	double load[3];
	int i;

	if (getloadavg(load, 3) != 3)
		return command_error(call, -EIO,
				     "The load average is not available");

	result = json_object_new_object();
	for (i = 0; i < 3; i++)
		json_object_object_add(result, names[i],
				       json_object_new_double(load[i]));
	command_result(call, result);
	return 0;
}

/* Numbers up to the end of the line, each times @mul and divided by @div. */
static void add_columns(struct json_object *object,
			const char *const *columns, char **save,
			uint64_t mul, uint64_t div)
{
	char *word;

	for (; *columns; columns++) {
		word = strtok_r(NULL, " ", save);
		if (!word)
			return;
		result_add_uint(object, *columns,
				strtoull(word, NULL, 10) * mul / div);
	}
}

/* "cpu" alone is the sum of all. */
static void add_cpu(struct json_object *result, char *line)
{
	struct json_object *cpu;
	char *save;
	char *name;

	name = strtok_r(line, " ", &save);
	if (!name || strncmp(name, "cpu", 3) || !name[3])
		return;

	cpu = json_object_new_object();
	result_add_text(cpu, "type", "linux");
	result_add_int(cpu, "cpu", strtoul(name + 3, NULL, 10));
	add_columns(cpu, cpu_columns, &save, 1000, sysconf(_SC_CLK_TCK));
	json_object_array_add(result, cpu);
}

static void add_disk(struct json_object *result, char *line)
{
	struct json_object *stats;
	struct json_object *disk;
	char *major;
	char *minor;
	char *name;
	char *save;

	major = strtok_r(line, " ", &save);
	minor = strtok_r(NULL, " ", &save);
	name = strtok_r(NULL, " ", &save);
	if (!major || !minor || !name)
		return;

	stats = json_object_new_object();
	add_columns(stats, disk_columns, &save, 1, 1);
	disk = json_object_new_object();
	result_add_text(disk, "name", name);
	result_add_int(disk, "major", strtoul(major, NULL, 10));
	result_add_int(disk, "minor", strtoul(minor, NULL, 10));
	json_object_object_add(disk, "stats", stats);
	json_object_array_add(result, disk);
}

static int read_lines(struct command_call *call, const char *path,
		      void (*add)(struct json_object *result, char *line))
{
	struct json_object *result;
	char *save;
	char *text;
	char *line;
	int err;

	err = sysfile_read(path, &text);
	if (err)
		return command_error(call, err, "%s: %s", path,
				     strerror(-err));

	result = json_object_new_array();
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		add(result, line);
	free(text);
	command_result(call, result);
	return 0;
}

int command_get_cpustats(struct command_call *call)
{
	return read_lines(call, "/proc/stat", add_cpu);
}

int command_get_diskstats(struct command_call *call)
{
	return read_lines(call, "/proc/diskstats", add_disk);
}
