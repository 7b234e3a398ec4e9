// SPDX-License-Identifier: GPL-2.0-or-later
/* lease: arithmetic of subnets. */
#include "lease.h"

#include <string.h>

#include <netinet/in.h>

uint32_t lease_to_num(const struct addr *a)
{
	return (uint32_t)a->bytes[0] << 24 | a->bytes[1] << 16 | a->bytes[2] << 8 | a->bytes[3];
}

struct addr lease_from_num(uint32_t num)
{
	return (struct addr) {
		.family = AF_INET,
		.prefix = 32,
		.bytes = {num >> 24, num >> 16, num >> 8, num},
	};
}

bool lease_in_subnet(const struct addr *gw, const struct addr *a)
{
	if (!gw->family || gw->family != a->family)
		return false;
	for (unsigned bit = 0; bit < gw->prefix; bit++)
		if ((gw->bytes[bit / 8] ^ a->bytes[bit / 8]) & (0x80 >> bit % 8))
			return false;
	return true;
}

struct addr lease_eui64(const struct addr *gw6, const uint8_t mac[6])
{
	struct addr a = addr_link_local(mac);
	a.prefix = 128;
	memcpy(a.bytes, gw6->bytes, 8);
	return a;
}

void lease_hosts(const struct addr *gw4, uint32_t *first, uint32_t *last)
{
	uint32_t rest = gw4->prefix >= 32 ? 0 : UINT32_MAX >> gw4->prefix;
	*first = lease_to_num(gw4) & ~rest;
	*last = *first | rest;
	if (gw4->prefix < 31) { /* RFC 3021: in a /31 there is neither */
		(*first)++;
		(*last)--;
	}
}
