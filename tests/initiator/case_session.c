// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions: several channels, their end, and what comes before their
 * beginning.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

#define OVERTAKING 16		/* requests before the RTU */

static void check_result(const struct wire_conn *c, uint8_t want)
{
	if (c)
		CHECK((c->result & 3) == want, "result %u, not %u",
		      c->result & 3, want);
}

/* What the response says about the channels that were there. */
static void run_multi(const struct wire_case *self)
{
	struct wire_conn *first = session_as(LOGIN_MULTI);
	struct wire_conn *second = session_as(LOGIN_MULTI);
	struct wire_conn *third = NULL;

	check_result(first, RESULT_NO_CHAN);
	check_result(second, RESULT_MAINTAINED);
	if (!first || !second)
		goto end;
	session_healthy(first);
	session_healthy(second);
	third = session_as(LOGIN_SINGLE);
	check_result(third, RESULT_TERMINATED);
	want_closed(first, "first channel after a single login");
	want_closed(second, "second channel after a single login");
	if (third)
		session_healthy(third);
end:
	session_end(first);
	session_end(second);
	session_end(third);
}

static void run_single(const struct wire_case *self)
{
	struct wire_conn *c = session_as(LOGIN_SINGLE), *d;

	check_result(c, RESULT_NO_CHAN);
	d = session_as(LOGIN_SINGLE);
	check_result(d, RESULT_TERMINATED);
	if (c)
		want_closed(c, "old channel");
	session_end(c);
	session_end(d);
	d = session_as(LOGIN_SINGLE);
	check_result(d, RESULT_NO_CHAN);
	session_end(d);
}

/*
 * A login that ends an older channel whose write sits in a slow disk: what is
 * written next must not be overwritten by it. Either the answer comes when the
 * write has ended, --seconds after it was sent, or the login is refused.
 */
static void run_single_held(const struct wire_case *self)
{
	struct wire_conn *c = session(), *d = conn_new();
	int64_t sent, asked, ms;
	struct wire_answer a;
	struct wire_login l;
	struct wire_req q;

	if (!c || !d || !learn_capacity(c) || !conn_mem(c, env.block_size))
		goto end;
	req_rw(c, &q, true, 0, 1);
	req_mem(c, &q, true, env.block_size);
	CHECK(conn_send(c, q.bytes, q.len), "cannot send");
	sent = now_ms();
	usleep(500000);
	login_init(&l);
	if (!CHECK(!conn_resolve(d) && !conn_make_qp(d), "no queue pair"))
		goto end;
	asked = now_ms();
	if (!CHECK(!conn_request(d, &l), "cannot ask"))
		goto end;
	conn_answer(d, &a, 40000);
	ms = now_ms();
	note("%s after %lld ms", outcome_name(a.outcome),
	     (long long)(ms - asked));
	if (self->num)
		CHECK(a.outcome == LOGIN_REJECTED && a.reason == self->num &&
		      ms - asked < 25000,
		      "%s, reason 0x%08x, after %lld ms",
		      outcome_name(a.outcome), a.reason,
		      (long long)(ms - asked));
	else
		CHECK(a.outcome == LOGIN_OK && d->established &&
		      ms - sent > env.seconds * 1000 - 300,
		      "%s, %lld ms after the write was sent",
		      outcome_name(a.outcome), (long long)(ms - sent));
end:
	if (d && d->established && clear_attention(d))
		session_healthy(d);
	conn_disconnect(d);
	conn_free(d);
	conn_disconnect(c);
	conn_free(c);
}

/* As many channels as the target takes; the next gets the right reason. */
static void run_limit(const struct wire_case *self)
{
	static struct wire_conn *all[1024];
	unsigned int n = 0, max = env.count ? env.count : self->num;
	struct wire_answer a = { 0 };
	struct wire_login l;

	for (; n < max; n++) {
		login_init(&l);
		l.flags = LOGIN_MULTI;
		all[n] = conn_new();
		if (!CHECK(all[n], "no connection object"))
			break;
		all[n]->slots = 16;
		conn_login(all[n], &l, &a);
		if (a.outcome != LOGIN_OK) {
			conn_free(all[n]);
			break;
		}
	}
	note("%u channels", n);
	CHECK(n >= 4, "only %u channels", n);
	if (n < max)
		CHECK(a.outcome == LOGIN_REJECTED &&
		      (a.reason == REJ_CHANNELS || a.reason == REJ_RESOURCES),
		      "%s, reason 0x%08x", outcome_name(a.outcome), a.reason);
	else
		CHECK(self->num < 1024, "no limit to be seen");
	while (n--) {
		if (n % 16 == 0 && clear_attention(all[n]))
			session_healthy(all[n]);
		conn_disconnect(all[n]);
		conn_free(all[n]);
	}
	still_serving();
}

/* SRP_I_LOGOUT, idle and with commands in flight. */
static void run_logout(const struct wire_case *self)
{
	struct wire_conn *c = session();
	struct wire_mem m = { 0 };
	struct wire_req q;

	if (!c || !learn_capacity(c) || !mem_get(&m, 65536))
		goto end;
	for (unsigned long i = 0; i < self->num; i++) {
		req_rw(c, &q, i & 1, 0, m.len / env.block_size);
		req_direct(&q, i & 1, mem_va(&m), m.mr->rkey, m.len);
		CHECK(conn_send(c, q.bytes, q.len), "cannot send");
	}
	req_head(c, &q, OP_I_LOGOUT, 16);
	CHECK(conn_send(c, q.bytes, q.len), "cannot send");
	want_closed(c, "logout");
end:
	conn_disconnect(c);
	conn_free(c);
	mem_put(&m);
	still_serving();
}

/* Logout ends the channel that it came through, and no other. */
static void run_logout_one(const struct wire_case *self)
{
	struct wire_conn *a = session_as(LOGIN_MULTI);
	struct wire_conn *b = session_as(LOGIN_MULTI);
	struct wire_req q;

	if (a && b) {
		req_head(a, &q, OP_I_LOGOUT, 16);
		CHECK(conn_send(a, q.bytes, q.len), "cannot send");
		want_closed(a, "the channel that logged out");
		session_healthy(b);
	}
	session_end(a);
	session_end(b);
	still_serving();
}

enum way { BY_LOGOUT, BY_DISCONNECT, BY_DESTROY, BY_QP_ERROR };

static void leave(struct wire_conn *c, enum way how)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_ERR };

	switch (how) {
	case BY_LOGOUT:
		session_end(c);
		return;
	case BY_DISCONNECT:
		conn_disconnect(c);
		break;
	case BY_QP_ERROR:
		ibv_modify_qp(c->id->qp, &attr, IBV_QP_STATE);
		break;
	default:
		break;
	}
	conn_free(c);
}

static void run_loop(const struct wire_case *self)
{
	unsigned int n = env.count ? env.count : 50;
	struct wire_conn *c;

	while (n--) {
		c = session();
		if (!c)
			return;
		leave(c, self->num);
	}
	still_serving();
}

/*
 * Moves the queue pair to RTS by hand: requests may go, the RTU has not. INIT
 * comes again because only now the access rights are known.
 */
static bool go_rts(struct wire_conn *c)
{
	static const enum ibv_qp_state path[] = { IBV_QPS_INIT, IBV_QPS_RTR,
						  IBV_QPS_RTS };
	struct ibv_qp_attr attr = { 0 };
	int mask;

	for (size_t i = 0; i < ARRAY_SIZE(path); i++) {
		attr.qp_state = path[i];
		if (rdma_init_qp_attr(c->id, &attr, &mask) ||
		    ibv_modify_qp(c->id->qp, &attr, mask))
			return CHECK(false, "cannot go to state %d", path[i]);
	}
	return true;
}

/*
 * The library finishes a connection as soon as the id has a queue pair, so
 * the id does without until the RTU is due.
 */
static bool login_no_rtu(struct wire_conn *c, struct ibv_qp **qp)
{
	struct wire_login l;
	struct wire_answer a;
	struct rdma_conn_param p = { .responder_resources = 4,
				     .initiator_depth = 4,
				     .retry_count = 7,
				     .rnr_retry_count = 7 };
	uint8_t bytes[256];

	login_init(&l);
	if (conn_resolve(c) || conn_make_qp(c))
		return CHECK(false, "no channel");
	*qp = c->id->qp;
	c->id->qp = NULL;
	p.qp_num = (*qp)->qp_num;
	p.private_data = bytes;
	p.private_data_len = login_encode(&l, bytes, env.sid != 0);
	if (rdma_connect(c->id, &p))
		return CHECK(false, "rdma_connect");
	conn_answer(c, &a, ANSWER_MS);
	c->id->qp = *qp;
	return CHECK(a.outcome == LOGIN_OK && !c->established, "login: %s",
		     outcome_name(a.outcome)) && go_rts(c);
}

/* The library's id must not have a queue pair when the RTU is sent. */
static bool send_rtu(struct wire_conn *c, struct ibv_qp *qp)
{
	c->id->qp = NULL;
	c->established = CHECK(!rdma_establish(c->id), "rdma_establish");
	c->id->qp = qp;
	return c->established;
}

/*
 * Requests that overtake the RTU are legal: they are kept and answered, in
 * their order, once the RTU is there.
 */
static void run_before_rtu(const struct wire_case *self)
{
	struct wire_conn *c = conn_new();
	uint64_t tag[OVERTAKING];
	struct wire_result r;
	struct ibv_qp *qp;
	struct wire_req q;

	if (!CHECK(c, "no connection object") || !login_no_rtu(c, &qp))
		goto end;
	for (int i = 0; i < OVERTAKING; i++) {
		req_tur(c, &q);
		tag[i] = q.tag;
		CHECK(conn_send(c, q.bytes, q.len), "cannot send");
	}
	usleep(self->num * 1000);
	send_rtu(c, qp);
	for (int i = 0; i < OVERTAKING; i++) {
		bool ok = wait_rsp(c, tag[i], ANSWER_MS, &r);

		if (!CHECK(ok, "request %d before the RTU: no answer: %s", i,
			   c->disconnected ? "disconnected" :
			   ibv_wc_status_str(c->wc_status)))
			break;
	}
	if (clear_attention(c))
		session_healthy(c);
	session_end(c);
	return;
end:
	conn_free(c);
}

/* Requests that the target answers at once, and in the order of arrival. */
static void send_strange(struct wire_conn *c, uint64_t *tag)
{
	struct wire_req q[OVERTAKING];
	const void *bytes[OVERTAKING];
	size_t len[OVERTAKING];

	for (int i = 0; i < OVERTAKING; i++) {
		req_head(c, &q[i], 0x77, 16);
		tag[i] = q[i].tag;
		bytes[i] = q[i].bytes;
		len[i] = q[i].len;
	}
	CHECK(conn_send_many(c, bytes, len, OVERTAKING), "cannot send");
}

static bool next_answers(struct wire_conn *c, uint64_t tag)
{
	struct wire_iu *iu;
	bool ok;

	for (int ms = 0; !c->first && ms < ANSWER_MS; ms += 100)
		wire_pump(c, 100);
	iu = conn_take_any(c);
	ok = CHECK(iu, "an answer is missing") &&
	     CHECK(iu->rsp.tag == tag, "tag %llx is answered before tag %llx",
		   (unsigned long long)iu->rsp.tag, (unsigned long long)tag);
	free(iu);
	return ok;
}

static void run_before_rtu_order(const struct wire_case *self)
{
	struct wire_conn *c = conn_new();
	uint64_t tag[OVERTAKING];
	struct ibv_qp *qp;

	(void)self;
	if (!CHECK(c, "no connection object") || !login_no_rtu(c, &qp)) {
		conn_free(c);
		return;
	}
	send_strange(c, tag);
	send_rtu(c, qp);
	for (int i = 0; i < OVERTAKING && next_answers(c, tag[i]); i++)
		continue;
	if (clear_attention(c))
		session_healthy(c);
	session_end(c);
}

/* Requests, and then no RTU but the end. */
static void run_before_rtu_drop(const struct wire_case *self)
{
	struct wire_conn *c;
	struct ibv_qp *qp;
	struct wire_req q;

	for (int round = 0; round < 10; round++) {
		c = conn_new();
		if (!CHECK(c, "no connection object") ||
		    !login_no_rtu(c, &qp)) {
			conn_free(c);
			return;
		}
		for (unsigned long i = 0; i < self->num; i++) {
			req_tur(c, &q);
			conn_send(c, q.bytes, q.len);
		}
		conn_free(c);
	}
	still_serving();
}

const struct wire_case session_cases[] = {
	{ "session.multi", .run = run_multi },
	{ "session.single", .run = run_single },
	{ "session.channel-limit", .run = run_limit, .num = 80 },
	{ "session.logout", .run = run_logout },
	{ "session.logout-busy", .run = run_logout, .num = 60 },
	{ "session.logout-one", .run = run_logout_one },
	{ "session.loop-logout", .run = run_loop, .num = BY_LOGOUT },
	{ "session.loop-disconnect", .run = run_loop, .num = BY_DISCONNECT },
	{ "session.loop-destroy", .run = run_loop, .num = BY_DESTROY },
	{ "session.loop-qp-error", .run = run_loop, .num = BY_QP_ERROR },
	{ "session.before-rtu", .run = run_before_rtu },
	{ "session.before-rtu-late", .run = run_before_rtu, .num = 500 },
	{ "session.before-rtu-order", .run = run_before_rtu_order },
	{ "session.before-rtu-drop", .run = run_before_rtu_drop, .num = 16 },
	{ "session.no-rtu-drop", .run = run_before_rtu_drop },
	{ "session.single-slow", .run = run_single_held, .manual = true },
	{ "session.single-stuck", .run = run_single_held,
	  .num = REJ_RESOURCES, .manual = true },
	{ .name = NULL },
};
