// SPDX-License-Identifier: GPL-2.0
/*
 * The data of an SRP_CMD, SRP r16a 6.8.2 and 6.8.3: none, one descriptor,
 * immediate data, formats that are unknown or go both ways. Tables have a file
 * of their own, test_table.c.
 */
#include "unit.h"

enum {
	IMM_OFF		= 68,
	MAX_DATA	= 16 << 20,
};

static u8 cdb[268];
static struct srp_cmd_info ci;

static enum srp_fault decode_len(u32 len, u32 imm_off)
{
	memset(&ci, 0, sizeof(ci));
	return srp_decode_cmd(exact_request(w.b, len), len, imm_off, &ci);
}

static enum srp_fault decode(void)
{
	return decode_len(w.len, IMM_OFF);
}

/* A command with one descriptor of @len bytes, in or out. */
static enum srp_fault decode_direct(bool out, u64 va, u32 len)
{
	wire_cmd(&w, cdb, 16);
	wire_formats(&w, out, !out);
	wire_desc(&w, va, 0xdeadbeef, len);
	return decode();
}

static void assert_no_data(void)
{
	assert_int_equal(ci.dir, SRP_DIR_NONE);
	assert_int_equal(ci.data_len, 0);
	assert_int_equal(ci.n_desc, 0);
	assert_int_equal(ci.n_table, 0);
	assert_int_equal(ci.imm_off, 0);
}

static void assert_direct(enum srp_dir dir, u64 va, u32 len)
{
	const u8 *desc = (const u8 *)ci.desc;

	assert_int_equal(ci.dir, dir);
	assert_int_equal(ci.data_len, len);
	assert_int_equal(ci.n_desc, 1);
	assert_int_equal(ci.n_table, 0);
	assert_int_equal(ci.imm_off, 0);
	assert_true(get64(desc) == va);
	assert_int_equal(get32(desc + 8), 0xdeadbeef);
	assert_int_equal(get32(desc + 12), len);
}

static void one_descriptor_is_taken_in_each_direction(void **state)
{
	assert_fault(decode_direct(true, 0x123456789abcdef0, 4096),
		     SRP_FAULT_NONE);
	assert_direct(SRP_DIR_OUT, 0x123456789abcdef0, 4096);
	assert_fault(decode_direct(false, 0xfedcba9876543210, 512),
		     SRP_FAULT_NONE);
	assert_direct(SRP_DIR_IN, 0xfedcba9876543210, 512);
}

static void one_descriptor_is_behind_the_additional_cdb(void **state)
{
	u32 len;

	for (len = 16; len <= 268; len += 4) {
		wire_cmd(&w, cdb, len);
		wire_formats(&w, 1, 0);
		wire_desc(&w, len, 0xdeadbeef, 4096);
		assert_fault_at(decode(), SRP_FAULT_NONE, len);
		assert_direct(SRP_DIR_OUT, len, 4096);
	}
}

static void one_descriptor_cut_anywhere_is_short(void **state)
{
	u32 add, len;

	for (add = 0; add <= 252; add += 84) {
		wire_cmd(&w, cdb, 16 + add);
		wire_formats(&w, 0, 1);
		wire_desc(&w, 0, 0, 4096);
		for (len = CMD_FIXED + add; len < w.len; len++) {
			assert_fault_at(decode_len(len, 0), SRP_FAULT_SHORT,
					len);
			assert_true(ci.tag == wire_tag("tagofcmd"));
		}
	}
}

static void one_descriptor_needs_no_count(void **state)
{
	static const u8 counts[] = { 0, 1, 2, 255 };
	u32 i;

	wire_cmd(&w, cdb, 16);
	wire_formats(&w, 1, 0);
	wire_desc(&w, 7, 0xdeadbeef, 4096);
	for (i = 0; i < COUNT_OF(counts); i++) {
		w.b[CMD_OUT_COUNT] = counts[i];
		w.b[CMD_IN_COUNT] = counts[COUNT_OF(counts) - 1 - i];
		assert_fault_at(decode(), SRP_FAULT_NONE, i);
		assert_direct(SRP_DIR_OUT, 7, 4096);
	}
}

static void an_empty_descriptor_is_a_command_without_data(void **state)
{
	assert_fault(decode_direct(true, 0, 0), SRP_FAULT_NONE);
	assert_no_data();
	assert_fault(decode_direct(false, ~0ULL, 0), SRP_FAULT_NONE);
	assert_no_data();
}

static void a_descriptor_must_not_wrap_around(void **state)
{
	assert_fault(decode_direct(true, ~0ULL - 4096, 4096), SRP_FAULT_NONE);
	assert_fault(decode_direct(true, ~0ULL - 4094, 4096),
		     SRP_FAULT_DESC_RANGE);
	assert_fault(decode_direct(false, ~0ULL, 2), SRP_FAULT_DESC_RANGE);
}

static void data_of_one_command_is_limited(void **state)
{
	assert_int_equal(SRP_MAX_DATA, MAX_DATA);
	assert_fault(decode_direct(true, 0, MAX_DATA), SRP_FAULT_NONE);
	assert_direct(SRP_DIR_OUT, 0, MAX_DATA);
	assert_fault(decode_direct(true, 0, MAX_DATA + 1),
		     SRP_FAULT_DATA_LONG);
	assert_fault(decode_direct(false, 0, MAX_DATA + 1),
		     SRP_FAULT_DATA_LONG);
	assert_fault(decode_direct(false, 0, 0xffffffff),
		     SRP_FAULT_DATA_LONG);
}

static void both_directions_at_once_are_refused(void **state)
{
	u32 out, in;

	wire_cmd(&w, cdb, 16);
	wire_desc(&w, 0, 0, 512);
	wire_desc(&w, 0, 0, 512);
	for (out = 1; out < 16; out++) {
		for (in = 1; in < 16; in++) {
			wire_formats(&w, out, in);
			assert_fault_at(decode(), SRP_FAULT_BIDI,
					out << 4 | in);
			assert_true(ci.tag == wire_tag("tagofcmd"));
		}
	}
}

static void unknown_formats_are_refused(void **state)
{
	u32 fmt;

	wire_cmd(&w, cdb, 16);
	memset(w.b + w.len, 0, 256);
	w.len += 256;
	for (fmt = 4; fmt < 16; fmt++) {
		wire_formats(&w, fmt, 0);
		assert_fault_at(decode(), SRP_FAULT_DESC_FORMAT, fmt << 4);
		wire_formats(&w, 0, fmt);
		assert_fault_at(decode(), SRP_FAULT_DESC_FORMAT, fmt);
	}
}

/* A command with @announced bytes of immediate data, of which @sent came. */
static enum srp_fault decode_imm(u32 cdb_len, u32 imm_off, u32 announced,
				 u32 sent)
{
	wire_cmd(&w, cdb, cdb_len);
	wire_formats(&w, 3, 0);
	wire_imm(&w, imm_off, announced, sent);
	return decode_len(w.len, imm_off);
}

static void assert_imm(u32 imm_off, u32 len)
{
	assert_int_equal(ci.dir, SRP_DIR_OUT);
	assert_int_equal(ci.data_len, len);
	assert_int_equal(ci.imm_off, imm_off);
	assert_int_equal(ci.n_desc, 0);
	assert_int_equal(ci.n_table, 0);
	assert_null(ci.desc);
}

static void immediate_data_is_found_at_its_offset(void **state)
{
	u32 off, len;

	for (off = 52; off <= SRP_MAX_IMM_OFF; off += 4) {
		for (len = 1; len < 4096; len = len * 2 + 1) {
			assert_fault_at(decode_imm(16, off, len, len),
					SRP_FAULT_NONE, off << 16 | len);
			assert_imm(off, len);
		}
	}
}

static void immediate_data_needs_an_agreement(void **state)
{
	assert_fault(decode_imm(16, IMM_OFF, 512, 512), SRP_FAULT_NONE);
	assert_fault(decode_len(w.len, 0), SRP_FAULT_IMM_UNASKED);
}

static void immediate_data_goes_out_only(void **state)
{
	wire_cmd(&w, cdb, 16);
	wire_formats(&w, 0, 3);
	wire_imm(&w, IMM_OFF, 512, 512);
	assert_fault(decode(), SRP_FAULT_DESC_FORMAT);
}

static void immediate_data_must_be_inside_the_request(void **state)
{
	static const u32 lies[] = { 513, 514, 4096, 0x7fffffff, 0x80000000,
		0xffffffff - IMM_OFF, 0xffffffff - IMM_OFF + 1, 0xffffffff };
	u32 i;

	assert_fault(decode_imm(16, IMM_OFF, 511, 512), SRP_FAULT_NONE);
	assert_imm(IMM_OFF, 511);
	assert_fault(decode_imm(16, IMM_OFF, 512, 512), SRP_FAULT_NONE);
	for (i = 0; i < COUNT_OF(lies); i++)
		assert_fault_at(decode_imm(16, IMM_OFF, lies[i], 512),
				SRP_FAULT_IMM_RANGE, lies[i]);
}

static void immediate_data_cut_anywhere_is_refused(void **state)
{
	u32 len;

	assert_fault(decode_imm(16, IMM_OFF, 32, 32), SRP_FAULT_NONE);
	for (len = CMD_FIXED; len < w.len; len++)
		assert_fault_at(decode_len(len, IMM_OFF),
				len < CMD_FIXED + 4 ? SRP_FAULT_SHORT :
				SRP_FAULT_IMM_RANGE, len);
}

static void no_immediate_data_is_a_command_without_data(void **state)
{
	assert_fault(decode_imm(16, IMM_OFF, 0, 0), SRP_FAULT_NONE);
	assert_no_data();
	/* Even then the place where it would be has to be there. */
	assert_fault(decode_len(IMM_OFF - 1, IMM_OFF), SRP_FAULT_IMM_RANGE);
}

/* A long CDB moves the descriptor towards the data; they may touch. */
static void immediate_data_must_not_overlap_its_descriptor(void **state)
{
	assert_fault(decode_imm(28, 64, 64, 64), SRP_FAULT_NONE);
	assert_imm(64, 64);
	wire_cmd(&w, cdb, 32);
	wire_formats(&w, 3, 0);
	wire_imm(&w, 0, 8, 64);
	assert_fault(decode_len(w.len, 64), SRP_FAULT_IMM_RANGE);
	wire_cmd(&w, cdb, 268);
	wire_formats(&w, 3, 0);
	wire_imm(&w, 0, 8, 64);
	assert_fault(decode_len(w.len, SRP_MAX_IMM_OFF), SRP_FAULT_IMM_RANGE);
}

static void immediate_data_needs_no_count(void **state)
{
	assert_fault(decode_imm(16, IMM_OFF, 512, 512), SRP_FAULT_NONE);
	w.b[CMD_OUT_COUNT] = 255;
	w.b[CMD_IN_COUNT] = 255;
	assert_fault(decode(), SRP_FAULT_NONE);
	assert_imm(IMM_OFF, 512);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_descriptor_is_taken_in_each_direction),
		cmocka_unit_test(one_descriptor_is_behind_the_additional_cdb),
		cmocka_unit_test(one_descriptor_cut_anywhere_is_short),
		cmocka_unit_test(one_descriptor_needs_no_count),
		cmocka_unit_test(an_empty_descriptor_is_a_command_without_data),
		cmocka_unit_test(a_descriptor_must_not_wrap_around),
		cmocka_unit_test(data_of_one_command_is_limited),
		cmocka_unit_test(both_directions_at_once_are_refused),
		cmocka_unit_test(unknown_formats_are_refused),
		cmocka_unit_test(immediate_data_is_found_at_its_offset),
		cmocka_unit_test(immediate_data_needs_an_agreement),
		cmocka_unit_test(immediate_data_goes_out_only),
		cmocka_unit_test(immediate_data_must_be_inside_the_request),
		cmocka_unit_test(immediate_data_cut_anywhere_is_refused),
		cmocka_unit_test(no_immediate_data_is_a_command_without_data),
		cmocka_unit_test(immediate_data_must_not_overlap_its_descriptor),
		cmocka_unit_test(immediate_data_needs_no_count),
	};

	return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
