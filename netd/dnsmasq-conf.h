/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsmasq-conf: what dnsmasq is told, as texts. Pure. */
#ifndef NETD_DNSMASQ_CONF_H
#define NETD_DNSMASQ_CONF_H

#include "buf.h"
#include "nat.h"

/* The configuration file of @n's network, whose directory is @dir. 0 or -ENOMEM. */
int dnsmasq_conf(const struct nat *n, const char *dir, const char *user, const char *group,
		 struct buf *out);
enum { DNSMASQ_LINE_SIZE = 256 };
/* One line of a dhcp-hostsdir, and of a hostsdir (two; "" for a guest without a name), each for
 * @n's guest. */
void dnsmasq_dhcp_line(const struct nat *n, char buf[DNSMASQ_LINE_SIZE]);
void dnsmasq_hosts_line(const struct nat *n, char buf[DNSMASQ_LINE_SIZE]);

#endif
