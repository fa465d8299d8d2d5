// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vcon_mock - a host that does anything, at random
 *
 * What it does follows from the seed and from what the driver has done so far.
 * Most of it is nearly right, since what is all wrong does not get far.
 */

#include <linux/kernel.h>
#include <linux/prandom.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "mock.h"

/* Buffers kept by VCON_MOCK_HOLD. */
#define HELD_MAX	64

/* Moves that found nothing to do, in a row, until the driver is waited for. */
#define IDLE_MOVES	64

/* Waits in vain, in a row, until there is nothing more to come. */
#define IDLE_WAITS	20

#define CONTROL_IN	2
#define CONTROL_OUT	3

struct player {
	struct mock *mock;
	struct vcon_mock_play *play;
	struct rnd_state rnd;
	u32 queues;			/* those that a truthful host would have */
	struct vcon_mock_buf held[HELD_MAX];
	unsigned int num_held;
	u8 *data;			/* VCON_MOCK_BYTES */
};

static u32 any(struct player *p, u32 below)
{
	return prandom_u32_state(&p->rnd) % below;
}

static bool one_in(struct player *p, u32 n)
{
	return !any(p, n);
}

static struct mock_queue *queue_of(struct player *p, u32 index)
{
	return &p->mock->queues[index % VCON_MOCK_QUEUES];
}

/* A port's queue for input, or for output with @out. */
static u32 any_data_queue(struct player *p, bool out)
{
	u32 pair = any(p, p->queues / 2);

	if (pair == 1)
		pair = 0;
	return pair * 2 + out;
}

static bool take(struct player *p, struct vcon_mock_buf *buf)
{
	buf->data_len = VCON_MOCK_BYTES;
	return !mock_queue_take(queue_of(p, buf->queue), buf, p->data);
}

static bool give(struct player *p, struct vcon_mock_buf *buf)
{
	p->play->buffers++;
	return !mock_queue_give(queue_of(p, buf->queue), buf, p->data);
}

static u32 any_id(struct player *p)
{
	if (one_in(p, 20))
		return prandom_u32_state(&p->rnd);
	return any(p, p->queues / 2 - 1);
}

static u32 any_name(struct player *p, u8 *name)
{
	static const char * const names[] = {
		"", "/", "..", ".", "a/b", "\x1b[2J", "x\ny", "\xff\xfe",
		"org.qemu.guest_agent.0", "a name with blanks",
	};
	u32 len = any(p, 400);

	if (one_in(p, 2))
		return strscpy(name, names[any(p, ARRAY_SIZE(names))], 64) +
		       any(p, 2);

	prandom_bytes_state(&p->rnd, name, len);
	return len;
}

static u32 any_payload(struct player *p, u16 event, u8 *payload)
{
	u32 len;

	if (event == VIRTIO_CONSOLE_PORT_NAME)
		return any_name(p, payload);
	if (event != VIRTIO_CONSOLE_RESIZE && !one_in(p, 20))
		return 0;

	len = any(p, 8);
	prandom_bytes_state(&p->rnd, payload, len);
	return len;
}

/* The used length that goes with @len bytes: as a rule, @len. */
static u32 any_length(struct player *p, u32 len)
{
	switch (any(p, 20)) {
	case 0:
		return 0;
	case 1:
		return any(p, len + 1);
	case 2:
		return prandom_u32_state(&p->rnd);
	default:
		return len;
	}
}

static bool say(struct player *p, u32 id, u16 event, u16 value)
{
	struct vcon_mock_buf buf = { .queue = CONTROL_IN };
	struct virtio_console_control head = {
		.id = cpu_to_le32(id),
		.event = cpu_to_le16(event),
		.value = cpu_to_le16(value),
	};

	if (!take(p, &buf))
		return false;

	memcpy(p->data, &head, sizeof(head));
	buf.data_len = sizeof(head) + any_payload(p, event, p->data + sizeof(head));
	buf.size = any_length(p, buf.data_len);
	p->play->messages++;
	return give(p, &buf);
}

static bool move_message(struct player *p)
{
	/* What keeps ports alive is said more often than what kills them. */
	static const u16 events[] = {
		VIRTIO_CONSOLE_PORT_ADD, VIRTIO_CONSOLE_PORT_ADD,
		VIRTIO_CONSOLE_PORT_ADD, VIRTIO_CONSOLE_PORT_REMOVE,
		VIRTIO_CONSOLE_PORT_OPEN, VIRTIO_CONSOLE_PORT_OPEN,
		VIRTIO_CONSOLE_PORT_OPEN, VIRTIO_CONSOLE_PORT_NAME,
		VIRTIO_CONSOLE_PORT_NAME, VIRTIO_CONSOLE_RESIZE,
		VIRTIO_CONSOLE_DEVICE_READY, VIRTIO_CONSOLE_PORT_READY,
		VIRTIO_CONSOLE_CONSOLE_PORT,
	};
	u16 event = events[any(p, ARRAY_SIZE(events))];
	u16 value = !one_in(p, 3);

	/* Few consoles: the kernel's table of them is shared, and small. */
	if (event == VIRTIO_CONSOLE_CONSOLE_PORT && !one_in(p, 4))
		return false;
	if (one_in(p, 20))
		event = prandom_u32_state(&p->rnd);
	if (one_in(p, 20))
		value = prandom_u32_state(&p->rnd);

	return say(p, any_id(p), event, value);
}

static bool move_input(struct player *p)
{
	struct vcon_mock_buf buf = { .queue = any_data_queue(p, false) };

	if (!take(p, &buf))
		return false;

	buf.data_len = any(p, min_t(u32, buf.size, VCON_MOCK_BYTES) + 1);
	prandom_bytes_state(&p->rnd, p->data, buf.data_len);
	buf.size = any_length(p, buf.data_len);
	return give(p, &buf);
}

/* What a truthful host says to this, mostly; before the message goes back. */
static void answer(struct player *p)
{
	struct virtio_console_control head;

	memcpy(&head, p->data, sizeof(head));
	if (le16_to_cpu(head.event) != VIRTIO_CONSOLE_PORT_READY ||
	    !head.value || one_in(p, 4))
		return;

	say(p, le32_to_cpu(head.id), VIRTIO_CONSOLE_PORT_NAME, 1);
	say(p, le32_to_cpu(head.id), VIRTIO_CONSOLE_PORT_OPEN, 1);
}

static bool move_output(struct player *p)
{
	struct vcon_mock_buf buf = { .queue = any_data_queue(p, true) };

	if (one_in(p, 3))
		buf.queue = CONTROL_OUT;
	if (!take(p, &buf))
		return false;

	if (buf.queue == CONTROL_OUT &&
	    buf.data_len >= sizeof(struct virtio_console_control))
		answer(p);
	buf.size = one_in(p, 20) ? prandom_u32_state(&p->rnd) : 0;
	buf.data_len = 0;
	return give(p, &buf);
}

/* Takes one and keeps it, or gives back one that was kept. */
static bool move_hold(struct player *p)
{
	struct vcon_mock_buf *buf;
	struct vcon_mock_buf old;

	if (p->num_held < HELD_MAX && one_in(p, 2)) {
		buf = &p->held[p->num_held];
		buf->queue = one_in(p, 4) ? CONTROL_OUT :
					    any_data_queue(p, one_in(p, 2));
		if (!take(p, buf))
			return false;
		buf->data_len = 0;
		buf->size = 0;
		p->num_held++;
		return true;
	}

	if (!p->num_held)
		return false;
	buf = &p->held[any(p, p->num_held)];
	old = *buf;
	*buf = p->held[--p->num_held];
	return give(p, &old);
}

static bool move_noise(struct player *p)
{
	struct vcon_mock_config config = {
		.cols = prandom_u32_state(&p->rnd),
		.rows = prandom_u32_state(&p->rnd),
		.max_ports = prandom_u32_state(&p->rnd),
	};

	if (one_in(p, 2))
		return !mock_set_config(p->mock, &config);
	return !mock_queue_interrupt(queue_of(p, any(p, p->queues)));
}

static bool move_lie(struct player *p)
{
	struct vcon_mock_buf buf = { .queue = any(p, p->queues) };
	struct mock_queue *q = queue_of(p, buf.queue);

	/* Rarely: the driver gives such a queue up, for good. */
	if (!one_in(p, 20))
		return false;

	p->play->lies++;
	buf.id = any(p, 2 * p->mock->entries);
	buf.size = prandom_u32_state(&p->rnd);
	if (one_in(p, 4))
		return !mock_queue_jump(q, any(p, U16_MAX));
	if (one_in(p, 4))
		return !mock_queue_mark(q, prandom_u32_state(&p->rnd));
	return !mock_queue_give(q, &buf, p->data);
}

static bool move_sleep(struct player *p)
{
	if (!one_in(p, 20) || mock_sleep(p->mock))
		return false;

	p->play->sleeps++;
	p->num_held = 0;
	/* Once in a while there is not all that there was. */
	mock_wake(p->mock, one_in(p, 8) ? 1 + any(p, p->queues) : 0);
	return true;
}

struct move {
	u32 mask;
	u32 weight;
	bool (*make)(struct player *p);		/* whether anything was done */
};

static const struct move moves[] = {
	{ VCON_MOCK_MESSAGE,	30, move_message },
	{ VCON_MOCK_INPUT,	30, move_input },
	{ VCON_MOCK_OUTPUT,	40, move_output },
	{ VCON_MOCK_HOLD,	10, move_hold },
	{ VCON_MOCK_NOISE,	2, move_noise },
	{ VCON_MOCK_LIE,	1, move_lie },
	{ VCON_MOCK_SLEEP_WAKE,	1, move_sleep },
};

static bool make_move(struct player *p)
{
	u32 sum = 0;
	u32 pick;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(moves); i++)
		if (p->play->moves_mask & moves[i].mask)
			sum += moves[i].weight;

	pick = any(p, sum);
	for (i = 0; i < ARRAY_SIZE(moves); i++) {
		if (!(p->play->moves_mask & moves[i].mask))
			continue;
		if (pick < moves[i].weight)
			return moves[i].make(p);
		pick -= moves[i].weight;
	}

	return false;
}

static bool has_any(struct mock *mock)
{
	unsigned int i;

	for (i = 0; i < VCON_MOCK_QUEUES; i++)
		if (mock_queue_has_some(&mock->queues[i]))
			return true;

	return false;
}

/* Returns the moves that were made. */
static u32 play_on(struct player *p, u32 wanted)
{
	unsigned int idle = 0;
	unsigned int waits = 0;
	u32 made = 0;

	while (made < wanted && waits < IDLE_WAITS && !signal_pending(current)) {
		cond_resched();
		if (make_move(p)) {
			made++;
			idle = 0;
			waits = 0;
		} else if (++idle == IDLE_MOVES) {
			idle = 0;
			waits++;
			wait_event_interruptible_timeout(p->mock->wait,
							 has_any(p->mock),
							 HZ / 50);
		}
	}

	return made;
}

/**
 * mock_play() - play at random
 * @mock: the host, plugged
 * @play: what to do; gets what was done
 *
 * Any number of these may play the same host.
 *
 * Context: Process context. Sleeps.
 * Return: 0; -EINVAL; -ENOMEM.
 */
int mock_play(struct mock *mock, struct vcon_mock_play *play)
{
	struct player *p;
	u32 ports = le32_to_cpu(mock->config.max_nr_ports);

	play->moves_mask &= VCON_MOCK_ALL_MOVES;
	if (!(play->moves_mask & VCON_MOCK_OUTPUT))
		return -EINVAL;

	p = kvzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	p->data = kvzalloc(VCON_MOCK_BYTES, GFP_KERNEL);
	if (!p->data) {
		kvfree(p);
		return -ENOMEM;
	}

	p->mock = mock;
	p->play = play;
	p->queues = clamp(ports, 2u, VCON_MOCK_QUEUES / 2 - 1u) * 2 + 2;
	prandom_seed_state(&p->rnd, play->seed);
	play->moves = play_on(p, play->moves);

	kvfree(p->data);
	kvfree(p);
	return 0;
}
