// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device_vhost.c - vportemu's device over vhost-user
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "device.h"

/* What goes in front of the bytes of configuration space. */
struct config_message {
	uint32_t at, size, flags;
	uint8_t data[4];
};

static void vhost_arrange(struct dut *dut)
{
	emulator_arg(&dut->emu,
		     "--export vhost-user,id=x0,device=s0,addr.type=fd,addr.str=%d",
		     emulator_socket(&dut->emu, "vu"));
}

static void vhost_connect(struct dut *dut)
{
	dut->fe.sock = emulator_connect(&dut->emu, "vu");
}

static uint64_t vhost_features(struct front_end *fe)
{
	return fe_get_u64(fe, FE_GET_FEATURES);
}

static bool vhost_accepts(struct front_end *fe, uint64_t features)
{
	return !fe_request_u64(fe, FE_SET_FEATURES, features);
}

static uint32_t vhost_get_config(struct front_end *fe, unsigned int at,
				 unsigned int size)
{
	struct config_message msg = { .at = at, .size = size };
	uint32_t length = offsetof(struct config_message, data) + size;
	uint32_t header[3], value = 0;

	fe_send(fe, FE_GET_CONFIG, 0x1, &msg, length, NULL, 0);
	read_exactly(fe->sock, header, sizeof(header));
	assert_int_equal(header[2], length);
	read_exactly(fe->sock, &msg, length);
	memcpy(&value, msg.data, size);
	return value;
}

static void vhost_set_config(struct front_end *fe, unsigned int at,
			     unsigned int size, uint32_t value)
{
	struct config_message msg = { .at = at, .size = size };

	memcpy(msg.data, &value, size);
	assert_int_equal(fe_request(fe, FE_SET_CONFIG, &msg,
				    offsetof(struct config_message, data) +
				    size, NULL, 0), 0);
}

const struct dut_kind dut_vhost = {
	.title		= "vhost-user",
	.program	= "build/vportemu",
	.variable	= "EMULATOR",
	.front_end	= &fe_vhost_ops,
	.arrange	= vhost_arrange,
	.connect	= vhost_connect,
	.features	= vhost_features,
	.accepts	= vhost_accepts,
	.get_config	= vhost_get_config,
	.set_config	= vhost_set_config,
};
