// SPDX-License-Identifier: GPL-2.0-or-later
/* peers: the modes' peers in the daemon's loop. */
#include "peers.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "identity.h"
#include "plugins.h"

struct mode {
	struct netd *nd;
	const struct plugin *plugin;
};

static struct vif *vif_of(const struct netd *nd, const char *netdev)
{
	struct vif_key key;
	enum vif_dev dev;
	const struct link *l = links_by_name(nd->host.links, netdev);
	return l && identity_of(l, &key, &dev) ? vifs_find(&nd->vifs, key) : NULL;
}

static void look_of_mode(void *arg, const char *netdev)
{
	const struct mode *m = arg;
	struct vif *one = netdev ? vif_of(m->nd, netdev) : NULL;
	if (one)
		netd_look(m->nd, one);
	if (netdev)
		return;
	vifs_for_each(&m->nd->vifs, v)
		if (v->status.state == VIF_ERROR || v->status.mode == m->plugin->mode)
			netd_look(m->nd, v);
}

static int on_news(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct mode *m = arg;
	(void)s;
	(void)fd;
	(void)revents;
	m->plugin->peer->news(look_of_mode, m);
	m->nd->sweep = true;
	if (vifs_queue_empty(&m->nd->vifs)) /* else when what is due has been looked at */
		peers_sweep(m->nd);
	return 0;
}

static void free_mode(void *arg)
{
	struct mode *m = arg;
	m->plugin->peer->close();
	free(m);
}

int peers_open(struct netd *nd, struct err *e)
{
	const struct plugin *p;
	int r = 0;
	for (size_t i = 0; r >= 0 && (p = plugins_at(nd->plugins, i)); i++) {
		struct mode *m = p->peer ? malloc(sizeof(*m)) : NULL;
		sd_event_source *s = NULL;
		int fd = m ? p->peer->open(e) : 0;
		if (!p->peer)
			continue;
		if (!m || fd < 0) {
			free(m);
			return m ? fd : err_sysf(e, -ENOMEM, "mode %s", p->mode);
		}
		*m = (struct mode){nd, p};
		r = sd_event_add_io(nd->event, &s, fd, EPOLLIN, on_news, m);
		if (r >= 0)
			r = sd_event_source_set_destroy_callback(s, free_mode);
		if (r >= 0)
			r = sd_event_source_set_floating(s, true);
		if (r < 0)
			err_sysf(e, r, "event loop");
		sd_event_source_unref(s);
	}
	return r;
}

void peers_sweep(struct netd *nd)
{
	const struct plugin *p;
	for (size_t i = 0; nd->sweep && (p = plugins_at(nd->plugins, i)); i++)
		if (p->peer)
			p->peer->sweep(nd->host.links);
	nd->sweep = false;
}
