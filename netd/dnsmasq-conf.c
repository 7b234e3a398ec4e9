// SPDX-License-Identifier: GPL-2.0-or-later
/* dnsmasq-conf: what dnsmasq is told. */
#include "dnsmasq-conf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

static void host_text(const struct addr *a, char *buf, size_t size)
{
	addr_print(a, buf, size);
	buf[strcspn(buf, "/")] = '\0';
}

static int __attribute__((format(printf, 2, 3))) put(struct buf *out, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return n < (int)sizeof(line) ? buf_add(out, line, n) : -ENOMEM;
}

/*
 * Who asks is known by its MAC alone: a client identifier or a name is whatever a guest says it is.
 * The lease file is ours (leases.h); dnsmasq gives what it is told, to those it is told of.
 */
static const char fixed[] =
	"pid-file=\nlog-facility=-\nquiet-dhcp\nquiet-dhcp6\nquiet-ra\n"
	"except-interface=lo\nbind-dynamic\nno-hosts\ndomain-needed\nbogus-priv\nexpand-hosts\n"
	"dhcp-authoritative\ndhcp-ignore-clid\ndhcp-ignore-names\ndhcp-ignore=tag:!known\n"
	"dhcp-no-override\nleasefile-ro\ndhcp-lease-max=65535\nno-ping\n";

static int put_range4(const struct nat *n, struct buf *out)
{
	char net[INET_ADDRSTRLEN], mask[INET_ADDRSTRLEN], gw[ADDR_TEXT_SIZE];
	struct in_addr m = {htonl(UINT32_MAX << (32 - n->gw4.prefix))}, a;
	memcpy(&a, n->gw4.bytes, sizeof(a));
	a.s_addr &= m.s_addr;
	inet_ntop(AF_INET, &a, net, sizeof(net));
	inet_ntop(AF_INET, &m, mask, sizeof(mask));
	host_text(&n->gw4, gw, sizeof(gw));
	return put(out,
		   "dhcp-range=%s,static,%s,1h\ndhcp-option=option:router,%s\n"
		   "dhcp-option=option:dns-server,%s\n",
		   net, mask, gw, gw);
}

/* Managed: a guest that made up addresses of its own would not get them through its filter. */
static int put_range6(const struct nat *n, struct buf *out)
{
	char net[ADDR_TEXT_SIZE], gw[ADDR_TEXT_SIZE];
	struct addr a = n->gw6;
	memset(a.bytes + 8, 0, 8);
	host_text(&a, net, sizeof(net));
	host_text(&n->gw6, gw, sizeof(gw));
	return put(out,
		   "enable-ra\ndhcp-range=%s,static,64,1h\ndhcp-option=option6:dns-server,[%s]\n",
		   net, gw);
}

static int put_servers(const char *dns, struct buf *out)
{
	char copy[NAT_WORDS_SIZE], *save = NULL;
	int r = dns[0] ? put(out, "no-resolv\n") : 0;
	snprintf(copy, sizeof(copy), "%s", dns);
	for (char *w = strtok_r(copy, " ", &save); !r && w; w = strtok_r(NULL, " ", &save))
		r = put(out, "server=%s\n", w);
	return r;
}

int dnsmasq_conf(const struct nat *n, const char *dir, const char *user, const char *group,
		 struct buf *out)
{
	const struct nat_dhcp *d = &n->dhcp;
	int r = put(out,
		    "# Written by xen-netd for network %s.\nuser=%s\ngroup=%s\ninterface=%s\n%s",
		    n->dev, user, group, n->dev, fixed);
	r = r ?: put(out, "hostsdir=%s/hosts\ndhcp-hostsdir=%s/dhcp\n", dir, dir);
	if (d->domain[0])
		r = r ?: put(out, "domain=%s\nlocal=/%s/\n", d->domain, d->domain);
	if (n->gw4.family)
		r = r ?: put_range4(n, out);
	if (n->gw6.family)
		r = r ?: put_range6(n, out);
	return r ?: put_servers(d->dns, out);
}

void dnsmasq_dhcp_line(const struct nat *n, char buf[DNSMASQ_LINE_SIZE])
{
	char v4[ADDR_TEXT_SIZE] = "", v6[ADDR_TEXT_SIZE] = "";
	const uint8_t *m = n->dhcp.mac;
	if (n->addr4.family)
		host_text(&n->addr4, v4, sizeof(v4));
	if (n->addr6.family)
		host_text(&n->addr6, v6, sizeof(v6));
	snprintf(buf, DNSMASQ_LINE_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x%s%s%s%s%s%s%s\n", m[0],
		 m[1], m[2], m[3], m[4], m[5], v4[0] ? "," : "", v4, v6[0] ? ",[" : "", v6,
		 v6[0] ? "]" : "", n->dhcp.name[0] ? "," : "", n->dhcp.name);
}

void dnsmasq_hosts_line(const struct nat *n, char buf[DNSMASQ_LINE_SIZE])
{
	char v4[ADDR_TEXT_SIZE], v6[ADDR_TEXT_SIZE];
	size_t used = 0;
	buf[0] = '\0';
	if (!n->dhcp.name[0])
		return;
	if (n->addr4.family) {
		host_text(&n->addr4, v4, sizeof(v4));
		used = snprintf(buf, DNSMASQ_LINE_SIZE, "%s %s\n", v4, n->dhcp.name);
	}
	if (n->addr6.family) {
		host_text(&n->addr6, v6, sizeof(v6));
		snprintf(buf + used, DNSMASQ_LINE_SIZE - used, "%s %s\n", v6, n->dhcp.name);
	}
}
