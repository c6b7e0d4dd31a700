// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that the target may reach, and patterns that betray every byte that
 * was moved though it should not have been, or was not though it should.
 */
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define PAGE 4096

/**
 * mem_get_access - page-aligned memory with given rights, full of poison
 */
bool mem_get_access(struct wire_mem *m, size_t len, int access)
{
	memset(m, 0, sizeof(*m));
	if (!CHECK(env.pd, "memory asked for before the first channel"))
		return false;
	if (posix_memalign((void **)&m->p, PAGE, (len + PAGE - 1) & -PAGE))
		return CHECK(false, "out of memory");
	m->len = len;
	memset(m->p, POISON, len);
	m->mr = ibv_reg_mr(env.pd, m->p, len, access);
	return CHECK(m->mr, "memory cannot be registered");
}

bool mem_get(struct wire_mem *m, size_t len)
{
	return mem_get_access(m, len, IBV_ACCESS_LOCAL_WRITE |
			      IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE);
}

void mem_put(struct wire_mem *m)
{
	if (m->mr)
		ibv_dereg_mr(m->mr);
	free(m->p);
	memset(m, 0, sizeof(*m));
}

bool mem_is_poison(const struct wire_mem *m, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (m->p[i] != POISON)
			return CHECK(false, "byte %zu is 0x%02x, not poison",
				     i, m->p[i]);
	return true;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

/* Eight bytes that depend on their place and on a salt, then the next. */
void fill_pattern(void *p, size_t len, uint64_t salt)
{
	uint8_t *to = p;
	uint64_t v;

	for (size_t i = 0; i < len; i += 8) {
		v = mix(salt + i / 8);
		memcpy(to + i, &v, len - i < 8 ? len - i : 8);
	}
}

/* Return: the offset of the first wrong byte, or @len if all is well. */
size_t pattern_differs(const void *p, size_t len, uint64_t salt)
{
	const uint8_t *have = p;
	uint8_t want[8];

	for (size_t i = 0; i < len; i += 8) {
		uint64_t v = mix(salt + i / 8);
		size_t n = len - i < 8 ? len - i : 8;

		memcpy(want, &v, 8);
		for (size_t k = 0; k < n; k++)
			if (have[i + k] != want[k])
				return i + k;
	}
	return len;
}
