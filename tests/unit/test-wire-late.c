// SPDX-License-Identifier: GPL-2.0-or-later
/* Wiring one netdev by what the kernel tells, which says nothing of some changes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan.h"
#include "twin-rtnl.h"
#include "vif.h"
#include "wire.h"

int __wrap_rtnl_drain(struct rtnl *rt, struct links *links, struct err *e);

static struct {
	int ifindex;
	struct link is, told, queue[64];
	size_t n;
} monitor;

int __wrap_rtnl_drain(struct rtnl *rt, struct links *links, struct err *e)
{
	(void)rt;
	(void)e;
	for (size_t i = 0; i < monitor.n; i++)
		assert_int_equal(links_put(links, &monitor.queue[i]), 0);
	monitor.n = 0;
	return 0;
}

/*
 * do_setlink() tells of a MAC or a name as it sets it, before the alias and the IPv6 mode; of these it
 * tells at the end, but only while the link is up.
 */
static void tell(struct rtnl *rt)
{
	const struct twin_link *t = twin_index(rt, monitor.ifindex);
	struct link now = t->link;
	if (!(now.flags & IFF_UP)) {
		memcpy(now.alias, monitor.is.alias, sizeof(now.alias));
		now.v6_quiet = monitor.is.v6_quiet;
	}
	struct link same = now;
	memcpy(same.alias, monitor.told.alias, sizeof(same.alias));
	same.v6_quiet = monitor.told.v6_quiet;
	if ((now.flags & IFF_UP) || memcmp(&same, &monitor.told, sizeof(same))) {
		assert_in_range(monitor.n, 0, 63);
		monitor.queue[monitor.n++] = monitor.told = now;
	}
	monitor.is = t->link;
}

static void a_failed_try_leaves_no_trace_though_the_kernel_tells_late(void **state)
{
	(void)state;
	for (int n = 1, r = -EPERM; r; n++) {
		struct rtnl kernel;
		struct err e = ERR_INIT;
		struct steps steps;
		struct hostif have, want = {.v6_quiet = true, .up = true, .mtu = 1400,
					    .mac = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff}};
		const struct step *failed;
		twin_init(&kernel);
		struct twin_link *vif = twin_add(&kernel, "vif5.0", "");
		struct link before = vif->link;
		struct host host = {&kernel, links_new()};
		rtnl_resync(&kernel, host.links, NULL);
		memset(&monitor, 0, sizeof(monitor));
		monitor.is = monitor.told = before;
		monitor.ifindex = before.ifindex;
		kernel.meddle = tell;
		kernel.fail_at = n;
		kernel.fail_code = -EPERM;
		strcpy(want.name, "web0");
		vif_tag((struct vif_key){5, 0}, VIF_DEV_PV, want.alias);
		steps_merge(NULL, &steps);
		r = wire(&host, &steps, before.ifindex, &want, false, &have, &failed, &e);
		if (r)
			assert_memory_equal(&vif->link, &before, sizeof(before));
		else
			assert_true(n > 4 && vif->link.v6_quiet && (vif->link.flags & IFF_UP));
		links_free(host.links);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_try_leaves_no_trace_though_the_kernel_tells_late),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
