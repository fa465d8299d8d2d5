// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device_port.c - the models of ports: which device, name and chardev they get
 */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "chardev.h"
#include "device.h"
#include "error.h"
#include "machine_types.h"
#include "opts.h"
#include "virtio_serial.h"

struct port_properties {
	const char *driver;
	const char *id;
	const char *bus;
	const char *name;
	const char *chardev;
	uint32_t nr;
};

#define PORT(property, type, help) \
	{ #property, type, offsetof(struct port_properties, property), help }

const struct opt_desc device_port_properties[] = {
	PORT(driver, OPT_STRING, NULL),
	PORT(id, OPT_STRING, NULL),
	PORT(bus, OPT_STRING, NULL),
	PORT(chardev, OPT_STRING, "ID of a chardev to use as a backend"),
	PORT(name, OPT_STRING, ""),
	PORT(nr, OPT_U32, " (default: 4294967295)"),
	{ NULL }
};

static unsigned int count_ports(const struct virtio_serial *serial)
{
	const struct virtio_serial_port *port;
	unsigned int count = 0;

	for (port = serial->ports; port; port = port->next)
		count++;
	return count;
}

/* The bus that is named, or else the first with a free place. */
static int find_bus(const struct machine *machine,
		    const struct device_model *model, const char *bus,
		    struct machine_device **ret, struct error *error)
{
	struct machine_device *device;

	for (device = machine->devices; device; device = device->next) {
		if (bus ? !strcmp(device->serial->bus, bus) :
		    count_ports(device->serial) < device->serial->max_ports) {
			*ret = device;
			return 0;
		}
	}
	if (bus)
		return error_set(error, -ENOENT, "Bus '%s' not found", bus);
	if (machine->devices) {
		*ret = machine->devices;
		return 0;
	}
	return error_set(error, -ENOENT,
			 "No 'virtio-serial-bus' bus found for device '%s'",
			 model->name);
}

/* Names are for the whole process: a guest may have several devices. */
static int check_name(const struct machine *machine, const char *name,
		      struct error *error)
{
	const struct machine_device *device;
	const struct virtio_serial_port *port;

	for (device = machine->devices; device; device = device->next) {
		for (port = device->serial->ports; port; port = port->next) {
			if (port->name && !strcmp(port->name, name))
				return error_set(error, -EEXIST,
					"virtio-serial-bus: A port already exists by name %s",
					name);
		}
	}
	return 0;
}

static int find_free_chardev(const struct machine *machine,
			     const struct device_model *model, const char *id,
			     struct chardev **ret, struct error *error)
{
	struct chardev *chr = machine_find_chardev(machine, id);

	if (!chr)
		return error_set(error, -ENOENT,
				 "Property '%s.chardev' can't find value '%s'",
				 model->name, id);
	chr = chardev_free_end(chr);
	if (!chr)
		return error_set(error, -EBUSY,
				 "Property '%s.chardev' can't take value '%s': Device '%s' is in use",
				 model->name, id, id);
	*ret = chr;
	return 0;
}

int device_port_realize(struct machine *machine,
			const struct device_model *model,
			const struct opts *opts, struct error *error)
{
	struct port_properties props = { .nr = VIRTIO_SERIAL_AUTO_ID };
	struct virtio_serial_port_config config = { .ops = model->port_ops };
	struct virtio_serial_port *port;
	struct machine_device *device = NULL;
	int ret;

	ret = machine_apply_globals(machine, model->name, model->properties,
				    &props, error);
	if (!ret)
		ret = opts_apply(opts, model->properties, model->name, &props,
				 error);
	if (!ret)
		ret = find_bus(machine, model, props.bus, &device, error);
	if (!ret && props.chardev)
		ret = find_free_chardev(machine, model, props.chardev,
					&config.chr, error);
	if (!ret && props.name)
		ret = check_name(machine, props.name, error);
	if (ret)
		return ret;

	config.nr = props.nr;
	config.name = props.name;
	config.device_id = props.id;
	return virtio_serial_add_port(device->serial, &config, &port, error);
}
