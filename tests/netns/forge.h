/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forge: a guest that sends frames byte by byte, and another that listens. */
#ifndef NETNS_FORGE_H
#define NETNS_FORGE_H

#include "case.h"

/* The guest that forges has domid 5, the one that listens 6. */
#define OWN	 "00163e000500"
#define OTHER	 "00163e000600"
#define ALL	 "ffffffffffff"
#define ALL6	 "333300000001"
#define OWN4	 "0a000005"
#define OTHER4	 "0a000006"
#define NONE4	 "00000000"
#define ALL4	 "ffffffff"
#define OWN6	 "20010db8000000000000000000000005"
#define OTHER6	 "20010db8000000000000000000000006"
#define LOCAL6	 "fe8000000000000002163efffe000500"
#define FOREIGN6 "fe8000000000000002163efffe000600"
#define NONE6	 "00000000000000000000000000000000"
#define NODES6	 "ff020000000000000000000000000001"

/* Headers; lengths leave room for the mark at the frame's end, outside of the packet. */
#define IP4(proto, src, dst)	  "0800 45000030 00000000 40" proto "0000" src dst
#define UDP4(src, dst, ports)	  IP4("11", src, dst) ports "001c0000"
/* A client's message, up to the MAC that it is for. */
#define DHCP4(fragment, src, dst, chaddr)                                                       \
	"0800 45000048 0000" fragment "40110000" src dst "0044004300340000 01010600 00000001" \
	"0000000000000000 000000000000000000000000" chaddr "00000000000000000000"
#define IP6N(len, next, src, dst) "86dd 60000000" len next "ff" src dst
#define UDP6(src, ports)	  IP6N("0010", "11", src, NODES6) ports "00100000"
#define ICMP6(len, src, type)	  IP6N(len, "3a", src, NODES6) type "000000"
#define ARP(op, mac, addr)	  "0806 0001 0800 06 04 " op mac addr "000000000000" OTHER4
#define ARP_PROBE(addr)		  "0806 0001 0800 06 04 0001" OWN NONE4 "000000000000" addr
#define NA(src, target, option)	  ICMP6("0020", src, "88") "20000000" target option
#define NS(src, target, option)	  ICMP6("0020", src, "87") "00000000" target option
#define FRAGMENT(next, offset)	  next "00" offset "12345678"

/* What dom0 takes for itself and nobody else sees: no reason to drop it may be counted. */
#define TAKEN "taken"

/* One frame, and why the filter drops it. */
struct forgery {
	const char *name, *reason; /* NULL: it arrives */
	const char *hex;
};

/* Of a guest of known addresses; of unknown ones; of known ones on a trunk. End with a NULL name. */
extern const struct forgery forge_known[], forge_unknown[], forge_trunk[];

struct wire {
	struct nic *from, *to; /* to: NULL when the listener is no guest */
	int out, in;	       /* packet sockets */
	uint32_t mark;	       /* of the last frame that was sent */
	bool routed; /* marks are inside of the IP packet, which is made right for a router */
	bool switched; /* by Open vSwitch */
	const char *honest;
};

/* A guest with `ip=` @ip (NULL: none), and one that is attached and connected. */
struct nic *forge_guest(struct world *w, unsigned domid, const char *ip);
struct nic *forge_attached(struct world *w, unsigned domid, const char *ip);
/* Guests 5, with @ip, and 6, which listens. */
void forge_wire(struct wire *x, struct world *w, const char *ip);
/* From a routed guest to @eth of the namespace @to, which @honest is sent to. */
void forge_wire_routed(struct wire *x, struct nic *from, struct net *to, const char *eth,
		       const char *honest);
/* Between cards that are there already. */
void forge_wire_between(struct wire *x, struct nic *from, struct nic *to);

/* Sends a frame written in hexadecimal; blanks do not count. @return the mark that it bears. */
uint32_t forge_send(struct wire *x, const char *hex);
/* The mark of a frame that has come, 0: none has; and of the next that comes soon. */
uint32_t forge_receive(struct wire *x);
uint32_t forge_next(struct wire *x);

/* Sends @bad, then @good, which must arrive. @return whether @bad did not. */
bool forge_is_dropped(struct wire *x, const char *bad, const char *good);

/* What the daemon logs when its tables were changed. */
#define FORGE_SEEN "changed by another program"
/* A shell's command in dom0. @return its status. */
int forge_shell(struct world *w, const char *command);

/* Frames of @nic that were dropped for @reason (NULL: for any), as the daemon tells. */
json_int_t forge_dropped(struct nic *nic, const char *reason);

/* Sends each between two honest frames, which the listener must see. Ends with a NULL name. */
void forge_try(struct wire *x, const struct forgery *f);

#endif
