// SPDX-License-Identifier: GPL-2.0-or-later
/* What is said on the control socket, and what it answers. */
#include "ctl-server.h"

static void each_request_gets_the_answer_that_the_protocol_says(void **state)
{
	static const struct {
		const char *line, *answer;
	} cases[] = {
		{REQ("1", "nothing"), OK("1")},
		{REQ("\"a\\u00e9\\n\"", "nothing"), OK("\"a\xc3\xa9\\n\"")},
		{REQ("-7", "nothing"), OK("-7")},
		{REQ("9007199254740993", "nothing"), OK("9007199254740993")}, /* beyond a double */
		{REQ("null", "nothing"), OK("null")},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":{\"a\":[1]}}\n",
		 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"a\":[1]}}\n"},
		{REQ("1", "refuse"), ERR("1", "1", "no \\\"bridge\\\" here")},
		{REQ("1", "refuse-oddly"), ERR("1", "1", "error")},
		{REQ("1", "Nothing"), ERR("1", "-32601", "no such method")},
		{REQ("1", ""), ERR("1", "-32601", "no such method")},
		/* ids */
		{REQ("1.5", "nothing"), NOT_A_REQUEST},
		{REQ("1.0", "nothing"), NOT_A_REQUEST},
		{REQ("true", "nothing"), NOT_A_REQUEST},
		{REQ("[1]", "nothing"), NOT_A_REQUEST},
		{REQ("{}", "nothing"), NOT_A_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"method\":\"nothing\"}\n", NOT_A_REQUEST},
		/* wrong types */
		{"{\"jsonrpc\":2.0,\"id\":null,\"method\":\"nothing\"}\n", NOT_A_REQUEST},
		{"{\"jsonrpc\":\"1.0\",\"id\":null,\"method\":\"nothing\"}\n", NOT_A_REQUEST},
		{"{\"id\":null,\"method\":\"nothing\"}\n", NOT_A_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":7}\n", NOT_A_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"id\":null}\n", NOT_A_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":[1]}\n",
		 ERR("1", "-32602", "params must be an object")},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":\"x\"}\n",
		 ERR("1", "-32602", "params must be an object")},
		{"[]\n", ERR("null", "-32600", "not an object")},
		{"[" "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nothing\"}" "]\n",
		 ERR("null", "-32600", "not an object")},
	};
	struct server s;
	(void)state;
	server_init(&s);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		server_assert(&s, cases[i].line, strlen(cases[i].line), cases[i].answer);
	server_fini(&s);
}

static void garbage_is_answered_as_such_and_the_connection_goes_on(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
#define BYTES(s) {s, sizeof(s) - 1}
		BYTES("garbage\n"),
		BYTES("{\n"),
		BYTES("\0\0\0\0\n"),
		BYTES("\xff\xfe\xfd\n"),
		BYTES("{\"id\":\"\xc3\"}\n"),
		BYTES("{\"id\":1,\"id\":2}\n"),
		BYTES("{\"id\":99999999999999999999}\n"),
		BYTES("{\"id\":\"\\u0000\"}\n"),
		BYTES("{} {}\n"),
		BYTES("GET / HTTP/1.1\r\n"),
		BYTES("\r\n"),
#undef BYTES
	};
	struct server s;
	(void)state;
	server_init(&s);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = server_dial(&s);
		say_bytes(fd, cases[i].bytes, cases[i].len);
		const char *got = server_hear(&s, fd);
		const char *head = "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,";
		if (strncmp(got, head, strlen(head)))
			fail_msg("%s: %s", cases[i].bytes, got);
		json_t *o = json_loads(got, JSON_DISABLE_EOF_CHECK, NULL);
		assert_non_null(o);
		json_decref(o);
		say(fd, REQ("1", "nothing"));
		assert_string_equal(server_hear(&s, fd), OK("1"));
		close(fd);
	}
	server_fini(&s);
}

static void a_request_may_come_in_single_bytes(void **state)
{
	static const char line[] = REQ("1", "nothing");
	struct server s;
	(void)state;
	server_init(&s);
	int fd = server_dial(&s);
	for (size_t i = 0; i < sizeof(line) - 1; i++) {
		assert_string_equal(server_hear(&s, fd), "");
		say_bytes(fd, line + i, 1);
	}
	assert_string_equal(server_hear(&s, fd), OK("1"));
	close(fd);
	server_fini(&s);
}

static void requests_in_one_write_are_answered_each_even_cut_in_the_middle(void **state)
{
	struct server s;
	(void)state;
	server_init(&s);
	int fd = server_dial(&s);
	say(fd, REQ("1", "nothing") REQ("2", "refuse") REQ("3", "nothing") "{\"jsonrpc\":\"2.0\",");
	assert_string_equal(server_hear(&s, fd),
			    OK("1") ERR("2", "1", "no \\\"bridge\\\" here") OK("3"));
	say(fd, "\"id\":4,\"method\":\"nothing\"}\n");
	assert_string_equal(server_hear(&s, fd), OK("4"));
	close(fd);
	server_fini(&s);
}

static void answers_carry_their_requests_ids_when_they_come_in_another_order(void **state)
{
	struct server s;
	(void)state;
	server_init(&s);
	int fd = server_dial(&s);
	say(fd, REQ("1", "hold") REQ("\"two\"", "hold") REQ("3", "nothing"));
	assert_string_equal(server_hear(&s, fd), OK("3"));
	assert_int_equal(s.n_held, 2);
	ctl_reply(s.held[1], NULL);
	ctl_reply_error(s.held[0], PROTO_ERR_HOTPLUG, "late");
	assert_string_equal(server_hear(&s, fd), OK("\"two\"") ERR("1", "1", "late"));
	close(fd);
	server_fini(&s);
}

static void a_request_that_is_too_long_is_refused_and_the_connection_closed(void **state)
{
	static char line[PROTO_REQUEST_MAX + 1];
	struct server s;
	(void)state;
	server_init(&s);
	int fd = server_dial(&s);
	memset(line, ' ', sizeof(line));
	say_bytes(fd, line, PROTO_REQUEST_MAX);
	assert_string_equal(server_hear(&s, fd), ERR("null", "-32600", "request too long"));
	assert_true(server_is_closed(&s, fd));
	close(fd);
	/* One byte less, its end included, is a request. */
	static const char end[] = REQ("1", "nothing");
	memcpy(line + PROTO_REQUEST_MAX - (sizeof(end) - 1), end, sizeof(end) - 1);
	server_assert(&s, line + 1, PROTO_REQUEST_MAX - 1, OK("1"));
	server_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_gets_the_answer_that_the_protocol_says),
		cmocka_unit_test(garbage_is_answered_as_such_and_the_connection_goes_on),
		cmocka_unit_test(a_request_may_come_in_single_bytes),
		cmocka_unit_test(requests_in_one_write_are_answered_each_even_cut_in_the_middle),
		cmocka_unit_test(answers_carry_their_requests_ids_when_they_come_in_another_order),
		cmocka_unit_test(a_request_that_is_too_long_is_refused_and_the_connection_closed),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
