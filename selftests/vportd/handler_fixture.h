/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handler_fixture.h - a handler behind a port, and the host on its other side
 *
 * The port's descriptor is one end of a socket pair, the test is the host.
 */

#ifndef HANDLER_FIXTURE_H
#define HANDLER_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

struct port;

extern sd_event *fixture_event;
extern struct port *fixture_port;
extern char fixture_dir[64];	/* for sockets and files; removed at the end */
extern const char *fixture_devnode;	/* NULL: one that is not there */

/* For cmocka. */
int fixture_begin(void **state);
int fixture_end(void **state);

/* Start the handler of "[*]\n@conf"; "%s" in it is fixture_dir. */
void fixture_start(const char *conf);
void fixture_stop(void);

/* A host connects or leaves, as the device tells. */
void host_comes(void);
void host_leaves(void);

/* For hold = with-peer: whether the node is open. */
bool node_is_open(void);

/* Its end of the port, which does not block. */
int host_fd(void);

void host_sends(const void *data, size_t len);
/* The loop runs until these have come. */
void host_gets(const char *text);

/* The loop runs until @fd can be read, for 10 s at most. */
void wait_for_input(int fd);
/* The loop has nothing left to do. */
void turns(void);

/* Connect to, or listen at, the unix socket "sock" in fixture_dir. */
int peer_connect(void);
int peer_listen(void);
int peer_accept(int listener);
void peer_gets(int fd, const char *text);
void peer_sends(int fd, const char *text);
/* The end of file comes, and nothing before it. */
void peer_gets_end(int fd);
void nothing_to_read(int fd);

/* Wait until the file in fixture_dir reads so. */
void wait_for_file(const char *name, const char *text);
void write_file(const char *name, const char *text);

#endif /* HANDLER_FIXTURE_H */
