/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compat.h - kernels 6.1 to 7.3 made to look like the newest
 *
 * Included before every source file by the Kbuild file.
 */

#ifndef _MOCK_COMPAT_H
#define _MOCK_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "kernels before 6.1 are not supported"
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(8, 0, 0)
#error "kernels from 8.0 on have not been tried"
#endif

#include <linux/virtio_config.h>

/*
 * Defines @fn, the find_vqs of struct virtio_config_ops, in terms of
 * @one(vdev, index, name, callback), which makes one queue, and @undo(vdev).
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define COMPAT_FIND_VQS(fn, one, undo)					\
static int fn(struct virtio_device *vdev, unsigned int num,		\
		struct virtqueue *vqs[], vq_callback_t *callbacks[],	\
		const char * const names[], const bool *ctx,		\
		struct irq_affinity *desc)				\
	COMPAT_FIND_VQS_BODY(one, undo, names[i], callbacks[i])
#else
#define COMPAT_FIND_VQS(fn, one, undo)					\
static int fn(struct virtio_device *vdev, unsigned int num,		\
		struct virtqueue *vqs[], struct virtqueue_info info[],	\
		struct irq_affinity *desc)				\
	COMPAT_FIND_VQS_BODY(one, undo, info[i].name, info[i].callback)
#endif

#define COMPAT_FIND_VQS_BODY(one, undo, vq_name, vq_callback)		\
{									\
	unsigned int i;							\
	int ret;							\
									\
	for (i = 0; i < num; i++) {					\
		vqs[i] = one(vdev, i, vq_name, vq_callback);		\
		if (!IS_ERR(vqs[i]))					\
			continue;					\
		ret = PTR_ERR(vqs[i]);					\
		undo(vdev);						\
		return ret;						\
	}								\
	return 0;							\
}

#endif /* _MOCK_COMPAT_H */
