/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.h - what the configuration says of a port
 */

#ifndef VPORTD_CONF_H
#define VPORTD_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct error;
struct handler_ops;
struct keyfile_entry;
struct port_setup;

enum conf_host_leaves {
	CONF_CLOSE,		/* a connection belongs to one host */
	CONF_KEEP,		/* and is there for the next one, too */
};

enum conf_hold {
	CONF_HOLD_ALWAYS,
	CONF_HOLD_WITH_PEER,	/* the node is open while somebody is connected */
};

enum conf_start {
	CONF_AT_ONCE,
	CONF_CONNECTED,		/* a program for every host, as inetd does */
};

enum conf_restart {
	CONF_RESTART_ALWAYS,
	CONF_RESTART_ON_FAILURE,
	CONF_RESTART_NO,
	CONF_RESTART_AUTO,	/* always, but not for each host */
};

enum conf_pass {
	CONF_PASS_STDIO,
	CONF_PASS_LISTEN_FD,	/* the open node, as LISTEN_FDS tells */
	CONF_PASS_PATH,		/* the program opens the node itself */
};

enum conf_target {
	CONF_TO_JOURNAL,
	CONF_TO_SYSLOG,
	CONF_TO_FILE,
};

/*
 * A section.  The keys of other handlers have their defaults.  What a "%" may
 * stand in is a template: see conf_expand().
 */
struct port_conf {
	unsigned int refs;
	char *pattern;			/* fnmatch(3) of the port's name */
	char *file;
	unsigned int line;
	uint64_t given;			/* a bit for each key */
	char *text;			/* keys and values: the same are equal */
	const struct handler_ops *handler;	/* NULL: leave it alone */

	/* It applies only if */
	char *if_executable;		/* there is this program */
	bool if_systemd;		/* systemd runs the machine, or not */

	/* relay */
	char *listen;			/* template of an address */
	char *connect;
	bool has_owner;
	uid_t owner;
	bool has_group;
	gid_t group;
	mode_t mode;
	enum conf_host_leaves host_leaves;
	enum conf_hold hold;

	/* exec */
	char **command;			/* templates */
	char **environment;		/* templates */
	char *user;
	uid_t uid;
	gid_t gid;
	char *directory;
	enum conf_pass pass;
	enum conf_start start;
	enum conf_restart restart;
	uint64_t restart_delay;		/* microseconds */
	uint64_t stop_timeout;

	/* log */
	enum conf_target target;
	char *path;			/* template */
	uint64_t max_size;		/* 0: none */
	unsigned int keep_files;
};

/**
 * conf_create() - begin a section
 * @entry: where it begins
 *
 * Return: the section with one reference, or NULL.
 */
struct port_conf *conf_create(const struct keyfile_entry *entry);

/**
 * conf_set() - a key of a section
 * @conf:  the section
 * @entry: the key
 * @error: why not
 *
 * Return: 0, -EINVAL, -ENOMEM.
 */
int conf_set(struct port_conf *conf, const struct keyfile_entry *entry,
	     struct error *error);

/* The section ends: is it complete?  Return: 0, or -EINVAL with the error. */
int conf_check(const struct port_conf *conf, struct error *error);

/* Whether a port called @name is this section's, here and now. */
bool conf_matches(const struct port_conf *conf, const char *name);

/* Whether output is for whatever host comes next, see port_setup. */
bool conf_keeps_output(const struct port_conf *conf);

struct port_conf *conf_ref(struct port_conf *conf);

/* NULL is allowed. */
void conf_unref(struct port_conf *conf);

/**
 * conf_expand() - a template's text for a port
 * @template: %n is the port's name, %d its device (vport0p1), %p the node's
 *            path, %% a percent sign
 * @setup:    the port
 *
 * Return: the text, or NULL for want of memory.
 */
char *conf_expand(const char *template, const struct port_setup *setup);

/* The same for a list; words_free() it. */
char **conf_expand_words(char **templates, const struct port_setup *setup);

/* Whether one directory entry can be called so. */
bool conf_name_is_safe(const char *name);

#endif /* VPORTD_CONF_H */
