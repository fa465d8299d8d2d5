/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * streams.h - standard input, output and error of a process
 */

#ifndef VPORT_STREAMS_H
#define VPORT_STREAMS_H

/**
 * streams_open() - make sure that there are all three
 *
 * To be called before anything else is opened: what is closed would be the
 * number of a peer's socket or a file by and by, which then got our messages.
 */
void streams_open(void);

/**
 * streams_flush() - has all arrived that was printed?
 *
 * A full disk under standard output is a failure of whoever exits.
 *
 * Return: 0, -EIO.
 */
int streams_flush(void);

#endif /* VPORT_STREAMS_H */
