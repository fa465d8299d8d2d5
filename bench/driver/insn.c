// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * insn.c - a TCG plugin that counts a guest's instructions between two marks
 *
 * qemu -accel tcg -plugin insn.so,out=FILE: each time the guest passes the mark
 * "end" the number of instructions since "begin" is written as a line of FILE.
 * Whatever the guest ran counts, interrupts and other tasks included, to within
 * a block of translated code; a processor that waits runs nothing.
 *
 * For version 1 of the plugin interface (QEMU up to 8.x), which is declared here
 * because no package ships its header.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "mark.h"

#define EXPORT	__attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
typedef uint64_t qemu_plugin_id_t;

/* QEMU_PLUGIN_INLINE_ADD_U64, QEMU_PLUGIN_CB_NO_REGS */
enum { INLINE_ADD_U64 };
enum { CB_NO_REGS };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
		void (*cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
						 size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op,
					      void *ptr, uint64_t imm);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
		void (*cb)(unsigned int cpu, void *data), int flags, void *data);

EXPORT int qemu_plugin_version = 1;

static uint64_t executed;
static uint64_t begun;
static FILE *out;

static void begin_passed(unsigned int cpu, void *data)
{
	begun = executed;
}

static void end_passed(unsigned int cpu, void *data)
{
	fprintf(out, "%" PRIu64 "\n", executed - begun);
	fflush(out);
}

static bool is_mark(const struct qemu_plugin_insn *insn, uint32_t mark)
{
	uint8_t bytes[MARK_SIZE] = MARK_OPCODE;

	memcpy(bytes + MARK_SIZE - sizeof(mark), &mark, sizeof(mark));
	return qemu_plugin_insn_size(insn) == MARK_SIZE &&
	       !memcmp(qemu_plugin_insn_data(insn), bytes, MARK_SIZE);
}

static void block_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *insn;
	size_t i;

	qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &executed,
						 count);
	for (i = 0; i < count; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		if (is_mark(insn, MARK_BEGIN))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, begin_passed,
							       CB_NO_REGS, NULL);
		else if (is_mark(insn, MARK_END))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, end_passed,
							       CB_NO_REGS, NULL);
	}
}

/* The one function that QEMU looks up. */
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
			       int argc, char **argv);

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
			       int argc, char **argv)
{
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "insn: expected out=FILE\n");
		return -1;
	}
	out = fopen(argv[0] + 4, "w");
	if (!out) {
		perror(argv[0] + 4);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
	return 0;
}
