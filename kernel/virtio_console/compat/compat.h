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

/*
 * Reset a queue and take its buffers.  Where there is no call for that, resizing
 * it there and back has the same effect.
 */
typedef void compat_recycle(struct virtqueue *vq, void *buf);

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
static inline int compat_virtqueue_reset(struct virtqueue *vq,
					 compat_recycle *recycle)
{
	unsigned int num = virtqueue_get_vring_size(vq);
	int ret;

	ret = virtqueue_resize(vq, num / 2, recycle);
	if (ret)
		return ret;

	return virtqueue_resize(vq, num, recycle);
}
#else
/* The third parameter came in the middle of a stable series. */
static inline int compat_reset_2(void *reset, struct virtqueue *vq,
				 compat_recycle *recycle)
{
	int (*fn)(struct virtqueue *vq, compat_recycle *recycle) = reset;

	return fn(vq, recycle);
}

static inline int compat_reset_3(void *reset, struct virtqueue *vq,
				 compat_recycle *recycle)
{
	int (*fn)(struct virtqueue *vq, compat_recycle *recycle,
		  void (*done)(struct virtqueue *vq)) = reset;

	return fn(vq, recycle, NULL);
}

#define compat_virtqueue_reset(vq, recycle)				\
	_Generic(&virtqueue_reset,					\
		 int (*)(struct virtqueue *, compat_recycle *):		\
			compat_reset_2,					\
		 default: compat_reset_3)(virtqueue_reset, vq, recycle)
#endif

#endif /* _COMPAT_H */
