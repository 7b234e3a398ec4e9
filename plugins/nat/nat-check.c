// SPDX-License-Identifier: GPL-2.0-or-later
/* nat-check: what netd.conf says of a private network, read and checked. */
#include "nat-priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <netinet/in.h>

enum { PREFIX_MIN = 8, PREFIX_MAX = 30, PREFIX6 = 64 };

bool nat_word(const char **at, char *word, size_t size)
{
	const char *p = *at + strspn(*at, " \t,");
	size_t n = strcspn(p, " \t,");
	snprintf(word, size, "%.*s", (int)n, p);
	*at = p + n;
	return n;
}

int nat_host(const char *text, int family, struct addr *a, struct err *e)
{
	int r = addr_parse(text, a, e);
	if (r < 0)
		return r;
	if (a->family != family || a->has_prefix)
		return err_setf(e, -EINVAL,
				"\"%.60s\" is not an IPv%d address without a prefix length", text,
				family == AF_INET ? 4 : 6);
	return 0;
}

/* addr_parse() refuses what no guest can have: a network's own address may be such in IPv6
 * (fd00::). */
static int parse_subnet(const char *text, int family, struct addr *a, struct err *e)
{
	int r = addr_parse(text, a, e);
	bool v4 = family == AF_INET;
	if (r < 0)
		return r;
	if (a->family != family || !a->has_prefix ||
	    (v4 ? a->prefix < PREFIX_MIN || a->prefix > PREFIX_MAX : a->prefix != PREFIX6))
		return err_setf(e, -EINVAL, "\"%.60s\" is not an IPv%d network of %s bits", text,
				v4 ? 4 : 6, v4 ? "8 to 30" : "64");
	for (unsigned bit = a->prefix; bit < 8 * addr_len(a); bit++)
		if (a->bytes[bit / 8] & (0x80 >> bit % 8))
			return err_setf(e, -EINVAL,
					"\"%.60s\" is no network: bits are set behind its "
					"first %d",
					text, a->prefix);
	return 0;
}

static int read_gateways(const struct network *net, struct addr *gw4, struct addr *gw6,
			 struct err *e)
{
	const char *v4 = network_str(net, OPT_SUBNET), *v6 = network_str(net, OPT_SUBNET6);
	const char *own = network_str(net, OPT_GATEWAY);
	struct addr a;
	*gw4 = *gw6 = (struct addr) {.family = 0};
	int r = v4 ? parse_subnet(v4, AF_INET, gw4, e) : 0;
	if (r < 0)
		return err_wrapf(e, "subnet"), r;
	if (v4)
		gw4->bytes[3] |= 1;
	r = v4 && own ? nat_host(own, AF_INET, &a, e) : 0;
	if (!r && v4 && own && !lease_in_subnet(gw4, &a))
		r = err_setf(e, -EINVAL, "%.60s is not in subnet %.60s", own, v4);
	if (r < 0)
		return err_wrapf(e, "gateway"), r;
	if (v4 && own)
		memcpy(gw4->bytes, a.bytes, sizeof(a.bytes));
	r = v6 ? parse_subnet(v6, AF_INET6, gw6, e) : 0;
	if (r < 0)
		return err_wrapf(e, "subnet6"), r;
	if (v6)
		gw6->bytes[15] = 1;
	return 0;
}

int nat_gateways(const struct network *net, struct addr *gw4, struct addr *gw6, struct err *e)
{
	return read_gateways(net, gw4, gw6, e);
}

int nat_range(const struct network *net, uint32_t *first, uint32_t *last, struct err *e)
{
	const char *text = network_str(net, OPT_RANGE), *dash = text ? strchr(text, '-') : NULL;
	char word[ADDR_TEXT_SIZE];
	struct addr a, b;
	if (!text)
		return 0;
	if (!dash || dash - text >= (int)sizeof(word))
		return err_setf(e, -EINVAL, "range: \"%.60s\" is not FIRST-LAST", text);
	snprintf(word, sizeof(word), "%.*s", (int)(dash - text), text);
	int r = nat_host(word, AF_INET, &a, e);
	r = r ?: nat_host(dash + 1, AF_INET, &b, e);
	if (r < 0)
		return err_wrapf(e, "range"), r;
	*first = lease_to_num(&a);
	*last = lease_to_num(&b);
	return 0;
}

static int check_range(const struct network *net, const struct addr *gw4, struct err *e)
{
	uint32_t first = 0, last = 0, lo, hi;
	int r = nat_range(net, &first, &last, e);
	if (r < 0 || !network_str(net, OPT_RANGE))
		return r;
	if (!gw4->family)
		return err_setf(e, -EINVAL, "range: needs a subnet that it is of");
	lease_hosts(gw4, &lo, &hi);
	if (first > last || first < lo || last > hi)
		return err_setf(e, -EINVAL, "range: %.60s is not a range of hosts in subnet %.60s",
				network_str(net, OPT_RANGE), network_str(net, OPT_SUBNET));
	return 0;
}

static int check_host(const struct network_block *b, const struct addr *gw4, const struct addr *gw6,
		      struct err *e)
{
	const char *v4 = network_block_str(b, HOST_ADDRESS),
		   *v6 = network_block_str(b, HOST_ADDRESS6);
	struct addr a;
	int r = v4 ? nat_host(v4, AF_INET, &a, e) : 0;
	if (!v4 && !v6)
		return err_setf(e, -EINVAL, "has no address; write address = ADDRESS");
	if (!r && v4 && !lease_in_subnet(gw4, &a))
		r = err_setf(e, -EINVAL, "%.60s is not in the network's subnet", v4);
	if (!r && v4 && addr_same_host(&a, gw4))
		r = err_setf(e, -EINVAL, "%.60s is dom0's own address", v4);
	r = r ?: v6 ? nat_host(v6, AF_INET6, &a, e) : 0;
	if (!r && v6 && !lease_in_subnet(gw6, &a))
		r = err_setf(e, -EINVAL, "%.60s is not in the network's subnet6", v6);
	return r;
}

static int check_forward(const struct network_block *b, struct err *e)
{
	const char *listen = network_block_str(b, FORWARD_LISTEN);
	struct addr a;
	if (!network_block_num(b, FORWARD_PORT, 0))
		return err_setf(e, -EINVAL, "has no port; write port = NUMBER");
	return listen ? nat_host(listen, strchr(listen, ':') ? AF_INET6 : AF_INET, &a, e) : 0;
}

static bool same_port(const struct network_block *a, const struct network_block *b)
{
	const char *x = network_block_str(a, FORWARD_LISTEN),
		   *y = network_block_str(b, FORWARD_LISTEN);
	return a->spec == BLOCK_FORWARD && b->spec == BLOCK_FORWARD &&
	       network_block_num(a, FORWARD_PROTO, 0) == network_block_num(b, FORWARD_PROTO, 0) &&
	       network_block_num(a, FORWARD_PORT, 0) == network_block_num(b, FORWARD_PORT, 0) &&
	       !strcmp(x ?: "", y ?: "");
}

static bool same_address(const struct network_block *a, const struct network_block *b)
{
	const char *x = network_block_str(a, HOST_ADDRESS), *y = network_block_str(b, HOST_ADDRESS);
	return a->spec == BLOCK_HOST && b->spec == BLOCK_HOST && x && y && !strcmp(x, y);
}

static int check_blocks(const struct network *net, const struct addr *gw4, const struct addr *gw6,
			struct err *e)
{
	if (net->n_blocks > LEASE_RESERVED_MAX)
		return err_setf(e, -EINVAL, "more than %d host and forward blocks",
				LEASE_RESERVED_MAX);
	for (size_t i = 0; i < net->n_blocks; i++) {
		const struct network_block *b = &net->blocks[i];
		bool host = b->spec == BLOCK_HOST;
		int r = host ? check_host(b, gw4, gw6, e) : check_forward(b, e);
		for (size_t k = 0; !r && k < i; k++)
			if (same_port(b, &net->blocks[k]) || same_address(b, &net->blocks[k]))
				r = err_setf(e, -EINVAL, "the %s is that of %s %.63s",
					     host ? "address" : "port", host ? "host" : "forward",
					     net->blocks[k].title);
		if (r < 0)
			return err_wrapf(e, "%s %.63s", host ? "host" : "forward", b->title), r;
	}
	return 0;
}

static int check_words(const struct network *net, struct err *e)
{
	const char *reach = network_str(net, OPT_REACH), *dns = network_str(net, OPT_DNS);
	char word[NETWORK_NAME_SIZE];
	struct addr a;
	size_t n = 0;
	while (reach && nat_word(&reach, word, sizeof(word)))
		if (!vif_ifname_ok(word) || ++n > NAT_REACH_MAX)
			return err_setf(e, -EINVAL,
					"reach: at most %d names of networks, not \"%.60s\"",
					NAT_REACH_MAX, word);
	while (dns && nat_word(&dns, word, sizeof(word)))
		if (addr_parse(word, &a, e) < 0 || a.has_prefix)
			return err_setf(e, -EINVAL, "dns: \"%.60s\" is not an address", word);
	return 0;
}

static int check_domain(const struct network *net, struct err *e)
{
	const char *d = network_str(net, OPT_DOMAIN);
	char label[NAT_NAME_SIZE], one[NAT_NAME_SIZE];
	if (d && strlen(d) >= NAT_NAME_SIZE)
		return err_setf(e, -EINVAL, "domain: \"%.60s\" is too long", d);
	for (const char *p = d; p && *p; p += strcspn(p, ".")) {
		p += *p == '.';
		snprintf(one, sizeof(one), "%.*s", (int)strcspn(p, "."), p);
		nat_label(one, label);
		if (!label[0])
			return err_setf(e, -EINVAL, "domain: \"%.60s\" is no DNS name", d);
	}
	return 0;
}

int nat_check(const struct network *net, struct err *e)
{
	struct addr gw4, gw6, a;
	const char *v4 = network_str(net, OPT_SNAT), *v6 = network_str(net, OPT_SNAT6);
	if (!vif_ifname_ok(net->name))
		return err_setf(e, -EINVAL,
				"\"%.64s\" cannot be the name of a bridge, which a network of mode "
				"nat has: 1 to 15 characters, no '/', ':', '%%' or blank",
				net->name);
	int r = read_gateways(net, &gw4, &gw6, e);
	if (!r && !gw4.family && network_str(net, OPT_GATEWAY))
		r = err_setf(e, -EINVAL, "gateway: needs a subnet that it is of");
	r = r ?: check_range(net, &gw4, e);
	if (!r && ((v4 && (r = nat_host(v4, AF_INET, &a, e)) < 0) ||
		   (v6 && (r = nat_host(v6, AF_INET6, &a, e)) < 0)))
		return err_wrapf(e, "snat-address"), r;
	r = r ?: check_blocks(net, &gw4, &gw6, e);
	r = r ?: check_words(net, e);
	return r ?: check_domain(net, e);
}
