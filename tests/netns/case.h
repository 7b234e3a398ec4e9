/* SPDX-License-Identifier: GPL-2.0-or-later */
/* case: what the cases share: their table, assertions that wait, and short ways to a usual host. */
#ifndef NETNS_CASE_H
#define NETNS_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "die.h"
#include "world.h"

/* The name is the sentence that the case proves, in words joined by '_'. */
struct netns_case {
	const char *name; /* NULL ends a table */
	void (*fn)(struct world *w);
	int limit_s; /* 0 = CASE_LIMIT_S */
};

enum {
	CASE_LIMIT_S = 60,
	SOON_MS = 10000, /* for what takes milliseconds: long enough for a loaded machine */
	PING_MS = 3000,
	NO_PING_MS = 200, /* an answer takes less than 1 ms where the way is open */
	SILENCE_MS = 300, /* how long a case watches that nothing happens */
};

#define CASE(fn_)                       \
	{                               \
		.name = #fn_, .fn = fn_ \
	}
#define CASES_END            \
	{                    \
		.name = NULL \
	}

extern const struct netns_case cases_harness[], cases_attach[], cases_choose[], cases_bridge[],
	cases_device[], cases_restart[], cases_store[], cases_hostile[], cases_ctl[],
	cases_config[], cases_domain[], cases_filter[], cases_filter_table[], cases_filter_route[], cases_scale[],
	cases_route[], cases_route_odds[], cases_ovs[], cases_ovs_odds[], cases_nat[],
	cases_nat_odds[], cases_frames[], cases_ovs_guard[], cases_ovn[];

#define assert_soon(w, cond)                                                      \
	do {                                                                      \
		if (!LOOP_WAIT((w)->loop, SOON_MS, cond))                         \
			fail_msg("waited %d ms in vain for: %s", SOON_MS, #cond); \
	} while (0)
/* Watches for a while that @cond holds after every event. */
#define assert_stays(w, cond)                                   \
	do {                                                    \
		if (LOOP_WAIT((w)->loop, SILENCE_MS, !(cond)))  \
			fail_msg("did not stay so: %s", #cond); \
	} while (0)
#define assert_contains(hay, needle)                                                        \
	do {                                                                                \
		const char *hay_ = (hay);                                                   \
		if (!hay_ || !strstr(hay_, (needle)))                                       \
			fail_msg("\"%s\" not in \"%s\"", (needle), hay_ ? hay_ : "(null)"); \
	} while (0)
#define assert_lacks(hay, needle)                                     \
	do {                                                          \
		const char *hay_ = (hay);                             \
		if (hay_ && strstr(hay_, (needle)))                   \
			fail_msg("\"%s\" in \"%s\"", (needle), hay_); \
	} while (0)
#define assert_attach(nic)     assert_attach_((nic), __FILE__, __LINE__)
#define assert_detach(nic)     assert_true(nic_detach(nic))
#define assert_pings(from, to) assert_true(case_pings((from), (to), PING_MS))
/* No answer, while @control does answer before and after. */
#define assert_no_ping(from, to, control)                           \
	do {                                                        \
		assert_pings((from), (control));                    \
		assert_false(case_pings((from), (to), NO_PING_MS)); \
		assert_pings((from), (control));                    \
	} while (0)

void assert_attach_(struct nic *nic, const char *file, int line);
bool case_pings(const struct nic *from, const struct nic *to, int ms);
const char *case_addr(const struct nic *nic); /* its guest's address, without the length */

/* xenbr0, and the daemon with @config (NULL: no file), ready. */
void case_host(struct world *w, const char *config);
/* Path of a link named @name to the helper: libxl's `script`. */
const char *case_script(struct world *w, const char *name);
/* A guest, running if @running, with one vif that is not plugged yet: script vif-bridge, address
 * 10.0.0.<domid>/24. Change ->conf and ->quirk before nic_attach(). */
struct nic *case_guest(struct world *w, unsigned domid, const char *name, bool running);
/* A further vif of the same guest. Address 10.<devid>.0.<domid>/24. */
struct nic *case_second(const struct nic *first, unsigned devid);
/* An attached guest on bridge @bridge. */
struct nic *case_attached(struct world *w, unsigned domid, const char *name, const char *bridge);

#endif
