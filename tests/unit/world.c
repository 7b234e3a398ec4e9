// SPDX-License-Identifier: GPL-2.0-or-later
/* world: the daemon among twins. */
#include "world.h"

#include <stdlib.h>
#include <sys/un.h>

#include <jansson.h>

#include "log.h"
#include "twin-nat.h"

extern const struct plugin xen_netd_plugin; /* mode bridge */
extern const struct plugin plugin_nat;

/* ---- the daemon ---- */

/* A loop of its own for each daemon: one that a failed test left in the middle of a turn is no use.
 */
int sd_event_default(sd_event **event)
{
	return sd_event_new(event);
}

void world_start(struct world *w)
{
	static const struct plugin *const modes[] = {&xen_netd_plugin, &plugin_nat, NULL};
	char none[48];
	snprintf(none, sizeof(none), "%s/none", w->dir);
	const struct netd_options opt = {none, w->socket, w->dir, WORLD_HELPER, w->dir, w->dir};
	struct err e = ERR_INIT;
	memset(&w->nd, 0, sizeof(w->nd));
	twin_offer(&w->kernel);
	twin_sysctls_of(&w->kernel);
	twin_xs_offer(&w->xs);
	if (netd_init(&w->nd, &opt, &e) < 0)
		fail_msg("%s", e.text);
	/* The plugin directory was empty, so netd.conf is read only now. */
	plugins_free(w->nd.plugins);
	w->nd.plugins = plugins_from(modes);
	w->nd.config_path = w->config;
	if (access(w->config, F_OK) == 0 && netd_reload(&w->nd, &e) < 0)
		fail_msg("%s", e.text);
}

void world_stop(struct world *w)
{
	netd_fini(&w->nd);
}

void world_restart(struct world *w)
{
	world_stop(w);
	world_start(w);
	world_settle(w);
}

void world_init_in(struct world *w, uint32_t domid)
{
	char path[64], text[16];
	memset(w, 0, sizeof(*w));
	twin_nat_init();
	log_setup(LOG_ERR - 1);
	signal(SIGPIPE, SIG_IGN);
	strcpy(w->dir, "/tmp/xen-netd-test-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->socket, sizeof(w->socket), "%s/control", w->dir);
	snprintf(w->config, sizeof(w->config), "%s/netd.conf", w->dir);
	twin_init(&w->kernel);
	twin_add(&w->kernel, "br0", "bridge")->link.flags = IFF_UP;
	twin_add(&w->kernel, "br1", "bridge")->link.flags = IFF_UP;
	twin_xs_init(&w->xs);
	w->xs.domid = domid;
	snprintf(path, sizeof(path), "/local/domain/%u/domid", domid);
	snprintf(text, sizeof(text), "%u", domid);
	twin_xs_put(&w->xs, path, text);
	world_start(w);
	world_settle(w);
}

void world_init(struct world *w)
{
	world_init_in(w, 0);
}

void world_fini(struct world *w)
{
	world_stop(w);
	twin_xs_fini(&w->xs);
	char leases[64];
	snprintf(leases, sizeof(leases), "%s/leases", w->dir);
	unlink(leases);
	unlink(w->config);
	assert_int_equal(rmdir(w->dir), 0);
}

void world_configure(struct world *w, const char *text)
{
	struct err e = ERR_INIT;
	FILE *f = fopen(w->config, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	if (netd_reload(&w->nd, &e) < 0)
		fail_msg("%s", e.text);
}

void world_settle(struct world *w)
{
	twin_clock_settle(w->nd.event);
}

void world_advance(struct world *w, uint64_t usec)
{
	twin_clock_advance(usec);
	world_settle(w);
}

/* ---- the toolstack and netback ---- */

void world_put(struct world *w, const char *path, const char *value)
{
	twin_xs_put(&w->xs, path, value);
}

const char *world_get(const struct world *w, const char *path)
{
	return twin_xs_get(&w->xs, path) ?: "-";
}

static void put_under(struct world *w, const char *dir, const char *name, const char *value)
{
	char path[160];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	world_put(w, path, value);
}

static void backend_dir(const struct world *w, uint32_t devid, char *dir, size_t size)
{
	snprintf(dir, size, "/local/domain/%u/backend/vif/5/%u", w->xs.domid, devid);
}

void world_add_vif(struct world *w, uint32_t devid, const char *type)
{
	char be[96], fe[96], text[32];
	backend_dir(w, devid, be, sizeof(be));
	snprintf(fe, sizeof(fe), "/local/domain/5/device/vif/%u", devid);
	world_put(w, "/local/domain/5/name", "web1");
	world_put(w, "/local/domain/5/vm", "/vm/5e9b2a4c-0000-4000-8000-1234567890ab");
	world_put(w, be, ""); /* libxl makes the directory by itself, for its permissions */
	put_under(w, fe, "state", "1");
	put_under(w, fe, "mtu", "1500");
	put_under(w, be, "frontend", fe);
	put_under(w, be, "frontend-id", "5");
	put_under(w, be, "online", "1");
	put_under(w, be, "state", "1");
	put_under(w, be, "script", WORLD_HELPER);
	snprintf(text, sizeof(text), "00:16:3e:00:00:%02x", devid + 1);
	put_under(w, be, "mac", text);
	put_under(w, be, "bridge", "br0");
	snprintf(text, sizeof(text), "%u", devid);
	put_under(w, be, "handle", text);
	put_under(w, be, "type", type);
	put_under(w, be, "hotplug-status", "");
}

void world_probe(struct world *w, uint32_t devid)
{
	char be[96], name[IFNAMSIZ];
	backend_dir(w, devid, be, sizeof(be));
	put_under(w, be, "feature-sg", "1");
	put_under(w, be, "state", "2");
	snprintf(name, sizeof(name), "vif5.%u", devid);
	struct twin_link *t = twin_add(&w->kernel, name, "");
	snprintf(t->link.parent, sizeof(t->link.parent), "vif-5-%u", devid);
	t->link.max_mtu = 65517;
	twin_notify(&w->kernel);
}

void world_connect(struct world *w)
{
	world_put(w, FE "/state", "4");
	if (!strcmp(world_get(w, BE "/hotplug-status"), "connected"))
		world_put(w, BE "/state", "4");
	world_settle(w);
}

void world_attach(struct world *w)
{
	world_add_vif(w, 0, "vif");
	world_settle(w);
	world_probe(w, 0);
	world_settle(w);
	int fd = world_helper(w, "online");
	assert_string_equal(world_answer(w, fd), "ok");
	world_connect(w);
	world_assert_connected(w);
	assert_string_equal(world_get(w, BE "/state"), "4");
}

struct twin_link *world_link(struct world *w, const char *name)
{
	struct twin_link *t = twin_find(&w->kernel, name);
	if (!t)
		fail_msg("there is no device %s", name);
	return t;
}

void world_del_link(struct world *w, const char *name)
{
	twin_del(&w->kernel, name);
	twin_notify(&w->kernel);
}

/* ---- the helper ---- */

int world_ask(struct world *w, const char *action, const char *type, const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	char line[256];
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", w->socket);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	int n = snprintf(
		line, sizeof(line),
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hotplug\",\"params\":{\"action\":"
		"\"%s\",\"type\":\"%s\",\"path\":\"%s\"}}\n",
		action, type, path);
	assert_int_equal(send(fd, line, n, MSG_NOSIGNAL), n);
	return fd;
}

int world_helper(struct world *w, const char *action)
{
	bool tap = !strcmp(action, "add") || !strcmp(action, "remove");
	return world_ask(w, action, tap ? "tap" : "vif", "backend/vif/5/0");
}

const char *world_answer(struct world *w, int fd)
{
	static char text[1024];
	char line[2048];
	world_settle(w);
	ssize_t n = recv(fd, line, sizeof(line), 0);
	if (n < 0 && errno == EAGAIN)
		return "";
	close(fd);
	json_t *o = n > 0 ? json_loadb(line, n, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
	if (!o)
		return "the connection was closed";
	const char *m = json_string_value(
		json_object_get(json_object_get(o, "error"), "message"));
	snprintf(text, sizeof(text), "%s", m ?: json_object_get(o, "result") ? "ok" : "neither");
	if (m)
		snprintf(text, sizeof(text), "%s", m);
	json_decref(o);
	return text;
}

/* ---- what is ---- */

const char *world_status(struct world *w, uint32_t devid)
{
	static char text[ERR_TEXT_SIZE + 16];
	const struct vif *v = vifs_find(&w->nd.vifs, (struct vif_key){5, devid});
	if (!v)
		return "gone";
	snprintf(text, sizeof(text), "%s%s%s", vif_state_name(v->status.state),
		 v->status.reason ? ": " : "", v->status.reason ?: "");
	return text;
}

void world_assert_wired(struct world *w, const char *name, const char *bridge)
{
	const struct twin_link *t = world_link(w, name), *br = world_link(w, bridge);
	static const uint8_t mac[HOSTIF_ALEN] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};
	if (t->link.master != br->link.ifindex)
		fail_msg("%s is no port of %s", name, bridge);
	assert_true(t->link.flags & IFF_UP);
	assert_true(t->link.v6_quiet);
	assert_memory_equal(t->link.mac, mac, sizeof(mac));
	assert_memory_equal(t->link.alias, "xen-netd vif5.", 14);
}

void world_assert_unwired(struct world *w, const char *name)
{
	const struct twin_link *t = world_link(w, name);
	assert_int_equal(t->link.master, 0);
	assert_false(t->link.flags & IFF_UP);
}

void world_assert_connected(struct world *w)
{
	char be[96], path[128];
	backend_dir(w, 0, be, sizeof(be));
	snprintf(path, sizeof(path), "%s/hotplug-status", be);
	assert_string_equal(world_get(w, path), "connected");
	snprintf(path, sizeof(path), "%s/hotplug-error", be);
	assert_string_equal(world_get(w, path), "-");
	assert_string_equal(world_status(w, 0), "connected");
	world_assert_wired(w, "vif5.0", "br0");
}
