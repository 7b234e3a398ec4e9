// SPDX-License-Identifier: GPL-2.0-or-later
/* twin-nft: what of nftables the steps use. */
#include "twin-nft.h"
#include "nft-nat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct filter *twin_filter(struct nft *nft, int ifindex)
{
	for (int i = 0; i < TWIN_FILTERS_MAX; i++)
		if (ifindex && nft->at[i].ifindex == ifindex)
			return &nft->at[i].filter;
	return NULL;
}

int nft_open(struct nft **out, struct err *e)
{
	struct nft *nft = calloc(1, sizeof(*nft));
	if (!nft)
		return err_sysf(e, -ENOMEM, "twin");
	nft->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); /* never readable */
	*out = nft;
	return 0;
}

void nft_close(struct nft *nft)
{
	if (!nft)
		return;
	close(nft->fd);
	free(nft);
}

int nft_fd(const struct nft *nft)
{
	return nft->fd;
}

int nft_refresh(struct nft *nft, struct err *e)
{
	(void)nft;
	(void)e;
	return 0;
}

int nft_ready(struct nft *nft, struct err *e)
{
	return nft->missing ? err_sysf(e, -EOPNOTSUPP, "nftables: twin") : 0;
}

int nft_get(struct nft *nft, int ifindex, struct filter *f, struct err *e)
{
	const struct filter *have = twin_filter(nft, ifindex);
	memset(f, 0, sizeof(*f));
	if (have)
		*f = *have;
	return nft_ready(nft, e);
}

int nft_set(struct nft *nft, int ifindex, const struct filter *f, struct err *e)
{
	struct filter *have = twin_filter(nft, ifindex);
	int r = nft_ready(nft, e);
	if (r < 0)
		return r;
	if (nft->before)
		nft->before(nft->arg, ifindex, f);
	if (++nft->calls == nft->fail_at)
		return err_sysf(e, nft->fail_code, "injected");
	for (int i = 0; !have && i < TWIN_FILTERS_MAX; i++)
		if (!nft->at[i].ifindex) {
			nft->at[i].ifindex = ifindex;
			have = &nft->at[i].filter;
		}
	*have = *f;
	for (int i = 0; !f->on && i < TWIN_FILTERS_MAX; i++)
		if (nft->at[i].ifindex == ifindex)
			nft->at[i].ifindex = 0;
	return 0;
}

int nft_forget(struct nft *nft, int ifindex, struct err *e)
{
	static const struct filter none;
	return twin_filter(nft, ifindex) ? nft_set(nft, ifindex, &none, e) : 0;
}

int nft_next(const struct nft *nft, int prev)
{
	(void)nft;
	(void)prev;
	return 0;
}

int nft_drops(struct nft *nft, nft_drops_fn *fn, void *arg, struct err *e)
{
	(void)fn;
	(void)arg;
	return nft_ready(nft, e);
}

int nft_walls(struct nft *nft, nft_wall_fn *fn, void *arg, struct err *e)
{
	(void)fn;
	(void)arg;
	return nft_ready(nft, e);
}

uint32_t nft_generation(struct nft *nft)
{
	return nft->missing ? 0 : 1;
}
