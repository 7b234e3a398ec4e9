// SPDX-License-Identifier: GPL-2.0-or-later
/* netns-tests: runs the cases, each on a simulated host of its own; prints TAP. */
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "case.h"
#include "sandbox.h"

#ifndef NETNS_BUILD_ROOT
#define NETNS_BUILD_ROOT "."
#endif

static const struct netns_case *const tables[] = {
	cases_harness, cases_attach, cases_choose,  cases_bridge,	cases_device,
	cases_restart, cases_store,  cases_hostile, cases_ctl,		cases_config,
	cases_domain,  cases_filter, cases_scale,   cases_filter_table, cases_filter_route, cases_frames, cases_route,
	cases_route_odds, cases_nat, cases_nat_odds,
#ifdef NETNS_OVS
	cases_ovs, cases_ovs_odds, cases_ovs_guard, cases_ovn,
#endif
};

struct options {
	const char *build;
	enum xsd_kind kind;
	char **names; /* patterns; NULL-terminated; none: all */
	bool list, verbose;
};

/* What the process inside the sandbox needs. */
struct job {
	const struct options *opt;
	const struct netns_case *c;
	struct world world;
};

static int parse(int argc, char **argv, struct options *opt);
static bool wanted(const struct options *opt, const char *name);
static unsigned count(const struct options *opt);
static bool run(const struct options *opt, const struct netns_case *c, unsigned no);

#define for_each_case(c)                                                   \
	for (size_t t_ = 0; t_ < sizeof(tables) / sizeof(tables[0]); t_++) \
		for (const struct netns_case *c = tables[t_]; c->name; c++)

int main(int argc, char **argv)
{
	struct options opt = {.build = NETNS_BUILD_ROOT};
	const char *refused = sandbox_refused();
	unsigned no = 0, passed = 0;
	int64_t start = now_us();

	if (parse(argc, argv, &opt))
		return 2;
	if (refused && !opt.list) {
		printf("1..0 # SKIP %s\n", refused);
		return 0;
	}
	if (!opt.list)
		printf("1..%u\n", count(&opt));
	for_each_case(c)
	{
		if (!wanted(&opt, c->name))
			continue;
		if (opt.list)
			printf("%s\n", c->name);
		else
			passed += run(&opt, c, ++no);
	}
	if (!opt.list)
		printf("# %u passed, %u failed, %s, %.1f s\n", passed, no - passed,
		       opt.kind == XSD_C ? "C xenstored" : "oxenstored", (now_us() - start) / 1e6);
	return passed != no;
}

static int usage(FILE *f)
{
	fprintf(f,
		"Usage: netns-tests [OPTION]... [NAME]...\n"
		"Runs xen-netd against the real kernel and a real xenstored, in namespaces of its "
		"own.\n"
		"NAME is a case, a part of its name, or a pattern like '*bridge*'; without: all "
		"cases.\n"
		"\n"
		"  -s, --store c|ocaml  which xenstored (c)\n"
		"  -b, --build DIR      build directory of the programs (%s)\n"
		"  -v, --verbose        show what happens also in cases that pass\n"
		"  -l, --list           list the cases\n"
		"  -h, --help           this help\n",
		NETNS_BUILD_ROOT);
	return 2;
}

static int parse(int argc, char **argv, struct options *opt)
{
	static const struct option longs[] = {
		{"store", required_argument, NULL, 's'}, {"build", required_argument, NULL, 'b'},
		{"list", no_argument, NULL, 'l'},	 {"verbose", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},	 {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "s:b:lvh", longs, NULL)) != -1) {
		if (c == 's' && (!strcmp(optarg, "c") || !strcmp(optarg, "ocaml")))
			opt->kind = strcmp(optarg, "c") ? XSD_OCAML : XSD_C;
		else if (c == 'b')
			opt->build = optarg;
		else if (c == 'l' || c == 'v')
			*(c == 'l' ? &opt->list : &opt->verbose) = true;
		else if (c == 'h')
			exit(usage(stdout) - 2);
		else
			return usage(stderr);
	}
	opt->names = argv + optind;
	setvbuf(stdout, NULL, _IOLBF, 0);
	return 0;
}

static bool wanted(const struct options *opt, const char *name)
{
	if (!opt->names[0])
		return true;
	for (char **n = opt->names; *n; n++)
		if (strstr(name, *n) || !fnmatch(*n, name, 0))
			return true;
	return false;
}

static unsigned count(const struct options *opt)
{
	unsigned n = 0;

	for_each_case(c) n += wanted(opt, c->name);
	return n;
}

static void body(void **state)
{
	struct job *j = *state;

	j->c->fn(&j->world);
}

/* A daemon that is left must end well: with status 0, and with no report of a sanitizer. */
static int check_end(void **state)
{
	struct job *j = *state;
	struct daemon *d = &j->world.daemon;
	int status = daemon_stop(d);

	if (d->started_us && status != 0 && status != 128 + 9)
		fprintf(stderr, "xen-netd ended with status %d\n", status);
	else if (strstr(d->text, "Sanitizer"))
		fprintf(stderr, "a sanitizer reported\n");
	else
		return 0;
	return 1;
}

static int in_sandbox(void *arg)
{
	struct job *j = arg;
	const struct CMUnitTest test[] = {{
		.name = j->c->name,
		.test_func = body,
		.teardown_func = check_end,
		.initial_state = j,
	}};
	int failed;

	j->world.trace = true;
	world_init(&j->world, j->opt->build, j->opt->kind);
	failed = _cmocka_run_group_tests(j->c->name, test, 1, NULL, NULL);
	world_fini(&j->world);
	fflush(NULL);
	_exit(failed != 0);
}

static void show(int log)
{
	char buf[65536];
	ssize_t n;

	lseek(log, 0, SEEK_SET);
	while ((n = read(log, buf, sizeof(buf))) > 0)
		if (write(STDERR_FILENO, buf, n) < 0)
			return;
}

static bool run(const struct options *opt, const struct netns_case *c, unsigned no)
{
	struct job *j = xzalloc(sizeof(*j));
	int log = memfd_create("log", MFD_CLOEXEC);
	int64_t start = now_us();
	int r;

	if (log < 0)
		die_errno("memfd_create");
	*j = (struct job) {.opt = opt, .c = c};
	r = sandbox_run(in_sandbox, j, log, c->limit_s ?: CASE_LIMIT_S);
	printf("%s %u - %s (%.2f s)\n", r ? "not ok" : "ok", no, c->name, (now_us() - start) / 1e6);
	if (r || opt->verbose) {
		show(log);
		fprintf(stderr, "# %s: %s%d\n", c->name,
			r == -ETIME ? "took too long: " : "status ", r);
	}
	close(log);
	free(j);
	return !r;
}
