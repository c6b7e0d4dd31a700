/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every fuzz target needs. A target takes bytes, hands them to the
 * driver's code as if they had come over the wire, and checks promises that
 * hold for any bytes; not crashing is only the first of them.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdlib.h>
#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A broken promise ends the fuzzer, which keeps the bytes that did it. */
#define PROMISE(cond)							\
do {									\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: broken promise in %s: %s\n",	\
			__FILE__, __LINE__, __func__, #cond);		\
		abort();						\
	}								\
} while (0)

/* What a target takes off the front of its bytes, 0 when there are no more. */
struct input {
	const u8 *p;
	size_t left;
};

static inline u64 take(struct input *in, u32 bytes)
{
	u64 v = 0;

	while (bytes-- && in->left) {
		v = v << 8 | *in->p++;
		in->left--;
	}
	return v;
}

static inline bool inside(const void *p, size_t size, const void *buf,
			  size_t len)
{
	size_t at = (const u8 *)p - (const u8 *)buf;

	return at <= len && size <= len - at;
}

/* Words for people, and not those for a number that is none. */
static inline bool has_words(enum srp_fault fault)
{
	return fault < SRP_FAULT_COUNT && srp_fault_name(fault) &&
	       strcmp(srp_fault_name(fault), "unknown");
}

#endif /* FUZZ_H */
