// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors that are well formed and point where the target may not go.
 *
 * The access error ends the connection: that is how a reliable queue pair
 * works. What is checked is that it ends for the target too, that nothing
 * moved, that the disk holds what it held, and that a session beside it does
 * not notice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"

#define LEN 512
#define SALT 0x726b6579

enum place { GOOD_KEY, WRONG_KEY, ZERO_KEY, GONE_KEY, NO_RIGHTS, PAST_END };

struct wild {
	bool write;
	bool table;	/* the table is where it may not go */
};

/* Turns a valid address and key into what the case wants. */
static void go_wild(enum place p, struct wire_mem *m, uint64_t *va,
		    uint32_t *key)
{
	*va = mem_va(m);
	*key = m->mr->rkey;
	switch (p) {
	case WRONG_KEY:
		*key ^= 0x5a5a00;
		break;
	case ZERO_KEY:
		*key = 0;
		break;
	case GONE_KEY:
		ibv_dereg_mr(m->mr);
		m->mr = NULL;
		break;
	case PAST_END:
		*va += m->len - LEN / 2;
		break;
	default:
		break;
	}
}

static void build(struct wire_conn *c, struct wire_req *q,
		  const struct wild *w, uint64_t va, uint32_t key)
{
	req_rw(c, q, w->write, 0, 1);
	if (!w->table) {
		req_direct(q, w->write, va, key, env.block_size);
		return;
	}
	req_table(q, w->write, va, key, env.block_size / 16, env.block_size,
		  NULL, 0);
}

static void known_block(struct wire_conn *c, bool write, uint64_t block)
{
	struct wire_io *io = io_new(1, env.block_size);
	struct wire_req q;

	if (!io)
		return;
	if (write)
		io_fill(io, SALT + block);
	io_req(c, &q, io, write, block, 1);
	if (want_good(c, &q, write ? "WRITE before" : "READ after") && !write)
		io_check(io, SALT + block, io->total);
	io_free(io);
}

/*
 * The block that the case will attack gets known data.  The one behind it gets
 * other data, so that memory of the target which is used again does not hold
 * just what the disk should.
 */
static void known_disk(struct wire_conn *c)
{
	known_block(c, true, 0);
	known_block(c, true, 1);
}

static void run_wild(const struct wire_case *self)
{
	const struct wild *w = self->arg;
	struct wire_mem m = { 0 };
	struct wire_conn *c = session(), *beside = session_as(LOGIN_MULTI);
	struct wire_req q;
	uint64_t va;
	uint32_t key;

	if (!c || !beside || !learn_capacity(c))
		goto out;
	if (!mem_get_access(&m, 4096, self->num == NO_RIGHTS ?
			    IBV_ACCESS_LOCAL_WRITE : IBV_ACCESS_LOCAL_WRITE |
			    IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE))
		goto out;
	known_disk(beside);
	go_wild(self->num, &m, &va, &key);
	build(c, &q, w, va, key);
	CHECK(conn_send(c, q.bytes, q.len), "cannot send");
	want_closed(c, self->name);
	CHECK(!conn_take(c, OP_RSP, q.tag), "answered after an access error");
	mem_is_poison(&m, 0, m.len);
	known_block(beside, false, 0);
	session_healthy(beside);
out:
	session_end(c);
	session_end(beside);
	mem_put(&m);
	still_serving();
}

/* A table whose descriptors hold the bad key, fetched without trouble. */
static void on_table_of_wild(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_mem data = { 0 }, table = { 0 };
	struct wire_req q;

	if (!mem_get(&data, 8192) ||
	    !mem_get(&table, 4096))
		goto out;
	set_desc((struct wire_desc *)table.p, mem_va(&data), data.mr->rkey,
		 env.block_size);
	set_desc((struct wire_desc *)table.p + 1, mem_va(&data) + 4096,
		 data.mr->rkey ^ 0x777700, env.block_size);
	req_rw(c, &q, self->num, 0, 2);
	req_table(&q, self->num, mem_va(&table), table.mr->rkey, 2,
		  2 * env.block_size, NULL, 0);
	CHECK(conn_send(c, q.bytes, q.len), "cannot send");
	want_closed(c, self->name);
	mem_is_poison(&data, env.block_size, data.len);
out:
	mem_put(&data);
	mem_put(&table);
}

/* COMPARE AND WRITE of block 0: what it is to be, then what it becomes. */
static void req_caw(struct wire_conn *c, struct wire_req *q,
		    const struct wire_mem *m)
{
	uint8_t cdb[16] = { 0x89, [13] = 1 };

	for (int i = 0; i < 8; i++)
		cdb[2 + i] = env.lba >> (56 - 8 * i);
	req_cmd(c, q, cdb, sizeof(cdb));
	req_direct(q, true, mem_va(m), m->mr->rkey, 2 * env.block_size);
}

enum { CAW_NONE, CAW_BAD_KEY, CAW_BAD_SUM, CAW_GONE };

/* One whose data cannot be had. */
static void failing_caw(struct wire_conn *c, const struct wire_mem *m,
			unsigned long how)
{
	struct wire_desc *d = (struct wire_desc *)(m->p + 4096);
	struct wire_req q;

	req_caw(c, &q, m);
	if (how == CAW_BAD_SUM) {
		set_desc(&d[0], mem_va(m), m->mr->rkey, env.block_size);
		set_desc(&d[1], mem_va(m) + env.block_size, m->mr->rkey,
			 env.block_size - 1);
		q.len = sizeof(q.cmd);
		q.cmd.buf_fmt = 0;
		req_table(&q, true, mem_va(m) + 4096, m->mr->rkey, 2,
			  2 * env.block_size, NULL, 0);
		want_refused(c, &q, "sum of the table off by one");
		return;
	}
	if (how == CAW_BAD_KEY) {
		q.len = sizeof(q.cmd);
		q.cmd.buf_fmt = 0;
		req_direct(&q, true, mem_va(m), m->mr->rkey ^ 0x777700,
			   2 * env.block_size);
	}
	CHECK(conn_send(c, q.bytes, q.len), "cannot send");
	if (how == CAW_BAD_KEY)
		want_closed(c, "a key that is none");
}

/*
 * Two at a time that expect the same and write different things: one of them
 * must find that the other was first. That is what locks on disks are made of.
 */
static void race_caw(struct wire_conn *a, struct wire_conn *b,
		     struct wire_mem *m)
{
	struct wire_result ra, rb;
	struct wire_req qa, qb;

	memset(m[0].p, 0, 2 * env.block_size);
	memset(m[1].p, 0, 2 * env.block_size);
	memset(m[0].p + env.block_size, 0x11, env.block_size);
	memset(m[1].p + env.block_size, 0x22, env.block_size);
	req_caw(a, &qa, &m[0]);
	req_caw(b, &qb, &m[1]);
	CHECK(conn_send(a, qa.bytes, qa.len) && conn_send(b, qb.bytes, qb.len),
	      "cannot send");
	if (!CHECK(wait_rsp(a, qa.tag, ANSWER_MS, &ra) &&
		   wait_rsp(b, qb.tag, ANSWER_MS, &rb), "no answer"))
		return;
	if (CHECK(!ra.status != !rb.status, "of two at a time %s",
		  ra.status ? "none succeeded" : "both succeeded"))
		CHECK((ra.status ? ra.key : rb.key) == 0x0e,
		      "not told of a miscompare");
	print_result(&ra);
	print_result(&rb);
}

static void run_caw(const struct wire_case *self)
{
	struct wire_conn *c = session(), *a = NULL, *b = NULL;
	struct wire_mem m[2] = { 0 };
	struct wire_req q;

	if (!c || !learn_capacity(c) || !mem_get(&m[0], 8192) ||
	    !mem_get(&m[1], 8192))
		goto out;
	if (self->num)
		failing_caw(c, &m[0], self->num);
	if (self->num == CAW_BAD_KEY || self->num == CAW_GONE) {
		conn_disconnect(c);
		conn_free(c);
		c = NULL;
	}
	session_end(c);
	c = NULL;
	a = session_as(LOGIN_MULTI);
	b = session_as(LOGIN_MULTI);
	if (!a || !b)
		goto out;
	memset(m[0].p, 0, env.block_size);
	req_rw(a, &q, true, 0, 1);
	req_direct(&q, true, mem_va(&m[0]), m[0].mr->rkey, env.block_size);
	if (want_good(a, &q, "WRITE"))
		race_caw(a, b, m);
	session_healthy(a);
	session_healthy(b);
out:
	session_end(a);
	session_end(b);
	session_end(c);
	mem_put(&m[0]);
	mem_put(&m[1]);
}

/* The peer is gone while its commands still have data to move. */
static void run_gone(const struct wire_case *self)
{
	struct wire_mem m = { 0 };
	struct wire_conn *c;
	struct wire_req q;

	for (int round = 0; round < 5; round++) {
		c = session();
		if (!c || !learn_capacity(c) || !mem_get(&m, 65536))
			return;
		for (int i = 0; i < c->limit; i++) {
			req_rw(c, &q, self->num & 1, 0,
			       m.len / env.block_size);
			req_direct(&q, self->num & 1, mem_va(&m), m.mr->rkey,
				   m.len);
			CHECK(conn_send(c, q.bytes, q.len), "cannot send");
		}
		if (self->num & 2)
			conn_disconnect(c);
		conn_free(c);
		mem_put(&m);
	}
	still_serving();
}

#define WILD(name, place, write, table) \
	{ "rkey." name, .run = run_wild, .num = place, \
	  .arg = &(const struct wild){ write, table } }

const struct wire_case rkey_cases[] = {
	WILD("read-wrong", WRONG_KEY, false, false),
	WILD("read-zero", ZERO_KEY, false, false),
	WILD("read-gone", GONE_KEY, false, false),
	WILD("read-no-rights", NO_RIGHTS, false, false),
	WILD("read-past-end", PAST_END, false, false),
	WILD("write-wrong", WRONG_KEY, true, false),
	WILD("write-zero", ZERO_KEY, true, false),
	WILD("write-gone", GONE_KEY, true, false),
	WILD("write-no-rights", NO_RIGHTS, true, false),
	WILD("write-past-end", PAST_END, true, false),
	WILD("table-wrong", WRONG_KEY, false, true),
	WILD("table-gone", GONE_KEY, true, true),
	WILD("table-no-rights", NO_RIGHTS, true, true),
	WILD("table-past-end", PAST_END, false, true),
	{ "rkey.in-table-read", .on = on_table_of_wild, .lost = true },
	{ "rkey.in-table-write", .on = on_table_of_wild, .num = 1,
	  .lost = true },
	{ "rkey.gone-in-read", .run = run_gone },
	{ "rkey.gone-in-write", .run = run_gone, .num = 1 },
	{ "rkey.disconnect-in-read", .run = run_gone, .num = 2 },
	{ "rkey.disconnect-in-write", .run = run_gone, .num = 3 },
	{ "rkey.caw", .run = run_caw, .num = CAW_NONE, .manual = true },
	{ "rkey.caw-wrong", .run = run_caw, .num = CAW_BAD_KEY, .manual = true },
	{ "rkey.caw-sum", .run = run_caw, .num = CAW_BAD_SUM, .manual = true },
	{ "rkey.caw-gone", .run = run_caw, .num = CAW_GONE, .manual = true },
	{ .name = NULL },
};
