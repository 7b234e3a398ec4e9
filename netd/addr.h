/* SPDX-License-Identifier: GPL-2.0-or-later */
/* addr: an IPv4 or IPv6 address with a prefix length. A value type. Pure. */
#ifndef NETD_ADDR_H
#define NETD_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum { ADDR_TEXT_SIZE = 52 }; /* "ffff:…:255.255.255.255/128" and its NUL */

struct addr {
	uint8_t family; /* AF_INET, AF_INET6, or 0: none */
	uint8_t prefix; /* bits */
	bool has_prefix; /* the text said one; without, prefix is 32 or 128 */
	uint8_t bytes[16]; /* network order; the first 4 for IPv4, the rest zero */
};

/*
 * Parses "10.0.0.5", "10.0.0.5/24", "2001:db8::5", "2001:db8::5/64". Refused: what no guest can have:
 * unspecified, multicast, loopback, IPv4 broadcast and 0/8, IPv4-mapped IPv6.
 * @return 0 or -EINVAL with "\"word\" is not …".
 */
int addr_parse(const char *word, struct addr *a, struct err *e);

/*
 * Parses the words of an `ip=` (separated by blanks) into @list. An address that stands there twice is
 * taken once. @return how many (0 for ""), or -EINVAL (a wrong word, or more than @max).
 */
int addr_parse_list(const char *text, struct addr *list, size_t max, struct err *e);

/* Same family, prefix and bytes. */
bool addr_equal(const struct addr *a, const struct addr *b);
bool addr_same_host(const struct addr *a, const struct addr *b); /* whatever the prefix */
size_t addr_len(const struct addr *a);				  /* 4 or 16 bytes */
/* fe80::/64 with the EUI-64 of @mac: the link-local address that a guest makes of its MAC. */
struct addr addr_link_local(const uint8_t mac[6]);
/* "10.0.0.5/32", "" for none. @return @buf. */
const char *addr_print(const struct addr *a, char *buf, size_t size);

#endif
