// SPDX-License-Identifier: GPL-2.0-or-later
/* publish: a small state machine over one transaction. */
#include "publish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "request.h"
#include "watch.h"

enum {
	PUBLISH_TRIES = 30, /* conflicts in a row before the vif waits for its retry clock */
};

/* What we write, and need not read again for our own events. */
#define OWN_VALUES \
	(1u << VIF_VAL_HOTPLUG_STATUS | 1u << VIF_VAL_HOTPLUG_ERROR | 1u << VIF_VAL_ADDRESS |\
	  1u << VIF_VAL_RELEASED)

enum publish_kind { PUBLISH_CONNECTED, PUBLISH_ERROR, PUBLISH_REMOVAL };

/* What was read inside the transaction, in this order. */
enum {
	LOOK_STATE,
	LOOK_ONLINE,
	LOOK_FRONTEND,
	LOOK_COUNT,
};

struct publish {
	struct netd *nd;
	struct vif *v;
	enum publish_kind kind;
	uint32_t mtu;
	uint32_t tx;
	int refused; /* -errno of a write in the transaction */
	unsigned tries;
	unsigned looks; /* answers still to come */
	bool present, online, closed, frontend, lost, written;
	char text[ERR_TEXT_SIZE], address[PUBLISH_ADDRESS_SIZE];
};

static void start(struct publish *p);

/* Its directory was made anew, or may have been, since its values were read. */
static bool remade(const struct vif *v)
{
	return v->fresh || !(~v->dirty & VIF_VAL_ALL);
}

static void finish(struct publish *p)
{
	struct netd *nd = p->nd;
	struct vif *v = p->v;
	v->publishing = false;
	if (p->kind == PUBLISH_ERROR && p->written)
		request_failed(v, p->text);
	else if (p->kind == PUBLISH_ERROR && !(p->present && remade(v)))
		request_done_all(v, p->text);
	/*
	 * A failure that has been told stands until its pause is over or something changes: were it mended
	 * at once, libxl would still fail, and find no reason.
	 */
	bool rest = p->kind == PUBLISH_ERROR && p->written && !v->dirty;
	free(p);
	if (!rest)
		netd_look(nd, v);
}

/* A write or removal; what is not there need not be removed. */
static void on_write(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct publish *p = arg;
	(void)tag;
	(void)data;
	(void)len;
	if (error && error != -ENOENT)
		p->refused = error;
}

/* The values are what we have just written: no need to read them again for our own events. */
static void note_written(struct publish *p)
{
	struct vif *v = p->v;
	char mtu[16];
	bool ok = p->kind == PUBLISH_CONNECTED;
	vifs_set_text(&v->val[VIF_VAL_HOTPLUG_STATUS], ok ? "connected" : "error");
	vifs_set_text(&v->val[VIF_VAL_HOTPLUG_ERROR], ok ? NULL : p->text);
	if (p->mtu) {
		snprintf(mtu, sizeof(mtu), "%u", p->mtu);
		vifs_set_text(&v->val[VIF_VAL_FRONTEND_MTU], mtu);
	}
	if (ok)
		vifs_set_text(&v->val[VIF_VAL_RELEASED], "1");
	if (ok)
		vifs_set_text(&v->val[VIF_VAL_ADDRESS], p->address);
	v->dirty &= ~OWN_VALUES;
}

static void on_end(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct publish *p = arg;
	(void)tag;
	(void)data;
	(void)len;
	if (error == -EAGAIN && ++p->tries < PUBLISH_TRIES) {
		start(p);
		return;
	}
	if (!error)
		error = p->refused;
	p->written = !error;
	if (!error && p->kind != PUBLISH_REMOVAL)
		note_written(p);
	else if (error && error != -ENOTCONN) {
		log_line(LOG_WARNING, "vif%u.%u: xenstore transaction: %s; trying again in a second",
			 p->v->key.domid, p->v->key.devid, strerror(-error));
		netd_wake_at(p->nd, p->v->publish_at = netd_now() + 1000000);
	}
	finish(p);
}

static void on_abandoned(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct publish *p = arg;
	(void)tag;
	(void)error;
	(void)data;
	(void)len;
	/* Whatever stood in the way is read anew; the record's next look decides. */
	p->v->dirty |= VIF_VAL_ALL & ~p->v->inflight;
	finish(p);
}

static void write_key(struct publish *p, const char *name, const char *value)
{
	char path[WATCH_PATH_SIZE];
	watch_backend_path(p->nd, p->v->key, name, path, sizeof(path));
	store_write(p->nd->store, p->tx, path, value, (struct store_cb){on_write, p, 0});
}

const char *publish_address(const struct vif *v, char *buf, size_t size)
{
	const struct addr *list[] = {v->nat ? &v->nat->addr4 : NULL, v->nat ? &v->nat->addr6 : NULL};
	size_t used = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < 2; i++) {
		char text[ADDR_TEXT_SIZE];
		if (!list[i] || !list[i]->family)
			continue;
		addr_print(list[i], text, sizeof(text));
		text[strcspn(text, "/")] = '\0';
		used += snprintf(buf + used, size - used, "%s%s", used ? " " : "", text);
	}
	return buf;
}

static void write_address(struct publish *p)
{
	char path[WATCH_PATH_SIZE];
	const char *told = p->v->val[VIF_VAL_ADDRESS];
	publish_address(p->v, p->address, sizeof(p->address));
	if (!strcmp(told ?: "", p->address))
		return;
	if (p->address[0]) {
		write_key(p, vif_val_name(VIF_VAL_ADDRESS), p->address);
		return;
	}
	watch_backend_path(p->nd, p->v->key, vif_val_name(VIF_VAL_ADDRESS), path, sizeof(path));
	store_rm(p->nd->store, p->tx, path, (struct store_cb){on_write, p, 0});
}

static void write_connected(struct publish *p)
{
	char path[WATCH_PATH_SIZE], mtu[16];
	if (p->v->val[VIF_VAL_HOTPLUG_ERROR]) {
		watch_backend_path(p->nd, p->v->key, "hotplug-error", path, sizeof(path));
		store_rm(p->nd->store, p->tx, path, (struct store_cb){on_write, p, 0});
	}
	const char *told = p->v->val[VIF_VAL_FRONTEND_MTU];
	snprintf(mtu, sizeof(mtu), "%u", p->mtu);
	if (p->mtu && p->frontend && (!told || strcmp(told, mtu))) {
		watch_frontend_path(p->v->key, "mtu", path, sizeof(path));
		/* For the guest's information; a frontend directory that refuses it holds nothing up. */
		store_write(p->nd->store, p->tx, path, mtu, (struct store_cb){NULL});
	}
	write_address(p);
	if (!p->v->val[VIF_VAL_RELEASED])
		write_key(p, vif_val_name(VIF_VAL_RELEASED), "1");
	write_key(p, "hotplug-status", "connected");
}

static void write_error(struct publish *p)
{
	write_key(p, "hotplug-error", p->text);
	write_key(p, "hotplug-status", "error");
}

/*
 * The vif's own, and no parent that it leaves empty: those belong to dom0, even of a domain with
 * driver_domain=1 (libxl 4.17), and dom0's libxl removes them.
 */
static void remove_dir(struct publish *p)
{
	char path[WATCH_PATH_SIZE];
	watch_backend_path(p->nd, p->v->key, NULL, path, sizeof(path));
	store_rm(p->nd->store, p->tx, path, (struct store_cb){on_write, p, 0});
}

/* All has been looked at. The answers were a fence: what changed before them is in v->dirty now. */
static void decide(struct publish *p)
{
	bool changed = (p->v->dirty & ~OWN_VALUES) || p->v->fresh;
	bool ok = !p->lost && p->present;
	switch (p->kind) {
	case PUBLISH_CONNECTED:
		ok = ok && p->online && !p->closed && !changed;
		if (ok)
			write_connected(p);
		break;
	case PUBLISH_ERROR:
		/* Another NIC has the number meanwhile: what failed was not its. */
		ok = ok && !remade(p->v);
		if (ok)
			write_error(p);
		break;
	case PUBLISH_REMOVAL:
		ok = ok && !p->online && p->closed;
		if (ok)
			remove_dir(p);
		break;
	}
	store_tx_end(p->nd->store, p->tx, ok, (struct store_cb){ok ? on_end : on_abandoned, p, 0});
}

static void on_look(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct publish *p = arg;
	(void)len;
	switch (tag) {
	case LOOK_STATE:
		p->present = !error;
		p->closed = !error && (!strcmp(data, "5") || !strcmp(data, "6"));
		break;
	case LOOK_ONLINE:
		p->online = !error && !strcmp(data, "1");
		break;
	case LOOK_FRONTEND:
		p->frontend = !error;
		break;
	}
	if (error == -ENOTCONN)
		p->lost = true;
	if (!--p->looks)
		decide(p);
}

static void on_start(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct publish *p = arg;
	struct store *st = p->nd->store;
	char path[WATCH_PATH_SIZE];
	(void)tag;
	(void)len;
	if (error) {
		if (error != -ENOTCONN)
			log_line(LOG_WARNING, "xenstore transaction: %s", strerror(-error));
		netd_wake_at(p->nd, p->v->publish_at = netd_now() + 1000000);
		finish(p);
		return;
	}
	p->tx = store_tx_id(data);
	p->refused = 0;
	p->looks = LOOK_COUNT;
	store_read(st, p->tx, watch_backend_path(p->nd, p->v->key, "state", path, sizeof(path)),
		   (struct store_cb){on_look, p, LOOK_STATE});
	store_read(st, p->tx, watch_backend_path(p->nd, p->v->key, "online", path, sizeof(path)),
		   (struct store_cb){on_look, p, LOOK_ONLINE});
	/* The last of these answers may free @p, if the connection goes down while we ask. */
	store_read(st, p->tx, watch_frontend_path(p->v->key, "state", path, sizeof(path)),
		   (struct store_cb){on_look, p, LOOK_FRONTEND});
}

static void start(struct publish *p)
{
	store_tx_start(p->nd->store, (struct store_cb){on_start, p, 0});
}

static void begin(struct netd *nd, struct vif *v, enum publish_kind kind, uint32_t mtu,
		  const char *text)
{
	struct publish *p = calloc(1, sizeof(*p));
	if (!p) {
		netd_wake_at(nd, v->publish_at = netd_now() + 1000000);
		return;
	}
	*p = (struct publish){.nd = nd, .v = v, .kind = kind, .mtu = mtu};
	snprintf(p->text, sizeof(p->text), "%s", text ?: "");
	v->publishing = true;
	start(p);
}

void publish_connected(struct netd *nd, struct vif *v, uint32_t mtu)
{
	begin(nd, v, PUBLISH_CONNECTED, mtu, NULL);
}

void publish_error(struct netd *nd, struct vif *v, const char *text)
{
	begin(nd, v, PUBLISH_ERROR, 0, text);
}

void publish_removal(struct netd *nd, struct vif *v)
{
	begin(nd, v, PUBLISH_REMOVAL, 0, NULL);
}
