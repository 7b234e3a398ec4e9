// SPDX-License-Identifier: GPL-2.0-or-later
/* lessor: gives guests their addresses, and remembers them. */
#include "lessor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <netinet/in.h>

#include "lease-file.h"
#include "log.h"

enum { SECONDS_A_DAY = 86400 };

struct lessor {
	struct leases *leases;
	char *dir;
	bool loaded;
	leases_here_fn *here;
	void *arg;
};

int lessor_new(struct lessor **out, const char *dir, leases_here_fn *here, void *arg, struct err *e)
{
	struct lessor *ls = calloc(1, sizeof(*ls));
	if (ls) {
		*ls = (struct lessor) {.here = here, .arg = arg, .dir = strdup(dir)};
		ls->leases = leases_new();
	}
	if (!ls || !ls->dir || !ls->leases) {
		lessor_free(ls);
		return err_sysf(e, -ENOMEM, "start");
	}
	*out = ls;
	return 0;
}

void lessor_free(struct lessor *ls)
{
	if (!ls)
		return;
	leases_free(ls->leases);
	free(ls->dir);
	free(ls);
}

/* When the first guest needs it: a host without private networks needs no such file. */
static int load(struct lessor *ls, struct err *e)
{
	struct err why = ERR_INIT;
	if (ls->loaded)
		return 0;
	int r = lease_file_load(ls->dir, ls->leases, &why);
	if (r < 0) {
		leases_free(ls->leases);
		ls->leases = leases_new();
		return ls->leases ? err_setf(e, r, "%s", why.text) : err_sysf(e, -ENOMEM, "start");
	}
	if (r)
		log_line(LOG_WARNING,
			 "%s; %zu leases were read, others' guests may get other addresses",
			 why.text, leases_count(ls->leases));
	ls->loaded = true;
	return 0;
}

/* What dom0 has on the bridge now: guests may be using it. */
static bool of_bridge(const struct host *h, const char *network, struct addr *gw4)
{
	size_t n;
	const struct link *br = links_by_name(h->links, network);
	const struct link_addr *a = br && !strcmp(br->alias, HOSTIF_PASSING)
					    ? links_addrs(h->links, br->ifindex, &n)
					    : NULL;
	for (size_t i = 0; a && i < n; i++)
		if (a[i].addr.family == AF_INET && a[i].primary) {
			*gw4 = a[i].addr;
			return true;
		}
	return false;
}

static int is_free(const struct host *h, const char *network, const struct addr *gw4, struct err *e)
{
	const struct link *br = links_by_name(h->links, network);
	struct addr with;
	int r = rtnl_find_overlap(h->rtnl, gw4, br ? br->ifindex : 0, &with, e);
	return r < 0 ? r : !r;
}

/* 192.168.122.0/24 and those behind it, then some of 10/8. */
static bool candidate(unsigned i, struct addr *gw4)
{
	enum { FIRST = 122, PER_BLOCK = 255 - FIRST };
	*gw4 = (struct addr) {.family = AF_INET, .prefix = 24, .has_prefix = true};
	uint8_t a[] = {192, 168, FIRST + i % PER_BLOCK, 1},
		b[] = {10, FIRST + i % PER_BLOCK, FIRST, 1};
	memcpy(gw4->bytes, i < PER_BLOCK ? a : b, 4);
	return i < 2 * PER_BLOCK;
}

static int find_subnet(const struct host *h, const char *network, struct addr *gw4, struct err *e)
{
	for (unsigned i = 0; candidate(i, gw4); i++) {
		int r = is_free(h, network, gw4, e);
		if (r)
			return r < 0 ? r : 0;
	}
	return err_setf(e, -EADDRNOTAVAIL,
			"network %s has no subnet, and all that could be chosen collide with "
			"routes of this "
			"host; write subnet = ADDRESS/LENGTH for it in netd.conf",
			network);
}

static int choose_subnet(struct lessor *ls, const struct host *h, const char *network,
			 struct addr *gw4, struct err *e)
{
	char text[ADDR_TEXT_SIZE];
	struct addr old = {.family = 0};
	bool known = leases_network(ls->leases, network, &old);
	if (of_bridge(h, network, gw4))
		return 0;
	int r = known ? is_free(h, network, &old, e) : 0;
	if (r) {
		*gw4 = old;
		return r < 0 ? r : 0;
	}
	r = find_subnet(h, network, gw4, e);
	if (r < 0)
		return r;
	log_line(LOG_INFO, "network %s takes the subnet of %s%s", network,
		 addr_print(gw4, text, sizeof(text)),
		 known ? ": the one it had collides with a route of this host" : "");
	r = leases_set_network(ls->leases, network, gw4);
	return r < 0 ? err_sysf(e, r, "keep the subnet") : lease_file_save(ls->dir, ls->leases, e);
}

static bool is_here(void *arg, const char *network, const uint8_t mac[6])
{
	const struct lessor *ls = arg;
	return ls->here(ls->arg, network, mac);
}

int lessor_take(struct lessor *ls, const struct host *h, const struct lease_pool *pool,
		const struct vif_req *req, struct lease *out, struct err *e)
{
	struct lease_pool p = *pool;
	const struct leases_guest g = {
		.mac = req->mac,
		.name = req->domain,
		.day = time(NULL) / SECONDS_A_DAY,
		.here = is_here,
		.arg = ls,
	};
	int r = load(ls, e);
	if (!r && !p.gw4.family)
		r = choose_subnet(ls, h, p.network, &p.gw4, e);
	if (r < 0)
		return r;
	r = leases_take(ls->leases, &p, &g, out, e);
	if (r <= 0)
		return r;
	bool vital = r == 1;
	r = lease_file_save(ls->dir, ls->leases, vital ? e : NULL);
	if (!vital)
		return 0;
	if (r < 0)
		leases_undo(ls->leases);
	return r < 0 ? err_wrapf(e, "remember the guest's address"), r : 0;
}

int lessor_want(struct lessor *ls, const struct host *h, const struct want_in *in, struct lease *out,
		struct err *e)
{
	const struct plugin *p = in->net->plugin;
	struct lease_pool pool;
	int r = p->pool ? p->pool(in, &pool, e) : 1;
	return r ?: lessor_take(ls, h, &pool, in->req, out, e);
}
