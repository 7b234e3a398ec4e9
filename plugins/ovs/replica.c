// SPDX-License-Identifier: GPL-2.0-or-later
/* replica: from the rows of Open vSwitch's database to ports as values. */
#include "db-priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vswitch-idl.h"

#include "flows.h"

static const char *const vlan_modes[] = {
	[OVS_VLAN_DEFAULT] = "",
	[OVS_VLAN_ACCESS] = "access",
	[OVS_VLAN_TRUNK] = "trunk",
	[OVS_VLAN_NATIVE_TAGGED] = "native-tagged",
	[OVS_VLAN_NATIVE_UNTAGGED] = "native-untagged",
};

/* What we go by. Statistics, above all, change each few seconds and are left out. */
struct ovsdb_idl *replica_new(const char *remote)
{
	const struct ovsdb_idl_column *const columns[] = {
		&ovsrec_open_vswitch_col_bridges,
		&ovsrec_open_vswitch_col_next_cfg,
		&ovsrec_open_vswitch_col_cur_cfg,
		&ovsrec_bridge_col_name,
		&ovsrec_bridge_col_ports,
		&ovsrec_bridge_col_mirrors,
		&ovsrec_bridge_col_datapath_type,
		&ovsrec_bridge_col_fail_mode,
		&ovsrec_bridge_col_controller,
		&ovsrec_bridge_col_external_ids,
		&ovsrec_controller_col_target,
		&ovsrec_port_col_name,
		&ovsrec_port_col_interfaces,
		&ovsrec_port_col_tag,
		&ovsrec_port_col_trunks,
		&ovsrec_port_col_vlan_mode,
		&ovsrec_port_col_protected_,
		&ovsrec_port_col_fake_bridge,
		&ovsrec_port_col_qos,
		&ovsrec_port_col_external_ids,
		&ovsrec_interface_col_name,
		&ovsrec_interface_col_type,
		&ovsrec_interface_col_ofport,
		&ovsrec_interface_col_error,
		&ovsrec_interface_col_mtu_request,
		&ovsrec_interface_col_ingress_policing_rate,
		&ovsrec_interface_col_ingress_policing_burst,
		&ovsrec_interface_col_external_ids,
		&ovsrec_mirror_col_name,
		&ovsrec_mirror_col_output_port,
		&ovsrec_mirror_col_select_src_port,
		&ovsrec_mirror_col_select_dst_port,
		&ovsrec_mirror_col_external_ids,
		&ovsrec_qos_col_type,
		&ovsrec_qos_col_other_config,
		&ovsrec_qos_col_external_ids,
	};
	struct ovsdb_idl *idl = ovsdb_idl_create(remote, &ovsrec_idl_class, false, true);
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		ovsdb_idl_add_column(idl, columns[i]);
		ovsdb_idl_track_add_column(idl, columns[i]);
	}
	/* Of what a transaction sets, only that is sent which differs. */
	ovsdb_idl_set_write_changed_only_all(idl, true);
	return idl;
}

const struct ovsrec_bridge *replica_bridge(const struct db *db, const char *name)
{
	const struct ovsrec_bridge *br;
	OVSREC_BRIDGE_FOR_EACH (br, db->idl)
		if (!strcmp(br->name, name))
			return br;
	return NULL;
}

static void copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ?: "");
}

static void take_bridge(const struct ovsrec_bridge *br, struct ovs_bridge *out)
{
	copy(out->name, sizeof(out->name), br->name);
	out->create = smap_get(&br->external_ids, DB_KEY_OWNER);
	out->userspace = !strcmp(br->datapath_type, "netdev");
	if (br->fail_mode)
		out->fail_mode = !strcmp(br->fail_mode, "secure") ? OVS_FAIL_SECURE
								  : OVS_FAIL_STANDALONE;
	if (br->n_controller)
		copy(out->controller, sizeof(out->controller), br->controller[0]->target);
}

/* Where our mirrors of its bridge send its frames. */
static void take_mirror(const struct ovsrec_bridge *br, const struct ovsrec_port *row,
			struct ovs_port *out)
{
	for (size_t i = 0; i < br->n_mirrors; i++) {
		const struct ovsrec_mirror *m = br->mirrors[i];
		if (!smap_get(&m->external_ids, DB_KEY_OWNER) || !m->output_port)
			continue;
		for (size_t k = 0; k < m->n_select_dst_port; k++)
			if (m->select_dst_port[k] == row)
				copy(out->mirror, sizeof(out->mirror), m->output_port->name);
	}
}

/* A port that Xen's vif-openvswitch made for this name is as good as ours: we stand in for it. */
static bool is_foreign(const struct ovsrec_interface *i)
{
	return !smap_get(&i->external_ids, DB_KEY_OWNER) &&
	       !(smap_get(&i->external_ids, "attached-mac") && smap_get(&i->external_ids, "xen-vm-uuid"));
}

static void take_interface(const struct ovsrec_interface *i, struct ovs_port *out)
{
	const struct smap *ids = &i->external_ids;
	out->rate_in = i->ingress_policing_rate;
	out->mtu_request = i->n_mtu_request ? i->mtu_request[0] : 0;
	out->ofport = i->n_ofport ? i->ofport[0] : 0;
	out->foreign = is_foreign(i);
	out->ifindex = smap_get_int(ids, DB_KEY_IFINDEX, 0);
	copy(out->owner, sizeof(out->owner), smap_get(ids, DB_KEY_OWNER));
	copy(out->mac, sizeof(out->mac), smap_get(ids, "attached-mac"));
	copy(out->vm_name, sizeof(out->vm_name), smap_get(ids, "xen-vm-name"));
	copy(out->vm_uuid, sizeof(out->vm_uuid), smap_get(ids, "xen-vm-uuid"));
	copy(out->iface_id, sizeof(out->iface_id), smap_get(ids, "iface-id"));
}

static void take_port(const struct ovsrec_bridge *br, const struct ovsrec_port *row,
		      struct ovs_port *out)
{
	memset(out, 0, sizeof(*out));
	take_bridge(br, &out->bridge);
	out->tag = row->n_tag ? row->tag[0] : 0;
	for (size_t m = 0; row->vlan_mode && m < sizeof(vlan_modes) / sizeof(*vlan_modes); m++)
		if (!strcmp(row->vlan_mode, vlan_modes[m]))
			out->vlan_mode = m;
	for (size_t i = 0; i < row->n_trunks; i++)
		out->trunks[(row->trunks[i] & 4095) / 64] |= UINT64_C(1) << row->trunks[i] % 64;
	out->isolated = row->protected_;
	if (row->qos && smap_get(&row->qos->external_ids, DB_KEY_OWNER))
		out->rate_out = smap_get_ullong(&row->qos->other_config, "max-rate", 0) / 1000;
	take_mirror(br, row, out);
	if (row->n_interfaces == 1)
		take_interface(row->interfaces[0], out);
	else
		out->foreign = true; /* a bond */
}

/* Of what others do to a port, the main thread is told; of what it asked for, when that is done. */
static void refresh_port(struct db *db, struct port *p)
{
	struct ovs_port now = {.tag = 0};
	const char *error = NULL;
	if (p->port_row) {
		take_port(p->bridge_row, p->port_row, &now);
		if (now.owner[0] && now.ofport > 0)
			now.guard = flows_guard(db->flows, now.bridge.name, now.ofport,
						&now.guard_unknown);
		if (p->port_row->n_interfaces)
			error = p->port_row->interfaces[0]->error;
	}
	bool same = ovs_port_equal(&now, &p->have) && now.foreign == p->have.foreign &&
		    !memcmp(&now.bridge, &p->have.bridge, sizeof(now.bridge)) &&
		    (now.ofport > 0) == (p->have.ofport > 0) && now.guard == p->have.guard &&
		    now.guard_unknown == p->have.guard_unknown;
	copy(p->row_error, sizeof(p->row_error), error);
	p->have = now;
	if (!same && p->ask == ASK_NONE)
		db_tell(db, p);
}

void replica_refresh_guards(struct db *db)
{
	db_for_each(db, p)
		if (p->port_row && p->have.owner[0])
			refresh_port(db, p);
}

static void list_bridges(struct db *db)
{
	char list[sizeof(db->bridges)] = "";
	size_t n = 0;
	const struct ovsrec_bridge *br;
	OVSREC_BRIDGE_FOR_EACH (br, db->idl)
		if (n < sizeof(list))
			n += snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "", br->name);
	if (!n)
		copy(list, sizeof(list), "none");
	if (strcmp(list, db->bridges))
		db_tell(db, NULL);
	memcpy(db->bridges, list, sizeof(list));
}

/* Which port is in which bridge; those that are in none any more lose their row. */
static void refresh_members(struct db *db)
{
	const struct ovsrec_bridge *br;
	db_for_each(db, p)
		p->seen = false;
	OVSREC_BRIDGE_FOR_EACH (br, db->idl)
		for (size_t i = 0; i < br->n_ports; i++) {
			struct port *p = strlen(br->ports[i]->name) < IFNAMSIZ
						 ? db_add(db, br->ports[i]->name)
						 : NULL;
			if (!p)
				continue;
			p->seen = true;
			bool moved = p->bridge_row != br || p->port_row != br->ports[i];
			p->bridge_row = br;
			p->port_row = br->ports[i];
			if (moved)
				refresh_port(db, p);
		}
	db_for_each(db, p)
		if (!p->seen && p->port_row) {
			p->bridge_row = NULL;
			p->port_row = NULL;
			refresh_port(db, p);
		}
}

static void refresh_named(struct db *db, const char *name)
{
	struct port *p = db_find(db, name);
	if (p && p->port_row)
		refresh_port(db, p);
}

/* Bridges, mirrors and the like change seldom, so all ports are looked at then. */
static bool refresh_shared(struct db *db)
{
	const struct ovsrec_mirror *m;
	const struct ovsrec_qos *q;
	const struct ovsrec_controller *c;
	OVSREC_MIRROR_FOR_EACH_TRACKED (m, db->idl)
		return true;
	OVSREC_QOS_FOR_EACH_TRACKED (q, db->idl)
		return true;
	OVSREC_CONTROLLER_FOR_EACH_TRACKED (c, db->idl)
		return true;
	return false;
}

static void refresh_changed(struct db *db)
{
	const struct ovsrec_bridge *br;
	const struct ovsrec_port *port;
	const struct ovsrec_interface *iface;
	bool all = refresh_shared(db);
	OVSREC_BRIDGE_FOR_EACH_TRACKED (br, db->idl)
		all = all || ovsrec_bridge_is_updated(br, OVSREC_BRIDGE_COL_FAIL_MODE) ||
		      ovsrec_bridge_is_updated(br, OVSREC_BRIDGE_COL_CONTROLLER) ||
		      ovsrec_bridge_is_updated(br, OVSREC_BRIDGE_COL_EXTERNAL_IDS) ||
		      ovsrec_bridge_is_updated(br, OVSREC_BRIDGE_COL_MIRRORS);
	/* Always: of rows that go with a whole database, tracking says nothing. */
	refresh_members(db);
	list_bridges(db);
	if (all) {
		db_for_each(db, p)
			if (p->port_row)
				refresh_port(db, p);
		return;
	}
	OVSREC_PORT_FOR_EACH_TRACKED (port, db->idl)
		if (!ovsrec_port_is_deleted(port))
			refresh_named(db, port->name);
	OVSREC_INTERFACE_FOR_EACH_TRACKED (iface, db->idl)
		if (!ovsrec_interface_is_deleted(iface))
			refresh_named(db, iface->name);
}

/*
 * ovs-vswitchd that was away is seen to be back by cur_cfg, which each request of ours has it write: who
 * waited for it in vain may try again.
 */
static void refresh_root(struct db *db)
{
	const struct ovsrec_open_vswitch *root = ovsrec_open_vswitch_first(db->idl);
	int64_t acked = root ? root->cur_cfg : 0;
	if (acked != db->acked && db->timed_out)
		db_tell(db, NULL);
	db->timed_out = db->timed_out && acked == db->acked;
	db->acked = acked;
}

void replica_refresh(struct db *db)
{
	unsigned seqno = ovsdb_idl_get_seqno(db->idl);
	if (seqno == db->seqno || !ovsdb_idl_has_ever_connected(db->idl))
		return;
	db->seqno = seqno;
	if (!db->known)
		db_tell(db, NULL);
	db->known = true;
	refresh_root(db);
	refresh_changed(db);
	ovsdb_idl_track_clear(db->idl);
	db_prune(db);
}
