/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * work.h - what may block, done by a thread
 */

#ifndef VPORTD_WORK_H
#define VPORTD_WORK_H

struct work {
	/*
	 * run() - do it; may block for ever.
	 *
	 * Context: A thread.  May touch what nobody else does until done(), and
	 * neither allocates nor frees: the daemon forks without looking.
	 */
	void (*run)(struct work *work);

	/* done() - run() is over; the work is its owner's again. */
	void (*done)(struct work *work);

	struct work *next;
};

/**
 * work_start() - have it run
 * @work: borrowed until its done()
 *
 * Return: 0, or -errno; -EAGAIN when too much is in progress already.
 */
int work_start(struct work *work);

/* No done() is called any more.  What is stuck ends with the process. */
void work_finish(void);

#endif /* VPORTD_WORK_H */
