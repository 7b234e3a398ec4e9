// SPDX-License-Identifier: GPL-2.0-or-later
/* route: a host for the cases of route mode. */
#include "route.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Some of what cases wait for is told by nobody: proxy entries, sysctls. */
static void tick(void *arg)
{
	loop_timer(arg, 10, tick, arg);
}

/* A program in a namespace. @return its output, as text(), also when it fails. */
const char *route_in(struct world *w, const struct net *n, const char *const *argv, int *status)
{
	struct run *r;

	net_enter(n);
	r = run_program(w, argv);
	net_leave(&w->net);
	*status = r->status;
	return text("%s", r->out);
}
void route_sysctl_put(const struct world *w, const struct net *n, const char *path,
		      const char *value)
{
	char full[128];
	int fd;

	snprintf(full, sizeof(full), "/proc/sys/net/%s", path);
	net_enter(n);
	fd = open(full, O_WRONLY | O_CLOEXEC);
	net_leave(&w->net);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		fail_msg("write %s to %s", value, full);
	close(fd);
}

const char *route_sysctl_get(const char *path)
{
	char buf[32] = "";
	int fd = open(text("/proc/sys/net/%s", path), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		close(fd);
	buf[strcspn(buf, "\n")] = '\0';
	return n > 0 ? text("%s", buf) : "";
}

bool route_pings(struct world *w, const struct net *from, const char *to)
{
	int status;

	for (int i = 0; i < 3; i++) {
		const char *const argv[] = {"ping", "-n", "-c1", "-W1", to, NULL};
		route_in(w, from, argv, &status);
		if (!status)
			return true;
	}
	return false;
}

struct net route_lan;

/* eth0 with both families, the LAN's host behind it, forwarding as @forwarding says. */
void route_host(struct world *w, const char *config, bool forwarding)
{
	tick(w->loop);
	net_open_new(&route_lan);
	assert_int_equal(net_add_veth(&w->net, "eth0", NULL, &route_lan, "lan0", NULL), 0);
	net_set_up(&w->net, "eth0", true);
	net_set_up(&route_lan, "lan0", true);
	DOM0(w, "ip", "addr", "add", GW4 "/24", "dev", "eth0");
	DOM0(w, "ip", "addr", "add", GW6 "/64", "dev", "eth0", "nodad");
	IN(w, &route_lan, "ip", "addr", "add", LAN4 "/24", "dev", "lan0");
	IN(w, &route_lan, "ip", "addr", "add", LAN6 "/64", "dev", "lan0", "nodad");
	IN(w, &route_lan, "ip", "addr", "add", "203.0.113.1/32", "dev", "lo");
	IN(w, &route_lan, "ip", "addr", "add", "2001:db8:ffff::1/128", "dev", "lo");
	DOM0(w, "ip", "route", "add", "default", "via", LAN4);
	DOM0(w, "ip", "-6", "route", "add", "default", "via", LAN6);
	route_sysctl_put(w, &w->net, "ipv4/ip_forward", forwarding ? "1" : "0");
	route_sysctl_put(w, &w->net, "ipv6/conf/all/forwarding", forwarding ? "1" : "0");
	route_sysctl_put(w, &w->net, "ipv4/neigh/eth0/proxy_delay", "0");
	route_sysctl_put(w, &w->net, "ipv6/neigh/eth0/proxy_delay", "0");
	daemon_config(config);
	daemon_start(&w->daemon);
}

/* A guest with 192.168.7.<domid> and 2001:db8:7::<domid>, gateway as the manual says. */
struct nic *route_guest(struct world *w, unsigned domid, const char *name)
{
	struct nic *nic = case_guest(w, domid, name, true);

	nic->conf.script = case_script(w, "vif-route");
	nic->conf.gatewaydev = "eth0";
	nic->conf.ip = strdup(text("192.168.7.%u 2001:db8:7::%u", domid, domid));
	nic->conf.addr = strdup(text("192.168.7.%u/32", domid));
	return nic;
}

void route_guest_config(struct nic *nic)
{
	struct world *w = nic->w;
	struct net *n = &nic->guest->net;
	const char *eth = nic->eth;

	IN(w, n, "ip", "route", "replace", GW4, "dev", eth);
	IN(w, n, "ip", "route", "replace", "default", "via", GW4, "dev", eth);
	IN(w, n, "ip", "addr", "replace", text("2001:db8:7::%u/128", nic->guest->domid), "dev", eth,
	   "nodad");
	IN(w, n, "ip", "-6", "route", "replace", "default", "via", "fe80::1", "dev", eth);
}

struct nic *route_attached(struct world *w, unsigned domid, const char *name)
{
	struct nic *nic = route_guest(w, domid, name);

	assert_attach(nic);
	route_guest_config(nic);
	return nic;
}

const char *route_ours(struct world *w)
{
	const char *v4 = strdup(DOM0(w, "ip", "-N", "route", "show", "table", "all", "proto", "88"));

	return text("%s%s", v4,
		    DOM0(w, "ip", "-N", "-6", "route", "show", "table", "all", "proto", "88"));
}

/* Whatever carries our protocol: routes, neighbours, proxy entries. */
const char *route_traces(struct world *w)
{
	const char *routes = strdup(route_ours(w));
	const char *neigh =
		strdup(DOM0(w, "ip", "-N", "neigh", "show", "protocol", "88", "nud", "all"));
	const char *proxy = strdup(DOM0(w, "ip", "-N", "neigh", "show", "proxy", "protocol", "88"));
	const char *proxy6 = DOM0(w, "ip", "-N", "-6", "neigh", "show", "proxy", "protocol", "88");

	return text("%s%s%s%s", routes, neigh, proxy, proxy6);
}

void route_lan_config(struct world *w, unsigned domid)
{
	IN(w, &route_lan, "ip", "route", "replace", text("192.168.7.%u", domid), "via", GW4);
	IN(w, &route_lan, "ip", "-6", "route", "replace", text("2001:db8:7::%u", domid), "via",
	   GW6);
}
