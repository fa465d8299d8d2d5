// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vcon_mock - the device: its configuration, status and queues as a transport has
 * them, and how it comes and goes
 */

#include <linux/slab.h>
#include <linux/virtio_config.h>
#include <uapi/linux/virtio_ids.h>

#include "mock.h"

static void device_get(struct virtio_device *vdev, unsigned int offset,
		       void *buf, unsigned int len)
{
	struct mock *mock = to_mock(vdev);
	unsigned long flags;

	memset(buf, 0, len);
	if (offset > sizeof(mock->config) || len > sizeof(mock->config) - offset)
		return;

	spin_lock_irqsave(&mock->config_lock, flags);
	memcpy(buf, (void *)&mock->config + offset, len);
	spin_unlock_irqrestore(&mock->config_lock, flags);
}

/* Only one register can be written to; the device need not be running. */
static void device_set(struct virtio_device *vdev, unsigned int offset,
		       const void *buf, unsigned int len)
{
	struct mock *mock = to_mock(vdev);
	unsigned long flags;

	if (offset != offsetof(struct virtio_console_config, emerg_wr))
		return;

	spin_lock_irqsave(&mock->config_lock, flags);
	if (mock->emergency_len < MOCK_EMERGENCY_BYTES)
		mock->emergency[mock->emergency_len++] = *(const u8 *)buf;
	spin_unlock_irqrestore(&mock->config_lock, flags);
}

static u8 device_get_status(struct virtio_device *vdev)
{
	return READ_ONCE(to_mock(vdev)->status);
}

static void device_set_status(struct virtio_device *vdev, u8 status)
{
	WRITE_ONCE(to_mock(vdev)->status, status);
}

static void device_synchronize(struct virtio_device *vdev)
{
	struct mock *mock = to_mock(vdev);
	unsigned int i;

	for (i = 0; i < VCON_MOCK_QUEUES; i++)
		irq_work_sync(&mock->queues[i].irq);
}

static void device_reset(struct virtio_device *vdev)
{
	struct mock *mock = to_mock(vdev);
	unsigned int i;

	WRITE_ONCE(mock->status, 0);
	for (i = 0; i < VCON_MOCK_QUEUES; i++)
		mock_queue_stop(&mock->queues[i]);
	device_synchronize(vdev);
}

static void device_del_vqs(struct virtio_device *vdev)
{
	struct mock *mock = to_mock(vdev);
	unsigned int i;

	for (i = 0; i < VCON_MOCK_QUEUES; i++)
		mock_queue_delete(&mock->queues[i]);
	wake_up_all(&mock->wait);
}

COMPAT_FIND_VQS(device_find_vqs, mock_queue_create, device_del_vqs)

static u64 device_get_features(struct virtio_device *vdev)
{
	return to_mock(vdev)->features;
}

/* Rings are the core's business, resetting them a transport's. */
static int device_finalize_features(struct virtio_device *vdev)
{
	vring_transport_features(vdev);
	if (to_mock(vdev)->features & BIT_ULL(VIRTIO_F_RING_RESET))
		__virtio_set_bit(vdev, VIRTIO_F_RING_RESET);

	return 0;
}

static const char *device_bus_name(struct virtio_device *vdev)
{
	return "vcon-mock";
}

static int device_disable_vq(struct virtqueue *vq)
{
	struct mock *mock = to_mock(vq->vdev);

	if (mock->fail_reset)
		return -EIO;

	mock_queue_stop(&mock->queues[vq->index]);
	irq_work_sync(&mock->queues[vq->index].irq);
	return 0;
}

static int device_enable_vq(struct virtqueue *vq)
{
	mock_queue_start(&to_mock(vq->vdev)->queues[vq->index]);
	return 0;
}

static const struct virtio_config_ops device_ops = {
	.get			= device_get,
	.set			= device_set,
	.get_status		= device_get_status,
	.set_status		= device_set_status,
	.reset			= device_reset,
	.find_vqs		= device_find_vqs,
	.del_vqs		= device_del_vqs,
	.synchronize_cbs	= device_synchronize,
	.get_features		= device_get_features,
	.finalize_features	= device_finalize_features,
	.bus_name		= device_bus_name,
	.disable_vq_and_reset	= device_disable_vq,
	.enable_vq_after_reset	= device_enable_vq,
};

static void device_release(struct device *dev)
{
	mock_put(to_mock(dev_to_virtio(dev)));
}

static void config_from(struct mock *mock, const struct vcon_mock_config *config)
{
	unsigned long flags;

	spin_lock_irqsave(&mock->config_lock, flags);
	mock->config.cols = cpu_to_le16(config->cols);
	mock->config.rows = cpu_to_le16(config->rows);
	mock->config.max_nr_ports = cpu_to_le32(config->max_ports);
	spin_unlock_irqrestore(&mock->config_lock, flags);
}

/**
 * mock_plug() - a device comes up, and a driver may take it
 * @mock: the host
 * @plug: what it is like; gets what came of it
 *
 * Context: Process context. Takes mock->plug_lock. Sleeps: drivers are probed.
 * Return: 0; -EBUSY when it was plugged before; -EINVAL; -ENOMEM.
 */
int mock_plug(struct mock *mock, struct vcon_mock_plug *plug)
{
	int ret;

	if (!is_power_of_2(plug->entries) || plug->entries > VCON_MOCK_ENTRIES ||
	    plug->features & BIT_ULL(VIRTIO_F_ACCESS_PLATFORM))
		return -EINVAL;

	mutex_lock(&mock->plug_lock);
	if (mock->spent) {
		ret = -EBUSY;
		goto out_unlock;
	}

	mock->spent = true;
	mock->features = plug->features;
	mock->entries = plug->entries;
	mock->fail_queue = plug->fail_queue;
	mock->fail_reset = plug->fail_reset;
	config_from(mock, &plug->config);
	mock->vdev.id.device = VIRTIO_ID_CONSOLE;
	mock->vdev.config = &device_ops;
	mock->vdev.dev.parent = mock_parent;
	mock->vdev.dev.release = device_release;

	kref_get(&mock->ref);
	ret = register_virtio_device(&mock->vdev);
	if (ret) {
		put_device(&mock->vdev.dev);
		goto out_unlock;
	}

	mock->plugged = true;
	plug->index = mock->vdev.index;
	plug->bound = mock->vdev.dev.driver &&
		      mock->status & VIRTIO_CONFIG_S_DRIVER_OK;

out_unlock:
	mutex_unlock(&mock->plug_lock);
	return ret;
}

/**
 * mock_unplug() - the device goes
 * @mock: the host
 *
 * Context: Process context. Takes mock->plug_lock. Sleeps: drivers are removed.
 * Return: 0; -ENODEV when it is not there.
 */
int mock_unplug(struct mock *mock)
{
	int ret = -ENODEV;

	mutex_lock(&mock->plug_lock);
	if (mock->plugged) {
		mock->plugged = false;
		unregister_virtio_device(&mock->vdev);
		ret = 0;
	}
	mutex_unlock(&mock->plug_lock);

	return ret;
}

/**
 * mock_sleep() - the machine is about to sleep
 * @mock: the host
 *
 * Context: Process context. Takes mock->plug_lock. Sleeps.
 * Return: 0; -ENODEV; -EALREADY; what the driver says.
 */
int mock_sleep(struct mock *mock)
{
	int ret = -ENODEV;

	mutex_lock(&mock->plug_lock);
	if (mock->plugged && mock->vdev.dev.driver) {
		ret = mock->asleep ? -EALREADY : virtio_device_freeze(&mock->vdev);
		mock->asleep |= !ret;
	}
	mutex_unlock(&mock->plug_lock);

	return ret;
}

/**
 * mock_wake() - the machine has slept
 * @mock:       the host
 * @fail_queue: as in struct vcon_mock_plug
 *
 * Context: Process context. Takes mock->plug_lock. Sleeps.
 * Return: 0; -ENODEV; -EALREADY; what the driver says.
 */
int mock_wake(struct mock *mock, u32 fail_queue)
{
	int ret = -ENODEV;

	mutex_lock(&mock->plug_lock);
	if (mock->plugged && mock->vdev.dev.driver) {
		mock->fail_queue = fail_queue;
		ret = mock->asleep ? virtio_device_restore(&mock->vdev) :
				     -EALREADY;
		mock->asleep = false;
	}
	mutex_unlock(&mock->plug_lock);

	return ret;
}

/**
 * mock_set_config() - change the configuration, and tell the driver
 * @mock:   the host
 * @config: the new one
 *
 * Context: Process context. Takes mock->plug_lock.
 * Return: 0; -ENODEV.
 */
int mock_set_config(struct mock *mock, const struct vcon_mock_config *config)
{
	int ret = -ENODEV;

	mutex_lock(&mock->plug_lock);
	if (mock->plugged) {
		config_from(mock, config);
		virtio_config_changed(&mock->vdev);
		ret = 0;
	}
	mutex_unlock(&mock->plug_lock);

	return ret;
}

/**
 * mock_read_emergency() - what came through the emergency register
 * @mock: the host
 * @data: where it goes
 * @len:  room there
 *
 * Return: bytes; they are forgotten.
 */
unsigned int mock_read_emergency(struct mock *mock, u8 *data, unsigned int len)
{
	unsigned long flags;

	spin_lock_irqsave(&mock->config_lock, flags);
	len = min(len, mock->emergency_len);
	memcpy(data, mock->emergency, len);
	mock->emergency_len -= len;
	memmove(mock->emergency, mock->emergency + len, mock->emergency_len);
	spin_unlock_irqrestore(&mock->config_lock, flags);

	return len;
}
