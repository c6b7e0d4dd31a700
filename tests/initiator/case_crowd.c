// SPDX-License-Identifier: GPL-2.0
/*
 * Many initiators that are idle most of the time, and all wake up at once; or log
 * in and end together.
 *
 * A scenario, or the bench, leads through it by lines on standard input, and looks
 * at the target meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define CROWD 64
#define CHANNELS 32		/* of one initiator */
#define IMM_OFFSET 68
#define IMM_LEN 8192
#define READ_LEN 4096		/* a page of the target's command */
#define SLOTS 16		/* commands of a channel that is measured */
#define PATIENCE_MS 120000	/* who only measures waits for the slowest */

static const uint8_t data[IMM_LEN];

/* Whoever leads says when, or (false) that there is no more; and reads this. */
static bool next_step(const char *what)
{
	char line[16];

	note("%s", what);
	return fgets(line, sizeof(line), stdin);
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

/* Data goes with the request, or is fetched from who has memory for that. */
static bool ask(struct wire_conn *c, uint64_t *tag, unsigned int n)
{
	struct wire_req q;

	for (unsigned int i = 0; i < n; i++) {
		req_rw(c, &q, true, 0, IMM_LEN / env.block_size);
		if (!c->imm_offset && c->mem.p)
			req_mem(c, &q, true, IMM_LEN);
		else if (!req_imm(c, &q, data, IMM_LEN))
			return false;
		if (!CHECK(conn_send(c, q.bytes, q.len), "cannot send"))
			return false;
		tag[i] = q.tag;
	}
	return true;
}

static bool hear(struct wire_conn *c, const uint64_t *tag, unsigned int n,
		 int64_t patience)
{
	struct wire_result r;

	for (unsigned int i = 0; i < n; i++)
		if (!CHECK(wait_rsp(c, tag[i], patience, &r), "no answer") ||
		    !CHECK(!r.status, "status 0x%02x", r.status))
			return false;
	return true;
}

/* Writes from all of them before an answer is looked at. */
static bool wake_all(struct wire_conn **all, unsigned int n, unsigned int each,
		     int64_t patience)
{
	uint64_t *tags = calloc((size_t)n * each, sizeof(*tags));
	int64_t start = now_us();
	bool ok = tags;

	for (unsigned int i = 0; ok && i < n; i++)
		ok = ask(all[i], tags + (size_t)i * each, each);
	for (unsigned int i = 0; ok && i < n; i++)
		ok = hear(all[i], tags + (size_t)i * each, each, patience);
	note("%u writes took %lld us", n * each,
	     (long long)(now_us() - start));
	free(tags);
	return ok;
}

/* Short reads, all to the same memory. */
static bool ask_reads(struct wire_conn *c, uint64_t *tag, unsigned int n)
{
	struct wire_req q;

	if (!c->mem.p && !conn_mem(c, READ_LEN))
		return false;
	for (unsigned int i = 0; i < n; i++) {
		req_rw(c, &q, false, 0, READ_LEN / env.block_size);
		req_mem(c, &q, false, READ_LEN);
		if (!CHECK(conn_send(c, q.bytes, q.len), "cannot send"))
			return false;
		tag[i] = q.tag;
	}
	return true;
}

/* @each from every one before an answer is looked at. */
static bool read_all(struct wire_conn **all, unsigned int n, unsigned int each)
{
	uint64_t *tags = calloc((size_t)n * each, sizeof(*tags));
	bool ok = tags;

	for (unsigned int i = 0; ok && i < n; i++)
		ok = ask_reads(all[i], tags + (size_t)i * each, each);
	for (unsigned int i = 0; ok && i < n; i++)
		ok = hear(all[i], tags + (size_t)i * each, each, ANSWER_MS);
	for (unsigned int i = 0; i < n; i++)
		mem_put(&all[i]->mem);
	free(tags);
	return ok;
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
		wake_all(all, made, slots, ANSWER_MS);
	if (!env.failed)
		read_all(all, made, slots);
	next_step("all have their answers");
	for (unsigned int i = 0; i < made && !env.failed; i++)
		session_healthy(all[i]);
	next_step("all are well");
	while (made--)
		session_end(all[made]);
	free(all);
}

/*
 * One that uses all its credits at once, again and again; whoever leads holds the
 * HCA until all of them are posted, which makes it faster than any.
 */
static void run_bursts(const struct wire_case *self)
{
	struct wire_conn *c = join(0, self->num);
	uint64_t *tags = calloc(self->num, sizeof(*tags));
	bool ok = c && tags && learn_capacity(c);

	while (ok && next_step("ready")) {
		ok = ask_reads(c, tags, self->num);
		next_step("posted");
		ok = ok && hear(c, tags, self->num, ANSWER_MS);
	}
	if (c)
		session_end(c);
	free(tags);
}

/* A queue pair, and the way to the target. */
static struct wire_conn *ready(void)
{
	struct wire_conn *c = conn_new();

	if (!CHECK(c, "no connection object"))
		return NULL;
	c->slots = SLOTS;
	if (CHECK(!conn_resolve(c) && !conn_make_qp(c) && conn_mem(c, IMM_LEN),
		  "no queue pair"))
		return c;
	conn_free(c);
	return NULL;
}

/* Initiators differ in the extension of their port's GUID. */
static bool ask_in(struct wire_conn *c, unsigned int initiator)
{
	uint32_t be = htobe32(initiator);
	struct wire_login l;

	login_init(&l);
	l.flags = LOGIN_MULTI | LOGIN_IMM;
	l.imm_offset = IMM_OFFSET;
	memcpy(l.iport + 4, &be, sizeof(be));
	return CHECK(!conn_request(c, &l), "cannot ask");
}

static bool come_in(struct wire_conn *c)
{
	struct wire_answer a;

	conn_answer(c, &a, PATIENCE_MS);
	c->imm_offset = a.rsp.flags & RESULT_IMM ? IMM_OFFSET : 0;
	return CHECK(a.outcome == LOGIN_OK && c->established,
		     "%s, reason 0x%08x", outcome_name(a.outcome), a.reason);
}

/* All ask before the first answer is looked at. */
static bool log_in(struct wire_conn **all, unsigned int n)
{
	unsigned int each = env.each ? env.each : 1;
	int64_t start = now_us();
	bool ok = true;

	for (unsigned int i = 0; ok && i < n; i++)
		ok = ask_in(all[i], i / each);
	for (unsigned int i = 0; ok && i < n; i++)
		ok = come_in(all[i]);
	note("logins took %lld us", (long long)(now_us() - start));
	for (unsigned int i = 0; ok && i < n; i++)
		ok = clear_attention(all[i]);
	return ok && learn_capacity(all[0]);
}

/*
 * What many channels cost: time, and memory of the target between the steps.
 * Whatever the initiator needs is there before the first, so that what comes after
 * it is the target's.
 */
static void run_together(const struct wire_case *self)
{
	unsigned int n = env.count ? env.count : CROWD, made = 0;
	struct wire_conn **all = calloc(n, sizeof(*all));
	bool ok;

	while (all && made < n && (all[made] = ready()))
		made++;
	ok = CHECK(made == n, "%u of %u are ready", made, n);
	next_step("all are ready");
	ok = ok && log_in(all, n);
	next_step(ok ? "all are in" : "not all are in");
	for (int i = 0; ok && i < 3; i++)
		ok = wake_all(all, n, SLOTS, PATIENCE_MS);
	next_step("all have their answers");
	for (unsigned int i = 0; i < made; i++)
		conn_disconnect(all[i]);
	next_step("all have said good-bye");
	while (made--)
		conn_free(all[made]);
	free(all);
}

const struct wire_case crowd_cases[] = {
	{ "crowd.wake", .run = run_crowd, .num = 128, .manual = true },
	{ "crowd.bursts", .run = run_bursts, .num = 127, .manual = true },
	{ "crowd.together", .run = run_together, .manual = true },
	{ .name = NULL },
};
