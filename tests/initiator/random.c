// SPDX-License-Identifier: GPL-2.0
/*
 * Random mode: correct information units, mutated, in batches.
 *
 * After each batch one of two things must be true within the time limit: all
 * credits are back and every answer bore a tag that was outstanding, or the
 * channel is closed and the batch held something that may close it. The same
 * seed sends the same units.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define BATCH 96
#define AT_ONCE 16		/* most units in one call */
#define PROBES 256
#define LIMIT_MS 30000
#define OFFSET 68

struct fuzz {
	struct wire_conn *c;
	struct wire_mem mem;
	struct wire_req iu[BATCH];
	unsigned int n;
	uint64_t open[BATCH + PROBES];	/* tags sent and not yet answered */
	unsigned int num_open;
	bool may_close;
	bool may_swallow;	/* aborted commands have no answer */
	uint64_t last_tag;
	uint64_t sent, answers, refusals, sessions, closed;
};

static uint32_t pick(uint32_t n)
{
	return rnd() % n;
}

static uint32_t odd_number(void)
{
	static const uint32_t n[] = { 0, 1, 15, 16, 17, 255, 256, 4096, 65536,
				      0x7fffffff, 0x80000000, 0xfffffff0,
				      0xffffffff };

	return pick(3) ? n[pick(ARRAY_SIZE(n))] : (uint32_t)rnd();
}

static void make_rw(struct fuzz *f, struct wire_req *q)
{
	bool write = pick(2);
	uint32_t blocks = 1 + pick(8);

	req_rw(f->c, q, write, pick(env.blocks > 64 ? 32 : 1), blocks);
	req_direct(q, write, mem_va(&f->mem) + pick(4096), f->mem.mr->rkey,
		   blocks * env.block_size);
}

static void make_table(struct fuzz *f, struct wire_req *q)
{
	struct wire_desc *d = (struct wire_desc *)(f->mem.p + 65536);
	uint32_t n = 1 + pick(pick(4) ? 4 : 20);
	uint32_t in_unit = pick(2) ? n : pick(n);

	for (uint32_t i = 0; i < n; i++)
		set_desc(&d[i], mem_va(&f->mem) + pick(32768),
			 f->mem.mr->rkey, env.block_size);
	req_rw(f->c, q, pick(2), 0, n);
	req_table(q, q->cmd.cdb[0] == 0x8a, mem_va(&f->mem) + 65536,
		  f->mem.mr->rkey, n, n * env.block_size, d, in_unit);
}

static void make_inquiry(struct fuzz *f, struct wire_req *q)
{
	uint8_t cdb[16];

	cdb_inquiry(cdb, pick(512));
	cdb[1] = pick(2);
	cdb[2] = pick(4) ? 0 : 0x80 + pick(0x40);
	req_cmd(f->c, q, cdb, sizeof(cdb));
	req_direct(q, false, mem_va(&f->mem), f->mem.mr->rkey, 1 + pick(4096));
}

static void make_imm(struct fuzz *f, struct wire_req *q)
{
	uint32_t blocks = 1 + pick(8);

	req_rw(f->c, q, true, 0, blocks);
	if (!req_imm(f->c, q, f->mem.p, blocks * env.block_size))
		req_tur(f->c, q);
}

static void make_tmf(struct fuzz *f, struct wire_req *q)
{
	static const uint8_t fn[] = { TMF_ABORT_TASK, TMF_ABORT_TASK,
				      TMF_LUN_RESET, TMF_ABORT_TASK_SET,
				      TMF_CLEAR_ACA, 0x33 };

	req_tmf(f->c, q, fn[pick(ARRAY_SIZE(fn))], f->last_tag);
}

static void make_other(struct fuzz *f, struct wire_req *q)
{
	static const uint8_t op[] = { OP_CRED_RSP, OP_AER_RSP, OP_LOGIN_REQ,
				      OP_RSP, OP_CRED_REQ, 0x10 };

	req_head(f->c, q, op[pick(ARRAY_SIZE(op))], 16 + pick(64));
	if (pick(4) == 0)
		rnd_fill(q->bytes, q->len);
}

static void make(struct fuzz *f, struct wire_req *q)
{
	uint32_t kind = pick(100);

	if (kind < 15)
		req_tur(f->c, q);
	else if (kind < 30)
		make_inquiry(f, q);
	else if (kind < 50)
		make_rw(f, q);
	else if (kind < 70)
		make_table(f, q);
	else if (kind < 82)
		make_imm(f, q);
	else if (kind < 93)
		make_tmf(f, q);
	else
		make_other(f, q);
}

/* Everything but what points into this program's memory. */
static void mutate_head(struct wire_req *q)
{
	switch (pick(8)) {
	case 0:
		q->cmd.buf_fmt = pick(2) ? rnd() : pick(4) << 4 | pick(4);
		break;
	case 1:
		q->cmd.out_cnt = odd_number();
		break;
	case 2:
		q->cmd.in_cnt = odd_number();
		break;
	case 3:
		q->cmd.add_cdb_len = pick(2) ? rnd() : 4 * pick(12);
		break;
	case 4:
		q->cmd.cdb[pick(16)] = rnd();
		break;
	case 5:
		q->bytes[20 + pick(28)] ^= 1 << pick(8);
		break;
	default:
		q->bytes[pick(48)] ^= 1 << pick(8);
	}
}

static void mutate_length(struct wire_req *q)
{
	size_t len = q->len;

	if (pick(3))
		len = 16 + pick(q->len > 16 ? q->len - 16 : 1);
	else if (pick(60) == 0)
		len = pick(16);
	else
		len += pick(200);
	if (len > q->len && len <= env.max_req)
		memset(q->bytes + q->len, 0xff, len - q->len);
	if (len <= env.max_req)
		q->len = len;
}

static void mutate_body(struct wire_req *q)
{
	size_t at;
	uint32_t be;

	if (q->len < 68)
		return;
	/*
	 * Mostly the first length and the total. Keys and addresses seldom: a
	 * wrong one ends the session, and sessions take time.
	 */
	at = pick(16) ? 60 + 4 * pick(2) : 48 + 4 * pick((q->len - 48) / 4 - 1);
	be = htobe32(odd_number());
	memcpy(q->bytes + at, &be, 4);
}

/*
 * LIO warns about itself when a COMPARE AND WRITE meets a unit attention, and
 * there is one after each reset: never that opcode.
 */
static void spare_lio(struct wire_req *q)
{
	if (q->head.opcode == OP_CMD && q->cmd.cdb[0] == 0x89)
		q->cmd.cdb[0] = 0x88;
}

static bool mutate(struct wire_req *q)
{
	uint32_t times = pick(3) ? 1 + pick(3) : 0;

	for (uint32_t i = 0; i < times; i++) {
		uint32_t how = pick(100);

		if (how < 60)
			mutate_head(q);
		else if (how < 82)
			mutate_length(q);
		else
			mutate_body(q);
	}
	spare_lio(q);
	return times != 0;
}

static bool is_answered(const struct wire_req *q)
{
	return q->len >= 16 && q->head.opcode != OP_CRED_RSP &&
	       q->head.opcode != OP_AER_RSP;
}

static void add(struct fuzz *f)
{
	struct wire_req *q = &f->iu[f->n];

	make(f, q);
	if (mutate(q) && (q->cmd.buf_fmt || q->len < 16))
		f->may_close = true;
	if (q->len < 16 || q->head.opcode == OP_I_LOGOUT)
		f->may_close = true;
	if (q->head.opcode == OP_TSK_MGMT)
		f->may_swallow = true;
	if (is_answered(q)) {
		f->open[f->num_open++] = q->head.tag;
		f->last_tag = q->head.tag;
	}
	f->n++;
}

/* A few at a time: units arrive alone and in bursts. */
static void send_batch(struct fuzz *f)
{
	const void *bytes[AT_ONCE];
	size_t len[AT_ONCE];
	unsigned int n;

	for (unsigned int done = 0; done < f->n; done += n) {
		n = 1 + pick(AT_ONCE);
		if (n > f->n - done)
			n = f->n - done;
		for (unsigned int i = 0; i < n; i++) {
			bytes[i] = f->iu[done + i].bytes;
			len[i] = f->iu[done + i].len;
		}
		if (f->c->broken || !conn_send_many(f->c, bytes, len, n))
			return;
		f->sent += n;
		wire_pump(f->c, 0);
	}
}

static void answered(struct fuzz *f, const struct wire_iu *iu)
{
	f->answers++;
	if (!CHECK(iu->len >= sizeof(iu->rsp) && iu->head.opcode == OP_RSP &&
		   iu->len <= f->c->max_ti, "%zu bytes, opcode 0x%02x",
		   iu->len, iu->head.opcode))
		return;
	f->refusals += iu->rsp.status || iu->rsp.flags & RSP_RSPVALID;
	for (unsigned int i = 0; i < f->num_open; i++)
		if (f->open[i] == iu->head.tag) {
			f->open[i] = f->open[--f->num_open];
			return;
		}
	CHECK(false, "answer to tag %016llx, which was not outstanding",
	      (unsigned long long)be64toh(iu->head.tag));
}

static void collect(struct fuzz *f)
{
	struct wire_iu *iu;

	while ((iu = conn_take_any(f->c))) {
		answered(f, iu);
		free(iu);
	}
}

/*
 * Credits of aborted commands ride on later answers: ask for one. A reset that
 * still runs may swallow this command too.
 */
static void probe(struct fuzz *f)
{
	struct wire_req q;

	if (!f->may_swallow || f->c->credits < 1 ||
	    f->num_open == ARRAY_SIZE(f->open))
		return;
	req_tur(f->c, &q);
	f->open[f->num_open++] = q.tag;
	conn_send(f->c, q.bytes, q.len);
}

/* Return: whether the channel goes on. */
static bool await(struct fuzz *f)
{
	int64_t start = now_ms(), next_probe = start + 20;
	struct wire_conn *c = f->c;

	while (!c->disconnected && now_ms() < start + LIMIT_MS) {
		collect(f);
		if (c->credits >= c->limit && (!f->num_open || f->may_swallow))
			return true;
		if (now_ms() >= next_probe) {
			probe(f);
			next_probe = now_ms() + 200;
		}
		wire_pump(c, 10);
	}
	if (!c->disconnected)
		CHECK(false, "after %d s: %d credits of %d, %u unanswered",
		      LIMIT_MS / 1000, c->credits, c->limit, f->num_open);
	else
		CHECK(f->may_close, "channel closed without a cause");
	return false;
}

/*
 * An ORDERED command starts when all before it have ended: one that the
 * target has lost sight of holds it up for ever.
 */
static bool ordered(struct fuzz *f)
{
	struct wire_result r;
	struct wire_req q;

	req_tur(f->c, &q);
	q.cmd.task_attr = TASK_ORDERED;
	conn_send(f->c, q.bytes, q.len);
	return wait_rsp(f->c, q.tag, LIMIT_MS, &r) ||
	       !CHECK(f->c->disconnected, "an ORDERED command hangs");
}

static bool start(struct fuzz *f)
{
	struct wire_login l;

	login_init(&l);
	l.flags |= LOGIN_IMM;
	l.imm_offset = OFFSET;
	f->c = session_with(&l);
	if (!f->c || !learn_capacity(f->c))
		return false;
	f->sessions++;
	f->may_close = false;
	return f->mem.p || mem_get(&f->mem, 131072);
}

static void show_batch(struct fuzz *f)
{
	note("seed %llu, batch that ends with unit %llu:",
	     (unsigned long long)env.seed, (unsigned long long)f->sent);
	for (unsigned int i = 0; i < f->n; i++)
		dump("sent", f->iu[i].bytes, f->iu[i].len);
}

static bool one_batch(struct fuzz *f)
{
	unsigned int n = 1 + pick(BATCH);
	bool on;

	f->n = 0;
	f->num_open = 0;
	f->may_close = false;
	f->may_swallow = false;
	if (n > (unsigned int)f->c->credits)
		n = f->c->credits;
	while (f->n < n)
		add(f);
	send_batch(f);
	on = await(f) && ordered(f);
	if (env.failed)
		show_batch(f);
	return on;
}

static void finish(struct fuzz *f)
{
	note("%llu units, %llu answers of which %llu refusals or errors, "
	     "%llu sessions of which %llu were closed",
	     (unsigned long long)f->sent, (unsigned long long)f->answers,
	     (unsigned long long)f->refusals, (unsigned long long)f->sessions,
	     (unsigned long long)f->closed);
	session_end(f->c);
	mem_put(&f->mem);
	still_serving();
}

static void run_units(const struct wire_case *self)
{
	static struct fuzz f;
	uint64_t mark = 0;

	memset(&f, 0, sizeof(f));
	while (f.sent < env.number && !env.failed) {
		if (!f.c && !start(&f))
			break;
		if (!one_batch(&f)) {
			f.closed++;
			conn_disconnect(f.c);
			conn_free(f.c);
			f.c = NULL;
		}
		if (f.sent / 10000 != mark) {
			mark = f.sent / 10000;
			note("%llu units, %llu sessions",
			     (unsigned long long)f.sent,
			     (unsigned long long)f.sessions);
		}
	}
	finish(&f);
}

const struct wire_case random_cases[] = {
	{ "random.units", .run = run_units, .manual = true },
	{ .name = NULL },
};
