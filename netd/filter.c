// SPDX-License-Identifier: GPL-2.0-or-later
/* filter: what a guest may send, as a value. */
#include "filter.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int compare(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) ?: a->prefix - b->prefix;
}

bool filter_add_net(struct filter *f, const struct addr *a)
{
	struct addr net = *a;
	size_t i = 0;
	net.has_prefix = net.prefix < 8 * addr_len(a);
	while (i < f->n_addrs && compare(&f->addrs[i], &net) < 0)
		i++;
	if (i < f->n_addrs && !compare(&f->addrs[i], &net))
		return true;
	if (f->n_addrs == FILTER_ADDRS_MAX)
		return false;
	memmove(&f->addrs[i + 1], &f->addrs[i], (f->n_addrs - i) * sizeof(net));
	f->addrs[i] = net;
	f->n_addrs++;
	return true;
}

bool filter_add_addr(struct filter *f, const struct addr *a)
{
	struct addr host = *a;
	host.prefix = 8 * addr_len(a);
	return filter_add_net(f, &host);
}

bool filter_equal(const struct filter *a, const struct filter *b)
{
	if (a->on != b->on || a->odd != b->odd)
		return false;
	if (!a->on)
		return true;
	if (a->any_addr != b->any_addr || a->routed != b->routed || a->guards != b->guards ||
	    a->n_addrs != b->n_addrs || memcmp(a->mac, b->mac, sizeof(a->mac)) ||
	    memcmp(a->limit, b->limit, sizeof(a->limit)))
		return false;
	for (size_t i = 0; i < a->n_addrs; i++)
		if (compare(&a->addrs[i], &b->addrs[i]))
			return false;
	return true;
}

const char *filter_reason_name(enum filter_reason r)
{
	static const char *const names[FILTER_DROP_COUNT] = {
		[FILTER_DROP_MAC] = "mac",
		[FILTER_DROP_ARP] = "arp",
		[FILTER_DROP_IP] = "ip",
		[FILTER_DROP_IP6] = "ip6",
		[FILTER_DROP_ND] = "nd",
		[FILTER_DROP_PROTOCOL] = "protocol",
		[FILTER_DROP_RA] = "ra",
		[FILTER_DROP_DHCP] = "dhcp",
		[FILTER_DROP_VLAN] = "vlan",
		[FILTER_DROP_CONTROL] = "control",
		[FILTER_DROP_PACKETS] = "packets",
		[FILTER_DROP_CONNECTIONS] = "connections",
		[FILTER_DROP_BROADCAST] = "broadcast",
	};
	return names[r];
}

__attribute__((format(printf, 4, 5))) static size_t add(char *buf, size_t size, size_t off,
							const char *fmt, ...)
{
	va_list ap;
	if (off >= size)
		return off;
	va_start(ap, fmt);
	int n = vsnprintf(buf + off, size - off, fmt, ap);
	va_end(ap);
	return off + (n > 0 ? n : 0);
}

const char *filter_addr_print(const struct addr *a, char *buf, size_t size)
{
	addr_print(a, buf, size);
	if (a->prefix == 8 * addr_len(a))
		buf[strcspn(buf, "/")] = '\0';
	return buf;
}

const char *filter_print(const struct filter *f, char *buf, size_t size)
{
	char text[ADDR_TEXT_SIZE];
	const uint8_t *m = f->mac;
	if (!f->on) {
		snprintf(buf, size, "off%s", f->odd ? " odd" : "");
		return buf;
	}
	size_t n = add(buf, size, 0, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
		       m[5]);
	n = add(buf, size, n, "%s%s", f->routed ? " routed" : "", f->any_addr ? " any" : "");
	for (size_t i = 0; i < f->n_addrs; i++)
		n = add(buf, size, n, " %s", filter_addr_print(&f->addrs[i], text, sizeof(text)));
	n = add(buf, size, n, " guards=%s%s%s%s", f->guards & FILTER_GUARD_RA ? "r" : "",
		f->guards & FILTER_GUARD_DHCP ? "d" : "", f->guards & FILTER_GUARD_VLAN ? "v" : "",
		f->guards & FILTER_GUARD_CONTROL ? "c" : "");
	for (int i = 0; i < FILTER_LIMIT_COUNT; i++)
		if (f->limit[i])
			n = add(buf, size, n, " %c<%u/s", "pcb"[i], f -> limit[i]);
	if (f->odd)
		add(buf, size, n, " odd");
	return buf;
}
