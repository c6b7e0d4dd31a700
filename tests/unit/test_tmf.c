// SPDX-License-Identifier: GPL-2.0
/* SRP_TSK_MGMT, SRP r16a 6.7. */
#include "unit.h"

static struct srp_tmf_info ti;

static enum srp_fault decode_len(u32 len)
{
	memset(&ti, 0xff, sizeof(ti));
	return srp_decode_tmf(exact_request(w.b, len), len, &ti);
}

static void every_field_is_taken(void **state)
{
	wire_tmf(&w, 0x08);
	assert_fault(decode_len(w.len), SRP_FAULT_NONE);
	assert_true(ti.tag == wire_tag("tagoftmf"));
	assert_true(ti.task_tag == wire_tag("thattask"));
	assert_true(ti.lun == 0x0708050603040102);
	assert_int_equal(ti.func, 0x08);
	assert_int_equal(ti.sol_not, 0x07);
}

static void every_shorter_length_is_short(void **state)
{
	u32 len;

	wire_tmf(&w, 0x01);
	for (len = 0; len < TMF_LEN; len++) {
		assert_fault_at(decode_len(len), SRP_FAULT_SHORT, len);
		assert_true(ti.tag == (len < 16 ? 0 : wire_tag("tagoftmf")));
		assert_true(ti.lun == 0);
		assert_true(ti.task_tag == 0);
		assert_int_equal(ti.func, 0);
	}
}

static void every_function_is_handed_to_the_caller(void **state)
{
	u32 func;

	for (func = 0; func < 256; func++) {
		wire_tmf(&w, func);
		assert_fault_at(decode_len(w.len), SRP_FAULT_NONE, func);
		assert_int_equal(ti.func, func);
	}
}

static void reserved_fields_and_trailing_bytes_do_not_matter(void **state)
{
	static const u8 at[] = { 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 28, 29, 31,
		40, 41, 42, 43, 44, 45, 46, 47 };
	u32 i;

	wire_tmf(&w, 0x01);
	for (i = 0; i < COUNT_OF(at); i++)
		w.b[at[i]] = 0xff;
	memset(w.b + w.len, 0xff, 16);
	assert_fault(decode_len(w.len + 16), SRP_FAULT_NONE);
	assert_int_equal(ti.func, 0x01);
	assert_true(ti.task_tag == wire_tag("thattask"));
}

static void both_forms_of_a_number_are_the_same_unit(void **state)
{
	u8 flat[8] = { 0x41, 0x2c };

	wire_tmf(&w, 0x01);
	memcpy(w.b + TMF_LUN, flat, 8);
	assert_fault(decode_len(w.len), SRP_FAULT_NONE);
	assert_int_equal(ti.lun, 300);
	w.b[TMF_LUN] = 0x01;
	assert_fault(decode_len(w.len), SRP_FAULT_NONE);
	assert_int_equal(ti.lun, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_taken),
		cmocka_unit_test(every_shorter_length_is_short),
		cmocka_unit_test(every_function_is_handed_to_the_caller),
		cmocka_unit_test(reserved_fields_and_trailing_bytes_do_not_matter),
		cmocka_unit_test(both_forms_of_a_number_are_the_same_unit),
	};

	return cmocka_run_group_tests_name("tmf", tests, NULL, NULL);
}
