// SPDX-License-Identifier: GPL-2.0
/*
 * Names and codes: each fault has words for the log and a reason for
 * SRP_LOGIN_REJ, each opcode has its name; and the sizes that the wire has.
 */
#include "unit.h"
#include "srp_dm.h"

#define WIRE_SIZE(type, size)						\
	_Static_assert(sizeof(struct type) == (size), #type)
#define WIRE_AT(type, field, at)					\
	_Static_assert(offsetof(struct type, field) == (at), #type "." #field)

WIRE_SIZE(srp_login_req, 64);
WIRE_SIZE(srp_login_req_rdma, 56);
WIRE_SIZE(srp_login_rsp, 52);
WIRE_SIZE(srp_login_rej, 32);
WIRE_SIZE(srp_cmd, 48);
WIRE_SIZE(srp_tsk_mgmt, 48);
WIRE_SIZE(srp_rsp, 36);
WIRE_SIZE(srp_cred_req, 16);
WIRE_SIZE(srp_cred_rsp, 16);
WIRE_SIZE(srp_i_logout, 16);
WIRE_SIZE(srp_t_logout, 16);
WIRE_SIZE(srp_aer_req, 36);
WIRE_SIZE(srp_aer_rsp, 16);
WIRE_SIZE(srp_direct_buf, 16);
WIRE_SIZE(srp_indirect_buf, 20);
WIRE_SIZE(srp_imm_buf, 4);

/* A MAD is 256 bytes, its class has 192 of them, IBA 16.3.1. */
WIRE_SIZE(ib_dm_mad, 256);
WIRE_AT(ib_dm_mad, method, 3);
WIRE_AT(ib_dm_mad, status, 4);
WIRE_AT(ib_dm_mad, tid, 8);
WIRE_AT(ib_dm_mad, attr_id, 16);
WIRE_AT(ib_dm_mad, attr_mod, 20);
WIRE_AT(ib_dm_mad, data, 64);
WIRE_SIZE(dm_iou_info, 132);
WIRE_AT(dm_iou_info, controller_list, 4);
WIRE_SIZE(dm_ioc_profile, 128);
WIRE_AT(dm_ioc_profile, io_class, 28);
WIRE_AT(dm_ioc_profile, send_queue_depth, 40);
WIRE_AT(dm_ioc_profile, op_cap, 52);
WIRE_AT(dm_ioc_profile, id_string, 64);
WIRE_SIZE(dm_svc_entry, 48);
WIRE_AT(dm_svc_entry, id, 40);
_Static_assert(DM_SVC_PER_MAD * sizeof(struct dm_svc_entry) == DM_MAD_DATA,
	       "service entries fill the datagram");

/* SRP r16a 6.4, written out: numbers that initiators act on. */
static const struct {
	enum srp_fault fault;
	u32 reason;
} reasons[] = {
	{ SRP_FAULT_SHORT,	0x00010000 },
	{ SRP_FAULT_OPCODE,	0x00010000 },
	{ SRP_FAULT_FLAGS,	0x00010000 },
	{ SRP_FAULT_IU_SMALL,	0x00010000 },
	{ SRP_FAULT_IU_LARGE,	0x00010002 },
	{ SRP_FAULT_FORMATS,	0x00010004 },
	{ SRP_FAULT_TARGET_ID,	0x00010003 },
	{ SRP_FAULT_NO_ACCESS,	0x00010003 },
	{ SRP_FAULT_DISABLED,	0x00010000 },
	{ SRP_FAULT_PKEY,	0x00010000 },
	{ SRP_FAULT_CH_LIMIT,	0x00010006 },
	{ SRP_FAULT_RESOURCES,	0x00010001 },
};

static void login_faults_have_the_documented_reasons(void **state)
{
	u32 i;

	for (i = 0; i < COUNT_OF(reasons); i++)
		if (srp_login_reason(reasons[i].fault) != reasons[i].reason)
			fail_msg("%s: reason %#x instead of %#x",
				 srp_fault_name(reasons[i].fault),
				 srp_login_reason(reasons[i].fault),
				 reasons[i].reason);
}

static void no_fault_is_without_a_reject_reason(void **state)
{
	u32 fault;

	for (fault = 0; fault < SRP_FAULT_COUNT + 3; fault++)
		assert_in_range(srp_login_reason(fault),
				0x00010000, 0x00010006);
	assert_int_equal(srp_login_reason(SRP_FAULT_COUNT), 0x00010000);
}

static void every_fault_has_words_of_its_own(void **state)
{
	u32 a, b;

	for (a = 0; a < SRP_FAULT_COUNT; a++) {
		assert_non_null(srp_fault_name(a));
		assert_true(strlen(srp_fault_name(a)) > 5);
		assert_string_not_equal(srp_fault_name(a), "unknown");
		for (b = 0; b < a; b++)
			assert_string_not_equal(srp_fault_name(a),
						srp_fault_name(b));
	}
}

static void a_fault_out_of_range_is_unknown(void **state)
{
	assert_string_equal(srp_fault_name(SRP_FAULT_COUNT), "unknown");
	assert_string_equal(srp_fault_name(1000), "unknown");
}

/* SRP r16a 6.1. */
static const struct {
	u8 opcode;
	const char *name;
} opcodes[] = {
	{ 0x00, "SRP_LOGIN_REQ" },
	{ 0x01, "SRP_TSK_MGMT" },
	{ 0x02, "SRP_CMD" },
	{ 0x03, "SRP_I_LOGOUT" },
	{ 0x41, "SRP_CRED_RSP" },
	{ 0x42, "SRP_AER_RSP" },
	{ 0x80, "SRP_T_LOGOUT" },
	{ 0x81, "SRP_CRED_REQ" },
	{ 0x82, "SRP_AER_REQ" },
	{ 0xc0, "SRP_LOGIN_RSP" },
	{ 0xc1, "SRP_RSP" },
	{ 0xc2, "SRP_LOGIN_REJ" },
};

static const char *opcode_expected(u8 opcode)
{
	u32 i;

	for (i = 0; i < COUNT_OF(opcodes); i++)
		if (opcodes[i].opcode == opcode)
			return opcodes[i].name;
	return "unknown IU";
}

static void every_opcode_has_its_name(void **state)
{
	u32 opcode;

	for (opcode = 0; opcode < 256; opcode++)
		assert_string_equal(srp_opcode_name(opcode),
				    opcode_expected(opcode));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(login_faults_have_the_documented_reasons),
		cmocka_unit_test(no_fault_is_without_a_reject_reason),
		cmocka_unit_test(every_fault_has_words_of_its_own),
		cmocka_unit_test(a_fault_out_of_range_is_unknown),
		cmocka_unit_test(every_opcode_has_its_name),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
