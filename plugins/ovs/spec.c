// SPDX-License-Identifier: GPL-2.0-or-later
/* spec: what a vif's keys and its network say, in terms of Open vSwitch. */
#include "spec.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool spec_names(const char *text, const char *name)
{
	size_t len = strlen(name);
	return !strncmp(text, name, len) && strchr(".:", text[len]);
}

/* One number behind '.' or ':'. @return what follows it, NULL: none, or no VLAN. */
static const char *parse_vlan(const char *p, uint16_t *out)
{
	unsigned n = 0;
	const char *start = ++p;
	for (; isdigit((unsigned char)*p) && p < start + 5; p++)
		n = n * 10 + (*p - '0');
	*out = n;
	return p > start && n >= VLAN_MIN && n <= VLAN_MAX ? p : NULL;
}

int spec_parse_suffix(const char *text, struct ovs_port *p, struct err *e)
{
	uint16_t vlan = 0;
	const char *at = text + strcspn(text, ".:");
	p->tag = 0;
	memset(p->trunks, 0, sizeof(p->trunks));
	if (at > text && *at == '.' && (at = parse_vlan(at, &vlan)))
		p->tag = vlan;
	while (at && *at == ':' && (at = parse_vlan(at, &vlan)))
		p->trunks[vlan / 64] |= UINT64_C(1) << vlan % 64;
	if (!at || *at || at == text)
		return err_setf(e, -EINVAL,
				"bridge=%.64s: must be NAME[.TAG][:TRUNK[:TRUNK...]], with VLANs from %d to "
				"%d", text, VLAN_MIN, VLAN_MAX);
	/*
	 * Xen's script leaves vlan_mode empty, which with a tag means "access": ovs-vswitchd then
	 * ignores the trunks that were asked for.
	 */
	p->vlan_mode = p->tag && strchr(text, ':') ? OVS_VLAN_NATIVE_UNTAGGED : OVS_VLAN_DEFAULT;
	return 0;
}

int spec_vlans(const struct vlan_set *set, struct ovs_port *p, struct err *e)
{
	bool others = false;
	memset(p->trunks, 0, sizeof(p->trunks));
	for (unsigned v = VLAN_MIN; v <= VLAN_MAX; v++) {
		if (!vlan_has(set, v) || v == set->pvid)
			continue;
		if (vlan_is_untagged(set, v))
			return err_setf(e, -EINVAL,
					"VLAN %u is untagged beside the PVID %u: a port of Open vSwitch can "
					"have one untagged VLAN", v, set->pvid);
		p->trunks[v / 64] |= UINT64_C(1) << v % 64;
		others = true;
	}
	p->tag = set->pvid;
	p->vlan_mode = others ? OVS_VLAN_NATIVE_UNTAGGED : OVS_VLAN_DEFAULT;
	return 0;
}

const char *spec_mac(const uint8_t mac[HOSTIF_ALEN], char *buf)
{
	snprintf(buf, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
	return buf;
}

/* What stands for a word in braces. @return NULL: there is no such word. */
static const char *value_of(const char *word, size_t len, const struct vif_req *req, char *buf,
			    size_t size)
{
	static const char *const words[] = {"name", "uuid", "mac", "domid", "devid"};
	size_t i = 0, n = sizeof(words) / sizeof(*words);
	while (i < n && (strlen(words[i]) != len || memcmp(words[i], word, len)))
		i++;
	buf[0] = '\0';
	if (i == n || !req)
		return i == n ? NULL : buf;
	switch (i) {
	case 0:
		spec_utf8(req->domain_raw, buf, size);
		break;
	case 1:
		snprintf(buf, size, "%s", req->uuid);
		break;
	case 2:
		spec_mac(req->mac, buf);
		break;
	default:
		snprintf(buf, size, "%u", i == 3 ? req->key.domid : req->key.devid);
	}
	return buf;
}

int spec_iface_id(const char *pattern, const struct vif_req *req, char *out, size_t size,
		  struct err *e)
{
	size_t n = 0;
	int r = 0;
	char buf[OVS_ID_SIZE];
	for (const char *p = pattern; *p && n + 1 < size; p++) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		const char *value = end ? value_of(p + 1, end - p - 1, req, buf, sizeof(buf)) : NULL;
		if (*p == '{' && !value)
			return err_setf(e, -EINVAL,
					"iface-id \"%.64s\": in braces can stand name, uuid, mac, domid and "
					"devid", pattern);
		if (!value) {
			out[n++] = *p;
			continue;
		}
		if (req && !value[0])
			r = 1;
		n += snprintf(out + n, size - n, "%s", value);
		p = end;
	}
	out[n < size ? n : size - 1] = '\0';
	return r;
}

/* Length of the well-formed UTF-8 character at @p (RFC 3629), 0: none is. Control characters are none. */
static size_t utf8_len(const unsigned char *p)
{
	static const struct {
		unsigned char low, high, low2, high2;
		size_t len;
	} forms[] = {
		{0x20, 0x7e, 0, 0, 1},	      {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		size_t n = 1;
		if (*p < forms[i].low || *p > forms[i].high)
			continue;
		if (forms[i].len > 1 && (p[1] < forms[i].low2 || p[1] > forms[i].high2))
			return 0;
		while (++n < forms[i].len)
			if ((p[n] & 0xc0) != 0x80)
				return 0;
		return forms[i].len;
	}
	return 0;
}

void spec_utf8(const char *in, char *out, size_t size)
{
	size_t n = 0, len;
	for (const unsigned char *p = (const unsigned char *)in; *p; p += len ?: 1) {
		len = utf8_len(p);
		if (n + (len ?: 1) >= size)
			break;
		if (len)
			memcpy(out + n, p, len);
		else
			out[n] = '?';
		n += len ?: 1;
	}
	out[n] = '\0';
}
