// SPDX-License-Identifier: GPL-2.0
/* SRP_CMD but for its data: header, CDB and logical unit, SRP r16a 6.8. */
#include "unit.h"

enum {
	VARIABLE_LENGTH	= 0x7f,
	MAX_ADD_CDB	= 252,
};

/* Longer than every CDB; byte 0 is no variable-length operation code. */
static u8 cdb[16 + MAX_ADD_CDB + 4];
static struct srp_cmd_info ci;

static enum srp_fault decode_iu(const void *iu, u32 len)
{
	memset(&ci, 0, sizeof(ci));
	return srp_decode_cmd(iu, len, 0, &ci);
}

static enum srp_fault decode_len(u32 len)
{
	return decode_iu(exact_request(w.b, len), len);
}

static enum srp_fault decode(void)
{
	return decode_len(w.len);
}

static void a_command_without_data_gives_every_field(void **state)
{
	wire_cmd(&w, cdb, 16);
	w.b[CMD_SOL_NOT] = 0x06;
	w.b[CMD_TASK_ATTR] = 4;
	assert_fault(decode(), SRP_FAULT_NONE);
	assert_true(ci.tag == wire_tag("tagofcmd"));
	assert_true(ci.lun == 0x0708050603040102);
	assert_int_equal(ci.cdb_len, 16);
	assert_bytes(ci.cdb, cdb, 16);
	assert_int_equal(ci.task_attr, 4);
	assert_int_equal(ci.sol_not, 6);
}

static void a_command_without_data_has_none(void **state)
{
	wire_cmd(&w, cdb, 16);
	memset(w.b + w.len, 0xff, 64);
	assert_fault(decode_len(w.len + 64), SRP_FAULT_NONE);
	assert_int_equal(ci.dir, SRP_DIR_NONE);
	assert_int_equal(ci.data_len, 0);
	assert_null(ci.desc);
	assert_int_equal(ci.n_desc, 0);
	assert_int_equal(ci.n_table, 0);
	assert_int_equal(ci.imm_off, 0);
}

static void every_shorter_length_is_short(void **state)
{
	u32 len;

	wire_cmd(&w, cdb, 16);
	for (len = 0; len < CMD_FIXED; len++) {
		assert_fault_at(decode_len(len), SRP_FAULT_SHORT, len);
		assert_true(ci.tag == (len < 16 ? 0 : wire_tag("tagofcmd")));
		assert_true(ci.lun == 0);
		assert_null(ci.cdb);
		assert_int_equal(ci.cdb_len, 0);
	}
	assert_fault(decode_len(CMD_FIXED), SRP_FAULT_NONE);
}

static void pointers_are_into_the_request(void **state)
{
	const u8 *iu;

	wire_cmd(&w, cdb, 32);
	iu = exact_request(w.b, w.len);
	assert_fault(decode_iu(iu, w.len), SRP_FAULT_NONE);
	assert_ptr_equal(ci.cdb, iu + CMD_CDB);
}

/* SAM-5 4.7: one level, as a peripheral device or in flat space. */
static void both_forms_of_a_number_are_the_same_unit(void **state)
{
	static const struct {
		u8 lun[8];
		u64 number;
	} forms[] = {
		{ { 0x00, 0x00 }, 0 }, { { 0x40, 0x00 }, 0 },
		{ { 0x00, 0x05 }, 5 }, { { 0x40, 0x05 }, 5 },
		{ { 0x01, 0x2c }, 300 }, { { 0x41, 0x2c }, 300 },
		{ { 0x7f, 0xff }, 16383 },
		/* other methods, and more than one level, are other numbers */
		{ { 0x80, 0x05 }, 0x8005 }, { { 0xc1, 0x05 }, 0xc105 },
		{ { 0x40, 0x05, 0x00, 0x01 }, 0x14005 },
		{ { 0x40, 0x05, 0, 0, 0, 0, 0, 1 }, 0x1000000004005 },
	};
	u32 i;

	for (i = 0; i < COUNT_OF(forms); i++) {
		wire_cmd(&w, cdb, 16);
		memcpy(w.b + CMD_LUN, forms[i].lun, 8);
		assert_fault_at(decode(), SRP_FAULT_NONE, i);
		assert_int_equal(ci.lun, forms[i].number);
	}
}

static void task_attribute_is_three_bits(void **state)
{
	u32 attr;

	wire_cmd(&w, cdb, 16);
	for (attr = 0; attr < 256; attr++) {
		w.b[CMD_TASK_ATTR] = attr;
		assert_fault_at(decode(), SRP_FAULT_NONE, attr);
		assert_int_equal(ci.task_attr, attr & 7);
	}
}

static void notification_wishes_go_through(void **state)
{
	u32 sol_not;

	wire_cmd(&w, cdb, 16);
	for (sol_not = 0; sol_not < 256; sol_not++) {
		w.b[CMD_SOL_NOT] = sol_not;
		assert_fault_at(decode(), SRP_FAULT_NONE, sol_not);
		assert_int_equal(ci.sol_not, sol_not);
	}
}

static void reserved_fields_do_not_matter(void **state)
{
	static const u8 at[] = { 2, 3, 4, 16, 17, 18, 19, 28, 30 };
	u32 i;

	wire_cmd(&w, cdb, 16);
	for (i = 0; i < COUNT_OF(at); i++)
		w.b[at[i]] = 0xff;
	assert_fault(decode(), SRP_FAULT_NONE);
	assert_int_equal(ci.dir, SRP_DIR_NONE);
	assert_int_equal(ci.cdb_len, 16);
	assert_int_equal(ci.task_attr, 0);
}

static void additional_cdb_is_part_of_the_cdb(void **state)
{
	u32 len;

	for (len = 16; len <= 16 + MAX_ADD_CDB; len += 4) {
		wire_cmd(&w, cdb, len);
		assert_fault_at(decode(), SRP_FAULT_NONE, len);
		assert_int_equal(ci.cdb_len, len);
		assert_bytes(ci.cdb, cdb, len);
	}
	assert_int_equal(ci.cdb_len, SRP_MAX_CDB);
}

/* Two reserved bits are beside the length, which counts words. */
static void additional_cdb_length_ignores_its_reserved_bits(void **state)
{
	u32 low;

	wire_cmd(&w, cdb, 24);
	for (low = 0; low < 4; low++) {
		w.b[CMD_ADD_CDB] = 8 | low;
		assert_fault_at(decode(), SRP_FAULT_NONE, low);
		assert_int_equal(ci.cdb_len, 24);
	}
	wire_cmd(&w, cdb, 16);
	w.b[CMD_ADD_CDB] = 3;
	assert_fault(decode(), SRP_FAULT_NONE);
	assert_int_equal(ci.cdb_len, 16);
}

static void an_additional_cdb_that_was_not_sent_is_refused(void **state)
{
	u32 add, len;

	for (add = 4; add <= MAX_ADD_CDB; add += 4) {
		wire_cmd(&w, cdb, 16 + add);
		for (len = CMD_FIXED; len < CMD_FIXED + add; len++) {
			assert_fault_at(decode_len(len), SRP_FAULT_CDB, len);
			assert_true(ci.tag == wire_tag("tagofcmd"));
		}
	}
}

/* A variable-length CDB of @cdb_len bytes, of which byte 7 says @more. */
static enum srp_fault decode_variable(u32 cdb_len, u8 more)
{
	wire_cmd(&w, cdb, cdb_len);
	w.b[CMD_CDB] = VARIABLE_LENGTH;
	w.b[CMD_CDB + 7] = more;
	return decode();
}

static void a_variable_length_cdb_must_have_what_it_says(void **state)
{
	u32 len, more;

	for (len = 16; len <= 16 + MAX_ADD_CDB; len += 4)
		for (more = 0; more < 256; more++)
			assert_fault_at(decode_variable(len, more),
					8 + more <= len ? SRP_FAULT_NONE :
					SRP_FAULT_CDB, len << 8 | more);
}

static void byte_seven_of_another_cdb_is_not_a_length(void **state)
{
	u32 opcode;

	wire_cmd(&w, cdb, 16);
	w.b[CMD_CDB + 7] = 0xff;
	for (opcode = 0; opcode < 256; opcode++) {
		w.b[CMD_CDB] = opcode;
		assert_fault_at(decode(), opcode == VARIABLE_LENGTH ?
				SRP_FAULT_CDB : SRP_FAULT_NONE, opcode);
	}
}

static void the_request_is_not_written_to(void **state)
{
	u8 *iu;

	wire_cmd(&w, cdb, 20);
	wire_formats(&w, 2, 0);
	w.b[CMD_OUT_COUNT] = 1;
	wire_table(&w, 1, 2, 16, 512);
	wire_desc(&w, 3, 4, 512);
	iu = exact_copy(w.b, w.len);
	assert_fault(decode_iu(iu, w.len), SRP_FAULT_NONE);
	assert_bytes(iu, w.b, w.len);
}

static void a_decoded_request_encodes_to_itself(void **state)
{
	static struct wire again;
	u8 *iu;

	wire_cmd(&w, cdb, 28);
	w.b[CMD_TASK_ATTR] = 2;
	w.b[CMD_SOL_NOT] = 5;
	wire_formats(&w, 0, 2);
	w.b[CMD_IN_COUNT] = 2;
	wire_table(&w, 0, 0, 32, 4096);
	wire_desc(&w, 0x1122334455667788, 0x99aabbcc, 1024);
	wire_desc(&w, 0x8877665544332211, 0xccbbaa99, 3072);
	iu = exact_copy(w.b, w.len);
	assert_fault(decode_iu(iu, w.len), SRP_FAULT_NONE);
	wire_from_cmd(&again, iu, &ci);
	assert_int_equal(again.len, w.len);
	assert_bytes(again.b, w.b, w.len);
}

static int fill_cdb(void **state)
{
	u32 i;

	for (i = 0; i < sizeof(cdb); i++)
		cdb[i] = i ^ 0x28;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_without_data_gives_every_field),
		cmocka_unit_test(a_command_without_data_has_none),
		cmocka_unit_test(every_shorter_length_is_short),
		cmocka_unit_test(pointers_are_into_the_request),
		cmocka_unit_test(both_forms_of_a_number_are_the_same_unit),
		cmocka_unit_test(task_attribute_is_three_bits),
		cmocka_unit_test(notification_wishes_go_through),
		cmocka_unit_test(reserved_fields_do_not_matter),
		cmocka_unit_test(additional_cdb_is_part_of_the_cdb),
		cmocka_unit_test(additional_cdb_length_ignores_its_reserved_bits),
		cmocka_unit_test(an_additional_cdb_that_was_not_sent_is_refused),
		cmocka_unit_test(a_variable_length_cdb_must_have_what_it_says),
		cmocka_unit_test(byte_seven_of_another_cdb_is_not_a_length),
		cmocka_unit_test(the_request_is_not_written_to),
		cmocka_unit_test(a_decoded_request_encodes_to_itself),
	};

	return cmocka_run_group_tests_name("cmd", tests, fill_cdb, NULL);
}
