// SPDX-License-Identifier: GPL-2.0-or-later
/* guest: a domain: its xenstore entries, its network namespace, its pings. */
#include "guest.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <net/ethernet.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>

#include "die.h"
#include "world.h"

enum { PING_AGAIN_MS = 30 };

static struct guest *create(struct world *w, unsigned domid, const char *name);
static void open_icmp(struct guest *g);
static void icmp_readable(void *arg);
static void send_echo(void *arg);

struct guest *guest_new(struct world *w, unsigned domid, const char *name)
{
	struct guest *g = create(w, domid, name);

	net_open_new(&g->net);
	open_icmp(g);
	return g;
}

struct guest *guest_new_in(struct world *w, unsigned domid, const char *name, struct guest *home)
{
	struct guest *g = create(w, domid, name);

	g->net = home->net;
	g->icmp = -1;
	return g;
}

void guest_unpause(struct guest *g)
{
	g->running = true;
	for (struct nic *nic = g->w->nics; nic; nic = nic->next)
		if (nic->guest == g)
			netback_event(nic);
}

void guest_destroy(struct guest *g)
{
	struct xsd *x = &g->w->xsd;

	xsd_rm(x, text("/vm/%s", g->uuid));
	xsd_rm(x, text("/local/domain/%u", g->domid));
	xsd_rm(x, text("/libxl/%u", g->domid));
	if (g->icmp < 0)
		return;
	loop_fd_del(g->w->loop, g->icmp);
	close(g->icmp);
	g->icmp = -1;
	net_close(&g->net);
}

static void put_dir(struct guest *g, const char *path, unsigned owner, unsigned reader)
{
	struct xs_permissions perms[] = {{.id = owner}, {.id = reader, .perms = XS_PERM_READ}};

	xs_mkdir(g->w->xsd.xs, XBT_NULL, path);
	if (!xs_set_permissions(g->w->xsd.xs, XBT_NULL, path, perms, 2))
		die_errno("permissions of %s", path);
}

/* libxl__domain_make(): what it writes before any device is added. */
void guest_write_keys(struct guest *g)
{
	struct xsd *x = &g->w->xsd;
	const char *vm = text("/vm/%s", g->uuid), *dom = text("/local/domain/%u", g->domid);

	put_dir(g, dom, 0, g->domid);
	put_dir(g, vm, 0, g->domid);
	put_dir(g, text("/libxl/%u", g->domid), 0, 0);
	put_dir(g, text("%s/device", dom), g->domid, g->domid);
	xsd_put(x, text("%s/vm", dom), vm);
	if (g->name[0]) {
		xsd_put(x, text("%s/name", dom), g->name);
		xsd_put(x, text("%s/name", vm), g->name);
	}
	xsd_put(x, text("%s/uuid", vm), g->uuid);
	xsd_put(x, text("%s/domid", dom), text("%u", g->domid));
}

void guest_plug(struct nic *nic)
{
	net_enter(&nic->guest->net);
	/* A lost ARP request must not cost a test the second after which the kernel asks again. */
	write_file(text("/proc/sys/net/ipv4/neigh/%s/retrans_time_ms", nic->eth), "20");
	net_leave(&nic->w->net);
	net_set_up(&nic->guest->net, nic->eth, true);
	if (nic->conf.addr)
		net_add_addr(&nic->guest->net, nic->eth, nic->conf.addr);
}

struct ping {
	struct guest *g;
	struct sockaddr_in to;
};

bool guest_pings(struct guest *g, const char *addr, int ms)
{
	struct ping p = {.g = g, .to = {.sin_family = AF_INET}};
	uint16_t first = g->seq + 1;
	bool ok;

	if (inet_pton(AF_INET, addr, &p.to.sin_addr) != 1)
		die("ping: bad address %s", addr);
	g->got_from = 0;
	send_echo(&p);
	ok = LOOP_WAIT(g->w->loop, ms,
		       g->got_from == p.to.sin_addr.s_addr &&
			       (uint16_t)(g->got_seq - first) <= (uint16_t)(g->seq - first));
	loop_timer_del(g->w->loop, send_echo, &p);
	return ok;
}

static const struct ether_arp *arp_request(struct nic *nic, const char *addr, uint8_t frame[60])
{
	struct ether_header *eth = (void *)frame;
	struct ether_arp *arp = (void *)(frame + sizeof(*eth));
	char own[64];

	memset(frame, 0, 60);
	memset(eth->ether_dhost, 0xff, ETH_ALEN);
	memcpy(eth->ether_shost, nic->mac, ETH_ALEN);
	eth->ether_type = htons(ETHERTYPE_ARP);
	arp->arp_hrd = htons(ARPHRD_ETHER);
	arp->arp_pro = htons(ETHERTYPE_IP);
	arp->arp_hln = ETH_ALEN;
	arp->arp_pln = 4;
	arp->arp_op = htons(ARPOP_REQUEST);
	memcpy(arp->arp_sha, nic->mac, ETH_ALEN);
	snprintf(own, sizeof(own), "%s", nic->conf.addr);
	own[strcspn(own, "/")] = '\0';
	if (inet_pton(AF_INET, own, arp->arp_spa) != 1 ||
	    inet_pton(AF_INET, addr, arp->arp_tpa) != 1)
		die("arp: bad address %s or %s", own, addr);
	return arp;
}

static bool is_reply(const struct ether_arp *want, const uint8_t *frame, ssize_t len)
{
	const struct ether_arp *arp = (void *)(frame + sizeof(struct ether_header));

	return len >= (ssize_t)(sizeof(struct ether_header) + sizeof(*arp)) &&
	       ((const struct ether_header *)frame)->ether_type == htons(ETHERTYPE_ARP) &&
	       arp->arp_op == htons(ARPOP_REPLY) && !memcmp(arp->arp_spa, want->arp_tpa, 4);
}

static void wake(void *arg)
{
	(void)arg;
}

bool guest_tap_arps(struct nic *nic, const char *addr, int ms)
{
	uint8_t request[60], frame[2048];
	const struct ether_arp *want = arp_request(nic, addr, request);
	int64_t until = now_us() + ms * 1000;
	bool more = true, got = false;

	loop_fd(nic->w->loop, nic->tap, wake, nic);
	for (int64_t again = 0; more && !got; more = loop_step(nic->w->loop, until)) {
		ssize_t n;

		if (now_us() >= again) {
			/* A tap that is down refuses frames: the next attempt may find it up. */
			if (write(nic->tap, request, sizeof(request)) < 0)
				loop_timer(nic->w->loop, PING_AGAIN_MS, wake, nic);
			again = now_us() + PING_AGAIN_MS * 1000;
			loop_timer(nic->w->loop, PING_AGAIN_MS, wake, nic);
		}
		while (!got && (n = read(nic->tap, frame, sizeof(frame))) > 0)
			got = is_reply(want, frame, n);
	}
	loop_timer_del(nic->w->loop, wake, nic);
	loop_fd_del(nic->w->loop, nic->tap);
	return got;
}

static struct guest *create(struct world *w, unsigned domid, const char *name)
{
	struct guest *g = xzalloc(sizeof(*g));

	g->w = w;
	g->domid = domid;
	snprintf(g->name, sizeof(g->name), "%s", name);
	snprintf(g->uuid, sizeof(g->uuid), "5f2a1c34-0000-4000-8000-%012x", domid);
	guest_write_keys(g);
	g->next = w->guests;
	w->guests = g;
	return g;
}

static void open_icmp(struct guest *g)
{
	net_enter(&g->net);
	g->icmp = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
	net_leave(&g->w->net);
	if (g->icmp < 0)
		die_errno("ICMP socket");
	loop_fd(g->w->loop, g->icmp, icmp_readable, g);
}

static void icmp_readable(void *arg)
{
	struct guest *g = arg;
	uint8_t buf[256];
	ssize_t n;

	while ((n = recv(g->icmp, buf, sizeof(buf), 0)) > 0) {
		const struct iphdr *ip = (void *)buf;
		const struct icmphdr *icmp = (void *)(buf + ip->ihl * 4);

		if (n < ip->ihl * 4 + (int)sizeof(*icmp) || icmp->type != ICMP_ECHOREPLY)
			continue;
		g->got_from = ip->saddr;
		g->got_seq = ntohs(icmp->un.echo.sequence);
	}
}

static uint16_t checksum(const struct icmphdr *icmp)
{
	const uint16_t *p = (const void *)icmp;
	uint32_t sum = 0;

	for (size_t i = 0; i < sizeof(*icmp) / 2; i++)
		sum += p[i];
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

static void send_echo(void *arg)
{
	struct ping *p = arg;
	struct guest *g = p->g;
	struct icmphdr icmp = {.type = ICMP_ECHO};

	icmp.un.echo.id = htons(g->domid);
	icmp.un.echo.sequence = htons(++g->seq);
	icmp.checksum = checksum(&icmp);
	/* May fail (no address yet, neighbour unknown): the next one tells. */
	sendto(g->icmp, &icmp, sizeof(icmp), 0, (void *)&p->to, sizeof(p->to));
	loop_timer(g->w->loop, PING_AGAIN_MS, send_echo, p);
}
