// SPDX-License-Identifier: GPL-2.0
/* SRP_LOGIN_REQ in both of its forms, SRP r16a 6.2. */
#include "unit.h"

enum { MAX_IT_IU = 8276 };

static const enum srp_login_form forms[] = {
	SRP_LOGIN_FORM_IB,
	SRP_LOGIN_FORM_RDMA,
};

/* A request that a target has nothing to say against. */
static struct srp_login_info good_login(void)
{
	struct srp_login_info li = {
		.tag = wire_tag("loginreq"),
		.req_it_iu_len = 260,
		.buf_fmt = 0x0006,
		.imm_off = 68,
	};
	u32 i;

	for (i = 0; i < 16; i++) {
		li.i_port_id[i] = 0x10 + i;
		li.t_port_id[i] = 0x20 + i;
	}
	return li;
}

static enum srp_fault decode_raw(enum srp_login_form form, u32 len,
				 struct srp_login_info *out)
{
	return srp_decode_login(exact_copy(w.b, len), len, form, MAX_IT_IU,
				out);
}

static enum srp_fault decode(enum srp_login_form form,
			     const struct srp_login_info *li, u8 flags,
			     struct srp_login_info *out)
{
	wire_login(&w, form, li, flags);
	return decode_raw(form, w.len, out);
}

/* The fault that a request has in both forms. */
static enum srp_fault fault_of(const struct srp_login_info *li, u8 flags)
{
	struct srp_login_info out;
	enum srp_fault ib = decode(SRP_LOGIN_FORM_IB, li, flags, &out);
	enum srp_fault rdma = decode(SRP_LOGIN_FORM_RDMA, li, flags, &out);

	assert_fault(ib, rdma);
	assert_true(out.tag == li->tag);
	return ib;
}

static void both_forms_give_every_field(void **state)
{
	struct srp_login_info li = good_login(), out;
	u32 i;

	for (i = 0; i < COUNT_OF(forms); i++) {
		memset(&out, 0xff, sizeof(out));
		assert_fault(decode(forms[i], &li, 0x81, &out),
			     SRP_FAULT_NONE);
		assert_true(out.tag == li.tag);
		assert_int_equal(out.req_it_iu_len, 260);
		assert_int_equal(out.buf_fmt, 6);
		assert_int_equal(out.imm_off, 68);
		assert_true(out.multi);
		assert_bytes(out.i_port_id, li.i_port_id, 16);
		assert_bytes(out.t_port_id, li.t_port_id, 16);
	}
}

static void every_shorter_length_is_short(void **state)
{
	static const struct srp_login_info nothing;
	struct srp_login_info li = good_login(), out;
	u32 i, len;

	for (i = 0; i < COUNT_OF(forms); i++) {
		wire_login(&w, forms[i], &li, 0x80);
		for (len = 0; len < w.len; len++) {
			memset(&out, 0xff, sizeof(out));
			assert_fault_at(decode_raw(forms[i], len, &out),
					SRP_FAULT_SHORT, len);
			assert_bytes(&out, &nothing, sizeof(out));
		}
	}
}

/* Private data comes padded to what the connection manager can carry. */
static void bytes_after_the_request_do_not_matter(void **state)
{
	struct srp_login_info li = good_login(), out;
	u32 i;

	for (i = 0; i < COUNT_OF(forms); i++) {
		wire_login(&w, forms[i], &li, 0);
		memset(w.b + w.len, 0xff, 92);
		assert_fault(decode_raw(forms[i], w.len + 92, &out),
			     SRP_FAULT_NONE);
		assert_bytes(out.t_port_id, li.t_port_id, 16);
	}
}

static void reserved_fields_do_not_matter(void **state)
{
	static const u8 ib[] = { 1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 23, 27,
				 30, 31 };
	static const u8 rdma[] = { 50, 51, 52, 53, 54, 55 };
	struct srp_login_info li = good_login(), out;
	u32 i;

	wire_login(&w, SRP_LOGIN_FORM_IB, &li, 0x80);
	for (i = 0; i < COUNT_OF(ib); i++)
		w.b[ib[i]] = 0xff;
	assert_fault(decode_raw(SRP_LOGIN_FORM_IB, w.len, &out),
		     SRP_FAULT_NONE);
	assert_int_equal(out.imm_off, 68);

	wire_login(&w, SRP_LOGIN_FORM_RDMA, &li, 0x80);
	for (i = 0; i < COUNT_OF(rdma); i++)
		w.b[rdma[i]] = 0xff;
	assert_fault(decode_raw(SRP_LOGIN_FORM_RDMA, w.len, &out),
		     SRP_FAULT_NONE);
	assert_int_equal(out.imm_off, 68);
}

static void any_other_opcode_is_refused_and_the_tag_kept(void **state)
{
	struct srp_login_info li = good_login(), out;
	u32 i, opcode;

	for (i = 0; i < COUNT_OF(forms); i++) {
		wire_login(&w, forms[i], &li, 0);
		for (opcode = 1; opcode < 256; opcode++) {
			w.b[forms[i] == SRP_LOGIN_FORM_IB ? 0 : 11] = opcode;
			assert_fault_at(decode_raw(forms[i], w.len, &out),
					SRP_FAULT_OPCODE, opcode);
			assert_true(out.tag == li.tag);
		}
	}
}

static void reserved_multichannel_actions_are_refused(void **state)
{
	struct srp_login_info li = good_login();
	u32 flags;

	for (flags = 0; flags < 256; flags++)
		assert_fault_at(fault_of(&li, flags), (flags & 3) > 1 ?
				SRP_FAULT_FLAGS : SRP_FAULT_NONE, flags);
}

static void multichannel_action_says_whether_others_stay(void **state)
{
	struct srp_login_info li = good_login(), out;
	u32 i;

	for (i = 0; i < COUNT_OF(forms); i++) {
		assert_fault(decode(forms[i], &li, 0, &out), SRP_FAULT_NONE);
		assert_false(out.multi);
		assert_fault(decode(forms[i], &li, 1, &out), SRP_FAULT_NONE);
		assert_true(out.multi);
		/* Refused, and not taken for the other channels' friend. */
		assert_fault(decode(forms[i], &li, 3, &out), SRP_FAULT_FLAGS);
		assert_false(out.multi);
	}
}

static void iu_length_has_a_lower_and_an_upper_limit(void **state)
{
	static const struct {
		u32 len;
		enum srp_fault fault;
	} limits[] = {
		{ 0, SRP_FAULT_IU_SMALL },
		{ 63, SRP_FAULT_IU_SMALL },
		{ 64, SRP_FAULT_NONE },
		{ 65, SRP_FAULT_NONE },
		{ MAX_IT_IU - 1, SRP_FAULT_NONE },
		{ MAX_IT_IU, SRP_FAULT_NONE },
		{ MAX_IT_IU + 1, SRP_FAULT_IU_LARGE },
		{ 0x80000000, SRP_FAULT_IU_LARGE },
		{ 0xffffffff, SRP_FAULT_IU_LARGE },
	};
	struct srp_login_info li = good_login();
	u32 i;

	for (i = 0; i < COUNT_OF(limits); i++) {
		li.req_it_iu_len = limits[i].len;
		assert_fault_at(fault_of(&li, 0), limits[i].fault,
				limits[i].len);
	}
}

static void a_format_in_common_is_needed(void **state)
{
	struct srp_login_info li = good_login();
	u32 fmt;

	for (fmt = 0; fmt < 0x10000; fmt++) {
		li.buf_fmt = fmt;
		assert_fault_at(fault_of(&li, 0), fmt & 6 ?
				SRP_FAULT_NONE : SRP_FAULT_FORMATS, fmt);
	}
}

static bool imm_off_can_be_agreed_on(u32 off)
{
	return off == 52 || off == 56 || off == 60 || off == 64 ||
	       off == 68 || off == 72 || off == 76 || off == 80;
}

static void immediate_offset_is_kept_only_if_it_can_be_used(void **state)
{
	struct srp_login_info li = good_login(), out;
	u32 off, i;

	for (i = 0; i < COUNT_OF(forms); i++) {
		for (off = 0; off < 0x10000; off++) {
			li.imm_off = off;
			assert_fault(decode(forms[i], &li, 0x80, &out),
				     SRP_FAULT_NONE);
			assert_int_equal(out.imm_off,
					 imm_off_can_be_agreed_on(off) ?
					 off : 0);
		}
	}
}

static void immediate_data_is_not_agreed_on_without_the_flag(void **state)
{
	struct srp_login_info li = good_login(), out;
	u32 i, flags;

	for (i = 0; i < COUNT_OF(forms); i++) {
		for (flags = 0; flags < 0x80; flags += 4) {
			assert_fault(decode(forms[i], &li, flags, &out),
				     SRP_FAULT_NONE);
			assert_int_equal(out.imm_off, 0);
		}
	}
}

/* Without the right opcode no other field can be believed. */
static void the_opcode_is_judged_first(void **state)
{
	struct srp_login_info li = { .tag = wire_tag("allwrong") }, out;

	wire_login(&w, SRP_LOGIN_FORM_IB, &li, 3);
	w.b[0] = 0xc1;
	assert_fault(decode_raw(SRP_LOGIN_FORM_IB, w.len, &out),
		     SRP_FAULT_OPCODE);
	assert_true(out.tag == li.tag);
}

/* Whatever is wrong, the answer needs the tag. */
static void the_tag_survives_every_fault_but_short(void **state)
{
	struct srp_login_info li = good_login();

	assert_fault(fault_of(&li, 2), SRP_FAULT_FLAGS);
	li.req_it_iu_len = 1;
	assert_fault(fault_of(&li, 0), SRP_FAULT_IU_SMALL);
	li.req_it_iu_len = MAX_IT_IU + 1;
	assert_fault(fault_of(&li, 0), SRP_FAULT_IU_LARGE);
	li = good_login();
	li.buf_fmt = 0xfff9;
	assert_fault(fault_of(&li, 0), SRP_FAULT_FORMATS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_give_every_field),
		cmocka_unit_test(every_shorter_length_is_short),
		cmocka_unit_test(bytes_after_the_request_do_not_matter),
		cmocka_unit_test(reserved_fields_do_not_matter),
		cmocka_unit_test(any_other_opcode_is_refused_and_the_tag_kept),
		cmocka_unit_test(reserved_multichannel_actions_are_refused),
		cmocka_unit_test(multichannel_action_says_whether_others_stay),
		cmocka_unit_test(iu_length_has_a_lower_and_an_upper_limit),
		cmocka_unit_test(a_format_in_common_is_needed),
		cmocka_unit_test(immediate_offset_is_kept_only_if_it_can_be_used),
		cmocka_unit_test(immediate_data_is_not_agreed_on_without_the_flag),
		cmocka_unit_test(the_opcode_is_judged_first),
		cmocka_unit_test(the_tag_survives_every_fault_but_short),
	};

	return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
