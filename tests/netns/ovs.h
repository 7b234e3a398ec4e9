/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ovs: a real Open vSwitch with its userspace datapath, for the cases of mode ovs. */
#ifndef NETNS_OVS_H
#define NETNS_OVS_H

#include "case.h"

#define OVS_DIR "/run/openvswitch"

/* Starts, and returns when they answer; a new database if there is none. The bridges stay. */
void ovs_start_db(struct world *w);
void ovs_start_switch(struct world *w);
void ovs_stop_db(void); /* SIGKILL */
void ovs_stop_switch(void);
pid_t ovs_switch_pid(void);

/* Both, bridge ovsbr0, and the daemon with @config. */
void ovs_host(struct world *w, const char *config);
void ovs_add_bridge(struct world *w, const char *name);
/* A guest with 10.0.0.<domid>: script vif-openvswitch, bridge=@bridge. */
struct nic *ovs_guest(struct world *w, unsigned domid, const char *name, const char *bridge);
struct nic *ovs_attached(struct world *w, unsigned domid, const char *name, const char *bridge);

/* ovs-vsctl --no-wait with these words: its output without the last newline, as text(). "!": it failed. */
const char *ovs_vsctl(struct world *w, const char *const *words);
#define VSCTL(w, ...) ovs_vsctl((w), (const char *const[]) {__VA_ARGS__, NULL})
/* Column of a row; quotes and the braces around strings are taken off. */
const char *ovs_get(struct world *w, const char *table, const char *row, const char *column);
bool ovs_is(struct world *w, const char *table, const char *row, const char *column,
	    const char *value);
bool ovs_on(struct world *w, const char *port, const char *bridge);
bool ovs_has(struct world *w, const char *port);

/* Is an ARP request for @addr in VLAN @vlan, sent with a tag, answered with the same tag? */
bool ovs_tagged_arps(struct nic *nic, uint16_t vlan, const char *addr, int ms);

#endif
