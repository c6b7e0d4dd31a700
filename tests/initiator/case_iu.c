// SPDX-License-Identifier: GPL-2.0
/*
 * Information units that are too short, too long, unknown, or not asked for.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* Too short for an opcode and a tag: nothing to answer to. */
static void run_stub(const struct wire_case *self)
{
	static const uint8_t opcodes[] = { OP_CMD, OP_TSK_MGMT, 0x55,
					   OP_CRED_RSP };
	uint8_t bytes[16] = { 0 };
	struct wire_conn *c;

	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
		c = session();
		if (!c)
			return;
		bytes[0] = opcodes[i];
		CHECK(conn_send(c, bytes, self->num), "cannot send");
		want_closed(c, "stub");
		session_end(c);
		if (!self->num)
			break;
	}
	still_serving();
}

static bool known_opcode(unsigned int op)
{
	return op == OP_CMD || op == OP_TSK_MGMT || op == OP_I_LOGOUT ||
	       op == OP_CRED_RSP || op == OP_AER_RSP;
}

/*
 * Every opcode that a target does not take, responses and requests of the
 * other direction among them.
 */
static void on_unknown(struct wire_conn *c, const struct wire_case *self)
{
	char what[32];
	struct wire_req q;

	for (unsigned int op = 0; op < 256; op++) {
		if (known_opcode(op))
			continue;
		snprintf(what, sizeof(what), "opcode 0x%02x", op);
		req_head(c, &q, op, self->num);
		if (!want_code(c, &q, CODE_FIELDS, what) &&
		    c->disconnected)
			break;
	}
}

/* SRP_CMD cut off before its fixed part ends. */
static void on_short_cmd(struct wire_conn *c, const struct wire_case *self)
{
	char what[32];
	struct wire_req q;

	for (size_t len = 16; len < sizeof(q.cmd); len++) {
		snprintf(what, sizeof(what), "SRP_CMD of %zu bytes", len);
		req_tur(c, &q);
		q.len = len;
		if (!want_refused(c, &q, what))
			break;
	}
}

/*
 * A unit that follows a complete one and is shorter must not be read on into
 * what the earlier one left in the buffer: the CDB would be a READ.
 */
static void on_leftovers(struct wire_conn *c, const struct wire_case *self)
{
	uint8_t cdb[16];
	struct wire_req q;

	if (!conn_mem(c, 4096))
		return;
	cdb_inquiry(cdb, 96);
	for (unsigned int i = 0; i < 2 * (unsigned int)c->limit; i++) {
		req_cmd(c, &q, cdb, 16);
		req_mem(c, &q, false, 96);
		q.len = i & 1 ? self->num : q.len;
		memset(c->mem.p, POISON, c->mem.len);
		if (i & 1 && (!want_refused(c, &q, "cut command") ||
			      !mem_is_poison(&c->mem, 0, c->mem.len)))
			break;
		if (!(i & 1) && !want_good(c, &q, "whole command"))
			break;
	}
}

static void on_short_tmf(struct wire_conn *c, const struct wire_case *self)
{
	char what[32];
	struct wire_req q;

	for (size_t len = 16; len < sizeof(q.tmf); len++) {
		snprintf(what, sizeof(what), "SRP_TSK_MGMT of %zu bytes", len);
		req_tmf(c, &q, TMF_LUN_RESET, 0);
		q.len = len;
		if (!want_code(c, &q, CODE_FIELDS, what))
			break;
	}
}

/* Longer than the target said it takes: refused, or the end. */
static void on_too_long(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_result r;
	struct wire_req q;

	req_tur(c, &q);
	memset(q.bytes + q.len, 0, sizeof(q.bytes) - q.len);
	q.len = c->max_it + self->num;
	if (run_req(c, &q, &r))
		session_healthy(c);
	else
		want_closed(c, "too long");
}

/* As long as the target takes, with bytes that nothing speaks of. */
static void on_trailing(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_result r;
	struct wire_req q;

	req_tur(c, &q);
	rnd_fill(q.bytes + q.len, sizeof(q.bytes) - q.len);
	q.len = self->num ? self->num : c->max_it;
	if (CHECK(run_req(c, &q, &r), "no answer"))
		CHECK(is_refusal(&r) || !r.status, "status 0x%02x", r.status);
}

/* An additional CDB longer than the unit. */
static void on_add_cdb(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_req q;

	req_tur(c, &q);
	q.cmd.add_cdb_len = self->num;
	want_refused(c, &q, "additional CDB past the end");
}

/* An additional CDB that is there, and that the CDB does not need. */
static void on_add_cdb_fits(struct wire_conn *c, const struct wire_case *self)
{
	uint8_t cdb[16 + 252] = { 0 };
	struct wire_req q;

	if (!conn_mem(c, 4096))
		return;
	cdb_inquiry(cdb, 36);
	req_cmd(c, &q, cdb, 16 + self->num);
	req_mem(c, &q, false, 36);
	want_good(c, &q, "INQUIRY with an additional CDB");
	CHECK(c->mem.p[4] != POISON, "no INQUIRY data");
	mem_is_poison(&c->mem, 36, c->mem.len);
}

/* A variable-length CDB says itself how long it is: believed only if sent. */
static void on_variable_cdb(struct wire_conn *c, const struct wire_case *self)
{
	uint8_t cdb[32] = { 0x7f };
	struct wire_req q;

	cdb[7] = self->num;
	req_cmd(c, &q, cdb, sizeof(cdb));
	want_refused(c, &q, "variable-length CDB past its end");
}

/* Bits that the standard reserves: set ones change nothing. */
static void on_reserved(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_req q;

	req_tur(c, &q);
	memset(q.cmd.reserved1, 0xff, sizeof(q.cmd.reserved1));
	memset(q.cmd.reserved2, 0xff, sizeof(q.cmd.reserved2));
	q.cmd.reserved3 = 0xff;
	q.cmd.reserved4 = 0xff;
	q.cmd.add_cdb_len = 3;
	q.cmd.sol_not = 0xff;
	want_good(c, &q, "reserved bits set");
}

static void on_task_attr(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_result r;
	struct wire_req q;

	for (unsigned int attr = 0; attr < 256; attr++) {
		req_tur(c, &q);
		q.cmd.task_attr = attr;
		if (!CHECK(run_req(c, &q, &r), "attribute %u: no answer",
			   attr))
			break;
		if (attr < 3)
			CHECK(!r.status, "attribute %u: status 0x%02x", attr,
			      r.status);
	}
}

/* Responses to requests that the target never made cost nobody a credit. */
static void on_unsolicited(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_req q;

	for (int i = 0; i < 300; i++) {
		req_head(c, &q, self->num, 16);
		if (!conn_send(c, q.bytes, q.len))
			break;
		if (i % 50 == 0 && !want_silence(c, "unsolicited response"))
			break;
	}
}

/* The same tag over and over, several at a time: each gets an answer. */
static void on_replayed(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_result r;
	struct wire_req q;

	for (int round = 0; round < 4; round++) {
		req_tur(c, &q);
		for (int i = 0; i < 16; i++)
			CHECK(conn_send(c, q.bytes, q.len), "cannot send");
		for (int i = 0; i < 16; i++)
			if (!CHECK(wait_rsp(c, q.tag, ANSWER_MS, &r),
				   "copy %d: no answer", i))
				return;
	}
}

/*
 * A request for an event at the next completion cannot be taken back, and it
 * goes before one for solicited events: a command that nobody asks an event for
 * uses up what wire_pump() may have left.
 */
static bool events_used_up(struct wire_conn *c)
{
	struct pollfd fd = { .fd = c->cc->fd, .events = POLLIN };
	struct wire_req q;
	struct ibv_cq *cq;
	void *context;

	req_tur(c, &q);
	while (!ibv_get_cq_event(c->cc, &cq, &context))
		ibv_ack_cq_events(cq, 1);
	ibv_req_notify_cq(c->cq, 0);
	if (!CHECK(conn_send(c, q.bytes, q.len), "cannot send") ||
	    !CHECK(poll(&fd, 1, ANSWER_MS) > 0, "no event at all"))
		return false;
	while (!ibv_get_cq_event(c->cc, &cq, &context))
		ibv_ack_cq_events(cq, 1);
	ibv_req_notify_cq(c->cq, 1);
	return true;
}

/* Is there a solicited completion event, and does the unit say so itself? */
static void solicited(struct wire_conn *c, struct wire_req *q, bool want,
		      const char *what)
{
	struct pollfd fd = { .fd = c->cc->fd, .events = POLLIN };
	struct wire_iu *iu;
	bool got;

	if (!events_used_up(c))
		return;
	CHECK(conn_send(c, q->bytes, q->len), "cannot send");
	got = poll(&fd, 1, want ? ANSWER_MS : QUIET_MS) > 0;
	CHECK(got == want, "%s: %s", what, got ? "solicited event" :
	      "no solicited event");
	for (int i = 0; i < 100 && !(iu = conn_take(c, OP_RSP, q->tag)); i++)
		wire_pump(c, 100);
	if (CHECK(iu, "%s: no answer", what))
		CHECK((iu->head.sol_not & 1) == want, "%s: sol_not 0x%02x",
		      what, iu->head.sol_not);
	free(iu);
}

/*
 * Solicited notification (r16a 5.3): bit 1 asks for it on success, bit 2 on
 * failure; each applies to that outcome alone.
 */
static void on_solicited(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_req q;

	for (int sol = 0; sol < 8; sol += 2) {
		req_tur(c, &q);
		q.cmd.sol_not = sol;
		solicited(c, &q, sol & 2, "success");
		req_tur(c, &q);
		q.cmd.sol_not = sol;
		req_lun(&q, 200);
		solicited(c, &q, sol & 4, "failure");
		req_tmf(c, &q, TMF_ABORT_TASK, 1);
		q.tmf.sol_not = sol;
		solicited(c, &q, sol & 2, "task management");
	}
}

/* A LUN of every addressing method, most of them nowhere: answered. */
static void on_luns(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_result r;
	struct wire_req q;

	for (unsigned int i = 0; i < 256; i++) {
		req_tur(c, &q);
		rnd_fill(q.cmd.lun, sizeof(q.cmd.lun));
		q.cmd.lun[0] = i;
		if (!CHECK(run_req(c, &q, &r), "LUN %02x...: no answer", i))
			break;
	}
}

/* Allocation length > buffer > data: what was not written is told. */
static void on_residual_both(struct wire_conn *c, const struct wire_case *self)
{
	uint8_t cdb[16];
	struct wire_result r;
	struct wire_req q;
	uint32_t data;

	if (!conn_mem(c, 96))
		return;
	cdb_inquiry(cdb, 255);
	cdb[1] = 1;		/* the list of VPD pages: a few bytes */
	req_cmd(c, &q, cdb, sizeof(cdb));
	req_mem(c, &q, false, 96);
	if (!CHECK(run_req(c, &q, &r), "no answer"))
		return;
	data = 4 + c->mem.p[3];
	CHECK(!r.status && r.flags == RSP_DIUNDER && r.in_res == 96 - data,
	      "%u bytes of 96: flags 0x%02x status 0x%02x residual %u", data,
	      r.flags, r.status, r.in_res);
	mem_is_poison(&c->mem, data, 96);
}

const struct wire_case iu_cases[] = {
	{ "iu.length-0", .run = run_stub },
	{ "iu.length-1", .run = run_stub, .num = 1 },
	{ "iu.length-8", .run = run_stub, .num = 8 },
	{ "iu.length-15", .run = run_stub, .num = 15 },
	{ "iu.unknown-16", .on = on_unknown, .num = 16 },
	{ "iu.unknown-64", .on = on_unknown, .num = 64 },
	{ "iu.short-cmd", .on = on_short_cmd },
	{ "iu.leftovers-cdb", .on = on_leftovers, .num = 40 },
	{ "iu.leftovers-descriptor", .on = on_leftovers, .num = 56 },
	{ "iu.short-tmf", .on = on_short_tmf },
	{ "iu.too-long-by-1", .on = on_too_long, .num = 1, .lost = true },
	{ "iu.too-long-by-900", .on = on_too_long, .num = 900, .lost = true },
	{ "iu.trailing-bytes", .on = on_trailing, .num = 100 },
	{ "iu.trailing-to-the-limit", .on = on_trailing },
	{ "iu.add-cdb-4", .on = on_add_cdb, .num = 4 },
	{ "iu.add-cdb-252", .on = on_add_cdb, .num = 252 },
	{ "iu.add-cdb-fits-16", .on = on_add_cdb_fits, .num = 16 },
	{ "iu.add-cdb-fits-252", .on = on_add_cdb_fits, .num = 252 },
	{ "iu.variable-cdb-25", .on = on_variable_cdb, .num = 25 },
	{ "iu.variable-cdb-255", .on = on_variable_cdb, .num = 255 },
	{ "iu.reserved-bits", .on = on_reserved },
	{ "iu.task-attributes", .on = on_task_attr },
	{ "iu.unsolicited-cred-rsp", .on = on_unsolicited, .num = OP_CRED_RSP },
	{ "iu.unsolicited-aer-rsp", .on = on_unsolicited, .num = OP_AER_RSP },
	{ "iu.replayed-tags", .on = on_replayed },
	{ "iu.solicited", .on = on_solicited },
	{ "iu.luns", .on = on_luns },
	{ "iu.residual-both", .on = on_residual_both },
	{ .name = NULL },
};
