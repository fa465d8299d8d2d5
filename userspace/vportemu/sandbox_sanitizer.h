/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox_sanitizer.h - what a build with sanitizers needs besides
 *
 * Its leak detector looks at the process from another one, at the end.
 */

#ifndef VPORTEMU_SANDBOX_SANITIZER_H
#define VPORTEMU_SANDBOX_SANITIZER_H

#include <seccomp.h>
#include <stddef.h>

#ifdef __SANITIZE_ADDRESS__
static const int sandbox_sanitizer_calls[] = {
	SCMP_SYS(clone), SCMP_SYS(getdents), SCMP_SYS(getdents64),
	SCMP_SYS(getppid),
	SCMP_SYS(getrlimit), SCMP_SYS(pipe), SCMP_SYS(pipe2),
	SCMP_SYS(prctl), SCMP_SYS(prlimit64), SCMP_SYS(process_vm_readv),
	SCMP_SYS(ptrace), SCMP_SYS(sched_yield), SCMP_SYS(setrlimit),
	SCMP_SYS(wait4),
};

static const size_t sandbox_sanitizer_count =
	sizeof(sandbox_sanitizer_calls) / sizeof(sandbox_sanitizer_calls[0]);
#else
static const int sandbox_sanitizer_calls[1];
static const size_t sandbox_sanitizer_count;
#endif

#endif /* VPORTEMU_SANDBOX_SANITIZER_H */
