// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chardev.c - character devices, whatever their kind
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chardev.h"
#include "error.h"
#include "fanout.h"
#include "log.h"
#include "opts.h"
#include "passed_fd.h"

const struct chardev_ops *const chardev_backends[] = {
	&chardev_file_ops,
	&chardev_hub_ops,
	&chardev_mux_ops,
	&chardev_null_ops,
	&chardev_pipe_ops,
	&chardev_pty_ops,
	&chardev_ringbuf_ops,
	&chardev_serial_ops,
	&chardev_socket_ops,
	&chardev_stdio_ops,
	&chardev_udp_ops,
	NULL
};

/* All that have a name, the newest first. */
static struct chardev *named;

struct chardev *chardev_find(const char *id)
{
	struct chardev *chr;

	for (chr = named; chr; chr = chr->next) {
		if (!strcmp(chr->id, id))
			return chr;
	}
	return NULL;
}

const struct chardev_ops *chardev_backend_find(const char *name)
{
	const struct chardev_ops *const *ops;

	for (ops = chardev_backends; *ops; ops++) {
		if (!strcmp((*ops)->name, name) ||
		    ((*ops)->alias && !strcmp((*ops)->alias, name)))
			return *ops;
	}
	return NULL;
}

struct common_options {
	const char *logfile;
	bool logappend;
	uint64_t history_size;
	const char *history_policy;
	const char *history_spill;
	uint64_t spill_size;
	bool replay;
};

#define COMMON(option, type, member, help) \
	{ option, type, offsetof(struct common_options, member), help }

static const struct opt_desc common_options[] = {
	COMMON("logfile", OPT_STRING, logfile,
	       "write what comes from the guest to a file, too"),
	COMMON("logappend", OPT_BOOL, logappend,
	       "keep what is in that file (default: off)"),
	COMMON("history-size", OPT_SIZE, history_size,
	       "bytes from the guest to keep for who comes later (default: 0)"),
	COMMON("history-policy", OPT_STRING, history_policy,
	       "block, drop-oldest, drop-newest or spill when these are too many (default: block)"),
	COMMON("history-spill", OPT_STRING, history_spill,
	       "file for more, with the policy spill"),
	COMMON("history-spill-size", OPT_SIZE, spill_size,
	       "largest size of that file (default: 1G)"),
	COMMON("replay", OPT_BOOL, replay,
	       "send all that is kept to who comes, read or not (default: off)"),
	{ NULL }
};

const struct opt_desc *const chardev_common_options = common_options;

static const struct opt_desc mux_option[] = {
	{ "mux", OPT_BOOL, 0, "share it among several users (default: off)" },
	{ NULL }
};

const struct opt_desc *const chardev_mux_option = mux_option;

/* A log may not make anybody wait, so it is a file, a terminal or a device. */
static int log_open(const struct common_options *options, struct error *error)
{
	struct stat st;
	int fd, err;

	fd = passed_open(options->logfile, O_WRONLY | O_CREAT | O_CLOEXEC |
			 O_NONBLOCK | (options->logappend ? O_APPEND : O_TRUNC),
			 0666);
	if (fd < 0) {
		err = -errno;
		return error_set(error, err, "Unable to open logfile %s: %s",
				 options->logfile, strerror(-err));
	}
	if (fstat(fd, &st) || !(S_ISREG(st.st_mode) || S_ISCHR(st.st_mode))) {
		close(fd);
		return error_set(error, -EINVAL,
				 "Unable to open logfile %s: not a file",
				 options->logfile);
	}
	return fd;
}

/* The guest fills it: memory is bounded, and so is the disk. */
#define HISTORY_MAX		(1u << 30)
#define SPILL_DEFAULT		(1u << 30)

static int check_history(const struct common_options *options,
			 struct fanout_config *config, struct error *error)
{
	struct history_config *history = &config->history;

	if (!options->history_size) {
		if (options->history_policy || options->history_spill ||
		    options->replay)
			return error_set(error, -EINVAL,
				"'history-policy', 'history-spill' and 'replay' require 'history-size'");
		return 0;
	}
	if (options->history_size > HISTORY_MAX)
		return error_set(error, -EINVAL,
				 "Parameter 'history-size' expects up to %u",
				 HISTORY_MAX);
	if (options->history_policy &&
	    history_policy_parse(options->history_policy, &history->policy))
		return error_set(error, -EINVAL,
				 "Parameter 'history-policy' does not accept value '%s'",
				 options->history_policy);
	if ((history->policy == HISTORY_SPILL) != !!options->history_spill)
		return error_set(error, -EINVAL,
				 "'history-policy=spill' and 'history-spill' require each other");
	history->size = options->history_size;
	history->spill_path = options->history_spill;
	history->spill_size = options->spill_size;
	config->replay = options->replay;
	config->keep = true;
	return 0;
}

/* A fanout keeps its history itself; others get one in front of them. */
static int add_history(struct sd_event *event, const char *id,
		       const struct fanout_config *config, struct chardev **chr,
		       struct error *error)
{
	struct fanout *fanout = fanout_from_chardev(*chr);

	if (!config->keep)
		return 0;
	if ((*chr)->joins_others)
		return error_set(error, -EINVAL,
			"'history-size' option is incompatible with mux and hub");
	if (fanout)
		return fanout_configure(fanout, config, error);

	/* In messages it goes by the name of the whole. */
	(*chr)->id = strdup(id);
	if (!(*chr)->id)
		return error_set(error, -ENOMEM, "out of memory");
	return fanout_wrap(event, config, *chr, chr, error);
}

static int create_backend(struct sd_event *event,
			  const struct chardev_ops *ops,
			  const struct opts *opts, bool runtime,
			  const struct fanout_config *config,
			  struct chardev **ret, struct error *error)
{
	struct chardev *chr;
	int err;

	err = ops->create(event, opts, runtime, &chr, error);
	if (err)
		return err;
	chr->log_fd = -1;
	if (!chr->ops)
		chr->ops = ops;
	err = add_history(event, opts_get(opts, "id"), config, &chr, error);
	if (err) {
		chardev_destroy(chr);
		return err;
	}
	*ret = chr;
	return 0;
}

static int create_logged(struct sd_event *event,
			 const struct chardev_ops *ops,
			 const struct opts *opts, bool runtime,
			 struct chardev **ret, struct error *error)
{
	struct common_options common = { .spill_size = SPILL_DEFAULT };
	struct fanout_config config = { .keep = false };
	int log_fd = -1, err;
	struct opts rest;

	err = opts_apply_part(opts, chardev_common_options, &common, &rest,
			      error);
	if (err)
		return err;
	err = check_history(&common, &config, error);
	if (!err && common.logfile)
		log_fd = err = log_open(&common, error);
	if (err >= 0)
		err = create_backend(event, ops, &rest, runtime, &config, ret,
				     error);
	opts_finish(&rest);
	if (err) {
		if (log_fd >= 0)
			close(log_fd);
		return err;
	}
	(*ret)->log_fd = log_fd;
	return 0;
}

static const struct chardev_ops *find_backend(const struct opts *opts,
					      struct error *error)
{
	const char *backend = opts_get(opts, "backend");
	const char *id = opts_get(opts, "id");
	const struct chardev_ops *ops;

	ops = backend ? chardev_backend_find(backend) : NULL;
	if (!backend)
		error_set(error, -EINVAL, id ? "chardev: \"%s\" missing backend" :
			  "chardev: no id specified", id);
	else if (!ops)
		error_set(error, -EINVAL,
			  "'%s' is not a valid char driver name", backend);
	else if (!id)
		error_set(error, -EINVAL, "chardev: no id specified");
	else
		return ops;
	return NULL;
}

int chardev_create(struct sd_event *event, const struct opts *opts,
		   bool runtime, struct chardev **ret, struct error *error)
{
	const struct chardev_ops *ops = find_backend(opts, error);
	struct chardev *chr;
	char *copy;
	int err;

	if (!ops)
		return -EINVAL;

	copy = strdup(opts_get(opts, "id"));
	if (!copy)
		return error_set(error, -ENOMEM, "out of memory");
	err = create_logged(event, ops, opts, runtime, &chr, error);
	if (err) {
		free(copy);
		return err;
	}
	chr->id = copy;
	chr->backend = ops->name;
	chr->next = named;
	named = chr;
	*ret = chr;
	return 0;
}

void chardev_destroy(struct chardev *chr)
{
	struct chardev **link = &named;
	char *id;

	if (!chr)
		return;

	while (*link && *link != chr)
		link = &(*link)->next;
	if (*link)
		*link = chr->next;
	id = chr->id;
	if (chr->log_fd >= 0)
		close(chr->log_fd);
	chr->ops->destroy(chr);
	free(id);
}

int chardev_attach(struct chardev *chr, const struct chardev_frontend_ops *ops,
		   void *data)
{
	if (chr->frontend)
		return -EBUSY;

	chr->frontend = ops;
	chr->frontend_data = data;
	chr->focus = true;
	if (chr->ops->attached)
		chr->ops->attached(chr);
	return 0;
}

struct chardev *chardev_free_end(struct chardev *chr)
{
	if (chr->ops->free_end)
		return chr->ops->free_end(chr);

	return chr->frontend ? NULL : chr;
}

struct chardev_stats chardev_get_stats(const struct chardev *chr)
{
	struct chardev_stats stats = { .clients = chr->open };

	if (chr->ops->stats)
		chr->ops->stats(chr, &stats);
	return stats;
}

static struct {
	void (*changed)(void *data, const char *id, bool present);
	void *data;
} watcher;

void chardev_watch_clients(void (*changed)(void *data, const char *id,
					   bool present),
			   void *data)
{
	watcher.changed = changed;
	watcher.data = data;
}

void chardev_clients_changed(const struct chardev *chr, bool present)
{
	if (watcher.changed && chr->id)
		watcher.changed(watcher.data, chr->id, present);
}

bool chardev_in_use(const struct chardev *chr)
{
	return chr->ops->in_use ? chr->ops->in_use(chr) :
				  chr->frontend != NULL;
}

void chardev_detach(struct chardev *chr)
{
	chr->frontend = NULL;
	chr->frontend_data = NULL;
	chr->want = 0;
	chr->frontend_open = false;
	chr->ops->update(chr);
}

int chardev_replace(struct chardev *old, struct chardev *chr)
{
	const struct chardev_frontend_ops *ops = old->frontend;
	void *data = old->frontend_data;

	if (!ops)
		return 0;
	if (!ops->replaced)
		return -EOPNOTSUPP;

	chardev_detach(old);
	chardev_attach(chr, ops, data);
	ops->replaced(data, chr);
	return 0;
}

ssize_t chardev_readv(struct chardev *chr, const struct iovec *iov, int num)
{
	return chr->ops->readv(chr, iov, num);
}

/* A disk that is full costs output, and is told once until there is room. */
static void tell_room(const struct chardev *chr, const char *what, bool *no_room,
		      ssize_t len)
{
	bool now = len == -ENOSPC || len == -EDQUOT || len == -EFBIG;

	if (now && !*no_room)
		log_warn("chardev '%s': %s: %s: output is dropped",
			 chr->id ?: chr->ops->name, what, strerror(-len));
	if (now || len > 0)
		*no_room = now;
}

/* Return: 0, -errno when not all was written. */
static int log_part(int fd, const uint8_t *data, size_t len)
{
	ssize_t done;

	for (; len; data += done, len -= done) {
		done = write(fd, data, len);
		if (done < 0)
			return -errno;
	}
	return 0;
}

/* A log that is full or broken is no reason to hold anybody up. */
static void log_write(struct chardev *chr, const struct iovec *iov, int num,
		      size_t len)
{
	size_t part;
	int i, err = 0;

	for (i = 0; i < num && len && !err; i++) {
		part = iov[i].iov_len < len ? iov[i].iov_len : len;
		err = log_part(chr->log_fd, iov[i].iov_base, part);
		len -= part;
	}
	tell_room(chr, "logfile", &chr->no_log_room, err ?: 1);
}

ssize_t chardev_writev(struct chardev *chr, const struct iovec *iov, int num)
{
	ssize_t len = chr->ops->writev(chr, iov, num);

	if (len > 0 && chr->log_fd >= 0)
		log_write(chr, iov, num, len);
	if (len != -EAGAIN)
		tell_room(chr, chr->ops->name, &chr->no_room, len);
	return len;
}

int chardev_take_fd(struct chardev *chr)
{
	return chr->ops->take_fd ? chr->ops->take_fd(chr) : -ENOENT;
}

int chardev_add_client(struct chardev *chr, int fd)
{
	return chr->ops->add_client ? chr->ops->add_client(chr, fd) :
				      -EOPNOTSUPP;
}

void chardev_send_break(struct chardev *chr)
{
	if (chr->ops->send_break)
		chr->ops->send_break(chr);
}

void chardev_want(struct chardev *chr, unsigned int mask, unsigned int want)
{
	unsigned int old = chr->want;

	chr->want = (old & ~mask) | want;
	if (chr->want != old)
		chr->ops->update(chr);
}

void chardev_set_frontend_open(struct chardev *chr, bool open)
{
	if (chr->frontend_open == open)
		return;

	chr->frontend_open = open;
	chr->ops->update(chr);
}

void chardev_filename(struct chardev *chr, char *buf, size_t size)
{
	chr->ops->filename(chr, buf, size);
}

void chardev_set_size(struct chardev *chr, uint16_t cols, uint16_t rows)
{
	if (chr->cols == cols && chr->rows == rows)
		return;

	chr->cols = cols;
	chr->rows = rows;
	if (chr->frontend && chr->frontend->resized)
		chr->frontend->resized(chr->frontend_data);
}

void chardev_read_size(struct chardev *chr, int fd)
{
	struct winsize size;

	if (!ioctl(fd, TIOCGWINSZ, &size) && size.ws_col && size.ws_row)
		chardev_set_size(chr, size.ws_col, size.ws_row);
}

void chardev_opened(struct chardev *chr)
{
	chr->open = true;
	if (chr->frontend)
		chr->frontend->opened(chr->frontend_data);
}

void chardev_closed(struct chardev *chr)
{
	chr->open = false;
	if (chr->frontend)
		chr->frontend->closed(chr->frontend_data);
}
