// SPDX-License-Identifier: GPL-2.0-or-later
/* leases-text: the address plan as the text of a file. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include "leases-priv.h"
#include "vif.h"

enum { VERSION = 1, WORDS_MAX = 8 };

/* That of Ethernet and zlib. */
static uint32_t crc32(const char *p, size_t n)
{
	uint32_t crc = ~UINT32_C(0);
	while (n--) {
		crc ^= (uint8_t)*p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

static int __attribute__((format(printf, 2, 3))) put(struct buf *out, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return buf_add(out, line, n);
}

/* The address alone: hosts have no length. */
static const char *host_text(const struct addr *a, char *buf, size_t size)
{
	if (!a->family)
		return "-";
	addr_print(a, buf, size);
	buf[strcspn(buf, "/")] = '\0';
	return buf;
}

static int put_lease(struct buf *out, const struct leases_entry *e)
{
	char v4[ADDR_TEXT_SIZE], v6[ADDR_TEXT_SIZE], name[sizeof(e->name)];
	struct addr a = lease_from_num(e->addr4);
	snprintf(name, sizeof(name), "%s", e->name[0] ? e->name : "-");
	for (char *p = name; *p; p++)
		if (*p <= ' ' || *p > '~')
			*p = '?';
	return put(out, "lease %s %02x:%02x:%02x:%02x:%02x:%02x %s %s %" PRIu32 " %s\n", e->network,
		   e->mac[0], e->mac[1], e->mac[2], e->mac[3], e->mac[4], e->mac[5],
		   host_text(&a, v4, sizeof(v4)), host_text(&e->addr6, v6, sizeof(v6)), e->day,
		   name);
}

int leases_print(const struct leases *ls, struct buf *out)
{
	char text[ADDR_TEXT_SIZE];
	int r = put(out, "version %d\n", VERSION);
	for (size_t i = 0; !r && i < ls->n_nets; i++)
		r = put(out, "network %s %s\n", ls->nets[i].network,
			addr_print(&ls->nets[i].gw4, text, sizeof(text)));
	for (size_t i = 0; !r && i < ls->n; i++)
		r = put_lease(out, &ls->at[i]);
	return r
		       ?: put(out, "end %zu %08" PRIx32 "\n", ls->n + ls->n_nets + 1,
			      crc32(out->data, out->len));
}

static bool parse_addr(const char *word, int family, bool with_prefix, struct addr *a)
{
	return !addr_parse(word, a, NULL) && a->family == family && a->has_prefix == with_prefix;
}

static bool parse_num(const char *word, uint32_t *out)
{
	char *end;
	errno = 0;
	unsigned long n = strtoul(word, &end, 10);
	*out = n;
	return *word >= '0' && *word <= '9' && !*end && !errno && n <= UINT32_MAX;
}

/* @return 1: a line that could not have been written by us. */
static int parse_lease(struct leases *ls, char *const *word, size_t n)
{
	struct leases_entry e = {.addr4 = 0};
	struct addr v4;
	if (n != 7 || strlen(word[1]) >= sizeof(e.network) || !vif_mac_parse(word[2], e.mac) ||
	    !parse_addr(word[3], AF_INET, false, &v4) || !parse_num(word[5], &e.day) ||
	    (strcmp(word[4], "-") && !parse_addr(word[4], AF_INET6, false, &e.addr6)))
		return 1;
	e.addr4 = lease_to_num(&v4);
	strcpy(e.network, word[1]);
	if (strcmp(word[6], "-"))
		snprintf(e.name, sizeof(e.name), "%s", word[6]);
	if (leases_by_mac(ls, e.network, e.mac) || leases_by_addr4(ls, e.network, e.addr4))
		return 1;
	return leases_add(ls, &e);
}

static int parse_network(struct leases *ls, char *const *word, size_t n)
{
	struct addr gw4, other;
	if (n != 3 || strlen(word[1]) >= LEASE_NETWORK_SIZE ||
	    leases_network(ls, word[1], &other) || !parse_addr(word[2], AF_INET, true, &gw4) ||
	    gw4.prefix < 8 || gw4.prefix > 30)
		return 1;
	return leases_set_network(ls, word[1], &gw4);
}

static int parse_line(struct leases *ls, char *line)
{
	char *word[WORDS_MAX], *save = NULL;
	size_t n = 0;
	for (char *w = strtok_r(line, " ", &save); w && n < WORDS_MAX;
	     w = strtok_r(NULL, " ", &save))
		word[n++] = w;
	if (n && !strcmp(word[0], "lease"))
		return parse_lease(ls, word, n);
	if (n && !strcmp(word[0], "network"))
		return parse_network(ls, word, n);
	return n != 2 || strcmp(word[0], "version") || strcmp(word[1], "1");
}

/* The last line tells whether the ones before it are all there, and as they were written. */
static bool is_whole(const char *text, const char *end, size_t lines)
{
	char want[64];
	snprintf(want, sizeof(want), "end %zu %08" PRIx32 "\n", lines, crc32(text, end - text));
	return !strcmp(end, want);
}

int leases_parse(struct leases *ls, const char *text, struct err *e)
{
	size_t lines = 0, wrong = 0;
	const char *p = text, *eol;
	for (; (eol = strchr(p, '\n')) && strncmp(p, "end ", 4); p = eol + 1) {
		char *line = strndup(p, eol - p);
		int r = line ? parse_line(ls, line) : -ENOMEM;
		free(line);
		if (r < 0)
			return err_sysf(e, r, "read the leases");
		lines++;
		if (r && !wrong)
			wrong = lines;
	}
	if (!wrong && is_whole(text, p, lines))
		return 0;
	if (wrong)
		err_setf(e, -EBADMSG, "line %zu is not as xen-netd writes them", wrong);
	else
		err_setf(e, -EBADMSG, "its last line does not agree with the %zu before it", lines);
	return 1;
}
