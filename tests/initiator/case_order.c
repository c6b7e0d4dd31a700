// SPDX-License-Identifier: GPL-2.0
/*
 * Commands in the order that their task attributes ask for (SAM-5 8.6): an
 * ORDERED command begins when all that came before it have ended, and what came
 * after it begins when it has ended, whichever ways they take to the medium.
 */
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define BLOCKS 8
#define SAMES 7
#define IMM_OFFSET 68

/* The first block of @data into all of them. */
static bool req_same(struct wire_conn *c, struct wire_req *q,
		     const uint8_t *data)
{
	uint8_t cdb[16];

	cdb_rw16(cdb, true, env.lba, BLOCKS);
	cdb[0] = 0x93;
	req_cmd(c, q, cdb, sizeof(cdb));
	return req_imm(c, q, data, env.block_size);
}

/* Several that no backend does alone, then an ORDERED write, then a read. */
static bool make_round(struct wire_conn *c, struct wire_req *q, uint8_t *data,
		       uint64_t salt)
{
	const size_t len = (size_t)BLOCKS * env.block_size;

	fill_pattern(data, len, ~salt);
	for (int i = 0; i < SAMES; i++)
		if (!CHECK(req_same(c, &q[i], data), "WRITE SAME does not fit"))
			return false;
	fill_pattern(data, len, salt);
	req_rw(c, &q[SAMES], true, 0, BLOCKS);
	if (!CHECK(req_imm(c, &q[SAMES], data, len), "WRITE does not fit"))
		return false;
	q[SAMES].cmd.task_attr = TASK_ORDERED;
	req_rw(c, &q[SAMES + 1], false, 0, BLOCKS);
	req_mem(c, &q[SAMES + 1], false, len);
	return true;
}

static bool saw(struct wire_conn *c, uint64_t salt, const char *who)
{
	const size_t len = (size_t)BLOCKS * env.block_size;

	return CHECK(pattern_differs(c->mem.p, len, salt) == len,
		     "round %llu: %s has no data of the ORDERED command",
		     (unsigned long long)salt, who);
}

/* All at once, of the same blocks. */
static bool one_round(struct wire_conn *c, struct wire_req *q, uint8_t *data,
		      uint64_t salt)
{
	const size_t len = (size_t)BLOCKS * env.block_size;
	const void *bytes[SAMES + 2];
	size_t lens[SAMES + 2];
	struct wire_result r;

	memset(c->mem.p, POISON, len);
	if (!make_round(c, q, data, salt))
		return false;
	for (int i = 0; i < SAMES + 2; i++) {
		bytes[i] = q[i].bytes;
		lens[i] = q[i].len;
	}
	if (!CHECK(conn_send_many(c, bytes, lens, SAMES + 2), "cannot send"))
		return false;
	for (int i = 0; i < SAMES + 2; i++)
		if (!CHECK(wait_rsp(c, q[i].tag, ANSWER_MS, &r), "no answer") ||
		    !CHECK(!r.status, "command %d: status 0x%02x", i, r.status))
			return false;
	if (!saw(c, salt, "the next command"))
		return false;
	req_rw(c, q, false, 0, BLOCKS);
	req_mem(c, q, false, len);
	return want_good(c, q, "READ") && saw(c, salt, "the medium");
}

static void on_order(struct wire_conn *c, const struct wire_case *self)
{
	const size_t len = (size_t)BLOCKS * env.block_size;
	struct wire_req *q = calloc(SAMES + 2, sizeof(*q));
	unsigned int rounds = env.count ? env.count : 30;
	uint8_t *data = malloc(len);

	if (CHECK(data && q && conn_mem(c, len), "no memory for %s",
		  self->name))
		while (rounds && one_round(c, q, data, rounds))
			rounds--;
	free(data);
	free(q);
}

const struct wire_case order_cases[] = {
	{ "order.ordered", .on = on_order, .imm_offset = IMM_OFFSET,
	  .manual = true },
	{ .name = NULL },
};
