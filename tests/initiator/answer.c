// SPDX-License-Identifier: GPL-2.0
/*
 * What the target must answer.
 *
 * A command that cannot be carried out as described gets CHECK CONDITION,
 * ILLEGAL REQUEST, INVALID FIELD IN COMMAND INFORMATION UNIT (0Eh/03h); what
 * is no command gets a response code. Both give the credit back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

static void decode_sense(struct wire_result *r)
{
	uint8_t code = r->sense[0] & 0x7f;

	if (code == 0x70 || code == 0x71) {
		r->key = r->sense[2] & 0xf;
		r->asc = r->sense[12];
		r->ascq = r->sense[13];
	} else if (code == 0x72 || code == 0x73) {
		r->key = r->sense[1] & 0xf;
		r->asc = r->sense[2];
		r->ascq = r->sense[3];
	}
}

/* The lengths inside a response must add up to what arrived. */
static void decode(const struct wire_iu *iu, struct wire_result *r)
{
	const uint8_t *data = iu->bytes + sizeof(iu->rsp);
	size_t room = iu->len - sizeof(iu->rsp);

	memset(r, 0, sizeof(*r));
	r->flags = iu->rsp.flags;
	r->status = iu->rsp.status;
	r->delta = (int32_t)be32toh(iu->rsp.req_lim_delta);
	r->out_res = be32toh(iu->rsp.out_res);
	r->in_res = be32toh(iu->rsp.in_res);
	if (r->flags & RSP_RSPVALID)
		r->resp_len = be32toh(iu->rsp.resp_len);
	if (r->flags & RSP_SNSVALID)
		r->sense_len = be32toh(iu->rsp.sense_len);
	if (!CHECK((uint64_t)r->resp_len + r->sense_len <= room,
		   "response of %zu bytes claims %u + %u", iu->len,
		   r->resp_len, r->sense_len))
		return;
	if (r->resp_len >= 4)
		memcpy(r->resp, data, 4);
	memcpy(r->sense, data + r->resp_len,
	       r->sense_len < sizeof(r->sense) ? r->sense_len :
	       sizeof(r->sense));
	decode_sense(r);
}

/**
 * wait_rsp - wait for the SRP_RSP that bears a tag
 *
 * Return: whether it came in time; *r is decoded then.
 */
bool wait_rsp(struct wire_conn *c, uint64_t tag, int ms,
	      struct wire_result *r)
{
	int64_t end = now_ms() + ms;
	struct wire_iu *iu;

	while (!(iu = conn_take(c, OP_RSP, tag))) {
		if (c->disconnected || now_ms() >= end)
			return false;
		wire_pump(c, end - now_ms());
	}
	if (CHECK(iu->len >= sizeof(iu->rsp), "response of %zu bytes",
		  iu->len)) {
		CHECK(iu->len <= c->max_ti, "response of %zu bytes, %u promised",
		      iu->len, c->max_ti);
		decode(iu, r);
	}
	free(iu);
	return true;
}

bool run_req(struct wire_conn *c, const struct wire_req *q,
	     struct wire_result *r)
{
	memset(r, 0, sizeof(*r));
	if (!CHECK(conn_send(c, q->bytes, q->len), "cannot send"))
		return false;
	return wait_rsp(c, q->tag, ANSWER_MS, r);
}

void print_result(const struct wire_result *r)
{
	note("flags 0x%02x status 0x%02x delta %d residual out %u in %u",
	     r->flags, r->status, r->delta, r->out_res, r->in_res);
	if (r->flags & RSP_RSPVALID)
		note("response %u bytes: %02x %02x %02x %02x", r->resp_len,
		     r->resp[0], r->resp[1], r->resp[2], r->resp[3]);
	if (r->flags & RSP_SNSVALID)
		note("sense %u bytes: key %x asc/ascq %02x/%02x", r->sense_len,
		     r->key, r->asc, r->ascq);
}

static bool verdict(bool ok, const struct wire_result *r)
{
	if (!ok)
		print_result(r);
	return ok;
}

static bool answered(struct wire_conn *c, const struct wire_req *q,
		     struct wire_result *r, const char *what)
{
	if (run_req(c, q, r))
		return true;
	return CHECK(false, "%s: %s", what, c->disconnected ?
		     "channel closed instead of an answer" : "no answer");
}

bool want_good(struct wire_conn *c, const struct wire_req *q,
	       const char *what)
{
	struct wire_result r;

	if (!answered(c, q, &r, what))
		return false;
	return verdict(CHECK(!r.status && !r.flags, "%s: not GOOD", what), &r);
}

/* Where responses are tiny, sense data is cut and says less. */
bool is_refusal(const struct wire_result *r)
{
	return r->status == 0x02 && (r->flags & RSP_SNSVALID) &&
	       !(r->flags & RSP_RSPVALID) && r->key == 5 &&
	       ((r->asc == 0x0e && r->ascq == 0x03) ||
		(r->sense_len < 14 && r->sense_len + 36 + 4 > env.rsp_size));
}

/* An SRP_CMD that the target understands as a command, and must not do. */
bool want_refused(struct wire_conn *c, const struct wire_req *q,
		  const char *what)
{
	struct wire_result r;

	if (!answered(c, q, &r, what))
		return false;
	return verdict(CHECK(is_refusal(&r), "%s: not refused as invalid field"
			     " in command information unit", what) &&
		       CHECK(r.delta >= 1, "%s: credit kept", what), &r);
}

/* Anything answered with a response code: exactly four bytes, three zero. */
bool want_code(struct wire_conn *c, const struct wire_req *q, uint8_t code,
	       const char *what)
{
	struct wire_result r;
	bool ok;

	if (!answered(c, q, &r, what))
		return false;
	ok = CHECK(r.flags == RSP_RSPVALID, "%s: flags 0x%02x", what,
		   r.flags) &&
	     CHECK(r.resp_len == 4, "%s: %u response bytes", what,
		   r.resp_len) &&
	     CHECK(!r.resp[0] && !r.resp[1] && !r.resp[2],
		   "%s: reserved response bytes not zero", what) &&
	     CHECK(r.resp[3] == code, "%s: response code 0x%02x, not 0x%02x",
		   what, r.resp[3], code) &&
	     CHECK(!r.status, "%s: status 0x%02x", what, r.status) &&
	     CHECK(r.delta >= 1, "%s: credit kept", what);
	return verdict(ok, &r);
}

bool want_closed(struct wire_conn *c, const char *what)
{
	return CHECK(conn_wait_closed(c, CLOSE_MS), "%s: channel not closed",
		     what);
}

/* Neither an answer nor a disconnect for a while. */
bool want_silence(struct wire_conn *c, const char *what)
{
	int64_t end = now_ms() + QUIET_MS;

	while (now_ms() < end && !c->first && !c->disconnected)
		wire_pump(c, end - now_ms());
	return CHECK(!c->first && !c->disconnected, "%s: %s", what,
		     c->first ? "answered" : "channel closed");
}
