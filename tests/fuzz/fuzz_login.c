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

/* What was accepted keeps to the limits, and to what the login may ask for. */
static void check_accepted(const struct srp_login_info *li, u32 max_it_iu)
{
	PROMISE(li->req_it_iu_len >= SRP_MIN_IT_IU);
	PROMISE(li->req_it_iu_len <= max_it_iu);
	PROMISE(li->buf_fmt & 6);
	PROMISE(!li->imm_off || (li->imm_off >= 52 && li->imm_off <= 80));
	PROMISE(li->imm_off % 4 == 0);
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
	if (fault != SRP_FAULT_SHORT)
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
	enum srp_fault fault;

	fault = srp_decode_login(exact_copy(in.p, len), len, form, max_it_iu,
				 &li);
	PROMISE((fault == SRP_FAULT_SHORT) == (len < need));
	if (fault != SRP_FAULT_NONE) {
		check_refused(fault, &li, tag);
		return 0;
	}
	PROMISE(!memcmp(&li.tag, tag, 8));
	check_accepted(&li, max_it_iu);
	check_again(&li, max_it_iu);
	return 0;
}
