// SPDX-License-Identifier: GPL-2.0-or-later
/* netd.conf: what is read from it, and every sentence for what is wrong in it. */
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases.h"
#include "config.h"
#include "config-cases.h"
#include "fake-plugins.h"

/* A directory of its own with netd.conf and netd.conf.d. */
struct place {
	char dir[64], conf[96], sub[96];
	struct plugins *plugins;
};

static void write_bytes(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void write_sub(const struct place *p, const char *name, const char *text)
{
	char path[160];

	mkdir(p->sub, 0755);
	snprintf(path, sizeof(path), "%s/%s", p->sub, name);
	write_bytes(path, text, strlen(text));
}

static void place_init(struct place *p)
{
	strcpy(p->dir, "/tmp/test-config-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->conf, sizeof(p->conf), "%s/netd.conf", p->dir);
	snprintf(p->sub, sizeof(p->sub), "%s/netd.conf.d", p->dir);
	p->plugins = plugins_from(fake_plugins);
	assert_non_null(p->plugins);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static void place_fini(struct place *p)
{
	plugins_free(p->plugins);
	assert_int_equal(nftw(p->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* All of a configuration in words. */
static void dump_option(FILE *out, const struct option_spec *spec, const struct option_value *v)
{
	if (v->set && v->str)
		fprintf(out, " %s=%s", spec->name, v->str);
	else if (v->set)
		fprintf(out, " %s=%lld", spec->name, (long long)v->num);
}

static void dump(const struct config *c, char *buf, size_t size)
{
	static const char *const kinds[] = {"name", "uuid", "mac"};
	FILE *out = fmemopen(buf, size, "w");

	assert_non_null(out);
	for (size_t i = 0; i < c->n_networks; i++) {
		const struct network *n = &c->networks[i];
		fprintf(out, "%s: %s", n->name, n->plugin->mode);
		for (size_t k = 0; n->values && k < n->plugin->n_options; k++)
			dump_option(out, &n->plugin->options[k], &n->values[k]);
		fprintf(out, "\n");
	}
	for (size_t i = 0; i < c->n_rules; i++)
		fprintf(out, "%s %s -> %s (%s)\n", kinds[c->rules[i].kind], c->rules[i].pattern,
			c->rules[i].network, c->rules[i].where);
	if (c->default_network)
		fprintf(out, "default %s\n", c->default_network);
	assert_int_equal(fclose(out), 0);
}

static void reads(void **state)
{
	const struct good *c = *state;
	struct place p;
	struct err e = ERR_INIT;
	struct config *config = NULL;
	char text[2048] = "";

	place_init(&p);
	if (c->conf)
		write_bytes(p.conf, c->conf, strlen(c->conf));
	if (c->drop)
		write_sub(&p, "web.conf", c->drop);
	if (config_load(p.conf, p.plugins, &config, &e))
		fail_msg("%s", e.text);
	dump(config, text, sizeof(text));
	assert_string_equal(text, c->dump);
	config_free(config);
	place_fini(&p);
}

/* What is wrong in one file must not show in the next: libconfuse's scanner has global state. */
static void assert_reads_on(struct place *p)
{
	static const char conf[] = "network ok {\n" B "}\ndomain x { network = ok }\n";
	struct err e = ERR_INIT;
	struct config *config;

	write_bytes(p->conf, conf, sizeof(conf) - 1);
	if (config_load(p->conf, p->plugins, &config, &e))
		fail_msg("afterwards: %s", e.text);
	assert_non_null(config_network(config, "ok"));
	assert_string_equal(config->rules[0].where, "netd.conf:4");
	config_free(config);
}

static void refuses(void **state)
{
	const struct bad *c = *state;
	struct place p;
	struct err e = ERR_INIT;
	struct config *config = NULL;
	char sub[160];

	place_init(&p);
	write_bytes(p.conf, c->conf, strlen(c->conf));
	if (c->drop)
		write_sub(&p, "web.conf", c->drop);
	assert_int_equal(config_load(p.conf, p.plugins, &config, &e), -22);
	assert_int_equal(e.code, -22);
	assert_null(config);
	assert_says(&e, c->says);
	assert_int_equal(config_load(p.conf, p.plugins, &config, NULL), -22);
	snprintf(sub, sizeof(sub), "%s/web.conf", p.sub);
	unlink(sub);
	assert_reads_on(&p);
	place_fini(&p);
}

static void assert_refused(struct place *p, const char *const *says)
{
	struct err e = ERR_INIT;
	struct config *config = NULL;

	assert_true(config_load(p->conf, p->plugins, &config, &e) < 0);
	assert_null(config);
	assert_says(&e, says);
}
#define assert_refused(p, ...) (assert_refused)((p), (const char *const[]){__VA_ARGS__, NULL})

static void the_directory_is_read_in_the_order_of_bytes(void **state)
{
	static const char *const names[] = {"b.conf", "B.conf", "a.conf", "10.conf", "9.conf"};
	struct place p;
	struct config *config;
	struct err e = ERR_INIT;
	char text[256];

	(void)state;
	place_init(&p);
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(text, sizeof(text), "network n%.*s { mode = route }",
			 (int)strcspn(names[i], "."), names[i]);
		write_sub(&p, names[i], text);
	}
	write_sub(&p, ".hidden.conf", "nonsense");
	write_sub(&p, "old.conf.bak", "nonsense");
	write_sub(&p, "old.conf~", "nonsense");
	write_sub(&p, "README", "nonsense");
	assert_int_equal(config_load(p.conf, p.plugins, &config, &e), 0);
	dump(config, text, sizeof(text));
	assert_string_equal(text, "n10: route\nn9: route\nnB: route\nna: route\nnb: route\n");
	config_free(config);
	place_fini(&p);
}

static void a_path_without_a_directory_is_read(void **state)
{
	struct place p;
	struct config *config = NULL;
	struct err e = ERR_INIT;
	char here[256];

	(void)state;
	place_init(&p);
	write_bytes(p.conf, "nonsense", 8);
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(p.dir), 0);
	assert_true(config_load("netd.conf", p.plugins, &config, &e) < 0);
	assert_int_equal(chdir(here), 0);
	assert_says(&e, (const char *const[]){"netd.conf:1: unknown word", NULL});
	assert_int_equal(strncmp(e.text, "netd.conf", 9), 0);
	place_fini(&p);
}

static void what_is_no_file_is_refused(void **state)
{
	struct place p;
	char path[160];

	(void)state;
	place_init(&p);
	assert_int_equal(mkdir(p.conf, 0755), 0);
	assert_refused(&p, "netd.conf is a directory");
	assert_int_equal(rmdir(p.conf), 0);
	assert_int_equal(mkfifo(p.conf, 0600), 0);
	assert_refused(&p, "netd.conf is not a regular file");
	assert_int_equal(unlink(p.conf), 0);
	assert_int_equal(symlink("/nowhere/netd.conf", p.conf), 0);
	assert_refused(&p, "open ", "netd.conf: No such file");
	assert_int_equal(unlink(p.conf), 0);
	snprintf(path, sizeof(path), "%s/x.conf", p.sub);
	assert_int_equal(mkdir(p.sub, 0755), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_refused(&p, "netd.conf.d/x.conf is a directory");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(p.sub), 0);
	write_bytes(p.sub, "", 0);
	assert_refused(&p, "read directory ", "netd.conf.d: Not a directory");
	assert_int_equal(unlink(p.sub), 0);
	assert_reads_on(&p);
	snprintf(p.sub, sizeof(p.sub), "%s", p.conf);
	snprintf(p.conf, sizeof(p.conf), "%.80s/below", p.sub);
	assert_refused(&p, "netd.conf/below: Not a directory");
	place_fini(&p);
}

static void a_file_that_may_not_be_read_is_refused(void **state)
{
	struct place p;

	(void)state;
	if (geteuid() == 0 && seteuid(65534))
		skip();
	place_init(&p);
	write_bytes(p.conf, "", 0);
	assert_int_equal(chmod(p.conf, 0), 0);
	assert_refused(&p, "netd.conf: Permission denied");
	place_fini(&p);
	assert_true(geteuid() == getuid() || !seteuid(getuid()));
}

static void a_nul_byte_is_refused_wherever_it_is(void **state)
{
	static const char text[] = "network a {\n mode = \"route\" # x\n}\n";
	struct place p;
	char bytes[sizeof(text)];

	(void)state;
	place_init(&p);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		memcpy(bytes, text, sizeof(text));
		bytes[i] = '\0';
		write_bytes(p.conf, bytes, sizeof(text) - 1);
		assert_refused(&p, "netd.conf:", "byte 0x00");
	}
	place_fini(&p);
}

static void long_lines_are_refused_or_read(void **state)
{
	enum { SIZE = 1024 * 1024 };
	struct place p;
	char *text = malloc(SIZE + 1);

	(void)state;
	place_init(&p);
	assert_non_null(text);
	memset(text, 'a', SIZE + 1);
	write_bytes(p.conf, text, SIZE);
	assert_refused(&p, "netd.conf:1: a word of more than 1024 bytes");
	write_bytes(p.conf, text, SIZE + 1);
	assert_refused(&p, "netd.conf holds 1048577 bytes; allowed are 1048576");
	text[0] = '#';
	text[SIZE - 1] = '\n';
	write_bytes(p.conf, text, SIZE);
	write_sub(&p, "a.conf", "nonsense");
	assert_refused(&p, "netd.conf.d/a.conf:1: unknown word \"nonsense\"");
	free(text);
	place_fini(&p);
}

static void a_pattern_holds_up_to_255_bytes(void **state)
{
	struct place p;
	struct config *config;
	struct err e = ERR_INIT;
	char text[512];

	(void)state;
	place_init(&p);
	for (int len = 255; len <= 256; len++) {
		int n = snprintf(text, sizeof(text),
				 "network a { mode = route } domain x%0*d { network = a }",
				 len - 1, 0);
		write_bytes(p.conf, text, (size_t)n);
		int r = config_load(p.conf, p.plugins, &config, &e);
		assert_int_equal(r, len == 255 ? 0 : -22);
		if (!r)
			config_free(config);
	}
	assert_says(&e, (const char *const[]){"netd.conf:1: domain \"x0", "1 to 255 bytes", NULL});
	place_fini(&p);
}

static void a_thousand_networks_and_rules_are_read(void **state)
{
	struct place p;
	struct config *config;
	struct err e = ERR_INIT;
	struct vif_req req = {.domain = "d999"};

	(void)state;
	place_init(&p);
	FILE *f = fopen(p.conf, "w");
	assert_non_null(f);
	for (int i = 0; i < 1000; i++)
		fprintf(f,
			"network n%d { mode = bridge\nmtu = %d }\ndomain d%d { network = n%d }\n",
			i, 1000 + i, i, i);
	fclose(f);
	assert_int_equal(config_load(p.conf, p.plugins, &config, &e), 0);
	const struct network *n = config_network(config, config_rule(config, &req)->network);
	assert_int_equal(network_num(n, FAKE_MTU, 0), 1999);
	config_free(config);
	place_fini(&p);
}

static void without_any_mode_an_error_says_so(void **state)
{
	struct place p;

	(void)state;
	place_init(&p);
	plugins_free(p.plugins);
	p.plugins = plugins_from((const struct plugin *const[]){NULL});
	write_bytes(p.conf, "network a { }", 13);
	assert_refused(&p, "netd.conf:1: network a: no mode", "none");
	place_fini(&p);
}

static const char *const vocabulary[] = {
	"network ",
	"domain ",
	"default-network ",
	"a ",
	"b ",
	"\"web*\" ",
	"{ ",
	"} ",
	"{\n",
	"}\n",
	"= ",
	"= ",
	"mode = bridge\n",
	"mode = nat\n",
	"mtu = ",
	"vlan = ",
	"1500 ",
	"10p/20 ",
	"\n",
	"# x\n",
	"/* ",
	"*/",
	"\"",
	"'",
	"\\",
	"${X}",
	"${",
	"|",
	",",
	"(",
	")",
	"+=",
	"\x80",
	"\001",
	/* from here on whole ones */
	"network a { mode = bridge }\n",
	"network b { mode = nat }\n",
	"domain c { network = a }\n",
	"# x\n",
	"network c { mode = bridge mtu = 1500 vlan = 5 }\n",
	"default-network = a\n",
};
enum { WHOLE = 6 };

static size_t random_text(uint64_t *seed, char *text, size_t size)
{
	size_t len = 0;
	uint32_t from = random_below(seed, 2) ? COUNT(vocabulary) - WHOLE : 0;

	for (uint32_t n = 1 + random_below(seed, from ? 5 : 12); n; n--)
		len += (size_t)snprintf(
			text + len, size - len, "%s",
			vocabulary[from + random_below(seed, (uint32_t)COUNT(vocabulary) - from)]);
	if (!random_below(seed, 3))
		text[random_below(seed, (uint32_t)len)] = (char)random_below(seed, 256);
	return len;
}

static void random_files_are_read_or_refused_with_their_line(void **state)
{
	uint64_t seed = 20261121;
	struct place p;
	unsigned int read = 0;
	char text[1024];

	(void)state;
	place_init(&p);
	for (int i = 0; i < 3000; i++) {
		struct err e = ERR_INIT;
		struct config *config = NULL;
		write_bytes(p.conf, text, random_text(&seed, text, sizeof(text)));
		int r = config_load(p.conf, p.plugins, &config, &e);
		assert_int_equal(!r, !!config);
		if (r && (r != -22 || e.code != r || strncmp(e.text, "netd.conf:", 10)))
			fail_msg("%d: %d \"%s\" for\n%s", i, r, e.text, text);
		read += !r && config->n_networks;
		config_free(config);
		if (i % 50 == 0)
			assert_reads_on(&p);
	}
	assert_true(read > 50);
	place_fini(&p);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(the_directory_is_read_in_the_order_of_bytes),
		cmocka_unit_test(a_path_without_a_directory_is_read),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(a_file_that_may_not_be_read_is_refused),
		cmocka_unit_test(a_nul_byte_is_refused_wherever_it_is),
		cmocka_unit_test(long_lines_are_refused_or_read),
		cmocka_unit_test(a_pattern_holds_up_to_255_bytes),
		cmocka_unit_test(a_thousand_networks_and_rules_are_read),
		cmocka_unit_test(without_any_mode_an_error_says_so),
		cmocka_unit_test(random_files_are_read_or_refused_with_their_line),
	};
	struct CMUnitTest tests[COUNT(good) + COUNT(bad) + COUNT(others)];
	size_t n = 0;

	setenv("TEST_CONFIG_NET", "10.0.0.0", 1);
	unsetenv("TEST_CONFIG_NONE");
	CASES_ADD(tests, n, good, reads);
	CASES_ADD(tests, n, bad, refuses);
	memcpy(tests + n, others, sizeof(others));
	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
