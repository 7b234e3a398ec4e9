// SPDX-License-Identifier: GPL-2.0-or-later
/* Whose netdev is it, and whose vif: nothing is touched on the strength of a name alone. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "identity.h"
#include "script.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static struct link device(int ifindex, const char *name, const char *kind, const char *alias,
			  const char *parent)
{
	struct link l;
	memset(&l, 0, sizeof(l));
	l.ifindex = ifindex;
	snprintf(l.name, sizeof(l.name), "%s", name);
	snprintf(l.kind, sizeof(l.kind), "%s", kind);
	snprintf(l.alias, sizeof(l.alias), "%s", alias);
	snprintf(l.parent, sizeof(l.parent), "%s", parent);
	return l;
}

/* "5.0", "5.0-emu", or "" for nobody's. */
static const char *owner(const struct link *l, char buf[24])
{
	struct vif_key key;
	enum vif_dev dev;
	buf[0] = '\0';
	if (identity_of(l, &key, &dev))
		snprintf(buf, 24, "%u.%u%s", key.domid, key.devid,
			 dev == VIF_DEV_EMU ? "-emu" : "");
	return buf;
}

static void the_parent_device_comes_before_the_tag_and_the_tag_before_the_name(void **state)
{
	static const struct {
		const char *name, *kind, *alias, *parent, *owner;
	} cases[] = {
		/* the kernel's word */
		{"vif5.0", "", "", "vif-5-0", "5.0"},
		{"web0", "", "", "vif-5-0", "5.0"},
		{"vif6.0", "", "", "vif-5-0", "5.0"},
		{"vif6.0", "", "xen-netd vif7.0", "vif-5-0", "5.0"},
		{"vif6.0-emu", "tun", "xen-netd vif6.0-emu", "vif-5-0", "5.0"},
		{"vif5.0", "", "xen-netd vif5.0", "vbd-5-0", ""},
		{"vif5.0", "", "xen-netd vif5.0", "vif-5", ""},
		{"vif5.0", "", "xen-netd vif5.0", "vif-5-", ""},
		{"vif5.0", "", "xen-netd vif5.0", "vif-5-0-1", ""},
		{"vif5.0", "", "xen-netd vif5.0", "vif-05-0", ""},
		{"vif5.0", "", "xen-netd vif5.0", "vif-5/0", ""},
		{"vif5.0", "", "xen-netd vif5.0", "0000:01:00.0", ""},
		/* our own tag */
		{"web0", "veth", "xen-netd vif5.0", "", "5.0"},
		{"vif6.0", "veth", "xen-netd vif5.0", "", "5.0"},
		{"web0-emu", "tun", "xen-netd vif5.0-emu", "", "5.0-emu"},
		{"web0", "veth", "somebody's vif5.0", "", ""},
		/* the name, for kernels that tell no parent */
		{"vif5.0", "", "", "", "5.0"},
		{"vif5.0", "veth", "", "", "5.0"},
		{"vif5.0", "veth", "my favourite", "", "5.0"},
		{"vif5.0-emu", "tun", "", "", "5.0-emu"},
		{"vif5.0-emu", "veth", "", "", ""}, /* not a device model's */
		{"vif5.0-emu", "", "", "", ""},
		{"eth0", "", "", "", ""},
		{"vif", "", "", "", ""},
		{"", "", "", "", ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char buf[24];
		struct link l = device(1, cases[i].name, cases[i].kind, cases[i].alias,
				       cases[i].parent);
		if (strcmp(owner(&l, buf), cases[i].owner))
			fail_msg("name %s, kind %s, alias \"%s\", parent %s: \"%s\"", cases[i].name,
				 cases[i].kind, cases[i].alias, cases[i].parent, buf);
	}
}

struct host_table {
	struct links *ls;
	struct vif_req req;
};

static void host_init(struct host_table *h)
{
	memset(h, 0, sizeof(*h));
	h->ls = links_new();
	h->req.key = (struct vif_key){5, 0};
}

static void host_add(struct host_table *h, int ifindex, const char *name, const char *kind,
		     const char *alias, const char *parent)
{
	struct link l = device(ifindex, name, kind, alias, parent);
	assert_int_equal(links_put(h->ls, &l), 0);
}

static int found(const struct host_table *h, enum vif_dev dev, int hint, bool search)
{
	const struct link *l = identity_find(h->ls, &h->req, dev, hint, search);
	return l ? l->ifindex : 0;
}

static void a_vif_is_found_by_hint_by_the_kernels_name_and_by_the_wanted_name(void **state)
{
	struct host_table h;
	(void)state;
	host_init(&h);
	assert_int_equal(found(&h, VIF_DEV_PV, 0, true), 0);
	host_add(&h, 3, "vif5.0", "", "", "vif-5-0");
	assert_int_equal(found(&h, VIF_DEV_PV, 0, false), 3);
	assert_int_equal(found(&h, VIF_DEV_EMU, 0, true), 0);
	host_add(&h, 3, "web0", "", "", "vif-5-0");
	assert_int_equal(found(&h, VIF_DEV_PV, 3, false), 3);
	assert_int_equal(found(&h, VIF_DEV_PV, 0, false), 0); /* where should it look? */
	strcpy(h.req.vifname, "web0");
	assert_int_equal(found(&h, VIF_DEV_PV, 0, false), 3);
	links_free(h.ls);
}

static void a_daemon_that_was_away_finds_a_vif_under_whatever_name(void **state)
{
	struct host_table h;
	(void)state;
	host_init(&h);
	host_add(&h, 1, "eth0", "", "", "");
	host_add(&h, 2, "strange", "", "", "vif-5-0");
	host_add(&h, 3, "stranger", "tun", "xen-netd vif5.0-emu", "");
	assert_int_equal(found(&h, VIF_DEV_PV, 0, false), 0);
	assert_int_equal(found(&h, VIF_DEV_PV, 0, true), 2);
	assert_int_equal(found(&h, VIF_DEV_EMU, 0, true), 3);
	links_free(h.ls);
}

static void a_hint_that_now_is_another_device_is_not_believed(void **state)
{
	struct host_table h;
	(void)state;
	host_init(&h);
	host_add(&h, 3, "vif6.0", "", "", "vif-6-0");
	host_add(&h, 4, "vif5.0", "", "", "vif-5-0");
	assert_int_equal(found(&h, VIF_DEV_PV, 3, false), 4);
	assert_int_equal(found(&h, VIF_DEV_PV, 99, false), 4);
	assert_int_equal(found(&h, VIF_DEV_PV, -1, false), 4);
	links_free(h.ls);
}

static void a_vifname_never_takes_a_device_of_the_host_or_of_another_vif(void **state)
{
	static const struct {
		const char *name, *kind, *alias, *parent;
	} others[] = {
		{"eth0", "", "", ""},
		{"eth0", "", "", "0000:01:00.0"},
		{"eth0", "tun", "", ""},
		{"eth0", "", "xen-netd vif6.0", ""},
		{"eth0", "", "", "vif-6-0"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct host_table h;
		host_init(&h);
		strcpy(h.req.vifname, "eth0");
		host_add(&h, 1, others[i].name, others[i].kind, others[i].alias, others[i].parent);
		for (int dev = 0; dev < VIF_DEV_COUNT; dev++) {
			assert_int_equal(found(&h, dev, 0, true), 0);
			assert_int_equal(found(&h, dev, 1, true), 0);
		}
		links_free(h.ls);
	}
}

static void a_vif_that_has_another_ones_kernel_name_is_still_itself(void **state)
{
	struct host_table h;
	(void)state;
	host_init(&h);
	host_add(&h, 1, "vif5.0", "", "xen-netd vif6.0",
		 "vif-6-0"); /* vif6.0 with vifname=vif5.0 */
	assert_int_equal(found(&h, VIF_DEV_PV, 0, true), 0);
	h.req.key.domid = 6;
	strcpy(h.req.vifname, "vif5.0");
	assert_int_equal(found(&h, VIF_DEV_PV, 0, false), 1);
	links_free(h.ls);
}

static void only_a_device_with_this_vifs_own_tag_may_be_taken_apart(void **state)
{
	const struct vif_key key = {5, 0}, other = {5, 1};
	(void)state;
	struct link l = device(1, "web0", "", "xen-netd vif5.0", "vif-5-0");
	assert_true(identity_is_tagged(&l, key, VIF_DEV_PV));
	assert_false(identity_is_tagged(&l, key, VIF_DEV_EMU));
	assert_false(identity_is_tagged(&l, other, VIF_DEV_PV));
	strcpy(l.alias, "xen-netd vif5.0-emu");
	assert_true(identity_is_tagged(&l, key, VIF_DEV_EMU));
	l.alias[0] = '\0';
	assert_false(identity_is_tagged(&l, key, VIF_DEV_PV)); /* the parent alone is no tag */
}

struct scripts {
	char dir[32], helper[64], link[64], bridge[64], foreign[64], missing[64];
};

static void touch(const char *path)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
}

static void scripts_init(struct scripts *s)
{
	strcpy(s->dir, "/tmp/xen-netd-test-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->helper, sizeof(s->helper), "%s/vif-netd", s->dir);
	snprintf(s->link, sizeof(s->link), "%s/vif-bridge", s->dir);
	snprintf(s->bridge, sizeof(s->bridge), "%s/vif-nat", s->dir);
	snprintf(s->foreign, sizeof(s->foreign), "%s/vif-route", s->dir);
	snprintf(s->missing, sizeof(s->missing), "%s/vif-openvswitch", s->dir);
	touch(s->helper);
	touch(s->foreign);
	assert_int_equal(symlink("vif-netd", s->link), 0);
	assert_int_equal(link(s->helper, s->bridge), 0);
}

static void scripts_fini(struct scripts *s)
{
	unlink(s->helper);
	unlink(s->link);
	unlink(s->bridge);
	unlink(s->foreign);
	rmdir(s->dir);
}

static void in_dom0_a_script_is_ours_when_it_is_the_same_file_by_whatever_name(void **state)
{
	struct scripts s;
	(void)state;
	scripts_init(&s);
	assert_string_equal(script_ours(s.helper, s.helper, false), "vif-netd");
	assert_string_equal(script_ours(s.link, s.helper, false), "vif-bridge");
	assert_string_equal(script_ours(s.bridge, s.helper, false), "vif-nat");
	assert_null(script_ours(s.foreign, s.helper, false));
	assert_null(script_ours(s.missing, s.helper, false));
	assert_null(script_ours("", s.helper, false));
	assert_null(script_ours("vif-netd", s.helper, false)); /* another directory's */
	/* A helper that is just being upgraded: the path alone says enough. */
	assert_string_equal(script_ours("/none/vif-netd", "/none/vif-netd", false), "vif-netd");
	assert_null(script_ours("/none/vif-bridge", "/none/vif-netd", false));
	scripts_fini(&s);
}

static void in_a_driver_domain_a_script_is_ours_by_its_name(void **state)
{
	static const struct {
		const char *script, *ours;
	} cases[] = {
		{"/etc/xen/scripts/vif-netd", "vif-netd"},
		{"/usr/lib/xen/scripts/vif-bridge", "vif-bridge"},
		{"vif-route", "vif-route"},
		{"/x/vif-nat", "vif-nat"},
		{"/x/vif-openvswitch", "vif-openvswitch"},
		{"/x/vif-setup", NULL},
		{"/x/vif-bridge/", NULL},
		{"/x/vif-bridge2", NULL},
		{"/x/my-vif-bridge", NULL},
		{"", NULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *ours = script_ours(cases[i].script, "/none/vif-netd", true);
		if (strcmp(ours ?: "", cases[i].ours ?: ""))
			fail_msg("\"%s\": %s", cases[i].script, ours ?: "not ours");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_parent_device_comes_before_the_tag_and_the_tag_before_the_name),
		cmocka_unit_test(a_vif_is_found_by_hint_by_the_kernels_name_and_by_the_wanted_name),
		cmocka_unit_test(a_daemon_that_was_away_finds_a_vif_under_whatever_name),
		cmocka_unit_test(a_hint_that_now_is_another_device_is_not_believed),
		cmocka_unit_test(a_vifname_never_takes_a_device_of_the_host_or_of_another_vif),
		cmocka_unit_test(a_vif_that_has_another_ones_kernel_name_is_still_itself),
		cmocka_unit_test(only_a_device_with_this_vifs_own_tag_may_be_taken_apart),
		cmocka_unit_test(
			in_dom0_a_script_is_ours_when_it_is_the_same_file_by_whatever_name),
		cmocka_unit_test(in_a_driver_domain_a_script_is_ours_by_its_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
