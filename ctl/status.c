// SPDX-License-Identifier: GPL-2.0-or-later
/* status: the daemon's answer to "status", sorted and linked. */
#include "status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto.h"
#include "text.h"

static int no_memory(struct err *e)
{
	return err_setf(e, -ENOMEM, "out of memory");
}

int status_clean(json_t *json, bool ascii, struct err *e)
{
	const char *key;
	json_t *value;
	size_t i;
	int r;
	if (json_is_string(json)) {
		char *clean = text_clean(json_string_value(json), ascii);
		r = clean ? json_string_set(json, clean) : -1;
		free(clean);
		return r ? no_memory(e) : 0;
	}
	json_object_foreach(json, key, value)
		if ((r = status_clean(value, ascii, e)) < 0)
			return r;
	json_array_foreach(json, i, value)
		if ((r = status_clean(value, ascii, e)) < 0)
			return r;
	return 0;
}

/* jansson answers NULL, 0 and false for what is missing or of another type. */
static const char *str(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

/* There is nothing to tell below 0; a fraction is of another type. */
static int64_t num(const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));
	return n < 0 ? 0 : n;
}

static bool yes(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

/* A name is what lists are sorted by and searched for: never NULL. */
static const char *name_of(const json_t *o)
{
	const char *name = str(o, "name");
	return name ? name : "?";
}

static enum status_state state_of(const json_t *o)
{
	static const char *const names[] = {
		[STATUS_CONNECTED] = "connected",
		[STATUS_WAITING] = "waiting",
		[STATUS_ERROR] = "error",
		[STATUS_UNMANAGED] = "unmanaged",
	};
	const char *name = str(o, "state");
	for (int s = 0; name && s < STATUS_STATE_COUNT; s++)
		if (!strcmp(name, names[s]))
			return s;
	return STATUS_ERROR;
}

static char *join(const json_t *array)
{
	size_t i, len = 1;
	const json_t *item;
	json_array_foreach(array, i, item)
		len += json_string_length(item) + 1;
	char *text = malloc(len), *p = text;
	if (!text)
		return NULL;
	*p = '\0';
	json_array_foreach(array, i, item) {
		if (!json_string_length(item))
			continue;
		if (p != text)
			*p++ = ' ';
		p = stpcpy(p, json_string_value(item));
	}
	return text;
}

static int read_vif(struct status_vif *v, json_t *o)
{
	*v = (struct status_vif){
		.json = o,
		.name = name_of(o),
		.domain = str(o, "domain"),
		.mac = str(o, "mac"),
		.mode = str(o, "mode"),
		.network = str(o, "network"),
		.chosen_by = str(o, "chosen-by"),
		.bridge = str(o, "bridge"),
		.reason = str(o, "reason"),
		.vlan = str(o, "vlan"),
		.emulated = str(o, "emulated"),
		.drops = json_object_get(o, "drops"),
		.addresses = join(json_object_get(o, "addresses")),
		.domid = num(o, "domid"),
		.devid = num(o, "devid"),
		.mtu = num(o, "mtu"),
		.since = num(o, "since"),
		.state = state_of(o),
	};
	return v->addresses ? 0 : -ENOMEM;
}

static void read_bridge(struct status_bridge *b, json_t *o)
{
	*b = (struct status_bridge){
		.json = o,
		.name = name_of(o),
		.uplinks = json_object_get(o, "uplinks"),
		.mtu = num(o, "mtu"),
		.up = yes(o, "up"),
		.vlan_filtering = yes(o, "vlan-filtering"),
	};
}

static void read_network(struct status_network *n, json_t *o)
{
	*n = (struct status_network){
		.json = o,
		.name = name_of(o),
		.mode = str(o, "mode"),
		.bridge_name = str(o, "bridge"),
		.source = str(o, "source"),
		.hints = json_object_get(o, "hints"),
	};
}

static int by_number(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Within networks 0, managed without one 1, unmanaged 2. */
static int rank(const struct status_vif *v)
{
	if (v->state == STATUS_UNMANAGED)
		return 2;
	return v->network ? 0 : 1;
}

static int compare_vifs(const void *pa, const void *pb)
{
	const struct status_vif *a = pa, *b = pb;
	int r = rank(a) - rank(b);
	if (!r && !rank(a))
		r = strcmp(a->network, b->network);
	if (!r)
		r = by_number(a->domid, b->domid);
	return r ? r : by_number(a->devid, b->devid);
}

static int compare_networks(const void *a, const void *b)
{
	return strcmp(((const struct status_network *)a)->name,
		      ((const struct status_network *)b)->name);
}

static int compare_bridges(const void *a, const void *b)
{
	return strcmp(((const struct status_bridge *)a)->name,
		      ((const struct status_bridge *)b)->name);
}

/* Arrays are never NULL, which qsort() must not see, and have room for one more than @n. */
static int allocate(struct status *s, size_t networks, size_t bridges, size_t vifs)
{
	/* Each vif might speak of a network that the list lacks. */
	s->networks = calloc(networks + vifs + 1, sizeof(*s->networks));
	s->bridges = calloc(bridges + 1, sizeof(*s->bridges));
	s->vifs = calloc(vifs + 1, sizeof(*s->vifs));
	return s->networks && s->bridges && s->vifs ? 0 : -ENOMEM;
}

static int read_lists(struct status *s, json_t *networks, json_t *bridges, json_t *vifs)
{
	json_t *o;
	size_t i;
	if (allocate(s, json_array_size(networks), json_array_size(bridges),
		     json_array_size(vifs)) < 0)
		return -ENOMEM;
	json_array_foreach(networks, i, o)
		read_network(&s->networks[s->n_networks++], o);
	json_array_foreach(bridges, i, o)
		read_bridge(&s->bridges[s->n_bridges++], o);
	json_array_foreach(vifs, i, o)
		if (read_vif(&s->vifs[s->n_vifs++], o) < 0)
			return -ENOMEM;
	qsort(s->networks, s->n_networks, sizeof(*s->networks), compare_networks);
	qsort(s->bridges, s->n_bridges, sizeof(*s->bridges), compare_bridges);
	qsort(s->vifs, s->n_vifs, sizeof(*s->vifs), compare_vifs);
	return 0;
}

static bool is_listed(const struct status *s, size_t n, const char *network)
{
	const struct status_network key = {.name = network};
	return bsearch(&key, s->networks, n, sizeof(key), compare_networks);
}

/* A network that vanished from the configuration still has the vifs that are on it. */
static void add_unlisted_networks(struct status *s)
{
	size_t listed = s->n_networks;
	const char *last = NULL;
	for (size_t i = 0; i < s->n_vifs && !rank(&s->vifs[i]); i++) {
		const struct status_vif *v = &s->vifs[i];
		if (last && !strcmp(v->network, last))
			continue;
		last = v->network;
		if (!is_listed(s, listed, last))
			s->networks[s->n_networks++] = (struct status_network){
				.name = last, .mode = v->mode, .bridge_name = v->bridge};
	}
	qsort(s->networks, s->n_networks, sizeof(*s->networks), compare_networks);
}

static struct status_bridge *find_bridge(struct status *s, const char *name)
{
	const struct status_bridge key = {.name = name};
	return name ? bsearch(&key, s->bridges, s->n_bridges, sizeof(key), compare_bridges) : NULL;
}

/* Mostly one thing chose a network for all of its vifs: told once, it leaves room in the lines. */
static void find_common_choice(struct status_network *n, struct status_vif *vifs)
{
	const char *by = n->n_vifs ? vifs[0].chosen_by : NULL;
	for (size_t i = 0; by && i < n->n_vifs; i++)
		if (!vifs[i].chosen_by || strcmp(vifs[i].chosen_by, by))
			by = NULL;
	n->chosen_by = by;
	for (size_t i = 0; i < n->n_vifs; i++)
		vifs[i].alike = by;
}

static void link_up(struct status *s)
{
	size_t at = 0;
	for (size_t i = 0; i < s->n_networks; i++) {
		struct status_network *n = &s->networks[i];
		struct status_bridge *b = find_bridge(s, n->bridge_name);
		if (b)
			b->used = true;
		n->bridge = b;
		n->first = at;
		while (at < s->n_vifs && !rank(&s->vifs[at]) &&
		       !strcmp(s->vifs[at].network, n->name))
			at++;
		n->n_vifs = at - n->first;
		find_common_choice(n, s->vifs + n->first);
	}
	for (size_t i = 0; i < s->n_vifs; i++) {
		s->count[s->vifs[i].state]++;
		s->n_stray += rank(&s->vifs[i]) == 1;
		s->n_unmanaged += rank(&s->vifs[i]) == 2;
	}
}

int status_init(struct status *s, json_t *result, struct err *e)
{
	json_t *networks = json_object_get(result, "networks");
	json_t *bridges = json_object_get(result, "bridges");
	json_t *vifs = json_object_get(result, "vifs");
	const char *store = str(result, "store");
	*s = (struct status){
		.result = result,
		.uptime = num(result, "uptime"),
		.store_lost = store && strcmp(store, "connected"),
	};
	if (num(result, "version") != PROTO_VERSION)
		return err_setf(e, -EPROTO,
				"xen-netd speaks another version of the protocol than xnetctl; "
				"restart it: systemctl restart xen-netd");
	if (!json_is_array(networks) || !json_is_array(vifs))
		return err_setf(e, -EPROTO, "xen-netd's answer lacks its networks or vifs");
	if (read_lists(s, networks, bridges, vifs) < 0)
		return no_memory(e);
	add_unlisted_networks(s);
	link_up(s);
	return 0;
}

void status_fini(struct status *s)
{
	for (size_t i = 0; s->vifs && i < s->n_vifs; i++)
		free(s->vifs[i].addresses);
	free(s->networks);
	free(s->bridges);
	free(s->vifs);
	json_decref(s->result);
	*s = (struct status){.result = NULL};
}

bool status_is_well(const struct status *s)
{
	return !s->count[STATUS_ERROR] && !s->store_lost;
}

/* Appends to @array a copy of @o with just @members, in their order; null for what is missing. */
static int add_public(json_t *array, const json_t *o, const char *const *members)
{
	json_t *copy = json_object();
	int r = json_array_append_new(array, copy);
	for (; !r && *members; members++) {
		json_t *value = json_object_get(o, *members);
		r = value ? json_object_set(copy, *members, value)
			  : json_object_set_new(copy, *members, json_null());
	}
	return r;
}

json_t *status_json(const struct status *s)
{
	static const char *const network[] = {"name", "mode", "bridge", "source", "hints", NULL};
	static const char *const vif[] = {"name", "domid",     "devid",	  "domain", "uuid",
					  "mac",  "mode",      "network", "chosen-by", "bridge",
					  "ifindex", "mtu",    "addresses", "state", "reason",
					  "since", "via", "filter", "drops", NULL};
	json_t *networks = json_array(), *vifs = json_array();
	int r = networks && vifs ? 0 : -1;
	for (size_t i = 0; !r && i < s->n_networks; i++)
		if (s->networks[i].json)
			r = add_public(networks, s->networks[i].json, network);
	for (size_t i = 0; !r && i < s->n_vifs; i++)
		r = add_public(vifs, s->vifs[i].json, vif);
	if (r) {
		json_decref(networks);
		json_decref(vifs);
		return NULL;
	}
	return json_pack("{s:i, s:o, s:o}", "version", PROTO_VERSION, "networks", networks, "vifs",
			 vifs);
}
