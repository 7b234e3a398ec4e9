// SPDX-License-Identifier: GPL-2.0-or-later
/* test-helper-talk: the hotplug helper's conversations, with a daemon and with a xenstored. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <xen/io/xs_wire.h>

#include "cases.h"
#include "hotplug/ask.h"
#include "hotplug/io.h"
#include "hotplug/xs.h"

#define TEXT(s) s, sizeof(s) - 1

/* ---- the conversation ---- */

/* What the daemon does with the connections one after the other. */
enum move { END, ANSWER, LATE_LINE, IN_BYTES, REFUSE, CLOSE, HALF, GARBAGE, ENDLESS, HANG, LEAVE };

struct daemon {
	char path[64];
	int listener;
	const enum move *moves;
	pthread_t thread;
};

static void say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void say_in_bytes(int fd, const char *text)
{
	for (; *text; text++)
		assert_int_equal(send(fd, text, 1, MSG_NOSIGNAL), 1);
}

static void make_move(int fd, enum move move)
{
	static const char done[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n";
	char buf[4096];
	switch (move) {
	case ANSWER:
		say(fd, done);
		break;
	case LATE_LINE:
		say(fd, "{\"method\":\"news\"}\n{\"id\":7,\"result\":{}}\n{\"jsonrpc\":\"2.0\",");
		say(fd, "\"id\":1,\"result\":{}}\n");
		break;
	case IN_BYTES:
		say_in_bytes(fd, done);
		break;
	case REFUSE:
		say(fd, "{\"id\":1,\"error\":{\"code\":1,\"message\":\"no bridge\"}}\n");
		break;
	case HALF:
		say(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"res");
		break;
	case GARBAGE:
		say(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
		break;
	case ENDLESS:
		memset(buf, ' ', sizeof(buf));
		while (send(fd, buf, sizeof(buf), MSG_NOSIGNAL) > 0)
			;
		break;
	case HANG:
		while (read(fd, buf, sizeof(buf)) > 0)
			;
		break;
	case END:
	case CLOSE:
	case LEAVE:
		break;
	}
}

/* The request is read first, or closing would be a reset that overtakes the answer. */
static void *daemon_run(void *arg)
{
	struct daemon *d = arg;
	char buf[512];
	for (const enum move *m = d->moves; *m != END; m++) {
		int fd = accept(d->listener, NULL, NULL);
		if (fd < 0)
			break;
		if (*m == LEAVE) {
			close(d->listener);
			unlink(d->path);
			d->listener = -1;
		}
		if (read(fd, buf, sizeof(buf)) > 0)
			make_move(fd, *m);
		close(fd);
	}
	return NULL;
}

static void daemon_start(struct daemon *d, const enum move *moves)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	char dir[] = "/tmp/test-helper-XXXXXX";
	assert_non_null(mkdtemp(dir));
	snprintf(d->path, sizeof(d->path), "%s/control", dir);
	strcpy(addr.sun_path, d->path);
	d->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	d->moves = moves;
	assert_int_equal(bind(d->listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(d->listener, 8), 0);
	assert_int_equal(pthread_create(&d->thread, NULL, daemon_run, d), 0);
}

static void daemon_stop(struct daemon *d)
{
	if (d->listener >= 0)
		shutdown(d->listener, SHUT_RDWR);
	pthread_join(d->thread, NULL);
	if (d->listener >= 0)
		close(d->listener);
	unlink(d->path);
	*strrchr(d->path, '/') = '\0';
	rmdir(d->path);
}

static const struct ask_case {
	const char *name;
	enum move moves[ASK_LOSSES + 1];
	int deadline; /* ms */
	int want;
	const char *message;
} ask_cases[] = {
	{"an answer is done", {ANSWER}, 5000, 0, ""},
	{"an answer behind other lines is found", {LATE_LINE}, 5000, 0, ""},
	{"an answer that comes byte by byte is done", {IN_BYTES}, 5000, 0, ""},
	{"a refusal is passed on", {REFUSE}, 5000, REPLY_REFUSED, "no bridge"},
	{"a daemon that restarts is asked again", {CLOSE, CLOSE, ANSWER}, 5000, 0, ""},
	{"half an answer counts as none", {HALF, ANSWER}, 5000, 0, ""},
	{"a daemon that always hangs up is given up",
	 {CLOSE, CLOSE, CLOSE, CLOSE, CLOSE, CLOSE, CLOSE, CLOSE}, 10000, -ECONNRESET,
	 "closed 8 connections without an answer"},
	{"a daemon that does not come back is given up after three seconds",
	 {LEAVE}, 10000, -ENOENT, "did not come back within 3 s"},
	{"the deadline ends the wait for a daemon that does not come back",
	 {LEAVE}, 100, -ETIMEDOUT, "does not answer"},
	{"garbage is not success", {GARBAGE}, 5000, -EBADMSG, "not understood"},
	{"an endless line is not read to its end", {ENDLESS}, 5000, -EBADMSG, "not understood"},
	{"the deadline ends the wait for an answer", {HANG}, 100, -ETIMEDOUT, "does not answer"},
};

static void test_ask(void **state)
{
	const struct ask_case *c = *state;
	struct daemon d;
	struct reply reply;
	daemon_start(&d, c->moves);
	int r = ask(d.path, TEXT("{\"id\":1}\n"), io_now() + c->deadline, &reply);
	daemon_stop(&d);
	assert_int_equal(r, c->want);
	assert_non_null(strstr(reply.message, c->message));
}

static void ask_absent_daemon_is_an_error_at_once(void **state)
{
	struct reply reply;
	int64_t start = io_now();
	(void)state;
	int r = ask("/nonexistent/control", TEXT("{}\n"), start + 30000, &reply);
	assert_int_equal(r, -ENOENT);
	assert_non_null(strstr(reply.message, "xen-netd is not running"));
	assert_non_null(strstr(reply.message, "systemctl start xen-netd"));
	assert_true(io_now() - start < 1000);
}

static void ask_too_long_path_is_an_error(void **state)
{
	char path[200];
	struct reply reply;
	(void)state;
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(ask(path, TEXT("{}\n"), io_now() + 1000, &reply), -ENAMETOOLONG);
}

/* ---- the xenstore client, against a twin that plays bytes ---- */

enum trick {
	PLAIN,
	WATCH_FIRST, /* an event comes before the reply */
	BYTEWISE,
	WRONG_ID,
	WRONG_TYPE,
	OVERSIZE, /* its header claims more than the protocol allows */
	CUT,	  /* hangs up within the reply */
	STALL,	  /* says nothing */
};

struct turn {
	uint32_t type;
	const char *body; /* expected; with '|' for NUL; NULL: not looked at */
	uint32_t reply_type;
	const char *reply; /* '|' for NUL */
	enum trick trick;
};

#define DIR	 "backend/vif/5/0/"
#define BEGIN	 {XS_TRANSACTION_START, "|", XS_TRANSACTION_START, "17|", PLAIN}
#define STATE	 {XS_READ, DIR "state|", XS_READ, "2", PLAIN}
#define STATUS	 {XS_READ, DIR "hotplug-status|", XS_READ, "", PLAIN}
#define SENTENCE {XS_WRITE, DIR "hotplug-error|no daemon", XS_WRITE, "OK|", PLAIN}
#define FAILED	 {XS_WRITE, DIR "hotplug-status|error", XS_WRITE, "OK|", PLAIN}
#define COMMIT	 {XS_TRANSACTION_END, "T|", XS_TRANSACTION_END, "OK|", PLAIN}
#define AGAIN	 {XS_TRANSACTION_END, "T|", XS_ERROR, "EAGAIN|", PLAIN}
#define DISTURBED BEGIN, STATE, STATUS, SENTENCE, FAILED, AGAIN

static const struct xs_case {
	const char *name;
	struct turn turns[64];
	int want;
} xs_cases[] = {
	{"the sentence and the status are written in one transaction",
	 {BEGIN, STATE, STATUS, SENTENCE, FAILED, COMMIT}, 0},
	{"a vif without hotplug-status gets one (libxl before 4.17)",
	 {BEGIN, STATE, {XS_READ, DIR "hotplug-status|", XS_ERROR, "ENOENT|", PLAIN}, SENTENCE,
	  FAILED, COMMIT}, 0},
	{"the status of a working vif is left alone",
	 {BEGIN, STATE, {XS_READ, NULL, XS_READ, "connected", PLAIN}, SENTENCE, COMMIT}, 0},
	{"a directory that is gone is not written to",
	 {BEGIN, {XS_READ, DIR "state|", XS_ERROR, "ENOENT|", PLAIN}}, XS_GONE},
	{"a disturbed transaction is tried again",
	 {DISTURBED, DISTURBED, BEGIN, STATE, STATUS, SENTENCE, FAILED, COMMIT}, 0},
	{"a directory that goes away in the middle is not written to",
	 {DISTURBED, BEGIN, {XS_READ, DIR "state|", XS_ERROR, "ENOENT|", PLAIN}}, XS_GONE},
	{"a transaction that is always disturbed is given up",
	 {DISTURBED, DISTURBED, DISTURBED, DISTURBED, DISTURBED, DISTURBED, DISTURBED, DISTURBED,
	  DISTURBED, DISTURBED}, -EAGAIN},
	{"watch events are skipped",
	 {{XS_TRANSACTION_START, "|", XS_TRANSACTION_START, "17|", WATCH_FIRST},
	  {XS_READ, DIR "state|", XS_READ, "2", WATCH_FIRST}, STATUS, SENTENCE, FAILED,
	  {XS_TRANSACTION_END, "T|", XS_TRANSACTION_END, "OK|", WATCH_FIRST}}, 0},
	{"replies that come byte by byte are put together",
	 {{XS_TRANSACTION_START, "|", XS_TRANSACTION_START, "17|", BYTEWISE},
	  {XS_READ, DIR "state|", XS_READ, "2", BYTEWISE}, STATUS, SENTENCE, FAILED, COMMIT}, 0},
	{"a refused write is an error",
	 {BEGIN, STATE, STATUS, {XS_WRITE, NULL, XS_ERROR, "EACCES|", PLAIN}}, -EACCES},
	{"an error name that is not known is an error",
	 {{XS_TRANSACTION_START, "|", XS_ERROR, "EWHATEVER|", PLAIN}}, -EIO},
	{"an error without text is an error",
	 {{XS_TRANSACTION_START, "|", XS_ERROR, "", PLAIN}}, -EIO},
	{"a reply to another request is an error",
	 {{XS_TRANSACTION_START, "|", XS_TRANSACTION_START, "17|", WRONG_ID}}, -EPROTO},
	{"a reply of another type is an error",
	 {{XS_TRANSACTION_START, "|", XS_TRANSACTION_START, "17|", WRONG_TYPE}}, -EPROTO},
	{"a transaction without a number is an error",
	 {{XS_TRANSACTION_START, "|", XS_TRANSACTION_START, "x|", PLAIN}}, -EPROTO},
	{"transaction 0, which is none, is an error",
	 {{XS_TRANSACTION_START, "|", XS_TRANSACTION_START, "0|", PLAIN}}, -EPROTO},
	{"an oversize reply is an error",
	 {BEGIN, {XS_READ, NULL, XS_READ, "2", OVERSIZE}}, -EPROTO},
	{"a hang-up within a reply is an error",
	 {BEGIN, {XS_READ, NULL, XS_READ, "2", CUT}}, -ECONNRESET},
	{"a hung xenstored cannot hang the helper",
	 {BEGIN, {XS_READ, NULL, XS_READ, "2", STALL}}, -ETIMEDOUT},
};

struct twin {
	int fd;
	const struct turn *turns;
	const char *wrong; /* what the client did wrong, or NULL */
	pthread_t thread;
};

static size_t decode(const char *text, char *out)
{
	size_t len = strlen(text);
	for (size_t i = 0; i < len; i++)
		out[i] = text[i] == '|' ? '\0' : text[i];
	return len;
}

static bool read_all(int fd, void *buf, size_t len)
{
	return !len || recv(fd, buf, len, MSG_WAITALL) == (ssize_t)len;
}

/* The deadline may have passed on the other side: a peer that is gone is no failure here. */
static void put(int fd, struct xsd_sockmsg msg, const char *body, size_t len, bool bytewise)
{
	char buf[512];
	memcpy(buf, &msg, sizeof(msg));
	memcpy(buf + sizeof(msg), body, len);
	len += sizeof(msg);
	for (size_t i = 0, step = bytewise ? 1 : len; i < len; i += step)
		if (send(fd, buf + i, step, MSG_NOSIGNAL) < 0)
			return;
}

static void play(struct twin *twin, const struct turn *t, struct xsd_sockmsg msg)
{
	static const char event[] = "@releaseDomain\0token";
	char body[256];
	size_t len = decode(t->reply, body);
	msg.type = t->trick == WRONG_TYPE ? XS_MKDIR : t->reply_type;
	msg.req_id += t->trick == WRONG_ID;
	msg.len = t->trick == OVERSIZE ? XENSTORE_PAYLOAD_MAX + 1 : len + (t->trick == CUT);
	struct xsd_sockmsg watch = {.type = XS_WATCH_EVENT, .len = sizeof(event)};
	if (t->trick == WATCH_FIRST)
		put(twin->fd, watch, event, sizeof(event), false);
	if (t->trick != STALL)
		put(twin->fd, msg, body, len, t->trick == BYTEWISE);
	if (t->trick == CUT)
		shutdown(twin->fd, SHUT_RDWR);
}

static const char *check(const struct turn *t, const struct xsd_sockmsg *msg, const char *body)
{
	char want[256];
	if (msg->type != t->type)
		return "another request was expected";
	if (msg->tx_id != (t->type == XS_TRANSACTION_START ? 0 : 17))
		return "wrong transaction";
	if (t->body && (msg->len != decode(t->body, want) || memcmp(body, want, msg->len)))
		return "wrong body";
	return NULL;
}

static void *twin_run(void *arg)
{
	struct twin *twin = arg;
	const struct turn *t = twin->turns;
	struct xsd_sockmsg msg;
	char body[XENSTORE_PAYLOAD_MAX];
	while (read_all(twin->fd, &msg, sizeof(msg))) {
		if (!t->reply)
			twin->wrong = "asked on after the end";
		else if (msg.len > sizeof(body) || !read_all(twin->fd, body, msg.len))
			twin->wrong = "cut request";
		else
			twin->wrong = check(t, &msg, body);
		if (twin->wrong) {
			shutdown(twin->fd, SHUT_RDWR);
			return NULL;
		}
		play(twin, t++, msg);
	}
	if (t->reply)
		twin->wrong = "stopped too early";
	return NULL;
}

static void test_xs(void **state)
{
	const struct xs_case *c = *state;
	bool stalls = c->want == -ETIMEDOUT;
	int fd[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	struct twin twin = {.fd = fd[1], .turns = c->turns};
	assert_int_equal(pthread_create(&twin.thread, NULL, twin_run, &twin), 0);
	int r = xs_report(fd[0], "backend/vif/5/0", "no daemon", io_now() + (stalls ? 100 : 10000));
	close(fd[0]);
	pthread_join(twin.thread, NULL);
	close(twin.fd);
	if (twin.wrong)
		fail_msg("the client %s", twin.wrong);
	assert_int_equal(r, c->want);
}

static void xs_full_stream_does_not_hang_it(void **state)
{
	char junk[4096] = "";
	int fd[2];
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	while (write(fd[0], junk, sizeof(junk)) > 0)
		;
	assert_int_equal(xs_report(fd[0], "backend/vif/5/0", "x", io_now() + 50), -ETIMEDOUT);
	close(fd[0]);
	close(fd[1]);
}

static void xs_open_goes_where_the_environment_says(void **state)
{
	(void)state;
	setenv("XENSTORED_RUNDIR", "/nonexistent", 1);
	assert_int_equal(xs_open(io_now() + 1000), -ENOENT);
	setenv("XENSTORED_PATH", "/dev/null", 1);
	int fd = xs_open(io_now() + 1000);
	assert_true(fd >= 0);
	/* No xenstore behind it: the end of the stream, at once. */
	assert_int_equal(xs_report(fd, "backend/vif/5/0", "x", io_now() + 1000), -ECONNRESET);
	close(fd);
	unsetenv("XENSTORED_PATH");
	unsetenv("XENSTORED_RUNDIR");
}

int main(void)
{
	static const struct CMUnitTest singles[] = {
		cmocka_unit_test(ask_absent_daemon_is_an_error_at_once),
		cmocka_unit_test(ask_too_long_path_is_an_error),
		cmocka_unit_test(xs_full_stream_does_not_hang_it),
		cmocka_unit_test(xs_open_goes_where_the_environment_says),
	};
	struct CMUnitTest tests[COUNT(ask_cases) + COUNT(xs_cases) + COUNT(singles)];
	size_t n = COUNT(singles);
	signal(SIGPIPE, SIG_IGN); /* as main() does */
	memcpy(tests, singles, sizeof(singles));
	CASES_ADD(tests, n, ask_cases, test_ask);
	CASES_ADD(tests, n, xs_cases, test_xs);
	return cmocka_run_group_tests_name("helper-talk", tests, NULL, NULL);
}
