// SPDX-License-Identifier: GPL-2.0-or-later
/* config-build: the meaning of the blocks of netd.conf, checked one by one. */
#include "config-priv.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PATTERN_MAX = 255,
	UUID_LEN = 36,
};

int conf_no_memory(struct conf_build *bd)
{
	return err_sysf(bd->e, -ENOMEM, "keep the configuration");
}

/* All our words for a place in a file. */
static char *place(const struct conf_file *f, unsigned int line)
{
	char *at;

	return asprintf(&at, "%s:%u", f->shown, line) < 0 ? NULL : at;
}

/*
 * Puts the place before the text; the code becomes -EINVAL, for a file with a mistake in it is
 * nothing like a file that is not there.
 */
int conf_blame(struct conf_build *bd, const struct conf_file *f, unsigned int line)
{
	int code = bd->e->code == -ENOMEM ? -ENOMEM : -EINVAL;

	return err_setf(bd->e, code, "%s:%u: %s", f->shown, line, bd->e->text);
}

/* The mode's option @name, or NULL. */
static const struct option_spec *find_spec(const struct plugin *p, const char *name)
{
	for (size_t i = 0; i < p->n_options; i++)
		if (!strcmp(p->options[i].name, name))
			return &p->options[i];
	return NULL;
}

/* The place of an option of every network, or -1. */
static int find_common(const char *name)
{
	for (int i = 0; i < NETWORK_OPT_COUNT; i++)
		if (!strcmp(network_options()[i].name, name))
			return i;
	return -1;
}

/* "mode", the names of @p's options (all modes' without @p), every network's. For free(); or NULL. */
const char **conf_option_words(const struct plugins *ps, const struct plugin *p)
{
	const struct plugin *at;
	size_t max = 2 + NETWORK_OPT_COUNT, n = 0;
	for (size_t i = 0; (at = plugins_at(ps, i)); i++)
		max += at->n_options;
	const char **words = calloc(max, sizeof(*words));
	if (!words)
		return NULL;

	words[n++] = "mode";
	for (size_t i = 0; (at = plugins_at(ps, i)); i++)
		for (size_t k = 0; (!p || p == at) && k < at->n_options; k++) {
			size_t same = 0;
			while (same < n && strcmp(words[same], at->options[k].name))
				same++;
			if (same == n)
				words[n++] = at->options[k].name;
		}
	for (int i = 0; i < NETWORK_OPT_COUNT; i++)
		words[n++] = network_options()[i].name;
	return words;
}

/* "bridge, route": the modes that have an option @name. */
static void list_owners(const struct plugins *ps, const char *name, char *buf, size_t size)
{
	const struct plugin *at;
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; (at = plugins_at(ps, i)) && used < size; i++)
		if (find_spec(at, name))
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
						 at->mode);
}

static int no_option(struct conf_build *bd, const struct plugin *p, const char *name)
{
	char list[CONF_LIST_SIZE], hint[CONF_HINT_SIZE], owners[CONF_LIST_SIZE];
	const char **words = conf_option_words(bd->plugins, p);
	if (!words)
		return conf_no_memory(bd);
	list_owners(bd->plugins, name, owners, sizeof(owners));
	option_list(words, list, sizeof(list));
	if (p && owners[0])
		err_setf(bd->e, -EINVAL,
			 "option \"%.63s\" belongs to mode %s, and this network has mode %s, whose "
			 "options are %s",
			 name, owners, p->mode, list);
	else
		err_setf(bd->e, -EINVAL, "unknown option \"%.63s\"; options%s%s are %s%s", name,
			 p ? " of mode " : "", p ? p->mode : "", list,
			 option_hint(name, words, hint, sizeof(hint)));
	free(words);
	return -EINVAL;
}

static int no_mode(struct conf_build *bd)
{
	char list[CONF_LIST_SIZE];
	const struct plugin *p;
	size_t used = 0;

	snprintf(list, sizeof(list), "none");
	for (size_t i = 0; (p = plugins_at(bd->plugins, i)) && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "",
					 p->mode);
	return err_setf(bd->e, -EINVAL, "no mode; write mode = MODE with one of: %s", list);
}

static int find_mode(struct conf_build *bd, const struct conf_file *f, const struct conf_block *b,
		     const struct plugin **p)
{
	const struct conf_opt *mode = conf_opt(b, "mode");

	if (!mode) {
		no_mode(bd);
		err_wrapf(bd->e, "network %s", b->title);
		return conf_blame(bd, f, b->line);
	}
	*p = plugins_find(bd->plugins, mode->value, bd->e);
	return *p ? 0 : conf_blame(bd, f, mode->line);
}

/* libconfuse met a word that it was not told of. What may stand there depends on the block. */
int conf_explain_unknown(struct conf_build *bd, const struct conf_file *f)
{
	static const char *const outside[] = {"network", "domain", "default-network", NULL};
	static const char *const domain[] = {"network", "antispoof", NULL};
	const struct conf_block *b = &f->blocks[f->unknown_block];
	const struct plugin *p = NULL;
	char list[CONF_LIST_SIZE], hint[CONF_HINT_SIZE];

	if (b->in) {
		conf_no_nested_option(bd, b, f->unknown);
	} else if (!strcmp(b->kind, "network")) {
		/* Without the mode's plugin its options are unknown: that is the cause to tell. */
		if (conf_opt(b, "mode") && find_mode(bd, f, b, &p))
			return bd->e->code;
		no_option(bd, p, f->unknown);
	} else {
		const char *const *words = f->unknown_block ? domain : outside;
		err_setf(bd->e, -EINVAL, "unknown word \"%.63s\"; allowed %s: %s%s", f->unknown,
			 f->unknown_block ? "in a domain block" : "outside of blocks",
			 option_list(words, list, sizeof(list)),
			 option_hint(f->unknown, words, hint, sizeof(hint)));
	}
	return conf_blame(bd, f, f->unknown_line);
}

static bool name_ok(const char *s)
{
	size_t n = strlen(s);

	for (const char *p = s; *p; p++)
		if (!isalnum((unsigned char)*p) && (p == s || !strchr("._-", *p)))
			return false;
	return n && n < NETWORK_NAME_SIZE;
}

static int check_name(struct conf_build *bd, const struct conf_block *b)
{
	if (!name_ok(b->title))
		return err_setf(bd->e, -EINVAL,
				"network name \"%.80s\"; allowed are 1 to %d letters, digits and "
				"\".\", \"_\", \"-\", with a letter or digit first",
				b->title, NETWORK_NAME_SIZE - 1);
	for (size_t i = 0; i < bd->c->n_networks; i++)
		if (!strcmp(bd->c->networks[i].name, b->title))
			return err_setf(bd->e, -EINVAL, "network %s is defined already at %s",
					b->title, bd->network_at[i]);
	return 0;
}

/* Makes room in both arrays; the new network has a name and a plugin, and no options. */
static struct network *append_network(struct conf_build *bd, const struct conf_file *f,
				      const struct conf_block *b, const struct plugin *p)
{
	struct config *c = bd->c;
	void *networks = reallocarray(c->networks, c->n_networks + 1, sizeof(*c->networks));
	if (networks)
		c->networks = networks;
	void *places = reallocarray(bd->network_at, c->n_networks + 1, sizeof(*bd->network_at));
	if (places)
		bd->network_at = places;
	struct option_value *values = calloc(p->n_options + 1, sizeof(*values));
	char *at = place(f, b->line);
	if (!networks || !places || !values || !at) {
		free(values);
		free(at);
		conf_no_memory(bd);
		return NULL;
	}

	bd->network_at[c->n_networks] = at;
	struct network *n = &c->networks[c->n_networks++];
	*n = (struct network){.plugin = p, .values = values};
	snprintf(n->name, sizeof(n->name), "%s", b->title);
	return n;
}

static int set_option(struct conf_build *bd, const struct conf_opt *o, struct network *n)
{
	const struct option_spec *spec = find_spec(n->plugin, o->name);
	int common = find_common(o->name);
	if (spec)
		return option_parse(spec, o->value, &n->values[spec - n->plugin->options], bd->e);
	if (common >= 0)
		return option_parse(&network_options()[common], o->value, &n->common[common], bd->e);
	return no_option(bd, n->plugin, o->name);
}

static int set_options(struct conf_build *bd, const struct conf_file *f, const struct conf_block *b,
		       struct network *n)
{
	for (size_t i = 0; i < b->n_opts; i++) {
		const struct conf_opt *o = &b->opts[i];
		if (!strcmp(o->name, "mode"))
			continue;
		int r = set_option(bd, o, n);
		if (r) {
			err_wrapf(bd->e, "network %s", n->name);
			return conf_blame(bd, f, o->line);
		}
	}
	return 0;
}

static int add_network(struct conf_build *bd, const struct conf_file *f, const struct conf_block *b)
{
	const struct plugin *p;

	if (check_name(bd, b))
		return conf_blame(bd, f, b->line);
	int r = find_mode(bd, f, b, &p);
	if (r)
		return r;
	struct network *n = append_network(bd, f, b, p);
	if (!n)
		return -ENOMEM;
	r = set_options(bd, f, b, n) ?: conf_add_nested(bd, f, b - f->blocks, n);
	if (!r && p->check && p->check(n, bd->e)) {
		err_wrapf(bd->e, "network %s", n->name);
		r = conf_blame(bd, f, b->line);
	}
	return r;
}

static bool is_uuid(const char *s)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'x' ? !isxdigit((unsigned char)s[i]) : s[i] != form[i])
			return false;
	return !s[UUID_LEN];
}

/* "00:16:3e:*" would be a glob that no domain's name ever matches: surely a MAC was meant. */
static bool nearly_mac(const char *s)
{
	const char *colon = strchr(s, ':');

	return colon && strchr(colon + 1, ':') && !s[strspn(s, "0123456789abcdefABCDEFxX:*?")];
}

static int check_pattern(struct conf_build *bd, const char *s, enum rule_kind *kind)
{
	uint8_t mac[HOSTIF_ALEN];

	*kind = vif_mac_parse(s, mac) ? RULE_MAC : is_uuid(s) ? RULE_UUID : RULE_NAME;
	if (*kind != RULE_NAME)
		return 0;
	if (nearly_mac(s))
		return err_setf(bd->e, -EINVAL,
				"domain \"%.63s\" is no MAC; allowed are six pairs of hexadecimal "
				"digits, as in 00:16:3e:5f:48:e4",
				s);
	for (const char *p = s; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			return err_setf(bd->e, -EINVAL,
					"domain \"%.63s\"; allowed is printable ASCII, with "
					"\"?\" for every other byte",
					s);
	if (!*s || strlen(s) > PATTERN_MAX)
		return err_setf(bd->e, -EINVAL, "domain \"%.63s\"; allowed are 1 to %d bytes", s,
				PATTERN_MAX);
	return 0;
}

static int check_rule(struct conf_build *bd, const struct conf_block *b, enum rule_kind *kind)
{
	int r = check_pattern(bd, b->title, kind);
	if (r)
		return r;
	for (size_t i = 0; i < bd->c->n_rules; i++) {
		const struct rule *other = &bd->c->rules[i];
		bool same = *kind == RULE_NAME ? !strcmp(other->pattern, b->title)
					       : !strcasecmp(other->pattern, b->title);
		if (same)
			return err_setf(bd->e, -EINVAL,
					"domain \"%.63s\" has a block already at %s", b->title,
					other->where);
	}
	if (!conf_opt(b, "network") && !conf_opt(b, "antispoof"))
		return err_setf(bd->e, -EINVAL,
				"domain \"%.63s\" has no network; write network = NAME", b->title);
	return 0;
}

static int add_rule(struct conf_build *bd, const struct conf_file *f, const struct conf_block *b)
{
	struct config *c = bd->c;
	enum rule_kind kind;

	if (check_rule(bd, b, &kind))
		return conf_blame(bd, f, b->line);
	void *rules = reallocarray(c->rules, c->n_rules + 1, sizeof(*c->rules));
	if (!rules)
		return conf_no_memory(bd);
	c->rules = rules;
	struct rule *rule = &c->rules[c->n_rules++];
	const struct conf_opt *network = conf_opt(b, "network"), *anti = conf_opt(b, "antispoof");
	*rule = (struct rule){
		.kind = kind,
		.pattern = strdup(b->title),
		.network = network ? strdup(network->value) : NULL,
		.where = place(f, b->line),
	};
	if (!rule->pattern || !rule->network == !!network || !rule->where)
		return conf_no_memory(bd);
	if (anti && option_parse(&network_options()[NETWORK_ANTISPOOF], anti->value, &rule->antispoof,
				 bd->e)) {
		err_wrapf(bd->e, "domain \"%.63s\"", b->title);
		return conf_blame(bd, f, anti->line);
	}
	return 0;
}

static int set_default(struct conf_build *bd, const struct conf_file *f,
		       const struct conf_block *outside)
{
	const struct conf_opt *o = conf_opt(outside, "default-network");

	if (!o)
		return 0;
	if (bd->c->default_network) {
		err_setf(bd->e, -EINVAL, "default-network is set already at %s", bd->default_at);
		return conf_blame(bd, f, o->line);
	}
	bd->c->default_network = strdup(o->value);
	bd->default_at = place(f, o->line);
	return bd->c->default_network && bd->default_at ? 0 : conf_no_memory(bd);
}

int conf_add_blocks(struct conf_build *bd, const struct conf_file *f)
{
	int r = set_default(bd, f, &f->blocks[0]);

	for (size_t i = 1; !r && i < f->n_blocks; i++) {
		const struct conf_block *b = &f->blocks[i];
		if (!b->in) /* the others belong to their network's */
			r = !strcmp(b->kind, "network") ? add_network(bd, f, b) : add_rule(bd, f, b);
	}
	return r;
}
