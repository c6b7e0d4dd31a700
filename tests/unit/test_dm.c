// SPDX-License-Identifier: GPL-2.0
/* Device management attributes, IBA 16.3.3 and SRP r16a annex B. */
#include "unit.h"
#include "srp_dm.h"

static const struct dm_ioc_facts facts = {
	.guid = 0x0123456789abcdef,
	.present = true,
	.change_id = 0x4142,
	.vendor_id = 0x0002c9,
	.device_id = 0x61626364,
	.device_version = 0x7172,
	.queue_depth = 0x0180,
	.read_depth = 16,
	.send_size = 8276,
	.rdma_size = 0x01000000,
};

/* The answer so far: what the caller of an attribute has prepared. */
static struct ib_dm_mad *fresh_mad(void)
{
	struct ib_dm_mad mad = {
		.base_version = 1,
		.mgmt_class = 6,
		.class_version = 1,
		.method = 0x81,
		.tid = 0x1122334455667788,
		.attr_mod = 0x99,
	};

	return exact_copy(&mad, sizeof(mad));
}

/* All but status and data is left as it was. */
static void assert_header_kept(const struct ib_dm_mad *mad)
{
	assert_int_equal(mad->base_version, 1);
	assert_int_equal(mad->mgmt_class, 6);
	assert_int_equal(mad->class_version, 1);
	assert_int_equal(mad->method, 0x81);
	assert_int_equal(mad->class_specific, 0);
	assert_true(mad->tid == 0x1122334455667788);
	assert_int_equal(mad->attr_id, 0);
	assert_int_equal(mad->resv, 0);
	assert_int_equal(mad->attr_mod, 0x99);
	assert_all(mad->reserved, 0, sizeof(mad->reserved));
}

static void assert_answer(const struct ib_dm_mad *mad, u16 status,
			  const u8 data[192])
{
	assert_header_kept(mad);
	assert_int_equal(get16((const u8 *)&mad->status), status);
	assert_bytes(mad->data, data, 192);
}

static const u8 no_data[192];

/* IBA 13.4.8.1 */
static void class_port_info_has_every_byte(void **state)
{
	static const u8 want[192] = { 1, 1, 0, 0, 0, 0, 0, 18 };
	struct ib_dm_mad *mad = fresh_mad();

	srpt_get_class_port_info(mad);
	assert_answer(mad, 0, want);
}

/* IBA 16.3.3.3 */
static void io_unit_info_has_every_byte(void **state)
{
	static const u8 want[192] = { 0x41, 0x42, 16, 0, 0x10 };
	struct ib_dm_mad *mad = fresh_mad();

	srpt_get_iou(&facts, mad);
	assert_answer(mad, 0, want);
}

static void a_controller_that_is_off_is_not_in_the_list(void **state)
{
	static const u8 want[192] = { 0x41, 0x43, 16, 0, 0x00 };
	struct dm_ioc_facts off = facts;
	struct ib_dm_mad *mad = fresh_mad();

	off.present = false;
	off.change_id++;
	srpt_get_iou(&off, mad);
	assert_answer(mad, 0, want);
}

/* IBA 16.3.3.4, SRP r16a table B.7 */
static const u8 profile[192] = {
	0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,	/* GUID */
	0x00, 0x02, 0xc9, 0,			/* VendorID */
	0x61, 0x62, 0x63, 0x64,			/* IOCDeviceID */
	0x71, 0x72, 0, 0,			/* Device Version */
	0x00, 0x02, 0xc9, 0,			/* Subsystem VendorID */
	0, 0, 0, 0,				/* SubsystemID */
	0x01, 0x00, 0x60, 0x9e,			/* IO Class, Subclass */
	0x01, 0x08, 0x00, 0x01,			/* Protocol, its Version */
	0, 0, 0, 0,				/* Connections, Initiators */
	0x01, 0x80, 0, 16,			/* Send, RDMA READ depth */
	0x00, 0x00, 0x20, 0x54,			/* Send Message Size */
	0x01, 0x00, 0x00, 0x00,			/* RDMA Transfer Size */
	0x2b, 0x00, 1,				/* Operations, Services */
	0, 0, 0, 0, 0, 0, 0, 0, 0,
	'L', 'i', 'n', 'u', 'x', ' ', 'S', 'R', 'P', ' ',
	't', 'a', 'r', 'g', 'e', 't',
};

static void controller_profile_has_every_byte(void **state)
{
	struct ib_dm_mad *mad = fresh_mad();

	srp_dm_ioc_profile(&facts, 1, mad);
	assert_answer(mad, 0, profile);
}

/* Slots are counted from 1 and there are 16; the controller is in the first. */
static const struct {
	u32 slot;
	u16 status;
} slots[] = {
	{ 0, 0x001c },
	{ 2, 0x0100 },
	{ 3, 0x0100 },
	{ 16, 0x0100 },
	{ 17, 0x001c },
	{ 0x0101, 0x001c },
	{ 0x10001, 0x001c },
	{ 0x80000001, 0x001c },
	{ 0xffffffff, 0x001c },
};

static void profiles_of_other_slots_are_refused(void **state)
{
	u32 i;

	for (i = 0; i < COUNT_OF(slots); i++) {
		struct ib_dm_mad *mad = fresh_mad();

		srp_dm_ioc_profile(&facts, slots[i].slot, mad);
		assert_answer(mad, slots[i].status, no_data);
	}
}

static void a_controller_that_is_off_has_no_profile(void **state)
{
	struct dm_ioc_facts off = facts;
	struct ib_dm_mad *mad = fresh_mad();

	off.present = false;
	srp_dm_ioc_profile(&off, 1, mad);
	assert_answer(mad, 0x0100, no_data);
	mad = fresh_mad();
	srp_dm_ioc_profile(&off, 17, mad);
	assert_answer(mad, 0x001c, no_data);
}

/* IBA 16.3.3.5, SRP r16a table B.8 */
static void service_entry_has_every_byte(void **state)
{
	u8 want[192] = "SRP.T10:0123456789abcdef";
	struct ib_dm_mad *mad = fresh_mad();

	put64(want + 40, facts.guid);
	srpt_get_svc_entries(facts.guid, 1, 0, 0, mad);
	assert_answer(mad, 0, want);
}

static void service_name_has_sixteen_digits(void **state)
{
	static const struct {
		u64 guid;
		const char *name;
	} names[] = {
		{ 0, "SRP.T10:0000000000000000" },
		{ 0xa, "SRP.T10:000000000000000a" },
		{ ~0ULL, "SRP.T10:ffffffffffffffff" },
	};
	u32 i;

	for (i = 0; i < COUNT_OF(names); i++) {
		struct ib_dm_mad *mad = fresh_mad();

		srpt_get_svc_entries(names[i].guid, 1, 0, 0, mad);
		assert_string_equal((char *)mad->data, names[i].name);
		assert_true(get64(mad->data + 40) == names[i].guid);
		assert_all(mad->data + 24, 0, 16);
		assert_all(mad->data + 48, 0, 144);
	}
}

static void services_of_other_slots_are_refused(void **state)
{
	u32 i;

	for (i = 0; i < COUNT_OF(slots); i++) {
		struct ib_dm_mad *mad = fresh_mad();

		if (slots[i].slot > 0xffff)
			continue;
		srpt_get_svc_entries(facts.guid, slots[i].slot, 0, 0, mad);
		assert_answer(mad, slots[i].status, no_data);
	}
}

/* There is one entry, number 0: any range but 0 to 0 is out of bounds. */
static void only_the_entry_that_exists_can_be_asked_for(void **state)
{
	u32 hi, lo;

	for (hi = 0; hi < 256; hi++) {
		for (lo = 0; lo < 256; lo++) {
			struct ib_dm_mad *mad = fresh_mad();

			if (!hi && !lo)
				continue;
			srpt_get_svc_entries(facts.guid, 1, hi, lo, mad);
			assert_answer(mad, 0x001c, no_data);
		}
	}
}

/* The empty slot is what is reported, whatever the range. */
static void an_empty_slot_is_told_before_a_wrong_range(void **state)
{
	struct ib_dm_mad *mad = fresh_mad();

	srpt_get_svc_entries(facts.guid, 2, 3, 9, mad);
	assert_answer(mad, 0x0100, no_data);
}

static u8 nibble(const u8 *list, u32 slot)
{
	u8 two = list[(slot - 1) / 2];

	return slot % 2 ? two >> 4 : two & 0xf;
}

static void every_slot_of_a_list_can_be_set(void **state)
{
	u8 list[128];
	u32 slot;

	memset(list, 0, sizeof(list));
	for (slot = 1; slot <= 256; slot++)
		srpt_set_ioc(list, slot, slot * 7);
	for (slot = 1; slot <= 256; slot++)
		assert_int_equal(nibble(list, slot), slot * 7 & 0xf);
}

static void setting_a_slot_leaves_the_others_alone(void **state)
{
	u32 slot, other, value;
	u8 *list;

	for (slot = 1; slot <= 256; slot++) {
		for (value = 0; value < 256; value += 51) {
			memset(w.b, 0xa5, 128);
			list = exact_copy(w.b, 128);
			srpt_set_ioc(list, slot, value);
			for (other = 1; other <= 256; other++)
				assert_int_equal(nibble(list, other),
						 other == slot ? value & 0xf :
						 other % 2 ? 0xa : 0x5);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(class_port_info_has_every_byte),
		cmocka_unit_test(io_unit_info_has_every_byte),
		cmocka_unit_test(a_controller_that_is_off_is_not_in_the_list),
		cmocka_unit_test(controller_profile_has_every_byte),
		cmocka_unit_test(profiles_of_other_slots_are_refused),
		cmocka_unit_test(a_controller_that_is_off_has_no_profile),
		cmocka_unit_test(service_entry_has_every_byte),
		cmocka_unit_test(service_name_has_sixteen_digits),
		cmocka_unit_test(services_of_other_slots_are_refused),
		cmocka_unit_test(only_the_entry_that_exists_can_be_asked_for),
		cmocka_unit_test(an_empty_slot_is_told_before_a_wrong_range),
		cmocka_unit_test(every_slot_of_a_list_can_be_set),
		cmocka_unit_test(setting_a_slot_leaves_the_others_alone),
	};

	return cmocka_run_group_tests_name("dm", tests, NULL, NULL);
}
