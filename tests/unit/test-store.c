// SPDX-License-Identifier: GPL-2.0-or-later
/* The xenstore client, byte by byte, against a xenstored that behaves and one that does not. */
#include "xs-peer.h"

static void each_request_is_on_the_wire_as_xenstored_wants_it(void **state)
{
	struct peer p;
	struct store *st;
	const struct store_cb none = {NULL};
	(void)state;
	peer_init(&p);
	st = p.store;
	store_read(st, 0, "/a/b", none);
	store_write(st, 7, "/a", "value", none);
	store_write(st, 7, "/a", "", none);
	store_rm(st, 7, "/a", none);
	store_list(st, 0, "/a", none);
	store_watch(st, "/a", "token", none);
	store_unwatch(st, "/a", "token", none);
	store_tx_start(st, none);
	store_tx_end(st, 4000000000, true, none);
	store_tx_end(st, 8, false, none);
	peer_settle(&p);
	uint32_t first = peer_expect(&p, XS_READ, 0, BYTES("/a/b\0"));
	assert_int_equal(peer_expect(&p, XS_WRITE, 7, BYTES("/a\0value")), first + 1);
	peer_expect(&p, XS_WRITE, 7, BYTES("/a\0"));
	peer_expect(&p, XS_RM, 7, BYTES("/a\0"));
	peer_expect(&p, XS_DIRECTORY, 0, BYTES("/a\0"));
	peer_expect(&p, XS_WATCH, 0, BYTES("/a\0token\0"));
	peer_expect(&p, XS_UNWATCH, 0, BYTES("/a\0token\0"));
	peer_expect(&p, XS_TRANSACTION_START, 0, BYTES("\0"));
	peer_expect(&p, XS_TRANSACTION_END, 4000000000, BYTES("T\0"));
	assert_int_equal(peer_expect(&p, XS_TRANSACTION_END, 8, BYTES("F\0")), first + 9);
	peer_expect_nothing(&p);
	peer_hang_up(&p);
	peer_assert_log(&p, "down ");
	peer_fini(&p);
}

/* Two reads on the wire. @return the first's req_id. */
static uint32_t two_reads(struct peer *p)
{
	store_read(p->store, 0, "/a", peer_cb(p, 1));
	store_read(p->store, 0, "/b", peer_cb(p, 2));
	peer_settle(p);
	uint32_t id = peer_expect(p, XS_READ, 0, BYTES("/a\0"));
	assert_int_equal(peer_expect(p, XS_READ, 0, BYTES("/b\0")), id + 1);
	peer_assert_log(p, "");
	return id;
}

static void requests_are_pipelined_and_answered_in_their_order(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	uint32_t id = two_reads(&p);
	peer_message(&p, XS_READ, id, BYTES("x"));
	peer_assert_log(&p, "1=x ");
	peer_message(&p, XS_READ, id + 1, BYTES(""));
	peer_assert_log(&p, "2= ");
	peer_fini(&p);
}

static void an_answer_may_come_in_single_bytes(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	uint32_t id = two_reads(&p);
	struct xsd_sockmsg h = {.type = XS_READ, .req_id = id, .len = 3};
	for (size_t i = 0; i < sizeof(h); i++) {
		peer_send(&p, (char *)&h + i, 1);
		peer_assert_log(&p, "");
	}
	peer_send(&p, "ab", 1);
	peer_assert_log(&p, "");
	peer_send(&p, "bc", 2);
	peer_assert_log(&p, "1=abc ");
	peer_message(&p, XS_READ, id + 1, BYTES("d"));
	peer_assert_log(&p, "2=d ");
	peer_fini(&p);
}

static void answers_and_events_that_come_in_one_piece_keep_their_order(void **state)
{
	struct peer p;
	char all[256];
	size_t n = 0;
	(void)state;
	peer_init(&p);
	uint32_t id = two_reads(&p);
	const struct xsd_sockmsg event = {.type = XS_WATCH_EVENT, .len = 8},
				 a = {.type = XS_READ, .req_id = id, .len = 1},
				 b = {.type = XS_ERROR, .req_id = id + 1, .len = 7};
#define ADD(p, len) (memcpy(all + n, p, len), n += (len))
	ADD(&event, sizeof(event)), ADD("/a/b\0t1\0", 8);
	ADD(&a, sizeof(a)), ADD("x", 1);
	ADD(&event, sizeof(event)), ADD("/a/c\0t2\0", 8);
	ADD(&b, sizeof(b)), ADD("ENOENT\0", 7);
	ADD(&event, sizeof(event)), ADD("/a/d\0t3\0", 8);
#undef ADD
	peer_send(&p, all, n);
	peer_assert_log(&p, "watch /a/b t1 1=x watch /a/c t2 2!2 watch /a/d t3 ");
	peer_fini(&p);
}

static void an_event_without_its_two_strings_is_nothing(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	peer_message(&p, XS_WATCH_EVENT, 0, BYTES(""));
	peer_message(&p, XS_WATCH_EVENT, 0, BYTES("/a"));
	peer_message(&p, XS_WATCH_EVENT, 0, BYTES("/a\0"));
	peer_message(&p, XS_WATCH_EVENT, 0, BYTES("/a\0t"));
	peer_event(&p, "/a", "");
	peer_assert_log(&p, "watch /a  ");
	assert_true(store_is_up(p.store));
	peer_fini(&p);
}

static void a_nul_inside_a_value_becomes_a_byte_that_no_parser_takes(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	uint32_t id = two_reads(&p);
	peer_message(&p, XS_READ, id, BYTES("connected\0x"));
	peer_message(&p, XS_READ, id + 1, BYTES("\0\0a\0")); /* the last is an end */
	peer_assert_log(&p, "1=connected\1x 2=\1\1a| ");
	peer_fini(&p);
}

static void xenstoreds_errors_become_errnos(void **state)
{
	static const struct {
		const char *name;
		int error;
	} cases[] = {
		{"EINVAL", EINVAL}, {"EACCES", EACCES}, {"EEXIST", EEXIST}, {"ENOENT", ENOENT},
		{"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC}, {"EAGAIN", EAGAIN}, {"EBUSY", EBUSY},
		{"E2BIG", E2BIG},   {"EPERM", EPERM},	{"EWHAT", EIO},	    {"", EIO},
	};
	struct peer p;
	(void)state;
	peer_init(&p);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char log[32];
		store_read(p.store, 0, "/a", peer_cb(&p, i));
		peer_settle(&p);
		uint32_t id = peer_expect(&p, XS_READ, 0, BYTES("/a\0"));
		/* With its NUL and without. */
		peer_message(&p, XS_ERROR, id, cases[i].name, strlen(cases[i].name) + (i & 1));
		snprintf(log, sizeof(log), "%zu!%d ", i, cases[i].error);
		peer_assert_log(&p, log);
	}
	peer_fini(&p);
}

static void be_empty(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	(void)arg;
	(void)tag;
	assert_int_equal(error, -ENOENT);
	assert_int_equal(len, 0);
	assert_string_equal(data, "");
}

static void an_error_comes_with_no_data(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	store_read(p.store, 0, "/a", (struct store_cb){be_empty, NULL, 0});
	peer_settle(&p);
	peer_error(&p, peer_expect(&p, XS_READ, 0, BYTES("/a\0")), "ENOENT");
	peer_settle(&p);
	peer_fini(&p);
}

static void a_request_too_long_for_xenstored_is_refused_and_never_sent(void **state)
{
	struct peer p;
	static char path[XENSTORE_PAYLOAD_MAX + 1];
	(void)state;
	peer_init(&p);
	memset(path, 'a', sizeof(path) - 1);
	store_read(p.store, 0, path, peer_cb(&p, 1));
	store_list(p.store, 0, path, peer_cb(&p, 2));
	path[XENSTORE_PAYLOAD_MAX - 1] = '\0';
	store_write(p.store, 0, path, "x", peer_cb(&p, 3));
	peer_assert_log(&p, "1!7 2!7 3!7 ");
	peer_expect_nothing(&p);
	store_read(p.store, 0, path, peer_cb(&p, 4)); /* just fits */
	peer_settle(&p);
	peer_message(&p, XS_READ, peer_expect(&p, XS_READ, 0, path, sizeof(path) - 1), BYTES("x"));
	peer_assert_log(&p, "4=x ");
	peer_fini(&p);
}

/* ---- the connection's ends ---- */

static void when_the_connection_ends_all_is_answered_once_and_then_down_is_told(
	void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	uint32_t id = two_reads(&p);
	store_watch(p.store, "/w", "t", peer_cb(&p, 3)); /* not even written yet */
	store_read(p.store, 0, "/c", (struct store_cb){NULL});
	peer_message(&p, XS_READ, id, BYTES("x"));
	peer_hang_up(&p);
	peer_assert_log(&p, "1=x 2!107 3!107 down ");
	assert_int_equal(p.answers, 3);
	assert_false(store_is_up(p.store));
	assert_non_null(strstr(p.why.text, "connection to xenstored"));
	/* And a new one begins without what was left of the old. */
	twin_clock_advance(PEER_RETRY);
	peer_accept(&p);
	peer_assert_log(&p, "up ");
	peer_expect_nothing(&p);
	two_reads(&p);
	peer_fini(&p);
}

static void half_an_answer_is_none_and_its_bytes_do_not_meet_the_next_connection(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	uint32_t id = two_reads(&p);
	const struct xsd_sockmsg h = {.type = XS_READ, .req_id = id, .len = 10};
	peer_send(&p, &h, sizeof(h));
	peer_send(&p, "half", 4);
	peer_hang_up(&p);
	peer_assert_log(&p, "1!107 2!107 down ");
	twin_clock_advance(PEER_RETRY);
	peer_accept(&p);
	peer_assert_log(&p, "up ");
	id = two_reads(&p);
	peer_message(&p, XS_READ, id, BYTES("x"));
	peer_assert_log(&p, "1=x ");
	peer_fini(&p);
}

static void what_no_xenstored_says_ends_the_connection(void **state)
{
	static const struct {
		struct xsd_sockmsg h; /* req_id: relative to the first of two reads */
		const char *log;
	} cases[] = {
		{{.type = XS_READ, .req_id = 1, .len = 0}, "1!107 2!107 down "},
		{{.type = XS_READ, .req_id = 4711, .len = 0}, "1!107 2!107 down "},
		{{.type = XS_ERROR, .req_id = (uint32_t)-1, .len = 0}, "1!107 2!107 down "},
		{{.type = XS_READ, .req_id = 0, .len = UINT32_MAX}, "1!107 2!107 down "},
		{{.type = XS_READ, .req_id = 0, .len = 0x7fffffff}, "1!107 2!107 down "},
		{{.type = XS_WATCH_EVENT, .len = 64 << 20}, "1!107 2!107 down "},
		{{0x58585858, 0x58585858, 0x58585858, 0x58585858}, "1!107 2!107 down "},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct peer p;
		peer_init(&p);
		struct xsd_sockmsg h = cases[i].h;
		h.req_id += two_reads(&p);
		peer_send(&p, &h, sizeof(h));
		peer_assert_log(&p, cases[i].log);
		assert_false(store_is_up(p.store));
		peer_fini(&p);
	}
}

static void an_answer_that_nobody_asked_for_ends_the_connection(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	peer_message(&p, XS_READ, 1, BYTES("x"));
	peer_assert_log(&p, "down ");
	peer_fini(&p);
}

static void requests_while_down_are_answered_at_once(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	peer_hang_up(&p);
	peer_assert_log(&p, "down ");
	store_read(p.store, 0, "/a", peer_cb(&p, 1));
	store_list(p.store, 0, "/a", peer_cb(&p, 2));
	store_tx_start(p.store, peer_cb(&p, 3));
	store_watch(p.store, "/a", "t", (struct store_cb){NULL});
	assert_string_equal(p.log, "1!107 2!107 3!107 ");
	peer_fini(&p);
}

static void while_xenstored_is_away_down_is_told_once_and_the_pauses_grow(
	void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	peer_unlisten(&p);
	peer_hang_up(&p);
	peer_assert_log(&p, "down ");
	for (int i = 0; i < 20; i++) {
		twin_clock_advance(5100 * 1000);
		peer_assert_log(&p, "");
	}
	peer_listen(&p);
	twin_clock_advance(4800 * 1000);
	peer_assert_log(&p, "");
	twin_clock_advance(300 * 1000);
	peer_accept(&p);
	peer_assert_log(&p, "up ");
	/* And are short again after that. */
	peer_hang_up(&p);
	peer_assert_log(&p, "down ");
	twin_clock_advance(PEER_RETRY);
	peer_accept(&p);
	peer_assert_log(&p, "up ");
	peer_fini(&p);
}

static void a_store_that_ends_answers_all_that_is_open(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	two_reads(&p);
	store_free(p.store);
	p.store = NULL;
	peer_assert_log(&p, "1!107 2!107 ");
	peer_fini(&p);
}

static void the_socket_is_looked_for_where_libxenstore_looks(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	peer_hang_up(&p);
	unsetenv("XENSTORED_PATH");
	setenv("XENSTORED_RUNDIR", p.dir, 1);
	peer_assert_log(&p, "down ");
	twin_clock_advance(PEER_RETRY);
	peer_accept(&p);
	peer_assert_log(&p, "up ");
	peer_hang_up(&p);
	setenv("XENSTORED_PATH", "/none/socket", 1); /* comes first, alone */
	peer_assert_log(&p, "down ");
	twin_clock_advance(PEER_RETRY);
	peer_assert_log(&p, "");
	assert_false(store_is_up(p.store));
	unsetenv("XENSTORED_RUNDIR");
	peer_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_is_on_the_wire_as_xenstored_wants_it),
		cmocka_unit_test(requests_are_pipelined_and_answered_in_their_order),
		cmocka_unit_test(an_answer_may_come_in_single_bytes),
		cmocka_unit_test(answers_and_events_that_come_in_one_piece_keep_their_order),
		cmocka_unit_test(an_event_without_its_two_strings_is_nothing),
		cmocka_unit_test(a_nul_inside_a_value_becomes_a_byte_that_no_parser_takes),
		cmocka_unit_test(xenstoreds_errors_become_errnos),
		cmocka_unit_test(an_error_comes_with_no_data),
		cmocka_unit_test(a_request_too_long_for_xenstored_is_refused_and_never_sent),
		cmocka_unit_test(
			when_the_connection_ends_all_is_answered_once_and_then_down_is_told),
		cmocka_unit_test(
			half_an_answer_is_none_and_its_bytes_do_not_meet_the_next_connection),
		cmocka_unit_test(what_no_xenstored_says_ends_the_connection),
		cmocka_unit_test(an_answer_that_nobody_asked_for_ends_the_connection),
		cmocka_unit_test(requests_while_down_are_answered_at_once),
		cmocka_unit_test(
			while_xenstored_is_away_down_is_told_once_and_the_pauses_grow),
		cmocka_unit_test(a_store_that_ends_answers_all_that_is_open),
		cmocka_unit_test(the_socket_is_looked_for_where_libxenstore_looks),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
