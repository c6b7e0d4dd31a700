// SPDX-License-Identifier: GPL-2.0
/*
 * Credits: none lost, none invented, and none taken without asking.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

static struct wire_req many[WIRE_SLOTS];

/* One at a time, thrice around: each answer brings back what it cost. */
static void on_exact(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_result r;
	struct wire_req q;
	int before;

	for (int i = 0; i < 3 * c->limit; i++) {
		before = c->credits;
		req_tur(c, &q);
		if (!CHECK(run_req(c, &q, &r), "no answer"))
			break;
		CHECK(!r.status && r.delta == 1, "status 0x%02x delta %d",
		      r.status, r.delta);
		if (!CHECK(c->credits == before, "%d credits became %d",
			   before, c->credits))
			break;
	}
}

/* Hands @n prepared requests to the device, a few milliseconds after each other. */
static bool send_slowly(struct wire_conn *c, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (!CHECK(conn_send(c, many[i].bytes, many[i].len),
			   "cannot send"))
			return false;
		usleep(3000);
	}
	return true;
}

/* Hands @n prepared requests to the device at once. */
static bool send_all(struct wire_conn *c, unsigned int n)
{
	const void *bytes[WIRE_SLOTS];
	size_t len[WIRE_SLOTS];

	for (unsigned int i = 0; i < n; i++) {
		bytes[i] = many[i].bytes;
		len[i] = many[i].len;
	}
	return CHECK(conn_send_many(c, bytes, len, n), "cannot send");
}

static void prepare_write(struct wire_conn *c, unsigned int i,
			  const struct wire_mem *m, size_t len)
{
	req_rw(c, &many[i], true, 0, len / env.block_size);
	req_direct(&many[i], true, mem_va(m), m->mr->rkey, len);
}

static void prepare(struct wire_conn *c, unsigned int n, bool write,
		    const struct wire_mem *m)
{
	uint8_t cdb[16];

	cdb_inquiry(cdb, 96);
	for (unsigned int i = 0; i < n; i++) {
		if (write) {
			prepare_write(c, i, m, m->len);
		} else {
			req_cmd(c, &many[i], cdb, sizeof(cdb));
			req_direct(&many[i], false, mem_va(m), m->mr->rkey, 96);
		}
	}
}

static bool answered_all(struct wire_conn *c, unsigned int n)
{
	struct wire_result r;

	for (unsigned int i = 0; i < n; i++)
		if (!CHECK(wait_rsp(c, many[i].tag, ANSWER_MS, &r),
			   "request %u of %u: no answer", i, n) ||
		    !CHECK(!r.status, "request %u: status 0x%02x", i, r.status))
			return false;
	return true;
}

/* All that is allowed, at once, again and again. */
static void on_window(struct wire_conn *c, const struct wire_case *self)
{
	unsigned int n;

	if (!conn_mem(c, 65536))
		return;
	n = c->limit < WIRE_SLOTS ? c->limit : WIRE_SLOTS;
	for (int round = 0; round < 10; round++) {
		prepare(c, n, self->num, &c->mem);
		if (!send_all(c, n) || !answered_all(c, n))
			break;
	}
}

/*
 * More than allowed: the data of the writes takes longer to fetch than the
 * requests take to arrive, so that the target sees them all outstanding. The
 * channel ends; whoever is beside it does not care.
 */
static void on_overdraw(struct wire_conn *c, const struct wire_case *self)
{
	unsigned int n;

	/* longer, too, than a shared queue that is short of buffers holds some up */
	if (!conn_mem(c, 1 << 20))
		return;
	n = c->limit + self->num;
	if (!CHECK(n <= WIRE_SLOTS, "limit %d is too much for this case",
		   c->limit))
		return;
	prepare(c, n, true, &c->mem);
	if (send_all(c, n))
		want_closed(c, "credits overdrawn");
}

/* Which of them has that tag; their number: none. */
static unsigned int which(uint64_t tag, unsigned int n)
{
	unsigned int i = 0;

	while (i < n && many[i].tag != tag)
		i++;
	return i;
}

#define ORDER_SLOWLY	1

/*
 * Writes as many as allowed, at once or while others are fetched: answered in the
 * order in which they were sent, be the target ever so short of means to fetch
 * their data; then the same with every third of one block, for which less would do.
 */
static void on_order(struct wire_conn *c, const struct wire_case *self)
{
	size_t size = self->num & ~ORDER_SLOWLY;
	bool slowly = self->num & ORDER_SLOWLY;
	unsigned int n = c->limit < WIRE_SLOTS ? c->limit : WIRE_SLOTS;
	int64_t end;
	struct wire_iu *iu;

	if (!conn_mem(c, size))
		return;
	for (int round = 0; round < 2 && !env.failed; round++) {
		for (unsigned int i = 0; i < n; i++)
			prepare_write(c, i, &c->mem,
				      round && i % 3 == 0 ?
				      env.block_size : size);
		if (!(slowly ? send_slowly(c, n) : send_all(c, n)))
			break;
		end = now_ms() + ANSWER_MS;
		for (unsigned int i = 0; i < n && !env.failed; i++) {
			while (!(iu = conn_take_any(c)) && now_ms() < end &&
			       !c->disconnected)
				wire_pump(c, end - now_ms());
			if (!CHECK(iu, "request %u of %u: no answer", i, n))
				break;
			CHECK(iu->head.opcode == OP_RSP && !iu->rsp.status,
			      "answer %u: opcode 0x%02x status 0x%02x", i,
			      iu->head.opcode, iu->rsp.status);
			CHECK(iu->head.tag == many[i].tag,
			      "answer %u of %u is that to request %u", i, n,
			      which(iu->head.tag, n));
			free(iu);
		}
	}
}

/*
 * Thousands of requests from one who does not count, before anybody has looked
 * at the first: a scenario holds them up, --seconds after the login, and lets
 * them go together. The channel ends; who shares queues with it does not care.
 */
static void run_flood(const struct wire_case *self)
{
	struct wire_conn *c = conn_new();
	struct wire_answer a;
	struct wire_login l;
	struct wire_req q;

	if (!CHECK(c, "no connection object"))
		return;
	c->flood = env.count ? env.count : self->num;
	login_init(&l);
	conn_login(c, &l, &a);
	if (CHECK(a.outcome == LOGIN_OK && c->established, "login: %s",
		  outcome_name(a.outcome))) {
		req_tur(c, &q);
		sleep(env.seconds);
		if (CHECK(conn_flood(c, q.bytes, q.len, c->flood),
			  "cannot send"))
			want_closed(c, "flood");
	}
	conn_disconnect(c);
	conn_free(c);
	still_serving();
}

/* What is refused must not cost a credit either. */
static void on_refused(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_req q;

	for (int i = 0; i < 2 * c->limit; i++) {
		switch (i % 4) {
		case 0:
			req_tur(c, &q);
			q.len = 20;
			want_refused(c, &q, "short command");
			break;
		case 1:
			req_head(c, &q, 0x77, 16);
			want_code(c, &q, CODE_FIELDS, "unknown opcode");
			break;
		case 2:
			req_tmf(c, &q, 0x80, 0);
			want_code(c, &q, CODE_UNSUPPORTED, "unknown function");
			break;
		default:
			req_tur(c, &q);
			q.cmd.buf_fmt = 0x11;
			want_refused(c, &q, "bidirectional");
		}
		if (env.failed)
			break;
	}
}

const struct wire_case credit_cases[] = {
	{ "credit.exact", .on = on_exact },
	{ "credit.window-read", .on = on_window },
	{ "credit.window-write", .on = on_window, .num = 1 },
	{ "credit.refused", .on = on_refused },
	{ "credit.overdraw-by-16", .on = on_overdraw, .num = 16, .lost = true },
	{ "credit.overdraw-by-60", .on = on_overdraw, .num = 60, .lost = true },
	{ "credit.order", .on = on_order, .num = 8192, .manual = true },
	{ "credit.order-slowly", .on = on_order, .num = 8192 | ORDER_SLOWLY,
	  .manual = true },
	{ "credit.order-large", .on = on_order, .num = 65536, .manual = true },
	{ "credit.flood", .run = run_flood, .num = 12000, .manual = true },
	{ .name = NULL },
};
