// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * online.c - guest-set-vcpus and guest-set-memory-blocks
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "job.h"

/* The word is known to be short.  Return: 0 or -errno. */
static int write_word(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, word, strlen(word)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static const struct job_member vcpu_members[] = {
	{ "logical-id", json_type_int, "integer" },
	{ "online", json_type_boolean, "boolean" },
	{ "can-offline", json_type_boolean, "boolean", true },
	{ NULL },
};

/* Without a file "online" the processor is, for good. */
static int set_vcpu(struct job *job, struct json_object *vcpu)
{
	int64_t id = job_member_int(vcpu, "logical-id");
	bool online = job_member_bool(vcpu, "online");
	char *dir = job_path(job, "/sys/devices/system/cpu/cpu%lld/",
			     (long long)id);
	char *file = job_path(job, "/sys/devices/system/cpu/cpu%lld/online",
			      (long long)id);
	int err = 0;

	if (access(dir, F_OK))
		err = job_error(job, -errno, "open(\"%s\"): %s", dir,
				strerror(errno));
	else if (!access(file, F_OK))
		err = write_word(file, online ? "1" : "0");
	else if (!online)
		err = job_error(job, -EPERM,
				"logical processor #%lld can't be offlined",
				(long long)id);
	if (err && !job->error)
		job_error(job, err, "write(\"%s\"): %s", file, strerror(-err));
	free(dir);
	free(file);
	return err;
}

int job_set_vcpus(struct job *job)
{
	struct json_object *vcpus = job_arg(job, "vcpus");
	size_t len = json_object_array_length(vcpus);
	size_t i;
	int err;

	err = job_check_members(job, vcpus, "vcpus", vcpu_members);
	if (err)
		return err;

	/* What was done before an error is told instead of the error. */
	for (i = 0; i < len && !err; i++)
		err = set_vcpu(job, json_object_array_get_idx(vcpus, i));
	if (err && i == 1)
		return err;

	job_result(job, json_object_new_int64(err ? i - 1 : i));
	return 0;
}

static const struct job_member block_members[] = {
	{ "phys-index", json_type_int, "integer" },
	{ "online", json_type_boolean, "boolean" },
	{ "can-offline", json_type_boolean, "boolean", true },
	{ NULL },
};

struct outcome {
	const char *response;
	int err;
};

static struct outcome set_block(struct job *job, struct json_object *block)
{
	int64_t index = job_member_int(block, "phys-index");
	const char *want = job_member_bool(block, "online") ? "online" :
							      "offline";
	char *path = job_path(job, "/sys/devices/system/memory/memory%lld/state",
			      (long long)index);
	struct outcome outcome = { "success" };
	char state[32];
	int err;

	err = job_read_word(job, state, sizeof(state),
			    "/sys/devices/system/memory/memory%lld/state",
			    (long long)index);
	if (err)
		outcome = (struct outcome){ "not-found", -err };
	else if (strcmp(state, want))
		err = write_word(path, want);
	if (err && !outcome.err)
		outcome = (struct outcome){ "operation-failed", -err };
	free(path);
	return outcome;
}

static struct json_object *describe_block(struct job *job,
					  struct json_object *block)
{
	struct outcome outcome = set_block(job, block);
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "phys-index",
			       json_object_new_int64(
				       job_member_int(block, "phys-index")));
	json_object_object_add(object, "response",
			       json_object_new_string(outcome.response));
	if (outcome.err)
		json_object_object_add(object, "error-code",
				       json_object_new_int(outcome.err));
	return object;
}

int job_set_memory_blocks(struct job *job)
{
	struct json_object *blocks = job_arg(job, "mem-blks");
	struct json_object *result;
	size_t i;
	int err;

	err = job_check_members(job, blocks, "mem-blks", block_members);
	if (err)
		return err;

	result = json_object_new_array();
	for (i = 0; i < json_object_array_length(blocks); i++)
		json_object_array_add(result, describe_block(job,
			json_object_array_get_idx(blocks, i)));
	job_result(job, result);
	return 0;
}
