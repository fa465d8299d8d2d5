// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device_serial.c - the models with a bus for ports: their properties
 *
 * Those of the PCI function have an effect where the transport has such a
 * function, which is over vfio-user.
 */

#include <errno.h>
#include <json-c/json.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "error.h"
#include "machine_types.h"
#include "opts.h"
#include "virtio_serial.h"

/* One for the configuration and one for all queues; as many as MSI-X has. */
#define DEFAULT_VECTORS	2
#define MAX_VECTORS	2048

struct serial_properties {
	const char *driver;
	const char *id;
	const char *bus;
	const char *addr;
	uint32_t max_ports;
	uint32_t vectors;
	uint32_t class;
	bool emergency_write;
	bool console_size;
	bool indirect_desc;
	bool event_idx;
	bool packed;
	bool in_order;
	bool iommu_platform;
	bool queue_reset;
	bool notify_on_empty;
	bool any_layout;
	const char *disable_legacy;
	bool disable_modern;
	bool page_per_vq;

	/* for the VMM, and for old machines */
	bool ioeventfd;
	bool multifunction;
	bool use_started;
	bool use_disabled_flag;
	bool disable_legacy_check;
	uint32_t acpi_index;
	const char *romfile;
	uint32_t rombar;
	uint32_t romsize;

	/* of PCI Express, and of old machines, which this is not */
	bool pcie[12];

	/* not there */
	bool aer;
	bool ats;
	bool modern_pio_notify;
};

#define SERIAL(property, member, type, help) \
	{ property, type, offsetof(struct serial_properties, member), help }

#define SWITCH_ON	"on/off (default: on)"
#define SWITCH_OFF	"on/off (default: off)"

#define SERIAL_COMMON \
	SERIAL("driver", driver, OPT_STRING, NULL), \
	SERIAL("id", id, OPT_STRING, NULL), \
	SERIAL("max_ports", max_ports, OPT_U32, " (default: 31)"), \
	SERIAL("emergency-write", emergency_write, OPT_BOOL, SWITCH_ON), \
	SERIAL("console-size", console_size, OPT_BOOL, SWITCH_OFF), \
	SERIAL("indirect_desc", indirect_desc, OPT_BOOL, SWITCH_ON), \
	SERIAL("event_idx", event_idx, OPT_BOOL, SWITCH_ON), \
	SERIAL("packed", packed, OPT_BOOL, SWITCH_OFF), \
	SERIAL("in_order", in_order, OPT_BOOL, SWITCH_OFF), \
	SERIAL("iommu_platform", iommu_platform, OPT_BOOL, SWITCH_OFF), \
	SERIAL("queue_reset", queue_reset, OPT_BOOL, SWITCH_ON), \
	SERIAL("notify_on_empty", notify_on_empty, OPT_BOOL, SWITCH_ON), \
	SERIAL("any_layout", any_layout, OPT_BOOL, SWITCH_ON), \
	SERIAL("use-started", use_started, OPT_BOOL, SWITCH_ON), \
	SERIAL("use-disabled-flag", use_disabled_flag, OPT_BOOL, SWITCH_ON), \
	SERIAL("x-disable-legacy-check", disable_legacy_check, OPT_BOOL, \
	       SWITCH_OFF)

/* Of old machines and of PCI Express; not worth a line of help. */
#define EXPRESS(property, index) \
	SERIAL(property, pcie[index], OPT_BOOL, NULL)

#define SERIAL_PCI \
	SERIAL("vectors", vectors, OPT_U32, " (default: 2)"), \
	SERIAL("class", class, OPT_U32, " (default: 0)"), \
	SERIAL("page-per-vq", page_per_vq, OPT_BOOL, SWITCH_OFF), \
	SERIAL("bus", bus, OPT_STRING, NULL), \
	SERIAL("addr", addr, OPT_PCI_ADDRESS, \
	       "Slot and optional function number, of the VMM"), \
	SERIAL("acpi-index", acpi_index, OPT_U32, "of the VMM"), \
	SERIAL("ioeventfd", ioeventfd, OPT_BOOL, "of the VMM"), \
	SERIAL("multifunction", multifunction, OPT_BOOL, "of the VMM"), \
	SERIAL("romfile", romfile, OPT_STRING, "of the VMM"), \
	SERIAL("rombar", rombar, OPT_U32, "of the VMM"), \
	SERIAL("romsize", romsize, OPT_U32, "of the VMM"), \
	EXPRESS("virtio-pci-bus-master-bug-migration", 0), \
	EXPRESS("x-ats-page-aligned", 1), \
	EXPRESS("x-pcie-ari-nextfn-1", 2), \
	EXPRESS("x-pcie-deverr-init", 3), \
	EXPRESS("x-pcie-err-unc-mask", 4), \
	EXPRESS("x-pcie-ext-tag", 5), \
	EXPRESS("x-pcie-extcap-init", 6), \
	EXPRESS("x-pcie-flr-init", 7), \
	EXPRESS("x-pcie-lnkctl-init", 8), \
	EXPRESS("x-pcie-lnksta-dllla", 9), \
	EXPRESS("x-pcie-pm-init", 10), \
	EXPRESS("x-pcie-pm-no-soft-reset", 11), \
	SERIAL("aer", aer, OPT_BOOL, "off"), \
	SERIAL("ats", ats, OPT_BOOL, "off"), \
	SERIAL("modern-pio-notify", modern_pio_notify, OPT_BOOL, "off")

const struct opt_desc device_serial_pci_properties[] = {
	SERIAL_COMMON,
	SERIAL_PCI,
	SERIAL("disable-legacy", disable_legacy, OPT_AUTO,
	       "on/off/auto (default: auto)"),
	SERIAL("disable-modern", disable_modern, OPT_BOOL, SWITCH_OFF),
	{ NULL }
};

/* Of the models whose names say which registers there are. */
const struct opt_desc device_serial_fixed_properties[] = {
	SERIAL_COMMON,
	SERIAL_PCI,
	{ NULL }
};

const struct opt_desc device_serial_properties[] = {
	SERIAL_COMMON,
	{ NULL }
};

/* What a function in QEMU can be given, and this one cannot. */
static int check_absent(const struct device_model *model,
			const struct serial_properties *props,
			struct error *error)
{
	const struct {
		const char *name;
		bool on;
	} absent[] = {
		{ "aer", props->aer },
		{ "ats", props->ats },
		{ "modern-pio-notify", props->modern_pio_notify },
	};
	size_t i;

	for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		if (absent[i].on)
			return error_set(error, -EINVAL,
				"Property '%s.%s' doesn't take value 'on'",
				model->name, absent[i].name);
	}
	return 0;
}

static uint32_t legacy_features(const struct serial_properties *props)
{
	return (uint32_t)props->notify_on_empty << VIRTIO_F_NOTIFY_ON_EMPTY |
	       (uint32_t)props->any_layout << VIRTIO_F_ANY_LAYOUT;
}

static void port_changed(void *data, struct virtio_serial_port *port)
{
	struct machine_device *device = data;
	struct json_object *args;

	if (!port->device_id)
		return;

	args = json_object_new_object();
	json_object_object_add(args, "open",
			       json_object_new_boolean(port->guest_connected));
	json_object_object_add(args, "id",
			       json_object_new_string(port->device_id));
	machine_event_limited(device->machine, "VSERPORT_CHANGE",
			      port->device_id, args);
}

static const struct virtio_serial_events port_events = {
	.port_changed	= port_changed,
};

/* QEMU names the bus after the device, else after its kind. */
static void bus_name(struct machine *machine, const char *id, char *buf,
		     size_t size)
{
	if (id)
		snprintf(buf, size, "%s.0", id);
	else
		snprintf(buf, size, "virtio-serial-bus.%u",
			 machine->unnamed_buses++);
}

/*
 * On which bus the function is going to be only the VMM knows: where QEMU
 * decides by it, this is what it does for one that is not PCI Express.
 */
static int pci_properties(const struct device_model *model,
			  const struct serial_properties *props,
			  struct virtio_pci_properties *pci,
			  struct error *error)
{
	*pci = (struct virtio_pci_properties) {
		.vectors	= props->vectors,
		.class		= props->class,
		.modern		= !props->disable_modern,
		.legacy		= !model->non_transitional,
		.page_per_queue	= props->page_per_vq,
		.legacy_features = legacy_features(props),
	};
	if (props->disable_legacy && !strcmp(props->disable_legacy, "on"))
		pci->legacy = false;

	if (!pci->legacy && !pci->modern)
		return error_set(error, -EINVAL,
				 "device cannot work as neither modern nor legacy mode is enabled");
	if (pci->legacy && props->iommu_platform)
		return error_set(error, -EINVAL,
				 "VIRTIO_F_IOMMU_PLATFORM was supported by neither legacy nor transitional device");
	if (pci->vectors > MAX_VECTORS)
		return error_set(error, -EINVAL,
				 "unable to init msix vectors to %u",
				 pci->vectors);
	return check_absent(model, props, error);
}

static int serial_plug(struct machine *machine,
		       const struct device_model *model,
		       const struct serial_properties *props,
		       const struct virtio_pci_properties *pci,
		       struct error *error)
{
	struct virtio_serial_config config = {
		.max_ports		= props->max_ports,
		.emergency_write	= props->emergency_write,
		.console_size		= props->console_size,
		.indirect_desc		= props->indirect_desc,
		.event_idx		= props->event_idx,
		.packed			= props->packed,
		.in_order		= props->in_order,
		.access_platform	= props->iommu_platform,
		.ring_reset		= props->queue_reset,
	};
	struct machine_device **link = &machine->devices;
	struct machine_device *device;
	char bus[256];
	int ret;

	device = calloc(1, sizeof(*device));
	if (!device)
		return error_set(error, -ENOMEM, "out of memory");

	device->machine = machine;
	if (props->id)
		device->id = strdup(props->id);
	bus_name(machine, props->id, bus, sizeof(bus));
	ret = virtio_serial_create(machine->loop, bus, &config,
				   &device->serial, error);
	if (ret) {
		free(device->id);
		free(device);
		return ret;
	}
	device->model = model->name;
	device->properties = opts_values(model->properties, props);
	device->serial->vdev.pci = *pci;
	virtio_serial_set_events(device->serial, &port_events, device);
	virtio_serial_set_stopped(device->serial, !machine->running);
	while (*link)
		link = &(*link)->next;
	*link = device;
	return 0;
}

int device_serial_realize(struct machine *machine,
			  const struct device_model *model,
			  const struct opts *opts, struct error *error)
{
	struct serial_properties props = {
		.max_ports = VIRTIO_SERIAL_DEFAULT_PORTS,
		.emergency_write = true,
		.indirect_desc = true,
		.event_idx = true,
		.queue_reset = true,
		.notify_on_empty = true,
		.any_layout = true,
		.ioeventfd = true,
		.use_started = true,
		.use_disabled_flag = true,
		.rombar = 1,
		.romsize = UINT32_MAX,
		.vectors = DEFAULT_VECTORS,
	};
	struct virtio_pci_properties pci;
	int ret;

	/* In the function is a device of its own, which is there first. */
	ret = machine_apply_globals(machine, "virtio-serial-device",
				    device_serial_properties, &props, error);
	if (!ret && model->properties != device_serial_properties)
		ret = machine_apply_globals(machine, model->name,
					    model->properties, &props, error);
	if (!ret)
		ret = opts_apply(opts, model->properties, model->name, &props,
				 error);
	if (!ret)
		ret = pci_properties(model, &props, &pci, error);
	if (ret)
		return ret;

	return serial_plug(machine, model, &props, &pci, error);
}
