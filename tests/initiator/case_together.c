// SPDX-License-Identifier: GPL-2.0
/*
 * What many channels cost that log in together, wake up together, and end
 * together: time, and memory of the target between the steps.
 *
 * tests/bench leads through it by lines on standard input, and looks at the
 * target meanwhile. Whatever the initiator needs is there before the first step,
 * so that what comes after it is the target's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define CROWD 64
#define SLOTS 16		/* commands of a busy channel */
#define IMM_OFFSET 68
#define IMM_LEN 8192
#define PATIENCE_MS 120000

static const uint8_t data[IMM_LEN];

/* Whoever leads says when; and reads this. */
static void next_step(const char *what)
{
	char line[16];

	note("%s", what);
	fgets(line, sizeof(line), stdin);
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

static bool write_some(struct wire_conn *c, uint64_t *tag)
{
	struct wire_req q;

	for (unsigned int i = 0; i < SLOTS; i++) {
		req_rw(c, &q, true, 0, IMM_LEN / env.block_size);
		if (c->imm_offset)
			req_imm(c, &q, data, IMM_LEN);
		else
			req_mem(c, &q, true, IMM_LEN);
		if (!CHECK(conn_send(c, q.bytes, q.len), "cannot send"))
			return false;
		tag[i] = q.tag;
	}
	return true;
}

static bool written(struct wire_conn *c, const uint64_t *tag)
{
	struct wire_result r;

	for (unsigned int i = 0; i < SLOTS; i++)
		if (!CHECK(wait_rsp(c, tag[i], PATIENCE_MS, &r), "no answer") ||
		    !CHECK(!r.status, "status 0x%02x", r.status))
			return false;
	return true;
}

/* Writes from all of them before an answer is looked at. */
static bool wake_all(struct wire_conn **all, unsigned int n)
{
	uint64_t (*tags)[SLOTS] = calloc(n, sizeof(*tags));
	int64_t start = now_us();
	bool ok = tags;

	for (unsigned int i = 0; ok && i < n; i++)
		ok = write_some(all[i], tags[i]);
	for (unsigned int i = 0; ok && i < n; i++)
		ok = written(all[i], tags[i]);
	note("%u writes took %lld us", n * SLOTS,
	     (long long)(now_us() - start));
	free(tags);
	return ok;
}

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
		ok = wake_all(all, n);
	next_step("all have their answers");
	for (unsigned int i = 0; i < made; i++)
		conn_disconnect(all[i]);
	next_step("all have said good-bye");
	while (made--)
		conn_free(all[made]);
	free(all);
}

const struct wire_case together_cases[] = {
	{ "together.time", .run = run_together, .manual = true },
	{ .name = NULL },
};
