/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mark.h - an instruction that does nothing, for insn.c to find: nopl with a
 * displacement that no compiler chooses
 */

#ifndef BENCH_MARK_H
#define BENCH_MARK_H

#define MARK_OPCODE	{ 0x0f, 0x1f, 0x80 }
#define MARK_SIZE	7
#define MARK_BEGIN	0x7670be61u
#define MARK_END	0x7670e4d0u

#define mark(number) \
	asm volatile(".byte 0x0f, 0x1f, 0x80; .long %c0" : : "i"(number) : "memory")

#endif /* BENCH_MARK_H */
