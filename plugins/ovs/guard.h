/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guard: a filter as OpenFlow flows, in ovs-ofctl(8)'s syntax. Pure. */
#ifndef OVS_GUARD_H
#define OVS_GUARD_H

#include "filter.h"

/*
 * Why flows: they are the one thing that both datapaths, the kernel's and ovs-vswitchd's own, go by.
 * nftables' bridge family sees no port of Open vSwitch.
 *
 * In table 0 one flow of the highest priority sends what comes from the port, and bears no mark yet,
 * to our tables. There a frame is dropped, or marked and sent back to table 0, where it goes on as if
 * there were no guard: by NORMAL, or by a controller's pipeline. The mark is bit 31 of register 12, of
 * which OVN, the one controller whose registers are well known, uses the lower half.
 */
enum {
	GUARD_TABLE = 240,  /* the sender's MAC; what it may not send though it is its own */
	GUARD_TABLE_SOURCE, /* addresses */
	GUARD_TABLE_TARGET, /* of neighbour advertisements */
	GUARD_TABLE_END,
	GUARD_PRIORITY = 65535, /* of the flow in table 0 */
	GUARD_TEXT_SIZE = 512,
};

/*
 * The cookie of all flows of a filter: a sign that they are ours, their number in our tables, a hash
 * of what the filter says. 0 for a filter that is off.
 */
uint64_t guard_cookie(const struct filter *f);
#define GUARD_SIGN	UINT64_C(0x78e5000000000000)
#define GUARD_SIGN_MASK UINT64_C(0xffff000000000000)
bool guard_is_ours(uint64_t cookie);
unsigned guard_count(uint64_t cookie); /* flows in our tables */

/*
 * The flow number @i (0 …) of the filter for port number @ofport; the last one is that of table 0.
 * @return false: there is none. Those of each filter differ in their matches.
 */
bool guard_flow(const struct filter *f, uint64_t cookie, int ofport, unsigned i,
		char text[GUARD_TEXT_SIZE]);

#endif
