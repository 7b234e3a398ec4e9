// SPDX-License-Identifier: GPL-2.0-or-later
/* world: one simulated Xen host: store, kernel, toolstack, netback, guests and the daemon. */
#include "world.h"

#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"

#define PLUGIN_DIR "/run/plugins"

static void collect_plugins(const char *build);
static char *in_build(const char *build, const char *file);
static void store_changed(void *arg, const char *path);

void world_init(struct world *w, const char *build, enum xsd_kind kind)
{
	w->paths = (struct world_paths) {
		.daemon = in_build(build, "netd/xen-netd"),
		.helper = in_build(build, "hotplug/vif-netd"),
		.xnetctl = in_build(build, "ctl/xnetctl"),
		.shim = in_build(build, "tests/netns/xenstored-shim.so"),
		.plugin_dir = PLUGIN_DIR,
	};
	collect_plugins(build);
	setenv("XEN_NETD_SOCKET", DAEMON_SOCKET, 1);
	w->loop = loop_new();
	net_open(&w->net, w->loop);
	daemon_init(&w->daemon, w);
	w->xsd = (struct xsd) {.kind = kind, .shim = w->paths.shim, .loop = w->loop};
	w->xsd.watch = store_changed;
	w->xsd.watch_arg = w;
	xsd_start(&w->xsd);
}

void world_fini(struct world *w)
{
	daemon_kill(&w->daemon);
	xsd_kill(&w->xsd);
}

void world_restart_store(struct world *w)
{
	/* The kernel keeps its devices: nothing tells it that the store was emptied. */
	for (struct nic *nic = w->nics; nic; nic = nic->next)
		nic->probed = nic->waits_status = false;
	xsd_kill(&w->xsd);
	xsd_start(&w->xsd);
}

void world_trace(const struct world *w, const char *fmt, ...)
{
	static int64_t start;
	va_list ap;

	if (!w->trace)
		return;
	start = start ?: now_us();
	fprintf(stderr, "%9.3f ms  ", (now_us() - start) / 1000.0);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
}

/* The build tree has each module in the directory of its source. */
static void collect_plugins(const char *build)
{
	glob_t g;

	mkdir(PLUGIN_DIR, 0755);
	if (!glob(text("%s/plugins/*/*.so", build), 0, NULL, &g)) {
		for (size_t i = 0; i < g.gl_pathc; i++) {
			const char *base = strrchr(g.gl_pathv[i], '/') + 1;

			if (symlink(g.gl_pathv[i], text("%s/%s", PLUGIN_DIR, base)))
				die_errno("link %s", g.gl_pathv[i]);
		}
	}
	globfree(&g);
}

static char *in_build(const char *build, const char *file)
{
	return strdup(text("%s/%s", build, file));
}

/* The keys on which libxl, netback or netfront act; all others are noise, much of it our own. */
static bool interesting(const char *path)
{
	static const char *const leaves[] = {"state", "online", "hotplug-status"};
	const char *leaf = strrchr(path, '/') + 1;

	if (leaf[strspn(leaf, "0123456789")] == '\0' || !strcmp(leaf, "vif"))
		return true; /* a directory: created, or removed */
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++)
		if (!strcmp(leaf, leaves[i]))
			return true;
	return !strcmp(leaf, "backend") || !strcmp(leaf, "device") || !strcmp(leaf, "domain");
}

static void store_changed(void *arg, const char *path)
{
	struct world *w = arg;
	struct nic *nic = NULL;

	if (!strchr(path, '/') || !interesting(path))
		return;
	while ((nic = nic_by_path(w, path, nic))) {
		toolstack_event(nic);
		netback_event(nic);
	}
}
