// SPDX-License-Identifier: GPL-2.0-or-later
/* rows: writing the rows of a port. */
#include "rows.h"

#include <stdio.h>
#include <string.h>

#include "vswitch-idl.h"

#include "db-priv.h"

static const char *vlan_mode(enum ovs_vlan_mode mode)
{
	switch (mode) {
	case OVS_VLAN_DEFAULT:
		return NULL;
	case OVS_VLAN_ACCESS:
		return "access";
	case OVS_VLAN_TRUNK:
		return "trunk";
	case OVS_VLAN_NATIVE_TAGGED:
		return "native-tagged";
	case OVS_VLAN_NATIVE_UNTAGGED:
		return "native-untagged";
	}
	return NULL;
}

static const char *fail_mode(enum ovs_fail_mode mode)
{
	switch (mode) {
	case OVS_FAIL_UNSET:
		return NULL;
	case OVS_FAIL_STANDALONE:
		return "standalone";
	case OVS_FAIL_SECURE:
		return "secure";
	}
	return NULL;
}

void rows_set_bridge(struct ovsdb_idl_txn *txn, const struct ovsrec_bridge *br,
		     const struct ovs_bridge *want)
{
	const char *now = br->n_controller ? br->controller[0]->target : "";
	ovsrec_bridge_set_datapath_type(br, want->userspace ? "netdev" : "");
	ovsrec_bridge_set_fail_mode(br, fail_mode(want->fail_mode));
	if (!strcmp(now, want->controller) && br->n_controller <= 1)
		return;
	if (want->controller[0]) {
		struct ovsrec_controller *c = ovsrec_controller_insert(txn);
		ovsrec_controller_set_target(c, want->controller);
		ovsrec_bridge_set_controller(br, &c, 1);
	} else {
		ovsrec_bridge_set_controller(br, NULL, 0);
	}
}

const struct ovsrec_port *rows_new_port(struct ovsdb_idl_txn *txn, const char *name)
{
	struct ovsrec_interface *i = ovsrec_interface_insert(txn);
	struct ovsrec_port *row = ovsrec_port_insert(txn);
	ovsrec_interface_set_name(i, name);
	ovsrec_port_set_name(row, name);
	ovsrec_port_set_interfaces(row, &i, 1);
	return row;
}

const struct ovsrec_bridge *rows_new_bridge(struct ovsdb_idl_txn *txn, struct ovsdb_idl *idl,
					    const struct ovs_bridge *want)
{
	const struct ovsrec_open_vswitch *root = ovsrec_open_vswitch_first(idl);
	struct ovsrec_bridge *br = ovsrec_bridge_insert(txn);
	const struct ovsrec_port *local = rows_new_port(txn, want->name);
	struct smap ids = SMAP_INITIALIZER(&ids);
	if (!root)
		root = ovsrec_open_vswitch_insert(txn);
	ovsrec_interface_set_type(local->interfaces[0], "internal");
	smap_add(&ids, DB_KEY_OWNER, "created");
	ovsrec_bridge_set_name(br, want->name);
	ovsrec_bridge_set_external_ids(br, &ids);
	smap_destroy(&ids);
	rows_set_bridge(txn, br, want);
	ovsrec_bridge_update_ports_addvalue(br, local);
	ovsrec_open_vswitch_update_bridges_addvalue(root, br);
	return br;
}

static void set_qos(struct ovsdb_idl_txn *txn, const struct ovsrec_port *row,
		    const struct ovs_port *want)
{
	const struct ovsrec_qos *now = row->qos;
	bool ours = now && smap_get(&now->external_ids, DB_KEY_OWNER);
	struct smap config = SMAP_INITIALIZER(&config), ids = SMAP_INITIALIZER(&ids);
	if (!want->rate_out) {
		if (ours) {
			ovsrec_port_set_qos(row, NULL);
			ovsrec_qos_delete(now);
		}
		return;
	}
	smap_add_format(&config, "max-rate", "%llu", want->rate_out * 1000ull);
	smap_add(&ids, DB_KEY_OWNER, want->owner);
	if (!ours) {
		now = ovsrec_qos_insert(txn);
		ovsrec_qos_set_type(now, "linux-htb");
		ovsrec_qos_set_external_ids(now, &ids);
		ovsrec_port_set_qos(row, now);
	}
	ovsrec_qos_set_other_config(now, &config);
	smap_destroy(&config);
	smap_destroy(&ids);
}

static void set_id(const struct ovsrec_interface *i, const char *key, const char *value)
{
	const char *now = smap_get(&i->external_ids, key);
	if (value[0] && (!now || strcmp(now, value)))
		ovsrec_interface_update_external_ids_setkey(i, key, value);
	else if (!value[0] && now)
		ovsrec_interface_update_external_ids_delkey(i, key);
}

static void set_ids(const struct ovsrec_interface *i, const struct ovs_port *want)
{
	char ifindex[16];
	snprintf(ifindex, sizeof(ifindex), "%d", want->ifindex);
	set_id(i, DB_KEY_OWNER, want->owner);
	set_id(i, DB_KEY_IFINDEX, ifindex);
	set_id(i, "attached-mac", want->mac);
	set_id(i, "xen-vm-name", want->vm_name);
	set_id(i, "xen-vm-uuid", want->vm_uuid);
	set_id(i, "iface-id", want->iface_id);
}

void rows_set_port(struct ovsdb_idl_txn *txn, const struct ovsrec_port *row,
		   const struct ovs_port *want)
{
	const struct ovsrec_interface *i = row->interfaces[0];
	int64_t tag = want->tag, mtu = want->mtu_request, trunks[VLAN_MAX + 1];
	size_t n = 0;
	for (unsigned v = 0; v <= VLAN_MAX; v++)
		if (want->trunks[v / 64] >> v % 64 & 1)
			trunks[n++] = v;
	ovsrec_port_set_tag(row, &tag, !!tag);
	ovsrec_port_set_trunks(row, trunks, n);
	ovsrec_port_set_vlan_mode(row, vlan_mode(want->vlan_mode));
	ovsrec_port_set_protected_(row, want->isolated);
	ovsrec_interface_set_mtu_request(i, &mtu, !!mtu);
	/* Of burst, ovs-vswitchd.conf.db(5) advises a tenth of the rate; 0 would be 8000 kbit. */
	ovsrec_interface_set_ingress_policing_rate(i, want->rate_in);
	ovsrec_interface_set_ingress_policing_burst(i, want->rate_in / 10);
	set_ids(i, want);
	set_qos(txn, row, want);
}

static bool selects(const struct ovsrec_mirror *m, const struct ovsrec_port *row)
{
	for (size_t i = 0; i < m->n_select_dst_port; i++)
		if (m->select_dst_port[i] == row)
			return true;
	return false;
}

static void unselect(const struct ovsrec_bridge *br, const struct ovsrec_mirror *m,
		     const struct ovsrec_port *row)
{
	if (!selects(m, row))
		return;
	/* One that selects no port any more is of no use. */
	if (m->n_select_dst_port == 1) {
		ovsrec_bridge_update_mirrors_delvalue(br, m);
		return;
	}
	ovsrec_mirror_update_select_src_port_delvalue(m, row);
	ovsrec_mirror_update_select_dst_port_delvalue(m, row);
}

/* A bridge takes 32 mirrors (ofproto/mirror.h), so all that go to one port share one. */
void rows_set_mirror(struct ovsdb_idl_txn *txn, const struct ovsrec_bridge *br,
		     const struct ovsrec_port *row, const struct ovsrec_port *out)
{
	const struct ovsrec_mirror *mine = NULL;
	struct smap ids = SMAP_INITIALIZER(&ids);
	char name[64];
	for (size_t i = 0; i < br->n_mirrors; i++) {
		const struct ovsrec_mirror *m = br->mirrors[i];
		if (!smap_get(&m->external_ids, DB_KEY_OWNER))
			continue;
		if (out && m->output_port == out)
			mine = m;
		else
			unselect(br, m, row);
	}
	if (!out || (mine && selects(mine, row)))
		return;
	if (!mine) {
		snprintf(name, sizeof(name), "xen-netd %s", out->name);
		smap_add(&ids, DB_KEY_OWNER, "mirror");
		mine = ovsrec_mirror_insert(txn);
		ovsrec_mirror_set_name(mine, name);
		ovsrec_mirror_set_output_port(mine, out);
		ovsrec_mirror_set_external_ids(mine, &ids);
		ovsrec_bridge_update_mirrors_addvalue(br, mine);
		smap_destroy(&ids);
	}
	ovsrec_mirror_update_select_src_port_addvalue(mine, row);
	ovsrec_mirror_update_select_dst_port_addvalue(mine, row);
}

void rows_leave_bridge(const struct ovsrec_bridge *br, const struct ovsrec_port *row)
{
	for (size_t i = 0; i < br->n_mirrors; i++)
		if (smap_get(&br->mirrors[i]->external_ids, DB_KEY_OWNER))
			unselect(br, br->mirrors[i], row);
	ovsrec_bridge_update_ports_delvalue(br, row);
}

void rows_del_port(const struct ovsrec_bridge *br, const struct ovsrec_port *row)
{
	const struct ovsrec_qos *qos = row->qos;
	rows_leave_bridge(br, row);
	if (!qos || !smap_get(&qos->external_ids, DB_KEY_OWNER))
		return;
	ovsrec_port_set_qos(row, NULL); /* references are checked before rows without any go */
	ovsrec_qos_delete(qos);
}
