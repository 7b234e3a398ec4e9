// SPDX-License-Identifier: GPL-2.0-or-later
/* nat-elems: from a network to elements of sets and maps. */
#include "nat-elems.h"

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

static const struct {
	const char *name;
	uint8_t key, data;
} sets[NAT_SET_COUNT] = {
	[NAT_SET_NETS] = {"networks", 4, 0},	 [NAT_SET_ANYOUT] = {"any-uplink", 4, 0},
	[NAT_SET_WAYS] = {"uplinks", 20, 0},	 [NAT_SET_SAME] = {"same", 8, 0},
	[NAT_SET_HAIRPIN] = {"hairpin", 8, 0},	 [NAT_SET_ROUTED6] = {"routed6", 4, 0},
	[NAT_SET_OPEN] = {"open", 4, 0},	 [NAT_MAP_SNAT4] = {"snat4", 4, 4},
	[NAT_MAP_SNAT6] = {"snat6", 4, 16},	 [NAT_MAP_PORT4] = {"forward4", 8, 8},
	[NAT_MAP_PORT6] = {"forward6", 8, 20},	 [NAT_MAP_LISTEN4] = {"listen4", 12, 8},
	[NAT_MAP_LISTEN6] = {"listen6", 24, 20},
};

size_t nat_set_key_len(enum nat_set set)
{
	return sets[set].key;
}

size_t nat_set_data_len(enum nat_set set)
{
	return sets[set].data;
}

const char *nat_set_name(enum nat_set set)
{
	return sets[set].name;
}

int nat_elem_compare(const struct nat_elem *a, const struct nat_elem *b)
{
	return a->set != b->set ? a->set - b->set : memcmp(a->key, b->key, sizeof(a->key));
}

static int compare(const void *a, const void *b)
{
	return nat_elem_compare(a, b);
}

size_t nat_elems_sort(struct nat_elem *list, size_t n)
{
	size_t left = 0;
	if (n)
		qsort(list, n, sizeof(*list), compare);
	for (size_t i = 0; i < n; i++)
		if (!left || nat_elem_compare(&list[left - 1], &list[i]))
			list[left++] = list[i];
	return left;
}

const struct nat_elem *nat_elems_find(const struct nat_elem *list, size_t n,
				      const struct nat_elem *e)
{
	return n ? bsearch(e, list, n, sizeof(*list), compare) : NULL;
}

struct out {
	struct nat_elem *list;
	size_t n;
	uint32_t ifindex;
};

/* With the interface as the first part of its key. */
static struct nat_elem *put(struct out *o, enum nat_set set)
{
	struct nat_elem *e = &o->list[o->n++];
	*e = (struct nat_elem) {.set = set};
	memcpy(e->key, &o->ifindex, sizeof(o->ifindex));
	return e;
}

static void put_way(struct out *o, const char *name)
{
	struct nat_elem *e = put(o, NAT_SET_WAYS);
	memcpy(e->key + 4, name, strnlen(name, IFNAMSIZ - 1));
}

static void put_pair(struct out *o, enum nat_set set)
{
	struct nat_elem *e = put(o, set);
	memcpy(e->key + 4, &o->ifindex, sizeof(o->ifindex));
}

static void put_snat(struct out *o, enum nat_set set, const struct addr *a)
{
	if (a->family)
		memcpy(put(o, set)->data, a->bytes, addr_len(a));
}

static void put_port(uint8_t *at, uint16_t port)
{
	port = htons(port);
	memcpy(at, &port, sizeof(port));
}

static void put_forward(struct out *o, const struct nat_forward *f, const struct addr *to)
{
	bool v6 = to->family == AF_INET6, any = !f->listen.family;
	if (!to->family || (!any && f->listen.family != to->family))
		return;
	struct nat_elem *e = &o->list[o->n++];
	*e = (struct nat_elem) {.set = any ? (v6 ? NAT_MAP_PORT6 : NAT_MAP_PORT4)
					   : (v6 ? NAT_MAP_LISTEN6 : NAT_MAP_LISTEN4)};
	size_t at = any ? 0 : addr_len(to);
	memcpy(e->key, f->listen.bytes, at);
	e->key[at] = f->proto;
	put_port(e->key + at + 4, f->port);
	memcpy(e->data, to->bytes, addr_len(to));
	put_port(e->data + addr_len(to), f->to_port);
}

size_t nat_elems_of(const struct nat *n, int ifindex, struct nat_elem out[NAT_ELEMS_MAX])
{
	struct out o = {out, 0, ifindex};
	if (!n->on || !ifindex)
		return 0;
	put(&o, NAT_SET_NETS);
	if (n->uplink[0])
		put_way(&o, n->uplink);
	else
		put(&o, NAT_SET_ANYOUT);
	for (size_t i = 0; i < n->n_reach; i++)
		put_way(&o, n->reach[i]);
	if (n->dev[0])
		put_pair(&o, NAT_SET_HAIRPIN);
	if (n->dev[0] && !n->isolated)
		put_pair(&o, NAT_SET_SAME);
	if (n->routed6)
		put(&o, NAT_SET_ROUTED6);
	if (n->open)
		put(&o, NAT_SET_OPEN);
	put_snat(&o, NAT_MAP_SNAT4, &n->snat4);
	put_snat(&o, NAT_MAP_SNAT6, &n->snat6);
	for (size_t i = 0; i < n->n_forwards; i++) {
		put_forward(&o, &n->forwards[i], &n->addr4);
		put_forward(&o, &n->forwards[i], &n->addr6);
	}
	return nat_elems_sort(out, o.n);
}
