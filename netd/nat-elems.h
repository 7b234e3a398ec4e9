/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nat-elems: a private network and a guest's forwards as elements of nftables' sets and maps. Pure.
 */
#ifndef NETD_NAT_ELEMS_H
#define NETD_NAT_ELEMS_H

#include "nat.h"

/*
 * Keys and data are as nftables keeps them: each part of a key padded to 4 bytes, interfaces'
 * indexes in the host's byte order, the rest in the network's.
 */
enum nat_set {
	NAT_SET_NETS,	 /* iif: every private network */
	NAT_SET_ANYOUT,	 /* iif: goes out by any device */
	NAT_SET_WAYS,	 /* iif . oifname: goes out by this one, or into this other network */
	NAT_SET_SAME,	 /* iif . oif, the same twice: guests that may reach each other */
	NAT_SET_HAIRPIN, /* iif . oif, the same twice: forwards to a guest beside */
	NAT_SET_ROUTED6, /* iif: IPv6 as it is */
	NAT_SET_OPEN,	 /* iif: netdevs that are networks of their own, and reach each other */
	NAT_SET_COUNT_SETS,
	NAT_MAP_SNAT4 = NAT_SET_COUNT_SETS, /* iif : address */
	NAT_MAP_SNAT6,
	NAT_MAP_PORT4, /* protocol . port : address . port */
	NAT_MAP_PORT6,
	NAT_MAP_LISTEN4, /* address . protocol . port : address . port */
	NAT_MAP_LISTEN6,
	NAT_SET_COUNT,
};

enum {
	NAT_KEY_MAX = 24,
	NAT_DATA_MAX = 20,
	NAT_ELEMS_MAX = 24 + 2 * NAT_FORWARDS_MAX,
};

struct nat_elem {
	uint8_t set;				      /* enum nat_set */
	uint8_t key[NAT_KEY_MAX], data[NAT_DATA_MAX]; /* zero behind their lengths */
};

size_t nat_set_key_len(enum nat_set set);
size_t nat_set_data_len(enum nat_set set); /* 0: a set */
const char *nat_set_name(enum nat_set set);

/* Of set and key; data does not count. */
int nat_elem_compare(const struct nat_elem *a, const struct nat_elem *b);
/* All that @n needs, sorted. @ifindex: of its bridge, or of the netdev that is its own network. */
size_t nat_elems_of(const struct nat *n, int ifindex, struct nat_elem out[NAT_ELEMS_MAX]);
/* The element of @list (sorted) with @e's key, or NULL. */
const struct nat_elem *nat_elems_find(const struct nat_elem *list, size_t n,
				      const struct nat_elem *e);
/* Sorts, and leaves the first of those with one key. @return how many are left. */
size_t nat_elems_sort(struct nat_elem *list, size_t n);

#endif
