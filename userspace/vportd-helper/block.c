// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * block.c - block devices and where they are plugged in
 *
 * sysfs says it all in the path of a device, as in
 *
 *   /sys/devices/pci0000:00/0000:00:05.0/virtio2/host0/target0:0:1/0:0:1:3/
 *   block/sda/sda1
 *
 * from which the controller is the last PCI function, and what is behind it
 * names the bus.
 */

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <json-c/json.h>
#include <libudev.h>

#include "block.h"
#include "job.h"

/* Volumes on arrays on encrypted disks: nobody stacks more. */
#define MAX_DEPTH 8

struct address {
	int pci[4];		/* domain, bus, slot, function; -1: unknown */
	int bus;
	int target;
	int unit;
	const char *type;
};

/* What realpath() does in ten steps, as sysfs has it in one. */
static char *follow(const struct job *job, const char *link)
{
	static const char up[] = "../../devices/";
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	if (n < 0)
		return NULL;
	target[n] = '\0';
	if (strncmp(target, up, sizeof(up) - 1) ||
	    strstr(target + sizeof(up), ".."))
		return realpath(link, NULL);
	return job_path(job, "/sys/%s", target + strlen("../../"));
}

/* @link: two folders below /sys, and freed. */
static char *resolve(const struct job *job, char *link)
{
	char *path = follow(job, link);

	free(link);
	return path;
}

char *block_find(const struct job *job, dev_t dev)
{
	return resolve(job, job_path(job, "/sys/dev/block/%u:%u", major(dev),
				     minor(dev)));
}

char *block_find_name(const struct job *job, const char *name)
{
	return resolve(job, job_path(job, "/sys/class/block/%s", name));
}

const char *block_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Return: what follows the last PCI function in the path, or NULL. */
static const char *find_pci(const char *path, int pci[4])
{
	const char *behind = NULL;
	int found[4];
	int len;

	for (; (path = strchr(path, '/')); path++) {
		len = 0;
		if (sscanf(path, "/%4x:%2x:%2x.%1x%n", (unsigned int *)&found[0],
			   (unsigned int *)&found[1], (unsigned int *)&found[2],
			   (unsigned int *)&found[3], &len) != 4 || !len)
			continue;
		memcpy(pci, found, sizeof(found));
		behind = path + len;
	}

	return behind;
}

static bool has_scsi(const char *path, struct address *a)
{
	int host;

	for (; (path = strstr(path, "/target")); path++) {
		path = strchr(path + 1, '/');
		if (path && sscanf(path, "/%d:%d:%d:%d", &host, &a->bus,
				   &a->target, &a->unit) == 4)
			return true;
		if (!path)
			break;
	}

	return false;
}

/* The driver of an IDE controller and of an AHCI one make the same paths. */
static const char *ata_type(const struct job *job, const int pci[4])
{
	char link[PATH_MAX];
	char *path = job_path(job, "/sys/bus/pci/devices/%04x:%02x:%02x.%x/driver",
			      pci[0], pci[1], pci[2], pci[3]);
	ssize_t n = readlink(path, link, sizeof(link) - 1);

	free(path);
	link[n > 0 ? n : 0] = '\0';
	return strcmp(block_name(link), "ahci") ? "ide" : "sata";
}

struct bus_word {
	const char *part;	/* of the path behind the controller */
	const char *type;
	bool scsi;		/* has numbers of a SCSI device in it */
};

/* The first one that is in the path counts. */
static const struct bus_word bus_words[] = {
	{ "/usb", "usb", true },
	{ "/ata", "ide", true },
	{ "/nvme", "nvme" },
	{ "/mmc", "mmc" },
	{ "/target", "scsi", true },
	{ "/virtio", "virtio" },
	{ NULL },
};

static bool parse_address(const struct job *job, const char *path,
			  struct address *a)
{
	const char *behind = find_pci(path, a->pci);
	const struct bus_word *word;

	for (word = bus_words; word->part; word++) {
		if (strstr(behind ? behind : path, word->part))
			break;
	}
	if (!word->part)
		return false;

	a->type = word->type;
	if (word->scsi)
		has_scsi(path, a);
	if (behind && !strcmp(word->part, "/ata"))
		a->type = ata_type(job, a->pci);
	return true;
}

/* What udev knows of the device, unless another root is looked at. */
static void add_udev(const struct job *job, const char *path,
		     struct json_object *address)
{
	struct udev_device *device;
	const char *serial = NULL;
	struct udev *udev;

	/* It is cheaper to see that there is no udev than to ask for a device. */
	if (*job->root || access("/run/udev/data", F_OK))
		return;
	udev = udev_new();
	if (!udev)
		return;

	device = udev_device_new_from_syspath(udev, path);
	if (device)
		serial = udev_device_get_property_value(device, "ID_SERIAL");
	if (serial && *serial)
		json_object_object_add(address, "serial",
				       json_object_new_string(serial));
	udev_device_unref(device);
	udev_unref(udev);
}

static struct json_object *pci_object(const int pci[4])
{
	static const char *const names[] = {
		"domain", "bus", "slot", "function",
	};
	struct json_object *object = json_object_new_object();
	int i;

	for (i = 0; i < 4; i++)
		json_object_object_add(object, names[i],
				       json_object_new_int(pci[i]));
	return object;
}

struct json_object *block_address(const struct job *job, const char *path)
{
	struct address a = { .pci = { -1, -1, -1, -1 } };
	struct json_object *object;
	char dev[NAME_MAX + 8];

	if (strstr(path, "/devices/virtual/") || !parse_address(job, path, &a))
		return NULL;

	object = json_object_new_object();
	json_object_object_add(object, "pci-controller", pci_object(a.pci));
	json_object_object_add(object, "bus-type",
			       json_object_new_string(a.type));
	json_object_object_add(object, "bus", json_object_new_int(a.bus));
	json_object_object_add(object, "target", json_object_new_int(a.target));
	json_object_object_add(object, "unit", json_object_new_int(a.unit));
	snprintf(dev, sizeof(dev), "/dev/%s", block_name(path));
	json_object_object_add(object, "dev", json_object_new_string(dev));
	add_udev(job, path, object);
	return object;
}

void block_each_slave(const struct job *job, const char *path,
		      void (*found)(const struct job *job, const char *slave,
				    void *data), void *data)
{
	char slaves[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(slaves, sizeof(slaves), "%s/slaves", path);
	dir = opendir(slaves);
	if (!dir)
		return;

	while ((entry = readdir(dir))) {
		if (*entry->d_name != '.')
			found(job, entry->d_name, data);
	}
	closedir(dir);
}

struct walk {
	struct json_object *array;
	int depth;
};

static void walk_device(const struct job *job, const char *path,
			struct walk *walk);

static void walk_slave(const struct job *job, const char *slave, void *data)
{
	char *path = block_find_name(job, slave);

	if (path)
		walk_device(job, path, data);
	free(path);
}

static void walk_device(const struct job *job, const char *path,
			struct walk *walk)
{
	struct json_object *address = block_address(job, path);

	if (address) {
		json_object_array_add(walk->array, address);
	} else if (walk->depth < MAX_DEPTH) {
		walk->depth++;
		block_each_slave(job, path, walk_slave, walk);
		walk->depth--;
	}
}

void block_add_addresses(const struct job *job, const char *path,
			 struct json_object *array)
{
	struct walk walk = { .array = array };

	walk_device(job, path, &walk);
}
