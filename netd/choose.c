// SPDX-License-Identifier: GPL-2.0-or-later
/* choose: which network a vif belongs to, and why. */
#include "choose.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Of Open vSwitch's `bridge=NAME[.TAG][:TRUNK…]`. */
#define OVS_END ".:"

/* The scripts that we stand in for. */
static const struct {
	const char *script, *mode;
	bool by_gatewaydev;   /* its network is named like that key, not like `bridge` */
	const char *nameless; /* its network's name without that key; NULL: the key is needed */
	const char *end;      /* the name ends at the first of these: what follows is the mode's */
} scripts[] = {
	{"vif-bridge", "bridge", false, NULL, ""},
	{"vif-route", "route", true, "route", ""},
	{"vif-openvswitch", "ovs", false, NULL, OVS_END},
};

/* The private network that there is without a word of configuration. */
static const char built_in[] = "virbr0";

static int choose_by_script(const struct config *c, const struct plugins *plugins,
			    const struct links *links, const struct vif_req *req,
			    const char *script_name, struct choice *out, struct err *e);
static int choose_by_bridge(const struct config *c, const struct plugins *plugins,
			    const struct links *links, const struct vif_req *req,
			    struct choice *out, struct err *e);

int choose_network(const struct config *c, const struct plugins *plugins, const struct links *links,
		   const struct vif_req *req, const char *script_name, struct choice *out,
		   struct err *e)
{
	*out = (struct choice){.antispoof = config_antispoof(c, req)};
	if (req->network[0]) {
		snprintf(out->by, sizeof(out->by), "xenstore key network");
		out->net = config_network(c, req->network);
		if (out->net)
			return 0;
		int r = config_no_network(c, req->network, e);
		err_wrapf(e, "xenstore key network");
		return r;
	}
	const struct rule *rule = config_rule(c, req);
	if (rule) {
		snprintf(out->by, sizeof(out->by), "%s domain \"%s\"", rule->where, rule->pattern);
		out->net = config_network(c, rule->network); /* config_load() has checked it */
		return 0;
	}
	if (!strcmp(script_name, "vif-netd"))
		return choose_by_bridge(c, plugins, links, req, out, e);
	return choose_by_script(c, plugins, links, req, script_name, out, e);
}

static int imply(const struct plugins *plugins, const char *mode, const char *name, const char *end,
		 struct choice *out, struct err *e)
{
	const struct plugin *p = plugins_find(plugins, mode, e);
	if (!p)
		return err_wrapf(e, "%s", out->by);
	out->implied.plugin = p;
	out->implied.implied = true;
	snprintf(out->implied.name, sizeof(out->implied.name), "%.*s",
		 (int)strcspn(name, end), name);
	out->net = &out->implied;
	return 0;
}

static bool is_nat(const struct network *n)
{
	return n && !strcmp(n->plugin->mode, "nat");
}

static const struct network *first_nat(const struct config *c)
{
	for (size_t i = 0; i < c->n_networks; i++)
		if (is_nat(&c->networks[i]))
			return &c->networks[i];
	return NULL;
}

/* A bridge of that name which somebody else has made, libvirt perhaps, is what it is. */
static bool is_built_in(const struct config *c, const struct plugins *plugins,
			const struct links *links, const char *name)
{
	const struct link *l = links_by_name(links, name);
	return !strcmp(name, built_in) && !first_nat(c) && plugins_find(plugins, "nat", NULL) &&
	       (!l || !strcmp(l->alias, HOSTIF_PASSING));
}

/* libxl always writes a bridge: one that is no private network is not what was meant. */
static int choose_nat(const struct config *c, const struct plugins *plugins,
		      const struct vif_req *req, struct choice *out, struct err *e)
{
	const struct network *named = config_network(c, req->bridge);
	out->net = is_nat(named) ? named : first_nat(c);
	return out->net ? 0 : imply(plugins, "nat", built_in, "", out, e);
}

static int choose_by_script(const struct config *c, const struct plugins *plugins,
			    const struct links *links, const struct vif_req *req,
			    const char *script_name, struct choice *out, struct err *e)
{
	snprintf(out->by, sizeof(out->by), "script %s", script_name);
	if (!strcmp(script_name, "vif-nat"))
		return choose_nat(c, plugins, req, out, e);
	if (!strcmp(script_name, "vif-bridge") && is_built_in(c, plugins, links, req->bridge))
		return imply(plugins, "nat", built_in, "", out, e);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		if (strcmp(script_name, scripts[i].script))
			continue;
		const char *name = scripts[i].by_gatewaydev ? req->gatewaydev : req->bridge;
		if (!name[0])
			name = scripts[i].nameless;
		if (!name)
			return err_setf(e, -ENOENT,
					"script %s: the xenstore key bridge is missing; write "
					"bridge=NAME in the guest's vif",
					script_name);
		return imply(plugins, scripts[i].mode, name, scripts[i].end, out, e);
	}
	return err_setf(e, -ENOENT,
			"script %.64s implies no network; use script=vif-netd, or write a domain "
			"block in netd.conf",
			script_name);
}

/* The mode of an existing bridge, or NULL when @l is none. */
static const char *bridge_mode(const struct link *l)
{
	if (l && !strcmp(l->kind, "bridge")) /* one of ours was a network that is no more */
		return strcmp(l->alias, HOSTIF_PASSING) ? "bridge" : NULL;
	return l && !strcmp(l->kind, "openvswitch") ? "ovs" : NULL;
}

/* "NAME.TAG:TRUNK" of a network in mode ovs, or of an existing bridge of Open vSwitch. */
static bool names_ovs(const struct config *c, const struct links *links, const char *text,
		      struct choice *out)
{
	char name[IFNAMSIZ];
	size_t len = strcspn(text, OVS_END);
	if (!text[len] || len >= sizeof(name))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)len, text);
	const struct network *net = config_network(c, name);
	if (net && !strcmp(net->plugin->mode, "ovs"))
		out->net = net;
	const char *mode = bridge_mode(links_by_name(links, name));
	return out->net || (mode && !strcmp(mode, "ovs"));
}

static int no_bridge(const struct config *c, const struct links *links, const struct vif_req *req,
		     struct err *e)
{
	char bridges[160];
	int r = config_no_network(c, req->bridge, e);

	if (!e || r != -ENOENT)
		return r;
	return err_setf(e, r,
			"bridge \"%.63s\" does not exist; bridges here: %s; and %s; make the bridge, give "
			"the vif another bridge=, or define a network or default-network in netd.conf",
			req->bridge, plugin_list_bridges(links, bridges, sizeof(bridges)), e->text);
}

static int choose_by_bridge(const struct config *c, const struct plugins *plugins,
			    const struct links *links, const struct vif_req *req,
			    struct choice *out, struct err *e)
{
	snprintf(out->by, sizeof(out->by), "script vif-netd, bridge %s", req->bridge);
	out->net = config_network(c, req->bridge);
	if (out->net)
		return 0;
	const char *mode = bridge_mode(links_by_name(links, req->bridge));
	if (!mode && is_built_in(c, plugins, links, req->bridge))
		mode = "nat";
	if (mode)
		return imply(plugins, mode, req->bridge, "", out, e);
	if (names_ovs(c, links, req->bridge, out))
		return out->net ? 0 : imply(plugins, "ovs", req->bridge, OVS_END, out, e);
	if (!c->default_network)
		return no_bridge(c, links, req, e);
	snprintf(out->by, sizeof(out->by), "script vif-netd, default-network");
	out->net = config_network(c, c->default_network);
	return 0;
}
