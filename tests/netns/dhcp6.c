// SPDX-License-Identifier: GPL-2.0-or-later
/* dhcp6: a guest's DHCPv6 client, for one address. RFC 8415. */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <netinet/in.h>

#include "dhcp.h"

enum {
	SOLICIT = 1,
	REPLY = 7,
	OPT_CLIENT = 1,
	OPT_IA_NA = 3,
	OPT_IA_ADDR = 5,
	OPT_ELAPSED = 8,
	OPT_RAPID_COMMIT = 14,
	DUID_LL = 3,
	AGAIN_MS = 500,
};

struct client6 {
	struct nic *nic;
	int fd, ifindex;
	uint8_t id[3];
	bool got;
	char *out;
};

static uint8_t *put16(uint8_t *p, uint16_t v)
{
	*p++ = v >> 8;
	*p++ = v;
	return p;
}

static void solicit(void *arg)
{
	struct client6 *c = arg;
	uint8_t msg[128] = {SOLICIT, c->id[0], c->id[1], c->id[2]}, *p = msg + 4;
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(547)};

	inet_pton(AF_INET6, "ff02::1:2", &to.sin6_addr);
	to.sin6_scope_id = c->ifindex;
	p = put16(put16(p, OPT_CLIENT), 10);
	p = put16(put16(p, DUID_LL), 1);
	memcpy(p, c->nic->mac, NET_ALEN);
	p = put16(put16(p + NET_ALEN, OPT_IA_NA), 12);
	memset(p, 0, 12);
	p = put16(put16(p + 12, OPT_ELAPSED), 2);
	p = put16(p, 0);
	p = put16(put16(p, OPT_RAPID_COMMIT), 0);
	/* May fail while the link-local address is still tentative: the next one comes soon. */
	sendto(c->fd, msg, p - msg, 0, (void *)&to, sizeof(to));
	loop_timer(c->nic->w->loop, AGAIN_MS, solicit, c);
}

/* The first option @code in @p; NULL: none. */
static const uint8_t *find(const uint8_t *p, size_t len, uint16_t code, size_t *size)
{
	while (len >= 4) {
		size_t n = p[2] << 8 | p[3];
		if (n > len - 4)
			return NULL;
		*size = n;
		if ((p[0] << 8 | p[1]) == code)
			return p + 4;
		p += 4 + n;
		len -= 4 + n;
	}
	return NULL;
}

static void readable(void *arg)
{
	struct client6 *c = arg;
	uint8_t buf[1500];
	size_t size;
	ssize_t n;

	while ((n = recv(c->fd, buf, sizeof(buf), 0)) > 0) {
		if (n < 4 || buf[0] != REPLY || memcmp(buf + 1, c->id, 3))
			continue;
		const uint8_t *p = find(buf + 4, n - 4, OPT_IA_NA, &size);
		if (p && size > 12)
			p = find(p + 12, size - 12, OPT_IA_ADDR, &size);
		if (!p || size < 24)
			continue;
		inet_ntop(AF_INET6, p, c->out, INET6_ADDRSTRLEN);
		c->got = true;
	}
}

bool dhcp6_get(struct nic *nic, char addr[46], int ms)
{
	struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_port = htons(546)};
	struct client6 c = {.nic = nic, .id = {1, 2, nic->guest->domid}, .out = addr};
	bool ok;

	addr[0] = '\0';
	net_enter(&nic->guest->net);
	c.ifindex = if_nametoindex(nic->eth);
	c.fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	net_leave(&nic->w->net);
	if (c.fd < 0 || bind(c.fd, (void *)&own, sizeof(own)))
		die_errno("DHCPv6 socket");
	loop_fd(nic->w->loop, c.fd, readable, &c);
	solicit(&c);
	ok = LOOP_WAIT(nic->w->loop, ms, c.got);
	loop_timer_del(nic->w->loop, solicit, &c);
	loop_fd_del(nic->w->loop, c.fd);
	close(c.fd);
	return ok;
}
