/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_path.h - what a person calls a port
 */

#ifndef VPORTCTL_PORT_PATH_H
#define VPORTCTL_PORT_PATH_H

struct client;

/**
 * port_path() - the path for a word
 * @word: a path, a device such as vport0p1, or the name that a port of this
 *        machine has, which comes before a file in this directory
 *
 * Return: the path, to be freed: that of the node, which is the word itself in
 *         /dev if there is no such port; NULL for want of memory.
 */
char *port_path(const char *word);

/**
 * port_open() - connect to what a word stands for
 * @word:       see port_path()
 * @timeout_ms: of all that is done with it
 * @ret:        the connection; client_close() it
 *
 * Return: 0, or -errno after saying why.
 */
int port_open(const char *word, unsigned int timeout_ms, struct client **ret);

#endif /* VPORTCTL_PORT_PATH_H */
