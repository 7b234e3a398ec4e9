// SPDX-License-Identifier: GPL-2.0-or-later
/* test-helper: what the hotplug helper is told, and what it understands of the answer. */
#include <errno.h>
#include <stdlib.h>

#include "cases.h"
#include "hotplug/reply.h"
#include "hotplug/request.h"

#define PATH "XENBUS_PATH=backend/vif/5/0"

/* ---- argv and environment ---- */

#define PARAMS(action, type)                                                      \
	"\"params\":{\"action\":\"" action "\",\"path\":\"backend/vif/5/0\",\"type\":\"" type \
	"\"}}\n"

static const struct request_case {
	const char *name;
	const char *argv[6];
	const char *envp[5];
	int want;
	const char *line; /* REQUEST_SEND: params of the line; -EINVAL: part of the sentence */
	bool forgiving;
} request_cases[] = {
	{"libxl's online of a PV vif is sent",
	 {"online", "type_if=vif"},
	 {"XENBUS_TYPE=vif", PATH, "vif=vif5.0", "netdev="},
	 REQUEST_SEND, PARAMS("online", "vif"), false},
	{"libxl's offline of a PV vif is sent and forgives",
	 {"offline", "type_if=vif"}, {PATH},
	 REQUEST_SEND, PARAMS("offline", "vif"), true},
	{"libxl's add of a tap is sent",
	 {"add", "type_if=tap"}, {PATH, "INTERFACE=vif5.0-emu"},
	 REQUEST_SEND, PARAMS("add", "tap"), false},
	{"libxl's remove of a tap is sent and forgives",
	 {"remove", "type_if=tap"}, {PATH},
	 REQUEST_SEND, PARAMS("remove", "tap"), true},
	{"without type_if it is a vif",
	 {"online"}, {PATH},
	 REQUEST_SEND, PARAMS("online", "vif"), false},
	{"an absolute path is passed on as it is",
	 {"online"}, {"XENBUS_PATH=/local/domain/3/backend/vif/12/1"},
	 REQUEST_SEND, "\"path\":\"/local/domain/3/backend/vif/12/1\"", false},
	{"the longest numbers fit",
	 {"online"},
	 {"XENBUS_PATH=/local/domain/4294967295/backend/vif/4294967295/4294967295"},
	 REQUEST_SEND, "/local/domain/4294967295/backend/vif/4294967295/4294967295", false},
	{"a word overrides the environment, as in Xen's scripts",
	 {"online", "type_if=vif", "XENBUS_PATH=backend/vif/7/2"}, {PATH, "type_if=tap"},
	 REQUEST_SEND, "\"path\":\"backend/vif/7/2\"", false},
	{"words it does not know are ignored",
	 {"online", "ip=10.0.0.1", "junk", "type_if=vif"}, {PATH},
	 REQUEST_SEND, "\"path\":\"backend/vif/5/0\"", false},
	{"without a path the name of the vif tells",
	 {"online"}, {"vif=vif5.0"},
	 REQUEST_SEND, "\"path\":\"backend/vif/5/0\"", false},
	{"without a path the name of the tap tells",
	 {"add", "type_if=tap"}, {"vif=", "INTERFACE=vif12.3-emu"},
	 REQUEST_SEND, "\"path\":\"backend/vif/12/3\"", false},
	{"a renamed vif without a path is an error",
	 {"online"}, {"vif=web1"}, -EINVAL, "XENBUS_PATH is \"\"", false},
	{"a variable whose name only begins alike is no path",
	 {"online"}, {"XENBUS_PATHS=backend/vif/5/0"}, -EINVAL, "XENBUS_PATH is \"\"", false},
	{"online of a tap is not our business",
	 {"online", "type_if=tap"}, {PATH}, REQUEST_NOTHING, NULL, false},
	{"offline of a tap is not our business",
	 {"offline", "type_if=tap"}, {PATH}, REQUEST_NOTHING, NULL, true},
	{"add of a vif is not our business",
	 {"add", "type_if=vif"}, {PATH}, REQUEST_NOTHING, NULL, false},
	{"remove of a vif is not our business",
	 {"remove"}, {PATH}, REQUEST_NOTHING, NULL, true},
	{"a mixed pair needs no path",
	 {"online", "type_if=tap"}, {NULL}, REQUEST_NOTHING, NULL, false},
	{"no argument is an error", {NULL}, {PATH}, -EINVAL, "the action is \"\"", false},
	{"an unknown action is an error that names the known ones",
	 {"restart"}, {PATH}, -EINVAL, "must be online, offline, add or remove", false},
	{"an unknown device type is an error",
	 {"online", "type_if=eth"}, {PATH}, -EINVAL, "type_if is \"eth\"", false},
	{"an unknown device type is forgiven when it goes away",
	 {"offline", "type_if=eth"}, {PATH}, -EINVAL, "type_if is \"eth\"", true},
	{"a path that climbs is an error",
	 {"online"}, {"XENBUS_PATH=backend/vif/../../5/0"}, -EINVAL, "XENBUS_PATH is", false},
	{"a path with more behind it is an error",
	 {"online"}, {"XENBUS_PATH=backend/vif/5/0/x"}, -EINVAL, "XENBUS_PATH is", false},
	{"a path of another device class is an error",
	 {"online"}, {"XENBUS_PATH=backend/vbd/5/0"}, -EINVAL, "XENBUS_PATH is", false},
	{"a negative number is an error",
	 {"online"}, {"XENBUS_PATH=backend/vif/-5/0"}, -EINVAL, "XENBUS_PATH is", false},
	{"a number of eleven digits is an error",
	 {"online"}, {"XENBUS_PATH=backend/vif/5/00000000000"}, -EINVAL, "XENBUS_PATH is", false},
	{"a path that would break out of the JSON string is an error, shown without its escapes",
	 {"online"}, {"XENBUS_PATH=backend/vif/5/0\"}\n\033[31m"},
	 -EINVAL, "XENBUS_PATH is \"backend/vif/5/0\"}??[31m\"", false},
	{"a bad path is forgiven when the vif goes away",
	 {"offline"}, {"XENBUS_PATH=x"}, -EINVAL, "XENBUS_PATH is", true},
	{"--help is help", {"--help"}, {NULL}, REQUEST_HELP, NULL, false},
	{"--version is the version", {"--version"}, {NULL}, REQUEST_VERSION, NULL, false},
};

static void test_request(void **state)
{
	const struct request_case *c = *state;
	char *argv[8] = {(char *)"vif-bridge"};
	char why[256] = "", line[REQUEST_LINE_SIZE];
	struct request req;
	memcpy(argv + 1, c->argv, sizeof(c->argv));
	int r = request_parse(argv, (char *const *)c->envp, &req, why, sizeof(why));
	assert_int_equal(r, c->want);
	assert_int_equal(req.forgiving, c->forgiving);
	if (r == REQUEST_SEND) {
		size_t len = request_format(&req, line);
		assert_int_equal(len, strlen(line));
		assert_int_equal(line[len - 1], '\n');
		assert_non_null(strstr(line, c->line));
	} else if (c->line) {
		assert_non_null(strstr(why, c->line));
	}
}

static void vif_names(void **state)
{
	(void)state;
	struct request req;
	char why[256];
	char *tap[] = {(char *)"x", (char *)"add", (char *)"type_if=tap", NULL};
	char *pv[] = {(char *)"x", (char *)"online", NULL};
	char *env[] = {(char *)"XENBUS_PATH=/local/domain/0/backend/vif/51/3", NULL};
	assert_int_equal(request_parse(tap, env, &req, why, sizeof(why)), REQUEST_SEND);
	assert_string_equal(req.vif, "vif51.3-emu");
	assert_int_equal(request_parse(pv, env, &req, why, sizeof(why)), REQUEST_SEND);
	assert_string_equal(req.vif, "vif51.3");
}

/* ---- the reply ---- */

#define TEXT(s) s, sizeof(s) - 1
#define OK	"\"jsonrpc\":\"2.0\",\"id\":1"

static const struct reply_case {
	const char *name;
	const char *line;
	size_t len;
	int want;
	int code;
	const char *message;
} reply_cases[] = {
	{"a result is done", TEXT("{" OK ",\"result\":{}}"), REPLY_DONE, 0, ""},
	{"order and white space do not matter",
	 TEXT(" {\t\"result\" : { } ,\r\"id\" : 1 , \"jsonrpc\":\"2.0\" } "), REPLY_DONE, 0, ""},
	{"members it does not know are skipped",
	 TEXT("{" OK ",\"x\":[1,-2.5e+3,{\"id\":9},[],\"}\",true,false,null],\"result\":null}"),
	 REPLY_DONE, 0, ""},
	{"an error is refused, with code and sentence",
	 TEXT("{" OK ",\"error\":{\"code\":1,\"message\":\"no bridge\"}}"), REPLY_REFUSED, 1,
	 "no bridge"},
	{"a negative code is read",
	 TEXT("{" OK ",\"error\":{\"message\":\"m\",\"code\":-32602,\"data\":[{}]}}"),
	 REPLY_REFUSED, -32602, "m"},
	{"escapes are undone; what a terminal might obey is not",
	 TEXT("{" OK ",\"error\":{\"message\":"
	      "\"a\\\"b\\\\c\\/d\\n\\u001b[31m\\u00e4\\b\x7f\xc3\xa4\"}}"),
	 REPLY_REFUSED, 0, "a\"b\\c/d ?[31m?????"},
	{"an error of an unreadable request has no id and is ours",
	 TEXT("{\"id\":null,\"error\":{\"code\":-32700,\"message\":\"parse\"}}"), REPLY_REFUSED,
	 -32700, "parse"},
	{"another id is not ours", TEXT("{\"id\":2,\"result\":{}}"), REPLY_NOT_OURS, 0, ""},
	{"a string for an id is not ours",
	 TEXT("{\"id\":\"1\",\"result\":{}}"), REPLY_NOT_OURS, 0, ""},
	{"a fraction for an id is not ours",
	 TEXT("{\"id\":1.0,\"result\":{}}"), REPLY_NOT_OURS, 0, ""},
	{"a huge id is not ours",
	 TEXT("{\"id\":18446744073709551617,\"result\":{}}"), REPLY_NOT_OURS,
	 0, ""},
	{"a result for no id is not ours",
	 TEXT("{\"id\":null,\"result\":{}}"), REPLY_NOT_OURS, 0, ""},
	{"a notification is not ours", TEXT("{\"method\":\"x\",\"params\":{\"id\":1}}"),
	 REPLY_NOT_OURS, 0, ""},
	{"neither result nor error is garbage", TEXT("{" OK "}"), -EBADMSG, 0, NULL},
	{"result and error is garbage",
	 TEXT("{" OK ",\"result\":{},\"error\":{}}"), -EBADMSG, 0, NULL},
	{"two ids are garbage", TEXT("{" OK ",\"id\":1,\"result\":{}}"), -EBADMSG, 0, NULL},
	{"an error that is no object is garbage",
	 TEXT("{" OK ",\"error\":\"x\"}"), -EBADMSG, 0, NULL},
	{"a null error is garbage",
	 TEXT("{" OK ",\"result\":{},\"error\":null}"), -EBADMSG, 0, NULL},
	{"a message that is no string is garbage",
	 TEXT("{" OK ",\"error\":{\"message\":1}}"), -EBADMSG,
	 0, NULL},
	{"a code beyond int is garbage",
	 TEXT("{" OK ",\"error\":{\"code\":99999999999}}"), -EBADMSG, 0,
	 NULL},
	{"nothing is garbage", TEXT(""), -EBADMSG, 0, NULL},
	{"an array is garbage", TEXT("[]"), -EBADMSG, 0, NULL},
	{"text behind the object is garbage", TEXT("{" OK ",\"result\":{}}}"), -EBADMSG, 0, NULL},
	{"a trailing comma is garbage", TEXT("{" OK ",\"result\":{},}"), -EBADMSG, 0, NULL},
	{"a NUL between is garbage", TEXT("{" OK ",\0\"result\":{}}"), -EBADMSG, 0, NULL},
	{"a NUL in a string is garbage", TEXT("{" OK ",\"result\":\"\0\"}"), -EBADMSG, 0, NULL},
	{"a NUL behind is garbage", TEXT("{" OK ",\"result\":{}}\0"), -EBADMSG, 0, NULL},
	{"a raw line end in a string is garbage",
	 TEXT("{" OK ",\"result\":\"\n\"}"), -EBADMSG, 0, NULL},
	{"an unknown escape is garbage", TEXT("{" OK ",\"result\":\"\\x\"}"), -EBADMSG, 0, NULL},
	{"a short \\u is garbage", TEXT("{" OK ",\"result\":\"\\u12\"}"), -EBADMSG, 0, NULL},
	{"a number with a leading zero is garbage",
	 TEXT("{\"id\":01,\"result\":{}}"), -EBADMSG, 0, NULL},
	{"a number without digits is garbage", TEXT("{" OK ",\"result\":-}"), -EBADMSG, 0, NULL},
	{"a fraction without digits is garbage", TEXT("{" OK ",\"result\":1.}"), -EBADMSG, 0, NULL},
	{"an exponent without digits is garbage",
	 TEXT("{" OK ",\"result\":1e}"), -EBADMSG, 0, NULL},
	{"a misspelt word is garbage", TEXT("{" OK ",\"result\":nul}"), -EBADMSG, 0, NULL},
	{"a name without quotes is garbage", TEXT("{id:1,\"result\":{}}"), -EBADMSG, 0, NULL},
	{"nesting as deep as allowed is read",
	 TEXT("{" OK ",\"result\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}"), REPLY_DONE, 0, ""},
	{"deeper nesting is garbage",
	 TEXT("{" OK ",\"result\":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}"), -EBADMSG, 0, NULL},
};

/* The scanner gets an exact copy on the heap, so that a sanitizer sees the first byte too many. */
static int parse_copy(const char *line, size_t len, struct reply *reply)
{
	char *copy = malloc(len ? len : 1);
	assert_non_null(copy);
	memcpy(copy, line, len);
	int r = reply_parse(copy, len, 1, reply);
	free(copy);
	return r;
}

static void test_reply(void **state)
{
	const struct reply_case *c = *state;
	struct reply reply;
	assert_int_equal(parse_copy(c->line, c->len, &reply), c->want);
	if (!c->message)
		return;
	assert_int_equal(reply.code, c->code);
	assert_string_equal(reply.message, c->message);
}

static void reply_every_truncation_is_garbage(void **state)
{
	static const char line[] = "{" OK ",\"error\":{\"code\":-1,\"message\":\"a\\u0020b\\n\"},"
				   "\"x\":[1.5e3,true,null]}";
	struct reply reply;
	(void)state;
	for (size_t len = 0; len < sizeof(line) - 1; len++)
		assert_int_equal(parse_copy(line, len, &reply), -EBADMSG);
	assert_int_equal(parse_copy(line, sizeof(line) - 1, &reply), REPLY_REFUSED);
}

static void reply_every_changed_byte_is_survived(void **state)
{
	static const char line[] = "{\"id\":1,\"error\":{\"code\":-1,\"message\":\"a\\u0020\"}}";
	char bad[sizeof(line)];
	struct reply reply;
	(void)state;
	for (size_t i = 0; i < sizeof(line) - 1; i++)
		for (int b = 0; b < 256; b++) {
			memcpy(bad, line, sizeof(line));
			bad[i] = (char)b;
			int r = parse_copy(bad, sizeof(line) - 1, &reply);
			assert_true(r == REPLY_REFUSED || r == REPLY_NOT_OURS || r == -EBADMSG);
			assert_true(strlen(reply.message) < sizeof(reply.message));
		}
}

static void reply_long_sentence_is_cut(void **state)
{
	char line[4 * REPLY_TEXT_SIZE];
	char text[3 * REPLY_TEXT_SIZE];
	struct reply reply;
	(void)state;
	memset(text, 'x', sizeof(text));
	int n = snprintf(line, sizeof(line), "{\"id\":1,\"error\":{\"message\":\"%.*s\"}}",
			 (int)sizeof(text), text);
	assert_int_equal(parse_copy(line, n, &reply), REPLY_REFUSED);
	assert_int_equal(strlen(reply.message), REPLY_TEXT_SIZE - 1);
}

int main(void)
{
	static const struct CMUnitTest singles[] = {
		cmocka_unit_test(vif_names),
		cmocka_unit_test(reply_every_truncation_is_garbage),
		cmocka_unit_test(reply_every_changed_byte_is_survived),
		cmocka_unit_test(reply_long_sentence_is_cut),
	};
	struct CMUnitTest tests[COUNT(request_cases) + COUNT(reply_cases) +
				COUNT(singles)];
	size_t n = COUNT(singles);
	memcpy(tests, singles, sizeof(singles));
	CASES_ADD(tests, n, request_cases, test_request);
	CASES_ADD(tests, n, reply_cases, test_reply);
	return cmocka_run_group_tests_name("helper", tests, NULL, NULL);
}
