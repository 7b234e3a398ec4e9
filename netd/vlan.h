/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vlan: a port's VLAN membership, and libxl's `vlan=` syntax. Pure. */
#ifndef NETD_VLAN_H
#define NETD_VLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum {
	VLAN_MIN = 1,
	VLAN_MAX = 4094, /* 0 and 4095 are reserved (IEEE 802.1Q, table 9-2) */
	VLAN_WORDS = 4096 / 64,
};

/* A value type; zeroed = no VLANs. */
struct vlan_set {
	uint64_t member[VLAN_WORDS];   /* bit v: the port is in VLAN v */
	uint64_t untagged[VLAN_WORDS]; /* bit v: and frames of v leave untagged; subset of member */
	uint16_t pvid;		       /* VLAN of untagged frames that come in; 0 = drop them */
};

/*
 * Parses what libxl stores in the backend key `vlan` (xl-network-configuration(5), Xen 4.19):
 * terms joined by '/', each "N", "Np" (PVID, implies untagged), "Nu" (untagged), "A-B", "A-Bu",
 * "N+OFFxCOUNT" or "N+OFFxCOUNTu" (COUNT VLANs from N, OFF apart). A single VLAN needs no 'p': it is
 * the PVID. Otherwise exactly one PVID is required, and no VLAN may be given twice.
 *
 * @return 0; -EINVAL with the term that is wrong and what is allowed. @set is unchanged on error.
 */
int vlan_parse(const char *text, struct vlan_set *set, struct err *e);

void vlan_add(struct vlan_set *set, uint16_t vid, bool untagged);
bool vlan_has(const struct vlan_set *set, uint16_t vid);
bool vlan_is_untagged(const struct vlan_set *set, uint16_t vid);
bool vlan_is_empty(const struct vlan_set *set);
bool vlan_covers(const struct vlan_set *set, const struct vlan_set *of); /* each VLAN of @of */
bool vlan_equal(const struct vlan_set *a, const struct vlan_set *b);

/*
 * Finds the next run of VLANs at or after @from that are all members with equal untagged bits (the
 * PVID is always a run of its own): one entry of a netlink request, or of the text.
 * @return the first VLAN with the last in *@last; 0 when there are none left.
 */
uint16_t vlan_next_run(const struct vlan_set *set, uint16_t from, uint16_t *last);

/*
 * Writes "10p/20-29/40u" (vlan_parse's syntax), or "" when empty. A PVID whose frames leave tagged,
 * which that syntax cannot say, is "10pt". @return @buf.
 */
const char *vlan_print(const struct vlan_set *set, char *buf, size_t size);

#endif
