// SPDX-License-Identifier: GPL-2.0-or-later
/* identity: which netdev belongs to which vif. */
#include "identity.h"

#include <stdio.h>
#include <string.h>

static bool parent_parse(const char *parent, struct vif_key *key)
{
	char slashed[LINK_PARENT_SIZE];
	const char *end;
	if (strncmp(parent, "vif-", 4))
		return false;
	snprintf(slashed, sizeof(slashed), "%s", parent + 4);
	char *dash = strchr(slashed, '-');
	if (!dash)
		return false;
	*dash = '/';
	return vif_key_parse(slashed, key, &end) && !*end;
}

bool identity_of(const struct link *l, struct vif_key *key, enum vif_dev *dev)
{
	if (l->parent[0]) {
		*dev = VIF_DEV_PV;
		return parent_parse(l->parent, key);
	}
	if (vif_tag_parse(l->alias, key, dev))
		return true;
	return vif_name_parse(l->name, key, dev) &&
	       (*dev == VIF_DEV_PV || !strcmp(l->kind, "tun"));
}

static bool is(const struct link *l, struct vif_key key, enum vif_dev dev)
{
	struct vif_key k;
	enum vif_dev d;
	return l && identity_of(l, &k, &d) && k.domid == key.domid && k.devid == key.devid &&
	       d == dev;
}

const struct link *identity_find(const struct links *links, const struct vif_req *req,
				 enum vif_dev dev, int hint, bool search)
{
	char name[IFNAMSIZ];
	const struct link *l = links_by_index(links, hint);
	if (is(l, req->key, dev))
		return l;
	vif_kernel_name(req->key, dev, name);
	l = links_by_name(links, name);
	if (is(l, req->key, dev))
		return l;
	vif_wanted_name(req, dev, name);
	l = links_by_name(links, name);
	if (is(l, req->key, dev))
		return l;
	if (search)
		links_for_each(links, any)
			if (is(any, req->key, dev))
				return any;
	return NULL;
}

bool identity_is_tagged(const struct link *l, struct vif_key key, enum vif_dev dev)
{
	struct vif_key k;
	enum vif_dev d;
	return vif_tag_parse(l->alias, &k, &d) && k.domid == key.domid && k.devid == key.devid &&
	       d == dev;
}
