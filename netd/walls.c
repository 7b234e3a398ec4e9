// SPDX-License-Identifier: GPL-2.0-or-later
/* walls: what others' firewalls keep from a network's guests. */
#include "walls.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add(void *arg, unsigned kinds, const char *family, const char *table, const char *chain)
{
	struct walls *w = arg;
	char text[256];
	snprintf(text, sizeof(text), "table %s %s, chain %s", family, table, chain);
	struct wall *p = reallocarray(w->list, w->n + 1, sizeof(*p));
	if (!p)
		return;
	w->list = p;
	p[w->n].chain = strdup(text);
	p[w->n].kinds = kinds;
	w->n += !!p[w->n].chain;
}

/* Not there: br_netfilter is not loaded. */
static bool bridge_calls(const char *what)
{
	char path[64], value = '0';
	snprintf(path, sizeof(path), "/proc/sys/net/bridge/bridge-nf-call-%s", what);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool on = fd >= 0 && read(fd, &value, 1) == 1 && value == '1';
	if (fd >= 0)
		close(fd);
	return on;
}

void walls_read(struct nft *nft, struct walls *w)
{
	uint32_t generation = nft ? nft_generation(nft) : 0;
	if (nft && (!generation || generation != w->generation)) {
		walls_fini(w);
		nft_walls(nft, add, w, NULL);
		w->generation = generation;
	}
	w->bridged4 = w->n && bridge_calls("iptables");
	w->bridged6 = w->n && bridge_calls("ip6tables");
}

void walls_fini(struct walls *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->list[i].chain);
	free(w->list);
	*w = (struct walls) {.list = NULL};
}

json_t *walls_hints(const struct walls *w, const char *mode)
{
	json_t *hints = NULL;
	bool bridged = !strcmp(mode, "bridge"),
	     routed = !strcmp(mode, "route") || !strcmp(mode, "nat");
	unsigned ip = NFT_WALL_IP | NFT_WALL_IP6;
	unsigned kinds = routed ? ip : 0;
	if (bridged)
		kinds = NFT_WALL_BRIDGE | (w->bridged4 ? NFT_WALL_IP : 0) |
			(w->bridged6 ? NFT_WALL_IP6 : 0);
	for (size_t i = 0; i < w->n; i++) {
		char text[512];
		unsigned hits = w->list[i].kinds & kinds;
		if (!hits)
			continue;
		snprintf(text, sizeof(text),
			 "%s, which is not ours, drops what its rules do not accept%s: accept the "
			 "guests' traffic there if it does not get through",
			 w->list[i].chain,
			 bridged && hits & ip ? ", bridged frames too (br_netfilter)" : "");
		hints = hints ?: json_array();
		json_array_append_new(hints, json_string(text));
	}
	return hints ?: json_null();
}
