// SPDX-License-Identifier: GPL-2.0-or-later
/* The daemon's guests in VLANs: what somebody changes of them, and how they lead out. */
#include "links.h"
#include "world.h"

#define LAB                                                                          \
	"network lab { mode = bridge create = true uplink = eth0 vlan = \"10p/20\" }\n" \
	"domain \"web1\" { network = lab }\n"

static void attach_to(struct world *w, const char *config)
{
	world_configure(w, config);
	world_add_vif(w, 0, "vif");
	world_probe(w, 0);
	assert_string_equal(world_answer(w, world_helper(w, "online")), "ok");
	world_connect(w);
}

/* What the kernel tells of a port's VLANs: that there was a change. */
static void change_vlans(struct world *w, const char *name, const struct vlan_set *to)
{
	struct twin_link *t = world_link(w, name);
	t->vlans = *to;
	links_touch(w->nd.host.links, t->link.ifindex);
	world_settle(w);
}

static void vlans_of_a_connected_guest_that_somebody_changes_are_put_back(void **state)
{
	struct world w;
	struct vlan_set other = {.pvid = 0};
	char text[64];
	(void)state;
	world_init(&w);
	twin_add(&w.kernel, "eth0", "");
	twin_notify(&w.kernel);
	attach_to(&w, LAB);
	assert_string_equal(vlan_print(&world_link(&w, "vif5.0")->vlans, text, sizeof(text)), "10p/20");
	change_vlans(&w, "vif5.0", &other);
	assert_string_equal(vlan_print(&world_link(&w, "vif5.0")->vlans, text, sizeof(text)), "10p/20");
	vlan_add(&other, 30, true);
	change_vlans(&w, "vif5.0", &other);
	assert_string_equal(vlan_print(&world_link(&w, "vif5.0")->vlans, text, sizeof(text)), "10p/20");
	world_fini(&w);
}

static void a_created_bridge_and_its_uplink_carry_the_vlans_of_its_guests(void **state)
{
	static const char *const carriers[] = {"lab", "eth0"};
	struct world w;
	(void)state;
	world_init(&w);
	twin_add(&w.kernel, "eth0", "");
	twin_notify(&w.kernel);
	attach_to(&w, LAB);
	assert_int_equal(world_link(&w, "eth0")->link.master, world_link(&w, "lab")->link.ifindex);
	for (int i = 0; i < 2; i++) {
		const struct vlan_set *vlans = &world_link(&w, carriers[i])->vlans;
		assert_true(vlan_has(vlans, 10) && !vlan_is_untagged(vlans, 10));
		assert_true(vlan_has(vlans, 20) && !vlan_is_untagged(vlans, 20));
		assert_true(vlan_has(vlans, 1)); /* as it was: others may use it */
		assert_int_equal(vlans->pvid, 1);
	}
	world_fini(&w);
}

static void a_bridge_of_others_and_its_ports_keep_their_vlans(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	struct twin_link *br = world_link(&w, "br1"), *up = twin_add(&w.kernel, "eth0", "");
	br->link.br_vlan_filtering = true;
	up->link.master = br->link.ifindex;
	twin_notify(&w.kernel);
	attach_to(&w, "network lab { mode = bridge bridge = br1 uplink = eth0 vlan = \"10u\" }\n"
		      "domain \"web1\" { network = lab }\n");
	assert_true(vlan_has(&world_link(&w, "vif5.0")->vlans, 10));
	assert_true(vlan_is_empty(&world_link(&w, "br1")->vlans));
	assert_true(vlan_is_empty(&world_link(&w, "eth0")->vlans));
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vlans_of_a_connected_guest_that_somebody_changes_are_put_back),
		cmocka_unit_test(a_created_bridge_and_its_uplink_carry_the_vlans_of_its_guests),
		cmocka_unit_test(a_bridge_of_others_and_its_ports_keep_their_vlans),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
