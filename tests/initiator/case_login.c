// SPDX-License-Identifier: GPL-2.0
/*
 * Logins: what is accepted, what is refused, and for which reason.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define CM_CONSUMER_DEFINED 28

struct refusal {
	void (*edit)(struct wire_login *l, unsigned long num);
	uint32_t reason;	/* 0: accepted */
};

static void check_reject(const struct wire_login *l,
			 const struct wire_answer *a, uint32_t reason)
{
	if (!CHECK(a->outcome == LOGIN_REJECTED, "login: %s, CM status %d",
		   outcome_name(a->outcome), a->cm_status))
		return;
	CHECK(a->reason == reason, "reason 0x%08x, not 0x%08x", a->reason,
	      reason);
	CHECK(a->rej.tag == (l->raw_len ? l->tag : 0),
	      "the reject does not echo the tag");
	CHECK(be16toh(a->rej.buf_fmt) == LOGIN_FMT_BOTH,
	      "reject offers formats 0x%04x", be16toh(a->rej.buf_fmt));
	CHECK(a->cm_status == CM_CONSUMER_DEFINED, "CM reject reason %d",
	      a->cm_status);
}

static void check_accept(struct wire_conn *c, const struct wire_login *l,
			 const struct wire_answer *a)
{
	const struct wire_login_rsp *r = &a->rsp;

	if (!CHECK(a->outcome == LOGIN_OK, "login: %s, reason 0x%08x",
		   outcome_name(a->outcome), a->reason))
		return;
	CHECK(r->opcode == OP_LOGIN_RSP, "opcode 0x%02x", r->opcode);
	CHECK(r->tag == l->tag, "the response does not echo the tag");
	CHECK(be16toh(r->buf_fmt) == LOGIN_FMT_BOTH, "formats 0x%04x",
	      be16toh(r->buf_fmt));
	CHECK(c->limit > 0 && c->limit <= 65535, "request limit %d", c->limit);
	CHECK(c->max_it >= l->it_iu_len && c->max_it <= env.max_req,
	      "max_it_iu_len %u, asked for %u of %u", c->max_it, l->it_iu_len,
	      env.max_req);
	CHECK(c->max_ti >= 40 && c->max_ti <= env.rsp_size,
	      "max_ti_iu_len %u, responses have up to %u", c->max_ti,
	      env.rsp_size);
	if (clear_attention(c))
		session_healthy(c);
}

static void try_login(const struct wire_login *l, uint32_t reason)
{
	struct wire_conn *c = conn_new();
	struct wire_answer a;

	if (!CHECK(c, "no connection object"))
		return;
	conn_login(c, l, &a);
	if (reason)
		check_reject(l, &a, reason);
	else
		check_accept(c, l, &a);
	if (a.outcome == LOGIN_OK)
		session_end(c);
	else
		conn_free(c);
}

static void edit_none(struct wire_login *l, unsigned long num)
{
	(void)l;
}

static void edit_iu_len(struct wire_login *l, unsigned long num)
{
	l->it_iu_len = num;
}

/* Relative to the target's limit. */
static void edit_iu_over(struct wire_login *l, unsigned long num)
{
	l->it_iu_len = env.max_req + num;
}

static void edit_format(struct wire_login *l, unsigned long num)
{
	l->buf_fmt = num;
}

static void edit_opcode(struct wire_login *l, unsigned long num)
{
	l->opcode = num;
}

static void edit_flags(struct wire_login *l, unsigned long num)
{
	l->flags = num;
}

static void edit_tport(struct wire_login *l, unsigned long num)
{
	l->tport[num] ^= 0x40;
}

static void edit_tport_zero(struct wire_login *l, unsigned long num)
{
	memset(l->tport + num, 0, 8);
}

static void edit_stranger(struct wire_login *l, unsigned long num)
{
	memcpy(l->iport, env.stranger, sizeof(l->iport));
	if (num)
		rnd_fill(l->iport + 8, 8);
}

static void edit_stranger_too_long(struct wire_login *l, unsigned long num)
{
	edit_stranger(l, 0);
	edit_iu_over(l, num);
}

static void edit_stranger_malformed(struct wire_login *l, unsigned long num)
{
	edit_stranger(l, 0);
	edit_opcode(l, num);
}

static void edit_raw_len(struct wire_login *l, unsigned long num)
{
	l->raw_len = num;
}

static void run_login(const struct wire_case *self)
{
	const struct refusal *want = self->arg;
	struct wire_login l;

	/* It takes byte 0 for its own header, even where it sends none. */
	if (env.sid && (want->edit == edit_opcode ||
			want->edit == edit_stranger_malformed)) {
		env.skipped = "over IB/CM the kernel writes the opcode";
		return;
	}
	login_init(&l);
	want->edit(&l, self->num);
	try_login(&l, want->reason);
}

#define REFUSE(name, edit, number, reason) \
	{ "login." name, .run = run_login, .num = number, \
	  .arg = &(const struct refusal){ edit, reason } }
#define ACCEPT(name, edit, number) REFUSE(name, edit, number, 0)

/* Private data cut short: zeroes arrive instead, or nothing does. */
static void run_cut(const struct wire_case *self)
{
	struct wire_conn *c;
	struct wire_answer a;
	struct wire_login l;

	for (int len = 0; len < 48; len += 3) {
		login_init(&l);
		l.raw_len = len;
		c = conn_new();
		if (!CHECK(c, "no connection object"))
			return;
		conn_login(c, &l, &a);
		CHECK(a.outcome == LOGIN_REJECTED ||
		      a.outcome == LOGIN_CM_REJECTED,
		      "login of %d bytes: %s", len, outcome_name(a.outcome));
		conn_free(c);
	}
	still_serving();
}

/*
 * Immediate data: offered when asked for with an offset that can work: behind
 * a command and its one descriptor, aligned, and not absurdly far away.
 */
static void run_imm(const struct wire_case *self)
{
	bool want = self->num >= 52 && self->num <= 80 && self->num % 4 == 0;
	struct wire_login l;
	struct wire_conn *c;

	login_init(&l);
	l.flags |= LOGIN_IMM;
	l.imm_offset = self->num;
	c = session_with(&l);
	if (!c)
		return;
	CHECK(!!(c->result & RESULT_IMM) == want,
	      "immediate data at offset %lu: %soffered", self->num,
	      want ? "not " : "");
	session_healthy(c);
	session_end(c);
}

static void run_imm_unasked(const struct wire_case *self)
{
	struct wire_login l;
	struct wire_conn *c;

	login_init(&l);
	l.imm_offset = 68;
	c = session_with(&l);
	if (c)
		CHECK(!(c->result & RESULT_IMM), "offered but not asked for");
	session_end(c);
}

/* For scenarios that set the target up to refuse. */
static void run_refused(const struct wire_case *self)
{
	struct wire_login l;

	login_init(&l);
	try_login(&l, env.reason);
}

/* Random private data: an answer of some kind, each time. */
static void run_noise(const struct wire_case *self)
{
	unsigned int n = env.count ? env.count : self->num;
	struct wire_conn *c;
	struct wire_answer a;
	struct wire_login l;

	while (n--) {
		login_init(&l);
		rnd_fill(&l.opcode, 1);
		l.opcode = rnd() % 4 ? OP_LOGIN_REQ : rnd();
		l.it_iu_len = rnd() >> (rnd() % 64);
		l.buf_fmt = rnd();
		l.flags = rnd();
		l.imm_offset = rnd() % 3 ? rnd() % 100 : rnd();
		if (rnd() % 3 == 0)
			rnd_fill(l.tport, 16);
		if (rnd() % 3 == 0)
			rnd_fill(l.iport, 16);
		c = conn_new();
		if (!CHECK(c, "no connection object"))
			return;
		conn_login(c, &l, &a);
		CHECK(a.outcome != LOGIN_SILENT && a.outcome != LOGIN_ERROR,
		      "login %u: %s", n, outcome_name(a.outcome));
		conn_disconnect(c);
		conn_free(c);
	}
	still_serving();
}

const struct wire_case login_cases[] = {
	ACCEPT("plain", edit_none, 0),
	ACCEPT("iu-len-64", edit_iu_len, 64),
	ACCEPT("iu-len-max", edit_iu_over, 0),
	REFUSE("iu-len-0", edit_iu_len, 0, REJ_UNABLE),
	REFUSE("iu-len-63", edit_iu_len, 63, REJ_UNABLE),
	REFUSE("iu-len-over", edit_iu_over, 1, REJ_IU_TOO_LONG),
	REFUSE("iu-len-sign", edit_iu_len, 0x80000000, REJ_IU_TOO_LONG),
	REFUSE("iu-len-ones", edit_iu_len, 0xffffffff, REJ_IU_TOO_LONG),
	ACCEPT("format-direct", edit_format, LOGIN_FMT_DIRECT),
	ACCEPT("format-indirect", edit_format, LOGIN_FMT_INDIRECT),
	ACCEPT("format-more", edit_format, 0xffff),
	REFUSE("format-none", edit_format, 0, REJ_FORMAT),
	REFUSE("format-other", edit_format, 0xfff9, REJ_FORMAT),
	REFUSE("format-swapped", edit_format, 0x0600, REJ_FORMAT),
	REFUSE("opcode-cmd", edit_opcode, OP_CMD, REJ_UNABLE),
	REFUSE("opcode-rsp", edit_opcode, OP_LOGIN_RSP, REJ_UNABLE),
	REFUSE("opcode-ff", edit_opcode, 0xff, REJ_UNABLE),
	REFUSE("flags-2", edit_flags, 2, REJ_UNABLE),
	REFUSE("flags-3", edit_flags, 3, REJ_UNABLE),
	REFUSE("empty", edit_raw_len, 0, REJ_UNABLE),
	{ "login.cut", .run = run_cut },
	REFUSE("target-first-half", edit_tport, 7, REJ_ASSOCIATE),
	REFUSE("target-second-half", edit_tport, 8, REJ_ASSOCIATE),
	REFUSE("target-first-zero", edit_tport_zero, 0, REJ_ASSOCIATE),
	REFUSE("target-second-zero", edit_tport_zero, 8, REJ_ASSOCIATE),
	REFUSE("no-acl", edit_stranger, 0, REJ_ASSOCIATE),
	REFUSE("no-acl-random", edit_stranger, 1, REJ_ASSOCIATE),
	REFUSE("check-before-acl-length", edit_stranger_too_long, 1,
	       REJ_IU_TOO_LONG),
	REFUSE("check-before-acl-opcode", edit_stranger_malformed, OP_CMD,
	       REJ_UNABLE),
	{ "login.imm-unasked", .run = run_imm_unasked },
	{ "login.imm-offset-0", .run = run_imm },
	{ "login.imm-offset-47", .run = run_imm, .num = 47 },
	{ "login.imm-offset-48", .run = run_imm, .num = 48 },
	{ "login.imm-offset-52", .run = run_imm, .num = 52 },
	{ "login.imm-offset-66", .run = run_imm, .num = 66 },
	{ "login.imm-offset-68", .run = run_imm, .num = 68 },
	{ "login.imm-offset-80", .run = run_imm, .num = 80 },
	{ "login.imm-offset-81", .run = run_imm, .num = 81 },
	{ "login.imm-offset-ones", .run = run_imm, .num = 65535 },
	{ "login.noise", .run = run_noise, .num = 60 },
	{ "login.refused", .run = run_refused, .manual = true },
	{ .name = NULL },
};
