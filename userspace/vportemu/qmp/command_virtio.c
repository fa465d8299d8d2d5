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
				 "Path %s is not a realized VirtIODevice",
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

/* The device and the number of its queue that the arguments name. */
static int find_queue(struct machine *machine, struct json_object *args,
		      struct machine_device_info *ret, unsigned int *ret_index,
		      struct error *error)
{
	struct json_object *number;
	int64_t index;
	int err;

	err = find_device(machine, args, ret, error);
	if (err)
		return err;
	json_object_object_get_ex(args, "queue", &number);
	index = json_object_get_int64(number);
	if (index < 0 || index >= ret->num_queues)
		return error_set(error, -ENOENT, "Invalid virtqueue number %lld",
				 (long long)index);
	*ret_index = index;
	return 0;
}

int qmp_query_virtio_queue_status(struct machine *machine,
				  struct json_object *args,
				  struct json_object **ret, struct error *error)
{
	struct machine_device_info info;
	struct machine_queue queue;
	unsigned int index = 0;
	int err;

	err = find_queue(machine, args, &info, &index, error);
	if (err)
		return err;
	machine_get_queue(machine, info.bus, index, &queue);

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

static void list_desc(void *data, uint64_t addr, uint32_t len,
		      uint16_t desc_flags)
{
	static const struct {
		uint16_t bit;
		const char *name;
	} names[] = {
		{ VRING_DESC_F_NEXT, "next" },
		{ VRING_DESC_F_WRITE, "write" },
		{ VRING_DESC_F_INDIRECT, "indirect" },
	};
	struct json_object *object = json_object_new_object();
	struct json_object *flags = json_object_new_array();
	size_t i;

	add_number(object, "addr", addr);
	add_number(object, "len", len);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (desc_flags & names[i].bit)
			json_object_array_add(flags,
				json_object_new_string(names[i].name));
	}
	json_object_object_add(object, "flags", flags);
	json_object_array_add(data, object);
}

static void describe(struct json_object *object,
		     const struct machine_element *element)
{
	struct json_object *avail = json_object_new_object();
	struct json_object *used = json_object_new_object();

	add_number(avail, "flags", element->avail_flags);
	add_number(avail, "idx", element->avail_idx);
	add_number(avail, "ring", element->avail_ring);
	json_object_object_add(object, "avail", avail);
	add_number(used, "flags", element->used_flags);
	add_number(used, "idx", element->used_idx);
	json_object_object_add(object, "used", used);
}

/* By default what is to be taken next. */
int qmp_query_virtio_queue_element(struct machine *machine,
				   struct json_object *args,
				   struct json_object **ret,
				   struct error *error)
{
	struct machine_device_info info;
	struct machine_queue queue;
	struct machine_element element;
	struct json_object *number, *descs;
	unsigned int index = 0;
	uint16_t place;
	int err;

	err = find_queue(machine, args, &info, &index, error);
	if (err)
		return err;
	machine_get_queue(machine, info.bus, index, &queue);
	place = queue.last_avail;
	if (json_object_object_get_ex(args, "index", &number))
		place = json_object_get_int64(number);
	descs = json_object_new_array();
	err = machine_get_element(machine, info.bus, index, place, list_desc,
				  descs, &element);
	if (err) {
		json_object_put(descs);
		return error_set(error, err, err == -EOPNOTSUPP ?
				 "Packed ring not supported" :
				 "Invalid virtqueue number %u", index);
	}
	*ret = json_object_new_object();
	add_string(*ret, "name", "virtio-serial");
	add_number(*ret, "index", element.head);
	json_object_object_add(*ret, "descs", descs);
	describe(*ret, &element);
	return 0;
}
