// SPDX-License-Identifier: GPL-2.0-or-later
/* nat: a host for the cases of nat mode. */
#include "nat.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

struct net nat_internet;

static void tick(void *arg)
{
	loop_timer(arg, 10, tick, arg);
}

void nat_host(struct world *w, const char *config)
{
	tick(w->loop); /* some of what cases wait for is told by nobody */
	net_open_new(&nat_internet);
	assert_int_equal(net_add_veth(&w->net, "eth0", NULL, &nat_internet, "inet0", NULL), 0);
	net_set_up(&w->net, "eth0", true);
	net_set_up(&nat_internet, "inet0", true);
	DOM0(w, "ip", "addr", "add", OUT4 "/24", "dev", "eth0");
	DOM0(w, "ip", "addr", "add", OUT6 "/64", "dev", "eth0", "nodad");
	IN(w, &nat_internet, "ip", "addr", "add", NEXT4 "/24", "dev", "inet0");
	IN(w, &nat_internet, "ip", "addr", "add", NEXT6 "/64", "dev", "inet0", "nodad");
	IN(w, &nat_internet, "ip", "addr", "add", SERVER4 "/32", "dev", "lo");
	IN(w, &nat_internet, "ip", "addr", "add", SERVER6 "/128", "dev", "lo");
	DOM0(w, "ip", "route", "add", "default", "via", NEXT4);
	DOM0(w, "ip", "-6", "route", "add", "default", "via", NEXT6);
	route_sysctl_put(w, &w->net, "ipv4/ip_forward", "0");
	route_sysctl_put(w, &w->net, "ipv6/conf/all/forwarding", "0");
	nat_echo(w, &nat_internet, ECHO);
	daemon_config(config);
	daemon_start(&w->daemon);
}

struct nic *nat_guest(struct world *w, unsigned domid, const char *name, const char *bridge)
{
	struct nic *nic = case_guest(w, domid, name, true);

	nic->conf.script = case_script(w, "vif-netd");
	nic->conf.bridge = bridge;
	nic->conf.addr = NULL;
	return nic;
}

void nat_configure(struct nic *nic, struct dhcp_lease *lease)
{
	struct world *w = nic->w;
	struct net *n = &nic->guest->net;

	if (!dhcp_get(nic, NULL, lease, DHCP_MS))
		fail_msg("%s: no lease; %u answers with wrong checksums", nic->vif,
			 lease->bad_checksums);
	nic->conf.addr = strdup(text("%s/%u", lease->addr, lease->prefix));
	IN(w, n, "ip", "addr", "replace", nic->conf.addr, "dev", nic->eth);
	IN(w, n, "ip", "route", "replace", "default", "via", lease->router);
}

struct nic *nat_attached(struct world *w, unsigned domid, const char *name, const char *bridge)
{
	struct nic *nic = nat_guest(w, domid, name, bridge);
	struct dhcp_lease lease;

	assert_attach(nic);
	nat_configure(nic, &lease);
	return nic;
}

/* Of a v4-mapped address the part that is meant. */
static const char *print(const struct sockaddr_in6 *sa)
{
	char buf[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, &sa->sin6_addr, buf, sizeof(buf));
	return text("%s", strncmp(buf, "::ffff:", 7) ? buf : buf + 7);
}

/* From the address that was asked, which the answer's control data says as the question's did. */
static void echo(void *arg)
{
	int fd = (int)(intptr_t)arg;
	struct sockaddr_in6 sa;
	char buf[512], control[128];
	struct iovec iov = {buf, sizeof(buf)};
	struct msghdr m = {.msg_name = &sa, .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control};

	for (;;) {
		m.msg_namelen = sizeof(sa);
		m.msg_controllen = sizeof(control);
		iov = (struct iovec) {buf, sizeof(buf)};
		if (recvmsg(fd, &m, 0) < 0)
			return;
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		if (c)
			((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_ifindex = 0;
		iov.iov_len = snprintf(buf, sizeof(buf), "%s", print(&sa));
		sendmsg(fd, &m, 0);
	}
}

static int udp_socket(struct world *w, const struct net *n)
{
	int fd;

	net_enter(n);
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	net_leave(&w->net);
	if (fd < 0)
		die_errno("UDP socket");
	return fd;
}

void nat_echo(struct world *w, const struct net *n, uint16_t port)
{
	struct sockaddr_in6 sa = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int fd = udp_socket(w, n), on = 1;

	setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	if (bind(fd, (void *)&sa, sizeof(sa)))
		die_errno("bind port %u", port);
	loop_fd(w->loop, fd, echo, (void *)(intptr_t)fd);
}

struct question {
	struct world *w;
	int fd;
	struct sockaddr_in6 to;
	uint8_t msg[512], answer[1500];
	size_t len;
	ssize_t got;
};

static void answer(void *arg)
{
	struct question *q = arg;
	ssize_t n;

	while ((n = recv(q->fd, q->answer, sizeof(q->answer) - 1, 0)) > 0)
		q->got = n;
}

static void put_question(void *arg)
{
	struct question *q = arg;

	/* May fail (neighbour unknown, port closed): the next one tells. */
	send(q->fd, q->msg, q->len, 0);
	loop_timer(q->w->loop, 50, put_question, q);
}

static bool exchange(struct question *q, struct world *w, const struct net *from, const char *to,
		     uint16_t port, int ms)
{
	bool ok;

	q->w = w;
	q->to = (struct sockaddr_in6) {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	if (inet_pton(AF_INET6, strchr(to, ':') ? to : text("::ffff:%s", to), &q->to.sin6_addr) != 1)
		die("bad address %s", to);
	q->fd = udp_socket(w, from);
	if (connect(q->fd, (void *)&q->to, sizeof(q->to))) {
		close(q->fd); /* no route: no answer */
		return false;
	}
	loop_fd(w->loop, q->fd, answer, q);
	put_question(q);
	ok = LOOP_WAIT(w->loop, ms, q->got > 0);
	loop_timer_del(w->loop, put_question, q);
	loop_fd_del(w->loop, q->fd);
	close(q->fd);
	return ok;
}

const char *nat_ask(struct world *w, const struct net *from, const char *to, uint16_t port, int ms)
{
	struct question q = {.msg = "?", .len = 1};

	if (!exchange(&q, w, from, to, port, ms))
		return "";
	return text("%.*s", (int)q.got, (const char *)q.answer);
}

/* One question, RFC 1035; the name's labels with their lengths. */
static void fill_query(struct question *q, const char *name, uint16_t type)
{
	static const uint8_t head[] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
	uint8_t *p = q->msg + sizeof(head);

	memcpy(q->msg, head, sizeof(head));
	for (const char *label = name; *label;) {
		size_t n = strcspn(label, ".");
		*p++ = n;
		memcpy(p, label, n);
		p += n;
		label += n + (label[n] == '.');
	}
	*p++ = 0;
	const uint8_t tail[] = {type >> 8, type, 0, 1};
	memcpy(p, tail, sizeof(tail));
	q->len = p + sizeof(tail) - q->msg;
}

const char *nat_resolve(struct world *w, const struct net *from, const char *server, const char *name,
			bool v6)
{
	struct question q = {.len = 0};
	char buf[INET6_ADDRSTRLEN];

	fill_query(&q, name, v6 ? 28 : 1);
	if (!exchange(&q, w, from, server, 53, PING_MS))
		return "";
	/* Behind the question: name (a pointer), type, class, time to live, length, address. */
	const uint8_t *p = q.answer + q.len;
	size_t len = v6 ? 16 : 4;
	if (q.got < (ssize_t)(q.len + 12 + len) || !q.answer[7] || p[11] != len)
		return "";
	inet_ntop(v6 ? AF_INET6 : AF_INET, p + 12, buf, sizeof(buf));
	return text("%s", buf);
}
