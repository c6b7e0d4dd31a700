// SPDX-License-Identifier: GPL-2.0
/*
 * Task management: every function code, tags that exist and tags that do not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"

#define NO_SUCH_TAG 0xdeadbeefcafe0001ull

/* Resets still on their way bring more UNIT ATTENTION: let them arrive. */
static void after_reset(struct wire_conn *c)
{
	int64_t end = now_ms() + ANSWER_MS;

	while (c->credits < c->limit && !c->disconnected && now_ms() < end)
		wire_pump(c, 10);
	clear_attention(c);
}

static bool is_function(unsigned int f)
{
	return f == TMF_ABORT_TASK || f == TMF_ABORT_TASK_SET ||
	       f == TMF_CLEAR_TASK_SET || f == TMF_LUN_RESET ||
	       f == TMF_CLEAR_ACA;
}

/* Codes that no standard names. */
static void on_unknown(struct wire_conn *c, const struct wire_case *self)
{
	char what[32];
	struct wire_req q;

	for (unsigned int f = 0; f < 256; f++) {
		if (is_function(f))
			continue;
		snprintf(what, sizeof(what), "function 0x%02x", f);
		req_tmf(c, &q, f, NO_SUCH_TAG);
		if (!want_code(c, &q, CODE_UNSUPPORTED, what))
			break;
	}
	after_reset(c);
}

/* Functions with a name that may or may not be done; never silence. */
static void on_function(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_result r;
	struct wire_req q;

	for (int i = 0; i < 20; i++) {
		req_tmf(c, &q, self->num, NO_SUCH_TAG);
		if (!CHECK(run_req(c, &q, &r), "no answer"))
			break;
		CHECK(r.flags == RSP_RSPVALID && r.resp_len == 4 &&
		      (r.resp[3] == CODE_OK ||
		       r.resp[3] == CODE_UNSUPPORTED), "flags 0x%02x code %x",
		      r.flags, r.resp[3]);
		CHECK(!r.resp[0] && !r.resp[1] && !r.resp[2],
		      "reserved response bytes not zero");
	}
	after_reset(c);
}

static void on_abort_none(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_req q;

	req_tmf(c, &q, TMF_ABORT_TASK, NO_SUCH_TAG);
	want_code(c, &q, CODE_OK, "ABORT TASK of a task that is not there");
	after_reset(c);
}

static void on_lun_reset(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_req q;

	for (unsigned long i = 0; i < self->num; i++) {
		req_tmf(c, &q, TMF_LUN_RESET, 0);
		if (!want_code(c, &q, CODE_OK, "LUN RESET"))
			break;
	}
	after_reset(c);
}

static void on_no_lun(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_req q;

	req_tmf(c, &q, self->num, NO_SUCH_TAG);
	req_lun(&q, 211);
	want_code(c, &q, CODE_FAILED, "no such LUN");
	after_reset(c);
}

/*
 * A response after sense data of another command: its reserved bytes must not
 * be what lay in the buffer before.
 */
static void on_stale(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_result r;
	struct wire_req q;

	for (int i = 0; i < c->limit; i++) {
		req_tur(c, &q);
		req_lun(&q, 200);
		if (!CHECK(run_req(c, &q, &r) && r.sense_len, "no sense"))
			break;
		req_tmf(c, &q, TMF_ABORT_TASK, NO_SUCH_TAG);
		if (!want_code(c, &q, CODE_OK, "ABORT TASK"))
			break;
	}
	after_reset(c);
}

static void on_garbage(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_req q;

	req_tmf(c, &q, TMF_ABORT_TASK, NO_SUCH_TAG);
	memset(q.tmf.reserved1, 0xff, sizeof(q.tmf.reserved1));
	memset(q.tmf.reserved2, 0xff, sizeof(q.tmf.reserved2));
	memset(q.tmf.reserved3, 0xff, sizeof(q.tmf.reserved3));
	memset(q.tmf.reserved5, 0xff, sizeof(q.tmf.reserved5));
	q.tmf.reserved4 = 0xff;
	q.tmf.sol_not = 0xff;
	want_code(c, &q, CODE_OK, "reserved fields set");
	after_reset(c);
}

/* Sends a command and at once the request to abort it, in one call. */
static bool send_and_abort(struct wire_conn *c, const struct wire_mem *m,
			   bool write, uint64_t *cmd_tag, uint64_t *tmf_tag,
			   uint8_t function)
{
	static struct wire_req cmd, tmf;
	const void *bytes[] = { cmd.bytes, tmf.bytes };
	size_t len[2];

	req_rw(c, &cmd, write, 0, m->len / env.block_size);
	req_direct(&cmd, write, mem_va(m), m->mr->rkey, m->len);
	req_tmf(c, &tmf, function, cmd.tag);
	*cmd_tag = cmd.tag;
	*tmf_tag = tmf.tag;
	len[0] = cmd.len;
	len[1] = tmf.len;
	return CHECK(conn_send_many(c, bytes, len, 2), "cannot send");
}

/*
 * Abort what has only just been sent. Either the command was faster and has
 * its answer, or it has none; its credit comes back in both cases.
 */
static void on_race(struct wire_conn *c, const struct wire_case *self)
{
	unsigned int rounds = env.count ? env.count : 50, lost = 0;
	struct wire_result r;
	uint64_t cmd_tag, tmf_tag;

	if (!conn_mem(c, 65536))
		return;
	for (unsigned int i = 0; i < rounds; i++) {
		if (!send_and_abort(c, &c->mem, self->num & 0x100, &cmd_tag,
				    &tmf_tag, self->num & 0xff))
			break;
		if (!CHECK(wait_rsp(c, tmf_tag, ANSWER_MS, &r),
			   "round %u: no answer to the abort", i))
			break;
		CHECK(r.flags == RSP_RSPVALID && r.resp[3] == CODE_OK,
		      "flags 0x%02x code %x", r.flags, r.resp[3]);
		if (!wait_rsp(c, cmd_tag, 0, &r))
			lost++;
		if (!clear_attention(c))
			break;
	}
	note("%u of %u commands aborted", lost, rounds);
}

/* Abort on one channel what runs on another of the same nexus. */
static void run_across(const struct wire_case *self)
{
	struct wire_conn *a = session(), *b = session_as(LOGIN_MULTI);
	struct wire_mem m = { 0 };
	struct wire_result r;
	struct wire_req q, t;

	if (!a || !b || !learn_capacity(a) || !mem_get(&m, 65536))
		goto end;
	for (int i = 0; i < 20; i++) {
		req_rw(a, &q, true, 0, m.len / env.block_size);
		req_direct(&q, true, mem_va(&m), m.mr->rkey, m.len);
		CHECK(conn_send(a, q.bytes, q.len), "cannot send");
		req_tmf(b, &t, TMF_ABORT_TASK, q.tag);
		if (!want_code(b, &t, CODE_OK, "abort from beside"))
			break;
		wait_rsp(a, q.tag, 200, &r);
		session_healthy(a);
	}
	session_healthy(b);
end:
	session_end(a);
	session_end(b);
	mem_put(&m);
}

/*
 * The same while a slow unit is at work on it: a task that has been found has
 * no answer of its own. One that was not gets it when the unit is done.
 */
static void run_across_slow(const struct wire_case *self)
{
	struct wire_conn *a = session(), *b = session_as(LOGIN_MULTI);
	struct wire_result r;
	struct wire_req q, t;

	if (!a || !b || !learn_capacity(a) || !clear_attention(a) ||
	    !conn_mem(a, env.block_size))
		goto end;
	req_rw(a, &q, false, 0, 1);
	req_mem(a, &q, false, a->mem.len);
	CHECK(conn_send(a, q.bytes, q.len), "cannot send");
	usleep(300000);
	req_tmf(b, &t, TMF_ABORT_TASK, q.tag);
	if (want_code(b, &t, CODE_OK, "abort from beside"))
		CHECK(!wait_rsp(a, q.tag, 4000, &r),
		      "the task was not found: it has an answer");
	session_healthy(a);
	session_healthy(b);
end:
	session_end(a);
	session_end(b);
}

/* Variants of run_held, above the function code. */
#define HELD_WRITE	0x100
#define HELD_PIECES	0x200	/* many batches; else a table is fetched */
#define HELD_SAME	0x400	/* through the channel of the task itself */

/* After the answer in the name of @t nothing more comes of @q. */
static void held_quiet(struct wire_conn *a, const struct wire_req *q,
		       const struct wire_io *io)
{
	uint8_t *then = malloc(io->data.len);
	struct wire_result r;

	if (!then)
		abort();
	wire_pump(a, 0);
	/* done first is done */
	if (wait_rsp(a, q->tag, 0, &r))
		note("the task had ended");
	memcpy(then, io->data.p, io->data.len);
	CHECK(!wait_rsp(a, q->tag, 3000, &r),
	      "an answer to the task after 'function complete'");
	CHECK(!memcmp(then, io->data.p, io->data.len),
	      "data of the task after 'function complete'");
	free(then);
}

/*
 * Abort, or reset, while data of the command is still to be moved: with the
 * answer the memory belongs to the initiator again. Something must make the
 * data slow: a scenario sees to that.
 */
static void run_held(const struct wire_case *self)
{
	bool write = self->num & HELD_WRITE, pieces = self->num & HELD_PIECES;
	struct wire_conn *a = session(), *b = session_as(LOGIN_MULTI);
	/* of a write each piece may be as slow as the table */
	unsigned int n = pieces ? 256 : write ? 2 : 64;
	struct wire_io *io = NULL;
	struct wire_req q, t;

	if (!a || !b || !learn_capacity(a) || !clear_attention(a))
		goto end;
	io = io_new(n, 65536);
	if (!io)
		goto end;
	io_req(a, &q, io, write, 0, pieces ? n : 0);
	CHECK(conn_send(a, q.bytes, q.len), "cannot send");
	usleep(400000);
	if (self->num & HELD_SAME) {
		req_tmf(a, &t, self->num & 0xff, q.tag);
		want_code(a, &t, CODE_OK, "task management");
	} else {
		req_tmf(b, &t, self->num & 0xff, q.tag);
		want_code(b, &t, CODE_OK, "task management from beside");
	}
	if (!env.failed)
		held_quiet(a, &q, io);
	after_reset(a);
	after_reset(b);
	session_healthy(a);
	session_healthy(b);
end:
	session_end(a);
	session_end(b);
	io_free(io);
}

/*
 * Abort a write for whose data the target finds no memory: the answer comes,
 * and the session can end. A scenario takes the memory away.
 */
static void on_unfed(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_io *io = io_new(64, 65536);
	struct wire_result r;
	struct wire_req q, t;

	if (!io)
		return;
	io_req(c, &q, io, true, 0, 64);
	CHECK(conn_send(c, q.bytes, q.len), "cannot send");
	usleep(400000);
	req_tmf(c, &t, self->num, q.tag);
	want_code(c, &t, CODE_OK, "task management");
	if (wait_rsp(c, q.tag, 0, &r))
		CHECK(r.status, "the write succeeded");
	after_reset(c);
	io_free(io);
}

/* More at once than anybody needs, between reads and writes. */
static void on_flood(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_req q;

	if (!conn_mem(c, 65536))
		return;
	for (int round = 0; round < 10; round++) {
		for (int i = 0; c->credits > 1; i++) {
			if (i & 1) {
				req_tmf(c, &q, i % 3 ? TMF_LUN_RESET :
					TMF_ABORT_TASK, q.tag);
			} else {
				req_rw(c, &q, i & 2, 0,
				       c->mem.len / env.block_size);
				req_mem(c, &q, i & 2, c->mem.len);
			}
			if (!CHECK(conn_send(c, q.bytes, q.len), "cannot send"))
				return;
		}
		after_reset(c);
		if (env.failed)
			break;
	}
}

/*
 * Reset, or abort one of them, while SIMPLE commands run and ORDERED ones wait
 * for them. Whatever becomes of each, the logical unit must not wait for ever
 * for a command that has ended.
 */
static void on_ordered(struct wire_conn *c, const struct wire_case *self)
{
	unsigned int rounds = env.count ? env.count : 40;
	uint64_t victim = 0;
	struct wire_req q;

	if (!conn_mem(c, 65536))
		return;
	while (rounds-- && !env.failed) {
		for (int i = 0; i < 24; i++) {
			req_rw(c, &q, i & 1, 0, 1 + i % 3 * 60);
			req_mem(c, &q, i & 1, (1 + i % 3 * 60) * env.block_size);
			q.cmd.task_attr = i % 8 ? TASK_SIMPLE : TASK_ORDERED;
			if (i == 16)
				victim = q.tag;
			conn_send(c, q.bytes, q.len);
			if (i % (5 + rounds % 7))
				continue;
			req_tmf(c, &q, self->num, victim);
			conn_send(c, q.bytes, q.len);
		}
		after_reset(c);
	}
}

/* Logged out, or gone, with task management still running. */
static void run_leave(const struct wire_case *self)
{
	struct wire_mem m = { 0 };
	struct wire_conn *c;
	uint64_t a, b;
	struct wire_req q;

	for (int i = 0; i < 20; i++) {
		c = session();
		if (!c || !learn_capacity(c) || (!m.p && !mem_get(&m, 65536)))
			break;
		send_and_abort(c, &m, i & 1, &a, &b, i & 2 ? TMF_LUN_RESET :
			       TMF_ABORT_TASK);
		if (self->num) {
			req_head(c, &q, OP_I_LOGOUT, 16);
			conn_send(c, q.bytes, q.len);
			want_closed(c, "logout after a task management request");
		}
		conn_disconnect(c);
		conn_free(c);
	}
	mem_put(&m);
	still_serving();
}

#define STUCK_SALT 0x737475636b000000ull

/* All its credits but a few become writes; block N of the unit for command N. */
static unsigned int fill_with_writes(struct wire_conn *c, struct wire_mem *m,
				     unsigned int first, uint64_t *tags)
{
	struct wire_req q;
	unsigned int n = 0;

	while (c->credits > 12 && first + n < env.blocks) {
		req_rw(c, &q, true, first + n, 1);
		if (!c->imm_offset)
			req_direct(&q, true, mem_va(m), m->mr->rkey,
				   env.block_size);
		else if (!CHECK(req_imm(c, &q, m->p, env.block_size),
				"does not fit"))
			break;
		if (!CHECK(conn_send(c, q.bytes, q.len), "cannot send"))
			break;
		tags[n++] = q.tag;
	}
	return n;
}

/* Which of these blocks have been written to? */
static bool blocks_are(struct wire_conn *c, struct wire_mem *m,
		       unsigned int first, unsigned int n, bool *written)
{
	struct wire_req q;

	for (unsigned int i = 0; i < n; i++) {
		memset(m->p, POISON, m->len);
		req_rw(c, &q, false, first + i, 1);
		req_direct(&q, false, mem_va(m), m->mr->rkey, env.block_size);
		if (!want_good(c, &q, "READ"))
			return false;
		written[i] = pattern_differs(m->p, env.block_size,
					     STUCK_SALT) == env.block_size;
	}
	return true;
}

/*
 * The unit can be read but takes no write for --seconds after this begins (a
 * file system that is frozen), so that what is sent before that waits
 * somewhere. Tasks that are aborted by then have no answer and write nothing,
 * now or later, wherever they waited.
 */
static void run_stuck(const struct wire_case *self)
{
	unsigned int sessions = env.count ? env.count : 1, first = 0, n = 0;
	struct wire_conn *c[16] = { NULL };
	struct wire_mem m = { 0 }, in = { 0 };
	bool before[WIRE_SLOTS], after[WIRE_SLOTS], early = true;
	uint64_t tags[WIRE_SLOTS], tmf[WIRE_SLOTS];
	int64_t thaw = now_ms() + 1000ll * env.seconds;
	unsigned int tmfs = 0, answered = 0;
	struct wire_conn *last = NULL;
	struct wire_login l;
	struct wire_result r;
	struct wire_req q;

	for (unsigned int s = 0; s < sessions && s < ARRAY_SIZE(c); s++) {
		login_init(&l);
		l.flags = s ? LOGIN_MULTI : LOGIN_SINGLE;
		if (self->imm_offset) {
			l.flags |= LOGIN_IMM;
			l.imm_offset = self->imm_offset;
		}
		c[s] = session_with(&l);
		if (!c[s] || !learn_capacity(c[s]) ||
		    (!s && !clear_attention(c[s])))
			goto end;
		if (!m.p && (!mem_get(&m, env.block_size) ||
			     !mem_get(&in, env.block_size)))
			goto end;
	}
	fill_pattern(m.p, m.len, STUCK_SALT);
	for (unsigned int s = 0; s < sessions && s < ARRAY_SIZE(c); s++) {
		first += n;
		last = c[s];
		n = fill_with_writes(last, &m, first, tags);
	}
	note("%u writes, %lld ms before the unit is free", first + n,
	     (long long)(thaw - now_ms()));
	usleep(300000);
	/* The last eight, or all of the unit. */
	tmfs = self->num == TMF_LUN_RESET ? 1 : 8;
	for (unsigned int i = 0; i < tmfs; i++) {
		req_tmf(last, &q, self->num, tags[n - 1 - i]);
		tmf[i] = q.tag;
		CHECK(conn_send(last, q.bytes, q.len), "cannot send");
	}
	for (unsigned int i = 0; i < tmfs; i++) {
		if (!CHECK(wait_rsp(last, tmf[i], 1000 * env.seconds +
				    ANSWER_MS, &r), "no answer"))
			goto end;
		CHECK(r.flags == RSP_RSPVALID && r.resp[3] == CODE_OK,
		      "flags 0x%02x code %x", r.flags, r.resp[3]);
		early &= now_ms() < thaw;
		answered++;
	}
	note("%u aborts answered %s", answered, early ?
	     "while nothing could be written" : "when all was free again");
	for (unsigned int i = 0; i < 8; i++)
		if (wait_rsp(last, tags[n - 1 - i], 0, &r))
			note("task %u has an answer, status %u", n - 1 - i,
			     r.status);
	if (!early && !clear_attention(last))
		goto end;
	if (!early && !blocks_are(last, &in, first + n - 8, 8, before))
		goto end;
	while (now_ms() < thaw + 4000)
		wire_pump(last, 100);
	clear_attention(last);
	if (!blocks_are(last, &in, first + n - 8, 8, after))
		goto end;
	for (unsigned int i = 0; i < 8; i++)
		CHECK(after[i] == (!early && before[i]),
		      "block %u was written after its task was aborted",
		      first + n - 8 + i);
end:
	for (size_t s = 0; s < ARRAY_SIZE(c); s++)
		session_end(c[s]);
	mem_put(&m);
	mem_put(&in);
}

const struct wire_case tmf_cases[] = {
	{ "tmf.unknown-functions", .on = on_unknown },
	{ "tmf.abort-task-set", .on = on_function, .num = TMF_ABORT_TASK_SET },
	{ "tmf.clear-task-set", .on = on_function, .num = TMF_CLEAR_TASK_SET },
	{ "tmf.clear-aca", .on = on_function, .num = TMF_CLEAR_ACA },
	{ "tmf.abort-none", .on = on_abort_none },
	{ "tmf.lun-reset", .on = on_lun_reset, .num = 1 },
	{ "tmf.lun-reset-many", .on = on_lun_reset, .num = 50 },
	{ "tmf.no-lun-reset", .on = on_no_lun, .num = TMF_LUN_RESET },
	{ "tmf.no-lun-abort", .on = on_no_lun, .num = TMF_ABORT_TASK },
	{ "tmf.stale-bytes", .on = on_stale },
	{ "tmf.reserved-fields", .on = on_garbage },
	{ "tmf.race-abort-read", .on = on_race, .num = TMF_ABORT_TASK },
	{ "tmf.race-abort-write", .on = on_race,
	  .num = TMF_ABORT_TASK | 0x100 },
	{ "tmf.race-reset-read", .on = on_race, .num = TMF_LUN_RESET },
	{ "tmf.race-reset-write", .on = on_race, .num = TMF_LUN_RESET | 0x100 },
	{ "tmf.abort-across-channels", .run = run_across },
	{ "tmf.abort-across-slow", .run = run_across_slow, .manual = true },
	{ "tmf.held-table-abort", .run = run_held, .num = TMF_ABORT_TASK,
	  .manual = true },
	{ "tmf.held-table-reset", .run = run_held, .num = TMF_LUN_RESET,
	  .manual = true },
	{ "tmf.held-table-write", .run = run_held,
	  .num = TMF_ABORT_TASK | HELD_WRITE, .manual = true },
	{ "tmf.held-table-same", .run = run_held,
	  .num = TMF_ABORT_TASK | HELD_SAME, .manual = true },
	{ "tmf.held-pieces-abort", .run = run_held,
	  .num = TMF_ABORT_TASK | HELD_PIECES, .manual = true },
	{ "tmf.held-pieces-reset", .run = run_held,
	  .num = TMF_LUN_RESET | HELD_PIECES, .manual = true },
	{ "tmf.held-pieces-write", .run = run_held,
	  .num = TMF_ABORT_TASK | HELD_PIECES | HELD_WRITE, .manual = true },
	{ "tmf.unfed-abort", .on = on_unfed, .num = TMF_ABORT_TASK,
	  .manual = true },
	{ "tmf.unfed-reset", .on = on_unfed, .num = TMF_LUN_RESET,
	  .manual = true },
	{ "tmf.stuck-abort", .run = run_stuck, .num = TMF_ABORT_TASK,
	  .manual = true },
	{ "tmf.stuck-abort-imm", .run = run_stuck, .num = TMF_ABORT_TASK,
	  .imm_offset = 80, .manual = true },
	{ "tmf.stuck-reset", .run = run_stuck, .num = TMF_LUN_RESET,
	  .manual = true },
	{ "tmf.stuck-reset-imm", .run = run_stuck, .num = TMF_LUN_RESET,
	  .imm_offset = 80, .manual = true },
	{ "tmf.flood", .on = on_flood },
	{ "tmf.ordered-abort", .on = on_ordered, .num = TMF_ABORT_TASK },
	{ "tmf.ordered-reset", .on = on_ordered, .num = TMF_LUN_RESET },
	{ "tmf.leave", .run = run_leave },
	{ "tmf.logout", .run = run_leave, .num = 1 },
	{ .name = NULL },
};
