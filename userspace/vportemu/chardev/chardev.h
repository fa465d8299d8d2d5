/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chardev.h - character devices: what is behind a port or a monitor
 *
 * A back-end is a stream in two directions which may be open or closed.  Its
 * one user, the front-end, moves the bytes itself with chardev_readv() and
 * chardev_writev(), straight between its own memory and the descriptor, and
 * says with chardev_want() what it waits for.
 */

#ifndef VPORTEMU_CHARDEV_H
#define VPORTEMU_CHARDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/uio.h>

struct chardev;
struct error;
struct opt_desc;
struct opts;
struct sd_event;

/* Every callback comes from the event loop, never from inside a call. */
struct chardev_frontend_ops {
	/* The other side is there. */
	void (*opened)(void *data);

	/* The other side has gone; what it had sent has been read. */
	void (*closed)(void *data);

	/*
	 * readable() - there is something to read, and it is wanted.
	 *
	 * The only place to call chardev_readv() from.
	 */
	void (*readable)(void *data);

	/* There is room to write again, and it is wanted. */
	void (*writable)(void *data);

	/* The window behind chr->cols and chr->rows has changed.  Optional. */
	void (*resized)(void *data);

	/* What is typed goes to us, or to another, as chr->focus.  Optional. */
	void (*focused)(void *data);

	/*
	 * replaced() - @chr has taken the place of the back-end.
	 *
	 * NULL: this cannot be.
	 */
	void (*replaced)(void *data, struct chardev *chr);
};

enum {
	CHARDEV_READ = 1 << 0,
	CHARDEV_WRITE = 1 << 1,

	/*
	 * There is somebody who will read, if not now: what the other side has
	 * sent is kept for him when it closes.
	 */
	CHARDEV_KEEP = 1 << 2,
};

/* Of one that writes to several, at their own speeds. */
struct chardev_stats {
	unsigned int clients;		/* that are there */
	uint64_t waiting;		/* bytes that none of them has got */
	uint64_t dropped;		/* bytes that nobody will ever get */
	uint64_t lagged;		/* bytes that some did not get */
};

struct chardev_ops {
	const char *name;		/* the word behind -chardev */
	const char *alias;		/* another; NULL: none */
	const struct opt_desc *options;

	/*
	 * create() - make a back-end.
	 *
	 * @runtime: not at start-up: nothing may wait.
	 *
	 * The caller fills in id, and ops where they are still NULL.
	 * Return: 0, -errno with words in @error.
	 */
	int (*create)(struct sd_event *event, const struct opts *opts,
		      bool runtime, struct chardev **ret, struct error *error);
	void (*destroy)(struct chardev *chr);

	/*
	 * readv(), writev() - never block.
	 *
	 * Return: bytes; -EAGAIN; another -errno when the other side is gone,
	 *         of which closed() will tell in its own time.
	 */
	ssize_t (*readv)(struct chardev *chr, const struct iovec *iov, int num);
	ssize_t (*writev)(struct chardev *chr, const struct iovec *iov,
			  int num);

	/* What is wanted, or whether the front-end is open, has changed. */
	void (*update)(struct chardev *chr);

	/* Print what query-chardev calls the filename. */
	void (*filename)(struct chardev *chr, char *buf, size_t size);

	/* Send a break; NULL: it has no such thing. */
	void (*send_break)(struct chardev *chr);

	/*
	 * take_fd() - a descriptor that came with what was read last.
	 *
	 * Only if chr->takes_fds.  Return: it, now the caller's; -ENOENT.
	 */
	int (*take_fd)(struct chardev *chr);

	/*
	 * add_client() - take a connection that was made elsewhere.
	 *
	 * @fd is taken over on success.  Return: 0, -EBUSY, another -errno.
	 */
	int (*add_client)(struct chardev *chr, int fd);

	/* Cut the connection, of which closed() tells.  NULL: there is none. */
	void (*yank)(struct chardev *chr);

	/*
	 * free_end() - where one more front-end can attach.
	 *
	 * NULL: there is one front-end at most, and it attaches right here.
	 * Return: NULL when there is no place.
	 */
	struct chardev *(*free_end)(struct chardev *chr);

	/* Is there a front-end anywhere?  NULL: only right here. */
	bool (*in_use)(const struct chardev *chr);

	/* A front-end has attached.  Optional. */
	void (*attached)(struct chardev *chr);

	/* What there is to know of a fanout; NULL: nothing. */
	void (*stats)(const struct chardev *chr, struct chardev_stats *stats);
};

struct chardev {
	const struct chardev_ops *ops;
	struct chardev *next;		/* of all that have a name */
	char *id;
	const char *backend;		/* the word behind -chardev */
	int log_fd;			/* gets what is written; -1: none */
	bool open;			/* the other side is there */
	bool takes_fds;			/* its front-end has use for them */
	bool frontend_open;		/* our side is, as far as it knows */
	bool focus;			/* what is typed goes to our side */
	bool joins_others;		/* a mux or hub: not to be stacked */
	bool several_clients;		/* what they say is mixed */
	bool no_room;			/* for output, which has been said */
	bool no_log_room;
	uint16_t cols;			/* of its window; 0: not known */
	uint16_t rows;
	unsigned int want;		/* CHARDEV_READ and so on */
	const struct chardev_frontend_ops *frontend;	/* NULL: unused */
	void *frontend_data;
};

extern const struct chardev_ops chardev_file_ops;
extern const struct chardev_ops chardev_hub_ops;
extern const struct chardev_ops chardev_mux_ops;
extern const struct chardev_ops chardev_null_ops;
extern const struct chardev_ops chardev_pipe_ops;
extern const struct chardev_ops chardev_pty_ops;
extern const struct chardev_ops chardev_ringbuf_ops;
extern const struct chardev_ops chardev_serial_ops;
extern const struct chardev_ops chardev_socket_ops;
extern const struct chardev_ops chardev_stdio_ops;
extern const struct chardev_ops chardev_udp_ops;

/* Options of all of them. */
extern const struct opt_desc *const chardev_common_options;

/* Another: a bool, for whoever makes a mux on top. */
extern const struct opt_desc *const chardev_mux_option;

/* All back-ends, NULL at the end. */
extern const struct chardev_ops *const chardev_backends[];

const struct chardev_ops *chardev_backend_find(const char *name);

/**
 * chardev_create() - make the back-end that the options describe
 * @event:   the loop
 * @opts:    with `backend` and `id`
 * @runtime: not at start-up: nothing may wait
 * @ret:     the back-end, on success
 * @error:   why not
 *
 * Return: 0, -errno.
 */
int chardev_create(struct sd_event *event, const struct opts *opts,
		   bool runtime, struct chardev **ret, struct error *error);

/* NULL is allowed.  Has no front-end any more. */
void chardev_destroy(struct chardev *chr);

/* The one that chardev_create() has made of this id, or NULL. */
struct chardev *chardev_find(const char *id);

/* Zero but for the clients where the back-end does not keep them. */
struct chardev_stats chardev_get_stats(const struct chardev *chr);

/*
 * Who is to be told when the first client of a named one that can have several
 * comes, or of one that keeps output for them, and when the last has gone.
 */
void chardev_watch_clients(void (*changed)(void *data, const char *id,
					   bool present),
			   void *data);

/* For back-ends: so it is. */
void chardev_clients_changed(const struct chardev *chr, bool present);

/* Where one more front-end can attach; NULL: there is no place. */
struct chardev *chardev_free_end(struct chardev *chr);

/* Has it a front-end? */
bool chardev_in_use(const struct chardev *chr);

/**
 * chardev_attach() - become the front-end
 *
 * opened() is not called for what is open already: look at chr->open.
 *
 * Return: 0, -EBUSY.
 */
int chardev_attach(struct chardev *chr, const struct chardev_frontend_ops *ops,
		   void *data);

/* No callback follows. */
void chardev_detach(struct chardev *chr);

/**
 * chardev_replace() - give one back-end's front-end to another
 * @old: loses it
 * @chr: without a front-end
 *
 * Return: 0; -EOPNOTSUPP when the front-end cannot do that.
 */
int chardev_replace(struct chardev *old, struct chardev *chr);

ssize_t chardev_readv(struct chardev *chr, const struct iovec *iov, int num);
ssize_t chardev_writev(struct chardev *chr, const struct iovec *iov, int num);

/* Set what of @mask is wanted to @want. */
void chardev_want(struct chardev *chr, unsigned int mask, unsigned int want);

/* Tell the back-end whether anybody listens on our side. */
void chardev_set_frontend_open(struct chardev *chr, bool open);

/* As in chardev_ops; -ENOENT, -EOPNOTSUPP where there is no such thing. */
int chardev_take_fd(struct chardev *chr);
int chardev_add_client(struct chardev *chr, int fd);

/* Send a break, where there is such a thing. */
void chardev_send_break(struct chardev *chr);

/* The character that begins a command to a mux, 1 (Ctrl-a) if not set. */
void chardev_mux_set_escape(unsigned char c);

/* The process goes to the background: standard input is not for it. */
void chardev_stdio_forbid(void);

/* Of a ringbuf: how much there is; take up to @size.  Return: bytes. */
size_t chardev_ringbuf_len(struct chardev *chr);
size_t chardev_ringbuf_read(struct chardev *chr, void *buf, size_t size);

void chardev_filename(struct chardev *chr, char *buf, size_t size);

/* The window has this size from now on. */
void chardev_set_size(struct chardev *chr, uint16_t cols, uint16_t rows);

/* For back-ends: ask the terminal @fd for its size.  0 by 0 is no size. */
void chardev_read_size(struct chardev *chr, int fd);

/* For back-ends: the other side came or went. */
void chardev_opened(struct chardev *chr);
void chardev_closed(struct chardev *chr);

#endif /* VPORTEMU_CHARDEV_H */
