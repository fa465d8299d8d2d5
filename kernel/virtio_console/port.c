// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - life of a port
 *
 * A port comes into being when the host announces it, is published as a device
 * node once the host has said what there is to say about it, and goes when the
 * host removes it or the device is removed.  All of this happens in the device's
 * control work, or while that cannot run.
 */

#include <linux/idr.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <uapi/linux/virtio_console.h>

#include "trace.h"
#include "vcon.h"

/* Minors of the one major number, for all ports of all devices. */
#define PORT_MINORS	BIT(MINORBITS)

/* What can be a file name under /dev/virtio-ports. */
#define PORT_NAME_MAX	NAME_MAX

static dev_t port_devt;
static DEFINE_IDA(port_minors);

/* Ports whose release is still to come: it is code of this module. */
static atomic_t port_count = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(port_released);

static struct vcon_port *to_port(const struct device *dev)
{
	return container_of(dev, struct vcon_port, dev);
}

static ssize_t name_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	/* Set once before it becomes visible, see vcon_port_set_name(). */
	return sysfs_emit(buf, "%s\n", to_port(dev)->name);
}
static DEVICE_ATTR_RO(name);

static ssize_t host_connected_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(to_port(dev)->host_open));
}
static DEVICE_ATTR_RO(host_connected);

static ssize_t guest_connected_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(to_port(dev)->guest_open));
}
static DEVICE_ATTR_RO(guest_connected);

static struct attribute *port_attrs[] = {
	&dev_attr_name.attr,
	&dev_attr_host_connected.attr,
	&dev_attr_guest_connected.attr,
	NULL
};

static umode_t port_attr_visible(struct kobject *kobj, struct attribute *attr,
				 int n)
{
	struct vcon_port *port = to_port(kobj_to_dev(kobj));

	return attr != &dev_attr_name.attr || port->name ? attr->mode : 0;
}

static const struct attribute_group port_group = {
	.attrs		= port_attrs,
	.is_visible	= port_attr_visible,
};

static const struct attribute_group *port_groups[] = {
	&port_group,
	NULL
};

static int port_uevent(compat_const_device *dev, struct kobj_uevent_env *env)
{
	/* Whenever user space likes, see vcon_port_set_name(). */
	const char *name = READ_ONCE(to_port(dev)->name);

	if (!name)
		return 0;

	return add_uevent_var(env, "VIRTIO_PORT_NAME=%s", name);
}

static COMPAT_CONST_CLASS struct class port_class = {
	.name		= "virtio-ports",
	.dev_uevent	= port_uevent,
};

/*
 * The last reference is gone: no file is open, no control message is with the
 * host, and the slot has forgotten the port.  Only an interrupt that was already
 * running may still look at it.
 */
static void port_release(struct device *dev)
{
	struct vcon_port *port = to_port(dev);

	if (MAJOR(dev->devt))
		ida_free(&port_minors, MINOR(dev->devt));
	vcon_ctl_destroy(port->ready);
	vcon_ctl_destroy(port->open);
	kfree(port->name);
	vcon_put(port->vcon);
	kfree_rcu(port, rcu);

	if (atomic_dec_and_test(&port_count))
		wake_up_all(&port_released);
}

static void port_init(struct vcon_port *port, struct vcon *vcon, u32 id)
{
	atomic_inc(&port_count);
	vcon_get(vcon);
	port->vcon = vcon;
	port->slot = &vcon->slots[id];
	port->id = id;
	port->ops = &vcon_chr_ops;
	INIT_LIST_HEAD(&port->unready);
	mutex_init(&port->open_lock);
	mutex_init(&port->read_lock);
	mutex_init(&port->write_lock);
	init_waitqueue_head(&port->rx_wait);
	init_waitqueue_head(&port->tx_wait);
	init_irq_work(&port->push, vcon_tx_push_work);

	device_initialize(&port->dev);
	port->dev.class = &port_class;
	port->dev.parent = &vcon->vdev->dev;
	port->dev.release = port_release;
	port->dev.groups = port_groups;
	cdev_init(&port->cdev, &vcon_chr_fops);
	port->cdev.owner = THIS_MODULE;
}

/**
 * vcon_port_create() - the host has announced a port
 * @vcon: the device
 * @id:   the port's id, below vcon->max_ports and unused
 *
 * Context: As for fields marked W. Sleeps.
 * Return: the port, to be published; or an error pointer.
 */
struct vcon_port *vcon_port_create(struct vcon *vcon, u32 id)
{
	struct vcon_port *port;
	int ret;

	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return ERR_PTR(-ENOMEM);

	port_init(port, vcon, id);
	port->ready = vcon_ctl_create(port, id, VIRTIO_CONSOLE_PORT_READY);
	port->open = vcon_ctl_create(port, id, VIRTIO_CONSOLE_PORT_OPEN);
	if (!port->ready || !port->open) {
		ret = -ENOMEM;
		goto err_put;
	}

	ret = ida_alloc_max(&port_minors, PORT_MINORS - 1, GFP_KERNEL);
	if (ret < 0)
		goto err_put;
	port->dev.devt = MKDEV(MAJOR(port_devt), ret);

	ret = dev_set_name(&port->dev, "vport%up%u", vcon->index, id);
	if (ret)
		goto err_put;

	rcu_assign_pointer(port->slot->port, port);
	return port;

err_put:
	put_device(&port->dev);
	return ERR_PTR(ret);
}

/**
 * vcon_port_publish() - make the device node, and the console if it is one
 * @port: the port; nothing happens if it was published before, or could not be:
 *        the host has been told, and may remove it and add another
 *
 * Context: As for fields marked W. Sleeps.
 */
void vcon_port_publish(struct vcon_port *port)
{
	int ret;

	if (port->published || port->refused)
		return;

	/* Before: who hears of the node may want to look there. */
	vcon_stats_add(port);
	ret = cdev_device_add(&port->cdev, &port->dev);
	if (ret) {
		vcon_stats_remove(port);
		/* A device cannot be added twice, even if it was not. */
		port->refused = true;
		dev_err_ratelimited(&port->dev, "no device node: error %d\n",
				    ret);
		vcon_ctl_send(port->vcon, port->ready, 0);
		return;
	}

	port->published = true;
	trace_vcon_plug(port->vcon->index, port->id, true);
	if (port->console)
		vcon_hvc_start(port);
}

/* Both queue locks, for the fields marked RT. */
static void port_set_state(struct vcon_port *port, bool host_open, bool gone)
{
	struct vcon_vq *rx = &port->slot->rx.q;
	struct vcon_vq *tx = &port->slot->tx.q;
	unsigned long rx_flags;
	unsigned long tx_flags;

	rx_flags = vcon_vq_lock(rx);
	tx_flags = vcon_vq_lock(tx);
	WRITE_ONCE(port->host_open, host_open);
	WRITE_ONCE(port->gone, gone);
	vcon_vq_unlock(tx, tx_flags);
	vcon_vq_unlock(rx, rx_flags);
}

/**
 * vcon_port_unplug() - the port goes away, whoever uses it
 * @port: the port; the slot's reference is dropped
 *
 * Those who may still hold it, and why each comes to an end: an open file, whose
 * operations find port->gone under the queue locks, and whose sleepers are woken
 * here; the console, whose callbacks find the same and which is removed here; a
 * control message, given back by the host or taken back when the device is reset;
 * an interrupt that found the port before, for which port_release() waits a
 * grace period.
 *
 * Context: As for fields marked W. Sleeps.
 */
void vcon_port_unplug(struct vcon_port *port)
{
	struct vcon_slot *slot = port->slot;

	trace_vcon_plug(port->vcon->index, port->id, false);
	vcon_control_forget(port);
	rcu_assign_pointer(slot->port, NULL);

	/* No open() succeeds after this one, none is in the middle of it. */
	mutex_lock(&port->open_lock);
	port_set_state(port, false, true);
	mutex_unlock(&port->open_lock);

	vcon_chr_hangup(port);
	vcon_hvc_stop(port);
	vcon_rx_discard(slot);
	vcon_tx_discard(slot);

	if (port->published) {
		vcon_stats_remove(port);
		cdev_device_del(&port->cdev, &port->dev);
	}
	put_device(&port->dev);
}

/* May @name be a file name, and does it say nothing to a terminal? */
static bool port_name_is_sane(const char *name)
{
	const char *c;

	if (!name[0] || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;

	for (c = name; *c; c++)
		if (*c == '/' || (u8)*c < ' ' || *c == 0x7f)
			return false;

	return true;
}

/**
 * vcon_port_set_name() - the host has named the port
 * @port: the port; a second name is ignored, as after a sleep
 * @name: what the host sent, with or without a NUL at the end
 * @len:  bytes there
 *
 * Context: As for fields marked W. Sleeps.
 */
void vcon_port_set_name(struct vcon_port *port, const u8 *name, size_t len)
{
	char *copy;

	if (port->name)
		return;

	len = strnlen(name, len);
	if (len > PORT_NAME_MAX) {
		dev_warn_ratelimited(&port->dev,
				     "name of %zu bytes, expected at most %u: ignoring\n",
				     len, PORT_NAME_MAX);
		return;
	}

	copy = kmemdup_nul(name, len, GFP_KERNEL);
	if (!copy)
		return;

	if (!port_name_is_sane(copy)) {
		dev_warn_ratelimited(&port->dev,
				     "name \"%*pE\" cannot be a file name: ignoring\n",
				     (int)len, copy);
		kfree(copy);
		return;
	}

	/* For port_uevent() and others: the name is all there. */
	smp_store_release(&port->name, copy);
	if (port->published) {
		if (sysfs_update_group(&port->dev.kobj, &port_group))
			dev_warn(&port->dev, "no name attribute\n");
		kobject_uevent(&port->dev.kobj, KOBJ_CHANGE);
	}
}

/**
 * vcon_port_set_console() - the host wants the port to be a console
 * @port: the port
 *
 * Context: As for fields marked W. Takes port->open_lock. Sleeps.
 */
void vcon_port_set_console(struct vcon_port *port)
{
	bool in_use;

	if (port->console)
		return;

	/* From here on open() refuses. */
	mutex_lock(&port->open_lock);
	in_use = port->guest_open;
	if (!in_use)
		WRITE_ONCE(port->ops, &vcon_hvc_ops);
	mutex_unlock(&port->open_lock);

	if (in_use) {
		dev_warn_ratelimited(&port->dev,
				     "is open and cannot become a console: ignoring\n");
		return;
	}

	port->console = true;
	if (port->published)
		vcon_hvc_start(port);
}

/**
 * vcon_port_set_size() - the host has told the size of its terminal
 * @port: the port; does nothing unless it is a console
 * @cols: columns
 * @rows: rows
 *
 * Context: As for fields marked W. Sleeps.
 */
void vcon_port_set_size(struct vcon_port *port, u16 cols, u16 rows)
{
	/* In one go, for whoever opens the terminal just now. */
	WRITE_ONCE(port->size, (u32)cols << 16 | rows);
	vcon_hvc_resize(port);
}

/**
 * vcon_port_set_host_open() - the host has opened or closed its end
 * @port: the port
 * @open: which
 *
 * Context: As for fields marked W. Takes both queue locks.
 */
void vcon_port_set_host_open(struct vcon_port *port, bool open)
{
	if (port->host_open == open)
		return;

	if (open)
		vcon_tx_recover(port->slot);

	trace_vcon_host_open(port->vcon->index, port->id, open);
	port_set_state(port, open, port->gone);
	if (!open)
		vcon_tx_new_epoch(port->slot);

	rcu_read_lock();
	/* An open end has nothing to read by that alone. */
	if (!open)
		port->ops->rx_ready(port);
	port->ops->tx_ready(port);
	rcu_read_unlock();

	if (port->published)
		sysfs_notify(&port->dev.kobj, NULL, "host_connected");
}

/**
 * vcon_port_set_guest_open() - our end was opened or closed
 * @port: the port
 * @open: which
 *
 * Context: Process context, port->open_lock held.
 */
void vcon_port_set_guest_open(struct vcon_port *port, bool open)
{
	lockdep_assert_held(&port->open_lock);

	trace_vcon_guest_open(port->vcon->index, port->id, open);
	WRITE_ONCE(port->guest_open, open);
	if (!READ_ONCE(port->gone))
		sysfs_notify(&port->dev.kobj, NULL, "guest_connected");
}

/**
 * vcon_port_init() - once for the module
 *
 * Return: 0, or -errno with nothing left behind.
 */
int vcon_port_init(void)
{
	int ret;

	ret = alloc_chrdev_region(&port_devt, 0, PORT_MINORS, "virtio-portsdev");
	if (ret)
		return ret;

	ret = class_register(&port_class);
	if (ret)
		unregister_chrdev_region(port_devt, PORT_MINORS);

	return ret;
}

/**
 * vcon_port_exit() - the opposite of vcon_port_init()
 *
 * Context: No device is left. Sleeps until the last port has been released,
 *          which whoever holds a reference to its struct device may delay.
 */
void vcon_port_exit(void)
{
	wait_event(port_released, !atomic_read(&port_count));
	class_unregister(&port_class);
	unregister_chrdev_region(port_devt, PORT_MINORS);
	ida_destroy(&port_minors);
}
