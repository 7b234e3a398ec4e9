// SPDX-License-Identifier: GPL-2.0-or-later
/* leases: who has which address, and who gets which. */
#include "leases.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include "leases-priv.h"

struct leases *leases_new(void)
{
	return calloc(1, sizeof(struct leases));
}

void leases_free(struct leases *ls)
{
	if (!ls)
		return;
	free(ls->at);
	free(ls->before);
	free(ls->nets);
	free(ls);
}

size_t leases_count(const struct leases *ls)
{
	return ls->n;
}

struct leases_entry *leases_by_mac(const struct leases *ls, const char *network,
				   const uint8_t mac[6])
{
	for (size_t i = 0; i < ls->n; i++)
		if (!memcmp(ls->at[i].mac, mac, 6) && !strcmp(ls->at[i].network, network))
			return &ls->at[i];
	return NULL;
}

struct leases_entry *leases_by_addr4(const struct leases *ls, const char *network, uint32_t addr4)
{
	for (size_t i = 0; i < ls->n; i++)
		if (ls->at[i].addr4 == addr4 && !strcmp(ls->at[i].network, network))
			return &ls->at[i];
	return NULL;
}

static struct leases_entry *by_addr6(const struct leases *ls, const char *network,
				     const struct addr *a)
{
	for (size_t i = 0; i < ls->n; i++)
		if (addr_same_host(&ls->at[i].addr6, a) && !strcmp(ls->at[i].network, network))
			return &ls->at[i];
	return NULL;
}

int leases_add(struct leases *ls, const struct leases_entry *e)
{
	struct leases_entry *at = reallocarray(ls->at, ls->n + 1, sizeof(*at));
	if (!at)
		return -ENOMEM;
	ls->at = at;
	ls->at[ls->n++] = *e;
	return 0;
}

static void drop(struct leases *ls, struct leases_entry *e)
{
	*e = ls->at[--ls->n];
}

static int remember(struct leases *ls)
{
	free(ls->before);
	ls->n_before = ls->n;
	ls->before = malloc((ls->n + 1) * sizeof(*ls->before));
	if (!ls->before)
		return -ENOMEM;
	if (ls->n)
		memcpy(ls->before, ls->at, ls->n * sizeof(*ls->before));
	return 0;
}

/* There is room: what was there before has never been more than what is there now, but for one. */
void leases_undo(struct leases *ls)
{
	if (!ls->before)
		return;
	free(ls->at);
	ls->at = ls->before;
	ls->n = ls->n_before;
	ls->before = NULL;
}

static bool is_reserved(const struct lease_pool *p, uint32_t num)
{
	for (size_t i = 0; i < p->n_reserved; i++)
		if (p->reserved[i] == num)
			return true;
	return num == lease_to_num(&p->gw4);
}

/* One that belongs to somebody who is not here is given up to whom the administrator names. */
static int claim(struct leases *ls, const struct lease_pool *p, const struct leases_guest *g,
		 struct leases_entry *holder, const struct addr *a, struct err *e)
{
	char text[ADDR_TEXT_SIZE];
	if (!holder || !memcmp(holder->mac, g->mac, 6))
		return 0;
	if (g->here(g->arg, p->network, holder->mac))
		return err_setf(
			e, -EADDRINUSE,
			"%s: %s of network %s belongs to %s%s%02x:%02x:%02x:%02x:%02x:%02x%s, "
			"which is here; give one of them another address",
			p->fixed_by, addr_print(a, text, sizeof(text)), p->network, holder->name,
			holder->name[0] ? " (" : "", holder->mac[0], holder->mac[1], holder->mac[2],
			holder->mac[3], holder->mac[4], holder->mac[5], holder->name[0] ? ")" : "");
	drop(ls, holder);
	return 0;
}

static int check_fixed(const struct lease_pool *p, const struct addr *gw, const struct addr *a,
		       struct err *e)
{
	char text[ADDR_TEXT_SIZE], net[ADDR_TEXT_SIZE];
	uint32_t first, last;
	addr_print(a, text, sizeof(text));
	if (!lease_in_subnet(gw, a))
		return err_setf(e, -EINVAL, "%s: %s is not in network %s, which is that of %s",
				p->fixed_by, text, p->network,
				gw->family ? addr_print(gw, net, sizeof(net)) : "IPv4 alone");
	if (addr_same_host(gw, a))
		return err_setf(e, -EADDRINUSE, "%s: %s is dom0's own address in network %s",
				p->fixed_by, text, p->network);
	lease_hosts(gw, &first, &last);
	if (a->family == AF_INET && (lease_to_num(a) < first || lease_to_num(a) > last))
		return err_setf(e, -EINVAL,
				"%s: %s is the first or last of network %s, which no host "
				"can have",
				p->fixed_by, text, p->network);
	return 0;
}

static int fix(struct leases *ls, const struct lease_pool *p, const struct leases_guest *g,
	       struct leases_entry *en, struct err *e)
{
	int r = 0;
	if (p->fixed4.family) {
		r = check_fixed(p, &p->gw4, &p->fixed4, e);
		en->addr4 = lease_to_num(&p->fixed4);
		r = r ?: claim(ls, p, g, leases_by_addr4(ls, p->network, en->addr4), &p->fixed4, e);
	}
	if (!r && p->fixed6.family) {
		r = check_fixed(p, &p->gw6, &p->fixed6, e);
		en->addr6 = p->fixed6;
		en->addr6.prefix = 128;
		r = r ?: claim(ls, p, g, by_addr6(ls, p->network, &p->fixed6), &p->fixed6, e);
	}
	return r;
}

/* FNV-1a: the vendor's half of MACs is all the same, so each byte must reach all bits. */
static uint32_t hash(const uint8_t mac[6])
{
	uint32_t h = 0x811c9dc5;
	for (int i = 0; i < 6; i++)
		h = (h ^ mac[i]) * 0x01000193;
	return h ^ h >> 15;
}

static struct leases_entry *oldest_absent(const struct leases *ls, const struct lease_pool *p,
					  const struct leases_guest *g, uint32_t first,
					  uint32_t last)
{
	struct leases_entry *old = NULL;
	for (size_t i = 0; i < ls->n; i++) {
		struct leases_entry *en = &ls->at[i];
		if (strcmp(en->network, p->network) || en->addr4 < first || en->addr4 > last ||
		    is_reserved(p, en->addr4) || (old && en->day >= old->day) ||
		    g->here(g->arg, p->network, en->mac))
			continue;
		old = en;
	}
	return old;
}

static void range_of(const struct lease_pool *p, uint32_t *first, uint32_t *last)
{
	lease_hosts(&p->gw4, first, last);
	if (p->first)
		*first = p->first;
	if (p->last)
		*last = p->last;
}

static int choose(struct leases *ls, const struct lease_pool *p, const struct leases_guest *g,
		  struct leases_entry *en, struct err *e)
{
	char a[ADDR_TEXT_SIZE], b[ADDR_TEXT_SIZE];
	uint32_t first, last;
	range_of(p, &first, &last);
	uint32_t size = last - first + 1, start = hash(g->mac) % size;
	/* No further than there are leases: beyond that one must have been free. */
	for (uint32_t i = 0; i < size && i <= ls->n + p->n_reserved + 1; i++) {
		uint32_t num = first + (start + i) % size;
		if (is_reserved(p, num) || leases_by_addr4(ls, p->network, num))
			continue;
		en->addr4 = num;
		return 0;
	}
	struct leases_entry *old = oldest_absent(ls, p, g, first, last);
	if (old) {
		en->addr4 = old->addr4;
		drop(ls, old);
		return 0;
	}
	struct addr lo = lease_from_num(first), hi = lease_from_num(last);
	return err_setf(
		e, -ENOSPC,
		"network %s has no free address: all of %s to %s belong to guests that are here; "
		"give it a larger subnet or range in netd.conf",
		p->network, addr_print(&lo, a, sizeof(a)), addr_print(&hi, b, sizeof(b)));
}

/* Does what was remembered still do? */
static bool fits(const struct lease_pool *p, const struct leases_entry *en)
{
	struct addr a = lease_from_num(en->addr4);
	if (p->fixed4.family)
		return addr_same_host(&p->fixed4, &a);
	uint32_t first, last;
	range_of(p, &first, &last);
	return en->addr4 >= first && en->addr4 <= last && !is_reserved(p, en->addr4);
}

static bool fits6(const struct lease_pool *p, const struct leases_entry *en, const uint8_t mac[6])
{
	if (!p->gw6.family)
		return !en->addr6.family;
	struct addr own = lease_eui64(&p->gw6, mac);
	return addr_same_host(&en->addr6, p->fixed6.family ? &p->fixed6 : &own);
}

static void fill(const struct lease_pool *p, const struct leases_entry *en, struct lease *out)
{
	*out = (struct lease) {.gw4 = p->gw4, .gw6 = p->gw6, .addr6 = en->addr6};
	if (p->gw4.family)
		out->addr4 = lease_from_num(en->addr4);
}

static int make(struct leases *ls, const struct lease_pool *p, const struct leases_guest *g,
		const struct leases_entry *old, struct leases_entry *en, struct err *e)
{
	*en = (struct leases_entry) {.day = g->day};
	if (old)
		en->addr4 = old->addr4;
	snprintf(en->network, sizeof(en->network), "%s", p->network);
	snprintf(en->name, sizeof(en->name), "%s", g->name);
	memcpy(en->mac, g->mac, 6);
	if (p->gw6.family)
		en->addr6 = lease_eui64(&p->gw6, g->mac);
	int r = fix(ls, p, g, en, e);
	if (!r && !p->fixed4.family && (!old || !fits(p, old)))
		r = choose(ls, p, g, en, e);
	return r;
}

int leases_take(struct leases *ls, const struct lease_pool *p, const struct leases_guest *g,
		struct lease *out, struct err *e)
{
	struct leases_entry *old = leases_by_mac(ls, p->network, g->mac), en, was;
	if (old && fits(p, old) && fits6(p, old, g->mac)) {
		bool today = old->day >= g->day;
		fill(p, old, out);
		old->day = today ? old->day : g->day;
		return today ? 0 : 2;
	}
	if (remember(ls) < 0)
		return err_sysf(e, -ENOMEM, "keep a lease");
	if (old)
		was = *old;
	int r = make(ls, p, g, old ? &was : NULL, &en, e);
	if (!r) {
		old = leases_by_mac(ls, p->network, g->mac); /* others may have been dropped */
		if (old)
			*old = en;
		else if (leases_add(ls, &en) < 0)
			r = err_sysf(e, -ENOMEM, "keep a lease");
	}
	if (r < 0) {
		leases_undo(ls);
		return r;
	}
	fill(p, &en, out);
	return 1;
}

bool leases_network(const struct leases *ls, const char *network, struct addr *gw4)
{
	for (size_t i = 0; i < ls->n_nets; i++)
		if (!strcmp(ls->nets[i].network, network)) {
			*gw4 = ls->nets[i].gw4;
			return true;
		}
	return false;
}

int leases_set_network(struct leases *ls, const char *network, const struct addr *gw4)
{
	for (size_t i = 0; i < ls->n_nets; i++)
		if (!strcmp(ls->nets[i].network, network)) {
			ls->nets[i].gw4 = *gw4;
			return 0;
		}
	struct leases_net *nets = reallocarray(ls->nets, ls->n_nets + 1, sizeof(*nets));
	if (!nets)
		return -ENOMEM;
	ls->nets = nets;
	struct leases_net *n = &nets[ls->n_nets++];
	*n = (struct leases_net) {.gw4 = *gw4};
	snprintf(n->network, sizeof(n->network), "%s", network);
	return 0;
}
