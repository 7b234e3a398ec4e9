// SPDX-License-Identifier: GPL-2.0-or-later
/* addr: addresses from text and back. */
#include "addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

size_t addr_len(const struct addr *a)
{
	return a->family == AF_INET6 ? 16 : 4;
}

bool addr_same_host(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_same_host(a, b) && a->prefix == b->prefix;
}

/* Decimal, without sign or leading zeros. */
static bool parse_prefix(const char *s, unsigned max, uint8_t *out)
{
	unsigned n = 0;
	const char *p = s;
	for (; isdigit((unsigned char)*p) && n <= max; p++)
		n = n * 10 + (*p - '0');
	if (p == s || *p || n > max || (*s == '0' && p > s + 1))
		return false;
	*out = n;
	return true;
}

static const char *no_guests(const struct addr *a)
{
	struct in6_addr v6;
	if (a->family == AF_INET) {
		uint8_t first = a->bytes[0];
		if (first == 0 || first == 127 || first >= 224)
			return "an IPv4 address that a guest can have (0/8, 127/8 and 224/3 are not)";
		return NULL;
	}
	memcpy(&v6, a->bytes, sizeof(v6));
	if (IN6_IS_ADDR_UNSPECIFIED(&v6) || IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_MULTICAST(&v6) ||
	    IN6_IS_ADDR_V4MAPPED(&v6))
		return "an IPv6 address that a guest can have (::, ::1, ff00::/8 and ::ffff:0:0/96 are "
		       "not)";
	return NULL;
}

int addr_parse(const char *word, struct addr *a, struct err *e)
{
	char text[ADDR_TEXT_SIZE];
	struct addr r = {.family = strchr(word, ':') ? AF_INET6 : AF_INET};
	unsigned max = r.family == AF_INET6 ? 128 : 32;
	const char *slash = strchr(word, '/'), *why = NULL;
	size_t len = slash ? (size_t)(slash - word) : strlen(word);
	if (len < sizeof(text)) {
		memcpy(text, word, len);
		text[len] = '\0';
	}
	if (len >= sizeof(text) || inet_pton(r.family, text, r.bytes) != 1)
		why = "an IPv4 or IPv6 address";
	else if (slash && !parse_prefix(slash + 1, max, &r.prefix))
		why = max == 32 ? "followed by a prefix length of 0 to 32"
				: "followed by a prefix length of 0 to 128";
	else
		why = no_guests(&r);
	if (why)
		return err_setf(e, -EINVAL, "\"%.60s\" is not %s", word, why);
	if (!slash)
		r.prefix = max;
	r.has_prefix = slash;
	*a = r;
	return 0;
}

static bool known(const struct addr *list, size_t n, const struct addr *a)
{
	for (size_t i = 0; i < n; i++)
		if (addr_same_host(&list[i], a))
			return true;
	return false;
}

int addr_parse_list(const char *text, struct addr *list, size_t max, struct err *e)
{
	size_t n = 0;
	char word[80];
	for (const char *p = text;;) {
		struct addr a;
		p += strspn(p, " \t");
		size_t len = strcspn(p, " \t");
		if (!len)
			return n;
		snprintf(word, sizeof(word), "%.*s", (int)(len < 79 ? len : 79), p);
		int r = addr_parse(word, &a, e);
		if (r < 0)
			return r;
		p += len;
		if (known(list, n, &a))
			continue;
		if (n == max)
			return err_setf(e, -EINVAL, "more than %zu addresses", max);
		list[n++] = a;
	}
}

struct addr addr_link_local(const uint8_t mac[6])
{
	struct addr a = {.family = AF_INET6, .prefix = 128, .bytes = {0xfe, 0x80}};
	memcpy(a.bytes + 8, mac, 3);
	a.bytes[8] ^= 0x02; /* RFC 4291, appendix A */
	a.bytes[11] = 0xff;
	a.bytes[12] = 0xfe;
	memcpy(a.bytes + 13, mac + 3, 3);
	return a;
}

const char *addr_print(const struct addr *a, char *buf, size_t size)
{
	char text[INET6_ADDRSTRLEN];
	buf[0] = '\0';
	if (a->family && inet_ntop(a->family, a->bytes, text, sizeof(text)))
		snprintf(buf, size, "%s/%u", text, a->prefix);
	return buf;
}
