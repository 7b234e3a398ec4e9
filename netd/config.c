// SPDX-License-Identifier: GPL-2.0-or-later
/* config: reading netd.conf and its directory, and looking things up in what was read. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config-priv.h"

static int load(struct conf_build *bd, const char *path);

int config_load(const char *path, const struct plugins *plugins, struct config **out,
		struct err *e)
{
	struct err unread = ERR_INIT;
	struct conf_build bd = {.plugins = plugins, .e = e ? e : &unread};

	bd.c = calloc(1, sizeof(*bd.c));
	int r = bd.c ? load(&bd, path) : err_sysf(bd.e, -ENOMEM, "read %s", path);
	for (size_t i = 0; bd.network_at && i < bd.c->n_networks; i++)
		free(bd.network_at[i]);
	free(bd.network_at);
	free(bd.default_at);
	free(bd.words);
	conf_nests_free(bd.nests);
	if (r)
		config_free(bd.c);
	else
		*out = bd.c;
	return r;
}

static void network_fini(struct network *n)
{
	for (size_t i = 0; n->values && i < n->plugin->n_options; i++)
		option_clear(&n->values[i]);
	free(n->values);
	conf_nested_fini(n);
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_networks; i++)
		network_fini(&c->networks[i]);
	for (size_t i = 0; i < c->n_rules; i++) {
		free(c->rules[i].pattern);
		free(c->rules[i].network);
		free(c->rules[i].where);
	}
	free(c->networks);
	free(c->rules);
	free(c->default_network);
	free(c);
}

const struct network *config_network(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_networks; i++)
		if (!strcmp(c->networks[i].name, name))
			return &c->networks[i];
	return NULL;
}

int config_no_network(const struct config *c, const char *name, struct err *e)
{
	char list[CONF_LIST_SIZE], hint[CONF_HINT_SIZE];
	const char **names = calloc(c->n_networks + 1, sizeof(*names));
	if (!names)
		return err_sysf(e, -ENOMEM, "look for network \"%.63s\"", name);
	for (size_t i = 0; i < c->n_networks; i++)
		names[i] = c->networks[i].name;
	int r = err_setf(e, -ENOENT, "network \"%.63s\" is not defined; networks: %s%s", name,
			 option_list(names, list, sizeof(list)),
			 option_hint(name, names, hint, sizeof(hint)));
	free(names);
	return r;
}

static bool rule_matches(const struct rule *rule, const struct vif_req *req)
{
	uint8_t mac[HOSTIF_ALEN];

	switch (rule->kind) {
	case RULE_NAME:
		return !fnmatch(rule->pattern, req->domain, 0);
	case RULE_UUID:
		return !strcasecmp(rule->pattern, req->uuid);
	case RULE_MAC:
		return vif_mac_parse(rule->pattern, mac) && !memcmp(mac, req->mac, sizeof(mac));
	}
	return false;
}

const struct rule *config_rule(const struct config *c, const struct vif_req *req)
{
	for (size_t i = 0; i < c->n_rules; i++)
		if (c->rules[i].network && rule_matches(&c->rules[i], req))
			return &c->rules[i];
	return NULL;
}

struct option_value config_antispoof(const struct config *c, const struct vif_req *req)
{
	for (size_t i = 0; i < c->n_rules; i++)
		if (c->rules[i].antispoof.set && rule_matches(&c->rules[i], req))
			return c->rules[i].antispoof;
	return (struct option_value){.set = false};
}

static int load_file(struct conf_build *bd, const char *path, const char *shown)
{
	struct conf_file f = {.path = path, .shown = shown};
	char *text = NULL;
	int r = conf_text_load(&f, &text, bd->e);

	if (!r)
		r = conf_parse(&f, text, bd->words, bd->nests, bd->e);
	if (r > 0)
		r = conf_explain_unknown(bd, &f);
	else if (!r)
		r = conf_add_blocks(bd, &f);
	conf_file_fini(&f);
	free(text);
	return r;
}

static int is_conf(const struct dirent *de)
{
	const char *dot = strrchr(de->d_name, '.');

	return de->d_name[0] != '.' && dot && !strcmp(dot, ".conf");
}

/* Not alphasort(), which sorts as the locale says. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* @shown is the end of @dir that is shown, and so is that of the path. */
static int load_dir_entry(struct conf_build *bd, const char *dir, const char *shown,
			  const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return conf_no_memory(bd);
	int r = load_file(bd, path, path + (shown - dir));
	free(path);
	return r;
}

static int load_dir(struct conf_build *bd, const char *dir, const char *shown)
{
	struct dirent **list;
	int r = 0, n = scandir(dir, &list, is_conf, by_bytes);
	if (n < 0)
		return errno == ENOENT ? 0 : err_sysf(bd->e, -errno, "read directory %s", dir);
	for (int i = 0; i < n; i++) {
		if (!r)
			r = load_dir_entry(bd, dir, shown, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return r;
}

/* A network may be defined behind its first use and in another file: looked at last. */
static int check_names(struct conf_build *bd)
{
	const struct config *c = bd->c;

	for (size_t i = 0; i < c->n_rules; i++)
		if (c->rules[i].network && !config_network(c, c->rules[i].network)) {
			config_no_network(c, c->rules[i].network, bd->e);
			return err_setf(bd->e, -EINVAL, "%s: domain \"%.63s\": %s",
					c->rules[i].where, c->rules[i].pattern, bd->e->text);
		}
	if (c->default_network && !config_network(c, c->default_network)) {
		config_no_network(c, c->default_network, bd->e);
		return err_setf(bd->e, -EINVAL, "%s: default-network: %s", bd->default_at,
				bd->e->text);
	}
	return 0;
}

/* A link to nowhere is not a missing file: the configuration is elsewhere, and that is gone. */
static bool missing(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 && errno == ENOENT;
}

static int load(struct conf_build *bd, const char *path)
{
	char *dir = NULL;
	const char *slash = strrchr(path, '/');
	size_t base = slash ? (size_t)(slash + 1 - path) : 0;

	bd->words = conf_option_words(bd->plugins, NULL);
	bd->nests = conf_nests(bd->plugins);
	if (!bd->words || !bd->nests || asprintf(&dir, "%s.d", path) < 0)
		return conf_no_memory(bd);
	int r = missing(path) ? 0 : load_file(bd, path, path + base);
	if (!r)
		r = load_dir(bd, dir, dir + base);
	if (!r)
		r = check_names(bd);
	free(dir);
	return r;
}
