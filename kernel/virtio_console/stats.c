// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio_console - debugfs: virtio-ports/vportNpM
 *
 * The fields of the in-tree driver, under their names, and then ours.
 */

#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "vcon.h"

static struct dentry *stats_dir;

static void stats_show_rx(struct seq_file *s, struct vcon_rx *rx)
{
	unsigned long flags;
	struct vcon_rx copy;

	flags = vcon_vq_lock(&rx->q);
	copy = *rx;
	vcon_vq_unlock(&rx->q, flags);

	seq_printf(s, "bytes_received: %llu\n", copy.bytes);
	seq_printf(s, "bytes_discarded: %llu\n", copy.discarded);
	seq_printf(s, "rx_buffers: %u\n", copy.bufs);
	seq_printf(s, "rx_messages: %llu\n", copy.messages);
	seq_printf(s, "rx_kicks: %llu\n", copy.kicks);
	seq_printf(s, "rx_interrupts: %llu\n", copy.interrupts);
}

static void stats_show_tx(struct seq_file *s, struct vcon_tx *tx)
{
	unsigned long flags;
	struct vcon_tx copy;
	bool full;

	flags = vcon_vq_lock(&tx->q);
	copy = *tx;
	full = !vcon_tx_has_room(tx);
	vcon_vq_unlock(&tx->q, flags);

	seq_printf(s, "outvq_full: %d\n", full);
	seq_printf(s, "bytes_sent: %llu\n", copy.bytes);
	seq_printf(s, "tx_messages: %llu\n", copy.messages);
	seq_printf(s, "tx_buffers: %u\n", copy.inflight + copy.stale);
	seq_printf(s, "tx_bytes_queued: %zu\n", copy.queued);
	seq_printf(s, "tx_bytes_discarded: %llu\n", copy.discarded);
	seq_printf(s, "tx_bytes_lost: %llu\n", copy.lost);
	seq_printf(s, "tx_resets: %llu\n", copy.resets);
	seq_printf(s, "tx_full: %llu\n", copy.full);
	seq_printf(s, "tx_kicks: %llu\n", copy.kicks);
	seq_printf(s, "tx_interrupts: %llu\n", copy.interrupts);
}

static int stats_show(struct seq_file *s, void *unused)
{
	struct vcon_port *port = s->private;
	const char *name = READ_ONCE(port->name);

	seq_printf(s, "name: %s\n", name ? name : "");
	seq_printf(s, "guest_connected: %d\n", READ_ONCE(port->guest_open));
	seq_printf(s, "host_connected: %d\n", READ_ONCE(port->host_open));
	stats_show_tx(s, &port->slot->tx);
	stats_show_rx(s, &port->slot->rx);
	seq_printf(s, "is_console: %s\n", port->console ? "yes" : "no");
	seq_printf(s, "console_vtermno: %u\n", port->vtermno);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/**
 * vcon_stats_add() - show a port's state
 * @port: the port, about to be published
 */
void vcon_stats_add(struct vcon_port *port)
{
	port->debugfs = debugfs_create_file(dev_name(&port->dev), 0444,
					    stats_dir, port, &stats_fops);
}

/**
 * vcon_stats_remove() - the opposite of vcon_stats_add()
 * @port: the port
 *
 * Context: Sleeps until nobody reads the file.
 */
void vcon_stats_remove(struct vcon_port *port)
{
	debugfs_remove(port->debugfs);
}

/**
 * vcon_stats_init() - once for the module
 */
void vcon_stats_init(void)
{
	stats_dir = debugfs_create_dir("virtio-ports", NULL);
}

/**
 * vcon_stats_exit() - the opposite of vcon_stats_init()
 */
void vcon_stats_exit(void)
{
	debugfs_remove(stats_dir);
}
