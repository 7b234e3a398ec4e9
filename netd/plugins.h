/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugins: the modes this host has, loaded from the plugin directory. */
#ifndef NETD_PLUGINS_H
#define NETD_PLUGINS_H

#include <stddef.h>

#include "err.h"
#include "plugin.h"

struct plugins;

/*
 * Loads every *.so of @dir. A module that cannot be used is kept with its reason and is no error;
 * only an unreadable directory is. @return 0 with *@out owned by the caller, or -errno.
 */
int plugins_load(const char *dir, struct plugins **out, struct err *e);

/* For tests and for modes linked in: a registry of the given plugins, NULL-terminated. */
struct plugins *plugins_from(const struct plugin *const *list);

/* Frees the registry; the modules stay loaded (values may still point into them). */
void plugins_free(struct plugins *ps);

/*
 * @return the plugin of @mode, or NULL with the reason: unknown mode (naming those there are and the
 * nearest), or a module that could not be loaded.
 */
const struct plugin *plugins_find(const struct plugins *ps, const char *mode, struct err *e);

/* The usable plugins by index; NULL past the end. */
const struct plugin *plugins_at(const struct plugins *ps, size_t i);

#endif
