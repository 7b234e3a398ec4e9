// SPDX-License-Identifier: GPL-2.0-or-later
/* bench-host: a host with guests that are attached by one script or another. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "die.h"

void bench_host_init(struct bench_host *h, const char *build, const char *bridge)
{
	memset(h, 0, sizeof(*h)); /* the memory outlives the sandbox before */
	h->bridge = bridge;
	world_init(&h->w, build, XSD_C);
	h->w.daemon.log_level = "warning"; /* its log is a pipe that we are too busy to read */
	h->next = 1;
}

void bench_host_home(struct bench_host *h)
{
	h->home = guest_new(&h->w, h->next++, "home");
	/*
	 * A thousand idle guests would flood the bridge with IPv6 multicast, and the kernel's time for it
	 * goes to whoever is running: the bench is about attaching.
	 */
	net_enter(&h->home->net);
	write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
	net_leave(&h->w.net);
}

struct nic *bench_nic(struct bench_host *h, const char *script)
{
	unsigned domid = h->next++;
	struct guest *g = guest_new_in(&h->w, domid, text("g%u", domid), h->home);
	struct nic_conf conf = {.script = script, .bridge = h->bridge};
	return nic_new(g, &conf);
}

void bench_attach(struct bench_host *h, const char *script, unsigned n, struct samples *s)
{
	for (unsigned i = 0; i < n; i++) {
		struct nic *nic = bench_nic(h, script);
		if (!nic_attach(nic))
			die("attach %s: %s", nic->vif, nic->error);
		if (s)
			samples_add(s, nic->script_us);
	}
}

int64_t bench_burst(struct bench_host *h, const char *script, unsigned n)
{
	struct nic **nics = xzalloc(n * sizeof(*nics));
	for (unsigned i = 0; i < n; i++)
		nics[i] = bench_nic(h, script);
	int64_t start = now_us(), end = start;
	for (unsigned i = 0; i < n; i++)
		toolstack_attach(nics[i]);
	for (unsigned i = 0; i < n; i++) {
		if (!LOOP_WAIT(h->w.loop, 300000, nics[i]->phase >= NIC_ATTACHED) ||
		    nics[i]->phase == NIC_FAILED)
			die("burst: %s: %s", nics[i]->vif, nics[i]->error);
		if (nics[i]->done_us > end)
			end = nics[i]->done_us;
	}
	free(nics);
	return end - start;
}
