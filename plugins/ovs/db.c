// SPDX-License-Identifier: GPL-2.0-or-later
/* db: the main thread's side of the table of ports. */
#include "db-priv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "links.h"
#include "log.h"
#include "step.h"

static int64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void poke(int fd)
{
	const uint64_t one = 1;
	ssize_t n = write(fd, &one, sizeof(one)); /* fails only when it is readable already */
	(void)n;
}

static size_t hash(const char *name)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3u;
	return (h ^ h >> 32) % DB_BUCKETS;
}

struct port *db_find(const struct db *db, const char *name)
{
	struct port *p = db->bucket[hash(name)];
	while (p && strcmp(p->name, name))
		p = p->next;
	return p;
}

struct port *db_add(struct db *db, const char *name)
{
	struct port *p = db_find(db, name), **at = &db->bucket[hash(name)];
	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->next = *at;
	*at = p;
	return p;
}

void db_prune(struct db *db)
{
	for (size_t b = 0; b < DB_BUCKETS; b++) {
		struct port **at = &db->bucket[b];
		while (*at) {
			struct port *p = *at;
			if (p->port_row || p->have.bridge.name[0] || p->ask != ASK_NONE || p->failed ||
			    p->news) {
				at = &p->next;
				continue;
			}
			*at = p->next;
			free(p);
		}
	}
}

void db_tell(struct db *db, struct port *p)
{
	if (p)
		p->news = true;
	else
		db->news_all = true;
	db->news = true;
}

void db_tell_main(struct db *db)
{
	if (db->news)
		poke(db->news_fd);
}

void db_done(struct db *db, struct port *p, int code, const char *fmt, ...)
{
	char text[DB_TEXT_SIZE];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_sanitize(text);
	p->ask = ASK_NONE;
	if (p->undo) {
		/* Not again and again: it is left until there is another connection. */
		p->stuck = code;
		if (code)
			log_line(LOG_WARNING, "remove port %s, which is no guest's: %s", p->name, text);
	} else {
		p->failed = code;
		memcpy(p->error, text, sizeof(p->error));
		if (code && p->made && p->have.bridge.name[0])
			db_undo(p);
	}
	p->made = p->again = false;
	db_tell(db, p);
}

void db_undo(struct port *p)
{
	memset(&p->want, 0, sizeof(p->want));
	p->ask = ASK_QUEUED;
	p->undo = true;
	p->deadline = INT64_MAX;
}

/* ---- the main thread ---- */

int db_open(struct db **out, struct err *e)
{
	const char *dir = getenv("OVS_RUNDIR") ?: "/run/openvswitch";
	struct db *db = calloc(1, sizeof(*db));
	if (!db)
		return err_sysf(e, -ENOMEM, "Open vSwitch");
	snprintf(db->dir, sizeof(db->dir), "%s", dir);
	snprintf(db->remote, sizeof(db->remote), "unix:%s/db.sock", db->dir);
	snprintf(db->bridges, sizeof(db->bridges), "none");
	db->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	db->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&db->lock, NULL);
	int r = db->news_fd < 0 || db->wake_fd < 0 ? -errno : 0;
	if (!r)
		r = -pthread_create(&db->thread, NULL, db_thread, db);
	if (!r) {
		*out = db;
		return 0;
	}
	close(db->news_fd);
	close(db->wake_fd);
	free(db);
	return err_sysf(e, r, "start the thread of Open vSwitch's database");
}

void db_close(struct db *db)
{
	if (!db)
		return;
	pthread_mutex_lock(&db->lock);
	db->stop = true;
	pthread_mutex_unlock(&db->lock);
	poke(db->wake_fd);
	pthread_join(db->thread, NULL);
	for (size_t b = 0; b < DB_BUCKETS; b++)
		while (db->bucket[b]) {
			struct port *p = db->bucket[b];
			db->bucket[b] = p->next;
			free(p);
		}
	close(db->news_fd);
	close(db->wake_fd);
	pthread_mutex_destroy(&db->lock);
	free(db);
}

int db_fd(const struct db *db)
{
	return db->news_fd;
}

/* The names are gathered first: who looks asks us again. */
void db_news(struct db *db, plugin_look_fn *look, void *arg)
{
	uint64_t count;
	size_t n = 0, max = 0;
	char(*names)[IFNAMSIZ] = NULL;
	if (read(db->news_fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&db->lock);
	bool all = db->news_all;
	db_for_each(db, p)
		max += p->news;
	names = calloc(max + 1, sizeof(*names));
	db_for_each(db, p) {
		if (p->news && names)
			memcpy(names[n++], p->name, sizeof(*names));
		p->news = false;
	}
	db->news = db->news_all = false;
	pthread_mutex_unlock(&db->lock);
	if (all || !names)
		look(arg, NULL);
	for (size_t i = 0; i < n; i++)
		look(arg, names[i]);
	free(names);
}

void db_get(struct db *db, const char *name, struct ovs_port *have)
{
	pthread_mutex_lock(&db->lock);
	const struct port *p = db_find(db, name);
	memset(have, 0, sizeof(*have));
	if (p)
		*have = p->have;
	have->unknown = !db->known;
	pthread_mutex_unlock(&db->lock);
}

static bool same_request(const struct ovs_port *a, const struct ovs_port *b)
{
	return ovs_port_equal(a, b) && ovs_bridge_equal(&a->bridge, &b->bridge) &&
	       a->bridge.create == b->bridge.create && a->guard == b->guard;
}

/* @return STEP_PENDING, or the error of a request that was asked before. */
static int ask_locked(struct db *db, struct port *p, const struct ovs_port *want, struct err *e)
{
	bool same = same_request(&p->asked, want);
	if (p->failed && same) {
		int code = p->failed;
		p->failed = 0;
		return err_setf(e, code, "%s", p->error);
	}
	if (p->ask == ASK_NONE || p->undo || !same) {
		p->want = p->asked = *want;
		p->ask = ASK_QUEUED;
		p->undo = p->stuck = false;
		p->failed = 0;
		p->deadline = now_ms() + DB_DEADLINE * 1000;
		poke(db->wake_fd);
	}
	if (!db->connected)
		err_setf(e, -EAGAIN, "waiting for Open vSwitch's database at %s", db->remote);
	else if (want->bridge.name[0])
		err_setf(e, -EAGAIN, "waiting for Open vSwitch to make %s a port of %s", p->name,
			 want->bridge.name);
	else
		err_setf(e, -EAGAIN, "waiting for Open vSwitch to release %s", p->name);
	return STEP_PENDING;
}

int db_put(struct db *db, const char *name, const struct ovs_port *want, struct err *e)
{
	pthread_mutex_lock(&db->lock);
	struct port *p = db_add(db, name);
	int r = p ? ask_locked(db, p, want, e) : err_sysf(e, -ENOMEM, "Open vSwitch port %s", name);
	pthread_mutex_unlock(&db->lock);
	return r;
}

/* A netdev that has come again under the name is another one. */
void db_sweep(struct db *db, const struct links *links)
{
	bool any = false;
	pthread_mutex_lock(&db->lock);
	db_for_each(db, p) {
		const struct link *l = links_by_name(links, p->name);
		bool ours = p->have.owner[0] && p->have.ifindex;
		bool wanted = p->ask != ASK_NONE && p->want.bridge.name[0];
		if (wanted && (!l || l->ifindex != p->want.ifindex)) {
			/* Asked for, and gone before it was made. */
			p->ask = ASK_NONE;
			p->made = false;
			wanted = false;
			ours = ours || p->have.bridge.name[0];
		}
		if (!ours || wanted || p->ask != ASK_NONE || p->stuck ||
		    (l && l->ifindex == p->have.ifindex))
			continue;
		db_undo(p);
		p->failed = 0;
		any = true;
	}
	pthread_mutex_unlock(&db->lock);
	if (any)
		poke(db->wake_fd);
}
