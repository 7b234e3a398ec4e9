// SPDX-License-Identifier: GPL-2.0-or-later
/* vif: keys and names of a vif, and the checked reading of its xenstore values. */
#include "vif.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MTU_MIN = 68,		/* RFC 791 */
	MTU_MAX = 65535 - 18,	/* netback: dev->max_mtu = ETH_MAX_MTU - VLAN_ETH_HLEN */
};

static const char *const val_names[VIF_VAL_COUNT] = {
	[VIF_VAL_STATE] = "state",
	[VIF_VAL_ONLINE] = "online",
	[VIF_VAL_FRONTEND_ID] = "frontend-id",
	[VIF_VAL_HANDLE] = "handle",
	[VIF_VAL_SCRIPT] = "script",
	[VIF_VAL_MAC] = "mac",
	[VIF_VAL_BRIDGE] = "bridge",
	[VIF_VAL_TYPE] = "type",
	[VIF_VAL_IP] = "ip",
	[VIF_VAL_GATEWAYDEV] = "gatewaydev",
	[VIF_VAL_VIFNAME] = "vifname",
	[VIF_VAL_RATE] = "rate",
	[VIF_VAL_MTU] = "mtu",
	[VIF_VAL_VLAN] = "vlan",
	[VIF_VAL_NETWORK] = "network",
	[VIF_VAL_IFACE_ID] = "iface-id",
	[VIF_VAL_ADDRESS] = "netd-address",
	[VIF_VAL_HOTPLUG_STATUS] = "hotplug-status",
	[VIF_VAL_HOTPLUG_ERROR] = "hotplug-error",
	[VIF_VAL_RELEASED] = "netd-released",
	[VIF_VAL_NAME] = "name",
	[VIF_VAL_VM] = "vm",
	[VIF_VAL_FRONTEND_MTU] = "mtu",
};

const char *vif_val_name(enum vif_val v)
{
	return val_names[v];
}

int vif_val_by_name(const char *name, size_t len)
{
	for (int v = 0; v < VIF_VAL_BACKEND_COUNT; v++)
		if (strlen(val_names[v]) == len && !memcmp(val_names[v], name, len))
			return v;
	return -1;
}

void vif_kernel_name(struct vif_key key, enum vif_dev dev, char name[IFNAMSIZ])
{
	snprintf(name, IFNAMSIZ, "vif%u.%u%s", key.domid, key.devid,
		 dev == VIF_DEV_EMU ? "-emu" : "");
}

void vif_wanted_name(const struct vif_req *req, enum vif_dev dev, char name[IFNAMSIZ])
{
	if (!req->vifname[0])
		vif_kernel_name(req->key, dev, name);
	else
		snprintf(name, IFNAMSIZ, "%s%s", req->vifname, dev == VIF_DEV_EMU ? "-emu" : "");
}

void vif_tag(struct vif_key key, enum vif_dev dev, char tag[VIF_TAG_SIZE])
{
	char name[IFNAMSIZ];
	vif_kernel_name(key, dev, name);
	snprintf(tag, VIF_TAG_SIZE, "xen-netd %s", name);
}

bool vif_tag_parse(const char *alias, struct vif_key *key, enum vif_dev *dev)
{
	static const char prefix[] = "xen-netd ";
	if (strncmp(alias, prefix, sizeof(prefix) - 1))
		return false;
	return vif_name_parse(alias + sizeof(prefix) - 1, key, dev);
}

/* Decimal without sign, blanks or leading zeros: one number has one spelling. */
static bool parse_u32(const char *s, uint32_t max, uint32_t *out, const char **end)
{
	uint64_t n = 0;
	const char *p = s;
	for (; isdigit((unsigned char)*p); p++) {
		n = n * 10 + (*p - '0');
		if (n > max)
			return false;
	}
	if (p == s || (*s == '0' && p > s + 1))
		return false;
	*out = n;
	*end = p;
	return true;
}

bool vif_name_parse(const char *name, struct vif_key *key, enum vif_dev *dev)
{
	struct vif_key k;
	const char *p;
	if (strncmp(name, "vif", 3))
		return false;
	if (!parse_u32(name + 3, VIF_DOMID_MAX, &k.domid, &p) || *p++ != '.')
		return false;
	if (!parse_u32(p, VIF_DEVID_MAX, &k.devid, &p))
		return false;
	if (*p && strcmp(p, "-emu"))
		return false;
	*dev = *p ? VIF_DEV_EMU : VIF_DEV_PV;
	*key = k;
	return true;
}

bool vif_key_parse(const char *s, struct vif_key *key, const char **end)
{
	struct vif_key k;
	const char *p;
	if (!parse_u32(s, VIF_DOMID_MAX, &k.domid, &p) || *p++ != '/')
		return false;
	if (!parse_u32(p, VIF_DEVID_MAX, &k.devid, &p) || (*p && *p != '/'))
		return false;
	*key = k;
	*end = p;
	return true;
}

bool vif_mac_parse(const char *s, uint8_t mac[HOSTIF_ALEN])
{
	uint8_t m[HOSTIF_ALEN];
	for (int i = 0; i < HOSTIF_ALEN; i++, s += 3) {
		unsigned byte;
		if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]))
			return false;
		if (s[2] != (i == HOSTIF_ALEN - 1 ? '\0' : ':'))
			return false;
		sscanf(s, "%2x", &byte);
		m[i] = byte;
	}
	memcpy(mac, m, sizeof(m));
	return true;
}

bool vif_ifname_ok(const char *name)
{
	size_t len = strlen(name);
	if (!len || len >= IFNAMSIZ || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	/* sysctl_dev_name_is_allowed(): the kernel's own names below net.ipv4.conf and net.ipv6.conf. */
	if (!strcmp(name, "all") || !strcmp(name, "default"))
		return false;
	/* '%' is a template to the kernel: it would make web0 of "web%d" (dev_alloc_name). */
	for (; *name; name++)
		if (strchr("/:%", *name) || *name <= 0x20 || *name > 0x7e)
			return false;
	return true;
}

/* Copies a value that was found too long, or odd, as far as it may be shown in a sentence. */
static const char *shown(const char *val, char buf[48])
{
	snprintf(buf, 48, "%.40s%s", val, strlen(val) > 40 ? "..." : "");
	err_sanitize(buf);
	return buf;
}

static int bad(struct err *e, enum vif_val v, const char *val, const char *allowed)
{
	char buf[48];
	return err_setf(e, -EINVAL, "xenstore key \"%s\" is \"%s\": must be %s", val_names[v],
			shown(val, buf), allowed);
}

/* Printable ASCII without surprises, short enough for @size. */
static int parse_text(const char *const *val, enum vif_val v, char *out, size_t size,
		      struct err *e)
{
	out[0] = '\0';
	if (!val[v])
		return 0;
	for (const char *p = val[v]; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			return bad(e, v, val[v], "printable ASCII");
	if (strlen(val[v]) >= size) {
		char allowed[40];
		snprintf(allowed, sizeof(allowed), "at most %zu bytes", size - 1);
		return bad(e, v, val[v], allowed);
	}
	strcpy(out, val[v]);
	return 0;
}

static int parse_ifname(const char *const *val, enum vif_val v, size_t suffix,
			char out[IFNAMSIZ], struct err *e)
{
	out[0] = '\0';
	if (!val[v] || !val[v][0])
		return 0;
	if (!vif_ifname_ok(val[v]))
		return bad(e, v, val[v],
			   "a network device name: 1 to 15 characters, no '/', ':', '%' or blank, "
			   "not \"all\" or \"default\"");
	if (strlen(val[v]) + suffix >= IFNAMSIZ)
		return bad(e, v, val[v],
			   "at most 11 characters for an HVM guest, whose emulated "
			   "device is called NAME-emu");
	strcpy(out, val[v]);
	return 0;
}

static int parse_state(const char *const *val, struct vif_req *req, struct err *e)
{
	uint32_t n;
	const char *end;
	if (!val[VIF_VAL_STATE])
		return err_setf(e, -ENOENT, "its backend directory is gone from xenstore");
	if (!parse_u32(val[VIF_VAL_STATE], XENBUS_RECONFIGURED, &n, &end) || *end)
		return bad(e, VIF_VAL_STATE, val[VIF_VAL_STATE], "0 to 8");
	req->state = n;
	/* Anything but "1" counts as going away, as in netback (xenbus_read_unsigned, default 0). */
	req->online = val[VIF_VAL_ONLINE] && !strcmp(val[VIF_VAL_ONLINE], "1");
	return 0;
}

static int parse_ids(const char *const *val, struct vif_req *req, struct err *e)
{
	uint32_t n;
	const char *end;
	const char *fid = val[VIF_VAL_FRONTEND_ID], *handle = val[VIF_VAL_HANDLE];
	char name[2 * IFNAMSIZ];
	if (snprintf(name, sizeof(name), "vif%u.%u%s", req->key.domid, req->key.devid,
		     req->hvm ? "-emu" : "") >= IFNAMSIZ)
		return err_setf(e, -EINVAL, "%s is too long for the name of a network device", name);
	/*
	 * A driver domain writes its own backend directory: the path is what netback and we go by,
	 * and keys that tell another story are refused rather than obeyed.
	 */
	if (fid && (!parse_u32(fid, UINT32_MAX, &n, &end) || *end || n != req->key.domid))
		return bad(e, VIF_VAL_FRONTEND_ID, fid, "the domid in the directory's path");
	if (handle && (!parse_u32(handle, UINT32_MAX, &n, &end) || *end || n != req->key.devid))
		return bad(e, VIF_VAL_HANDLE, handle, "the device number in the directory's path");
	return 0;
}

static int parse_mtu(const char *val, struct vif_req *req, struct err *e)
{
	const char *end;
	req->mtu = 0;
	if (!val || !*val)
		return 0;
	if (!parse_u32(val, MTU_MAX, &req->mtu, &end) || *end || req->mtu < MTU_MIN)
		return req->mtu = 0, bad(e, VIF_VAL_MTU, val, "68 to 65517 bytes");
	return 0;
}

static int parse_mac(const char *val, struct vif_req *req, struct err *e)
{
	static const uint8_t zero[HOSTIF_ALEN];
	if (!val)
		return err_setf(e, -EINVAL, "xenstore key \"mac\" is missing");
	if (!vif_mac_parse(val, req->mac))
		return bad(e, VIF_VAL_MAC, val, "six hexadecimal bytes joined by ':'");
	if ((req->mac[0] & 1) || !memcmp(req->mac, zero, sizeof(zero)))
		return bad(e, VIF_VAL_MAC, val, "a unicast address");
	return 0;
}

size_t vif_name_len(const char *name)
{
	static const char *const roles[] = {"--incoming", "--migratedaway"};
	size_t len = strlen(name);
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		size_t n = strlen(roles[i]);
		if (len > n && !strcmp(name + len - n, roles[i]))
			return len - n;
	}
	return len;
}

/* The guest's name and UUID are for people; strange ones are shown with '?', never refused. */
static void parse_domain(const char *const *val, struct vif_req *req)
{
	static const char vm[] = "/vm/";
	const char *name = val[VIF_VAL_NAME] ?: "";
	snprintf(req->domain_raw, sizeof(req->domain_raw), "%.*s", (int)vif_name_len(name), name);
	snprintf(req->domain, sizeof(req->domain), "%s", req->domain_raw);
	err_sanitize(req->domain);
	if (val[VIF_VAL_VM] && !strncmp(val[VIF_VAL_VM], vm, sizeof(vm) - 1))
		snprintf(req->uuid, sizeof(req->uuid), "%s", val[VIF_VAL_VM] + sizeof(vm) - 1);
	err_sanitize(req->uuid);
}

static int parse_config(const char *const *val, struct vif_req *req, struct err *e)
{
	int r;
	req->hvm = val[VIF_VAL_TYPE] && !strcmp(val[VIF_VAL_TYPE], "vif_ioemu");
	if ((r = parse_ids(val, req, e)) < 0)
		return r;
	if ((r = parse_mac(val[VIF_VAL_MAC], req, e)) < 0)
		return r;
	if ((r = parse_mtu(val[VIF_VAL_MTU], req, e)) < 0)
		return r;
	if ((r = parse_ifname(val, VIF_VAL_VIFNAME, req->hvm ? 4 : 0, req->vifname, e)) < 0)
		return r;
	if ((r = parse_ifname(val, VIF_VAL_GATEWAYDEV, 0, req->gatewaydev, e)) < 0)
		return r;
	if ((r = parse_text(val, VIF_VAL_BRIDGE, req->bridge, sizeof(req->bridge), e)) < 0)
		return r;
	if ((r = parse_text(val, VIF_VAL_IP, req->ip, sizeof(req->ip), e)) < 0)
		return r;
	if ((r = parse_text(val, VIF_VAL_VLAN, req->vlan, sizeof(req->vlan), e)) < 0)
		return r;
	if ((r = parse_text(val, VIF_VAL_IFACE_ID, req->iface_id, sizeof(req->iface_id), e)) < 0)
		return r;
	return parse_text(val, VIF_VAL_NETWORK, req->network, sizeof(req->network), e);
}

int vif_parse(struct vif_key key, char *const values[VIF_VAL_COUNT], struct vif_req *req,
	      struct err *e)
{
	const char *const *val = (const char *const *)values;
	*req = (struct vif_req){.key = key};
	parse_domain(val, req);
	int r = parse_state(val, req, e);
	if (r < 0)
		return r;
	r = parse_text(val, VIF_VAL_SCRIPT, req->script, sizeof(req->script), e);
	if (r < 0)
		return r;
	return parse_config(val, req, e);
}
