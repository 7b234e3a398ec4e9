// SPDX-License-Identifier: GPL-2.0-or-later
/* drops: what the filters have dropped, vif by vif. */
#include "drops.h"

#include <stdlib.h>

#include "proto.h"
#include "status.h"

static void add(void *arg, int ifindex, enum filter_reason reason, uint64_t frames, uint64_t bytes)
{
	struct drops *d = arg;
	if (d->n == d->room) {
		void *p = reallocarray(d->list, d->room * 2 + 16, sizeof(*d->list));
		d->failed |= !p;
		if (!p)
			return;
		d->list = p;
		d->room = d->room * 2 + 16;
	}
	d->list[d->n++] = (struct drop) {ifindex, reason, frames, bytes};
}

static int compare(const void *a, const void *b)
{
	const struct drop *x = a, *y = b;
	return (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

void drops_read(const struct netd *nd, struct drops *d)
{
	*d = (struct drops) {.list = NULL};
	if (nd->host.nft)
		nft_drops(nd->host.nft, add, d, NULL);
	if (d->n)
		qsort(d->list, d->n, sizeof(*d->list), compare);
}

void drops_fini(struct drops *d)
{
	free(d->list);
	d->list = NULL;
}

/* The first one of @ifindex, or where it would be. */
static size_t find(const struct drops *d, int ifindex)
{
	size_t lo = 0, hi = d->n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (d->list[mid].ifindex < ifindex)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

json_t *drops_json(const struct drops *d, const struct vif *v)
{
	json_t *all = json_object();
	struct {
		uint64_t frames, bytes;
	} sum[FILTER_DROP_COUNT] = {{0}};
	for (int dev = 0; dev < VIF_DEV_COUNT; dev++) {
		int ifindex = v->ifindex[dev];
		for (size_t i = find(d, ifindex); i < d->n && d->list[i].ifindex == ifindex; i++) {
			sum[d->list[i].reason].frames += d->list[i].frames;
			sum[d->list[i].reason].bytes += d->list[i].bytes;
		}
	}
	for (int r = 0; r < FILTER_DROP_COUNT; r++)
		if (sum[r].frames)
			json_object_set_new(all, filter_reason_name(r),
					    json_pack("{s:I, s:I}", "frames",
						      (json_int_t)sum[r].frames, "bytes",
						      (json_int_t)sum[r].bytes));
	return all;
}

static json_t *vif_json(const struct netd *nd, const struct drops *d, const struct vif *v)
{
	char kernel[IFNAMSIZ], domain[sizeof(((struct vif_req *)0)->domain_raw)];
	const char *name = v->val[VIF_VAL_NAME];
	const struct link *l = links_by_index(nd->host.links, v->ifindex[VIF_DEV_PV]);
	snprintf(domain, sizeof(domain), "%.*s", name ? (int)vif_name_len(name) : 0, name ?: "");
	vif_kernel_name(v->key, VIF_DEV_PV, kernel);
	return json_pack("{s:o, s:i, s:i, s:o, s:o}", "name", status_string(l ? l->name : kernel), "domid",
			 v->key.domid, "devid", v->key.devid, "domain",
			 name ? status_string(domain) : json_null(),
			 "drops", drops_json(d, v));
}

void drops_method(void *arg, struct ctl_req *req, json_t *params)
{
	struct netd *nd = arg;
	const char *match = NULL;
	json_error_t je;
	size_t n;
	struct drops d;
	if (json_unpack_ex(params, &je, JSON_STRICT, "{s?s}", "match", &match) < 0) {
		ctl_reply_error(req, PROTO_ERR_PARAMS, je.text);
		return;
	}
	struct vif **list = status_select(nd, match, &n);
	json_t *vifs = json_array();
	drops_read(nd, &d);
	for (size_t i = 0; list && i < n; i++)
		json_array_append_new(vifs, vif_json(nd, &d, list[i]));
	if (list && match && !n)
		status_no_match(req, match);
	else if (list && !d.failed && json_array_size(vifs) == n)
		ctl_reply(req, json_pack("{s:O}", "vifs", vifs));
	else
		ctl_reply_error(req, PROTO_ERR_INTERNAL, "out of memory");
	json_decref(vifs);
	drops_fini(&d);
	free(list);
}
