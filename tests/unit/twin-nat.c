// SPDX-License-Identifier: GPL-2.0-or-later
/* twin-nat: what private networks need beside rtnetlink, in memory. */
#include "twin-nat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dnsmasq.h"
#include "ethtool.h"
#include "forwarding.h"
#include "nft-nat.h"

static struct twin_nat twin;

struct twin_nat *twin_nat(void)
{
	return &twin;
}

void twin_nat_init(void)
{
	memset(&twin, 0, sizeof(twin));
}

int nft_nat_load(struct nft *nft, struct err *e)
{
	(void)nft;
	(void)e;
	return 0;
}

bool nft_nat_has(const struct nft *nft, const struct nat_elem *list, size_t n)
{
	(void)nft;
	for (size_t i = 0; i < n; i++) {
		const struct nat_elem *e = nat_elems_find(twin.elems, twin.n_elems, &list[i]);
		if (!e || memcmp(e->data, list[i].data, sizeof(e->data)))
			return false;
	}
	return true;
}

int nft_nat_put(struct nft *nft, const struct nat_elem *list, size_t n, struct err *e)
{
	(void)nft;
	if (twin.fail_rules)
		return err_sysf(e, -EOPNOTSUPP, "nftables: twin");
	for (size_t i = 0; i < n && twin.n_elems < TWIN_ELEMS_MAX; i++) {
		struct nat_elem *have = (void *)nat_elems_find(twin.elems, twin.n_elems, &list[i]);
		if (have)
			*have = list[i];
		else
			twin.elems[twin.n_elems++] = list[i];
		twin.n_elems = nat_elems_sort(twin.elems, twin.n_elems);
	}
	return 0;
}

int nft_nat_keep(struct nft *nft, const struct nat_elem *list, size_t n, struct err *e)
{
	size_t left = 0;
	(void)nft;
	(void)e;
	for (size_t i = 0; i < twin.n_elems; i++)
		if (nat_elems_find(list, n, &twin.elems[i]))
			twin.elems[left++] = twin.elems[i];
	twin.n_elems = left;
	return 0;
}

int nft_nat_forget_strays(struct nft *nft, const struct nft_inside *inside, size_t n, struct err *e)
{
	(void)nft;
	(void)inside;
	(void)n;
	(void)e;
	return 0;
}

int dnsmasq_new(struct dnsmasq **out, sd_event *event, const char *dir, dnsmasq_changed_fn *fn,
		void *arg, struct err *e)
{
	(void)event;
	(void)dir;
	(void)fn;
	(void)arg;
	(void)e;
	*out = NULL;
	return 0;
}

void dnsmasq_free(struct dnsmasq *d)
{
	(void)d;
}

bool dnsmasq_has(const struct dnsmasq *d, const struct nat *n, int ifindex)
{
	(void)ifindex;
	(void)d;
	for (size_t i = 0; i < twin.n_served; i++)
		if (nat_equal(&twin.served[i], n))
			return true;
	return false;
}

int dnsmasq_put(struct dnsmasq *d, const struct nat *n, int ifindex, struct err *e)
{
	(void)ifindex;
	(void)d;
	if (twin.fail_server || twin.n_served == TWIN_SERVED_MAX)
		return err_sysf(e, -ENOENT, "dnsmasq: twin");
	twin.served[twin.n_served++] = *n;
	return 0;
}

void dnsmasq_keep_begin(struct dnsmasq *d)
{
	(void)d;
	twin.n_kept = 0;
}

void dnsmasq_keep(struct dnsmasq *d, const struct nat *n)
{
	(void)d;
	if (twin.n_kept < TWIN_SERVED_MAX)
		twin.kept[twin.n_kept++] = *n;
}

void dnsmasq_keep_end(struct dnsmasq *d)
{
	(void)d;
	memcpy(twin.served, twin.kept, sizeof(twin.served));
	twin.n_served = twin.n_kept;
}

int ethtool_set_tx_checksum(const char *dev, bool on, struct err *e)
{
	(void)dev;
	(void)e;
	twin.checksums_filled = !on;
	return 0;
}

void forwarding_note(const char *run_dir, int family)
{
	(void)run_dir;
	twin.noted[family == AF_INET6] = true;
}

bool forwarding_take_note(const char *run_dir, int family)
{
	bool was = twin.noted[family == AF_INET6];
	(void)run_dir;
	twin.noted[family == AF_INET6] = false;
	return was;
}

int rtnl_find_overlap(struct rtnl *rt, const struct addr *subnet, int except, struct addr *with,
		      struct err *e)
{
	(void)rt;
	(void)except;
	(void)e;
	if (!twin.busy.family || subnet->bytes[2] > twin.busy.bytes[2])
		return 0;
	*with = twin.busy;
	return 1;
}

int rtnl_del_link(struct rtnl *rt, int ifindex, struct err *e)
{
	struct twin_link *t = twin_index(rt, ifindex);
	if (!t)
		return err_sysf(e, -ENODEV, "twin");
	twin_del(rt, t->link.name);
	twin_notify(rt);
	return 0;
}
