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
	(void)num;
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

#define ACCEPT(e) (&(const struct refusal){ e, 0 })
#define REFUSE(e, r) (&(const struct refusal){ e, r })

/* Private data cut short: zeroes arrive instead, or nothing does. */
static void run_cut(const struct wire_case *self)
{
	struct wire_conn *c;
	struct wire_answer a;
	struct wire_login l;

	(void)self;
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

	(void)self;
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

	(void)self;
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
	{ "login.plain", run_login, 0, ACCEPT(edit_none), false },
	{ "login.iu-len-64", run_login, 64, ACCEPT(edit_iu_len), false },
	{ "login.iu-len-max", run_login, 0, ACCEPT(edit_iu_over), false },
	{ "login.iu-len-0", run_login, 0,
	  REFUSE(edit_iu_len, REJ_UNABLE), false },
	{ "login.iu-len-63", run_login, 63,
	  REFUSE(edit_iu_len, REJ_UNABLE), false },
	{ "login.iu-len-over", run_login, 1,
	  REFUSE(edit_iu_over, REJ_IU_TOO_LONG), false },
	{ "login.iu-len-sign", run_login, 0x80000000,
	  REFUSE(edit_iu_len, REJ_IU_TOO_LONG), false },
	{ "login.iu-len-ones", run_login, 0xffffffff,
	  REFUSE(edit_iu_len, REJ_IU_TOO_LONG), false },
	{ "login.format-direct", run_login, LOGIN_FMT_DIRECT,
	  ACCEPT(edit_format), false },
	{ "login.format-indirect", run_login, LOGIN_FMT_INDIRECT,
	  ACCEPT(edit_format), false },
	{ "login.format-more", run_login, 0xffff, ACCEPT(edit_format), false },
	{ "login.format-none", run_login, 0,
	  REFUSE(edit_format, REJ_FORMAT), false },
	{ "login.format-other", run_login, 0xfff9,
	  REFUSE(edit_format, REJ_FORMAT), false },
	{ "login.format-swapped", run_login, 0x0600,
	  REFUSE(edit_format, REJ_FORMAT), false },
	{ "login.opcode-cmd", run_login, OP_CMD,
	  REFUSE(edit_opcode, REJ_UNABLE), false },
	{ "login.opcode-rsp", run_login, OP_LOGIN_RSP,
	  REFUSE(edit_opcode, REJ_UNABLE), false },
	{ "login.opcode-ff", run_login, 0xff,
	  REFUSE(edit_opcode, REJ_UNABLE), false },
	{ "login.flags-2", run_login, 2,
	  REFUSE(edit_flags, REJ_UNABLE), false },
	{ "login.flags-3", run_login, 3,
	  REFUSE(edit_flags, REJ_UNABLE), false },
	{ "login.empty", run_login, 0,
	  REFUSE(edit_raw_len, REJ_UNABLE), false },
	{ "login.cut", run_cut, 0, NULL, false },
	{ "login.target-first-half", run_login, 7,
	  REFUSE(edit_tport, REJ_ASSOCIATE), false },
	{ "login.target-second-half", run_login, 8,
	  REFUSE(edit_tport, REJ_ASSOCIATE), false },
	{ "login.target-first-zero", run_login, 0,
	  REFUSE(edit_tport_zero, REJ_ASSOCIATE), false },
	{ "login.target-second-zero", run_login, 8,
	  REFUSE(edit_tport_zero, REJ_ASSOCIATE), false },
	{ "login.no-acl", run_login, 0,
	  REFUSE(edit_stranger, REJ_ASSOCIATE), false },
	{ "login.no-acl-random", run_login, 1,
	  REFUSE(edit_stranger, REJ_ASSOCIATE), false },
	{ "login.check-before-acl-length", run_login, 1,
	  REFUSE(edit_stranger_too_long, REJ_IU_TOO_LONG), false },
	{ "login.check-before-acl-opcode", run_login, OP_CMD,
	  REFUSE(edit_stranger_malformed, REJ_UNABLE), false },
	{ "login.imm-unasked", run_imm_unasked, 0, NULL, false },
	{ "login.imm-offset-0", run_imm, 0, NULL, false },
	{ "login.imm-offset-47", run_imm, 47, NULL, false },
	{ "login.imm-offset-48", run_imm, 48, NULL, false },
	{ "login.imm-offset-52", run_imm, 52, NULL, false },
	{ "login.imm-offset-66", run_imm, 66, NULL, false },
	{ "login.imm-offset-68", run_imm, 68, NULL, false },
	{ "login.imm-offset-80", run_imm, 80, NULL, false },
	{ "login.imm-offset-81", run_imm, 81, NULL, false },
	{ "login.imm-offset-ones", run_imm, 65535, NULL, false },
	{ "login.noise", run_noise, 60, NULL, false },
	{ "login.refused", run_refused, 0, NULL, true },
	{ NULL, NULL, 0, NULL, false },
};
