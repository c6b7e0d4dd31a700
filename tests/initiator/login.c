// SPDX-License-Identifier: GPL-2.0
/*
 * Logins and sessions: the request as bytes, and the honest way through it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* A login as an honest initiator sends it: one channel, no immediate data. */
void login_init(struct wire_login *l)
{
	uint64_t guid = htobe64(env.guid);

	memset(l, 0, sizeof(*l));
	l->opcode = OP_LOGIN_REQ;
	l->tag = rnd();
	l->it_iu_len = env.max_req;
	l->buf_fmt = LOGIN_FMT_BOTH;
	l->flags = LOGIN_SINGLE;
	memcpy(l->iport, env.iport, sizeof(l->iport));
	memcpy(l->tport, &guid, 8);
	memcpy(l->tport + 8, &guid, 8);
	l->raw_len = -1;
}

static size_t encode_rdma(const struct wire_login *l, uint8_t *to)
{
	struct wire_login_rdma w = {
		.tag = l->tag,
		.buf_fmt = htobe16(l->buf_fmt),
		.flags = l->flags,
		.opcode = l->opcode,
		.it_iu_len = htobe32(l->it_iu_len),
		.imm_offset = htobe16(l->imm_offset),
	};

	memcpy(w.iport, l->iport, sizeof(w.iport));
	memcpy(w.tport, l->tport, sizeof(w.tport));
	memcpy(to, &w, sizeof(w));
	return sizeof(w);
}

static size_t encode_ib(const struct wire_login *l, uint8_t *to)
{
	struct wire_login_ib w = {
		.opcode = l->opcode,
		.tag = l->tag,
		.it_iu_len = htobe32(l->it_iu_len),
		.buf_fmt = htobe16(l->buf_fmt),
		.flags = l->flags,
		.imm_offset = htobe16(l->imm_offset),
	};

	memcpy(w.iport, l->iport, sizeof(w.iport));
	memcpy(w.tport, l->tport, sizeof(w.tport));
	memcpy(to, &w, sizeof(w));
	return sizeof(w);
}

/**
 * login_encode - the private data of a login
 * @ib: the form of IB/CM instead of that of RDMA/CM
 *
 * Return: its length, which a case may have cut short.
 */
size_t login_encode(const struct wire_login *l, uint8_t *to, bool ib)
{
	size_t len = ib ? encode_ib(l, to) : encode_rdma(l, to);

	if (l->raw_len >= 0 && (size_t)l->raw_len < len)
		len = l->raw_len;
	return len;
}

/**
 * session_with - log in with a given request and insist on success
 *
 * Return: the channel, ready for commands, or NULL after a failed check.
 */
struct wire_conn *session_with(const struct wire_login *l)
{
	struct wire_conn *c = conn_new();
	struct wire_answer a;

	if (!CHECK(c, "no connection object"))
		return NULL;
	conn_login(c, l, &a);
	if (a.outcome == LOGIN_OK && c->established) {
		if (a.rsp.flags & RESULT_IMM)
			c->imm_offset = l->imm_offset;
		if (clear_attention(c))
			return c;
	}
	CHECK(false, "login: %s, CM status %d, reason 0x%08x",
	      outcome_name(a.outcome), a.cm_status, a.reason);
	conn_free(c);
	return NULL;
}

/* One of several channels (LOGIN_MULTI), or the only one. */
struct wire_conn *session_as(uint8_t flags)
{
	struct wire_login l;

	login_init(&l);
	l.flags = flags;
	return session_with(&l);
}

struct wire_conn *session(void)
{
	return session_as(LOGIN_SINGLE);
}

/* With immediate data at that offset, which the target must agree to. */
struct wire_conn *session_imm(uint16_t offset)
{
	struct wire_login l;
	struct wire_conn *c;

	login_init(&l);
	l.flags |= LOGIN_IMM;
	l.imm_offset = offset;
	c = session_with(&l);
	if (!c || CHECK(c->imm_offset, "no immediate data"))
		return c;
	session_end(c);
	return NULL;
}

static bool credits_back(struct wire_conn *c)
{
	int64_t end = now_ms() + ANSWER_MS;

	while (c->credits < c->limit && !c->disconnected && now_ms() < end)
		wire_pump(c, end - now_ms());
	return CHECK(c->credits == c->limit, "%d credits of %d came back",
		     c->credits, c->limit);
}

/**
 * session_healthy - is the channel as good as new?
 *
 * A harmless command works, and every credit that was spent has returned. An
 * ORDERED one starts only when all before it have ended: a command that was
 * lost inside the target holds it up for ever.
 */
bool session_healthy(struct wire_conn *c)
{
	struct wire_req q;

	if (!CHECK(!c->disconnected && !c->broken, "channel is gone: %s",
		   c->broken ? ibv_wc_status_str(c->wc_status) :
		   "disconnected"))
		return false;
	req_tur(c, &q);
	if (!want_good(c, &q, "TEST UNIT READY"))
		return false;
	req_tur(c, &q);
	q.cmd.task_attr = TASK_ORDERED;
	if (!want_good(c, &q, "an ORDERED command"))
		return false;
	return credits_back(c);
}

/* Log out in SRP's way, see the channel closed, free all. */
void session_end(struct wire_conn *c)
{
	struct wire_req q;

	if (!c)
		return;
	if (!c->disconnected && !c->broken) {
		req_head(c, &q, OP_I_LOGOUT, sizeof(q.head));
		conn_send(c, q.bytes, q.len);
		if (!conn_wait_closed(c, 2000))
			note("logout not answered by a disconnect in 2 s");
	}
	conn_disconnect(c);
	conn_free(c);
}

/* After an attack: does the target still take a login and do its work? */
bool still_serving(void)
{
	struct wire_conn *c = session();
	bool ok = c && session_healthy(c);

	session_end(c);
	return CHECK(ok, "the target does not serve any more");
}
