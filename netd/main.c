// SPDX-License-Identifier: GPL-2.0-or-later
/* xen-netd: the network service of a Xen dom0. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "build-config.h"
#include "log.h"
#include "netd-priv.h"
#include "notify.h"
#include "proto.h"

enum { NOFILE_WANTED = 8192 };

static void usage(FILE *f)
{
	fprintf(f,
		"Usage: xen-netd [OPTION]...\n"
		"The network service of a Xen dom0: gives every guest's vif its network.\n"
		"\n"
		"  -c, --config FILE     configuration (%s); may be missing\n"
		"  -s, --socket PATH     control socket (%s)\n"
		"  -p, --plugin-dir DIR  where the modes' modules are (%s)\n"
		"      --state-dir DIR   where guests' addresses are remembered (%s)\n"
		"      --run-dir DIR     for what lasts until the host is booted (%s)\n"
		"      --helper PATH     the hotplug helper that libxl runs (%s);\n"
		"                        vifs whose script is this file are ours\n"
		"  -f, --foreground      stay in the foreground; the only way it runs, accepted so that\n"
		"                        service managers of every kind can say it\n"
		"  -l, --log-level LEVEL error, warning, info or debug (info)\n"
		"      --check FILE      check a configuration, say what is wrong with it, and exit\n"
		"  -h, --help            this help\n"
		"      --version         the version\n"
		"\n"
		"SIGHUP reads the configuration again; SIGTERM ends the daemon and leaves every guest's\n"
		"network as it is. See xen-netd(8), netd.conf(5), xnetctl(8).\n",
		NETD_CONFIG, PROTO_SOCKET, NETD_PLUGIN_DIR, NETD_STATE_DIR, NETD_RUN_DIR, NETD_HELPER);
}

struct command_line {
	struct netd_options opt;
	const char *check;
	int level;
};

static int bad_level(const char *text)
{
	fprintf(stderr, "xen-netd: log level \"%s\": must be error, warning, info or debug\n", text);
	return 1;
}

/* @return -1 to go on, else the exit status. */
static int parse_args(int argc, char **argv, struct command_line *cl)
{
	enum { OPT_HELPER = 256, OPT_CHECK, OPT_VERSION, OPT_STATE_DIR, OPT_RUN_DIR };
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'},
		{"socket", required_argument, NULL, 's'},
		{"plugin-dir", required_argument, NULL, 'p'},
		{"state-dir", required_argument, NULL, OPT_STATE_DIR},
		{"run-dir", required_argument, NULL, OPT_RUN_DIR},
		{"helper", required_argument, NULL, OPT_HELPER},
		{"foreground", no_argument, NULL, 'f'},
		{"log-level", required_argument, NULL, 'l'},
		{"check", required_argument, NULL, OPT_CHECK},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, OPT_VERSION},
		{NULL, 0, NULL, 0},
	};
	int c;
	while ((c = getopt_long(argc, argv, "c:s:p:fl:h", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			cl->opt.config = optarg;
			break;
		case 's':
			cl->opt.socket = optarg;
			break;
		case 'p':
			cl->opt.plugin_dir = optarg;
			break;
		case OPT_STATE_DIR:
			cl->opt.state_dir = optarg;
			break;
		case OPT_RUN_DIR:
			cl->opt.run_dir = optarg;
			break;
		case OPT_HELPER:
			cl->opt.helper = optarg;
			break;
		case 'f':
			break;
		case 'l':
			cl->level = log_level_parse(optarg);
			if (cl->level < 0)
				return bad_level(optarg);
			break;
		case OPT_CHECK:
			cl->check = optarg;
			break;
		case OPT_VERSION:
			printf("xen-netd %s\n", NETD_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			fprintf(stderr, "Try 'xen-netd --help'.\n");
			return 1;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "xen-netd: no argument expected: \"%s\". Try 'xen-netd --help'.\n", argv[optind]);
	return 1;
}

static int check_config(const struct command_line *cl)
{
	struct err e = ERR_INIT;
	struct plugins *plugins = NULL;
	struct config *config = NULL;
	FILE *f = fopen(cl->check, "r"); /* a missing file is fine at start, not when one asks for it */
	int r = f ? plugins_load(cl->opt.plugin_dir, &plugins, &e)
		  : err_sysf(&e, -errno, "%s", cl->check);
	if (f)
		fclose(f);
	if (r >= 0)
		r = config_load(cl->check, plugins, &config, &e);
	if (r < 0)
		fprintf(stderr, "%s\n", e.text);
	else
		printf("%s: good: %zu networks, %zu domain rules\n", cl->check, config->n_networks,
		       config->n_rules);
	config_free(config);
	plugins_free(plugins);
	return r < 0 ? 1 : 0;
}

static int on_hup(sd_event_source *s, const struct signalfd_siginfo *si, void *arg)
{
	struct netd *nd = arg;
	struct err e = ERR_INIT;
	(void)s;
	(void)si;
	notify_state(nd->notify, "RELOADING=1");
	if (netd_reload(nd, &e) < 0)
		log_line(LOG_ERR, "configuration refused, the old one stays: %s", e.text);
	notify_state(nd->notify, "READY=1");
	return 0;
}

/* Blocks the signals for the event loop, and asks for as many connections as guests may need. */
static void set_up_process(void)
{
	sigset_t set;
	struct rlimit rl;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_cur < NOFILE_WANTED) {
		rl.rlim_cur = rl.rlim_max < NOFILE_WANTED ? rl.rlim_max : NOFILE_WANTED;
		setrlimit(RLIMIT_NOFILE, &rl);
	}
}

static int run(struct netd *nd, struct err *e)
{
	int r;
	if ((r = sd_event_add_signal(nd->event, NULL, SIGTERM, NULL, NULL)) < 0 ||
	    (r = sd_event_add_signal(nd->event, NULL, SIGINT, NULL, NULL)) < 0 ||
	    (r = sd_event_add_signal(nd->event, NULL, SIGHUP, on_hup, nd)) < 0 ||
	    (r = notify_new(&nd->notify, nd->event)) < 0)
		return err_sysf(e, r, "event loop");
	log_line(LOG_INFO, "xen-netd %s is running", NETD_VERSION);
	notify_state(nd->notify, "READY=1");
	r = sd_event_loop(nd->event);
	notify_state(nd->notify, "STOPPING=1");
	return r < 0 ? err_sysf(e, r, "event loop") : 0;
}

int main(int argc, char **argv)
{
	const char *socket = getenv(PROTO_SOCKET_ENV);
	struct command_line cl = {
		.opt = {.config = NETD_CONFIG,
			.socket = socket ?: PROTO_SOCKET,
			.plugin_dir = NETD_PLUGIN_DIR,
			.state_dir = NETD_STATE_DIR,
			.run_dir = NETD_RUN_DIR,
			.helper = NETD_HELPER},
		.level = LOG_INFO,
	};
	struct netd nd = {.domid = 0};
	struct err e = ERR_INIT;
	int r = parse_args(argc, argv, &cl);
	if (r >= 0)
		return r;
	if (cl.check)
		return check_config(&cl);
	log_setup(cl.level);
	set_up_process();
	r = netd_init(&nd, &cl.opt, &e);
	if (r >= 0)
		r = run(&nd, &e);
	if (r < 0)
		log_line(LOG_ERR, "%s", e.text);
	notify_free(nd.notify);
	netd_fini(&nd);
	return r < 0 ? 1 : 0;
}
