// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sandbox.c - what the process may ask of the kernel once it has started
 *
 * Guests and monitors' clients are served with what is listed here: moving
 * bytes, memory without code in it, and what chardev-add needs to make
 * character devices.  Anything else fails with EPERM, and what only an intruder
 * would want (another program) ends the process.
 */

#include <errno.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "error.h"
#include "opts.h"
#include "sandbox.h"
#include "sandbox_sanitizer.h"

struct sandbox_options {
	bool enable;
	const char *denied[4];
};

#define DENIED(name, index) \
	{ name, OPT_STRING, offsetof(struct sandbox_options, denied[index]) }

/* The last four are QEMU's; what they can deny is denied in any case. */
static const struct opt_desc sandbox_options[] = {
	{ "enable", OPT_BOOL, offsetof(struct sandbox_options, enable) },
	DENIED("obsolete", 0),
	DENIED("elevateprivileges", 1),
	DENIED("spawn", 2),
	DENIED("resourcecontrol", 3),
	{ NULL }
};

int sandbox_parse(const char *arg, bool *ret_on, struct error *error)
{
	struct sandbox_options options = { .enable = true };
	struct opts opts;
	size_t i;
	int ret;

	ret = opts_parse(&opts, arg, "enable", error);
	if (ret)
		return ret;
	ret = opts_apply(&opts, sandbox_options, NULL, &options, error);
	for (i = 0; i < 4 && !ret; i++) {
		if (options.denied[i] && strcmp(options.denied[i], "deny"))
			ret = error_set(error, -EINVAL,
					"Parameter '%s' does not accept value '%s', expected 'deny'",
					sandbox_options[i + 1].name,
					options.denied[i]);
	}
	opts_finish(&opts);
	if (!ret)
		*ret_on = options.enable;
	return ret;
}

static const int allowed[] = {
	/* the event loop */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2), SCMP_SYS(epoll_wait), SCMP_SYS(eventfd2),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(gettimeofday),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(signalfd4),
	SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),

	/* moving bytes */
	SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(pwrite64),
	SCMP_SYS(pwritev), SCMP_SYS(read), SCMP_SYS(readv),
	SCMP_SYS(recvfrom), SCMP_SYS(recvmmsg), SCMP_SYS(recvmsg),
	SCMP_SYS(sendmmsg), SCMP_SYS(sendmsg), SCMP_SYS(sendto),
	SCMP_SYS(write), SCMP_SYS(writev),

	/* sockets and descriptors */
	SCMP_SYS(accept4), SCMP_SYS(bind), SCMP_SYS(close), SCMP_SYS(connect),
	SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(fcntl),
	SCMP_SYS(fcntl64), SCMP_SYS(getpeername), SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt), SCMP_SYS(listen), SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown), SCMP_SYS(memfd_create),

	/* files, and what is known of them */
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(fstat), SCMP_SYS(fstat64), SCMP_SYS(fstatfs),
	SCMP_SYS(ftruncate), SCMP_SYS(getcwd), SCMP_SYS(inotify_add_watch),
	SCMP_SYS(inotify_init1), SCMP_SYS(inotify_rm_watch), SCMP_SYS(lseek),
	SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(open),
	SCMP_SYS(openat), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	SCMP_SYS(stat), SCMP_SYS(statx), SCMP_SYS(symlink),
	SCMP_SYS(symlinkat), SCMP_SYS(uname), SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),

	/* memory and the C library */
	SCMP_SYS(brk), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(futex),
	SCMP_SYS(getrandom), SCMP_SYS(madvise), SCMP_SYS(mremap),
	SCMP_SYS(munmap), SCMP_SYS(restart_syscall), SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(sysinfo),
	SCMP_SYS(tgkill),
};

/* Sockets of other kinds, and other requests to terminals, are not ours. */
static const int families[] = {
	AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_VSOCK,
};

static const unsigned int requests[] = {
	FIONBIO, FIONREAD, TCFLSH, TCGETS, TCSBRK, TCSBRKP, TCSETS, TCSETSF,
	TCSETSW, TIOCCBRK, TIOCGPTN, TIOCGPTPEER, TIOCGWINSZ, TIOCMGET,
	TIOCMSET, TIOCOUTQ, TIOCSBRK, TIOCSPTLCK,
};

static const int deadly[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
};

static int add_lists(scmp_filter_ctx ctx)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && !ret; i++)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	for (i = 0; i < sizeof(deadly) / sizeof(deadly[0]) && !ret; i++)
		ret = seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, deadly[i],
				       0);
	for (i = 0; i < sandbox_sanitizer_count && !ret; i++)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW,
				       sandbox_sanitizer_calls[i], 0);
	return ret;
}

static int add_arguments(scmp_filter_ctx ctx)
{
	size_t i;
	int ret;

	ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
			       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!ret)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect),
				       1, SCMP_A2(SCMP_CMP_MASKED_EQ,
						  PROT_EXEC, 0));
	for (i = 0; i < sizeof(families) / sizeof(families[0]) && !ret; i++)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket),
				       1, SCMP_A0(SCMP_CMP_EQ, families[i]));
	/* The C library hands over an int, of which the rest may be anything. */
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]) && !ret; i++)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				       SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX,
					       requests[i]));
	return ret;
}

int sandbox_enter(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int ret;

	if (!ctx)
		return -ENOMEM;

	ret = add_lists(ctx);
	if (!ret)
		ret = add_arguments(ctx);
	if (!ret)
		ret = seccomp_load(ctx);
	seccomp_release(ctx);
	return ret;
}
