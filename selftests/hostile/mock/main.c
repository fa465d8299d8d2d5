// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vcon_mock - /dev/vcon-mock: an open file is a host, see vcon_mock.h
 */

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "mock.h"

struct device *mock_parent;

static void mock_free(struct kref *ref)
{
	struct mock *mock = container_of(ref, struct mock, ref);

	irq_work_sync(&mock->kick);
	kvfree(mock);
	module_put(THIS_MODULE);
}

/**
 * mock_put() - drop a reference
 * @mock: the host
 *
 * Context: Process context.
 */
void mock_put(struct mock *mock)
{
	kref_put(&mock->ref, mock_free);
}

static void mock_kicked(struct irq_work *work)
{
	wake_up_all(&container_of(work, struct mock, kick)->wait);
}

static int mock_open(struct inode *inode, struct file *file)
{
	struct mock *mock;
	unsigned int i;

	mock = kvzalloc(sizeof(*mock), GFP_KERNEL);
	if (!mock)
		return -ENOMEM;

	/* For the device, which may outlive the file. */
	__module_get(THIS_MODULE);
	kref_init(&mock->ref);
	mutex_init(&mock->plug_lock);
	spin_lock_init(&mock->config_lock);
	init_waitqueue_head(&mock->wait);
	init_irq_work(&mock->kick, mock_kicked);
	for (i = 0; i < VCON_MOCK_QUEUES; i++)
		mock_queue_init(&mock->queues[i]);

	file->private_data = mock;
	return 0;
}

static int mock_release(struct inode *inode, struct file *file)
{
	struct mock *mock = file->private_data;

	mock_unplug(mock);
	mock_put(mock);
	return 0;
}

static ssize_t mock_read(struct file *file, char __user *to, size_t len,
			 loff_t *offset)
{
	unsigned int n = min_t(size_t, len, MOCK_EMERGENCY_BYTES);
	ssize_t ret;
	u8 *data;

	data = kmalloc(MOCK_EMERGENCY_BYTES, GFP_KERNEL);
	if (!data)
		return -ENOMEM;

	n = mock_read_emergency(file->private_data, data, n);
	ret = copy_to_user(to, data, n) ? -EFAULT : n;
	kfree(data);
	return ret;
}

static int do_plug(struct mock *mock, void *arg)
{
	return mock_plug(mock, arg);
}

static int do_unplug(struct mock *mock, void *arg)
{
	return mock_unplug(mock);
}

static int do_sleep(struct mock *mock, void *arg)
{
	return mock_sleep(mock);
}

static int do_wake(struct mock *mock, void *arg)
{
	return mock_wake(mock, *(u32 *)arg);
}

static struct mock_queue *queue_at(struct mock *mock, u32 index)
{
	return index < VCON_MOCK_QUEUES ? &mock->queues[index] : NULL;
}

static int take_wait(struct mock *mock, struct vcon_mock_buf *buf, void *data)
{
	struct mock_queue *q = queue_at(mock, buf->queue);
	u32 room = min_t(u32, buf->data_len, VCON_MOCK_BYTES);
	long left = buf->timeout_ms < 0 ? MAX_SCHEDULE_TIMEOUT :
					  msecs_to_jiffies(buf->timeout_ms);
	int ret;

	if (!q)
		return -EINVAL;

	for (;;) {
		buf->data_len = room;
		ret = mock_queue_take(q, buf, data);
		if (ret != -EAGAIN)
			return ret;
		if (!left)
			return -ETIMEDOUT;
		left = wait_event_interruptible_timeout(mock->wait,
							mock_queue_has_some(q) ||
							!READ_ONCE(q->vq), left);
		if (left < 0)
			return left;
	}
}

static int do_take(struct mock *mock, void *arg)
{
	struct vcon_mock_buf *buf = arg;
	void *data;
	int ret;

	data = kvzalloc(VCON_MOCK_BYTES, GFP_KERNEL);
	if (!data)
		return -ENOMEM;

	ret = take_wait(mock, buf, data);
	if (!ret && copy_to_user(u64_to_user_ptr(buf->data), data, buf->data_len))
		ret = -EFAULT;
	kvfree(data);
	return ret;
}

static int do_give(struct mock *mock, void *arg)
{
	struct vcon_mock_buf *buf = arg;
	struct mock_queue *q = queue_at(mock, buf->queue);
	void *data;
	int ret;

	if (!q || buf->data_len > VCON_MOCK_BYTES)
		return -EINVAL;

	data = vmemdup_user(u64_to_user_ptr(buf->data), buf->data_len);
	if (IS_ERR(data))
		return PTR_ERR(data);

	ret = mock_queue_give(q, buf, data);
	kvfree(data);
	return ret;
}

static int do_jump(struct mock *mock, void *arg)
{
	struct vcon_mock_buf *buf = arg;
	struct mock_queue *q = queue_at(mock, buf->queue);

	return q ? mock_queue_jump(q, buf->size) : -EINVAL;
}

static int do_mark(struct mock *mock, void *arg)
{
	struct vcon_mock_buf *buf = arg;
	struct mock_queue *q = queue_at(mock, buf->queue);

	return q ? mock_queue_mark(q, buf->size) : -EINVAL;
}

static int do_interrupt(struct mock *mock, void *arg)
{
	struct mock_queue *q = queue_at(mock, *(u32 *)arg);

	return q ? mock_queue_interrupt(q) : -EINVAL;
}

static int do_config(struct mock *mock, void *arg)
{
	return mock_set_config(mock, arg);
}

static int do_play(struct mock *mock, void *arg)
{
	return mock_play(mock, arg);
}

struct mock_call {
	unsigned int cmd;
	int (*act)(struct mock *mock, void *arg);
};

static const struct mock_call mock_calls[] = {
	{ VCON_MOCK_PLUG, do_plug },
	{ VCON_MOCK_UNPLUG, do_unplug },
	{ VCON_MOCK_SLEEP, do_sleep },
	{ VCON_MOCK_WAKE, do_wake },
	{ VCON_MOCK_TAKE, do_take },
	{ VCON_MOCK_GIVE, do_give },
	{ VCON_MOCK_INTERRUPT, do_interrupt },
	{ VCON_MOCK_JUMP, do_jump },
	{ VCON_MOCK_MARK, do_mark },
	{ VCON_MOCK_CONFIG, do_config },
	{ VCON_MOCK_PLAY, do_play },
};

/* The size of the argument and which way it goes are in the number. */
static long mock_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	void __user *from = (void __user *)user;
	const struct mock_call *call = NULL;
	unsigned int size = _IOC_SIZE(cmd);
	u64 arg[8] = { 0 };
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(mock_calls); i++)
		if (mock_calls[i].cmd == cmd)
			call = &mock_calls[i];
	if (!call)
		return -ENOTTY;

	BUILD_BUG_ON(sizeof(struct vcon_mock_plug) > sizeof(arg) ||
		     sizeof(struct vcon_mock_buf) > sizeof(arg) ||
		     sizeof(struct vcon_mock_play) > sizeof(arg));
	if (_IOC_DIR(cmd) & _IOC_WRITE && copy_from_user(arg, from, size))
		return -EFAULT;

	ret = call->act(file->private_data, arg);
	if (!ret && _IOC_DIR(cmd) & _IOC_READ && copy_to_user(from, arg, size))
		return -EFAULT;

	return ret;
}

static const struct file_operations mock_fops = {
	.owner		= THIS_MODULE,
	.open		= mock_open,
	.release	= mock_release,
	.read		= mock_read,
	.unlocked_ioctl	= mock_ioctl,
};

static struct miscdevice mock_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "vcon-mock",
	.fops	= &mock_fops,
};

static int __init mock_init(void)
{
	int ret;

	mock_parent = root_device_register("vcon-mock");
	if (IS_ERR(mock_parent))
		return PTR_ERR(mock_parent);

	ret = misc_register(&mock_misc);
	if (ret)
		root_device_unregister(mock_parent);

	return ret;
}
module_init(mock_init);

static void __exit mock_exit(void)
{
	misc_deregister(&mock_misc);
	root_device_unregister(mock_parent);
}
module_exit(mock_exit);

MODULE_DESCRIPTION("A host that lies, stalls and vanishes, for the virtio console driver");
MODULE_LICENSE("GPL");
