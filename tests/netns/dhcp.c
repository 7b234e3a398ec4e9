// SPDX-License-Identifier: GPL-2.0-or-later
/* dhcp: a guest's DHCP client on a packet socket. */
#include "dhcp.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>

#include <linux/if_packet.h>

enum {
	DISCOVER = 1,
	OFFER,
	REQUEST,
	DECLINE,
	ACK,
	OPT_MASK = 1,
	OPT_ROUTER = 3,
	OPT_DNS = 6,
	OPT_NAME = 12,
	OPT_DOMAIN = 15,
	OPT_WANTED = 50,
	OPT_TYPE = 53,
	OPT_SERVER = 54,
	OPT_PARAMETERS = 55,
	OPT_CLIENT = 61,
	OPT_END = 255,
	AGAIN_MS = 500,
};

struct bootp {
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags;
	uint32_t ciaddr, yiaddr, siaddr, giaddr;
	uint8_t chaddr[16], sname[64], file[128], magic[4], options[312];
} __attribute__((packed));

struct frame {
	struct ether_header eth;
	struct iphdr ip;
	struct udphdr udp;
	struct bootp b;
} __attribute__((packed));

struct client {
	struct nic *nic;
	const struct dhcp_as *as;
	int fd;
	uint32_t xid, offered, server;
	bool acked;
	unsigned seen; /* of addresses offered, by dhcp_flood() */
	uint32_t addrs[256];
	struct dhcp_lease *out;
};

static uint32_t sum(const void *p, size_t len, uint32_t start)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < len; i++)
		start += i % 2 ? b[i] : b[i] << 8;
	return start;
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ~s;
}

static uint32_t udp_sum(const struct frame *f, size_t len)
{
	const uint8_t *addrs = (const uint8_t *)f + offsetof(struct frame, ip.saddr);

	return sum((const uint8_t *)f + offsetof(struct frame, udp), len,
		   sum(addrs, 8, IPPROTO_UDP + len));
}

static uint8_t *put_option(uint8_t *p, uint8_t code, const void *data, uint8_t len)
{
	*p++ = code;
	*p++ = len;
	memcpy(p, data, len);
	return p + len;
}

static void fill(const struct client *c, struct frame *f, uint8_t type, uint32_t addr)
{
	static const uint8_t magic[] = {99, 130, 83, 99};
	static const uint8_t asked[] = {OPT_MASK, OPT_ROUTER, OPT_DNS, OPT_NAME, OPT_DOMAIN};
	const struct dhcp_as *as = c->as;
	uint8_t *p = f->b.options;

	memset(f, 0, sizeof(*f));
	f->b.op = f->b.htype = 1;
	f->b.hlen = NET_ALEN;
	f->b.xid = c->xid;
	f->b.flags = 0; /* answers come to its MAC, before it has an address */
	memcpy(f->b.chaddr, as->mac ?: c->nic->mac, NET_ALEN);
	memcpy(f->b.magic, magic, sizeof(magic));
	p = put_option(p, OPT_TYPE, &type, 1);
	p = put_option(p, OPT_PARAMETERS, asked, sizeof(asked));
	if (as->client_id)
		p = put_option(p, OPT_CLIENT, as->client_id, strlen(as->client_id));
	if (type == REQUEST || type == DECLINE)
		p = put_option(p, OPT_WANTED, &addr, 4);
	else if (type != DISCOVER)
		f->b.ciaddr = addr;
	if (type != DISCOVER)
		p = put_option(p, OPT_SERVER, &c->server, 4);
	*p = OPT_END;
}

static void send_frame(const struct client *c, uint8_t type, uint32_t addr)
{
	struct frame f;

	fill(c, &f, type, addr);
	memset(f.eth.ether_dhost, 0xff, ETH_ALEN);
	memcpy(f.eth.ether_shost, c->nic->mac, ETH_ALEN);
	f.eth.ether_type = htons(ETHERTYPE_IP);
	f.ip = (struct iphdr) {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP};
	f.ip.tot_len = htons(sizeof(f) - sizeof(f.eth));
	f.ip.daddr = INADDR_BROADCAST;
	f.ip.check = htons(fold(sum(&f.ip, sizeof(f.ip), 0)));
	f.udp.uh_sport = htons(68);
	f.udp.uh_dport = htons(67);
	f.udp.uh_ulen = htons(sizeof(f.udp) + sizeof(f.b));
	f.udp.uh_sum = htons(fold(udp_sum(&f, sizeof(f.udp) + sizeof(f.b))));
	send(c->fd, &f, sizeof(f), 0); /* may be lost: the next one comes soon */
}

static const uint8_t *option(const struct bootp *b, size_t len, uint8_t code, uint8_t *size)
{
	const uint8_t *end = (const uint8_t *)b + len, *p = b->options;

	while (p + 1 < end && *p != OPT_END) {
		if (*p && p + 2 + p[1] > end)
			break;
		*size = p[1];
		if (*p == code)
			return p + 2;
		p += *p ? 2 + p[1] : 1;
	}
	return NULL;
}

static void addr_option(const struct bootp *b, size_t len, uint8_t code, char out[16])
{
	uint8_t size;
	const uint8_t *p = option(b, len, code, &size);

	if (p && size >= 4)
		inet_ntop(AF_INET, p, out, 16);
}

static void text_option(const struct bootp *b, size_t len, uint8_t code, char out[64])
{
	uint8_t size;
	const uint8_t *p = option(b, len, code, &size);

	if (p)
		snprintf(out, 64, "%.*s", size < 63 ? size : 63, (const char *)p);
}

static void take_lease(struct client *c, const struct bootp *b, size_t len)
{
	struct dhcp_lease *out = c->out;
	uint8_t size;
	const uint8_t *mask = option(b, len, OPT_MASK, &size);
	uint32_t m = 0;

	inet_ntop(AF_INET, &b->yiaddr, out->addr, sizeof(out->addr));
	if (mask && size == 4)
		memcpy(&m, mask, 4);
	out->prefix = __builtin_popcount(m);
	addr_option(b, len, OPT_ROUTER, out->router);
	addr_option(b, len, OPT_DNS, out->dns);
	text_option(b, len, OPT_DOMAIN, out->domain);
	text_option(b, len, OPT_NAME, out->name);
	c->acked = true;
}

static void note_addr(struct client *c, uint32_t addr)
{
	for (unsigned i = 0; i < c->seen; i++)
		if (c->addrs[i] == addr)
			return;
	if (c->seen < sizeof(c->addrs) / sizeof(c->addrs[0]))
		c->addrs[c->seen++] = addr;
}

static void answered(struct client *c, const struct bootp *b, size_t len)
{
	uint8_t size;
	const uint8_t *type = option(b, len, OPT_TYPE, &size);
	const uint8_t *server = option(b, len, OPT_SERVER, &size);

	if (!type || b->op != 2)
		return;
	if (*type == OFFER)
		note_addr(c, b->yiaddr);
	if (!c->out || b->xid != c->xid)
		return;
	if (*type == OFFER && server) {
		memcpy(&c->server, server, 4);
		c->offered = b->yiaddr;
		send_frame(c, REQUEST, c->offered);
	} else if (*type == ACK) {
		take_lease(c, b, len);
	}
}

/* As on a wire: of what the stack would accept anyway, because it comes from the same host, all bytes. */
static bool is_sound(const struct frame *f, size_t len)
{
	size_t udp = ntohs(f->udp.uh_ulen);

	if (fold(sum(&f->ip, sizeof(f->ip), 0)) || udp < sizeof(f->udp) ||
	    udp > len - offsetof(struct frame, udp))
		return false;
	return !f->udp.uh_sum || !fold(udp_sum(f, udp));
}

static void readable(void *arg)
{
	struct client *c = arg;
	struct frame f;
	ssize_t n;

	while ((n = recv(c->fd, &f, sizeof(f), 0)) > 0) {
		if (n < (ssize_t)offsetof(struct frame, b.options) ||
		    f.eth.ether_type != htons(ETHERTYPE_IP) || f.ip.protocol != IPPROTO_UDP ||
		    f.udp.uh_dport != htons(68))
			continue;
		if (is_sound(&f, n))
			answered(c, &f.b, n - offsetof(struct frame, b));
		else if (c->out)
			c->out->bad_checksums++;
	}
}

static void open_client(struct client *c, struct nic *nic, const struct dhcp_as *as)
{
	static const struct dhcp_as self;
	static uint32_t last_xid;
	struct sockaddr_ll sll = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP)};

	*c = (struct client) {.nic = nic, .as = as ?: &self, .xid = htonl(++last_xid)};
	net_enter(&nic->guest->net);
	c->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_IP));
	sll.sll_ifindex = if_nametoindex(nic->eth);
	net_leave(&nic->w->net);
	if (c->fd < 0 || bind(c->fd, (void *)&sll, sizeof(sll)))
		die_errno("packet socket on %s", nic->eth);
	loop_fd(nic->w->loop, c->fd, readable, c);
}

static void close_client(struct client *c)
{
	loop_fd_del(c->nic->w->loop, c->fd);
	close(c->fd);
}

static void discover(void *arg)
{
	struct client *c = arg;

	send_frame(c, DISCOVER, 0);
	loop_timer(c->nic->w->loop, AGAIN_MS, discover, c);
}

bool dhcp_get(struct nic *nic, const struct dhcp_as *as, struct dhcp_lease *out, int ms)
{
	struct client c;
	bool ok;

	memset(out, 0, sizeof(*out));
	open_client(&c, nic, as);
	c.out = out;
	discover(&c);
	ok = LOOP_WAIT(nic->w->loop, ms, c.acked);
	loop_timer_del(nic->w->loop, discover, &c);
	close_client(&c);
	return ok;
}

void dhcp_send(struct nic *nic, const struct dhcp_as *as, int type, const char *addr,
	       const char *server)
{
	struct client c;
	struct in_addr a = {0};

	open_client(&c, nic, as);
	inet_pton(AF_INET, server, &c.server);
	inet_pton(AF_INET, addr, &a);
	send_frame(&c, type, a.s_addr);
	close_client(&c);
}

unsigned dhcp_flood(struct nic *nic, unsigned n, int ms)
{
	struct client c;

	open_client(&c, nic, NULL);
	for (unsigned i = 0; i < n; i++) {
		const uint8_t mac[NET_ALEN] = {0x00, 0x16, 0x3f, i >> 16, i >> 8, i};
		const struct dhcp_as as = {.mac = i % 2 ? mac : NULL,
					   .client_id = text("guest-%u", i)};
		c.as = &as;
		c.xid = htonl(i);
		send_frame(&c, DISCOVER, 0);
		if (i % 64 == 0)
			loop_step(nic->w->loop, now_us() + 1000);
	}
	(void)LOOP_WAIT(nic->w->loop, ms, false);
	close_client(&c);
	return c.seen;
}

static unsigned count_leases(const struct dhcp_lease *l, unsigned n)
{
	unsigned different = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned k = 0;
		while (k < i && strcmp(l[k].addr, l[i].addr))
			k++;
		different += l[i].addr[0] && k == i;
	}
	return different;
}

unsigned dhcp_all(struct nic **nics, unsigned n, int ms)
{
	struct client *c = xzalloc(n * sizeof(*c));
	struct dhcp_lease *l = xzalloc(n * sizeof(*l));
	struct loop *loop = nics[0]->w->loop;
	unsigned got;

	for (unsigned i = 0; i < n; i++) {
		open_client(&c[i], nics[i], NULL);
		c[i].out = &l[i];
		discover(&c[i]);
	}
	(void)LOOP_WAIT(loop, ms, count_leases(l, n) == n);
	for (unsigned i = 0; i < n; i++) {
		loop_timer_del(loop, discover, &c[i]);
		close_client(&c[i]);
	}
	got = count_leases(l, n);
	free(c);
	free(l);
	return got;
}
