/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hvc.h - what the hvc console core exports
 *
 * The core's own header is in no kernel headers package.  Of struct hvc_struct
 * only the fields up to the last one used here are declared; whether they are
 * where we think is checked by compat_hvc_is() for each console before anything
 * is written to one.
 */

#ifndef _COMPAT_HVC_H
#define _COMPAT_HVC_H

#include <linux/spinlock.h>
#include <linux/tty.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
typedef int compat_hvc_ssize;
typedef int compat_hvc_size;
typedef char compat_hvc_char;
#else
typedef ssize_t compat_hvc_ssize;
typedef size_t compat_hvc_size;
typedef u8 compat_hvc_char;
#endif

struct hv_ops;

struct hvc_struct {
	struct tty_port port;
	spinlock_t lock;
	int index;
	int do_wakeup;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	char *outbuf;
#endif
	int outbuf_size;
	int n_outbuf;
	u32 vtermno;
	const struct hv_ops *ops;
	int irq_requested;
};

struct hv_ops {
	compat_hvc_ssize (*get_chars)(u32 vtermno, compat_hvc_char *buf,
				      compat_hvc_size count);
	compat_hvc_ssize (*put_chars)(u32 vtermno, const compat_hvc_char *buf,
				      compat_hvc_size count);
	int (*flush)(u32 vtermno, bool wait);
	int (*notifier_add)(struct hvc_struct *hp, int data);
	void (*notifier_del)(struct hvc_struct *hp, int data);
	void (*notifier_hangup)(struct hvc_struct *hp, int data);
	int (*tiocmget)(struct hvc_struct *hp);
	int (*tiocmset)(struct hvc_struct *hp, unsigned int set,
			unsigned int clear);
	/* int until 6.6, bool since: not used here, the same size in memory. */
	void (*dtr_rts)(struct hvc_struct *hp, bool active);
};

struct hvc_struct *hvc_alloc(u32 vtermno, int data, const struct hv_ops *ops,
			     int outbuf_size);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
int hvc_remove(struct hvc_struct *hp);
#else
void hvc_remove(struct hvc_struct *hp);
#endif
int hvc_poll(struct hvc_struct *hp);
void hvc_kick(void);
void __hvc_resize(struct hvc_struct *hp, struct winsize ws);

/*
 * Does the core work? Where it could not start for want of memory, the first
 * hvc_alloc() says so and later ones do not, but there is no thread to be kicked.
 */
static inline bool compat_hvc_works(void)
{
	dev_t dev;

	return !tty_dev_name_to_number("hvc0", &dev);
}

static inline bool compat_hvc_is(const struct hvc_struct *hp, u32 vtermno,
				 const struct hv_ops *ops)
{
	return hp->vtermno == vtermno && hp->ops == ops;
}

static inline void compat_hvc_set_interrupts(struct hvc_struct *hp, bool on)
{
	hp->irq_requested = on;
}

static inline void compat_hvc_resize(struct hvc_struct *hp, struct winsize ws)
{
	unsigned long flags;

	spin_lock_irqsave(&hp->lock, flags);
	__hvc_resize(hp, ws);
	spin_unlock_irqrestore(&hp->lock, flags);
}

/* After hvc_remove(): no open() is to find it, though it is still in hvc's list. */
static inline void compat_hvc_hide(struct hvc_struct *hp)
{
	unsigned long flags;

	spin_lock_irqsave(&hp->lock, flags);
	hp->index = -1;
	spin_unlock_irqrestore(&hp->lock, flags);
}

#endif /* _COMPAT_HVC_H */
