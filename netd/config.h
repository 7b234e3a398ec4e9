/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config: netd.conf, read whole and checked whole. */
#ifndef NETD_CONFIG_H
#define NETD_CONFIG_H

#include "err.h"
#include "network.h"
#include "plugins.h"
#include "vif.h"

/* A `domain "PATTERN"` block. The pattern is a MAC, a UUID, or a glob for the domain's name. */
enum rule_kind { RULE_NAME, RULE_UUID, RULE_MAC };

struct rule {
	enum rule_kind kind;
	char *pattern;
	char *network; /* NULL: the block does not choose one */
	char *where;   /* "netd.conf:12", "netd.conf.d/web.conf:3" */
	struct option_value antispoof; /* unset: as the network says */
};

/* Owns all it points to. Immutable once loaded; a reload makes a new one. */
struct config {
	struct network *networks;
	size_t n_networks;
	struct rule *rules; /* in the order they were read: the first match wins */
	size_t n_rules;
	char *default_network; /* NULL: none */
};

/*
 * Reads @path, then *.conf of @path with ".d" appended ("/etc/xen/netd.conf.d") in strcmp order,
 * without names that begin with a dot. Either may be missing; both missing give the empty
 * configuration. Nothing is kept of a configuration with an error. Not reentrant (libconfuse).
 *
 * @return 0 with *@out for config_free(); -EINVAL with "file:line: what was read; what is allowed;
 * did you mean …", where file is named relative to the directory of @path; another -errno when a
 * file cannot be read.
 */
int config_load(const char *path, const struct plugins *plugins, struct config **out,
		struct err *e);
void config_free(struct config *c);

const struct network *config_network(const struct config *c, const char *name);
/* Says that @name is none of the networks: which there are, and the nearest. @return -ENOENT. */
int config_no_network(const struct config *c, const char *name, struct err *e);
/* The first rule that matches @req and chooses a network, or NULL. */
const struct rule *config_rule(const struct config *c, const struct vif_req *req);
/* What the first rule says that matches @req and speaks of it, else unset. */
struct option_value config_antispoof(const struct config *c, const struct vif_req *req);

#endif
