/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nat: the private network that a vif is in. Part of struct hostif; a value type. Pure. */
#ifndef NETD_NAT_H
#define NETD_NAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net/if.h>

#include "addr.h"

enum {
	NAT_FORWARDS_MAX = 32, /* of one guest */
	NAT_REACH_MAX = 8,
	NAT_TEXT_SIZE = 1024,
	NAT_NAME_SIZE = 64, /* a domain's name, as DNS takes it */
	NAT_WORDS_SIZE = 256,
};

/* What comes to a port of dom0 goes to a port of the guest. */
struct nat_forward {
	uint8_t proto; /* IPPROTO_TCP, IPPROTO_UDP */
	uint16_t port, to_port;
	struct addr listen; /* family 0: any of dom0's addresses, of both families */
};

/* How the network's guests are served with addresses and names. */
struct nat_dhcp {
	bool on;
	char domain[NAT_NAME_SIZE];
	char dns[NAT_WORDS_SIZE]; /* servers to ask, separated by blanks; "": those of dom0 */
	/* of this guest */
	uint8_t mac[6];
	char name[NAT_NAME_SIZE]; /* "" = has none that DNS could take */
};

/* have: what is as it should be; want: what there shall be. */
enum nat_part {
	NAT_GATEWAY = 1 << 0, /* the bridge's addresses */
	NAT_RULES = 1 << 1,   /* of nftables */
	NAT_DHCP = 1 << 2,    /* the network is served, and the guest known to who serves */
};

/*
 * A zeroed value means "in no private network". The network's part is the same for all of its
 * guests: whoever is wired first makes it, and each look at each of them sees to it.
 */
struct nat {
	bool on;
	uint8_t parts;	       /* enum nat_part */
	char dev[IFNAMSIZ];    /* the bridge; "" = the netdev itself is a network of its own */
	struct addr gw4, gw6;  /* dom0's addresses on the bridge, with the subnets' lengths */
	char uplink[IFNAMSIZ]; /* the only device that leads out; "" = any */
	/* Source of what goes out; family 0: that of the device it leaves by. */
	struct addr snat4, snat6;
	bool routed6;  /* IPv6 goes out, and comes in, as it is */
	bool isolated; /* guests do not reach each other */
	bool open;     /* reaches, and is reached by, all other open ones */
	char reach[NAT_REACH_MAX][IFNAMSIZ]; /* bridges of networks that its guests may reach */
	size_t n_reach;
	struct nat_dhcp dhcp;

	/* of this guest; family 0: none */
	struct addr addr4, addr6;
	struct nat_forward forwards[NAT_FORWARDS_MAX];
	size_t n_forwards;
};

/* false: the list is full. */
bool nat_add_forward(struct nat *n, const struct nat_forward *f);
bool nat_equal(const struct nat *a, const struct nat *b);
/* "on=virbr0 gw=192.168.122.1/24 …", or "". @return @buf. */
const char *nat_print(const struct nat *n, char *buf, size_t size);
/* A domain's name as a label of DNS; "" when it cannot be one (RFC 1123, and "_"). */
void nat_label(const char *domain, char out[NAT_NAME_SIZE]);

#endif
