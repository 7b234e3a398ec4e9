// SPDX-License-Identifier: GPL-2.0-or-later
/* ovs: a port of an Open vSwitch bridge, as a value. */
#include "ovs.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool ovs_bridge_equal(const struct ovs_bridge *have, const struct ovs_bridge *want)
{
	/* One that somebody else made is his, also when netd.conf says create. */
	if (strcmp(have->name, want->name) || !want->create || !have->create)
		return !strcmp(have->name, want->name);
	return have->userspace == want->userspace && have->fail_mode == want->fail_mode &&
	       !strcmp(have->controller, want->controller);
}

bool ovs_guard_equal(const struct ovs_port *have, const struct ovs_port *want)
{
	if (have->guard_unknown)
		return !want->guard;
	return have->guard == want->guard;
}

bool ovs_port_equal(const struct ovs_port *a, const struct ovs_port *b)
{
	return !strcmp(a->bridge.name, b->bridge.name) && a->tag == b->tag &&
	       a->vlan_mode == b->vlan_mode && !memcmp(a->trunks, b->trunks, sizeof(a->trunks)) &&
	       a->isolated == b->isolated && a->rate_in == b->rate_in &&
	       a->rate_out == b->rate_out && a->mtu_request == b->mtu_request &&
	       !strcmp(a->mirror, b->mirror) && !strcmp(a->owner, b->owner) &&
	       a->ifindex == b->ifindex && !strcmp(a->mac, b->mac) &&
	       !strcmp(a->vm_name, b->vm_name) && !strcmp(a->vm_uuid, b->vm_uuid) &&
	       !strcmp(a->iface_id, b->iface_id);
}

__attribute__((format(printf, 4, 5))) static size_t add(char *buf, size_t size, size_t off,
							const char *fmt, ...)
{
	va_list ap;
	if (off >= size)
		return off;
	va_start(ap, fmt);
	int n = vsnprintf(buf + off, size - off, fmt, ap);
	va_end(ap);
	return off + (n > 0 ? n : 0);
}

const char *ovs_print(const struct ovs_port *p, char *buf, size_t size)
{
	struct vlan_set set = {.pvid = 0};
	char vlans[128];
	if (!p->bridge.name[0]) {
		snprintf(buf, size, "%s", p->unknown ? "unknown" : "none");
		return buf;
	}
	memcpy(set.member, p->trunks, sizeof(set.member));
	size_t n = add(buf, size, 0, "%s tag=%u mode=%d trunks=%s ofport=%d", p->bridge.name, p->tag,
		       p->vlan_mode, vlan_print(&set, vlans, sizeof(vlans)), p->ofport);
	if (p->isolated)
		n = add(buf, size, n, " isolated");
	if (p->rate_in || p->rate_out)
		n = add(buf, size, n, " rate=%u/%u", p->rate_in, p->rate_out);
	if (p->mtu_request)
		n = add(buf, size, n, " mtu-request=%u", p->mtu_request);
	if (p->mirror[0])
		n = add(buf, size, n, " mirror=%s", p->mirror);
	if (p->guard || p->guard_unknown)
		n = add(buf, size, n, " guard=%llx%s", (unsigned long long)p->guard,
			p->guard_unknown ? "?" : "");
	n = add(buf, size, n, " owner=\"%s\" for=%d iface-id=%s", p->owner, p->ifindex, p->iface_id);
	if (p->foreign)
		add(buf, size, n, " foreign");
	return buf;
}
