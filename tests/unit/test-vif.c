// SPDX-License-Identifier: GPL-2.0-or-later
/* A vif's keys, names and xenstore values: what is taken, what is refused, and in which words. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vif.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { LONG = 2000 };

/* What libxl writes for a plain vif. */
struct values {
	const char *v[VIF_VAL_COUNT];
};

static const struct values plain = {{
	[VIF_VAL_STATE] = "2",
	[VIF_VAL_ONLINE] = "1",
	[VIF_VAL_FRONTEND_ID] = "5",
	[VIF_VAL_HANDLE] = "0",
	[VIF_VAL_SCRIPT] = "/etc/xen/scripts/vif-bridge",
	[VIF_VAL_MAC] = "00:16:3e:01:02:03",
	[VIF_VAL_BRIDGE] = "xenbr0",
	[VIF_VAL_TYPE] = "vif",
	[VIF_VAL_IP] = "10.0.0.5 2001:db8::5",
	[VIF_VAL_GATEWAYDEV] = "eth0",
	[VIF_VAL_VIFNAME] = "web0",
	[VIF_VAL_RATE] = "1250000,50000",
	[VIF_VAL_MTU] = "9000",
	[VIF_VAL_VLAN] = "10p/20",
	[VIF_VAL_NETWORK] = "dmz",
	[VIF_VAL_HOTPLUG_STATUS] = "",
	[VIF_VAL_NAME] = "web1",
	[VIF_VAL_VM] = "/vm/5e9b2a4c-0000-4000-8000-1234567890ab",
	[VIF_VAL_FRONTEND_MTU] = "1500",
}};

static int parse(const struct values *vals, struct vif_req *req, struct err *e)
{
	*e = ERR_INIT;
	return vif_parse((struct vif_key){5, 0}, (char *const *)vals->v, req, e);
}

static int parse_with(enum vif_val v, const char *text, struct vif_req *req, struct err *e)
{
	struct values vals = plain;
	vals.v[v] = text;
	return parse(&vals, req, e);
}

static void what_libxl_writes_is_understood_in_full(void **state)
{
	struct vif_req req;
	struct err e;
	static const uint8_t mac[] = {0x00, 0x16, 0x3e, 0x01, 0x02, 0x03};
	(void)state;
	assert_int_equal(parse(&plain, &req, &e), 0);
	assert_int_equal(req.key.domid, 5);
	assert_int_equal(req.key.devid, 0);
	assert_int_equal(req.state, XENBUS_INIT_WAIT);
	assert_true(req.online);
	assert_false(req.hvm);
	assert_string_equal(req.domain, "web1");
	assert_string_equal(req.uuid, "5e9b2a4c-0000-4000-8000-1234567890ab");
	assert_string_equal(req.script, "/etc/xen/scripts/vif-bridge");
	assert_memory_equal(req.mac, mac, sizeof(mac));
	assert_string_equal(req.bridge, "xenbr0");
	assert_string_equal(req.gatewaydev, "eth0");
	assert_string_equal(req.vifname, "web0");
	assert_string_equal(req.ip, "10.0.0.5 2001:db8::5");
	assert_string_equal(req.vlan, "10p/20");
	assert_string_equal(req.network, "dmz");
	assert_int_equal(req.mtu, 9000);
}

/*
 * What becomes of each key that is missing, empty, 2000 bytes of 'a', not UTF-8, or has had a NUL
 * inside: a part of the sentence, NULL when the vif is taken as it is.
 */
static const struct {
	const char *missing, *empty, *huge, *bytes, *nul;
} odd[VIF_VAL_COUNT] = {
	[VIF_VAL_STATE] = {"its backend directory is gone", "0 to 8", "0 to 8", "0 to 8", "0 to 8"},
	[VIF_VAL_ONLINE] = {NULL},
	[VIF_VAL_FRONTEND_ID] = {NULL, "the domid", "the domid", "the domid", "the domid"},
	[VIF_VAL_HANDLE] = {NULL, "the device number", "the device number", "the device number",
			    "the device number"},
	[VIF_VAL_SCRIPT] = {NULL, NULL, "at most 255 bytes", "printable ASCII", "printable ASCII"},
	[VIF_VAL_MAC] = {"\"mac\" is missing", "six hexadecimal", "six hexadecimal",
			 "six hexadecimal", "six hexadecimal"},
	[VIF_VAL_BRIDGE] = {NULL, NULL, "at most 255 bytes", "printable ASCII", "printable ASCII"},
	[VIF_VAL_TYPE] = {NULL},
	[VIF_VAL_IP] = {NULL, NULL, "at most 1023 bytes", "printable ASCII", "printable ASCII"},
	[VIF_VAL_GATEWAYDEV] = {NULL, NULL, "a network device name", "a network device name",
				"a network device name"},
	[VIF_VAL_VIFNAME] = {NULL, NULL, "a network device name", "a network device name",
			     "a network device name"},
	[VIF_VAL_RATE] = {NULL},
	[VIF_VAL_MTU] = {NULL, NULL, "68 to 65517", "68 to 65517", "68 to 65517"},
	[VIF_VAL_VLAN] = {NULL, NULL, "at most 255 bytes", "printable ASCII", "printable ASCII"},
	[VIF_VAL_NETWORK] = {NULL, NULL, "at most 63 bytes", "printable ASCII", "printable ASCII"},
	[VIF_VAL_IFACE_ID] = {NULL, NULL, "at most 255 bytes", "printable ASCII", "printable ASCII"},
	[VIF_VAL_HOTPLUG_STATUS] = {NULL},
	[VIF_VAL_HOTPLUG_ERROR] = {NULL},
	[VIF_VAL_NAME] = {NULL},
	[VIF_VAL_VM] = {NULL},
	[VIF_VAL_FRONTEND_MTU] = {NULL},
};

static void check_odd(enum vif_val v, const char *what, const char *text, const char *says)
{
	struct vif_req req;
	struct err e;
	int r = parse_with(v, text, &req, &e);
	int expected = !says ? 0 : v == VIF_VAL_STATE && !text ? -ENOENT : -EINVAL;
	if (r != expected || e.code != expected || (says && !strstr(e.text, says)))
		fail_msg("key %s %s: %d \"%s\", expected %d \"%s\"", vif_val_name(v), what, r,
			 e.text, expected, says ?: "");
	if (r == -EINVAL && !strstr(e.text, vif_val_name(v)))
		fail_msg("\"%s\" does not name the key %s", e.text, vif_val_name(v));
	for (const char *p = e.text; *p; p++)
		assert_in_range(*p, 0x20, 0x7e);
}

static void each_key_alone_missing_empty_huge_or_odd_is_taken_or_refused_by_name(void **state)
{
	char huge[LONG + 1];
	(void)state;
	memset(huge, 'a', LONG);
	huge[LONG] = '\0';
	for (int v = 0; v < VIF_VAL_COUNT; v++) {
		check_odd(v, "missing", NULL, odd[v].missing);
		check_odd(v, "empty", "", odd[v].empty);
		check_odd(v, "huge", huge, odd[v].huge);
		check_odd(v, "not UTF-8", "\xff\xc0\x80", odd[v].bytes);
		check_odd(v, "with a NUL inside", "1\1", odd[v].nul);
	}
}

static void status_can_show_a_vif_whose_configuration_is_refused(void **state)
{
	struct vif_req req;
	struct err e;
	(void)state;
	assert_int_equal(parse_with(VIF_VAL_MTU, "none", &req, &e), -EINVAL);
	assert_int_equal(req.key.domid, 5);
	assert_int_equal(req.state, XENBUS_INIT_WAIT);
	assert_true(req.online);
	assert_string_equal(req.domain, "web1");
	assert_string_equal(req.script, "/etc/xen/scripts/vif-bridge");
	assert_int_equal(req.mtu, 0);
}

static void a_number_has_one_spelling_and_a_range(void **state)
{
	static const struct {
		enum vif_val v;
		const char *text;
		int r;
		uint32_t n;
	} cases[] = {
		{VIF_VAL_MTU, "68", 0, 68},
		{VIF_VAL_MTU, "1500", 0, 1500},
		{VIF_VAL_MTU, "65517", 0, 65517},
		{VIF_VAL_MTU, "67", -EINVAL, 0},
		{VIF_VAL_MTU, "0", -EINVAL, 0},
		{VIF_VAL_MTU, "65518", -EINVAL, 0},
		{VIF_VAL_MTU, "-1500", -EINVAL, 0},
		{VIF_VAL_MTU, "+1500", -EINVAL, 0},
		{VIF_VAL_MTU, "01500", -EINVAL, 0},
		{VIF_VAL_MTU, " 1500", -EINVAL, 0},
		{VIF_VAL_MTU, "1500 ", -EINVAL, 0},
		{VIF_VAL_MTU, "1500\n", -EINVAL, 0},
		{VIF_VAL_MTU, "0x5dc", -EINVAL, 0},
		{VIF_VAL_MTU, "4294968796", -EINVAL, 0}, /* 2^32 + 1500 */
		{VIF_VAL_MTU, "18446744073709553116", -EINVAL, 0}, /* 2^64 + 1500 */
		{VIF_VAL_STATE, "0", 0, 0},
		{VIF_VAL_STATE, "8", 0, 8},
		{VIF_VAL_STATE, "9", -EINVAL, 0},
		{VIF_VAL_STATE, "-1", -EINVAL, 0},
		{VIF_VAL_STATE, "02", -EINVAL, 0},
		{VIF_VAL_STATE, "2 ", -EINVAL, 0},
		{VIF_VAL_STATE, "4294967298", -EINVAL, 0}, /* 2^32 + 2 */
		{VIF_VAL_FRONTEND_ID, "6", -EINVAL, 0},
		{VIF_VAL_FRONTEND_ID, "05", -EINVAL, 0},
		{VIF_VAL_FRONTEND_ID, "-5", -EINVAL, 0},
		{VIF_VAL_FRONTEND_ID, "4294967301", -EINVAL, 0}, /* 2^32 + 5 */
		{VIF_VAL_HANDLE, "1", -EINVAL, 0},
		{VIF_VAL_HANDLE, "00", -EINVAL, 0},
		{VIF_VAL_HANDLE, "4294967296", -EINVAL, 0},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vif_req req;
		struct err e;
		int r = parse_with(cases[i].v, cases[i].text, &req, &e);
		uint32_t n = cases[i].v == VIF_VAL_MTU ? req.mtu : req.state;
		if (r != cases[i].r || (!r && n != cases[i].n))
			fail_msg("%s=\"%s\": %d, %u", vif_val_name(cases[i].v), cases[i].text, r,
				 n);
	}
}

static void a_vif_is_online_for_1_alone(void **state)
{
	static const char *const others[] = {"", "0", "2", "01", "1 ", "yes", "true", "\1"};
	struct vif_req req;
	struct err e;
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		assert_int_equal(parse_with(VIF_VAL_ONLINE, others[i], &req, &e), 0);
		assert_false(req.online);
	}
	assert_int_equal(parse_with(VIF_VAL_ONLINE, NULL, &req, &e), 0);
	assert_false(req.online);
}

static void a_mac_is_six_bytes_of_a_single_station(void **state)
{
	static const struct {
		const char *text;
		int r;
	} cases[] = {
		{"00:16:3e:00:00:00", 0},
		{"00:16:3E:AB:CD:EF", 0},
		{"fe:ff:ff:ff:ff:ff", 0},
		{"00:00:00:00:00:00", -EINVAL},
		{"01:16:3e:00:00:01", -EINVAL}, /* group address */
		{"ff:ff:ff:ff:ff:ff", -EINVAL},
		{"00:16:3e:00:00", -EINVAL},
		{"00:16:3e:00:00:", -EINVAL},
		{"00:16:3e:00:00:0", -EINVAL},
		{"00:16:3e:00:00:001", -EINVAL},
		{"00:16:3e:00:00:00:00", -EINVAL},
		{"00-16-3e-00-00-01", -EINVAL},
		{"00163e000001", -EINVAL},
		{"0:16:3e:00:00:01", -EINVAL},
		{"00:16:3g:00:00:01", -EINVAL},
		{" 0:16:3e:00:00:01", -EINVAL},
		{"00:16:3e:00:00:+1", -EINVAL},
		{"00:16:3e:00:00:01 ", -EINVAL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vif_req req;
		struct err e;
		int r = parse_with(VIF_VAL_MAC, cases[i].text, &req, &e);
		if (r != cases[i].r)
			fail_msg("mac=\"%s\": %d", cases[i].text, r);
	}
}

static void a_device_name_is_one_the_kernel_takes_with_room_for_emu(void **state)
{
	static const struct {
		const char *type, *vifname;
		int r;
	} cases[] = {
		{"vif", "fifteen-letters", 0},
		{"vif", "sixteen--letters", -EINVAL},
		{"vif_ioemu", "eleven-lett", 0},
		{"vif_ioemu", "twelve-lette", -EINVAL},
		{"vif", "a", 0},
		{"vif", ".", -EINVAL},
		{"vif", "..", -EINVAL},
		{"vif", "...", 0},
		{"vif", "../../etc", -EINVAL},
		{"vif", "a/b", -EINVAL},
		{"vif", "a:1", -EINVAL}, /* an alias of old */
		{"vif", "a b", -EINVAL},
		{"vif", "a\tb", -EINVAL},
		{"vif", "a\n", -EINVAL},
		{"vif", "caf\xc3\xa9", -EINVAL},
		{"vif", "a\x7f", -EINVAL},
		{"vif", "web%d", -EINVAL}, /* a template to the kernel */
		{"vif", "all", -EINVAL},   /* names of the kernel's own among the sysctls */
		{"vif", "default", -EINVAL},
		{"vif", "defaults", 0},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct values vals = plain;
		struct vif_req req;
		struct err e;
		vals.v[VIF_VAL_TYPE] = cases[i].type;
		vals.v[VIF_VAL_VIFNAME] = cases[i].vifname;
		int r = parse(&vals, &req, &e);
		if (r != cases[i].r)
			fail_msg("type %s, vifname \"%s\": %d %s", cases[i].type, cases[i].vifname,
				 r, e.text);
	}
}

static void each_text_is_taken_up_to_its_limit_and_not_one_byte_more(void **state)
{
	static const struct {
		enum vif_val v;
		size_t max;
	} cases[] = {
		{VIF_VAL_SCRIPT, 255}, {VIF_VAL_BRIDGE, 255}, {VIF_VAL_IFACE_ID, 255}, {VIF_VAL_IP, VIF_VALUE_MAX - 1},
		{VIF_VAL_VLAN, 255},   {VIF_VAL_NETWORK, 63},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[LONG];
		struct vif_req req;
		struct err e;
		memset(text, 'x', sizeof(text));
		text[cases[i].max + 1] = '\0';
		assert_int_equal(parse_with(cases[i].v, text, &req, &e), -EINVAL);
		text[cases[i].max] = '\0';
		assert_int_equal(parse_with(cases[i].v, text, &req, &e), 0);
	}
}

static void a_guests_name_and_uuid_are_shown_without_its_control_bytes(void **state)
{
	struct values vals = plain;
	struct vif_req req;
	struct err e;
	(void)state;
	vals.v[VIF_VAL_NAME] = "we\033[2Jb\xff";
	vals.v[VIF_VAL_VM] = "/vm/\033c";
	assert_int_equal(parse(&vals, &req, &e), 0);
	assert_string_equal(req.domain, "we?[2Jb?");
	assert_string_equal(req.uuid, "?c");
	vals.v[VIF_VAL_VM] = "/local/domain/5";
	assert_int_equal(parse(&vals, &req, &e), 0);
	assert_string_equal(req.uuid, "");
}

static void a_guest_that_migrates_keeps_its_name(void **state)
{
	static const struct {
		const char *told, *name;
	} cases[] = {
		{"web1--incoming", "web1"},
		{"web1--migratedaway", "web1"},
		{"web1--incoming--migratedaway", "web1--incoming"},
		{"--incoming", "--incoming"}, /* a name of its own: none would be left */
		{"web1-incoming", "web1-incoming"},
		{"web1--incoming2", "web1--incoming2"},
	};
	struct values vals = plain;
	struct vif_req req;
	struct err e;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		vals.v[VIF_VAL_NAME] = cases[i].told;
		assert_int_equal(parse(&vals, &req, &e), 0);
		assert_string_equal(req.domain, cases[i].name);
		assert_string_equal(req.domain_raw, cases[i].name);
	}
}

static void a_long_name_is_whole(void **state)
{
	char name[201];
	struct values vals = plain;
	struct vif_req req;
	struct err e;
	(void)state;
	memset(name, 'a', 200);
	name[200] = '\0';
	vals.v[VIF_VAL_NAME] = name;
	assert_int_equal(parse(&vals, &req, &e), 0);
	assert_string_equal(req.domain, name);
}

static void a_key_is_two_plain_numbers_up_to_the_end_or_a_slash(void **state)
{
	static const struct {
		const char *text, *rest; /* rest NULL: refused */
		uint32_t domid, devid;
	} cases[] = {
		{"0/0", "", 0, 0},
		{"5/1", "", 5, 1},
		{"5/1/state", "/state", 5, 1},
		{"5/1/", "/", 5, 1},
		{"32751/16777215", "", 32751, 16777215},
		{"32752/0", NULL, 0, 0}, /* DOMID_FIRST_RESERVED */
		{"0/16777216", NULL, 0, 0},
		{"4294967301/0", NULL, 0, 0},
		{"05/0", NULL, 0, 0},
		{"5/00", NULL, 0, 0},
		{"-5/0", NULL, 0, 0},
		{"5/-1", NULL, 0, 0},
		{" 5/0", NULL, 0, 0},
		{"5 /0", NULL, 0, 0},
		{"5", NULL, 0, 0},
		{"5/", NULL, 0, 0},
		{"/0", NULL, 0, 0},
		{"5//0", NULL, 0, 0},
		{"5/0x", NULL, 0, 0},
		{"5/0\1", NULL, 0, 0},
		{"", NULL, 0, 0},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vif_key key = {77, 77};
		const char *end = NULL;
		bool ok = vif_key_parse(cases[i].text, &key, &end);
		if (ok != !!cases[i].rest)
			fail_msg("\"%s\": %d", cases[i].text, ok);
		if (!ok) {
			assert_int_equal(key.domid, 77); /* untouched */
			continue;
		}
		assert_string_equal(end, cases[i].rest);
		assert_int_equal(key.domid, cases[i].domid);
		assert_int_equal(key.devid, cases[i].devid);
	}
}

static void names_and_tags_read_back_as_what_they_were_made_of(void **state)
{
	static const struct vif_key keys[] = {
		{0, 0}, {1, 0}, {5, 12}, {999, 9999}, {9999, 99}, {32751, 99}, {32751, 7},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (int dev = 0; dev < VIF_DEV_COUNT; dev++) {
			char name[IFNAMSIZ], tag[VIF_TAG_SIZE];
			struct vif_key by_name, by_tag;
			enum vif_dev d1, d2;
			if (dev == VIF_DEV_EMU && keys[i].devid > 999)
				continue;
			vif_kernel_name(keys[i], dev, name);
			vif_tag(keys[i], dev, tag);
			assert_true(vif_ifname_ok(name));
			assert_true(vif_name_parse(name, &by_name, &d1));
			assert_true(vif_tag_parse(tag, &by_tag, &d2));
			assert_memory_equal(&by_name, &keys[i], sizeof(by_name));
			assert_memory_equal(&by_tag, &keys[i], sizeof(by_tag));
			assert_int_equal(d1, dev);
			assert_int_equal(d2, dev);
		}
}

static void what_only_looks_like_a_name_or_a_tag_is_none(void **state)
{
	static const char *const names[] = {
		"",	     "vif",	    "vif5",    "vif5.",	  "vif.0",
		"vif5.0-em", "vif5.0-emu2", "vif05.0", "vif5.00", "Vif5.0",
		"xvif5.0",   "vif5.0.1",    "vif-5.0", "vif5.-1", "vif32752.0",
		"vif5.0 ",   "vif5.0-EMU",  "vif5,0",  "vif5.0x", "vif 5.0",
	};
	static const char *const tags[] = {
		"", "vif5.0", "xen-netd", "xen-netd ", "xen-netd  vif5.0", "xen-netd vif5.0 ",
		"Xen-netd vif5.0", "xen-netdvif5.0", "xen-netd vif5", "xen-netd eth0",
	};
	struct vif_key key;
	enum vif_dev dev;
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (vif_name_parse(names[i], &key, &dev))
			fail_msg("name \"%s\"", names[i]);
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++)
		if (vif_tag_parse(tags[i], &key, &dev))
			fail_msg("tag \"%s\"", tags[i]);
}

static void the_wanted_name_is_vifname_or_the_kernels_and_the_twins_ends_in_emu(void **state)
{
	struct vif_req req = {.key = {5, 1}};
	char name[IFNAMSIZ];
	(void)state;
	vif_wanted_name(&req, VIF_DEV_PV, name);
	assert_string_equal(name, "vif5.1");
	vif_wanted_name(&req, VIF_DEV_EMU, name);
	assert_string_equal(name, "vif5.1-emu");
	strcpy(req.vifname, "eleven-lett");
	vif_wanted_name(&req, VIF_DEV_PV, name);
	assert_string_equal(name, "eleven-lett");
	vif_wanted_name(&req, VIF_DEV_EMU, name);
	assert_string_equal(name, "eleven-lett-emu");
}

static void a_key_of_the_backend_directory_is_found_by_its_whole_name_only(void **state)
{
	(void)state;
	for (int v = 0; v < VIF_VAL_BACKEND_COUNT; v++) {
		const char *name = vif_val_name(v);
		assert_int_equal(vif_val_by_name(name, strlen(name)), v);
		assert_int_equal(vif_val_by_name(name, strlen(name) - 1), -1);
	}
	assert_int_equal(vif_val_by_name("", 0), -1);
	assert_int_equal(vif_val_by_name("feature-sg", 10), -1);
	assert_int_equal(vif_val_by_name("state/x", 7), -1);
	assert_int_equal(vif_val_by_name("stateful", 8), -1);
	/* Those of the guest's own directories are none of the backend's. */
	assert_int_equal(vif_val_by_name("name", 4), -1);
	assert_int_equal(vif_val_by_name("vm", 2), -1);
	assert_int_equal(vif_val_by_name("mtu", 3), VIF_VAL_MTU);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_libxl_writes_is_understood_in_full),
		cmocka_unit_test(
			each_key_alone_missing_empty_huge_or_odd_is_taken_or_refused_by_name),
		cmocka_unit_test(status_can_show_a_vif_whose_configuration_is_refused),
		cmocka_unit_test(a_number_has_one_spelling_and_a_range),
		cmocka_unit_test(a_vif_is_online_for_1_alone),
		cmocka_unit_test(a_mac_is_six_bytes_of_a_single_station),
		cmocka_unit_test(a_device_name_is_one_the_kernel_takes_with_room_for_emu),
		cmocka_unit_test(each_text_is_taken_up_to_its_limit_and_not_one_byte_more),
		cmocka_unit_test(a_guests_name_and_uuid_are_shown_without_its_control_bytes),
		cmocka_unit_test(a_guest_that_migrates_keeps_its_name),
		cmocka_unit_test(a_long_name_is_whole),
		cmocka_unit_test(a_key_is_two_plain_numbers_up_to_the_end_or_a_slash),
		cmocka_unit_test(names_and_tags_read_back_as_what_they_were_made_of),
		cmocka_unit_test(what_only_looks_like_a_name_or_a_tag_is_none),
		cmocka_unit_test(
			the_wanted_name_is_vifname_or_the_kernels_and_the_twins_ends_in_emu),
		cmocka_unit_test(a_key_of_the_backend_directory_is_found_by_its_whole_name_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
