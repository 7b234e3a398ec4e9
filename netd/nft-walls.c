// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-walls: base chains of others that drop by policy what is forwarded. */
#include "nft-priv.h"

#include <arpa/inet.h>
#include <string.h>

#include <libnftnl/chain.h>
#include <libnftnl/common.h>

struct reading {
	nft_wall_fn *fn;
	void *arg;
};

static const struct {
	uint8_t family, hook;
	const char *name;
	unsigned walls;
} kinds[] = {
	{NFPROTO_IPV4, NF_INET_FORWARD, "ip", NFT_WALL_IP},
	{NFPROTO_IPV6, NF_INET_FORWARD, "ip6", NFT_WALL_IP6},
	{NFPROTO_INET, NF_INET_FORWARD, "inet", NFT_WALL_IP | NFT_WALL_IP6},
	{NFPROTO_BRIDGE, NF_BR_FORWARD, "bridge", NFT_WALL_BRIDGE},
};

static bool drops_by_policy(const struct nftnl_chain *c)
{
	return nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM) &&
	       nftnl_chain_is_set(c, NFTNL_CHAIN_POLICY) &&
	       nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_DROP;
}

static int on_chain(const struct nlmsghdr *h, void *arg)
{
	const struct reading *rd = arg;
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(h);
	struct nftnl_chain *c = nftnl_chain_alloc();
	if (c && nftnl_chain_nlmsg_parse(h, c) >= 0 && drops_by_policy(c))
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			if (kinds[i].family == nfg->nfgen_family &&
			    kinds[i].hook == nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM))
				rd->fn(rd->arg, kinds[i].walls, kinds[i].name,
				       nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE),
				       nftnl_chain_get_str(c, NFTNL_CHAIN_NAME));
	if (c)
		nftnl_chain_free(c);
	return MNL_CB_OK;
}

int nft_walls(struct nft *nft, nft_wall_fn *fn, void *arg, struct err *e)
{
	char buf[64];
	struct reading rd = {fn, arg};
	struct nlmsghdr *h =
		nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETCHAIN, NFPROTO_UNSPEC, NLM_F_DUMP, 0);
	return nft_ask(nft, h, on_chain, &rd, e);
}

static int on_generation(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *attr;
	mnl_attr_for_each(attr, h,
			  sizeof(struct nfgenmsg)) if (mnl_attr_get_type(attr) == NFTA_GEN_ID &&
						       mnl_attr_validate(attr, MNL_TYPE_U32) >= 0) *
		(uint32_t *)arg = ntohl(mnl_attr_get_u32(attr));
	return MNL_CB_STOP;
}

uint32_t nft_generation(struct nft *nft)
{
	char buf[64];
	uint32_t generation = 0;
	struct nlmsghdr *h = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETGEN, NFPROTO_UNSPEC, 0, 0);
	return nft_ask(nft, h, on_generation, &generation, NULL) < 0 ? 0 : generation;
}
