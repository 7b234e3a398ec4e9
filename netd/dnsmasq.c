// SPDX-License-Identifier: GPL-2.0-or-later
/* dnsmasq: the networks that are served, and the guests of each. */
#include "dnsmasq.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build-config.h"
#include "child.h"
#include "dnsmasq-conf.h"
#include "log.h"

enum { PATH_SIZE = 256, GUEST_SIZE = 13 }; /* "00163e000500" and its NUL */

struct guest {
	char name[GUEST_SIZE]; /* of its files: the MAC */
	char dhcp[DNSMASQ_LINE_SIZE], hosts[DNSMASQ_LINE_SIZE];
	bool gone; /* its files are removed; dnsmasq has not forgotten its dhcp line */
	bool keep;
};

struct net {
	struct dnsmasq *d;
	struct net *next;
	char bridge[IFNAMSIZ], dir[PATH_SIZE];
	struct buf conf; /* as it is on disk; NUL behind it */
	struct child *child;
	struct guest *guests;
	size_t n_guests;
	bool keep;
};

struct dnsmasq {
	sd_event *event;
	char *dir;
	const char *user;
	char group[64];
	dnsmasq_changed_fn *fn;
	void *arg;
	struct net *nets;
};

static struct net *find_net(const struct dnsmasq *d, const char *bridge)
{
	struct net *n = d->nets;
	while (n && strcmp(n->bridge, bridge))
		n = n->next;
	return n;
}

static struct guest *find_guest(const struct net *n, const char *name)
{
	for (size_t i = 0; i < n->n_guests; i++)
		if (!strcmp(n->guests[i].name, name))
			return &n->guests[i];
	return NULL;
}

static struct guest *add_guest(struct net *n, const char *name)
{
	struct guest *g = reallocarray(n->guests, n->n_guests + 1, sizeof(*g));
	if (!g)
		return NULL;
	n->guests = g;
	g = &n->guests[n->n_guests++];
	*g = (struct guest) {.gone = true};
	snprintf(g->name, sizeof(g->name), "%s", name);
	return g;
}

static void guest_name(const struct nat *n, char buf[GUEST_SIZE])
{
	const uint8_t *m = n->dhcp.mac;
	snprintf(buf, GUEST_SIZE, "%02x%02x%02x%02x%02x%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}

/* Written beside and renamed: dnsmasq reads a file when it gets its name. */
static int write_file(const struct net *n, const char *name, const char *text, struct err *e)
{
	char path[PATH_SIZE + 64], fresh[PATH_SIZE + 64];
	snprintf(path, sizeof(path), "%s/%s", n->dir, name);
	snprintf(fresh, sizeof(fresh), "%s/new", n->dir);
	FILE *f = fopen(fresh, "we");
	bool ok = f && fputs(text, f) >= 0;
	int r = ok ? 0 : -errno;
	if (f && fclose(f) && !r)
		r = -errno;
	if (!r && (chmod(fresh, 0644) < 0 || rename(fresh, path) < 0))
		r = -errno;
	return r < 0 ? err_sysf(e, r, "write %s", path) : 0;
}

static void read_file(const struct net *n, const char *name, struct buf *out)
{
	char path[PATH_SIZE + 64];
	snprintf(path, sizeof(path), "%s/%s", n->dir, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *p = fd < 0 ? NULL : buf_reserve(out, 8192);
	ssize_t len = p ? read(fd, p, 8191) : 0;
	if (p) {
		p[len > 0 ? len : 0] = '\0';
		out->len += len > 0 ? len : 0;
	}
	if (fd >= 0)
		close(fd);
}

/* The files of a guest that an earlier run left: known by their names until they are written anew.
 */
static void read_guests(struct net *n)
{
	char path[PATH_SIZE + 16];
	snprintf(path, sizeof(path), "%s/dhcp", n->dir);
	DIR *dir = opendir(path);
	for (struct dirent *de = dir ? readdir(dir) : NULL; de; de = readdir(dir)) {
		struct buf text = {.data = NULL};
		char name[64];
		struct guest *g =
			strlen(de->d_name) == GUEST_SIZE - 1 ? add_guest(n, de->d_name) : NULL;
		if (!g)
			continue;
		g->gone = false;
		snprintf(name, sizeof(name), "dhcp/%s", g->name);
		read_file(n, name, &text);
		snprintf(g->dhcp, sizeof(g->dhcp), "%s", text.data ?: "");
		buf_clear(&text);
		snprintf(name, sizeof(name), "hosts/%s", g->name);
		read_file(n, name, &text);
		snprintf(g->hosts, sizeof(g->hosts), "%s", text.len ? text.data : "");
		buf_fini(&text);
	}
	if (dir)
		closedir(dir);
}

static void on_child(void *arg)
{
	struct net *n = arg;
	n->d->fn(n->d->arg, n->bridge);
}

static void net_free(struct net *n)
{
	buf_fini(&n->conf);
	free(n->guests);
	free(n);
}

static struct net *add_net(struct dnsmasq *d, const char *bridge)
{
	char arg[PATH_SIZE + 32], pid[PATH_SIZE + 8];
	struct net *n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->d = d;
	snprintf(n->bridge, sizeof(n->bridge), "%s", bridge);
	snprintf(n->dir, sizeof(n->dir), "%s/%s", d->dir, bridge);
	snprintf(arg, sizeof(arg), "--conf-file=%s/conf", n->dir);
	snprintf(pid, sizeof(pid), "%s/pid", n->dir);
	const char *const argv[] = {NETD_DNSMASQ, arg, "--keep-in-foreground", NULL};
	n->child = child_new(d->event, argv, pid, on_child, n);
	if (!n->child) {
		net_free(n);
		return NULL;
	}
	read_file(n, "conf", &n->conf);
	read_guests(n);
	child_adopt(n->child);
	n->next = d->nets;
	d->nets = n;
	return n;
}

/* A network and its guests that an earlier run left: used again, or removed by the first keep_end.
 */
static void read_nets(struct dnsmasq *d)
{
	DIR *dir = opendir(d->dir);
	for (struct dirent *de = dir ? readdir(dir) : NULL; de; de = readdir(dir))
		if (de->d_name[0] != '.' && strlen(de->d_name) < IFNAMSIZ)
			add_net(d, de->d_name);
	if (dir)
		closedir(dir);
}

static void find_user(struct dnsmasq *d)
{
	const struct passwd *pw = getpwnam("dnsmasq");
	d->user = pw ? "dnsmasq" : "nobody";
	if (!pw)
		pw = getpwnam("nobody");
	const struct group *gr = pw ? getgrgid(pw->pw_gid) : NULL;
	snprintf(d->group, sizeof(d->group), "%s", gr ? gr->gr_name : "nogroup");
}

int dnsmasq_new(struct dnsmasq **out, sd_event *event, const char *dir, dnsmasq_changed_fn *fn,
		void *arg, struct err *e)
{
	struct dnsmasq *d = calloc(1, sizeof(*d));
	if (d)
		d->dir = strdup(dir);
	if (!d || !d->dir) {
		free(d);
		return err_sysf(e, -ENOMEM, "dnsmasq");
	}
	d->event = event;
	d->fn = fn;
	d->arg = arg;
	find_user(d);
	read_nets(d);
	*out = d;
	return 0;
}

void dnsmasq_free(struct dnsmasq *d)
{
	if (!d)
		return;
	for (struct net *n = d->nets, *next; n; n = next) {
		next = n->next;
		child_leave(n->child);
		net_free(n);
	}
	free(d->dir);
	free(d);
}

static int make_dirs(const struct net *n, struct err *e)
{
	char path[PATH_SIZE + 16];
	const char *const subs[] = {"", "/hosts", "/dhcp"};
	if (mkdir(n->d->dir, 0755) < 0 && errno != EEXIST)
		return err_sysf(e, -errno, "make %s", n->d->dir);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", n->dir, subs[i]);
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return err_sysf(e, -errno, "make %s", path);
	}
	return 0;
}

static bool same_conf(const struct net *n, const struct buf *conf)
{
	return conf->len == n->conf.len && !memcmp(conf->data, n->conf.data, conf->len);
}

/* dnsmasq listens to DHCP by the bridge's index: to one that is made anew it must be made to. */
static int conf_of(const struct dnsmasq *d, const struct nat *nat, int ifindex, struct buf *out)
{
	char dir[PATH_SIZE], index[48];
	snprintf(dir, sizeof(dir), "%s/%s", d->dir, nat->dev);
	int len = snprintf(index, sizeof(index), "# Device %d.\n", ifindex);
	int r = dnsmasq_conf(nat, dir, d->user, d->group, out) ?: buf_add(out, index, len);
	return r ?: buf_add(out, "", 1) ?: (out->len--, 0);
}

static int put_conf(struct net *n, const struct nat *nat, int ifindex, struct err *e)
{
	struct buf conf = {.data = NULL};
	int r = conf_of(n->d, nat, ifindex, &conf) < 0 ? err_sysf(e, -ENOMEM, "dnsmasq") : 0;
	if (!r && same_conf(n, &conf)) {
		buf_fini(&conf);
		return 0;
	}
	r = r ?: make_dirs(n, e);
	r = r ?: write_file(n, "conf", conf.data, e);
	if (r < 0) {
		buf_fini(&conf);
		return r;
	}
	buf_fini(&n->conf);
	n->conf = conf;
	child_restart(n->child); /* it reads it when it begins */
	return 0;
}

/* An address that dnsmasq has leased, or keeps, for another: only a new process knows nothing of
 * it. */
static bool clashes(const struct net *n, const struct guest *g, const char *dhcp)
{
	if (!g->gone && strcmp(g->dhcp, dhcp))
		return true;
	const char *addr = strchr(dhcp, ',');
	size_t len = addr ? strcspn(addr + 1, ",\n") + 1 : 0;
	for (size_t i = 0; addr && i < n->n_guests; i++) {
		const struct guest *o = &n->guests[i];
		const char *had = strchr(o->dhcp, ',');
		if (o != g && o->gone && had && !strncmp(had, addr, len) && strchr(",\n", had[len]))
			return true;
	}
	return g->gone && g->dhcp[0] && strcmp(g->dhcp, dhcp);
}

static int put_guest(struct net *n, const struct nat *nat, struct err *e)
{
	char name[GUEST_SIZE], dhcp[DNSMASQ_LINE_SIZE], hosts[DNSMASQ_LINE_SIZE], path[64];
	guest_name(nat, name);
	struct guest *g = find_guest(n, name) ?: add_guest(n, name);
	if (!g)
		return err_sysf(e, -ENOMEM, "dnsmasq");
	dnsmasq_dhcp_line(nat, dhcp);
	dnsmasq_hosts_line(nat, hosts);
	if (!g->gone && !strcmp(g->dhcp, dhcp) && !strcmp(g->hosts, hosts))
		return 0;
	bool clash = clashes(n, g, dhcp);
	snprintf(path, sizeof(path), "hosts/%s", name);
	int r = write_file(n, path, hosts, e);
	snprintf(path, sizeof(path), "dhcp/%s", name);
	r = r ?: write_file(n, path, dhcp, e);
	if (r < 0)
		return r;
	strcpy(g->dhcp, dhcp);
	strcpy(g->hosts, hosts);
	g->gone = false;
	if (clash)
		child_restart(n->child);
	return 0;
}

int dnsmasq_put(struct dnsmasq *d, const struct nat *nat, int ifindex, struct err *e)
{
	struct net *n = find_net(d, nat->dev) ?: add_net(d, nat->dev);
	if (!n)
		return err_sysf(e, -ENOMEM, "dnsmasq");
	int r = put_conf(n, nat, ifindex, e);
	r = r ?: put_guest(n, nat, e);
	if (r < 0)
		return r;
	r = child_start(n->child, e) ?: child_check(n->child, e);
	if (r < 0 && access(NETD_DNSMASQ, X_OK) < 0)
		err_setf(e, r, "%s; install dnsmasq (Debian: dnsmasq-base), or say dhcp = false",
			 e->text);
	return r < 0 ? err_wrapf(e, "network %s has no DHCP and DNS", nat->dev), r : 0;
}

bool dnsmasq_has(const struct dnsmasq *d, const struct nat *nat, int ifindex)
{
	char name[GUEST_SIZE], dhcp[DNSMASQ_LINE_SIZE], hosts[DNSMASQ_LINE_SIZE];
	struct buf conf = {.data = NULL};
	const struct net *n = find_net(d, nat->dev);
	if (!n || !child_is_kept(n->child) || child_check(n->child, NULL) < 0)
		return false;
	guest_name(nat, name);
	const struct guest *g = find_guest(n, name);
	if (!g || g->gone)
		return false;
	dnsmasq_dhcp_line(nat, dhcp);
	dnsmasq_hosts_line(nat, hosts);
	bool same = !strcmp(g->dhcp, dhcp) && !strcmp(g->hosts, hosts) &&
		    conf_of(d, nat, ifindex, &conf) >= 0 && same_conf(n, &conf);
	buf_fini(&conf);
	return same;
}

void dnsmasq_keep_begin(struct dnsmasq *d)
{
	for (struct net *n = d->nets; n; n = n->next) {
		n->keep = false;
		for (size_t i = 0; i < n->n_guests; i++)
			n->guests[i].keep = false;
	}
}

void dnsmasq_keep(struct dnsmasq *d, const struct nat *nat)
{
	char name[GUEST_SIZE];
	struct net *n = nat->dhcp.on ? find_net(d, nat->dev) : NULL;
	if (!n)
		return;
	n->keep = true;
	guest_name(nat, name);
	struct guest *g = find_guest(n, name);
	if (g)
		g->keep = true;
}

static void remove_in(const struct net *n, const char *sub, const char *name)
{
	char path[PATH_SIZE + 64];
	snprintf(path, sizeof(path), "%s%s%s%s%s", n->dir, sub ? "/" : "", sub ?: "",
		 name ? "/" : "", name ?: "");
	if (remove(path) < 0 && errno != ENOENT)
		log_line(LOG_WARNING, "remove %s: %s", path, strerror(errno));
}

static void remove_guest(const struct net *n, struct guest *g)
{
	g->gone = true;
	remove_in(n, "dhcp", g->name);
	remove_in(n, "hosts", g->name);
}

static void end_net(struct net *n)
{
	for (size_t i = 0; i < n->n_guests; i++)
		if (!n->guests[i].gone)
			remove_guest(n, &n->guests[i]);
	child_stop(n->child);
	remove_in(n, "conf", NULL);
	remove_in(n, "hosts", NULL);
	remove_in(n, "dhcp", NULL);
	remove_in(n, NULL, NULL);
	net_free(n);
}

void dnsmasq_keep_end(struct dnsmasq *d)
{
	for (struct net **at = &d->nets; *at;) {
		struct net *n = *at;
		for (size_t i = 0; i < n->n_guests; i++)
			if (!n->guests[i].keep && !n->guests[i].gone)
				remove_guest(n, &n->guests[i]);
		if (n->keep) {
			at = &n->next;
			continue;
		}
		*at = n->next;
		end_net(n);
	}
}
