// SPDX-License-Identifier: GPL-2.0
/*
 * Many initiators that are idle most of the time, and all wake up at once.
 *
 * A scenario leads through it by lines on standard input, and looks at the
 * target meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define CROWD 64
#define CHANNELS 32		/* of one initiator */
#define IMM_OFFSET 68
#define IMM_LEN 8192

static const uint8_t data[IMM_LEN];

/* The scenario says when; and reads this. */
static void next_step(const char *what)
{
	char line[16];

	note("%s", what);
	fgets(line, sizeof(line), stdin);
}

/* One of the crowd; it needs few buffers of its own. */
static struct wire_conn *join(unsigned int i, unsigned int slots)
{
	struct wire_conn *c = conn_new();
	uint32_t be = htobe32(i / CHANNELS);
	struct wire_answer a;
	struct wire_login l;

	if (!CHECK(c, "no connection object"))
		return NULL;
	c->slots = slots;
	login_init(&l);
	l.flags = LOGIN_MULTI | LOGIN_IMM;
	l.imm_offset = IMM_OFFSET;
	if (be)
		memcpy(l.iport + 12, &be, sizeof(be));
	conn_login(c, &l, &a);
	if (CHECK(a.outcome == LOGIN_OK && c->established,
		  "login %u: %s, reason 0x%08x", i, outcome_name(a.outcome),
		  a.reason)) {
		c->imm_offset = a.rsp.flags & RESULT_IMM ? IMM_OFFSET : 0;
		if (clear_attention(c))
			return c;
	}
	conn_free(c);
	return NULL;
}

static bool ask(struct wire_conn *c, uint64_t *tag, unsigned int n)
{
	struct wire_req q;

	for (unsigned int i = 0; i < n; i++) {
		req_rw(c, &q, true, 0, IMM_LEN / env.block_size);
		if (!req_imm(c, &q, data, IMM_LEN) ||
		    !CHECK(conn_send(c, q.bytes, q.len), "cannot send"))
			return false;
		tag[i] = q.tag;
	}
	return true;
}

static bool hear(struct wire_conn *c, const uint64_t *tag, unsigned int n)
{
	struct wire_result r;

	for (unsigned int i = 0; i < n; i++)
		if (!CHECK(wait_rsp(c, tag[i], ANSWER_MS, &r), "no answer") ||
		    !CHECK(!r.status, "status 0x%02x", r.status))
			return false;
	return true;
}

/* Writes from all of them before an answer is looked at. */
static void wake_all(struct wire_conn **all, unsigned int n, unsigned int each)
{
	uint64_t *tags = calloc((size_t)n * each, sizeof(*tags));
	int64_t start = now_ms();
	bool ok = tags;

	for (unsigned int i = 0; ok && i < n; i++)
		ok = ask(all[i], tags + (size_t)i * each, each);
	for (unsigned int i = 0; ok && i < n; i++)
		ok = hear(all[i], tags + (size_t)i * each, each);
	note("%u requests took %lld ms", n * each,
	     (long long)(now_ms() - start));
	free(tags);
}

/* Each gets in, with all credits; none is left without an answer. */
static void run_crowd(const struct wire_case *self)
{
	unsigned int n = env.count ? env.count : CROWD, made = 0;
	unsigned int slots = n > 4 * CROWD ? 4 : 16;
	struct wire_conn **all = calloc(n, sizeof(*all));

	while (all && made < n) {
		all[made] = join(made, slots);
		if (!all[made] || (!made && !learn_capacity(all[0])))
			break;
		if (!CHECK(all[made]->limit == (int)self->num,
			   "login %u: %d credits", made, all[made]->limit))
			break;
		made++;
	}
	CHECK(made == n, "%u of %u got in", made, n);
	next_step("all are in");
	for (int i = 0; i < 3 && !env.failed; i++)
		wake_all(all, made, slots);
	next_step("all have their answers");
	for (unsigned int i = 0; i < made && !env.failed; i++)
		session_healthy(all[i]);
	next_step("all are well");
	while (made--)
		session_end(all[made]);
	free(all);
}

const struct wire_case crowd_cases[] = {
	{ "crowd.wake", .run = run_crowd, .num = 128, .manual = true },
	{ .name = NULL },
};
