// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verbs_test.c - files and programs of a guest, and plain bytes
 */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent_process.h"
#include "command_run.h"

static struct agent_process agent;

#define AGENT(words) \
	command_run("build/vportctl agent %s " words, agent.path)

/* A command of the shell, with the agent's directory in place of "$D". */
static int in_shell(const char *command)
{
	setenv("D", agent.dir, 1);
	setenv("A", "build/vportctl agent", 1);
	setenv("S", agent.path, 1);
	setenv("COMMAND", command, 1);
	return command_run("sh -c \"$COMMAND\"");
}

static void exit_status_is_the_programs(void **state)
{
	assert_int_equal(0, AGENT("exec true"));
	assert_int_equal(7, AGENT("exec -- sh -c 'exit 7'"));
	assert_int_equal(128 + 9, AGENT("exec -- sh -c 'kill -9 $$'"));
	assert_int_equal(125, AGENT("exec /nonexistent/program"));
	assert_int_equal(125, AGENT("exec"));
	assert_int_equal(125, AGENT("exec --"));
	assert_int_equal(125, command_run("build/vportctl agent /nonexistent "
					  "exec true"));
}

static void streams_are_apart(void **state)
{
	assert_int_equal(0, in_shell("$A $S exec -- sh -c 'echo out; echo err >&2' "
				     "2>/dev/null"));
	assert_string_equal("out\n", output);
	assert_int_equal(0, in_shell("$A $S exec -- sh -c 'echo out; echo err >&2' "
				     ">/dev/null"));
	assert_string_equal("err\n", output);
	assert_int_equal(0, in_shell("printf 'a\\0b' | $A $S exec --input -- "
				     "od -An -c"));
	assert_non_null(strstr(output, "a  \\0   b"));
}

static void files_go_there_and_back(void **state)
{
	assert_int_equal(0, in_shell(
		"set -e; head -c 3000001 /dev/urandom >$D/a; "
		"$A $S put $D/a $D/b; $A $S get $D/b $D/c; cmp $D/a $D/c; "
		"$A $S get $D/b - | cmp - $D/a; "
		"$A $S put - $D/d <$D/a; cmp $D/a $D/d; "
		"mkdir $D/dir; $A $S put $D/a $D/dir/; cmp $D/a $D/dir/a; "
		": >$D/empty; $A $S put $D/empty $D/e; test -e $D/e; "
		"$A $S get $D/e $D/dir; test -e $D/dir/e; "
		"$A $S get /proc/version - | cmp - /proc/version; "
		"rm -r $D/[a-e] $D/dir $D/empty"));
	assert_string_equal("", output);
}

/* A device, a fifo or a link that has the name keeps it. */
static void special_files_stay(void **state)
{
	assert_int_equal(0, in_shell(
		"set -e; echo words >$D/a; mkfifo $D/p; cat $D/p >$D/o & "
		"$A $S get $D/a $D/p; wait; test -p $D/p; cmp $D/a $D/o; "
		": >$D/real; ln -s real $D/l; $A $S get $D/a $D/l; "
		"test -L $D/l; cmp $D/a $D/real; "
		"test ! -e $D/l.part; rm $D/a $D/p $D/o $D/real $D/l"));
	assert_string_equal("", output);
}

static void file_that_fails_leaves_nothing(void **state)
{
	assert_int_equal(1, in_shell("$A $S get /nonexistent $D/x"));
	assert_non_null(strstr(output, "vportctl: guest-file-open: "));
	assert_int_equal(1, in_shell("$A $S get $D $D/x"));
	assert_int_equal(1, in_shell("$A $S put $D/nonexistent $D/x"));
	assert_int_equal(1, in_shell("test -e $D/x -o -e $D/x.part"));
	assert_int_equal(1, in_shell("$A $S get"));
	assert_non_null(strstr(output, "agent: get: expected \"get FILE [LOCAL]\""));
}

static void shell_keeps_its_directory(void **state)
{
	assert_int_equal(3, in_shell("printf '%s\\n' 'cd /usr/' 'pwd' '' 'cd -- nope' "
				     "'pwd' '(exit 3)' | $A $S shell 2>/dev/null"));
	assert_string_equal("/usr\n/usr\n", output);
	assert_int_equal(0, in_shell("printf '%s\\n' 'echo a; exit 5' 'echo $#b' exit "
				     "'echo never' | $A $S shell"));
	assert_string_equal("a\n0b\n", output);
	assert_int_equal(0, in_shell("printf 'printf x >&2\\n' | $A $S shell"));
	assert_string_equal("x", output);
}

static void pings_are_measured(void **state)
{
	assert_int_equal(0, command_run("build/vportctl ping -c 3 -i 0.01 %s",
					agent.path));
	assert_non_null(strstr(output, ": answer 3 after "));
	assert_non_null(strstr(output, "\n3 answers, shortest "));
	assert_int_equal(1, command_run("build/vportctl ping -c 0 x"));
	assert_one_line("vportctl: --count=0: expected a number from 1 to "
			"1000000\n");
}

/* A peer that says @hello, reads to the end and writes that to @into. */
static pid_t peer_start(const char *hello, const char *into)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char buf[256];
	FILE *file;
	ssize_t n;
	pid_t pid;
	int fd;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/peer", agent.dir);
	assert_int_equal(0, bind(listener, (struct sockaddr *)&addr,
				 sizeof(addr)));
	assert_int_equal(0, listen(listener, 1));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fd = accept(listener, NULL, NULL);
		n = send(fd, hello, strlen(hello), MSG_NOSIGNAL);
		file = fopen(into, "we");
		shutdown(fd, SHUT_WR);
		while ((n = read(fd, buf, sizeof(buf))) > 0)
			fwrite(buf, 1, n, file);
		_exit(fclose(file));
	}
	close(listener);
	return pid;
}

static void bytes_pass_as_they_are(void **state)
{
	char into[128];
	pid_t pid;

	snprintf(into, sizeof(into), "%s/got", agent.dir);
	pid = peer_start("all\nthere is\n", into);
	assert_int_equal(0, in_shell("build/vportctl cat $D/peer"));
	assert_string_equal("all\nthere is\n", output);
	assert_int_equal(pid, waitpid(pid, NULL, 0));

	in_shell("rm $D/peer");
	pid = peer_start("", into);
	assert_int_equal(0, in_shell("printf 'a\\nb' | build/vportctl send $D/peer"));
	assert_int_equal(pid, waitpid(pid, NULL, 0));
	assert_int_equal(0, in_shell("cat $D/got; rm $D/got $D/peer"));
	assert_string_equal("a\nb", output);
	/* Nobody reads: it does not wait for more to come. */
	pid = peer_start("two\nlines\n", into);
	assert_int_equal(0, in_shell("{ build/vportctl cat --follow $D/peer; "
				     "echo $? >$D/got; } | head -n 1; cat $D/got"));
	assert_string_equal("two\n1\n", output);
	assert_int_equal(pid, waitpid(pid, NULL, 0));
	in_shell("rm $D/got $D/peer");

	assert_int_equal(1, in_shell("build/vportctl cat /nonexistent"));
	assert_one_line("vportctl: /nonexistent: No such file or directory\n");
}

static int begin(void **state)
{
	agent_process_start(&agent);
	return 0;
}

static int end(void **state)
{
	return agent_process_stop(&agent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_status_is_the_programs),
		cmocka_unit_test(streams_are_apart),
		cmocka_unit_test(files_go_there_and_back),
		cmocka_unit_test(special_files_stay),
		cmocka_unit_test(file_that_fails_leaves_nothing),
		cmocka_unit_test(shell_keeps_its_directory),
		cmocka_unit_test(pings_are_measured),
		cmocka_unit_test(bytes_pass_as_they_are),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
