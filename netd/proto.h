/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proto: the control protocol between xen-netd, xnetctl and the hotplug helper. A manual. */
#ifndef NETD_PROTO_H
#define NETD_PROTO_H

/*
 * Transport: a unix stream socket, mode 0600. The daemon checks SO_PEERCRED and serves uid 0 only.
 * JSON-RPC 2.0 in UTF-8, one object a line ('\n' ends it), no batches. A client may send several
 * requests without waiting; answers carry the request's id and may come in another order. A request
 * longer than PROTO_REQUEST_MAX is answered by an error and the connection closed; a client that
 * does not read its answers is dropped. Unknown members of params are errors, unknown members of
 * results are to be ignored: that is how the protocol grows.
 *
 * method "hotplug": what libxl tells a hotplug script. The answer comes when the work is done.
 *   params {"action": "online"|"offline"|"add"|"remove", "path": "backend/vif/F/N"
 *           (or the absolute form), "type": "vif"|"tap"}
 *   result {} after the vif is wired and, for "online", hotplug-status says connected; for
 *          "offline" and "remove" always.
 *   error  PROTO_ERR_HOTPLUG with a message that was also written to the key hotplug-error;
 *          PROTO_ERR_UNTOLD with one that was not, which the helper writes itself.
 *
 * method "status": params {} or {"match": "web1" | "5" | "vif5.0"}
 *   result {"version": 1, "uptime": seconds, "store": "connected"|"lost", "networks": [NETWORK…],
 *           "bridges": [BRIDGE…], "vifs": [VIF…]}
 *   NETWORK {"name", "mode", "bridge": string|null, "source": "netd.conf"|"implied",
 *            "hints": ["table ip filter, chain FORWARD, …"]|null}: base chains of others that drop
 *            by policy what its guests send or get
 *   BRIDGE  {"name", "ifindex", "mtu", "mac", "up": bool, "vlan-filtering": bool,
 *            "uplinks": [{"name", "up": bool}…]}: ports that are not vifs
 *   VIF     {"name", "domid", "devid", "domain", "uuid", "mac", "mode", "network", "chosen-by",
 *            "bridge", "ifindex", "mtu", "addresses": [], "state":
 *            "connected"|"waiting"|"error"|"unmanaged", "reason", "since", "vlan", "emulated",
 *            "filter": FILTER|null, "drops": DROPS (with "match" only)}
 *           unknown strings are null; since: seconds since the epoch of the last change of state;
 *           emulated: name of the HVM twin or null; vlan: "10p/20" or null.
 *   FILTER  {"antispoof": bool, "addresses": [], "guards": ["ra", "dhcp", "vlan", "control"],
 *            "limits": {"pps": n, "connections": n, "broadcast": n}}: as it is in the kernel;
 *            guards and limits that are off are left out
 *   DROPS   {REASON: {"frames": n, "bytes": n}…}: frames that the filter has dropped; REASON is "mac",
 *           "arp", "ip", "ip6", "nd", "protocol", "ra", "dhcp", "vlan", "control", "packets",
 *           "connections", "broadcast"; reasons without any are left out. They count from the
 *           making of the netdev.
 *
 * method "drops": params {} or {"match": as above}
 *   result {"vifs": [{"name", "domid", "devid", "domain", "drops": DROPS}…]}
 *
 * method "reload": params {}; reads netd.conf again, as SIGHUP does. All or nothing.
 *   result {"changed": number of vifs looked at again}; error PROTO_ERR_CONFIG with the sentence.
 */
enum {
	PROTO_VERSION = 1,
	PROTO_REQUEST_MAX = 16 * 1024,	 /* bytes of one request line */
	PROTO_REPLY_MAX = 64 * 1024 * 1024, /* bytes of one reply line a client need accept */
	PROTO_HOTPLUG_DEADLINE = 30,	 /* seconds that the helper waits; libxl kills it at 40 */
	PROTO_NETDEV_DEADLINE = 10,	 /* seconds that the daemon waits for the netdev */

	PROTO_ERR_PARSE = -32700, /* the five of JSON-RPC 2.0, section 5.1 */
	PROTO_ERR_REQUEST = -32600,
	PROTO_ERR_METHOD = -32601,
	PROTO_ERR_PARAMS = -32602,
	PROTO_ERR_INTERNAL = -32603,
	PROTO_ERR_HOTPLUG = 1, /* the vif could not be wired; message says why and what to do */
	PROTO_ERR_CONFIG = 2,  /* the configuration is refused; the old one stays */
	PROTO_ERR_NOT_FOUND = 3,
	PROTO_ERR_UNTOLD = 4, /* as PROTO_ERR_HOTPLUG, but xenstore was not told */
};

#define PROTO_SOCKET "/run/xen-netd/control"
#define PROTO_SOCKET_ENV "XEN_NETD_SOCKET" /* overrides it in every program */

#endif
