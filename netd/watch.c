// SPDX-License-Identifier: GPL-2.0-or-later
/* watch: xenstore → records. */
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

/*
 * One watch lies on the whole backend directory of vifs; tokens tell the watches apart. An event only
 * says which node changed, so it becomes bits of values to read again. Events for values that nobody
 * needs (netback's feature-* keys: most of them) end here.
 */
enum { READ_PAUSE = 1000 * 1000 }; /* microseconds, after xenstored refused something */

#define TOKEN_BACKEND "b"
#define TOKEN_NAME    "n" /* followed by F/N */

const char *watch_backend_path(const struct netd *nd, struct vif_key key, const char *name,
			       char *buf, size_t size)
{
	snprintf(buf, size, "%s/%u/%u%s%s", nd->backend, key.domid, key.devid, name ? "/" : "",
		 name ?: "");
	return buf;
}

const char *watch_frontend_path(struct vif_key key, const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "/local/domain/%u/device/vif/%u/%s", key.domid, key.devid, name);
	return buf;
}

static const char *value_path(const struct netd *nd, struct vif_key key, enum vif_val val,
			      char *buf, size_t size)
{
	switch (val) {
	case VIF_VAL_NAME:
	case VIF_VAL_VM:
		snprintf(buf, size, "/local/domain/%u/%s", key.domid, vif_val_name(val));
		return buf;
	case VIF_VAL_FRONTEND_MTU:
		return watch_frontend_path(key, vif_val_name(val), buf, size);
	default:
		return watch_backend_path(nd, key, vif_val_name(val), buf, size);
	}
}

static void on_value(void *arg, unsigned tag, int error, const char *data, size_t len);

/* A record with a read under way is never freed, so the callback's pointer stays good. */
struct read_arg {
	struct netd *nd;
	struct vif *v;
	unsigned open;
	bool all, lost;
};

static void name_watch(struct netd *nd, struct vif *v, bool on)
{
	char path[WATCH_PATH_SIZE], token[32];
	snprintf(token, sizeof(token), TOKEN_NAME "%u/%u", v->key.domid, v->key.devid);
	value_path(nd, v->key, VIF_VAL_NAME, path, sizeof(path));
	v->watched = on;
	if (on)
		store_watch(nd->store, path, token, (struct store_cb){NULL});
	else
		store_unwatch(nd->store, path, token, (struct store_cb){NULL});
}

void watch_read(struct netd *nd, struct vif *v)
{
	char path[WATCH_PATH_SIZE];
	struct read_arg *ra = calloc(1, sizeof(*ra));
	if (!ra) {
		netd_wake_at(nd, v->retry_at = netd_now() + 1000000);
		return;
	}
	*ra = (struct read_arg){nd, v, __builtin_popcount(v->dirty), v->dirty == VIF_VAL_ALL, false};
	v->inflight = v->dirty;
	v->dirty = 0;
	nd->reading++;
	/* A driver domain may not see the name. */
	if (!v->watched && nd->domid == 0)
		name_watch(nd, v, true); /* before the read, so that nothing falls between */
	for (unsigned val = 0; val < VIF_VAL_COUNT; val++)
		if (v->inflight & (1u << val))
			store_read(nd->store, 0, value_path(nd, v->key, val, path, sizeof(path)),
				   (struct store_cb){on_value, ra, val});
}

static void take_value(struct vif *v, unsigned val, int error, const char *data, size_t len)
{
	free(v->val[val]);
	v->val[val] = NULL;
	if (error)
		return;
	/* Too long for anything that we take: kept one byte longer than allowed, refused by parsing */
	v->val[val] = strndup(data, len > VIF_VALUE_MAX ? VIF_VALUE_MAX : len);
	if (!v->val[val])
		v->dirty |= 1u << val;
}

static void on_value(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct read_arg *ra = arg;
	struct netd *nd = ra->nd;
	struct vif *v = ra->v;
	v->inflight &= ~(1u << tag);
	/* EACCES, in a driver domain: not for us, as good as missing. Anything else says nothing. */
	if (error && error != -ENOENT && error != -EACCES) {
		v->dirty |= 1u << tag;
		ra->lost = true;
		if (error != -ENOTCONN)
			netd_wake_at(nd, v->read_at = netd_now() + READ_PAUSE);
	} else {
		take_value(v, tag, error, data, len);
	}
	if (!error && tag == VIF_VAL_STATE)
		v->seen = nd->connection;
	if (--ra->open)
		return;
	if (ra->all && !ra->lost)
		v->read_in = nd->connection;
	free(ra);
	nd->reading--;
	netd_look(nd, v);
}

void watch_forget(struct netd *nd, struct vif *v)
{
	if (v->watched)
		name_watch(nd, v, false);
}

static void add(struct netd *nd, struct vif_key key)
{
	struct vif *v = vifs_add(&nd->vifs, key);
	if (!v)
		return;
	v->listed = nd->scan;
	netd_reread(nd, v, VIF_VAL_ALL);
}

/* A list that is not given says nothing of who is there: guests that run would be taken for gone. */
static void scan_failed(struct netd *nd, int error)
{
	nd->scan_whole = false;
	nd->scanned_in = 0;
	if (error == -ENOTCONN) /* the next connection begins with a scan */
		return;
	log_line(LOG_WARNING, "xenstored refuses to list %s: %s; trying again in %d s", nd->backend,
		 strerror(-error), READ_PAUSE / 1000000);
	netd_wake_at(nd, nd->scan_at = netd_now() + READ_PAUSE);
}

/* After a scan: what was known and has not been listed is looked at, too. */
static void scan_end(struct netd *nd)
{
	if (--nd->scans)
		return;
	if (nd->scan_whole)
		nd->scanned_in = nd->connection;
	nd->scan_whole = false;
	vifs_for_each(&nd->vifs, v)
		if (v->listed != nd->scan)
			netd_reread(nd, v, VIF_VAL_ALL);
	/* Also when there is none to look at: what is left of those that were can go. */
	netd_work(nd);
}

/* Names of a directory that are plain numbers, as domids and device numbers are. */
static const char *next_number(const char *p, const char *end, uint32_t max, uint32_t *n)
{
	for (; p < end; p += strlen(p) + 1) {
		char *rest;
		unsigned long v = strtoul(p, &rest, 10);
		if (*p < '0' || *p > '9' || *rest || v > max)
			continue;
		*n = v;
		return p + strlen(p) + 1;
	}
	return NULL;
}

static void on_devices(void *arg, unsigned domid, int error, const char *data, size_t len)
{
	struct netd *nd = arg;
	uint32_t devid;
	const char *end = data + len;
	if (!error)
		for (const char *p = data; (p = next_number(p, end, VIF_DEVID_MAX, &devid));)
			add(nd, (struct vif_key){domid, devid});
	if (error && error != -ENOENT)
		scan_failed(nd, error);
	scan_end(nd);
}

static void scan_domain(struct netd *nd, uint32_t domid)
{
	char path[WATCH_PATH_SIZE];
	nd->scans++;
	snprintf(path, sizeof(path), "%s/%u", nd->backend, domid);
	store_list(nd->store, 0, path, (struct store_cb){on_devices, nd, domid});
}

static void on_domains(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct netd *nd = arg;
	uint32_t domid;
	const char *end = data + len;
	(void)tag;
	if (!error)
		for (const char *p = data; (p = next_number(p, end, VIF_DOMID_MAX, &domid));)
			scan_domain(nd, domid);
	if (error && error != -ENOENT)
		scan_failed(nd, error);
	scan_end(nd);
}

void watch_scan(struct netd *nd)
{
	nd->scan_at = 0;
	nd->scan_whole = true;
	nd->scans++;
	nd->scan++;
	store_list(nd->store, 0, nd->backend, (struct store_cb){on_domains, nd, 0});
}

/* @rest: what follows "…/backend/vif/" in the path of a changed node. */
static void on_backend(struct netd *nd, const char *rest)
{
	struct vif_key key;
	const char *p, *end = rest + strlen(rest) + 1;
	if (!vif_key_parse(rest, &key, &p)) {
		uint32_t domid; /* …/vif/F: a domain's directory came or went */
		if (next_number(rest, end, VIF_DOMID_MAX, &domid)) {
			vifs_for_each(&nd->vifs, v)
				if (v->key.domid == domid) {
					v->fresh = true;
					netd_reread(nd, v, VIF_VAL_ALL);
				}
			scan_domain(nd, domid);
		}
		return;
	}
	struct vif *v = vifs_find(&nd->vifs, key);
	int val = *p == '/' ? vif_val_by_name(p + 1, strlen(p + 1)) : -1;
	if (!*p || !v) {
		/*
		 * The directory itself: made, or removed, or both since we looked: another device's life
		 * may have begun under the old number.
		 */
		if (v)
			v->fresh = true;
		add(nd, key);
	} else if (val >= 0) {
		netd_reread(nd, v, 1u << val);
	}
}

static void on_watch(void *arg, const char *path, const char *token)
{
	struct netd *nd = arg;
	struct vif_key key;
	const char *end;
	size_t root = strlen(nd->backend);
	if (token[0] == TOKEN_NAME[0] && vif_key_parse(token + 1, &key, &end)) {
		struct vif *v = vifs_find(&nd->vifs, key);
		if (v)
			netd_reread(nd, v, 1u << VIF_VAL_NAME);
	} else if (!strcmp(token, TOKEN_BACKEND)) {
		log_line(LOG_DEBUG, "xenstore: %s", path);
		if (!strncmp(path, nd->backend, root) && path[root] == '/')
			on_backend(nd, path + root + 1);
		else
			watch_scan(nd); /* the watch's first event, or an ancestor was removed */
	}
}

static void on_domid(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct netd *nd = arg;
	(void)tag;
	(void)len;
	if (error == -ENOTCONN)
		return;
	/* dom0 has the key as well; a store without it is one that dom0's tools are still filling. */
	nd->domid = error ? 0 : strtoul(data, NULL, 10);
	snprintf(nd->backend, sizeof(nd->backend), "/local/domain/%u/backend/vif", nd->domid);
	watch_backends(nd);
}

static void on_watch_set(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct netd *nd = arg;
	(void)tag;
	(void)data;
	(void)len;
	if (!error || error == -ENOTCONN)
		return;
	log_line(LOG_ERR, "xenstored refuses a watch on %s: %s; without it no guest is noticed, "
			  "trying again in %d s", nd->backend, strerror(-error), READ_PAUSE / 1000000);
	netd_wake_at(nd, nd->watch_at = netd_now() + READ_PAUSE);
}

void watch_backends(struct netd *nd)
{
	/* Its first event comes at once and starts the scan: nothing can change unseen between. */
	nd->watch_at = 0;
	store_watch(nd->store, nd->backend, TOKEN_BACKEND, (struct store_cb){on_watch_set, nd, 0});
}

static void on_up(void *arg)
{
	struct netd *nd = arg;
	nd->connection++;
	/* Another device's life may have begun under a known number meanwhile. */
	vifs_for_each(&nd->vifs, v)
		v->fresh = true;
	log_line(LOG_INFO, "connected to xenstored");
	/* A relative path is looked up in our own domain's home. */
	store_read(nd->store, 0, "domid", (struct store_cb){on_domid, nd, 0});
}

/*
 * Nothing is unwired: guests go on with what they have, and the records wait. Whether a vif is gone
 * is decided by the kernel or by what xenstore explicitly says later, see reconcile.c.
 */
static void on_down(void *arg, const struct err *why)
{
	struct netd *nd = arg;
	log_line(LOG_WARNING, "%s; guests keep their network, trying again", why->text);
	vifs_for_each(&nd->vifs, v)
		v->watched = false;
}

const struct store_ops *watch_ops(void)
{
	static const struct store_ops ops = {.up = on_up, .down = on_down, .watch = on_watch};
	return &ops;
}
