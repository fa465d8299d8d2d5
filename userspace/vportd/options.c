// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options.c - the command line
 *
 * The options are qemu-ga's and some of our own.  Called by the name qemu-ga,
 * which a link may have, the daemon is that in all it says and does.
 */

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "conf_value.h"
#include "log.h"
#include "options.h"

#define AGENT_VERSION_MAX	64

/* A day: whoever waits longer than that waits for ever. */
#define HOOK_SECONDS_MAX	86400

#define DEFAULT_PIDFILE		"/var/run/qemu-ga.pid"

/* Options without a letter. */
enum {
	OPT_AGENT_VERSION = 256,
	OPT_CHECK_CONF,
	OPT_CONF,
	OPT_HELPER,
	OPT_HOOK_TIMEOUT,
	OPT_REPLY_MAX,
};

static const struct option long_options[] = {
	{ "agent-version", required_argument, NULL, OPT_AGENT_VERSION },
	{ "allow-rpcs", required_argument, NULL, 'a' },
	{ "blacklist", required_argument, NULL, 'b' },
	{ "block-rpcs", required_argument, NULL, 'b' },
	{ "check-conf", no_argument, NULL, OPT_CHECK_CONF },
	{ "conf", required_argument, NULL, OPT_CONF },
	{ "config", required_argument, NULL, 'c' },
	{ "daemonize", no_argument, NULL, 'd' },
	{ "dump-conf", no_argument, NULL, 'D' },
	{ "fsfreeze-hook", optional_argument, NULL, 'F' },
	{ "help", no_argument, NULL, 'h' },
	{ "helper", required_argument, NULL, OPT_HELPER },
	{ "hook-timeout", required_argument, NULL, OPT_HOOK_TIMEOUT },
	{ "logfile", required_argument, NULL, 'l' },
	{ "method", required_argument, NULL, 'm' },
	{ "path", required_argument, NULL, 'p' },
	{ "pidfile", required_argument, NULL, 'f' },
	{ "reply-max", required_argument, NULL, OPT_REPLY_MAX },
	{ "retry-path", no_argument, NULL, 'r' },
	{ "statedir", required_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL },
};

static int reject_as_qemu_ga(void)
{
	printf("Unknown option, try 'qemu-ga --help' for more information.\n");
	return -EINVAL;
}

/* getopt() tells a short option by its letter, a long one by its word. */
static int reject_option(const struct options *options, const char *word)
{
	if (!optopt)
		log_err("%s: unknown option, see --help", word);
	else if (!strncmp(word, "--", 2))
		log_err("%s: takes no argument, see --help", word);
	else
		log_err("-%c: unknown option, see --help", optopt);
	return options->as_qemu_ga ? reject_as_qemu_ga() : -EINVAL;
}

static int reject_missing(const struct options *options, const char *word)
{
	log_err("%s: needs an argument, see --help", word);
	return options->as_qemu_ga ? reject_as_qemu_ga() : -EINVAL;
}

/* It stands in tables and files of clients, who expect "11.1.3" or the like. */
static int set_agent_version(struct options *options, const char *version)
{
	const char *p;

	for (p = version; *p > ' ' && *p <= '~'; p++)
		;
	if (p == version || *p || p - version > AGENT_VERSION_MAX) {
		log_err("--agent-version=%s: expected 1 to %d printable ASCII characters without blanks",
			version, AGENT_VERSION_MAX);
		return -EINVAL;
	}

	options->agent.version = version;
	return 1;
}

static int set_reply_max(struct options *options, const char *text)
{
	uint64_t size;

	if (conf_value_size(text, &size) || size > 48 << 20) {
		log_err("--reply-max=%s: expected a size from 4K to 48M", text);
		return -EINVAL;
	}
	options->agent.reply_max = size;
	return 1;
}

static int set_hook_timeout(struct options *options, const char *text)
{
	char *end;
	unsigned long seconds = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || seconds > HOOK_SECONDS_MAX) {
		log_err("--hook-timeout=%s: expected seconds, 0 to %d", text,
			HOOK_SECONDS_MAX);
		return -EINVAL;
	}
	options->agent.hook_seconds = seconds;
	return 1;
}

static int print_commands(void)
{
	const struct command *command;
	size_t i;

	for (i = 0; (command = command_at(i)); i++)
		puts(command->name);
	return 0;
}

/* Return: 1 to go on, 0 when all is said, -errno. */
static int set_list(struct rpc_list *list, const char *text)
{
	int err;

	if (!strcmp(text, "help"))
		return print_commands();
	err = rpc_list_add(list, text);
	return err ? err : 1;
}

static int set_text(char **member, const char *text)
{
	int err = settings_set(member, text);

	return err ? err : 1;
}

static int set_flag(int *member)
{
	*member = true;
	return 1;
}

/* Those that the file can give, too. */
static int parse_setting(struct settings *given, int c)
{
	switch (c) {
	case 'a':
		return set_list(&given->allow, optarg);
	case 'b':
		return set_list(&given->block, optarg);
	case 'd':
		return set_flag(&given->daemon);
	case 'f':
		return set_text(&given->pidfile, optarg);
	case 'F':
		return set_text(&given->freeze_hook,
				optarg ? optarg : AGENT_FREEZE_HOOK);
	case 'l':
		return set_text(&given->logfile, optarg);
	case 'm':
		return set_text(&given->method, optarg);
	case 'p':
		return set_text(&given->path, optarg);
	case 'r':
		return set_flag(&given->retry);
	case 't':
		return set_text(&given->state_dir, optarg);
	case 'v':
		return set_flag(&given->verbose);
	default:
		return -ENOENT;
	}
}

static int print_version(const struct options *options)
{
	if (options->as_qemu_ga)
		printf("QEMU Guest Agent %s\n", options->agent.version);
	else
		printf("vportd " VPORT_VERSION "\n");
	return 0;
}

/* Return: 1 to go on, 0 when all is said, -errno. */
static int parse_option(struct options *options, int c, char **argv)
{
	int ret;

	switch (c) {
	case 'c':
		options->qga_conf = optarg;
		return 1;
	case 'D':
		options->dump = true;
		return 1;
	case 'h':
		usage_print(options->as_qemu_ga, options->agent.version);
		return 0;
	case 'V':
		return print_version(options);
	case OPT_AGENT_VERSION:
		return set_agent_version(options, optarg);
	case OPT_CHECK_CONF:
		options->check = true;
		return 1;
	case OPT_CONF:
		options->conf = optarg;
		return 1;
	case OPT_HELPER:
		options->agent.helper = optarg;
		return 1;
	case OPT_HOOK_TIMEOUT:
		return set_hook_timeout(options, optarg);
	case OPT_REPLY_MAX:
		return set_reply_max(options, optarg);
	case ':':
		return reject_missing(options, argv[optind - 1]);
	default:
		ret = parse_setting(&options->given, c);
		return ret == -ENOENT ? reject_option(options, argv[optind - 1]) :
					ret;
	}
}

static int parse_words(struct options *options, int argc, char **argv)
{
	int ret = 1;
	int c;

	opterr = 0;
	while (ret == 1) {
		c = getopt_long(argc, argv, ":a:b:c:dDf:F::hl:m:p:rt:vV",
				long_options, NULL);
		if (c < 0)
			break;
		ret = parse_option(options, c, argv);
	}
	if (ret == 1 && optind < argc) {
		log_err("%s: unexpected argument, see --help", argv[optind]);
		return -EINVAL;
	}
	return ret;
}

static int copy_text(char **to, const char *from)
{
	return from ? settings_set(to, from) : 0;
}

/* What the command line gave comes before what the file gives. */
static int copy_given(struct settings *to, const struct settings *from)
{
	int err;

	to->daemon = from->daemon;
	to->verbose = from->verbose;
	to->retry = from->retry;
	err = copy_text(&to->method, from->method);
	if (!err)
		err = copy_text(&to->path, from->path);
	if (!err)
		err = copy_text(&to->logfile, from->logfile);
	if (!err)
		err = copy_text(&to->pidfile, from->pidfile);
	if (!err)
		err = copy_text(&to->freeze_hook, from->freeze_hook);
	if (!err)
		err = copy_text(&to->state_dir, from->state_dir);
	if (!err)
		err = rpc_list_append(&to->block, &from->block);
	if (!err)
		err = rpc_list_append(&to->allow, &from->allow);
	return err;
}

/* One that was asked for must be there; the default need not. */
static int read_file(const struct options *options, struct settings *settings)
{
	const char *environment = getenv("QGA_CONF");
	const char *path = options->qga_conf ? options->qga_conf :
			   environment ? environment : QGA_CONF_FILE;
	bool whole = options->as_qemu_ga || options->qga_conf;
	int err;

	err = settings_read(settings, path, whole);
	if (err == -ENOENT && options->qga_conf)
		log_err("%s: %s", path, strerror(-err));
	return err == -ENOENT && !options->qga_conf ? 0 : err;
}

static int load_settings(const struct options *options,
			 struct settings *settings)
{
	int err;

	settings_init(settings);
	err = copy_given(settings, &options->given);
	if (!err)
		err = read_file(options, settings);
	if (err)
		settings_finish(settings);
	return err;
}

static void use_settings(struct options *options)
{
	struct agent_conf *agent = &options->agent;
	const struct settings *all = &options->all;

	rpc_list_check(&all->block, "block-rpcs");
	rpc_list_check(&all->allow, "allow-rpcs");
	agent->block = (const char *const *)all->block.names;
	agent->allow = (const char *const *)all->allow.names;
	agent->freeze_hook = all->freeze_hook;
}

static int check_state_dir(const char *dir)
{
	struct stat st;

	if (stat(dir, &st)) {
		log_err("--statedir=%s: %s", dir, strerror(errno));
		return -errno;
	}
	if (*dir != '/' || !S_ISDIR(st.st_mode)) {
		log_err("--statedir=%s: expected a directory from the root on",
			dir);
		return -EINVAL;
	}
	return 0;
}

/* Return: 0 or -errno. */
static int set_defaults(struct options *options)
{
	struct settings *all = &options->all;
	int err = 0;

	if (all->state_dir) {
		err = check_state_dir(all->state_dir);
		options->agent.state_dir = all->state_dir;
	}
	if (!err && !all->method)
		err = settings_set(&all->method, "virtio-serial");
	if (!err && !all->path && options->as_qemu_ga &&
	    !strcmp(all->method, "virtio-serial"))
		err = settings_set(&all->path, QGA_PORT);
	if (!err && !all->path && !strcmp(all->method, "isa-serial"))
		err = settings_set(&all->path, "/dev/ttyS0");
	if (!err && !all->pidfile && all->daemon > 0)
		err = settings_set(&all->pidfile, DEFAULT_PIDFILE);
	return err;
}

int options_parse(struct options *options, int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	int ret;

	memset(options, 0, sizeof(*options));
	settings_init(&options->given);
	settings_init(&options->all);
	options->agent = agent_conf_default;
	options->as_qemu_ga = !strcmp(slash ? slash + 1 : argv[0], "qemu-ga");
	log_init(options->as_qemu_ga ? "qemu-ga" : "vportd");

	ret = parse_words(options, argc, argv);
	if (ret != 1)
		return ret;
	ret = load_settings(options, &options->all);
	if (!ret)
		ret = set_defaults(options);
	if (ret)
		return ret;
	use_settings(options);
	return 1;
}

/* The daemon's own affairs stay as they were at the start. */
int options_reload(struct options *options)
{
	struct settings fresh;
	struct settings old = options->all;
	int err = load_settings(options, &fresh);

	if (err)
		return err;

	options->all.block = fresh.block;
	options->all.allow = fresh.allow;
	options->all.freeze_hook = fresh.freeze_hook;
	use_settings(options);

	fresh.block = old.block;
	fresh.allow = old.allow;
	fresh.freeze_hook = old.freeze_hook;
	settings_finish(&fresh);
	return 0;
}

void options_finish(struct options *options)
{
	settings_finish(&options->given);
	settings_finish(&options->all);
}

static void dump_text(const char *key, const char *value)
{
	if (value)
		printf("%s=%s\n", key, value);
}

static void dump_flag(const char *key, int value)
{
	printf("%s=%s\n", key, value > 0 ? "true" : "false");
}

int options_dump(const struct options *options)
{
	const struct settings *all = &options->all;
	char *block = rpc_list_text(&all->block);
	char *allow = rpc_list_text(&all->allow);

	printf("[general]\n");
	dump_flag("daemon", all->daemon);
	dump_text("method", all->method);
	dump_text("path", all->path);
	dump_text("logfile", all->logfile);
	dump_text("pidfile", all->pidfile ? all->pidfile : DEFAULT_PIDFILE);
	dump_text("fsfreeze-hook", all->freeze_hook);
	dump_text("statedir", all->state_dir ? all->state_dir : "/var/run");
	dump_flag("verbose", all->verbose);
	dump_flag("retry-path", all->retry);
	dump_text("block-rpcs", block);
	dump_text("allow-rpcs", allow);

	free(block);
	free(allow);
	return 0;
}
