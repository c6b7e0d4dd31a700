// SPDX-License-Identifier: GPL-2.0
/*
 * SRP_LOGIN_REQ in both forms. Input: form, srp_max_req_size (2), request.
 */
#include "fuzz.h"

static bool same(const struct srp_login_info *a,
		 const struct srp_login_info *b)
{
	return a->tag == b->tag && a->req_it_iu_len == b->req_it_iu_len &&
	       a->buf_fmt == b->buf_fmt && a->imm_off == b->imm_off &&
	       a->multi == b->multi &&
	       !memcmp(a->i_port_id, b->i_port_id, 16) &&
	       !memcmp(a->t_port_id, b->t_port_id, 16);
}

/* The bytes that the decoder judges, and srp_max_req_size. */
struct request {
	u8 opcode;
	u8 flags;
	u32 iu_len;
	u16 fmt;
	u16 imm_off;
	u32 max_it_iu;
};

static struct request look(const u8 *b, enum srp_login_form form,
			   u32 max_it_iu)
{
	bool ib = form == SRP_LOGIN_FORM_IB;
	struct request req = {
		.opcode = b[ib ? 0 : 11],
		.flags = b[ib ? 26 : 10],
		.iu_len = get32(b + (ib ? 16 : 12)),
		.fmt = get16(b + (ib ? 24 : 8)),
		.imm_off = get16(b + (ib ? 28 : 48)),
		.max_it_iu = max_it_iu,
	};

	return req;
}

/* Does the request have this fault? */
static bool is_true(enum srp_fault fault, const struct request *req)
{
	switch (fault) {
	case SRP_FAULT_OPCODE:
		return req->opcode != 0x00;
	case SRP_FAULT_FLAGS:
		return (req->flags & 3) > 1;
	case SRP_FAULT_IU_SMALL:
		return req->iu_len < 64;
	case SRP_FAULT_IU_LARGE:
		return req->iu_len > req->max_it_iu;
	case SRP_FAULT_FORMATS:
		return !(req->fmt & 6);
	default:
		return false;
	}
}

/* What was accepted has no fault, and nothing that was not asked for. */
static void check_accepted(const struct srp_login_info *li,
			   const struct request *req)
{
	u32 fault;

	for (fault = 0; fault < SRP_FAULT_COUNT; fault++)
		PROMISE(!is_true(fault, req));
	PROMISE(li->req_it_iu_len == req->iu_len);
	PROMISE(li->buf_fmt == req->fmt);
	PROMISE(li->multi == (req->flags & 1));
	if (!(req->flags & 0x80) || req->imm_off < 52 || req->imm_off > 80 ||
	    req->imm_off % 4)
		PROMISE(!li->imm_off);
	else
		PROMISE(li->imm_off == req->imm_off);
}

/* Either form of the same request decodes to the same. */
static void check_again(const struct srp_login_info *li, u32 max_it_iu)
{
	static struct wire w;
	struct srp_login_info again;
	u8 flags = (li->imm_off ? 0x80 : 0) | li->multi;
	int form;

	for (form = SRP_LOGIN_FORM_IB; form <= SRP_LOGIN_FORM_RDMA; form++) {
		wire_login(&w, form, li, flags);
		PROMISE(srp_decode_login(exact_copy(w.b, w.len), w.len, form,
					 max_it_iu, &again) == SRP_FAULT_NONE);
		PROMISE(same(li, &again));
	}
}

/* A refusal can be said to the initiator and to the administrator. */
static void check_refused(enum srp_fault fault, const struct srp_login_info *li,
			  const u8 *tag)
{
	struct srp_login_rej rej;
	u32 reason = srp_login_reason(fault);

	PROMISE(has_words(fault));
	PROMISE(reason >= 0x00010000 && reason <= 0x00010006);
	PROMISE(srp_build_login_rej(&rej, li->tag, reason) == 32);
	PROMISE(get32((u8 *)&rej + 4) == reason);
	if (tag)
		PROMISE(!memcmp((u8 *)&rej + 8, tag, 8));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	enum srp_login_form form = take(&in, 1) & 1;
	u32 max_it_iu = 64 + take(&in, 2), len = in.left;
	u32 need = form == SRP_LOGIN_FORM_IB ? 64 : 56;
	const u8 *tag = in.p + (form == SRP_LOGIN_FORM_IB ? 8 : 0);
	struct srp_login_info li;
	struct request req;
	enum srp_fault fault;

	fault = srp_decode_login(exact_copy(in.p, len), len, form, max_it_iu,
				 &li);
	PROMISE((fault == SRP_FAULT_SHORT) == (len < need));
	if (fault == SRP_FAULT_SHORT) {
		check_refused(fault, &li, NULL);
		return 0;
	}
	req = look(in.p, form, max_it_iu);
	PROMISE(!memcmp(&li.tag, tag, 8));
	if (fault != SRP_FAULT_NONE) {
		PROMISE(is_true(fault, &req));
		check_refused(fault, &li, tag);
		return 0;
	}
	check_accepted(&li, &req);
	check_again(&li, max_it_iu);
	return 0;
}
