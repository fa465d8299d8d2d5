/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compat.h - kernels 6.1 to 7.3 made to look like the newest
 *
 * Included before every source file by the Kbuild file; the only place, with
 * hvc.h beside it, that knows kernel versions.
 */

#ifndef _COMPAT_H
#define _COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "kernels before 6.1 are not supported"
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(8, 0, 0)
#error "kernels from 8.0 on have not been tried"
#endif

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
typedef struct device compat_const_device;
#else
typedef const struct device compat_const_device;
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define COMPAT_CONST_CLASS
#else
#define COMPAT_CONST_CLASS	const
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define compat_splice_read	generic_file_splice_read
#else
#define compat_splice_read	copy_splice_read
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define compat_no_llseek	no_llseek
#else
#define compat_no_llseek	NULL
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
struct virtqueue_info {
	const char *name;
	vq_callback_t *callback;
	bool ctx;
};

static inline int compat_find_vqs(struct virtio_device *vdev, unsigned int num,
				  struct virtqueue *vqs[],
				  struct virtqueue_info info[],
				  struct irq_affinity *desc)
{
	vq_callback_t **callbacks;
	const char **names;
	unsigned int i;
	int ret = -ENOMEM;

	callbacks = kvcalloc(num, sizeof(*callbacks), GFP_KERNEL);
	names = kvcalloc(num, sizeof(*names), GFP_KERNEL);
	if (!callbacks || !names)
		goto out_free;

	for (i = 0; i < num; i++) {
		callbacks[i] = info[i].callback;
		names[i] = info[i].name;
	}
	ret = virtio_find_vqs(vdev, num, vqs, callbacks, names, desc);

out_free:
	kvfree(names);
	kvfree(callbacks);
	return ret;
}
#define virtio_find_vqs	compat_find_vqs
#endif

#endif /* _COMPAT_H */
