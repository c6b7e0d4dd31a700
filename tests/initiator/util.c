// SPDX-License-Identifier: GPL-2.0
/*
 * Checks, notes, time and reproducible chance.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "wire.h"

#define MAX_REPORTS 40

/* A failed check is reported at once; a flood of them only begins to be. */
bool wire_check(bool ok, const char *file, int line, const char *fmt, ...)
{
	va_list args;

	if (ok)
		return true;
	if (env.failed++ >= MAX_REPORTS)
		return false;
	printf("# %s:%d: ", file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	return false;
}

void note(const char *fmt, ...)
{
	va_list args;

	printf("# ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

void dump(const char *what, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	printf("# %s %zu:", what, len);
	for (size_t i = 0; i < len && i < 160; i++)
		printf("%s%02x", i % 4 ? "" : " ", p[i]);
	puts(len > 160 ? " ..." : "");
}

int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ll + t.tv_nsec / 1000;
}

int64_t now_ms(void)
{
	return now_us() / 1000;
}

static uint64_t state[2] = { 1, 2 };

/* xorshift128+: the same seed gives the same run on every machine. */
uint64_t rnd(void)
{
	uint64_t a = state[0], b = state[1];

	state[0] = b;
	a ^= a << 23;
	state[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
	return state[1] + b;
}

void rnd_seed(uint64_t seed)
{
	state[0] = seed * 0x9e3779b97f4a7c15ull + 1;
	state[1] = ~seed ^ 0xd1b54a32d192ed03ull;
	for (int i = 0; i < 16; i++)
		rnd();
}

void rnd_fill(void *to, size_t len)
{
	uint8_t *p = to;

	for (size_t i = 0; i < len; i++)
		p[i] = rnd() >> 32;
}
