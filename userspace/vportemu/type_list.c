// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * type_list.c - what types of objects there are, and which is a kind of which
 */

#include <string.h>

#include "machine.h"

/* A parent comes before its children. */
static const struct machine_type types[] = {
	{ "object", NULL, true },
	{ "chardev", "object", true },
	{ "chardev-fd", "chardev", true },
	{ "chardev-file", "chardev-fd" },
	{ "chardev-hub", "chardev" },
	{ "chardev-mux", "chardev" },
	{ "chardev-null", "chardev" },
	{ "chardev-pipe", "chardev-fd" },
	{ "chardev-pty", "chardev" },
	{ "chardev-ringbuf", "chardev" },
	{ "chardev-serial", "chardev-fd" },
	{ "chardev-socket", "chardev" },
	{ "chardev-stdio", "chardev-fd" },
	{ "chardev-udp", "chardev" },
	{ "device", "object", true },
	{ "pci-device", "device", true },
	{ "virtio-device", "device", true },
	{ "virtio-pci", "pci-device", true },
	{ "virtio-serial-device", "virtio-device" },
	{ "virtio-serial-pci-base", "virtio-pci", true },
	{ "virtio-serial-pci", "virtio-serial-pci-base" },
	{ "virtio-serial-pci-non-transitional", "virtio-serial-pci-base" },
	{ "virtio-serial-pci-transitional", "virtio-serial-pci-base" },
	{ "virtio-serial-port", "device", true },
	{ "virtserialport", "virtio-serial-port" },
	{ "virtconsole", "virtserialport" },
};

#define NUM_TYPES	(sizeof(types) / sizeof(types[0]))

const struct machine_type *machine_type_at(unsigned int index)
{
	return index < NUM_TYPES ? &types[index] : NULL;
}

const struct machine_type *machine_type_find(const char *name)
{
	size_t i;

	for (i = 0; i < NUM_TYPES; i++) {
		if (!strcmp(types[i].name, name))
			return &types[i];
	}
	return NULL;
}

bool machine_type_is(const struct machine_type *type, const char *name)
{
	for (;;) {
		if (!strcmp(type->name, name))
			return true;
		if (!type->parent)
			return false;
		type = machine_type_find(type->parent);
	}
}
