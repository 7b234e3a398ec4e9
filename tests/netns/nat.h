/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nat: a host for the cases of nat mode: the internet behind eth0, guests that ask for addresses. */
#ifndef NETNS_NAT_H
#define NETNS_NAT_H

#include "dhcp.h"
#include "route.h"

#define OUT4	 "198.51.100.1" /* dom0 on eth0 */
#define NEXT4	 "198.51.100.2" /* the internet's router there */
#define OUT6	 "2001:db8:7::1"
#define NEXT6	 "2001:db8:7::2"
#define SERVER4	 "203.0.113.1"
#define SERVER6	 "2001:db8:ffff::1"
#define ECHO	 7007 /* UDP port: answers with the address it was asked from */
#define DHCP_MS	 10000

extern struct net nat_internet; /* has no route to any private network */

/* eth0 with both families, the internet behind it, forwarding off, ECHO on its server. */
void nat_host(struct world *w, const char *config);
/* A running guest; script vif-netd, bridge=@bridge; no address. */
struct nic *nat_guest(struct world *w, unsigned domid, const char *name, const char *bridge);
/* Asks for a lease and sets what it says. */
void nat_configure(struct nic *nic, struct dhcp_lease *lease);
/* All three; @return the card, ->conf.addr filled. */
struct nic *nat_attached(struct world *w, unsigned domid, const char *name, const char *bridge);

/* Answers on @port of every address in @n. */
void nat_echo(struct world *w, const struct net *n, uint16_t port);
/* @return what the echo at @to says of us, as text(); "" when there is no answer within @ms. */
const char *nat_ask(struct world *w, const struct net *from, const char *to, uint16_t port, int ms);
#define assert_echo(w, from, to, port, expected) \
	assert_soon((w), !strcmp(nat_ask((w), (from), (to), (port), PING_MS), (expected)))
#define assert_no_echo(w, from, to, port) \
	assert_string_equal(nat_ask((w), (from), (to), (port), NO_PING_MS), "")

/* The first A (or AAAA) record that @server tells, as text(); "" for none. */
const char *nat_resolve(struct world *w, const struct net *from, const char *server, const char *name,
			bool v6);

#endif
