// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device.c - the device models behind -device, and their life
 *
 * Names and properties are QEMU's.  Those of the device with the bus are in
 * device_serial.c, those of ports in device_port.c.
 */

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "chardev.h"
#include "device.h"
#include "error.h"
#include "machine_types.h"
#include "opts.h"
#include "virtio_serial.h"

static const struct device_model models[] = {
	{ "virtio-serial-device", "virtio-bus", NULL, device_serial_properties,
	  device_serial_realize },
	{ "virtio-serial-pci", "PCI", "virtio-serial",
	  device_serial_pci_properties, device_serial_realize },
	{ "virtio-serial-pci-non-transitional", "PCI", NULL,
	  device_serial_fixed_properties, device_serial_realize,
	  .non_transitional = true },
	{ "virtio-serial-pci-transitional", "PCI", NULL,
	  device_serial_fixed_properties, device_serial_realize },
	{ "virtconsole", "virtio-serial-bus", NULL, device_port_properties,
	  device_port_realize, true, &virtconsole_ops },
	{ "virtserialport", "virtio-serial-bus", NULL, device_port_properties,
	  device_port_realize, true, &virtserialport_ops },
};

#define NUM_MODELS	(sizeof(models) / sizeof(models[0]))

static const struct device_model *find_model(const char *name)
{
	size_t i;

	for (i = 0; i < NUM_MODELS; i++) {
		if (!strcmp(models[i].name, name) ||
		    (models[i].alias && !strcmp(models[i].alias, name)))
			return &models[i];
	}
	return NULL;
}

void device_print_models(FILE *out)
{
	size_t i;

	for (i = 0; i < NUM_MODELS; i++) {
		fprintf(out, "name \"%s\", bus %s", models[i].name,
			models[i].bus);
		if (models[i].alias)
			fprintf(out, ", alias \"%s\"", models[i].alias);
		fputc('\n', out);
	}
}

int device_print_help(FILE *out, const char *name)
{
	const struct device_model *model = find_model(name);

	if (!model)
		return -ENOENT;

	fprintf(out, "%s options:\n", model->name);
	opts_print_help(out, model->properties);
	return 0;
}

int machine_visit_properties(const char *name,
			     void (*visit)(void *data, const char *name,
					   const char *type,
					   const char *description),
			     void *data)
{
	const struct device_model *model = find_model(name);
	const struct opt_desc *desc;

	if (!model)
		return -ENOENT;

	for (desc = model->properties; desc->name; desc++) {
		if (strcmp(desc->name, "driver") && strcmp(desc->name, "id") &&
		    strcmp(desc->name, "bus"))
			visit(data, desc->name, opts_type_name(desc->type),
			      desc->help ?: "");
	}
	return 0;
}

static struct virtio_serial_port *find_port_by_device_id(
	const struct machine *machine, const char *id)
{
	const struct machine_device *device;
	struct virtio_serial_port *port;

	for (device = machine->devices; device; device = device->next) {
		for (port = device->serial->ports; port; port = port->next) {
			if (port->device_id && !strcmp(port->device_id, id))
				return port;
		}
	}
	return NULL;
}

struct machine_device *machine_find_device(const struct machine *machine,
					   const char *id)
{
	struct machine_device *device;

	for (device = machine->devices; device; device = device->next) {
		if (device->id && !strcmp(device->id, id))
			return device;
	}
	return NULL;
}

int machine_add_device(struct machine *machine, const struct opts *opts,
		       bool hotplug, struct error *error)
{
	const char *driver = opts_get(opts, "driver");
	const char *id = opts_get(opts, "id");
	const struct device_model *model;

	if (!driver)
		return error_set(error, -EINVAL,
				 "Parameter 'driver' is missing");
	model = find_model(driver);
	if (!model)
		return error_set(error, -ENOENT,
				 "'%s' is not a valid device model name",
				 driver);
	if (id && !opts_id_wellformed(id))
		return error_set(error, -EINVAL, hotplug ?
				 "Invalid qdev ID '%s'" :
				 "Parameter 'id' expects an identifier", id);
	if (id && (machine_find_device(machine, id) ||
		   find_port_by_device_id(machine, id)))
		return error_set(error, -EEXIST, hotplug ?
				 "Duplicate device ID '%s'" :
				 "Duplicate ID '%s' for device", id);
	if (hotplug && !model->hotpluggable)
		return error_set(error, -EOPNOTSUPP,
				 "Device '%s' does not support hotplugging",
				 model->name);

	return model->realize(machine, model, opts, error);
}

static void device_deleted(struct machine *machine, const char *id)
{
	struct json_object *data = json_object_new_object();
	char path[256];

	snprintf(path, sizeof(path), "/machine/peripheral/%s", id);
	json_object_object_add(data, "device", json_object_new_string(id));
	json_object_object_add(data, "path", json_object_new_string(path));
	machine_event(machine, "DEVICE_DELETED", data);
}

int machine_remove_device(struct machine *machine, const char *id,
			  struct error *error)
{
	struct virtio_serial_port *port = find_port_by_device_id(machine, id);

	if (port) {
		virtio_serial_remove_port(port);
		device_deleted(machine, id);
		return 0;
	}
	if (machine_find_device(machine, id))
		return error_set(error, -EOPNOTSUPP,
				 "Device '%s' does not support hotplugging",
				 id);
	return error_set(error, -ENODEV, "Device '%s' not found", id);
}

void machine_destroy_devices(struct machine *machine)
{
	struct machine_device *device;

	while (machine->devices) {
		device = machine->devices;
		machine->devices = device->next;
		virtio_serial_set_events(device->serial, NULL, NULL);
		virtio_serial_destroy(device->serial);
		json_object_put(device->properties);
		free(device->id);
		free(device);
	}
}
