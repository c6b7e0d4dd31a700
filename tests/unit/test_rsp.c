// SPDX-License-Identifier: GPL-2.0
/*
 * What the target sends: every byte of it, and not one more than there is room
 * for. Buffers are of the exact size and full of 0xff before.
 */
#include <stdlib.h>
#include "unit.h"

/* A buffer of @size bytes whose end AddressSanitizer watches. */
static u8 *fresh(u32 size)
{
	memset(w.b, 0xff, size);
	return exact_copy(w.b, size);
}

static void login_response_has_every_byte(void **state)
{
	static const u8 want[52] = {
		0xc0, 0, 0, 0,  0x00, 0x00, 0x00, 0x80,
		't', 'a', 'g', '_', 'l', 'o', 'g', 'i',
		0x00, 0x00, 0x20, 0x54,  0x00, 0x00, 0x01, 0x04,
		0x00, 0x06,  0x82,
	};
	u8 *b = fresh(52);

	assert_int_equal(srp_build_login_rsp((void *)b, wire_tag("tag_logi"),
					     128, 8276, 260, 0x82), 52);
	assert_bytes(b, want, 52);
}

static void login_reject_has_every_byte(void **state)
{
	static const u8 want[32] = {
		0xc2, 0, 0, 0,  0x00, 0x01, 0x00, 0x06,
		't', 'a', 'g', '_', 'l', 'r', 'e', 'j',
		0, 0, 0, 0, 0, 0, 0, 0,
		0x00, 0x06,
	};
	u8 *b = fresh(32);

	assert_int_equal(srp_build_login_rej((void *)b, wire_tag("tag_lrej"),
					     0x00010006), 32);
	assert_bytes(b, want, 32);
}

static void good_status_is_the_fixed_part_alone(void **state)
{
	static const u8 want[36] = {
		0xc1, 0x00, 0, 0,  0x12, 0x34, 0x56, 0x78,
		't', 'a', 'g', '_', 'r', 's', 'p', '1',
	};
	struct srp_rsp_info ri = {
		.tag = wire_tag("tag_rsp1"),
		.delta = 0x12345678,
	};
	u8 *b = fresh(40);

	assert_int_equal(srp_build_rsp(b, 40, &ri), 36);
	assert_bytes(b, want, 36);
	assert_all(b + RSP_FIXED, 0xff, 4);
}

static void the_short_way_to_good_is_the_same(void **state)
{
	struct srp_rsp_info ri = { .tag = wire_tag("tag_rsp2"), .delta = 3 };
	u8 want[40];
	u32 sol;

	for (sol = 0; sol < 2; sol++) {
		u8 *b = fresh(40);

		ri.sol = sol;
		assert_int_equal(srp_build_rsp(b, 40, &ri), 36);
		memcpy(want, b, 40);
		b = fresh(40);
		assert_int_equal(srp_build_rsp_good(b, ri.tag, 3, sol), 36);
		assert_bytes(b, want, 40);
	}
}

static void every_status_goes_through(void **state)
{
	struct srp_rsp_info ri = {};
	u32 status;

	for (status = 0; status < 256; status++) {
		u8 *b = fresh(40);

		ri.status = status;
		srp_build_rsp(b, 40, &ri);
		assert_int_equal(b[RSP_STATUS], status);
		assert_int_equal(b[RSP_FLAGS], 0);
	}
}

static void solicited_notification_is_one_bit(void **state)
{
	struct srp_rsp_info ri = { .sol = true };
	u8 *b = fresh(40);

	srp_build_rsp(b, 40, &ri);
	assert_int_equal(b[RSP_SOL_NOT], 1);
	ri.sol = false;
	srp_build_rsp(b, 40, &ri);
	assert_int_equal(b[RSP_SOL_NOT], 0);
}

/* Flags and counts for each direction and each kind of mismatch, 6.9. */
static const struct {
	enum srp_dir dir;
	s64 residual;
	u8 flags;
	u32 out;
	u32 in;
} residuals[] = {
	{ SRP_DIR_OUT, 0, 0x00, 0, 0 },
	{ SRP_DIR_OUT, 1, 0x04, 1, 0 },
	{ SRP_DIR_OUT, 0xffffffffLL, 0x04, 0xffffffff, 0 },
	{ SRP_DIR_OUT, -1, 0x08, 1, 0 },
	{ SRP_DIR_OUT, -0xffffffffLL, 0x08, 0xffffffff, 0 },
	{ SRP_DIR_IN, 0, 0x00, 0, 0 },
	{ SRP_DIR_IN, 0x01020304, 0x10, 0, 0x01020304 },
	{ SRP_DIR_IN, 0xffffffffLL, 0x10, 0, 0xffffffff },
	{ SRP_DIR_IN, -476, 0x20, 0, 476 },
	{ SRP_DIR_IN, -0xffffffffLL, 0x20, 0, 0xffffffff },
	{ SRP_DIR_NONE, 0, 0x00, 0, 0 },
	{ SRP_DIR_NONE, 512, 0x00, 0, 0 },
	{ SRP_DIR_NONE, -512, 0x00, 0, 0 },
};

static void residuals_have_a_flag_and_a_count_a_direction(void **state)
{
	u32 i;

	for (i = 0; i < COUNT_OF(residuals); i++) {
		struct srp_rsp_info ri = {
			.dir = residuals[i].dir,
			.residual = residuals[i].residual,
		};
		u8 *b = fresh(40);

		assert_int_equal(srp_build_rsp(b, 40, &ri), 36);
		assert_int_equal(b[RSP_FLAGS], residuals[i].flags);
		assert_int_equal(get32(b + RSP_OUT_RES), residuals[i].out);
		assert_int_equal(get32(b + RSP_IN_RES), residuals[i].in);
	}
}

static u8 sense[256];

static struct srp_rsp_info with_sense(u32 len)
{
	struct srp_rsp_info ri = {
		.status = 0x02,
		.sense = exact_copy(sense, len),
		.sense_len = len,
	};

	return ri;
}

/* Room of its own: exact_copy() already holds the sense data. */
static u8 *fresh_heap(u32 size)
{
	u8 *b = malloc(size);

	assert_non_null(b);
	memset(b, 0xff, size);
	return b;
}

static void sense_that_fits_is_sent_as_it_is(void **state)
{
	u32 len;

	for (len = 1; len <= 252; len++) {
		u32 size = RSP_FIXED + ((len + 3) & ~3);
		struct srp_rsp_info ri = with_sense(len);
		u8 *b = fresh_heap(size);

		assert_int_equal(srp_build_rsp(b, size, &ri), RSP_FIXED + len);
		assert_int_equal(b[RSP_FLAGS], 0x02);
		assert_int_equal(b[RSP_STATUS], 0x02);
		assert_int_equal(get32(b + RSP_SENSE_LEN), len);
		assert_int_equal(get32(b + RSP_RESP_LEN), 0);
		assert_bytes(b + RSP_FIXED, sense, len);
		free(b);
	}
}

static void sense_that_does_not_fit_is_cut_to_whole_words(void **state)
{
	u32 size;

	for (size = SRP_MIN_TI_IU; size < RSP_FIXED + 96; size++) {
		struct srp_rsp_info ri = with_sense(96);
		u32 room = (size - RSP_FIXED) / 4 * 4;
		u8 *b = fresh_heap(size);

		assert_int_equal(srp_build_rsp(b, size, &ri), RSP_FIXED + room);
		assert_int_equal(get32(b + RSP_SENSE_LEN), room);
		assert_bytes(b + RSP_FIXED, sense, room);
		assert_all(b + RSP_FIXED + room, 0xff, size - RSP_FIXED - room);
		free(b);
	}
}

static void without_sense_its_pointer_is_not_followed(void **state)
{
	struct srp_rsp_info ri = {
		.status = 0x02,
		.sense = (void *)16,
	};
	u8 *b = fresh(40);

	assert_int_equal(srp_build_rsp(b, 40, &ri), 36);
	assert_int_equal(b[RSP_FLAGS], 0);
	assert_int_equal(get32(b + RSP_SENSE_LEN), 0);
}

static void sense_and_residual_go_together(void **state)
{
	struct srp_rsp_info ri = with_sense(18);
	u8 *b = fresh_heap(260);

	ri.dir = SRP_DIR_IN;
	ri.residual = -4096;
	assert_int_equal(srp_build_rsp(b, 260, &ri), 54);
	assert_int_equal(b[RSP_FLAGS], 0x22);
	assert_int_equal(get32(b + RSP_IN_RES), 4096);
	assert_bytes(b + RSP_FIXED, sense, 18);
	free(b);
}

static void response_code_has_every_byte(void **state)
{
	static const u8 want[40] = {
		0xc1, 0x01, 0, 0,  0x00, 0x00, 0x00, 0x01,
		't', 'a', 'g', '_', 'c', 'o', 'd', 'e',
		0, 0, 0x01, 0,  0, 0, 0, 0,
		0, 0, 0, 0,  0, 0, 0, 0,  0, 0, 0, 4,
		0, 0, 0, 0x05,
	};
	u8 *b = fresh(40);

	assert_int_equal(srp_build_rsp_code(b, 40, wire_tag("tag_code"), 1,
					    true, SRP_RSP_TMF_FAILED), 40);
	assert_bytes(b, want, 40);
}

static void response_codes_are_those_of_the_standard(void **state)
{
	static const u8 codes[][2] = {
		{ SRP_RSP_NO_FAILURE, 0x00 },
		{ SRP_RSP_FIELDS_INVALID, 0x02 },
		{ SRP_RSP_TMF_NOT_SUPPORTED, 0x04 },
		{ SRP_RSP_TMF_FAILED, 0x05 },
	};
	u32 i;

	for (i = 0; i < COUNT_OF(codes); i++) {
		u8 *b = fresh(260);

		assert_int_equal(srp_build_rsp_code(b, 260, 0, 0, false,
						    codes[i][0]), 40);
		assert_int_equal(b[RSP_SOL_NOT], 0);
		assert_int_equal(b[RSP_FIXED + 3], codes[i][1]);
		assert_all(b + 40, 0xff, 220);
	}
}

static void credit_request_has_every_byte(void **state)
{
	static const u8 want[16] = {
		0x81, 0, 0, 0,  0xff, 0xff, 0xff, 0xfe,
		't', 'a', 'g', '_', 'c', 'r', 'e', 'd',
	};
	u8 *b = fresh(16);

	assert_int_equal(srp_build_cred_req(b, 16, wire_tag("tag_cred"), -2),
			 16);
	assert_bytes(b, want, 16);
}

static void target_logout_has_every_byte(void **state)
{
	static const u8 want[16] = {
		0x80, 0, 0, 0,  0x00, 0x00, 0x00, 0x02,
		't', 'a', 'g', '_', 't', 'o', 'u', 't',
	};
	u8 *b = fresh(16);

	assert_int_equal(srp_build_t_logout(b, 16, wire_tag("tag_tout"), 2),
			 16);
	assert_bytes(b, want, 16);
}

static void nothing_is_written_where_it_does_not_fit(void **state)
{
	u32 size;

	for (size = 0; size < SRP_MIN_TI_IU; size++) {
		u8 *b = fresh(size);

		assert_int_equal(srp_build_rsp_code(b, size, 0, 0, false, 0),
				 0);
		assert_all(b, 0xff, size);
		if (size >= 16)
			continue;
		assert_int_equal(srp_build_cred_req(b, size, 0, 0), 0);
		assert_int_equal(srp_build_t_logout(b, size, 0, 0), 0);
		assert_all(b, 0xff, size);
	}
}

static int fill_sense(void **state)
{
	u32 i;

	for (i = 0; i < sizeof(sense); i++)
		sense[i] = 0x70 ^ i;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(login_response_has_every_byte),
		cmocka_unit_test(login_reject_has_every_byte),
		cmocka_unit_test(good_status_is_the_fixed_part_alone),
		cmocka_unit_test(the_short_way_to_good_is_the_same),
		cmocka_unit_test(every_status_goes_through),
		cmocka_unit_test(solicited_notification_is_one_bit),
		cmocka_unit_test(residuals_have_a_flag_and_a_count_a_direction),
		cmocka_unit_test(sense_that_fits_is_sent_as_it_is),
		cmocka_unit_test(sense_that_does_not_fit_is_cut_to_whole_words),
		cmocka_unit_test(without_sense_its_pointer_is_not_followed),
		cmocka_unit_test(sense_and_residual_go_together),
		cmocka_unit_test(response_code_has_every_byte),
		cmocka_unit_test(response_codes_are_those_of_the_standard),
		cmocka_unit_test(credit_request_has_every_byte),
		cmocka_unit_test(target_logout_has_every_byte),
		cmocka_unit_test(nothing_is_written_where_it_does_not_fit),
	};

	return cmocka_run_group_tests_name("rsp", tests, fill_sense, NULL);
}
