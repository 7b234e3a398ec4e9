// SPDX-License-Identifier: GPL-2.0-or-later
/* nat: a private network as a value: compared and printed. */
#include "nat.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <netinet/in.h>

bool nat_add_forward(struct nat *n, const struct nat_forward *f)
{
	if (n->n_forwards == NAT_FORWARDS_MAX)
		return false;
	n->forwards[n->n_forwards++] = *f;
	return true;
}

static bool same_forward(const struct nat_forward *a, const struct nat_forward *b)
{
	return a->proto == b->proto && a->port == b->port && a->to_port == b->to_port &&
	       addr_same_host(&a->listen, &b->listen);
}

static bool same_dhcp(const struct nat_dhcp *a, const struct nat_dhcp *b)
{
	return a->on == b->on && !strcmp(a->domain, b->domain) && !strcmp(a->dns, b->dns) &&
	       !memcmp(a->mac, b->mac, sizeof(a->mac)) && !strcmp(a->name, b->name);
}

static bool same_lists(const struct nat *a, const struct nat *b)
{
	if (a->n_reach != b->n_reach || a->n_forwards != b->n_forwards)
		return false;
	for (size_t i = 0; i < a->n_reach; i++)
		if (strcmp(a->reach[i], b->reach[i]))
			return false;
	for (size_t i = 0; i < a->n_forwards; i++)
		if (!same_forward(&a->forwards[i], &b->forwards[i]))
			return false;
	return true;
}

bool nat_equal(const struct nat *a, const struct nat *b)
{
	return a->on == b->on && a->parts == b->parts && !strcmp(a->dev, b->dev) &&
	       addr_equal(&a->gw4, &b->gw4) && addr_equal(&a->gw6, &b->gw6) &&
	       !strcmp(a->uplink, b->uplink) && addr_same_host(&a->snat4, &b->snat4) &&
	       addr_same_host(&a->snat6, &b->snat6) && a->routed6 == b->routed6 &&
	       a->isolated == b->isolated && a->open == b->open &&
	       addr_same_host(&a->addr4, &b->addr4) && addr_same_host(&a->addr6, &b->addr6) &&
	       same_dhcp(&a->dhcp, &b->dhcp) && same_lists(a, b);
}

struct out {
	char *buf;
	size_t size, used;
};

static void put(struct out *o, const char *what, const char *text)
{
	if (*text && o->used < o->size)
		o->used += snprintf(o->buf + o->used, o->size - o->used, " %s=%s", what, text);
}

static void put_addr(struct out *o, const char *what, const struct addr *a)
{
	char text[ADDR_TEXT_SIZE];
	put(o, what, addr_print(a, text, sizeof(text)));
}

static void put_forward(struct out *o, const struct nat_forward *f)
{
	char text[2 * ADDR_TEXT_SIZE], listen[ADDR_TEXT_SIZE];
	snprintf(text, sizeof(text), "%s:%s:%u:%u", f->proto == IPPROTO_TCP ? "tcp" : "udp",
		 addr_print(&f->listen, listen, sizeof(listen)), f->port, f->to_port);
	put(o, "forward", text);
}

const char *nat_print(const struct nat *n, char *buf, size_t size)
{
	static const char *const parts[] = {"", "g", "r", "gr", "d", "gd", "rd", "grd"};
	struct out o = {buf, size, 0};
	buf[0] = '\0';
	if (!n->on)
		return buf;
	put(&o, "nat", n->dev[0] ? n->dev : "itself");
	put(&o, "parts", parts[n->parts & 7]);
	put_addr(&o, "gw4", &n->gw4);
	put_addr(&o, "gw6", &n->gw6);
	put(&o, "out", n->uplink);
	put_addr(&o, "snat4", &n->snat4);
	put_addr(&o, "snat6", &n->snat6);
	put(&o, "v6", n->routed6 ? "routed" : "");
	put_addr(&o, "addr4", &n->addr4);
	put_addr(&o, "addr6", &n->addr6);
	for (size_t i = 0; i < n->n_reach; i++)
		put(&o, "reach", n->reach[i]);
	for (size_t i = 0; i < n->n_forwards; i++)
		put_forward(&o, &n->forwards[i]);
	put(&o, "dhcp", n->dhcp.on ? "on" : "");
	put(&o, "name", n->dhcp.name);
	put(&o, "domain", n->dhcp.domain);
	put(&o, "dns", n->dhcp.dns);
	return buf;
}

void nat_label(const char *domain, char out[NAT_NAME_SIZE])
{
	size_t n = 0;
	for (; domain[n] && n < NAT_NAME_SIZE; n++)
		if (!isalnum((unsigned char)domain[n]) && (!n || !strchr("-_", domain[n])))
			break;
	out[0] = '\0';
	if (n && !domain[n] && n < NAT_NAME_SIZE && domain[n - 1] != '-')
		snprintf(out, NAT_NAME_SIZE, "%s", domain);
}
