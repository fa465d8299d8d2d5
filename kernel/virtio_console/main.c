// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - module init and exit, parameters
 */

#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/virtio.h>

#include "vcon.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

unsigned int vcon_rx_buffer_bytes = 4096;
module_param_named(rx_buffer_bytes, vcon_rx_buffer_bytes, uint, 0444);
MODULE_PARM_DESC(rx_buffer_bytes,
		 "Bytes of each buffer for data from the host, 64 to 65536 (4096)");

unsigned int vcon_rx_buffers;
module_param_named(rx_buffers, vcon_rx_buffers, uint, 0444);
MODULE_PARM_DESC(rx_buffers,
		 "Buffers for data from the host for each open port, 1 to 32768; 0: as many as the ring takes (0)");

unsigned int vcon_tx_limit_bytes = 512 * 1024;
module_param_named(tx_limit_bytes, vcon_tx_limit_bytes, uint, 0444);
MODULE_PARM_DESC(tx_limit_bytes,
		 "Bytes that each port takes from writers before the host has taken them, 4096 to 67108864 (524288)");

struct vcon_bound {
	const char *name;
	const unsigned int *value;
	unsigned int low;
	unsigned int high;
};

static const struct vcon_bound vcon_bounds[] __initconst = {
	{ "rx_buffer_bytes", &vcon_rx_buffer_bytes, 64, 64 << 10 },
	{ "rx_buffers", &vcon_rx_buffers, 0, 32 << 10 },
	{ "tx_limit_bytes", &vcon_tx_limit_bytes, VCON_ATOMIC_WRITE, 64 << 20 },
};

static int __init vcon_check_parameters(void)
{
	const struct vcon_bound *b;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vcon_bounds); i++) {
		b = &vcon_bounds[i];
		if (*b->value >= b->low && *b->value <= b->high)
			continue;
		pr_err("virtio_console: %s is %u, expected %u to %u\n", b->name,
		       *b->value, b->low, b->high);
		return -EINVAL;
	}

	return 0;
}

/*
 * A kernel with the driver built in has its names registered, and registering
 * them again makes the kernel print a stack trace.  So look first; a driver that
 * matches nothing lends us the bus to look on.
 */
static int __init vcon_check_builtin(void)
{
	static const struct virtio_device_id no_ids[] = { { 0 } };
	static struct virtio_driver scout = {
		.driver.name	= KBUILD_MODNAME "_scout",
		.driver.owner	= THIS_MODULE,
		.id_table	= no_ids,
	};
	bool builtin;
	int ret;

	ret = register_virtio_driver(&scout);
	if (ret)
		return ret;

	builtin = driver_find(KBUILD_MODNAME, scout.driver.bus);
	unregister_virtio_driver(&scout);
	if (!builtin)
		return 0;

	pr_err("virtio_console: this kernel has a driver of that name built in; boot with initcall_blacklist=virtio_console_init to use this one\n");
	return -EBUSY;
}

/* Not virtio_console_init(): that name is how the built-in one is told apart. */
static int __init vcon_init(void)
{
	int ret;

	ret = vcon_check_parameters();
	if (ret)
		return ret;

	ret = vcon_check_builtin();
	if (ret)
		return ret;

	ret = vcon_port_init();
	if (ret)
		return ret;

	vcon_stats_init();
	ret = register_virtio_driver(&vcon_driver);
	if (ret) {
		vcon_stats_exit();
		vcon_port_exit();
	}

	return ret;
}
module_init(vcon_init);

static void __exit vcon_exit(void)
{
	unregister_virtio_driver(&vcon_driver);
	vcon_stats_exit();
	vcon_port_exit();
}
module_exit(vcon_exit);

MODULE_DESCRIPTION("Virtio console and serial port driver");
MODULE_LICENSE("GPL");
