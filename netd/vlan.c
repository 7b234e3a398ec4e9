// SPDX-License-Identifier: GPL-2.0-or-later
/* vlan: sets of VLANs of a bridge port, and libxl's `vlan=` syntax. */
#include "vlan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	WORD_BITS = 64,
	NUM_MAX = 9999, /* what larger numbers are read as: out of range, and its square fits */
};

/* The VLANs first, first + step, … of one term. */
struct term {
	uint32_t first, step, count;
	char flag; /* 'p', 'u' or 0 */
};

#define SYNTAX                                                        \
	"allowed are N, Np, Nu, A-B, A-Bu, N+OFFxCOUNT, N+OFFxCOUNTu" \
	" joined by \"/\", in decimal without leading zeros"

static int parse_term(const char *s, size_t len, struct vlan_set *set, struct err *e);
static int choose_pvid(struct vlan_set *set, struct err *e);

/*
 * Xen has no reader of this key but a patch to vif-bridge that was never merged (xen-devel,
 * 17 May 2024, "[PATCH v4 1/2] tools/hotplug/Linux: Add bridge VLAN support"). We follow it: a VLAN
 * may be given once only, and a set of one VLAN needs no 'p'. Stricter are: no empty terms, no
 * blanks, no leading zeros (bash took 010 for 8), and no term without any VLAN.
 */
int vlan_parse(const char *text, struct vlan_set *set, struct err *e)
{
	struct vlan_set new = {.pvid = 0};
	const char *p = text;
	size_t len = strcspn(p, "/");
	int r = parse_term(p, len, &new, e);

	while (!r && p[len]) {
		p += len + 1;
		len = strcspn(p, "/");
		r = parse_term(p, len, &new, e);
	}
	if (!r)
		r = choose_pvid(&new, e);
	if (r)
		return err_wrapf(e, "VLANs \"%.64s\"", text);
	*set = new;
	return 0;
}

static bool bit(const uint64_t *words, uint16_t vid)
{
	return vid <= VLAN_MAX && (words[vid / WORD_BITS] >> vid % WORD_BITS & 1);
}

/* Numbers that no VLAN has are ignored: they could only come from a kernel gone mad. */
void vlan_add(struct vlan_set *set, uint16_t vid, bool untagged)
{
	if (vid < VLAN_MIN || vid > VLAN_MAX)
		return;
	uint64_t mask = UINT64_C(1) << vid % WORD_BITS;
	set->member[vid / WORD_BITS] |= mask;
	if (untagged)
		set->untagged[vid / WORD_BITS] |= mask;
	else
		set->untagged[vid / WORD_BITS] &= ~mask;
}

bool vlan_has(const struct vlan_set *set, uint16_t vid)
{
	return bit(set->member, vid);
}

bool vlan_is_untagged(const struct vlan_set *set, uint16_t vid)
{
	return bit(set->untagged, vid);
}

bool vlan_is_empty(const struct vlan_set *set)
{
	for (int i = 0; i < VLAN_WORDS; i++)
		if (set->member[i])
			return false;
	return true;
}

bool vlan_covers(const struct vlan_set *set, const struct vlan_set *of)
{
	for (uint16_t v = VLAN_MIN; v <= VLAN_MAX; v++)
		if (vlan_has(of, v) && !vlan_has(set, v))
			return false;
	return true;
}

bool vlan_equal(const struct vlan_set *a, const struct vlan_set *b)
{
	return a->pvid == b->pvid && !memcmp(a->member, b->member, sizeof(a->member)) &&
	       !memcmp(a->untagged, b->untagged, sizeof(a->untagged));
}

/* The first member at or after @from, 0 if there is none. */
static uint16_t next_member(const struct vlan_set *set, uint16_t from)
{
	uint32_t vid = from < VLAN_MIN ? VLAN_MIN : from;

	while (vid <= VLAN_MAX) {
		uint64_t rest = set->member[vid / WORD_BITS] >> vid % WORD_BITS;
		if (rest) {
			vid += (uint32_t)__builtin_ctzll(rest);
			return vid <= VLAN_MAX ? (uint16_t)vid : 0;
		}
		vid = (vid / WORD_BITS + 1) * WORD_BITS;
	}
	return 0;
}

uint16_t vlan_next_run(const struct vlan_set *set, uint16_t from, uint16_t *last)
{
	uint16_t first = next_member(set, from);

	*last = first;
	if (!first || first == set->pvid)
		return first;
	for (uint16_t v = first + 1; vlan_has(set, v) && v != set->pvid; v++) {
		if (vlan_is_untagged(set, v) != vlan_is_untagged(set, first))
			break;
		*last = v;
	}
	return first;
}

/*
 * A bridge can hold a PVID whose frames leave tagged, which the syntax cannot say: it is printed as
 * "10pt", so that it never looks like "10p".
 */
static const char *run_flag(const struct vlan_set *set, uint16_t vid)
{
	bool untagged = vlan_is_untagged(set, vid);

	if (vid == set->pvid)
		return untagged ? "p" : "pt";
	return untagged ? "u" : "";
}

const char *vlan_print(const struct vlan_set *set, char *buf, size_t size)
{
	static const char more[] = "...";
	size_t used = 0;
	uint16_t last;

	buf[0] = '\0';
	for (uint16_t v = vlan_next_run(set, 0, &last); v;
	     v = vlan_next_run(set, last + 1, &last)) {
		char term[24], range[8] = "";
		if (last != v)
			snprintf(range, sizeof(range), "-%u", last);
		int n = snprintf(term, sizeof(term), "%s%u%s%s", used ? "/" : "", v, range,
				 run_flag(set, v));
		/* Room is kept for the dots: a cut list must not look like a whole one. */
		if (used + (size_t)n + sizeof(more) > size) {
			snprintf(buf + used, size - used, "%s", more);
			break;
		}
		memcpy(buf + used, term, (size_t)n + 1);
		used += (size_t)n;
	}
	return buf;
}

static bool read_num(const char **p, uint32_t *num)
{
	const char *s = *p;
	uint32_t n = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		n = n > NUM_MAX / 10 ? NUM_MAX : n * 10 + (uint32_t)(*s - '0');
	if (s == *p || (**p == '0' && s - *p > 1))
		return false;
	*p = s;
	*num = n;
	return true;
}

static bool skip(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* The syntax of a term alone; A-B with A > B gives a count of 0. */
static bool read_term(const char *s, size_t len, struct term *t)
{
	const char *p = s;
	uint32_t last;

	*t = (struct term){.step = 1, .count = 1};
	if (!read_num(&p, &t->first))
		return false;
	if (skip(&p, '-')) {
		if (!read_num(&p, &last))
			return false;
		t->count = last < t->first ? 0 : last - t->first + 1;
	} else if (skip(&p, '+')) {
		if (!read_num(&p, &t->step) || !skip(&p, 'x') || !read_num(&p, &t->count))
			return false;
	} else if (skip(&p, 'p')) {
		t->flag = 'p';
	}
	if (!t->flag && skip(&p, 'u'))
		t->flag = 'u';
	return p == s + len;
}

static int add_term(const struct term *t, struct vlan_set *set, struct err *e)
{
	for (uint32_t i = 0, vid = t->first; i < t->count; i++, vid += t->step) {
		if (vlan_has(set, (uint16_t)vid))
			return err_setf(e, -EINVAL, "VLAN %u is given twice; allowed is once", vid);
		vlan_add(set, (uint16_t)vid, t->flag);
	}
	if (t->flag != 'p')
		return 0;
	if (set->pvid)
		return err_setf(e, -EINVAL, "PVIDs %u and %u; allowed is one", set->pvid, t->first);
	set->pvid = (uint16_t)t->first;
	return 0;
}

static int parse_term(const char *s, size_t len, struct vlan_set *set, struct err *e)
{
	struct term t;
	int shown = len < 32 ? (int)len : 32;

	if (!len)
		return err_setf(e, -EINVAL, "an empty term; " SYNTAX);
	if (!read_term(s, len, &t))
		return err_setf(e, -EINVAL, "the term \"%.*s\"; " SYNTAX, shown, s);
	if (!t.step || !t.count)
		return err_setf(e, -EINVAL,
				"the term \"%.*s\" holds no VLAN; allowed are A-B with A up to B, "
				"and OFF and COUNT from 1",
				shown, s);
	if (t.first < VLAN_MIN || t.first + t.step * (t.count - 1) > VLAN_MAX)
		return err_setf(e, -EINVAL, "the term \"%.*s\"; allowed are VLANs %d to %d", shown,
				s, VLAN_MIN, VLAN_MAX);
	return add_term(&t, set, e);
}

static int choose_pvid(struct vlan_set *set, struct err *e)
{
	uint16_t last, first = vlan_next_run(set, 0, &last);

	if (set->pvid)
		return 0;
	if (first != last || next_member(set, last + 1))
		return err_setf(e, -EINVAL,
				"no PVID; of several VLANs one must have a p, as in %up: the VLAN "
				"of untagged frames",
				first);
	vlan_add(set, first, true);
	set->pvid = first;
	return 0;
}
