// SPDX-License-Identifier: GPL-2.0-or-later
/* The xenstore client with more requests than one: chains, full sockets, thousands. */
#include "xs-peer.h"

enum { MANY = 10000 };

struct chain {
	struct peer *p;
	unsigned left;
};

static void ask_again(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct chain *c = arg;
	peer_note(c->p, tag, error, data, len);
	if (c->left && c->left--)
		store_read(c->p->store, 0, "/next", (struct store_cb){ask_again, c, tag + 1});
}

static void an_answers_function_may_ask_again(void **state)
{
	struct peer p;
	struct chain c = {&p, 1};
	(void)state;
	peer_init(&p);
	store_read(p.store, 0, "/a", (struct store_cb){ask_again, &c, 1});
	store_read(p.store, 0, "/b", peer_cb(&p, 9));
	peer_settle(&p);
	uint32_t id = peer_expect(&p, XS_READ, 0, BYTES("/a\0"));
	peer_expect(&p, XS_READ, 0, BYTES("/b\0"));
	peer_message(&p, XS_READ, id, BYTES("x"));
	peer_message(&p, XS_READ, id + 1, BYTES("y"));
	peer_assert_log(&p, "1=x 9=y ");
	peer_message(&p, XS_READ, peer_expect(&p, XS_READ, 0, BYTES("/next\0")), BYTES("z"));
	peer_assert_log(&p, "2=z ");
	peer_fini(&p);
}

static void who_asks_again_while_the_connection_ends_is_told_so_again_and_it_ends(void **state)
{
	struct peer p;
	struct chain c = {&p, 3};
	(void)state;
	peer_init(&p);
	store_read(p.store, 0, "/a", (struct store_cb){ask_again, &c, 1});
	store_read(p.store, 0, "/b", peer_cb(&p, 9));
	peer_settle(&p);
	peer_hang_up(&p);
	peer_assert_log(&p, "1!107 2!107 3!107 4!107 9!107 down ");
	peer_fini(&p);
}

static void ten_thousand_requests_wait_for_a_peer_that_does_not_read_and_lose_nothing(void **state)
{
	static uint32_t id[MANY];
	struct peer p;
	char path[64], value[16];
	(void)state;
	peer_init(&p);
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "/local/domain/0/backend/vif/%d/0/hotplug-status", i);
		store_read(p.store, 0, path, (struct store_cb){peer_note, &p, i});
	}
	peer_assert_log(&p, ""); /* the socket is full, the loop at rest */
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "/local/domain/0/backend/vif/%d/0/hotplug-status", i);
		id[i] = peer_expect(&p, XS_READ, 0, path, strlen(path) + 1);
	}
	peer_expect_nothing(&p);
	for (int i = 0; i < MANY; i++) {
		snprintf(value, sizeof(value), "v%d", i);
		peer_message(&p, XS_READ, id[i], value, strlen(value));
		if (i % 1000 == 0)
			peer_settle(&p);
	}
	peer_settle(&p);
	assert_int_equal(p.answers, MANY);
	assert_memory_equal(p.log, "0=v0 1=v1 2=v2 ", 15);
	peer_fini(&p);
}

static void the_order_holds_when_many_more_are_asked_after_some_were_answered(void **state)
{
	enum { FIRST = 50, ANSWERED = 40, MORE = 200 };
	struct peer p;
	uint32_t id = 0;
	char expected[4096];
	size_t n = 0;
	(void)state;
	peer_init(&p);
	for (unsigned i = 0; i < FIRST + MORE; i++) {
		for (unsigned k = 0; i == FIRST && k < ANSWERED; k++)
			peer_message(&p, XS_READ, id - FIRST + 1 + k, BYTES("x"));
		if (i == FIRST)
			peer_settle(&p);
		store_read(p.store, 0, "/a", peer_cb(&p, i));
		peer_settle(&p);
		id = peer_expect(&p, XS_READ, 0, BYTES("/a\0"));
	}
	for (unsigned i = ANSWERED; i < FIRST + MORE; i++)
		peer_message(&p, XS_READ, id - (FIRST + MORE) + 1 + i, BYTES("x"));
	for (unsigned i = 0; i < FIRST + MORE; i++)
		n += snprintf(expected + n, sizeof(expected) - n, "%u=x ", i);
	peer_assert_log(&p, expected);
	peer_fini(&p);
}

static void ten_thousand_open_requests_are_all_answered_when_the_connection_ends(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	for (int i = 0; i < MANY; i++)
		store_read(p.store, 0, "/a", peer_cb(&p, 1));
	peer_settle(&p);
	peer_hang_up(&p);
	peer_settle(&p);
	assert_int_equal(p.answers, MANY);
	assert_false(store_is_up(p.store));
	peer_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answers_function_may_ask_again),
		cmocka_unit_test(
			who_asks_again_while_the_connection_ends_is_told_so_again_and_it_ends),
		cmocka_unit_test(
			ten_thousand_requests_wait_for_a_peer_that_does_not_read_and_lose_nothing),
		cmocka_unit_test(the_order_holds_when_many_more_are_asked_after_some_were_answered),
		cmocka_unit_test(
			ten_thousand_open_requests_are_all_answered_when_the_connection_ends),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
