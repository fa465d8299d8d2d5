/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - the host's side of a guest's test
 *
 * struct host		the run: emulator processes, monitor, verdict
 * struct port		a port and the host end of its socket
 * struct request	a line from the guest that is being served
 *
 * Whoever takes long answers later: a request is on host->requests until
 * request_ok() or request_err(), and any number may be there.
 */

#ifndef VMHOST_HOST_H
#define VMHOST_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "bytes.h"

struct json_object;
struct qmp;

#define REQUEST_MAX_LEN		256	/* of a line */
#define REQUEST_MAX_WORDS	8

enum port_mode {
	PORT_HOLD,		/* reads nothing: the emulator must wait */
	PORT_EXPECT,		/* checks rx_left bytes of a pattern */
	PORT_ECHO,		/* sends back what comes */
	PORT_RECORDS,		/* checks rx_left bytes of records */
	PORT_CONTROL,		/* requests of the guest */
};

#define PORT_MAX_WRITERS	16	/* in the records of one port */

struct port_records {
	uint32_t size;		/* of each */
	uint32_t next[PORT_MAX_WRITERS];	/* sequence number */
	struct bytes partial;
};

struct port {
	struct port *next;
	struct host *host;
	char *name;		/* as the guest sees it */
	char *chardev;
	char *path;		/* of the chardev's socket; NULL: it has none */
	char *device;		/* id of a plugged port; NULL: always there */
	char *bus;
	bool console;
	bool guest_open;	/* of a console, from events */

	int fd;			/* -1: the host end is closed */
	sd_event_source *io;
	enum port_mode mode;
	struct bytes out;	/* to be sent before any pattern */
	struct bytes line;	/* of a request, as far as it came */

	uint64_t tx_left, tx_offset;
	uint64_t rx_left, rx_offset;
	uint32_t tx_seed;
	uint32_t rx_seed;
	struct port_records records;
	char failure[120];	/* what was wrong with the data, else "" */
	struct request *waiter;	/* answered when nothing is left */
};

struct request {
	struct request *next;
	struct host *host;
	unsigned long id;	/* the guest's */
	char line[REQUEST_MAX_LEN];
	char *words[REQUEST_MAX_WORDS];
	unsigned int nwords;
	struct port *port;	/* named by words[1], for the verbs that ask */
	bool want;		/* state that is waited for */
	bool queued;		/* not started: host->alone goes first */
	unsigned int tries;
	unsigned int left;	/* answers and events still to come */
	void (*deleted)(struct request *req);	/* set: waits for the event */
	void (*guest_changed)(struct request *req);	/* likewise */
	const char *device;	/* of the event */
};

/* A descriptor of ours that the first program gets under another number. */
struct handed {
	int fd;
	int as;
};

#define HOST_MAX_HANDED	4

struct host {
	sd_event *event;
	struct qmp *qmp;
	struct port *ports;
	struct port *control;
	struct request *requests;
	struct request *alone;	/* the one that changes the machine */
	const char *dir;	/* for the sockets of plugged ports */
	const char *bus;	/* of plugged ports, unless they say */
	const char *when_open;	/* device that starts run */
	const char *run;
	struct handed handed[HOST_MAX_HANDED];
	unsigned int nhanded;
	bool running;
	bool judged;
	bool passed;
};

/* listen.c */
int listen_unix(const char *path);
int pass_on(struct host *host, int fd, int as);

/* main.c */
void host_verdict(struct host *host, bool passed, const char *why);

/* child.c */
typedef void child_exited_fn(struct host *host, int status);
int child_start(struct host *host, char *const argv[], bool pass,
		child_exited_fn *exited);
void child_kill_all(void);

/* port.c */
int port_add(struct host *host, const char *name, const char *chardev,
	     const char *path, struct port **ret);
void port_remove(struct port *port);
struct port *port_find(struct host *host, const char *name);
int port_connect(struct port *port);
void port_disconnect(struct port *port);
int port_send(struct port *port, const void *data, size_t len);
void port_set_mode(struct port *port, enum port_mode mode);
void port_update(struct port *port);
void port_fail(struct port *port, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* records.c */
void records_start(struct port *port, uint32_t size, uint32_t count);
void records_input(struct port *port, const uint8_t *data, size_t len);

/* request.c */
void request_input(struct host *host, const uint8_t *data, size_t len);
void request_ok(struct request *req, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void request_err(struct request *req, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void request_event(struct host *host, const char *name,
		   struct json_object *members);

/* state.c */
void request_confirm_host(struct request *req, bool open);
void request_query(struct request *req);
void request_await(struct request *req);

/* hotplug.c */
void request_plug(struct request *req);
void request_unplug(struct request *req);
void request_remove(struct request *req);
void request_plug_pci(struct request *req);
void request_unplug_pci(struct request *req);

#endif /* VMHOST_HOST_H */
