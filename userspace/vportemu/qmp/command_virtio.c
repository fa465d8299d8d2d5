// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command_virtio.c - QMP commands about devices as virtio has them
 */

#include <errno.h>
#include <json-c/json.h>
#include <linux/virtio_config.h>
#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "machine.h"

static void add_string(struct json_object *object, const char *name,
		       const char *value)
{
	json_object_object_add(object, name, json_object_new_string(value));
}

static void add_bool(struct json_object *object, const char *name, bool value)
{
	json_object_object_add(object, name, json_object_new_boolean(value));
}

static void add_number(struct json_object *object, const char *name,
		       uint64_t value)
{
	json_object_object_add(object, name, json_object_new_uint64(value));
}

/* Where QEMU has the virtio part of a device. */
static void device_path(const struct machine_device_info *info,
			unsigned int anonymous, char *buf, size_t size)
{
	const char *backend = strcmp(info->model, "virtio-serial-device") ?
			      "/virtio-backend" : "";

	if (info->id)
		snprintf(buf, size, "/machine/peripheral/%s%s", info->id,
			 backend);
	else
		snprintf(buf, size, "/machine/peripheral-anon/device[%u]%s",
			 anonymous, backend);
}

struct search {
	const char *path;		/* of the one that is looked for */
	unsigned int anonymous;		/* seen so far */
	struct json_object *list;	/* of all that were seen, or NULL */
	bool found;
	struct machine_device_info info;
};

static void look_at(void *data, const struct machine_device_info *info)
{
	struct search *search = data;
	struct json_object *entry;
	char path[320];

	device_path(info, search->anonymous, path, sizeof(path));
	search->anonymous += !info->id;
	if (search->path && !strcmp(search->path, path)) {
		search->found = true;
		search->info = *info;
	}
	if (!search->list)
		return;
	entry = json_object_new_object();
	add_string(entry, "name", "virtio-serial");
	add_string(entry, "path", path);
	json_object_array_add(search->list, entry);
}

int qmp_query_virtio(struct machine *machine, struct json_object *args,
		     struct json_object **ret, struct error *error)
{
	struct search search = { .list = json_object_new_array() };

	machine_visit_devices(machine, look_at, &search);
	*ret = search.list;
	return 0;
}

static int find_device(struct machine *machine, struct json_object *args,
		       struct machine_device_info *ret, struct error *error)
{
	struct search search = { .path = qmp_arg_string(args, "path") };

	machine_visit_devices(machine, look_at, &search);
	if (!search.found)
		return error_set(error, -ENOENT,
				 "Path '%s' is not a VirtIODevice",
				 search.path);
	*ret = search.info;
	return 0;
}

static const struct {
	unsigned int bit;
	bool transport;
	const char *name;
} features[] = {
	{ VIRTIO_RING_F_INDIRECT_DESC, true,
	  "VIRTIO_RING_F_INDIRECT_DESC: Indirect descriptors supported" },
	{ VIRTIO_RING_F_EVENT_IDX, true,
	  "VIRTIO_RING_F_EVENT_IDX: Used & avail. event fields enabled" },
	{ VIRTIO_F_VERSION_1, true,
	  "VIRTIO_F_VERSION_1: Device compliant for v1 spec (legacy)" },
	{ VIRTIO_F_ACCESS_PLATFORM, true,
	  "VIRTIO_F_IOMMU_PLATFORM: Device can be used on IOMMU platform" },
	{ VIRTIO_F_RING_PACKED, true,
	  "VIRTIO_F_RING_PACKED: Device supports packed VQ layout" },
	{ VIRTIO_F_IN_ORDER, true,
	  "VIRTIO_F_IN_ORDER: Device uses buffers in same order as made available by driver" },
	{ VIRTIO_F_RING_RESET, true,
	  "VIRTIO_F_RING_RESET: Driver can reset a queue individually" },
	{ VIRTIO_CONSOLE_F_SIZE, false,
	  "VIRTIO_CONSOLE_F_SIZE: Host providing console size" },
	{ VIRTIO_CONSOLE_F_MULTIPORT, false,
	  "VIRTIO_CONSOLE_F_MULTIPORT: Multiple ports for device supported" },
	{ VIRTIO_CONSOLE_F_EMERG_WRITE, false,
	  "VIRTIO_CONSOLE_F_EMERG_WRITE: Emergency write supported" },
};

static struct json_object *list_features(uint64_t bits)
{
	struct json_object *object = json_object_new_object();
	struct json_object *transports = json_object_new_array();
	struct json_object *own = json_object_new_array();
	size_t i;

	for (i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		if (!(bits >> features[i].bit & 1))
			continue;
		bits &= ~(1ull << features[i].bit);
		json_object_array_add(features[i].transport ? transports : own,
				      json_object_new_string(features[i].name));
	}
	json_object_object_add(object, "transports", transports);
	json_object_object_add(object, "dev-features", own);
	if (bits)
		add_number(object, "unknown-dev-features", bits);
	return object;
}

/* Who has the guest's registers is the VMM: of these there is nothing here. */
int qmp_query_virtio_status(struct machine *machine, struct json_object *args,
			    struct json_object **ret, struct error *error)
{
	struct machine_device_info info;
	int err;

	err = find_device(machine, args, &info, error);
	if (err)
		return err;

	*ret = json_object_new_object();
	add_string(*ret, "name", "virtio-serial");
	add_number(*ret, "device-id", VIRTIO_ID_CONSOLE);
	add_string(*ret, "device-endian", "little");
	json_object_object_add(*ret, "guest-features",
			       list_features(info.features));
	json_object_object_add(*ret, "host-features",
			       list_features(info.offered));
	add_number(*ret, "num-vqs", info.num_queues);
	add_bool(*ret, "vm-running", machine_running(machine));
	add_bool(*ret, "attached", info.attached);
	add_bool(*ret, "started", info.started);
	add_bool(*ret, "broken", info.broken);
	add_string(*ret, "bus-name", info.bus);
	return 0;
}

int qmp_query_virtio_queue_status(struct machine *machine,
				  struct json_object *args,
				  struct json_object **ret, struct error *error)
{
	struct machine_device_info info;
	struct machine_queue queue;
	struct json_object *number;
	int64_t index;
	int err;

	err = find_device(machine, args, &info, error);
	if (err)
		return err;
	json_object_object_get_ex(args, "queue", &number);
	index = json_object_get_int64(number);
	if (index < 0 || index >= info.num_queues ||
	    machine_get_queue(machine, info.bus, index, &queue))
		return error_set(error, -ENOENT, "Invalid virtqueue number %lld",
				 (long long)index);

	*ret = json_object_new_object();
	add_string(*ret, "name", "virtio-serial");
	add_number(*ret, "queue-index", index);
	add_number(*ret, "inuse", 0);
	add_number(*ret, "vring-num", queue.num);
	add_number(*ret, "vring-desc", queue.desc);
	add_number(*ret, "vring-avail", queue.avail);
	add_number(*ret, "vring-used", queue.used);
	add_number(*ret, "last-avail-idx", queue.last_avail);
	add_number(*ret, "shadow-avail-idx", queue.avail_seen);
	add_number(*ret, "used-idx", queue.used_idx);
	add_number(*ret, "signalled-used", queue.used_shown);
	add_bool(*ret, "signalled-used-valid", queue.shown_valid);
	add_bool(*ret, "running", queue.running);
	return 0;
}
