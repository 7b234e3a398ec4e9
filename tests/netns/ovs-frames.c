// SPDX-License-Identifier: GPL-2.0-or-later
/* ovs-frames: tagged frames of a guest: this kernel may lack VLAN devices. */
#include "ovs.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { AGAIN_MS = 30, FRAME_SIZE = 18 + sizeof(struct ether_arp) };

struct arping {
	struct nic *nic;
	int fd, vlan; /* of the answer; -1: none yet */
	uint8_t frame[FRAME_SIZE];
};

/* A tagged ARP request from the guest's card, as a guest with a VLAN device would send it. */
static void fill_request(const struct nic *nic, uint16_t vlan, const char *addr, uint8_t *frame)
{
	struct ether_arp arp = {
		.ea_hdr = {htons(ARPHRD_ETHER), htons(ETHERTYPE_IP), NET_ALEN, 4, htons(ARPOP_REQUEST)},
	};
	const uint16_t tag[] = {htons(ETHERTYPE_VLAN), htons(vlan), htons(ETHERTYPE_ARP)};

	memcpy(arp.arp_sha, nic->mac, NET_ALEN);
	inet_pton(AF_INET, case_addr(nic), arp.arp_spa);
	inet_pton(AF_INET, addr, arp.arp_tpa);
	memset(frame, 0xff, NET_ALEN);
	memcpy(frame + NET_ALEN, nic->mac, NET_ALEN);
	memcpy(frame + 12, tag, sizeof(tag));
	memcpy(frame + 18, &arp, sizeof(arp));
}

/* The kernel takes the tag out of the frame and tells it beside. @return the VLAN of an ARP reply, or -1. */
static int read_reply(int fd)
{
	uint8_t frame[128];
	union {
		struct cmsghdr h;
		char buf[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} ctl;
	struct iovec iov = {frame, sizeof(frame)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &ctl, .msg_controllen = sizeof(ctl)};
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	struct tpacket_auxdata *aux = c ? (void *)CMSG_DATA(c) : NULL;
	const struct ether_arp *arp = (const void *)(frame + ETH_HLEN);

	if (n < (ssize_t)(ETH_HLEN + sizeof(*arp)) || arp->ea_hdr.ar_op != htons(ARPOP_REPLY))
		return -1;
	return aux && aux->tp_status & TP_STATUS_VLAN_VALID ? aux->tp_vlan_tci & 0xfff : 0;
}

static void got(void *arg)
{
	struct arping *a = arg;
	int vlan = read_reply(a->fd);

	if (vlan >= 0)
		a->vlan = vlan;
}

static void send_again(void *arg)
{
	struct arping *a = arg;

	if (send(a->fd, a->frame, sizeof(a->frame), 0) < 0)
		die_errno("send a tagged frame");
	loop_timer(a->nic->w->loop, AGAIN_MS, send_again, a);
}

bool ovs_tagged_arps(struct nic *nic, uint16_t vlan, const char *addr, int ms)
{
	struct arping a = {.nic = nic, .vlan = -1};
	struct sockaddr_ll ll = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int on = 1;

	net_enter(&nic->guest->net);
	ll.sll_ifindex = if_nametoindex(nic->eth);
	a.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	net_leave(&nic->w->net);
	if (a.fd < 0 || bind(a.fd, (void *)&ll, sizeof(ll)) ||
	    setsockopt(a.fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)))
		die_errno("packet socket");
	fill_request(nic, vlan, addr, a.frame);
	loop_fd(nic->w->loop, a.fd, got, &a);
	send_again(&a);
	bool ok = LOOP_WAIT(nic->w->loop, ms, a.vlan == vlan);
	loop_timer_del(nic->w->loop, send_again, &a);
	loop_fd_del(nic->w->loop, a.fd);
	close(a.fd);
	return ok;
}
