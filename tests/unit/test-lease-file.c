// SPDX-License-Identifier: GPL-2.0-or-later
/* The address plan on disk: the power fails at every single step of writing it. */
/*
 * The system calls of lease-file.c are wrapped at link time (--wrap). From the step that a case names
 * nothing reaches the disk any more. Then what a disk need not have kept is taken away: bytes of a file
 * that was not synced, and a name that changed in a directory that was not synced.
 */
#include "cases.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lease-file.h"

enum lost { LOST_NOTHING, LOST_HALF, LOST_ALL, LOST_COUNT }; /* of unsynced bytes */

static struct power {
	int cut_at, steps; /* 0: never */
	char dir[64];
	bool file_synced, renamed, dir_synced;
	ino_t fresh; /* of the file that is being written */
	char *before; /* the file's content, NULL: there was none */
} power;

static bool is_off(void)
{
	power.steps++;
	if (!power.cut_at || power.steps < power.cut_at)
		return false;
	errno = EIO;
	return true;
}

int __real_openat64(int at, const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *p, size_t n);
int __real_fsync(int fd);
int __real_renameat(int from, const char *a, int to, const char *b);

int __wrap_openat64(int at, const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __wrap_fsync(int fd);
int __wrap_renameat(int from, const char *a, int to, const char *b);

int __wrap_openat64(int at, const char *path, int flags, ...)
{
	struct stat st;
	if ((flags & O_CREAT) && is_off())
		return -1;
	int fd = __real_openat64(at, path, flags, 0644);
	if ((flags & O_CREAT) && fd >= 0 && !fstat(fd, &st))
		power.fresh = st.st_ino;
	return fd;
}

/* In pieces, as a file system may; the last one before the cut is torn. */
ssize_t __wrap_write(int fd, const void *p, size_t n)
{
	if (fd <= 2)
		return __real_write(fd, p, n);
	size_t piece = n > 100 ? 100 : n;
	if (is_off()) {
		if (power.steps == power.cut_at && __real_write(fd, p, piece / 2) < 0)
			fail();
		errno = EIO;
		return -1;
	}
	return __real_write(fd, p, piece);
}

int __wrap_fsync(int fd)
{
	struct stat st;
	if (is_off())
		return -1;
	assert_int_equal(fstat(fd, &st), 0);
	if (S_ISDIR(st.st_mode))
		power.dir_synced = true;
	else
		power.file_synced = true;
	return __real_fsync(fd);
}

int __wrap_renameat(int from, const char *a, int to, const char *b)
{
	if (is_off())
		return -1;
	power.renamed = true;
	return __real_renameat(from, a, to, b);
}

static const char *path_of(const char *name)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", power.dir, name);
	return path;
}

static char *slurp(const char *name)
{
	FILE *f = fopen(path_of(name), "r");
	char *text = f ? calloc(1, 65536) : NULL;
	if (f && !fread(text, 1, 65535, f))
		text[0] = '\0';
	if (f)
		fclose(f);
	return text;
}

static void tear(const char *name, enum lost lost)
{
	struct stat st;
	if (stat(path_of(name), &st) || st.st_ino != power.fresh)
		return;
	assert_int_equal(truncate(path_of(name), lost == LOST_ALL ? 0 : st.st_size / 2), 0);
}

/* What the disk need not have kept. */
static void lose(enum lost lost, bool names)
{
	if (!power.file_synced && lost != LOST_NOTHING) {
		tear(LEASE_FILE, lost);
		tear(LEASE_FILE ".new", lost);
	}
	if (!power.renamed || power.dir_synced || !names)
		return;
	unlink(path_of(LEASE_FILE));
	FILE *f = power.before ? fopen(path_of(LEASE_FILE), "w") : NULL;
	if (!f)
		return;
	fputs(power.before, f);
	fclose(f);
}

static bool all_are_here(void *arg, const char *network, const uint8_t mac[6])
{
	(void)arg;
	(void)network;
	(void)mac;
	return true;
}

static int take(struct leases *ls, unsigned no, struct addr *out)
{
	struct lease_pool p = {.network = "lab"};
	const uint8_t mac[6] = {0, 0x16, 0x3e, 0, no >> 8, no};
	const struct leases_guest g = {mac, "guest", 1, all_are_here, NULL};
	struct lease l;
	assert_int_equal(addr_parse("10.66.0.1/24", &p.gw4, NULL), 0);
	int r = leases_take(ls, &p, &g, &l, NULL);
	*out = l.addr4;
	return r;
}

enum { GUESTS = 30 };

/* What is on the disk now: all that was there before, and the new guest if we were told that it is. */
static void check(const struct addr had[GUESTS], bool first, bool saved)
{
	struct leases *ls = leases_new();
	struct err e = ERR_INIT;
	struct addr got;
	if (lease_file_load(power.dir, ls, &e) != 0)
		fail_msg("step %d: %s", power.cut_at, e.text);
	size_t n = leases_count(ls);
	if (saved)
		assert_int_equal(n, GUESTS + 1);
	else if (n && n != GUESTS + 1)
		assert_int_equal(n, GUESTS);
	assert_true(n || first);
	for (unsigned i = 0; n && i < GUESTS; i++) {
		assert_int_equal(take(ls, i, &got), 0);
		assert_true(addr_same_host(&got, &had[i]));
	}
	leases_free(ls);
}

static void remove_all(void)
{
	static const char *const names[] = {LEASE_FILE, LEASE_FILE ".new", LEASE_FILE ".damaged"};
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(path_of(names[i]));
	assert_int_equal(rmdir(power.dir), 0);
	free(power.before);
}

/* @first: there was no file before. @return whether all steps were done, as the cut came too late. */
static bool cut_once(int at, enum lost lost, bool names, bool first)
{
	struct addr had[GUESTS], got;
	struct leases *ls = leases_new();
	power = (struct power){.dir = "/tmp/lease-file-XXXXXX"};
	assert_non_null(mkdtemp(power.dir));
	for (unsigned i = 0; i < GUESTS; i++)
		assert_int_equal(take(ls, i, &had[i]), 1);
	if (!first)
		assert_int_equal(lease_file_save(power.dir, ls, NULL), 0);
	power.before = slurp(LEASE_FILE);
	power.file_synced = power.dir_synced = power.renamed = false;
	power.fresh = 0;
	power.steps = 0;
	power.cut_at = at;
	assert_int_equal(take(ls, 1000, &got), 1);
	bool saved = lease_file_save(power.dir, ls, NULL) == 0, all = power.steps < at;
	power.cut_at = 0;
	lose(lost, names);
	check(had, first, saved);
	remove_all();
	leases_free(ls);
	return all;
}

static void cut_everywhere(bool first)
{
	for (int lost = 0; lost < LOST_COUNT; lost++)
		for (int names = 0; names < 2; names++) {
			int at = 1;
			while (!cut_once(at, lost, names, first))
				at++;
			assert_true(at > 20); /* open, pieces of 100 bytes, sync, rename, sync */
		}
}

static void a_power_cut_at_any_step_loses_no_other_guests_address(void **state)
{
	(void)state;
	cut_everywhere(false);
}

static void a_power_cut_while_the_first_file_is_written_leaves_none_or_all(void **state)
{
	(void)state;
	cut_everywhere(true);
}

static void a_damaged_file_is_kept_beside_and_what_can_be_read_of_it_is_used(void **state)
{
	struct leases *ls = leases_new();
	struct err e = ERR_INIT;
	static const char text[] = "version 1\nlease lab 00:16:3e:00:00:01 10.66.0.5 - 7 a\nlea";
	(void)state;
	power = (struct power){.dir = "/tmp/lease-file-XXXXXX"};
	assert_non_null(mkdtemp(power.dir));
	FILE *f = fopen(path_of(LEASE_FILE), "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(lease_file_load(power.dir, ls, &e), 1);
	assert_says(&e, (const char *const[]){power.dir, "its last line", NULL});
	assert_int_equal(leases_count(ls), 1);
	assert_int_equal(lease_file_save(power.dir, ls, &e), 0);
	char *kept = slurp(LEASE_FILE ".damaged");
	assert_string_equal(kept, text);
	free(kept);
	leases_free(ls);
	remove_all();
}

static void a_file_that_cannot_be_read_is_an_error_and_not_replaced(void **state)
{
	struct leases *ls = leases_new();
	struct err e = ERR_INIT;
	(void)state;
	power = (struct power){.dir = "/tmp/lease-file-XXXXXX"};
	assert_non_null(mkdtemp(power.dir));
	assert_int_equal(mkdir(path_of(LEASE_FILE), 0700), 0);
	assert_int_equal(lease_file_load(power.dir, ls, &e), -EISDIR);
	assert_says(&e, (const char *const[]){"read ", "/leases: Is a directory", NULL});
	assert_int_equal(rmdir(path_of(LEASE_FILE)), 0);
	leases_free(ls);
	remove_all();
}

static void no_file_is_an_empty_plan(void **state)
{
	struct leases *ls = leases_new();
	(void)state;
	power = (struct power){.dir = "/tmp/lease-file-XXXXXX"};
	assert_non_null(mkdtemp(power.dir));
	assert_int_equal(lease_file_load(power.dir, ls, NULL), 0);
	assert_int_equal(leases_count(ls), 0);
	leases_free(ls);
	remove_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_power_cut_at_any_step_loses_no_other_guests_address),
		cmocka_unit_test(a_power_cut_while_the_first_file_is_written_leaves_none_or_all),
		cmocka_unit_test(a_damaged_file_is_kept_beside_and_what_can_be_read_of_it_is_used),
		cmocka_unit_test(a_file_that_cannot_be_read_is_an_error_and_not_replaced),
		cmocka_unit_test(no_file_is_an_empty_plan),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
