// SPDX-License-Identifier: GPL-2.0-or-later
/* nic: one vif as the simulated toolstack, netback and guest see it. */
#include "nic.h"

#include <stdio.h>
#include <string.h>

#include "die.h"
#include "world.h"

static void set_mac(struct nic *nic);
static bool same_branch(const char *path, const char *dir);

struct nic *nic_new(struct guest *g, const struct nic_conf *conf)
{
	struct nic *nic = xzalloc(sizeof(*nic));
	unsigned b = conf->backend_domid, f = g->domid, n = conf->devid;

	nic->w = g->w;
	nic->guest = g;
	nic->conf = *conf;
	nic->tap = -1;
	nic->exit_status = -1;
	snprintf(nic->be, sizeof(nic->be), "/local/domain/%u/backend/vif/%u/%u", b, f, n);
	snprintf(nic->fe, sizeof(nic->fe), "/local/domain/%u/device/vif/%u", f, n);
	snprintf(nic->libxl, sizeof(nic->libxl), "/libxl/%u/device/vif/%u", f, n);
	snprintf(nic->vif, sizeof(nic->vif), "vif%u.%u", f, n);
	snprintf(nic->emu, sizeof(nic->emu), "vif%u.%u-emu", f, n);
	/* Guests that share a namespace need cards of different names. */
	if (g->icmp >= 0)
		snprintf(nic->eth, sizeof(nic->eth), "eth%u", n);
	else
		snprintf(nic->eth, sizeof(nic->eth), "eth%u.%u", f, n);
	set_mac(nic);
	nic->next = g->w->nics;
	g->w->nics = nic;
	return nic;
}

struct nic *nic_by_path(struct world *w, const char *path, struct nic *prev)
{
	for (struct nic *nic = prev ? prev->next : w->nics; nic; nic = nic->next)
		if (same_branch(path, nic->be) || same_branch(path, nic->fe))
			return nic;
	return NULL;
}

const char *nic_be(const struct nic *nic, const char *key)
{
	return text("%s/%s", nic->be, key);
}

const char *nic_fe(const struct nic *nic, const char *key)
{
	return text("%s/%s", nic->fe, key);
}

bool nic_state_is(const struct nic *nic, unsigned state)
{
	return xsd_is(&nic->w->xsd, nic_be(nic, "state"), text("%u", state));
}

bool nic_status_is(const struct nic *nic, const char *hotplug_status)
{
	return xsd_is(&nic->w->xsd, nic_be(nic, "hotplug-status"), hotplug_status);
}

static void set_mac(struct nic *nic)
{
	unsigned f = nic->guest->domid;
	uint8_t *m = nic->mac;

	memcpy(m, (uint8_t[]) {0x00, 0x16, 0x3e, f >> 8, f, nic->conf.devid}, NET_ALEN);
	if (nic->conf.mac && sscanf(nic->conf.mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &m[0], &m[1],
				    &m[2], &m[3], &m[4], &m[5]) != NET_ALEN)
		die("nic: bad MAC %s", nic->conf.mac);
}

/* One of the two is the other, or lies below it. */
static bool same_branch(const char *path, const char *dir)
{
	size_t n = strlen(path), m = strlen(dir);
	size_t common = n < m ? n : m;

	if (strncmp(path, dir, common))
		return false;
	return n == m || (n < m ? dir : path)[common] == '/';
}
