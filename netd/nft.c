// SPDX-License-Identifier: GPL-2.0-or-later
/* nft: filters in the kernel: what the rest of the daemon sees of nf_tables. */
#include "nft-priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libnftnl/common.h>

enum {
	MONITOR_RCVBUF = 4 * 1024 * 1024, /* others may load large rulesets in one go */
};

int nft_open(struct nft **out, struct err *e)
{
	struct nft *nft = calloc(1, sizeof(*nft));
	if (!nft)
		return err_sysf(e, -ENOMEM, "nftables");
	nft->tables = nft_def(NFT_TABLE_BRIDGE)->table;
	int group = NFNLGRP_NFTABLES, size = MONITOR_RCVBUF;
	nft->request = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	nft->monitor = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!nft->request || !nft->monitor ||
	    mnl_socket_bind(nft->request, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_bind(nft->monitor, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(nft->monitor, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) <
		    0) {
		int r = -errno;
		nft_close(nft);
		return err_sysf(e, r, "nftables: open a netlink socket");
	}
	int fd = mnl_socket_get_fd(nft->monitor);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	*out = nft;
	return 0;
}

void nft_close(struct nft *nft)
{
	if (!nft)
		return;
	if (nft->request)
		mnl_socket_close(nft->request);
	if (nft->monitor)
		mnl_socket_close(nft->monitor);
	nft_cache_clear(&nft->cache);
	nft_nat_fini(nft);
	free(nft);
}

int nft_fd(const struct nft *nft)
{
	return mnl_socket_get_fd(nft->monitor);
}

enum { TOUCHED_FILTERS = 1, TOUCHED_NAT = 2 };

/* @return whose table it is, 0: none of ours. */
static int whose_table(uint8_t family, const char *name)
{
	for (int t = 0; t < NFT_TABLE_COUNT; t++)
		if (nft_def(t)->family == family && !strcmp(nft_def(t)->name, name))
			return TOUCHED_FILTERS;
	return family == NFPROTO_INET && !strcmp(name, NFT_TABLE) ? TOUCHED_NAT : 0;
}

/*
 * All of nf_tables' messages tell their table in attribute 1, and those about rules and elements
 * the chain or set in attribute 2, those about chains and sets (of a name) in 3 or 2.
 */
static int whose(const struct nlmsghdr *h)
{
	int table = 0;
	bool users = false;
	const struct nlattr *attr;
	if (NFNL_SUBSYS_ID(h->nlmsg_type) != NFNL_SUBSYS_NFTABLES ||
	    NFNL_MSG_TYPE(h->nlmsg_type) == NFT_MSG_NEWGEN ||
	    mnl_nlmsg_get_payload_len(h) < sizeof(struct nfgenmsg))
		return 0;
	uint8_t family = ((struct nfgenmsg *)mnl_nlmsg_get_payload(h))->nfgen_family;
	bool chain = NFNL_MSG_TYPE(h->nlmsg_type) == NFT_MSG_NEWCHAIN ||
		     NFNL_MSG_TYPE(h->nlmsg_type) == NFT_MSG_DELCHAIN;
	mnl_attr_for_each(attr, h, sizeof(struct nfgenmsg)) {
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
			continue;
		if (mnl_attr_get_type(attr) == NFTA_TABLE_NAME)
			table = whose_table(family, mnl_attr_get_str(attr));
		else if (mnl_attr_get_type(attr) == (chain ? NFTA_CHAIN_NAME : NFTA_SET_NAME))
			users = !strncmp(mnl_attr_get_str(attr), NFT_USER, sizeof(NFT_USER) - 1);
	}
	return users ? 0 : table;
}

/* Reads what has been told. @return which of our tables somebody else has changed; -errno. */
static int drain(struct nft *nft, struct err *e)
{
	int touched = 0;
	for (;;) {
		ssize_t len = recv(nft_fd(nft), nft->buf, sizeof(nft->buf), 0);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == EAGAIN)
			return touched;
		if (len < 0 && errno == ENOBUFS) {
			touched = TOUCHED_FILTERS | TOUCHED_NAT; /* what was lost may have been about us */
			continue;
		}
		if (len < 0)
			return err_sysf(e, -errno, "nftables monitor");
		int left = len;
		for (const struct nlmsghdr *h = (void *)nft->buf; mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left))
			if (h->nlmsg_pid != mnl_socket_get_portid(nft->request))
				touched |= whose(h);
	}
}

int nft_refresh(struct nft *nft, struct err *e)
{
	struct err first = ERR_INIT;
	int touched = drain(nft, e), filters = 0, nat = 0;
	if (touched < 0)
		return touched;
	/* It is told once: a table that cannot be mended must not keep the other from it. */
	bool again = (touched & TOUCHED_FILTERS) && nft->loaded;
	if (again) {
		nft->loaded = false;
		filters = nft_load(nft, &first);
	}
	bool write = (touched & TOUCHED_NAT) && nft->nat.n;
	if (write)
		nat = nft_nat_rewrite(nft, e);
	if (filters < 0)
		return err_setf(e, filters, "%s", first.text);
	return nat < 0 ? nat : again || write;
}

/*
 * What the kernel has yet to tell of other people's hands is left to nft_refresh(): it comes by the
 * event loop, and is followed by a look at all vifs.
 */
int nft_ready(struct nft *nft, struct err *e)
{
	return nft->loaded ? 0 : nft_load(nft, e);
}

int nft_get(struct nft *nft, int ifindex, struct filter *f, struct err *e)
{
	memset(f, 0, sizeof(*f));
	int r = nft_ready(nft, e);
	const struct nft_entry *en = r < 0 ? NULL : nft_cache_find(&nft->cache, ifindex);
	if (en)
		nft_elems_read(en->elems, en->n, f);
	return r;
}

int nft_forget(struct nft *nft, int ifindex, struct err *e)
{
	static const struct filter none;
	if (!nft->loaded || !nft_cache_find(&nft->cache, ifindex))
		return 0;
	return nft_set(nft, ifindex, &none, e);
}

int nft_next(const struct nft *nft, int prev)
{
	return nft_cache_next(&nft->cache, prev);
}

/* What is in the sorted @a and not in the sorted @b. */
static size_t minus(const struct nft_elem *a, size_t na, const struct nft_elem *b, size_t nb,
		    struct nft_elem *out)
{
	size_t n = 0;
	for (size_t i = 0, k = 0; i < na; i++) {
		while (k < nb && nft_elem_compare(&b[k], &a[i]) < 0)
			k++;
		if (k == nb || nft_elem_compare(&b[k], &a[i]))
			out[n++] = a[i];
	}
	return n;
}

static int change(struct nft *nft, int ifindex, const struct nft_elem *want, size_t n,
		  struct err *e)
{
	struct nft_batch b;
	struct nft_elem add[NFT_ELEMS_MAX], counters[NFT_COUNTERS_MAX];
	const struct nft_entry *en = nft_cache_find(&nft->cache, ifindex);
	size_t had = en ? en->n : 0;
	struct nft_elem *del =
		calloc(had + 1, sizeof(*del)); /* somebody may have put in any number */
	if (!del)
		return err_sysf(e, -ENOMEM, "nftables");
	size_t n_counters = n || !en ? 0 : nft_counters_of(nft, en, counters);
	size_t n_del = minus(en ? en->elems : NULL, had, want, n, del);
	nft_batch_begin(nft, &b);
	nft_batch_elems(&b, NFT_MSG_DELSETELEM, ifindex, del, n_del);
	nft_batch_elems(&b, NFT_MSG_DELSETELEM, ifindex, counters, n_counters);
	nft_batch_elems(&b, NFT_MSG_NEWSETELEM, ifindex, add,
			minus(want, n, en ? en->elems : NULL, had, add));
	int r = nft_run(nft, &b, e);
	nft_batch_fini(&b);
	free(del);
	return r;
}

/* A host that routes to no guest has no rules on the way of its own packets. */
static void need_tables(struct nft *nft, const struct nft_elem *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t bit = nft_def(list[i].table)->table;
		if (nft->tables & bit)
			continue;
		nft->tables |= bit;
		nft->loaded = false; /* which makes them */
	}
}

static int set_once(struct nft *nft, int ifindex, const struct nft_elem *want, size_t n,
		    struct err *e)
{
	int r = nft_ready(nft, e) ?: change(nft, ifindex, want, n, e);
	if (r == -ENOENT || r == -EEXIST) { /* the cache is behind: somebody else's hand */
		nft->loaded = false;
		r = nft_ready(nft, e) ?: change(nft, ifindex, want, n, e);
	}
	return r;
}

int nft_set(struct nft *nft, int ifindex, const struct filter *f, struct err *e)
{
	struct nft_elem want[NFT_ELEMS_MAX];
	size_t n = nft_elems_of(f, want);
	uint8_t tables = nft->tables;
	need_tables(nft, want, n);
	int r = set_once(nft, ifindex, want, n, e);
	if (!r && nft_cache_set(&nft->cache, ifindex, want, n) < 0)
		nft->loaded = false; /* out of memory: read again when there is some */
	if (r < 0 && !nft->loaded)
		nft->tables = tables; /* what cannot be had shall not be in the way of the others */
	return r;
}
