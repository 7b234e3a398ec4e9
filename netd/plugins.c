// SPDX-License-Identifier: GPL-2.0-or-later
/* plugins: the modes this host has. */
#include "plugins.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLUGINS_MAX = 32 };

/* @plugin is NULL for a module that could not be used; then @why tells. */
struct module {
	char mode[NETWORK_MODE_SIZE];
	const struct plugin *plugin;
	char *why;
};

struct plugins {
	struct module module[PLUGINS_MAX];
	size_t n;
};

static void push(struct plugins *ps, const char *mode, const struct plugin *p, const char *why)
{
	if (ps->n == PLUGINS_MAX)
		return;
	struct module *m = &ps->module[ps->n++];
	snprintf(m->mode, sizeof(m->mode), "%s", mode);
	m->plugin = p;
	m->why = why ? strdup(why) : NULL;
}

static void load_one(struct plugins *ps, const char *dir, const char *mode)
{
	char path[512], why[640];
	snprintf(path, sizeof(path), "%s/%s.so", dir, mode);
	void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct plugin *p = so ? dlsym(so, "xen_netd_plugin") : NULL;
	why[0] = '\0';
	if (!p)
		snprintf(why, sizeof(why), "%s", dlerror() ?: "cannot be loaded");
	else if (p->abi != PLUGIN_ABI)
		snprintf(why, sizeof(why), "%s is built for plugin interface %u, this is %u", path,
			 p->abi, PLUGIN_ABI);
	else if (!p->mode || strcmp(p->mode, mode))
		snprintf(why, sizeof(why), "%s calls its mode \"%s\"", path, p->mode ?: "");
	push(ps, mode, why[0] ? NULL : p, why[0] ? why : NULL);
}

/* "bridge.so" → "bridge"; anything else is not a module. */
static int is_module(const struct dirent *de)
{
	const char *dot = strrchr(de->d_name, '.');
	return dot && dot > de->d_name && !strcmp(dot, ".so") &&
	       dot - de->d_name < NETWORK_MODE_SIZE;
}

int plugins_load(const char *dir, struct plugins **out, struct err *e)
{
	struct dirent **list;
	struct plugins *ps = calloc(1, sizeof(*ps));
	int n = ps ? scandir(dir, &list, is_module, alphasort) : -1;
	if (n < 0) {
		int r = ps ? -errno : -ENOMEM;
		free(ps);
		return err_sysf(e, r, "read plugin directory %s", dir);
	}
	for (int i = 0; i < n; i++) {
		*strrchr(list[i]->d_name, '.') = '\0';
		load_one(ps, dir, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	*out = ps;
	return 0;
}

struct plugins *plugins_from(const struct plugin *const *list)
{
	struct plugins *ps = calloc(1, sizeof(*ps));
	for (; ps && *list; list++)
		push(ps, (*list)->mode, *list, NULL);
	return ps;
}

void plugins_free(struct plugins *ps)
{
	for (size_t i = 0; ps && i < ps->n; i++)
		free(ps->module[i].why);
	free(ps);
}

const struct plugin *plugins_at(const struct plugins *ps, size_t i)
{
	for (size_t k = 0; k < ps->n; k++)
		if (ps->module[k].plugin && i-- == 0)
			return ps->module[k].plugin;
	return NULL;
}

static void unknown_mode(const struct plugins *ps, const char *mode, struct err *e)
{
	const char *words[PLUGINS_MAX + 1] = {NULL};
	char list[256] = "";
	for (size_t k = 0; k < ps->n; k++) {
		size_t len = strlen(list);
		words[k] = ps->module[k].mode;
		snprintf(list + len, sizeof(list) - len, "%s%s", k ? ", " : "", words[k]);
	}
	const char *near = option_nearest(mode, words);
	err_setf(e, -ENOENT, "mode \"%s\" is not known here; modes: %s%s%s%s", mode,
		 ps->n ? list : "none (is the plugin directory right?)",
		 near ? "; did you mean \"" : "", near ?: "", near ? "\"?" : "");
}

const struct plugin *plugins_find(const struct plugins *ps, const char *mode, struct err *e)
{
	for (size_t k = 0; k < ps->n; k++) {
		const struct module *m = &ps->module[k];
		if (strcmp(m->mode, mode))
			continue;
		if (!m->plugin)
			err_setf(e, -ENOENT, "mode \"%s\" cannot be used: %s", mode, m->why ?: "");
		return m->plugin;
	}
	unknown_mode(ps, mode, e);
	return NULL;
}

const char *plugin_list_bridges(const struct links *links, char *buf, size_t size)
{
	size_t n = 0;
	buf[0] = '\0';
	links_for_each(links, l) {
		if (strcmp(l->kind, "bridge") || n >= size)
			continue;
		n += snprintf(buf + n, size - n, "%s%s", n ? ", " : "", l->name);
	}
	if (!n)
		snprintf(buf, size, "none");
	return buf;
}
