/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cases: tables of named cases as cmocka tests. A case's first member is its name. */
#ifndef TESTS_CASES_H
#define TESTS_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "err.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Makes each case of @table a test that @fn gets as its state. @return the next free place. */
#define CASES_ADD(tests, at, table, fn)                                             \
	do {                                                                        \
		for (size_t i_ = 0; i_ < COUNT(table); i_++)                        \
			(tests)[(at)++] = (struct CMUnitTest){                      \
				.name = (table)[i_].name,                           \
				.test_func = (fn),                                  \
				.initial_state = (void *)(uintptr_t)&(table)[i_],   \
			};                                                          \
	} while (0)

/* Each of @parts (up to a NULL) stands in the error's text. */
static inline void assert_says(const struct err *e, const char *const *parts)
{
	for (; *parts; parts++)
		if (!strstr(e->text, *parts))
			fail_msg("\"%s\" is not in \"%s\"", *parts, e->text);
}

/* xorshift64 (Marsaglia 2003): the same on every host, so that a failure can be had again. */
static inline uint32_t random_below(uint64_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 32) % below;
}

#endif
