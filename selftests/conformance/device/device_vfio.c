// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device_vfio.c - vportemu's device over vfio-user
 */

#include "device.h"
#include "device_pci.h"
#include "front_end_pci.h"

static void vfio_arrange(struct dut *dut)
{
	emulator_arg(&dut->emu,
		     "--export vfio-user,id=x0,device=s0,addr.type=fd,addr.str=%d",
		     emulator_socket(&dut->emu, "vu"));
}

static void vfio_connect(struct dut *dut)
{
	dut->fe.sock = emulator_connect(&dut->emu, "vu");
}

/* Behind its messages, the same registers. */
const struct dut_kind dut_vfio = {
	.title		= "vfio-user",
	.program	= "build/vportemu",
	.variable	= "EMULATOR",
	.front_end	= &fe_vfio_ops,
	.arrange	= vfio_arrange,
	.connect	= vfio_connect,
	.features	= fe_pci_features,
	.accepts	= dut_pci_accepts,
	.get_config	= dut_pci_get_config,
	.set_config	= dut_pci_set_config,
};
