// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci_test.c - the registers of the PCI function, as guests see them
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pci_fixture.h"

#include <linux/pci_regs.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>

static uint64_t io(unsigned int at, unsigned int size)
{
	return vc_read(f.fe.sock, VC_LEGACY, at, size);
}

static void set_io(unsigned int at, unsigned int size, uint64_t value)
{
	vc_write(f.fe.sock, VC_LEGACY, at, size, value);
}

struct identity {
	const char *model;
	uint32_t device, subsystem, revision, class;
	uint64_t sizes[6];
	unsigned int modern;
};

static void test_identities(void **state)
{
	static const struct identity identities[] = {
		{ "virtio-serial-pci", 0x1003, 3, 0, 0x0780,
		  { 64, 4096, 0, 0, 16384, 0 }, 1 },
		{ "virtio-serial-pci,disable-legacy=on", 0x1043, 0x1100, 1,
		  0x0780, { 0, 4096, 0, 0, 16384, 0 }, 1 },
		{ "virtio-serial-pci,disable-modern=on", 0x1003, 3, 0, 0x0780,
		  { 64, 4096, 0, 0, 0, 0 }, 0 },
		{ "virtio-serial-pci-transitional", 0x1003, 3, 0, 0x0780,
		  { 64, 4096, 0, 0, 16384, 0 }, 1 },
		{ "virtio-serial-pci-non-transitional,vectors=0", 0x1043,
		  0x1100, 1, 0x0780, { 0, 0, 0, 0, 16384, 0 }, 1 },
		{ "virtio-serial-pci,class=0x0380,vectors=200", 0x1003, 3, 0,
		  0x0380, { 64, 4096, 0, 0, 16384, 0 }, 1 },
		{ "virtio-serial-pci,page-per-vq=on", 0x1003, 3, 0, 0x0780,
		  { 64, 4096, 0, 0, 8 << 20, 0 }, 1 },
		{ "virtio-serial-pci,class=0x0100,vectors=2048", 0x1003, 3, 0,
		  0x0780, { 64, 65536, 0, 0, 16384, 0 }, 1 },
	};
	const struct identity *want;
	struct vc_region_info info;
	unsigned int i, bar;

	for (i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
		want = &identities[i];
		start_bare(want->model);
		assert_int_equal(config(0, 4), want->device << 16 | 0x1af4);
		assert_int_equal(config(8, 4),
				 want->class << 16 | want->revision);
		assert_int_equal(config(0x2c, 4),
				 want->subsystem << 16 | 0x1af4);
		assert_int_equal(config(0x0e, 1), 0);
		assert_int_equal(config(0x3d, 1), 1);
		for (bar = 0; bar < 6; bar++) {
			info = (struct vc_region_info){ sizeof(info), 0, bar };
			vc_request(f.fe.sock, VC_GET_REGION_INFO, &info,
				   sizeof(info), NULL, 0, &info, sizeof(info));
			assert_int_equal(info.size, want->sizes[bar]);
		}
		assert_int_equal(!!vc_find_cap(f.fe.sock, PCI_CAP_ID_VNDR,
					       VIRTIO_PCI_CAP_COMMON_CFG),
				 want->modern);
		assert_int_equal(!!vc_find_cap(f.fe.sock, PCI_CAP_ID_MSIX, -1),
				 !!want->sizes[1]);
		pci_teardown(NULL);
	}
}

static void test_config_writes(void **state)
{
	unsigned int i, af;

	start_bare("virtio-serial-pci");
	af = vc_find_cap(f.fe.sock, PCI_CAP_ID_AF, -1);
	assert_true(af);
	for (i = 0; i < 256; i += 4) {
		/* That would reset all others. */
		if (i != af + PCI_AF_CTRL)
			set_config(i, 4, 0xffffffff);
	}
	/* Identity and capabilities have not changed, sizes can be read. */
	assert_int_equal(config(0, 4), 0x10031af4);
	assert_int_equal(config(8, 4), 0x07800000);
	assert_int_equal(config(0x10, 4), 0xffffffc1);
	assert_int_equal(config(0x14, 4), 0xfffff000);
	assert_int_equal(config(0x18, 8), 0);
	assert_int_equal(config(0x20, 8), 0xffffffffffffc00c);
	assert_int_equal(config(0x30, 4), 0);
	assert_int_equal(config(4, 2), 0x547);
	assert_int_equal(config(6, 2) & ~8, 0x10);
	assert_int_equal(config(0x3c, 2), 0x01ff);
	assert_int_equal(vc_find_cap(f.fe.sock, PCI_CAP_ID_AF, -1), af);

	vc_request(f.fe.sock, VC_RESET, NULL, 0, NULL, 0, NULL, 0);
	assert_int_equal(config(0x10, 8), 1);
	assert_int_equal(config(4, 2), 0);
}

static void test_virtio_capabilities(void **state)
{
	static const uint32_t at[] = {
		[VIRTIO_PCI_CAP_COMMON_CFG] = 0, [VIRTIO_PCI_CAP_ISR_CFG] = ISR,
		[VIRTIO_PCI_CAP_DEVICE_CFG] = DEVICE,
		[VIRTIO_PCI_CAP_NOTIFY_CFG] = NOTIFY,
	};
	unsigned int type, cap;

	start_bare("virtio-serial-pci,max_ports=511");
	for (type = 1; type <= 4; type++) {
		cap = vc_find_cap(f.fe.sock, PCI_CAP_ID_VNDR, type);
		assert_true(cap);
		assert_int_equal(config(cap + 2, 1), type == 2 ? 20 : 16);
		assert_int_equal(config(cap + 4, 1), 4);
		assert_int_equal(config(cap + 8, 4), at[type]);
		assert_int_equal(config(cap + 12, 4), 0x1000);
		if (type == 2)
			assert_int_equal(config(cap + 16, 4), 4);
	}
	assert_int_equal(reg(VIRTIO_PCI_COMMON_NUMQ, 2), 1024);
	set_reg(VIRTIO_PCI_COMMON_Q_SELECT, 2, 1023);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_NOFF, 2), 1023);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_SIZE, 2), 128);
	set_reg(VIRTIO_PCI_COMMON_Q_SELECT, 2, 1024);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_SIZE, 2), 0);
	assert_int_equal(reg(DEVICE + 4, 4), 511);
}

/* Another way to the same registers. */
static void test_window(void **state)
{
	unsigned int cap;

	start_bare("virtio-serial-pci");
	cap = vc_find_cap(f.fe.sock, PCI_CAP_ID_VNDR, VIRTIO_PCI_CAP_PCI_CFG);
	assert_true(cap);
	assert_int_equal(config(cap + 2, 1), 20);
	set_config(cap + 4, 1, 4);
	set_config(cap + 8, 4, DEVICE + 4);
	set_config(cap + 12, 4, 4);
	assert_int_equal(config(cap + 16, 4), 31);
	set_config(cap + 8, 4, VIRTIO_PCI_COMMON_STATUS);
	set_config(cap + 12, 4, 1);
	set_config(cap + 16, 1, 3);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_STATUS, 1), 3);
	assert_int_equal(config(cap + 16, 1), 3);

	/* None of these can be meant. */
	set_config(cap + 12, 4, 3);
	set_config(cap + 16, 1, 0);
	set_config(cap + 12, 4, 0x10000);
	set_config(cap + 16, 1, 0);
	set_config(cap + 12, 4, 1);
	set_config(cap + 8, 4, 0x4000);
	set_config(cap + 16, 1, 0);
	set_config(cap + 8, 4, VIRTIO_PCI_COMMON_STATUS);
	set_config(cap + 4, 1, 7);
	set_config(cap + 16, 1, 0);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_STATUS, 1), 3);
}

static void write_features(uint64_t features)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		set_reg(VIRTIO_PCI_COMMON_GFSELECT, 4, i);
		set_reg(VIRTIO_PCI_COMMON_GF, 4, features >> 32 * i);
	}
}

static uint8_t status_after(uint64_t features)
{
	set_reg(VIRTIO_PCI_COMMON_STATUS, 1, 0);
	write_features(features);
	set_reg(VIRTIO_PCI_COMMON_STATUS, 1, 0xb);
	return reg(VIRTIO_PCI_COMMON_STATUS, 1);
}

static void test_features(void **state)
{
	uint64_t offered = 0;
	unsigned int i;

	start_bare("virtio-serial-pci,packed=on,in_order=on,disable-legacy=on,iommu_platform=on");
	for (i = 0; i < 4; i++) {
		set_reg(VIRTIO_PCI_COMMON_DFSELECT, 4, i);
		if (i < 2)
			offered |= reg(VIRTIO_PCI_COMMON_DF, 4) << 32 * i;
		else
			assert_int_equal(reg(VIRTIO_PCI_COMMON_DF, 4), 0);
	}
	assert_int_equal(offered, 0x10f30000006);

	assert_int_equal(status_after(offered), 0xb);
	assert_int_equal(status_after(offered | 1), 3);
	assert_int_equal(status_after(offered | 1ull << 63), 3);
	/* Neither VERSION_1 nor ACCESS_PLATFORM are for the driver to choose. */
	assert_int_equal(status_after(offered & ~(1ull << 32)), 3);
	assert_int_equal(status_after(offered & ~(1ull << 33)), 3);
	assert_int_equal(status_after(3ull << 32), 0xb);
	/* It is too late now. */
	write_features(0);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_GF, 4), 3);
	set_reg(VIRTIO_PCI_COMMON_GFSELECT, 4, 2);
	set_reg(VIRTIO_PCI_COMMON_GF, 4, ~0u);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_GF, 4), 0);
}

static void test_queue_registers(void **state)
{
	start_bare("virtio-serial-pci,vectors=4");
	set_reg(VIRTIO_PCI_COMMON_Q_SELECT, 2, 2);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_SIZE, 2), 32);
	set_reg(VIRTIO_PCI_COMMON_Q_SIZE, 2, 33);
	set_reg(VIRTIO_PCI_COMMON_Q_SIZE, 2, 0);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_SIZE, 2), 32);
	set_reg(VIRTIO_PCI_COMMON_Q_SIZE, 2, 16);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_SIZE, 2), 16);

	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_MSIX, 2), 0xffff);
	set_reg(VIRTIO_PCI_COMMON_Q_MSIX, 2, 3);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_MSIX, 2), 3);
	set_reg(VIRTIO_PCI_COMMON_Q_MSIX, 2, 4);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_MSIX, 2), 0xffff);
	set_reg(VIRTIO_PCI_COMMON_MSIX, 2, 4);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_MSIX, 2), 0xffff);

	/* In two parts, in one, in the wrong ones. */
	set_reg(VIRTIO_PCI_COMMON_Q_DESCLO, 4, 0x1000);
	set_reg(VIRTIO_PCI_COMMON_Q_DESCHI, 4, 0x2);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_DESCLO, 8), 0x200001000);
	set_reg(VIRTIO_PCI_COMMON_Q_USEDLO, 8, 0x300004000);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_USEDHI, 4), 3);
	set_reg(VIRTIO_PCI_COMMON_Q_USEDLO, 2, 0xffff);
	set_reg(VIRTIO_PCI_COMMON_Q_USEDLO + 2, 4, 0xffffffff);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_USEDLO, 8), 0x300004000);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_DESCLO + 3, 2), 0x200);

	set_reg(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	set_reg(VIRTIO_PCI_COMMON_Q_DESCLO, 4, 0);
	set_reg(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 0);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_DESCLO, 4), 0x1000);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_ENABLE, 2), 1);

	set_reg(VIRTIO_PCI_COMMON_STATUS, 1, 0);
	set_reg(VIRTIO_PCI_COMMON_Q_SELECT, 2, 2);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_ENABLE, 2), 0);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_SIZE, 2), 32);
	assert_int_equal(reg(VIRTIO_PCI_COMMON_Q_DESCLO, 8), 0);
}

static void test_msix_table(void **state)
{
	start_bare("virtio-serial-pci,vectors=3");
	assert_int_equal(vc_read(f.fe.sock, VC_MSIX_BAR, 12, 4), 1);
	vc_write(f.fe.sock, VC_MSIX_BAR, 32, 8, 0x123456789abcdef0);
	assert_int_equal(vc_read(f.fe.sock, VC_MSIX_BAR, 32, 8),
			 0x123456789abcdef0);
	vc_write(f.fe.sock, VC_MSIX_BAR, 48, 8, ~0ull);
	vc_write(f.fe.sock, VC_MSIX_BAR, 0x800, 8, ~0ull);
	assert_int_equal(vc_read(f.fe.sock, VC_MSIX_BAR, 48, 8), 0);
	assert_int_equal(vc_read(f.fe.sock, VC_MSIX_BAR, 0x800, 8), 0);
	assert_int_equal(config(vc_find_cap(f.fe.sock, PCI_CAP_ID_MSIX, -1) + 2,
				2), 2);
}

static void test_device_config(void **state)
{
	start_bare("virtio-serial-pci,max_ports=5");
	assert_int_equal(reg(DEVICE, 8), 5ull << 32);
	assert_int_equal(reg(DEVICE + 8, 4), 0);
	assert_int_equal(reg(DEVICE + 12, 8), 0);
	assert_int_equal(reg(DEVICE + 0xff8, 8), 0);
	set_reg(DEVICE + 4, 4, 7);
	set_reg(DEVICE + 0xff8, 8, ~0ull);
	assert_int_equal(reg(DEVICE + 4, 4), 5);
}

/* An old driver: a page number for each ring, and no negotiation's end. */
static void test_legacy(void **state)
{
	struct fe_queue *q = &f.fe.queues[3];
	uint8_t *ring;

	start_bare("virtio-serial-pci,vectors=4");
	vc_map(f.fe.sock, 0, FE_MEM_SIZE, 0, 3, f.fe.memfd);
	assert_int_equal(io(VIRTIO_PCI_HOST_FEATURES, 4), 0x39000006);
	set_io(VIRTIO_PCI_STATUS, 1, 3);
	/* This one does not ask to be bus master. */
	assert_true(config(PCI_COMMAND, 2) & PCI_COMMAND_MASTER);
	set_io(VIRTIO_PCI_GUEST_FEATURES, 4, ~0u);
	assert_int_equal(io(VIRTIO_PCI_GUEST_FEATURES, 4), 0x39000006);

	set_io(VIRTIO_PCI_QUEUE_SEL, 2, 3);
	assert_int_equal(io(VIRTIO_PCI_QUEUE_NUM, 2), 32);
	assert_int_equal(io(VIRTIO_PCI_QUEUE_PFN, 4), 0);
	set_io(VIRTIO_PCI_QUEUE_PFN, 4, 2);
	assert_int_equal(io(VIRTIO_PCI_QUEUE_PFN, 4), 2);
	set_io(VIRTIO_PCI_STATUS, 1, 7);

	/* DEVICE_READY, by hand. */
	ring = f.fe.mem + 8192;
	memcpy(f.fe.mem, "\xff\xff\xff\xff\0\0\1\0", 8);
	q->desc = (void *)ring;
	q->desc[0].len = 8;
	q->avail = (void *)(ring + 32 * 16);
	q->avail->idx = 1;
	q->used = (void *)(ring + 4096);
	set_io(VIRTIO_PCI_QUEUE_NOTIFY, 2, 3);
	assert_int_equal(io(VIRTIO_PCI_STATUS, 1), 7);
	assert_int_equal(q->used->idx, 1);
	assert_int_equal(io(VIRTIO_PCI_ISR, 1), 1);
	assert_int_equal(io(VIRTIO_PCI_ISR, 1), 0);

	/* It has asked to be told when nothing is left, wanted or not. */
	q->avail->ring[32] = 100;
	q->avail->idx = 2;
	set_io(VIRTIO_PCI_QUEUE_NOTIFY, 2, 3);
	assert_int_equal(io(VIRTIO_PCI_STATUS, 1), 7);
	assert_int_equal(q->used->idx, 2);
	assert_int_equal(io(VIRTIO_PCI_ISR, 1), 1);

	/* The configuration moves away for the vectors. */
	assert_int_equal(io(24, 4), 31);
	set_config(vc_find_cap(f.fe.sock, PCI_CAP_ID_MSIX, -1) + 2, 2, 0x8000);
	assert_int_equal(io(28, 4), 31);
	set_io(VIRTIO_MSI_CONFIG_VECTOR, 2, 1);
	set_io(VIRTIO_MSI_QUEUE_VECTOR, 2, 4);
	assert_int_equal(io(VIRTIO_MSI_CONFIG_VECTOR, 2), 1);
	assert_int_equal(io(VIRTIO_MSI_QUEUE_VECTOR, 2), 0xffff);

	set_io(VIRTIO_PCI_QUEUE_PFN, 4, 0);
	assert_int_equal(io(VIRTIO_PCI_QUEUE_PFN, 4), 0);
	set_io(VIRTIO_PCI_STATUS, 1, 0);
	assert_int_equal(io(VIRTIO_PCI_GUEST_FEATURES, 4), 0);
	q->desc = NULL;
}

/* The same driver, to which less is offered. */
static void test_legacy_without(void **state)
{
	start_bare("virtio-serial-pci,notify_on_empty=off,any_layout=off");
	assert_int_equal(io(VIRTIO_PCI_HOST_FEATURES, 4), 0x30000006);
	/* Others have not heard of these two. */
	assert_int_equal(reg(VIRTIO_PCI_COMMON_DF, 4), 0x30000006);
}

#define TEST(name) cmocka_unit_test_teardown(name, pci_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identities),
		TEST(test_config_writes),
		TEST(test_virtio_capabilities),
		TEST(test_window),
		TEST(test_features),
		TEST(test_queue_registers),
		TEST(test_msix_table),
		TEST(test_device_config),
		TEST(test_legacy),
		TEST(test_legacy_without),
	};

	fe_use(&fe_vfio_ops);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
