// SPDX-License-Identifier: GPL-2.0-or-later
/* config-parse: blocks and options of a configuration file. The only user of libconfuse. */
#include "config-priv.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <confuse.h>

/* An option that every block has by default: see on_open(). No file may hold such a byte. */
#define OPENED "\001opened"

enum { NESTS_MAX = 16 };

struct reader {
	struct conf_file *f;
	cfg_t *root;
	int result; /* of the first complaint */
	struct err *e;
};

/* libconfuse hands no pointer of ours to its callbacks; its scanner is global in any case. */
static struct reader *reading;

static int on_open(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result);
static int on_option(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result);
static void on_error(cfg_t *cfg, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static int add_block(struct reader *rd, const char *kind, const char *title, unsigned int line,
		     const cfg_t *cfg);

static int no_memory(const struct reader *rd)
{
	return err_sysf(rd->e, -ENOMEM, "read %s", rd->f->path);
}

/*
 * In a block: the words, OPENED, and the blocks in it. @return for free(), NULL without memory.
 * @nests: NULL-terminated, may be NULL; @nested runs parallel to it.
 */
static cfg_opt_t *block_opts(const char *const *words, const struct conf_nest *nests,
			     cfg_opt_t **nested)
{
	static char yes[] = "yes";
	size_t n = 0, k = 0;
	while (words[n])
		n++;
	while (nests && nests[k].name)
		k++;
	cfg_opt_t *opts = calloc(n + k + 2, sizeof(*opts));
	if (!opts)
		return NULL;
	opts[0] = (cfg_opt_t)CFG_STR_CB(OPENED, NULL, CFGF_NONE, on_open);
	opts[0].def.parsed = yes;
	for (size_t i = 0; i < n; i++)
		opts[i + 1] = (cfg_opt_t)CFG_STR_CB(words[i], NULL, CFGF_NODEFAULT, on_option);
	for (size_t i = 0; i < k; i++)
		opts[n + 1 + i] = (cfg_opt_t)CFG_SEC(nests[i].name, nested[i], CFGF_MULTI | CFGF_TITLE);
	opts[n + k + 1] = (cfg_opt_t)CFG_END();
	return opts;
}

/* Of what was understood last. */
static unsigned int last_line(const struct conf_file *f)
{
	unsigned int line = 1;

	for (size_t i = 0; i < f->n_blocks; i++) {
		const struct conf_block *b = &f->blocks[i];
		unsigned int last = b->n_opts ? b->opts[b->n_opts - 1].line : b->line;
		line = last > line ? last : line;
	}
	return line;
}

static int run(struct reader *rd, cfg_opt_t *opts, FILE *fp)
{
	rd->root = cfg_init(opts, CFGF_NONE);
	if (!rd->root)
		return no_memory(rd);
	cfg_set_error_function(rd->root, on_error);
	reading = rd;
	int r = cfg_parse_fp(rd->root, fp);
	reading = NULL;
	if (r && !rd->result) /* the one thing that libconfuse refuses without a message */
		rd->result = err_setf(rd->e, -EINVAL, "%s:%u: an empty name, here or below",
				      rd->f->shown, last_line(rd->f));
	cfg_free(rd->root); /* also puts the scanner back to its start */
	return rd->result;
}

static int parse_with(struct reader *rd, char *text, cfg_opt_t *network, cfg_opt_t *domain)
{
	cfg_opt_t top[] = {
		CFG_SEC("network", network, CFGF_MULTI | CFGF_TITLE),
		CFG_SEC("domain", domain, CFGF_MULTI | CFGF_TITLE),
		CFG_STR_CB("default-network", NULL, CFGF_NODEFAULT, on_option),
		CFG_END(),
	};
	FILE *fp = fmemopen(text, strlen(text), "r");
	if (!fp)
		return err_sysf(rd->e, -errno, "read %s", rd->f->path);
	int r = run(rd, top, fp);
	fclose(fp);
	return r;
}

/* libconfuse copies all tables when it begins. */
int conf_parse(struct conf_file *f, char *text, const char *const *network_words,
	       const struct conf_nest *nests, struct err *e)
{
	static const char *const domain_words[] = {"network", "antispoof", NULL};
	struct reader rd = {.f = f, .e = e};
	cfg_opt_t *nested[NESTS_MAX] = {NULL};
	bool ok = true;
	for (size_t i = 0; nests[i].name && i < NESTS_MAX; i++)
		ok = (nested[i] = block_opts(nests[i].words, NULL, NULL)) && ok;
	cfg_opt_t *network = block_opts(network_words, nests, nested);
	cfg_opt_t *domain = block_opts(domain_words, NULL, NULL);
	int r = network && domain && ok ? add_block(&rd, "", "", 1, NULL) : no_memory(&rd);

	if (!r)
		r = parse_with(&rd, text, network, domain);
	for (size_t i = 0; i < NESTS_MAX; i++)
		free(nested[i]);
	free(network);
	free(domain);
	return r;
}

void conf_file_fini(struct conf_file *f)
{
	for (size_t i = 0; i < f->n_blocks; i++) {
		struct conf_block *b = &f->blocks[i];
		for (size_t k = 0; k < b->n_opts; k++) {
			free(b->opts[k].name);
			free(b->opts[k].value);
		}
		free(b->opts);
		free(b->kind);
		free(b->title);
	}
	free(f->blocks);
	free(f->unknown);
	f->blocks = NULL;
	f->unknown = NULL;
	f->n_blocks = 0;
}

const struct conf_opt *conf_opt(const struct conf_block *b, const char *name)
{
	for (size_t i = 0; i < b->n_opts; i++)
		if (!strcmp(b->opts[i].name, name))
			return &b->opts[i];
	return NULL;
}

static size_t last_network(const struct conf_file *f)
{
	size_t i = f->n_blocks;
	while (i && strcmp(f->blocks[i - 1].kind, "network"))
		i--;
	return i ? i - 1 : 0;
}

static int add_block(struct reader *rd, const char *kind, const char *title, unsigned int line,
		     const cfg_t *cfg)
{
	struct conf_file *f = rd->f;
	bool top = !strcmp(kind, "network") || !strcmp(kind, "domain");
	size_t in = top ? 0 : last_network(f);
	void *blocks = reallocarray(f->blocks, f->n_blocks + 1, sizeof(*f->blocks));
	if (!blocks)
		return no_memory(rd);
	f->blocks = blocks;
	struct conf_block *b = &f->blocks[f->n_blocks++];
	*b = (struct conf_block){.kind = strdup(kind), .title = strdup(title), .line = line,
				 .in = in, .cfg = cfg};
	return b->kind && b->title ? 0 : no_memory(rd);
}

static int add_opt(struct reader *rd, struct conf_block *b, const char *name, const char *value,
		   unsigned int line)
{
	void *opts = reallocarray(b->opts, b->n_opts + 1, sizeof(*b->opts));
	if (!opts)
		return no_memory(rd);
	b->opts = opts;
	struct conf_opt *o = &b->opts[b->n_opts++];
	*o = (struct conf_opt){.name = strdup(name), .value = strdup(value), .line = line};
	return o->name && o->value ? 0 : no_memory(rd);
}

/* The block that libconfuse is in: one that was left for a block inside of it comes again. */
static size_t block_of(const struct reader *rd, const cfg_t *cfg)
{
	size_t i = cfg == rd->root ? 0 : rd->f->n_blocks - 1;
	while (i && rd->f->blocks[i].cfg != cfg)
		i--;
	return i;
}

static int unknown(struct reader *rd, const cfg_t *cfg, const char *word)
{
	rd->f->unknown = strdup(word);
	rd->f->unknown_line = (unsigned int)cfg->line;
	rd->f->unknown_block = block_of(rd, cfg);
	return rd->f->unknown ? 1 : no_memory(rd);
}

/*
 * libconfuse tells neither that a block begins nor, later, where it began; and of two blocks with
 * one title it keeps the last. But it parses the default values of a block's options at once when
 * it meets the brace, through their callbacks: so the default of OPENED is how a block announces
 * itself.
 */
static int on_open(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct reader *rd = reading;

	(void)opt;
	rd->result = add_block(rd, cfg_name(cfg), cfg_title(cfg), (unsigned int)cfg->line, cfg);
	*(const char **)result = value;
	return rd->result ? -1 : 0;
}

/* libconfuse takes `"network|mtu" = 9000` outside a block for an option of the first network. */
static bool belongs(cfg_t *cfg, const cfg_opt_t *opt)
{
	return opt >= cfg->opts && opt < cfg->opts + cfg_numopts(cfg->opts);
}

static int on_option(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct reader *rd = reading;
	struct conf_file *f = rd->f;
	unsigned int line = (unsigned int)cfg->line;
	struct conf_block *b = &f->blocks[block_of(rd, cfg)];
	const struct conf_opt *first = conf_opt(b, opt->name);

	if (!belongs(cfg, opt))
		rd->result = err_setf(rd->e, -EINVAL, "%s:%u: \"%s\" is set from outside its block",
				      f->shown, line, opt->name);
	else if (first)
		rd->result = err_setf(rd->e, -EINVAL,
				      "%s:%u: \"%s\" is given twice; line %u has it already",
				      f->shown, line, opt->name, first->line);
	else
		rd->result = add_opt(rd, b, opt->name, value, line);
	*(const char **)result = value;
	return rd->result ? -1 : 0;
}

/* libconfuse's messages of one string, and ours in front of it and behind. */
static const struct {
	const char *fmt, *before, *after;
} texts[] = {
	{"unexpected token '%s'", "unexpected ",
	 "; allowed are settings NAME = VALUE, and outside of blocks blocks KIND NAME { ... }"},
	{"missing equal sign after option '%s'", "", " has no value; write NAME = VALUE"},
	{"attempt to append to non-list option '%s'", "", " takes one value; write NAME = VALUE"},
	{"missing title for section '%s'", "a block ", " without a name; write KIND NAME { ... }"},
	{"missing opening brace for section '%s'", "a block ",
	 " without \"{\" behind its name; write KIND NAME { ... }"},
};

static int explain(struct reader *rd, const cfg_t *cfg, const char *fmt, const char *arg)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcmp(fmt, texts[i].fmt))
			return err_setf(rd->e, -EINVAL, "%s:%d: %s\"%.64s\"%s", rd->f->shown,
					cfg->line, texts[i].before, arg, texts[i].after);
	return 0;
}

/* The other messages, of another version perhaps, are passed on as they are. */
static void on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	struct reader *rd = reading;
	char text[ERR_TEXT_SIZE];
	va_list args;

	if (!rd || rd->result) /* the first complaint is the cause */
		return;
	va_copy(args, ap);
	if (!strcmp(fmt, "no such option '%s'"))
		rd->result = unknown(rd, cfg, va_arg(args, const char *));
	else if (!strcmp(fmt, "premature end of file")) /* at its last line end */
		rd->result = err_setf(rd->e, -EINVAL, "%s:%d: the file ends within a setting",
				      rd->f->shown, cfg->line - 1);
	else if (strstr(fmt, "'%s'"))
		rd->result = explain(rd, cfg, fmt, va_arg(args, const char *));
	va_end(args);
	if (rd->result)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	rd->result = err_setf(rd->e, -EINVAL, "%s:%d: %s", rd->f->shown, cfg->line, text);
}
