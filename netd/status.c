// SPDX-License-Identifier: GPL-2.0-or-later
/* status: one small JSON tree at a time, so that a thousand vifs need no large one. */
#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drops.h"
#include "identity.h"
#include "proto.h"
#include "publish.h"
#include "routes.h"
#include "walls.h"

static int add_json(struct buf *out, json_t *j, bool *first)
{
	char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;
	int r = text ? 0 : -1;
	if (!r && !*first)
		r = buf_add(out, ",", 1);
	if (!r)
		r = buf_add(out, text, strlen(text));
	*first = false;
	free(text);
	json_decref(j);
	return r;
}

/* Linux takes any bytes in a name, JSON only UTF-8. */
json_t *status_string(const char *s)
{
	json_t *j = json_string(s);
	char *copy = j ? NULL : strdup(s);
	if (!copy)
		return j;
	err_sanitize(copy);
	j = json_string(copy);
	free(copy);
	return j;
}

static json_t *string_or_null(const char *s)
{
	return s && s[0] ? status_string(s) : json_null();
}

static json_t *mac_json(const uint8_t mac[HOSTIF_ALEN])
{
	char text[18];
	static const uint8_t zero[HOSTIF_ALEN];
	if (!memcmp(mac, zero, sizeof(zero)))
		return json_null();
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
	return json_string(text);
}

/* The words of `ip=`. */
static json_t *addresses_json(const char *ip)
{
	json_t *list = json_array();
	char copy[VIF_VALUE_MAX], *save = NULL;
	snprintf(copy, sizeof(copy), "%s", ip);
	for (char *w = strtok_r(copy, " \t", &save); w; w = strtok_r(NULL, " \t", &save))
		json_array_append_new(list, status_string(w));
	return list;
}

static json_t *filter_json(const struct netd *nd, const struct vif *v)
{
	static const char *const guards[] = {"ra", "dhcp", "vlan", "control"};
	static const char *const limits[] = {"pps", "connections", "broadcast"};
	struct filter f = {.on = false};
	char text[ADDR_TEXT_SIZE];
	int ifindex = v->ifindex[VIF_DEV_PV];
	if (nd->host.nft && ifindex)
		nft_get(nd->host.nft, ifindex, &f, NULL);
	if (!f.on)
		return json_null();
	json_t *addrs = json_array(), *guard = json_array(), *limit = json_object();
	for (size_t i = 0; i < f.n_addrs; i++) {
		filter_addr_print(&f.addrs[i], text, sizeof(text));
		json_array_append_new(addrs, json_string(text));
	}
	for (int i = 0; i < 4; i++)
		if (f.guards & (1 << i))
			json_array_append_new(guard, json_string(guards[i]));
	for (int i = 0; i < FILTER_LIMIT_COUNT; i++)
		if (f.limit[i])
			json_object_set_new(limit, limits[i], json_integer(f.limit[i]));
	return json_pack("{s:b, s:o, s:o, s:o}", "antispoof", !f.any_addr, "addresses", addrs,
			 "guards", guard, "limits", limit);
}

/* What its network gave it, or what is routed to it; else what the toolstack says it has. */
static json_t *addresses_of(const struct netd *nd, const struct vif *v, const struct link *pv,
			    const char *ip)
{
	char given[PUBLISH_ADDRESS_SIZE];
	if (v->nat)
		return addresses_json(publish_address(v, given, sizeof(given)));
	char text[ADDR_TEXT_SIZE];
	struct router_route list[ROUTER_LIST_MAX];
	size_t n = pv ? routes_of(links_routes(nd->host.links), pv->ifindex, list, ROUTER_LIST_MAX) : 0;
	if (!n)
		return addresses_json(ip);
	json_t *out = json_array();
	for (size_t i = n; i-- > 0;) /* the oldest comes last */
		json_array_append_new(out, json_string(addr_print(&list[i].dst, text, sizeof(text))));
	return out;
}

static json_t *vif_json(const struct netd *nd, const struct vif *v)
{
	struct vif_req req;
	const struct vif_status *st = &v->status;
	vif_parse(v->key, v->val, &req, NULL);
	const struct links *links = nd->host.links;
	const struct link *pv = identity_find(links, &req, VIF_DEV_PV, v->ifindex[VIF_DEV_PV], false);
	const struct link *emu =
		identity_find(links, &req, VIF_DEV_EMU, v->ifindex[VIF_DEV_EMU], false);
	const struct link *master = pv ? links_by_index(links, pv->master) : NULL;
	if (master && strcmp(master->kind, "bridge"))
		master = NULL; /* ovs-system, of all bridges of Open vSwitch */
	char name[IFNAMSIZ];
	vif_wanted_name(&req, VIF_DEV_PV, name);
	return json_pack("{s:o, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:o, s:s, s:o, "
			 "s:I, s:o, s:o, s:o, s:o}",
			 "name", status_string(pv ? pv->name : name), "domid", v->key.domid, "devid", v->key.devid,
			 "domain", string_or_null(req.domain), "uuid", string_or_null(req.uuid), "mac",
			 mac_json(req.mac), "mode", string_or_null(st->mode), "network",
			 string_or_null(st->network), "chosen-by", string_or_null(st->by), "bridge",
			 string_or_null(master ? master->name : st->bridge), "ifindex",
			 pv ? pv->ifindex : 0, "mtu", pv ? (int)pv->mtu : 0, "addresses",
			 addresses_of(nd, v, pv, req.ip), "state", vif_state_name(st->state), "reason",
			 string_or_null(st->reason), "since", (json_int_t)(st->since / 1000000), "vlan",
			 string_or_null(req.vlan), "emulated", string_or_null(emu ? emu->name : NULL), "via",
			 string_or_null(st->via), "filter", filter_json(nd, v));
}

/* As the toolstack calls it now, or by its own name, as status shows it. */
static bool is_named(const char *domain, const char *match)
{
	size_t len = vif_name_len(domain);
	return !strcmp(domain, match) || (strlen(match) == len && !strncmp(domain, match, len));
}

static bool matches(const struct vif *v, const char *match)
{
	char buf[96];
	const char *domain = v->val[VIF_VAL_NAME], *vifname = v->val[VIF_VAL_VIFNAME];
	if (!match)
		return true;
	snprintf(buf, sizeof(buf), "%u", v->key.domid);
	if (!strcmp(buf, match) || (domain && is_named(domain, match)) ||
	    (vifname && !strcmp(vifname, match)))
		return true;
	vif_kernel_name(v->key, VIF_DEV_PV, buf);
	return !strcmp(buf, match);
}

static int compare(const void *a, const void *b)
{
	const struct vif *x = *(struct vif *const *)a, *y = *(struct vif *const *)b;
	if (x->key.domid != y->key.domid)
		return x->key.domid < y->key.domid ? -1 : 1;
	return x->key.devid < y->key.devid ? -1 : x->key.devid > y->key.devid;
}

struct vif **status_select(const struct netd *nd, const char *match, size_t *n)
{
	struct vif **list = malloc((nd->vifs.count + 1) * sizeof(*list));
	*n = 0;
	if (!list)
		return NULL;
	vifs_for_each(&nd->vifs, v)
		if (matches(v, match))
			list[(*n)++] = v;
	qsort(list, *n, sizeof(*list), compare);
	return list;
}

void status_no_match(struct ctl_req *req, const char *match)
{
	char text[160];
	snprintf(text, sizeof(text), "no domain or vif \"%.100s\" here", match);
	err_sanitize(text);
	ctl_reply_error(req, PROTO_ERR_NOT_FOUND, text);
}

static json_t *network_json(const char *name, const char *mode, const char *bridge, bool implied,
			    const struct walls *walls)
{
	return json_pack("{s:o, s:o, s:o, s:s, s:o}", "name", status_string(name), "mode", string_or_null(mode),
			 "bridge", string_or_null(bridge), "source", implied ? "implied" : "netd.conf",
			 "hints", walls_hints(walls, mode ?: ""));
}

static bool implied_before(struct vif *const *list, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (list[k]->status.network && !strcmp(list[k]->status.network, list[i]->status.network))
			return true;
	return false;
}

/* Those of the configuration, then those implied by the vifs' scripts. */
static int add_networks(const struct netd *nd, struct vif *const *list, size_t n, struct buf *out)
{
	const struct walls *walls = &nd->walls;
	bool first = true;
	int r = 0;
	for (size_t i = 0; !r && i < nd->config->n_networks; i++) {
		const struct network *net = &nd->config->networks[i];
		const char *bridge = net->plugin->bridge ? net->plugin->bridge(net) : NULL;
		r = add_json(out, network_json(net->name, net->plugin->mode, bridge, false, walls), &first);
	}
	for (size_t i = 0; !r && i < n; i++) {
		const struct vif_status *st = &list[i]->status;
		if (!st->network || config_network(nd->config, st->network) ||
		    implied_before(list, i))
			continue;
		r = add_json(out, network_json(st->network, st->mode, st->bridge, true, walls), &first);
	}
	return r;
}

static json_t *uplinks_json(const struct links *links, const struct link *br)
{
	json_t *list = json_array();
	struct vif_key key;
	enum vif_dev dev;
	links_for_each(links, l)
		if (l->master == br->ifindex && !identity_of(l, &key, &dev))
			json_array_append_new(list, json_pack("{s:o, s:b}", "name", status_string(l->name), "up",
							      !!(l->flags & IFF_RUNNING)));
	return list;
}

static int add_bridges(const struct netd *nd, struct buf *out)
{
	bool first = true;
	int r = 0;
	const struct links *links = nd->host.links;
	links_for_each(links, l)
		if (!r && !strcmp(l->kind, "bridge"))
			r = add_json(out,
				     json_pack("{s:o, s:i, s:i, s:o, s:b, s:b, s:o}", "name", status_string(l->name),
					       "ifindex", l->ifindex, "mtu", (int)l->mtu, "mac",
					       mac_json(l->mac), "up", !!(l->flags & IFF_UP),
					       "vlan-filtering", l->br_vlan_filtering, "uplinks",
					       uplinks_json(links, l)),
				     &first);
	return r;
}

/* @drops: NULL when not asked for. */
static int build(const struct netd *nd, struct vif *const *list, size_t n, const struct drops *drops,
		 struct buf *out)
{
	char head[160];
	bool first = true;
	snprintf(head, sizeof(head), "{\"version\":%d,\"uptime\":%llu,\"store\":\"%s\",\"networks\":[",
		 PROTO_VERSION, (unsigned long long)((netd_now() - nd->started) / 1000000),
		 store_is_up(nd->store) ? "connected" : "lost");
	int r = buf_add(out, head, strlen(head)) ?: add_networks(nd, list, n, out);
	if (r < 0 || buf_add(out, "],\"bridges\":[", 13) < 0 || add_bridges(nd, out) < 0 ||
	    buf_add(out, "],\"vifs\":[", 10) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_t *vif = vif_json(nd, list[i]);
		if (vif && drops)
			json_object_set_new(vif, "drops", drops_json(drops, list[i]));
		if (add_json(out, vif, &first) < 0)
			return -1;
	}
	return buf_add(out, "]}", 2);
}

void status_method(void *arg, struct ctl_req *req, json_t *params)
{
	struct netd *nd = arg;
	const char *match = NULL;
	json_error_t je;
	size_t n;
	struct buf out = {.data = NULL};
	if (json_unpack_ex(params, &je, JSON_STRICT, "{s?s}", "match", &match) < 0) {
		ctl_reply_error(req, PROTO_ERR_PARAMS, je.text);
		return;
	}
	struct vif **list = status_select(nd, match, &n);
	struct drops drops = {.list = NULL};
	walls_read(nd->host.nft, &nd->walls);
	if (match && n)
		drops_read(nd, &drops);
	if (list && match && !n)
		status_no_match(req, match);
	else if (list && build(nd, list, n, match ? &drops : NULL, &out) == 0)
		ctl_reply_text(req, &out);
	else
		ctl_reply_error(req, PROTO_ERR_INTERNAL, "out of memory");
	free(list);
	drops_fini(&drops);
	buf_fini(&out);
}
