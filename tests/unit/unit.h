/* SPDX-License-Identifier: GPL-2.0 */
/* What every unit test needs: CMocka, requests to decode, and comparisons. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "wire.h"

#define COUNT_OF(array)		(sizeof(array) / sizeof((array)[0]))

/* Fails with the words for both faults, and with the number @at. */
#define assert_fault_at(got, want, at)					\
do {									\
	enum srp_fault __got = (got), __want = (want);			\
									\
	if (__got != __want)						\
		fail_msg("\"%s\" instead of \"%s\" at %#llx",		\
			 srp_fault_name(__got), srp_fault_name(__want),	\
			 (unsigned long long)(at));			\
} while (0)

#define assert_fault(got, want)	assert_fault_at(got, want, 0)

/* Compares bytes, and says which one is the first that differs. */
#define assert_bytes(got, want, len)					\
do {									\
	const u8 *__got = (const void *)(got);				\
	const u8 *__want = (const void *)(want);			\
	u32 __i;							\
									\
	for (__i = 0; __i < (len); __i++)				\
		if (__got[__i] != __want[__i])				\
			fail_msg("byte %u is %#x instead of %#x", __i,	\
				 __got[__i], __want[__i]);		\
} while (0)

/* Every byte of @p is @value. */
#define assert_all(p, value, len)					\
do {									\
	const u8 *__p = (const void *)(p);				\
	u32 __i;							\
									\
	for (__i = 0; __i < (len); __i++)				\
		if (__p[__i] != (value))				\
			fail_msg("byte %u is %#x instead of %#x", __i,	\
				 __p[__i], (value));			\
} while (0)

/* The request that a test is about; too large for the stack. */
static struct wire w __attribute__((unused));

#endif /* UNIT_H */
