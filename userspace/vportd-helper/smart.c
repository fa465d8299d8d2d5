// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * smart.c - how an NVMe disk feels
 *
 * The log page is of the NVMe specification, "SMART / Health Information": a
 * table says which bytes are which number, least significant first.
 */

#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <json-c/json.h>
#include <linux/nvme_ioctl.h>

#include "smart.h"

#define GET_LOG_PAGE	0x02
#define PAGE_SMART	0x02
#define PAGE_SIZE	512
#define ALL_NAMESPACES	0xffffffff

struct field {
	const char *name;
	uint16_t offset;
	uint8_t size;
};

static const struct field fields[] = {
	{ "critical-warning", 0, 1 },
	{ "temperature", 1, 2 },
	{ "available-spare", 3, 1 },
	{ "available-spare-threshold", 4, 1 },
	{ "percentage-used", 5, 1 },
	{ "data-units-read-lo", 32, 8 },
	{ "data-units-read-hi", 40, 8 },
	{ "data-units-written-lo", 48, 8 },
	{ "data-units-written-hi", 56, 8 },
	{ "host-read-commands-lo", 64, 8 },
	{ "host-read-commands-hi", 72, 8 },
	{ "host-write-commands-lo", 80, 8 },
	{ "host-write-commands-hi", 88, 8 },
	{ "controller-busy-time-lo", 96, 8 },
	{ "controller-busy-time-hi", 104, 8 },
	{ "power-cycles-lo", 112, 8 },
	{ "power-cycles-hi", 120, 8 },
	{ "power-on-hours-lo", 128, 8 },
	{ "power-on-hours-hi", 136, 8 },
	{ "unsafe-shutdowns-lo", 144, 8 },
	{ "unsafe-shutdowns-hi", 152, 8 },
	{ "media-errors-lo", 160, 8 },
	{ "media-errors-hi", 168, 8 },
	{ "number-of-error-log-entries-lo", 176, 8 },
	{ "number-of-error-log-entries-hi", 184, 8 },
};

static uint64_t number_at(const uint8_t *page, const struct field *field)
{
	uint64_t number = 0;
	int i;

	for (i = field->size; i--;)
		number = number << 8 | page[field->offset + i];
	return number;
}

static int read_page(const char *name, uint8_t *page)
{
	struct nvme_admin_cmd command = {
		.opcode = GET_LOG_PAGE,
		.nsid = ALL_NAMESPACES,
		.addr = (uintptr_t)page,
		.data_len = PAGE_SIZE,
		.cdw10 = (PAGE_SIZE / 4 - 1) << 16 | PAGE_SMART,
	};
	char path[NAME_MAX + 8];
	int ret;
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = ioctl(fd, NVME_IOCTL_ADMIN_CMD, &command);
	close(fd);
	return ret;
}

void smart_add(const char *name, struct json_object *disk)
{
	struct json_object *smart;
	uint8_t page[PAGE_SIZE];
	size_t i;

	if (read_page(name, page))
		return;

	smart = json_object_new_object();
	json_object_object_add(smart, "type", json_object_new_string("nvme"));
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		json_object_object_add(smart, fields[i].name,
			json_object_new_uint64(number_at(page, &fields[i])));
	json_object_object_add(disk, "smart", smart);
}
