// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - console ports: /dev/hvcN and console=hvcN
 *
 * The hvc core calls with interrupts off, from printk() anywhere.  Output is
 * copied and the call returns; what finds no room stays with the tty, or is
 * dropped by printk(), but nothing here waits for the host.
 */

#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/tty_flip.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "compat/hvc.h"
#include "vcon.h"

/* As large as the hvc core's own transfers can be. */
#define HVC_OUTBUF_BYTES	PAGE_SIZE

/* Input that a terminal is given before it has gone through it. */
#define HVC_INPUT_BYTES		(16 * 1024)

/* hvc knows a console by a number: number -> struct vcon_port. */
static DEFINE_XARRAY_FLAGS(hvc_ports, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ);

/*
 * Does the terminal still go through earlier input?  Readers wait, and cannot be
 * interrupted, until it has none left: it must not be given more all the time, or
 * a host that never stops would keep them for ever.
 */
static bool hvc_tty_is_busy(struct vcon_port *port)
{
	struct hvc_struct *hp = rcu_dereference(port->hvc);

	return hp && work_busy(&hp->port.buf.work);
}

/**
 * hvc_get_chars() - input for the tty
 * @vtermno: the console
 * @buf:     where it goes
 * @count:   room there
 *
 * Of a port that is gone there are none either. -EPIPE would make hvc's thread
 * hang up the terminal, which by then may be about to be freed; hvc_take_down()
 * does that.
 *
 * Context: Any, hp->lock held.
 * Return: bytes; 0 when there are none; -EAGAIN when hvc is to ask again.
 */
static compat_hvc_ssize hvc_get_chars(u32 vtermno, compat_hvc_char *buf,
				      compat_hvc_size count)
{
	struct vcon_port *port;
	int ret = -ENODEV;

	rcu_read_lock();
	port = xa_load(&hvc_ports, vtermno);
	if (port && hvc_tty_is_busy(port))
		ret = -EAGAIN;
	else if (port)
		ret = vcon_rx_get(port, buf, count);
	/* Behind buffers without any; hvc's thread calls again. */
	if (!ret && vcon_rx_pending(port))
		hvc_kick();
	rcu_read_unlock();

	return ret == -EAGAIN ? ret : max(ret, 0);
}

/**
 * hvc_put_chars() - output of the tty and of printk()
 * @vtermno: the console
 * @buf:     the output
 * @count:   its length
 *
 * Context: Any, a panic included.
 * Return: bytes taken; 0 when there is no room: the tty tries again, printk()
 *         drops it; -EPIPE when the port is gone.
 */
static compat_hvc_ssize hvc_put_chars(u32 vtermno, const compat_hvc_char *buf,
				      compat_hvc_size count)
{
	struct vcon_port *port;
	int ret = -ENODEV;

	rcu_read_lock();
	port = xa_load(&hvc_ports, vtermno);
	if (port)
		ret = vcon_tx_put(port, buf, count);
	rcu_read_unlock();

	return ret < 0 ? -EPIPE : ret;
}

/**
 * hvc_flush() - a whole message was put
 * @vtermno: the console
 * @wait:    ignored: the host is not waited for
 *
 * Context: Any, a panic included.
 */
static int hvc_flush(u32 vtermno, bool wait)
{
	struct vcon_port *port;

	rcu_read_lock();
	port = xa_load(&hvc_ports, vtermno);
	if (port)
		vcon_tx_flush(port);
	rcu_read_unlock();

	return 0;
}

static void hvc_resize(struct hvc_struct *hp, const struct vcon_port *port)
{
	u32 size = READ_ONCE(port->size);
	struct winsize ws = { .ws_col = size >> 16, .ws_row = size };

	if (size)
		compat_hvc_resize(hp, ws);
}

/*
 * The tty is in use: interrupts tell when there is input, no polling needed.  Of
 * what was said of its size before, it knows nothing.
 */
static int hvc_notifier_add(struct hvc_struct *hp, int data)
{
	struct vcon_port *port;

	compat_hvc_set_interrupts(hp, true);
	rcu_read_lock();
	port = xa_load(&hvc_ports, hp->vtermno);
	if (port)
		hvc_resize(hp, port);
	rcu_read_unlock();
	return 0;
}

static void hvc_notifier_del(struct hvc_struct *hp, int data)
{
	compat_hvc_set_interrupts(hp, false);
}

static const struct hv_ops hvc_ops = {
	.get_chars		= hvc_get_chars,
	.put_chars		= hvc_put_chars,
	.flush			= hvc_flush,
	.notifier_add		= hvc_notifier_add,
	.notifier_del		= hvc_notifier_del,
	.notifier_hangup	= hvc_notifier_del,
};

static void hvc_rx_ready(struct vcon_port *port)
{
	struct hvc_struct *hp;

	rcu_read_lock();
	hp = rcu_dereference(port->hvc);
	if (hp && hvc_poll(hp))
		hvc_kick();
	rcu_read_unlock();
}

static void hvc_tx_ready(struct vcon_port *port)
{
	if (rcu_access_pointer(port->hvc))
		hvc_kick();
}

const struct vcon_port_ops vcon_hvc_ops = {
	.rx_ready	= hvc_rx_ready,
	.tx_ready	= hvc_tx_ready,
};

/**
 * vcon_hvc_start() - make the port a console
 * @port: the port, published; its ops are vcon_hvc_ops
 *
 * The port can be found by its number before hvc knows of it, since
 * hvc_alloc() prints the whole log so far.
 *
 * Context: As for fields marked W. Sleeps.
 * Return: 0, or -errno: the port is then of no use to anybody.
 */
int vcon_hvc_start(struct vcon_port *port)
{
	struct hvc_struct *hp;
	int ret;

	ret = vcon_rx_fill(port->slot);
	if (ret)
		goto err;

	ret = xa_alloc_irq(&hvc_ports, &port->vtermno, port, xa_limit_31b,
			   GFP_KERNEL);
	if (ret)
		goto err;

	hp = hvc_alloc(port->vtermno, 0, &hvc_ops, HVC_OUTBUF_BYTES);
	if (IS_ERR(hp)) {
		ret = PTR_ERR(hp);
		goto err_erase;
	}
	ret = -ENODEV;
	if (!compat_hvc_works())
		goto err_remove;
	ret = -EPROTO;
	if (!compat_hvc_is(hp, port->vtermno, &hvc_ops))
		goto err_remove;

	tty_buffer_set_limit(&hp->port, HVC_INPUT_BYTES);
	rcu_assign_pointer(port->hvc, hp);
	mutex_lock(&port->open_lock);
	vcon_port_set_guest_open(port, true);
	vcon_ctl_send(port->vcon, port->open, 1);
	mutex_unlock(&port->open_lock);
	vcon_hvc_resize(port);
	hvc_kick();
	return 0;

err_remove:
	hvc_remove(hp);
err_erase:
	xa_erase_irq(&hvc_ports, port->vtermno);
err:
	dev_err_ratelimited(&port->dev, "cannot be a console: error %d\n",
			    ret);
	return ret;
}

/*
 * Remove the console from hvc.  An open() that finds it in hvc's list takes a
 * reference without a look at whether there is one left to take.  So one is kept
 * here until it cannot be found any more, and who came meanwhile is hung up.
 */
static void hvc_take_down(struct hvc_struct *hp)
{
	struct tty_port *tty_port = tty_port_get(&hp->port);
	struct tty_struct *tty;

	hvc_remove(hp);
	compat_hvc_hide(hp);
	tty = tty_port_tty_get(tty_port);
	if (tty) {
		tty_vhangup(tty);
		tty_kref_put(tty);
	}
	tty_port_put(tty_port);
}

/**
 * vcon_hvc_stop() - take the console away from under its users
 * @port: the port, gone; does nothing unless it is a console
 *
 * Context: As for fields marked W. Sleeps.
 */
void vcon_hvc_stop(struct vcon_port *port)
{
	struct hvc_struct *hp = rcu_access_pointer(port->hvc);

	/* Nothing more is put into a port that is gone. */
	irq_work_sync(&port->push);
	if (!hp)
		return;

	rcu_assign_pointer(port->hvc, NULL);
	/* An interrupt may be about to poll it. */
	synchronize_rcu();
	hvc_take_down(hp);
	xa_erase_irq(&hvc_ports, port->vtermno);
	/* A put_chars() that found the port is at its end before it is freed:
	 * see kfree_rcu() in port_release().
	 */
}

/**
 * vcon_hvc_resize() - tell the tty how large its terminal is
 * @port: the port; does nothing unless it is a console with a known size
 *
 * Context: As for fields marked W.
 */
void vcon_hvc_resize(struct vcon_port *port)
{
	struct hvc_struct *hp = rcu_access_pointer(port->hvc);

	if (hp)
		hvc_resize(hp, port);
}
