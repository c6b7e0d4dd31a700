// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers for verified I/O: pieces of uneven length at uneven places, so that
 * a target that takes lengths or addresses from the wrong descriptor cannot
 * get it right by accident.
 */
#include <stdlib.h>
#include <string.h>

#include "io.h"

#define GAP 24

/* Pieces differ by up to two bytes; their sum is exact. */
static void lay_out(struct wire_io *io)
{
	uint32_t base = io->total / io->n, extra = io->total % io->n;
	size_t at = GAP;

	for (unsigned int i = 0; i < io->n; i++) {
		io->len[i] = base + (i < extra);
		io->at[i] = at;
		at += io->len[i] + GAP + i % 7;
	}
	for (unsigned int i = 0; base > 4 && i + 1 < io->n; i += 2) {
		io->len[i]--;
		io->len[i + 1]++;
	}
}

static size_t room(unsigned int n, uint32_t total)
{
	return total + (size_t)(n + 1) * (GAP + 8);
}

static void write_table(struct wire_io *io)
{
	struct wire_desc *d = (struct wire_desc *)io->table.p;

	for (unsigned int i = 0; i < io->n; i++)
		set_desc(&d[i], mem_va(&io->data) + io->at[i],
			 io->data.mr->rkey, io->len[i]);
}

/**
 * io_new - a poisoned buffer of @total bytes in @n pieces, and its table
 */
struct wire_io *io_new(unsigned int n, uint32_t total)
{
	struct wire_io *io = calloc(1, sizeof(*io));

	if (!io || n > IO_PIECES || n > total)
		abort();
	io->n = n;
	io->total = total;
	if (!mem_get(&io->data, room(n, total)) ||
	    !mem_get(&io->table, n * sizeof(struct wire_desc))) {
		io_free(io);
		return NULL;
	}
	lay_out(io);
	write_table(io);
	return io;
}

void io_free(struct wire_io *io)
{
	if (!io)
		return;
	mem_put(&io->data);
	mem_put(&io->table);
	free(io);
}

/* The pattern goes on from piece to piece as the blocks on the medium do. */
void io_fill(struct wire_io *io, uint64_t salt)
{
	uint8_t *flat = malloc(io->total), *from = flat;

	if (!flat)
		abort();
	fill_pattern(flat, io->total, salt);
	for (unsigned int i = 0; i < io->n; i++) {
		memcpy(io->data.p + io->at[i], from, io->len[i]);
		from += io->len[i];
	}
	free(flat);
}

/**
 * io_check - are the first @upto bytes the pattern, and the rest untouched?
 */
bool io_check(const struct wire_io *io, uint64_t salt, uint32_t upto)
{
	uint8_t *flat = malloc(io->total), *to = flat;
	size_t bad;
	bool ok;

	if (!flat)
		abort();
	for (unsigned int i = 0; i < io->n; i++) {
		memcpy(to, io->data.p + io->at[i], io->len[i]);
		to += io->len[i];
	}
	bad = pattern_differs(flat, upto, salt);
	ok = CHECK(bad == upto, "byte %zu of %u is wrong", bad, upto);
	for (uint32_t i = upto; ok && i < io->total; i++)
		ok = CHECK(flat[i] == POISON, "byte %u was written", i);
	free(flat);
	return ok && io_gaps_clean(io);
}

bool io_gaps_clean(const struct wire_io *io)
{
	size_t from = 0;

	for (unsigned int i = 0; i < io->n; i++) {
		if (!mem_is_poison(&io->data, from, io->at[i]))
			return false;
		from = io->at[i] + io->len[i];
	}
	return mem_is_poison(&io->data, from, io->data.len);
}

/**
 * io_req - READ or WRITE of the whole buffer
 * @inline_cnt: how many descriptors travel in the unit; the target fetches
 *	the table from this program's memory if that is not all of them
 */
void io_req(struct wire_conn *c, struct wire_req *q, struct wire_io *io,
	    bool write, uint64_t block, unsigned int inline_cnt)
{
	req_rw(c, q, write, block, io->total / env.block_size);
	if (io->n == 1 && inline_cnt == 1)
		req_direct(q, write, mem_va(&io->data) + io->at[0],
			   io->data.mr->rkey, io->len[0]);
	else
		req_table(q, write, mem_va(&io->table), io->table.mr->rkey,
			  io->n, io->total, (struct wire_desc *)io->table.p,
			  inline_cnt);
}
