// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - the virtio device: probe, remove, sleep, its queues
 *
 * Life of the queues, shared by probe, restore, freeze and remove: found, used,
 * and then, in this order: the ports or the control work stop using them, the
 * device is reset, the buffers are taken out and the pointers cleared under the
 * locks, a grace period passes, the virtqueues are deleted.
 */

#include <linux/slab.h>
#include <linux/virtio_config.h>
#include <uapi/linux/virtio_console.h>
#include <uapi/linux/virtio_ids.h>

#include "vcon.h"

static void vcon_release(struct kref *ref)
{
	struct vcon *vcon = container_of(ref, struct vcon, ref);

	vcon_control_finish(vcon);
	kvfree(vcon->slots);
	kfree(vcon);
}

/**
 * vcon_get() - hold on to the memory of a device, not to the device
 * @vcon: the device
 */
void vcon_get(struct vcon *vcon)
{
	kref_get(&vcon->ref);
}

/**
 * vcon_put() - the opposite of vcon_get()
 * @vcon: the device
 */
void vcon_put(struct vcon *vcon)
{
	kref_put(&vcon->ref, vcon_release);
}

/**
 * vcon_emergency_write() - output without a queue (VIRTIO 5.3.4)
 * @vcon: the device, perhaps broken or reset
 * @data: what is to be seen
 * @len:  its length
 *
 * A byte an access: for last words only.
 *
 * Context: Any, a panic included. The device has not been removed.
 * Return: bytes written: all, or 0 when the device has no such register.
 */
size_t vcon_emergency_write(struct vcon *vcon, const u8 *data, size_t len)
{
	struct virtio_device *vdev = vcon->vdev;
	__virtio32 value;
	size_t i;

	if (!virtio_has_feature(vdev, VIRTIO_CONSOLE_F_EMERG_WRITE))
		return 0;

	/* Not virtio_cwrite(), which might sleep. */
	for (i = 0; i < len; i++) {
		value = cpu_to_virtio32(vdev, data[i]);
		vdev->config->set(vdev,
				  offsetof(struct virtio_console_config,
					   emerg_wr),
				  &value, sizeof(value));
	}

	return len;
}

/* How many ports the device can have, or -EINVAL. */
static int vcon_read_max_ports(struct virtio_device *vdev, bool multiport)
{
	u32 max_ports = 1;

	if (multiport)
		virtio_cread(vdev, struct virtio_console_config, max_nr_ports,
			     &max_ports);

	if (!max_ports || max_ports > VCON_MAX_PORTS) {
		dev_err(&vdev->dev, "max_nr_ports is %u, expected 1 to %u\n",
			max_ports, VCON_MAX_PORTS);
		return -EINVAL;
	}

	return max_ports;
}

/* A device without multiport tells its console's size in its configuration. */
static void vcon_config_work(struct work_struct *work)
{
	struct vcon *vcon = container_of(work, struct vcon, config_work);
	struct vcon_port *port = rcu_access_pointer(vcon->slots[0].port);
	u16 cols;
	u16 rows;

	if (READ_ONCE(vcon->stopped) || !port ||
	    !virtio_has_feature(vcon->vdev, VIRTIO_CONSOLE_F_SIZE))
		return;

	virtio_cread(vcon->vdev, struct virtio_console_config, cols, &cols);
	virtio_cread(vcon->vdev, struct virtio_console_config, rows, &rows);
	vcon_port_set_size(port, cols, rows);
}

static void vcon_config_changed(struct virtio_device *vdev)
{
	struct vcon *vcon = vdev->priv;

	if (!vcon->multiport)
		queue_work(vcon->wq, &vcon->config_work);
}

static void vcon_init_slots(struct vcon *vcon)
{
	u32 id;

	for (id = 0; id < vcon->max_ports; id++) {
		vcon->slots[id].vcon = vcon;
		vcon->slots[id].id = id;
		vcon_rx_init(&vcon->slots[id].rx);
		vcon_tx_init(&vcon->slots[id].tx);
	}
}

static struct vcon *vcon_create(struct virtio_device *vdev)
{
	bool multiport = virtio_has_feature(vdev, VIRTIO_CONSOLE_F_MULTIPORT);
	struct vcon *vcon;
	int max_ports;

	max_ports = vcon_read_max_ports(vdev, multiport);
	if (max_ports < 0)
		return ERR_PTR(max_ports);

	vcon = kzalloc(sizeof(*vcon), GFP_KERNEL);
	if (!vcon)
		return ERR_PTR(-ENOMEM);

	kref_init(&vcon->ref);
	vcon->vdev = vdev;
	vcon->index = vdev->index;
	vcon->multiport = multiport;
	vcon->max_ports = max_ports;
	INIT_WORK(&vcon->config_work, vcon_config_work);

	if (vcon_control_init(vcon))
		goto err_put;

	vcon->slots = kvcalloc(max_ports, sizeof(*vcon->slots), GFP_KERNEL);
	if (!vcon->slots)
		goto err_put;
	vcon_init_slots(vcon);

	vcon->wq = alloc_ordered_workqueue("virtio_console/%s", 0,
					   dev_name(&vdev->dev));
	if (!vcon->wq)
		goto err_put;

	return vcon;

err_put:
	vcon_put(vcon);
	return ERR_PTR(-ENOMEM);
}

static void vcon_destroy(struct vcon *vcon)
{
	destroy_workqueue(vcon->wq);
	vcon_put(vcon);
}

/* VIRTIO 5.3.2: port 0, then control, then the other ports; in before out. */
static void vcon_describe_queues(struct vcon *vcon, unsigned int num,
				 struct virtqueue_info *info)
{
	unsigned int i;

	for (i = 0; i < num; i += 2) {
		info[i].name = "input";
		info[i].callback = vcon_rx_intr;
		info[i + 1].name = "output";
		info[i + 1].callback = vcon_tx_intr;
	}

	if (vcon->multiport) {
		info[2].name = "control-input";
		info[2].callback = vcon_control_intr;
		info[3].name = "control-output";
		info[3].callback = vcon_control_intr;
	}
}

static void vcon_vq_set(struct vcon_vq *q, struct virtqueue *vq)
{
	unsigned long flags;

	flags = vcon_vq_lock(q);
	WRITE_ONCE(q->vq, vq);
	vcon_vq_unlock(q, flags);
}

static void vcon_set_queues(struct vcon *vcon, unsigned int num,
			    struct virtqueue **vqs)
{
	unsigned int i;

	for (i = 0; i < num; i += 2) {
		if (vcon->multiport && i == 2) {
			vcon_vq_set(&vcon->control_rx, vqs[i]);
			vcon_vq_set(&vcon->control_tx, vqs[i + 1]);
		} else {
			vcon_vq_set(&vcon_slot_of(vqs[i])->rx.q, vqs[i]);
			vcon_vq_set(&vcon_slot_of(vqs[i])->tx.q, vqs[i + 1]);
		}
	}
}

static int vcon_find_queues(struct vcon *vcon)
{
	unsigned int num = vcon->multiport ? (vcon->max_ports + 1) * 2 : 2;
	struct virtqueue_info *info;
	struct virtqueue **vqs;
	int ret = -ENOMEM;

	info = kvcalloc(num, sizeof(*info), GFP_KERNEL);
	vqs = kvcalloc(num, sizeof(*vqs), GFP_KERNEL);
	if (!info || !vqs)
		goto out_free;

	vcon_describe_queues(vcon, num, info);
	ret = virtio_find_vqs(vcon->vdev, num, vqs, info, NULL);
	if (!ret)
		vcon_set_queues(vcon, num, vqs);

out_free:
	kvfree(vqs);
	kvfree(info);
	return ret;
}

/* @keep: what was on its way, either way, is to survive. */
static void vcon_delete_queues(struct vcon *vcon, bool keep)
{
	u32 id;

	virtio_reset_device(vcon->vdev);

	vcon_control_detach(vcon);
	for (id = 0; id < vcon->max_ports; id++) {
		vcon_rx_detach(&vcon->slots[id], keep);
		vcon_tx_detach(&vcon->slots[id], keep);
	}

	/* For those who are about to notify. */
	synchronize_rcu();
	vcon->vdev->config->del_vqs(vcon->vdev);
	for (id = 0; id < vcon->max_ports; id++)
		vcon_tx_trim_cancel(&vcon->slots[id]);
}

/* Without multiport there is one port, a console that is always open. */
static int vcon_start_single(struct vcon *vcon)
{
	struct vcon_port *port;

	port = vcon_port_create(vcon, 0);
	if (IS_ERR(port))
		return PTR_ERR(port);

	WRITE_ONCE(vcon->stopped, false);
	vcon_port_set_host_open(port, true);
	vcon_port_set_console(port);
	vcon_port_publish(port);
	queue_work(vcon->wq, &vcon->config_work);
	return 0;
}

/* From here on, fields marked W are the caller's. */
static void vcon_stop(struct vcon *vcon)
{
	vcon_control_stop(vcon);
	cancel_work_sync(&vcon->config_work);
}

static void vcon_unplug_all(struct vcon *vcon)
{
	struct vcon_port *port;
	u32 id;

	for (id = 0; id < vcon->max_ports; id++) {
		port = rcu_access_pointer(vcon->slots[id].port);
		if (port)
			vcon_port_unplug(port);
	}
}

/*
 * Buffers in order are not wanted: a host may keep one for good, as QEMU does with
 * the one that it was sending when its client left, and would have to keep all
 * those behind it.
 */
static int vcon_validate(struct virtio_device *vdev)
{
	__virtio_clear_bit(vdev, VIRTIO_F_IN_ORDER);
	return 0;
}

static int vcon_probe(struct virtio_device *vdev)
{
	struct vcon *vcon;
	int ret;

	if (!vdev->config->get &&
	    virtio_has_feature(vdev, VIRTIO_CONSOLE_F_MULTIPORT)) {
		dev_err(&vdev->dev, "multiport without configuration space\n");
		return -EINVAL;
	}

	vcon = vcon_create(vdev);
	if (IS_ERR(vcon))
		return PTR_ERR(vcon);

	vdev->priv = vcon;
	ret = vcon_find_queues(vcon);
	if (ret) {
		dev_err(&vdev->dev, "no virtqueues: error %d\n", ret);
		goto err_destroy;
	}

	virtio_device_ready(vdev);
	ret = vcon->multiport ? vcon_control_start(vcon) :
				vcon_start_single(vcon);
	if (ret) {
		dev_err(&vdev->dev, "cannot start: error %d\n", ret);
		goto err_delete;
	}

	return 0;

err_delete:
	vcon_stop(vcon);
	vcon_unplug_all(vcon);
	vcon_delete_queues(vcon, false);
err_destroy:
	vcon_destroy(vcon);
	return ret;
}

static void vcon_remove(struct virtio_device *vdev)
{
	struct vcon *vcon = vdev->priv;

	vcon_stop(vcon);
	vcon_unplug_all(vcon);
	vcon_delete_queues(vcon, false);
	vcon_destroy(vcon);
}

/*
 * What readers have not read and what the host has not taken stays with us.
 */
static int __maybe_unused vcon_freeze(struct virtio_device *vdev)
{
	struct vcon *vcon = vdev->priv;
	struct vcon_port *port;
	u32 id;

	vcon_stop(vcon);
	vcon_delete_queues(vcon, true);

	for (id = 0; id < vcon->max_ports; id++) {
		port = rcu_access_pointer(vcon->slots[id].port);
		if (port) {
			port->unsure = true;
			vcon_ctl_forget(vcon, port->open);
		}
	}

	return 0;
}

/*
 * The host is told about everything again: DEVICE_READY makes it announce its
 * ports, and each of ours that it announces gets the answers of a new one.
 */
static int __maybe_unused vcon_restore(struct virtio_device *vdev)
{
	struct vcon *vcon = vdev->priv;
	int ret;
	u32 id;

	ret = vcon_find_queues(vcon);
	if (ret)
		goto err_unplug;

	virtio_device_ready(vdev);
	for (id = 0; id < vcon->max_ports; id++) {
		if (!rcu_access_pointer(vcon->slots[id].port))
			continue;
		vcon_rx_resume(&vcon->slots[id]);
		vcon_tx_resume(&vcon->slots[id]);
	}

	if (vcon->multiport)
		ret = vcon_control_start(vcon);
	else
		WRITE_ONCE(vcon->stopped, false);
	if (ret)
		goto err_unplug;

	return 0;

err_unplug:
	dev_err(&vdev->dev, "cannot be restored: error %d, its ports are gone\n",
		ret);
	vcon_unplug_all(vcon);
	return ret;
}

static const struct virtio_device_id vcon_ids[] = {
	{ VIRTIO_ID_CONSOLE, VIRTIO_DEV_ANY_ID },
	{ 0 },
};
MODULE_DEVICE_TABLE(virtio, vcon_ids);

static const unsigned int vcon_features[] = {
	VIRTIO_CONSOLE_F_SIZE,
	VIRTIO_CONSOLE_F_MULTIPORT,
	VIRTIO_CONSOLE_F_EMERG_WRITE,
};

struct virtio_driver vcon_driver = {
	.feature_table		= vcon_features,
	.feature_table_size	= ARRAY_SIZE(vcon_features),
	.driver.name		= KBUILD_MODNAME,
	.driver.owner		= THIS_MODULE,
	.id_table		= vcon_ids,
	.validate		= vcon_validate,
	.probe			= vcon_probe,
	.remove			= vcon_remove,
	.config_changed		= vcon_config_changed,
#ifdef CONFIG_PM_SLEEP
	.freeze			= vcon_freeze,
	.restore		= vcon_restore,
#endif
};
