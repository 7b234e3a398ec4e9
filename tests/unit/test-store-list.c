// SPDX-License-Identifier: GPL-2.0-or-later
/* Listing directories, small and large, the way of each xenstored. */
#include "xs-peer.h"

#include "buf.h"

enum { LARGE = 12000 }; /* guests: names of 68 KiB */

/* Asks for a list. @return the request's req_id. */
static uint32_t ask(struct peer *p)
{
	store_list(p->store, 0, "/d", peer_cb(p, 1));
	peer_settle(p);
	return peer_expect(p, XS_DIRECTORY, 0, BYTES("/d\0"));
}

/* As ask(), of C xenstored, which says that it is too much for one answer. @return the part's. */
static uint32_t ask_large(struct peer *p)
{
	peer_error(p, ask(p), "E2BIG");
	peer_settle(p);
	return peer_expect(p, XS_DIRECTORY_PART, 0, BYTES("/d\0" "0\0"));
}

static void a_small_directory_comes_in_one_answer(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	peer_message(&p, XS_DIRECTORY, ask(&p), BYTES("a\0bc\0"));
	peer_assert_log(&p, "1=a|bc| ");
	peer_error(&p, ask(&p), "ENOENT");
	peer_assert_log(&p, "1!2 ");
	peer_fini(&p);
}

static void a_large_directory_is_asked_for_in_pieces(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	uint32_t id = ask_large(&p);
	peer_message(&p, XS_DIRECTORY_PART, id, BYTES("42\0" "a\0bc\0"));
	peer_assert_log(&p, "");
	id = peer_expect(&p, XS_DIRECTORY_PART, 0, BYTES("/d\0" "5\0"));
	peer_message(&p, XS_DIRECTORY_PART, id, BYTES("42\0" "def\0"));
	peer_settle(&p);
	id = peer_expect(&p, XS_DIRECTORY_PART, 0, BYTES("/d\0" "9\0"));
	peer_message(&p, XS_DIRECTORY_PART, id, BYTES("42\0" "g\0\0"));
	peer_assert_log(&p, "1=a|bc|def|g| ");
	peer_expect_nothing(&p);
	peer_fini(&p);
}

static void the_last_piece_may_hold_nothing_but_the_end(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	uint32_t id = ask_large(&p);
	peer_message(&p, XS_DIRECTORY_PART, id, BYTES("42\0" "a\0"));
	peer_settle(&p);
	id = peer_expect(&p, XS_DIRECTORY_PART, 0, BYTES("/d\0" "2\0"));
	peer_message(&p, XS_DIRECTORY_PART, id, BYTES("42\0" "\0"));
	peer_assert_log(&p, "1=a| ");
	peer_fini(&p);
}

static void an_empty_directory_is_an_empty_list(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	peer_message(&p, XS_DIRECTORY, ask(&p), BYTES(""));
	peer_assert_log(&p, "1= ");
	/* One that was emptied after the first answer. */
	peer_message(&p, XS_DIRECTORY_PART, ask_large(&p), BYTES("43\0" "\0"));
	peer_assert_log(&p, "1= ");
	peer_fini(&p);
}

static void a_directory_that_changes_between_two_pieces_is_read_from_its_start(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	uint32_t id = ask_large(&p);
	peer_message(&p, XS_DIRECTORY_PART, id, BYTES("42\0" "a\0bc\0"));
	peer_settle(&p);
	id = peer_expect(&p, XS_DIRECTORY_PART, 0, BYTES("/d\0" "5\0"));
	peer_message(&p, XS_DIRECTORY_PART, id, BYTES("43\0" "def\0\0")); /* of another directory */
	peer_assert_log(&p, "");
	id = peer_expect(&p, XS_DIRECTORY_PART, 0, BYTES("/d\0" "0\0"));
	peer_message(&p, XS_DIRECTORY_PART, id, BYTES("43\0" "bc\0"));
	peer_settle(&p);
	id = peer_expect(&p, XS_DIRECTORY_PART, 0, BYTES("/d\0" "3\0"));
	peer_message(&p, XS_DIRECTORY_PART, id, BYTES("43\0" "def\0\0"));
	peer_assert_log(&p, "1=bc|def| ");
	peer_fini(&p);
}

static void a_piece_that_is_refused_or_broken_ends_the_list_with_an_error(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	uint32_t id = ask_large(&p);
	peer_message(&p, XS_DIRECTORY_PART, id, BYTES("42\0" "a\0"));
	peer_settle(&p);
	peer_error(&p, peer_expect(&p, XS_DIRECTORY_PART, 0, BYTES("/d\0" "2\0")), "ENOENT");
	peer_assert_log(&p, "1!2 ");
	peer_error(&p, ask_large(&p), "ENOSYS");
	peer_assert_log(&p, "1!38 ");
	peer_message(&p, XS_DIRECTORY_PART, ask_large(&p), BYTES("42")); /* no NUL */
	peer_assert_log(&p, "1!74 ");
	peer_message(&p, XS_DIRECTORY_PART, ask_large(&p), BYTES(""));
	peer_assert_log(&p, "1!74 ");
	peer_message(&p, XS_DIRECTORY_PART, ask_large(&p),
		     BYTES("1234567890123456789012345\0" "a\0\0")); /* more than 64 bits */
	peer_assert_log(&p, "1!74 ");
	peer_fini(&p);
}

static void the_connection_may_end_between_two_pieces(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	uint32_t id = ask_large(&p);
	peer_message(&p, XS_DIRECTORY_PART, id, BYTES("42\0" "a\0"));
	peer_settle(&p);
	peer_hang_up(&p);
	peer_assert_log(&p, "1!107 down ");
	peer_fini(&p);
}

static void a_list_in_a_transaction_stays_in_it_piece_by_piece(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	store_list(p.store, 77, "/d", peer_cb(&p, 1));
	peer_settle(&p);
	peer_error(&p, peer_expect(&p, XS_DIRECTORY, 77, BYTES("/d\0")), "E2BIG");
	peer_settle(&p);
	peer_message(&p, XS_DIRECTORY_PART,
		     peer_expect(&p, XS_DIRECTORY_PART, 77,
				 BYTES("/d\0"
				       "0\0")),
		     BYTES("1\0"
			   "a\0\0"));
	peer_assert_log(&p, "1=a| ");
	peer_fini(&p);
}

/* For the leak checker of a sanitizer. */
static void a_list_that_is_open_when_the_store_ends_leaves_nothing_behind(void **state)
{
	struct peer p;
	(void)state;
	peer_init(&p);
	ask(&p);
	store_free(p.store);
	p.store = NULL;
	peer_assert_log(&p, "1!107 ");
	peer_fini(&p);
}

/* Keeps what it got, for more than a log can hold. */
static void keep(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct buf *b = arg;
	(void)tag;
	assert_int_equal(error, 0);
	assert_int_equal(data[len], '\0');
	assert_int_equal(buf_add(b, data, len), 0);
}

/* oxenstored 4.17 knows no pieces and answers in one, over the protocol's own limit. */
static void an_answer_larger_than_the_protocol_allows_is_taken_whole(void **state)
{
	struct peer p;
	struct buf names = {.data = NULL}, got = {.data = NULL};
	(void)state;
	peer_init(&p);
	for (int i = 1; i <= LARGE; i++) {
		char name[8];
		int n = snprintf(name, sizeof(name), "%d", i);
		assert_int_equal(buf_add(&names, name, n + 1), 0);
	}
	assert_true(names.len > 10 * XENSTORE_PAYLOAD_MAX);
	store_list(p.store, 0, "/d", (struct store_cb){keep, &got, 0});
	store_read(p.store, 0, "/a", peer_cb(&p, 2));
	peer_settle(&p);
	uint32_t id = peer_expect(&p, XS_DIRECTORY, 0, BYTES("/d\0"));
	peer_message(&p, XS_DIRECTORY, id, names.data, names.len);
	peer_message(&p, XS_READ, id + 1, BYTES("x"));
	peer_assert_log(&p, "2=x ");
	assert_int_equal(got.len, names.len);
	assert_memory_equal(got.data, names.data, names.len);
	buf_fini(&names);
	buf_fini(&got);
	peer_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_directory_comes_in_one_answer),
		cmocka_unit_test(a_large_directory_is_asked_for_in_pieces),
		cmocka_unit_test(the_last_piece_may_hold_nothing_but_the_end),
		cmocka_unit_test(an_empty_directory_is_an_empty_list),
		cmocka_unit_test(
			a_directory_that_changes_between_two_pieces_is_read_from_its_start),
		cmocka_unit_test(a_piece_that_is_refused_or_broken_ends_the_list_with_an_error),
		cmocka_unit_test(the_connection_may_end_between_two_pieces),
		cmocka_unit_test(a_list_in_a_transaction_stays_in_it_piece_by_piece),
		cmocka_unit_test(a_list_that_is_open_when_the_store_ends_leaves_nothing_behind),
		cmocka_unit_test(an_answer_larger_than_the_protocol_allows_is_taken_whole),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
