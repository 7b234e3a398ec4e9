/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spec: what a vif's keys and its network say, in terms of Open vSwitch. Pure. */
#ifndef OVS_SPEC_H
#define OVS_SPEC_H

#include "ovs.h"
#include "vif.h"

/* Has "NAME[.TAG][:TRUNK…]" this name? Also when the rest is wrong. */
bool spec_names(const char *text, const char *name);

/*
 * Reads what follows the name in vif-openvswitch's `bridge=NAME[.TAG][:TRUNK[:TRUNK…]]` into tag, trunks
 * and vlan_mode of @p. @return 0; -EINVAL with what is wrong and what is allowed.
 */
int spec_parse_suffix(const char *text, struct ovs_port *p, struct err *e);

/* A port's VLANs from libxl's `vlan=`. @return 0; -EINVAL: more than the PVID is untagged. */
int spec_vlans(const struct vlan_set *set, struct ovs_port *p, struct err *e);

/*
 * Replaces {name}, {uuid}, {mac}, {domid}, {devid} in @pattern. @req NULL: only checks.
 * @return 0; -EINVAL: another word in braces; 1: a word is not known of this guest.
 */
int spec_iface_id(const char *pattern, const struct vif_req *req, char *out, size_t size,
		  struct err *e);

/* Copies text that may hold any bytes, as UTF-8: each wrong byte becomes '?'; cut at a whole character. */
void spec_utf8(const char *in, char *out, size_t size);

/* "00:16:3e:…". @return @buf, of 18 bytes. */
const char *spec_mac(const uint8_t mac[HOSTIF_ALEN], char *buf);

#endif
