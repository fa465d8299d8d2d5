/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - the device models behind -device
 */

#ifndef VPORTEMU_DEVICE_H
#define VPORTEMU_DEVICE_H

#include <stdbool.h>
#include <stdio.h>

#include "opts.h"

struct machine;
struct virtio_serial_port_ops;

struct device_model {
	const char *name;
	const char *bus;
	const char *alias;		/* NULL: none */
	const struct opt_desc *properties;
	int (*realize)(struct machine *machine,
		       const struct device_model *model,
		       const struct opts *opts, struct error *error);
	bool hotpluggable;
	const struct virtio_serial_port_ops *port_ops;
	bool non_transitional;
};

/* What `-device help` prints. */
void device_print_models(FILE *out);

/* What `-device MODEL,help` prints.  Return: 0, -ENOENT. */
int device_print_help(FILE *out, const char *model);

/* device_serial.c */
extern const struct opt_desc device_serial_pci_properties[];
extern const struct opt_desc device_serial_fixed_properties[];
extern const struct opt_desc device_serial_properties[];
int device_serial_realize(struct machine *machine,
			  const struct device_model *model,
			  const struct opts *opts, struct error *error);

/* device_port.c */
extern const struct opt_desc device_port_properties[];
int device_port_realize(struct machine *machine,
			const struct device_model *model,
			const struct opts *opts, struct error *error);

#endif /* VPORTEMU_DEVICE_H */
