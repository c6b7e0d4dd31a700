// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptor tables, SRP r16a 6.8.3: inside the request, or to be fetched from
 * the initiator and checked then.
 */
#include "unit.h"

enum {
	MAX_DATA	= 16 << 20,
	TABLE_VA	= 0x7000,
	TABLE_KEY	= 0x1234,
};

static u8 cdb[268];
static struct srp_cmd_info ci;

static enum srp_fault decode_len(u32 len)
{
	memset(&ci, 0, sizeof(ci));
	return srp_decode_cmd(exact_request(w.b, len), len, 0, &ci);
}

static enum srp_fault decode(void)
{
	return decode_len(w.len);
}

/*
 * A command out of whose table of @entries the first @count are in the
 * request, each of @each bytes, with the sum that they have.
 */
static void make(u32 entries, u32 count, u32 each)
{
	u32 i;

	wire_cmd(&w, cdb, 16);
	wire_formats(&w, 2, 0);
	w.b[CMD_OUT_COUNT] = count;
	wire_table(&w, TABLE_VA, TABLE_KEY, entries * DESC_LEN,
		   entries * each);
	for (i = 0; i < count; i++)
		wire_desc(&w, i << 20, i, each);
}

/* Offsets in what make() made. */
static u8 *table_len(void)
{
	return w.b + CMD_FIXED + 12;
}

static u8 *table_total(void)
{
	return w.b + CMD_FIXED + 16;
}

static u8 *entry(u32 i)
{
	return w.b + CMD_FIXED + TABLE_FIXED + i * DESC_LEN;
}

static void assert_inline(u32 n, u32 each)
{
	u32 i;

	assert_int_equal(ci.data_len, n * each);
	assert_int_equal(ci.n_desc, n);
	assert_int_equal(ci.n_table, 0);
	assert_int_equal(ci.imm_off, 0);
	for (i = 0; i < n; i++)
		assert_bytes((const u8 *)ci.desc + i * DESC_LEN, entry(i),
			     DESC_LEN);
}

static void assert_external(u32 n, u32 total)
{
	assert_int_equal(ci.data_len, total);
	assert_int_equal(ci.n_desc, 0);
	assert_null(ci.desc);
	assert_int_equal(ci.n_table, n);
	assert_int_equal(ci.imm_off, 0);
	assert_bytes(&ci.table, w.b + CMD_FIXED, DESC_LEN);
}

static void a_whole_table_is_taken_from_the_request(void **state)
{
	u32 n;

	for (n = 1; n <= 255; n++) {
		make(n, n, 512);
		assert_fault_at(decode(), SRP_FAULT_NONE, n);
		assert_int_equal(ci.dir, SRP_DIR_OUT);
		assert_inline(n, 512);
	}
}

static void a_table_serves_both_directions(void **state)
{
	make(3, 3, 512);
	wire_formats(&w, 0, 2);
	w.b[CMD_OUT_COUNT] = 0;
	w.b[CMD_IN_COUNT] = 3;
	assert_fault(decode(), SRP_FAULT_NONE);
	assert_int_equal(ci.dir, SRP_DIR_IN);
	assert_inline(3, 512);
}

static void a_table_is_behind_the_additional_cdb(void **state)
{
	u32 len;

	for (len = 16; len <= 268; len += 4) {
		wire_cmd(&w, cdb, len);
		wire_formats(&w, 2, 0);
		w.b[CMD_OUT_COUNT] = 2;
		wire_table(&w, 0, 0, 32, 300);
		wire_desc(&w, 0x11, 0x12, 100);
		wire_desc(&w, 0x21, 0x22, 200);
		assert_fault_at(decode(), SRP_FAULT_NONE, len);
		assert_int_equal(ci.n_desc, 2);
		assert_bytes(ci.desc, w.b + w.len - 32, 32);
	}
}

static void a_table_cut_anywhere_is_short(void **state)
{
	static const u8 counts[] = { 0, 1, 3, 255 };
	u32 i, len;

	for (i = 0; i < COUNT_OF(counts); i++) {
		make(counts[i], counts[i], 512);
		for (len = CMD_FIXED; len < w.len; len++) {
			assert_fault_at(decode_len(len), SRP_FAULT_SHORT, len);
			assert_true(ci.tag == wire_tag("tagofcmd"));
		}
	}
}

static void bytes_after_the_table_do_not_matter(void **state)
{
	make(2, 2, 512);
	memset(w.b + w.len, 0xff, 40);
	assert_fault(decode_len(w.len + 40), SRP_FAULT_NONE);
	assert_inline(2, 512);
}

static void the_count_of_the_other_direction_does_not_matter(void **state)
{
	make(2, 2, 512);
	w.b[CMD_IN_COUNT] = 255;
	assert_fault(decode(), SRP_FAULT_NONE);
	assert_inline(2, 512);
}

static void more_inline_than_the_table_has_is_refused(void **state)
{
	u32 n;

	for (n = 1; n <= 255; n++) {
		make(n, n, 512);
		put32(table_len(), (n - 1) * DESC_LEN);
		assert_fault_at(decode(), SRP_FAULT_DESC_COUNT, n);
	}
}

static void a_partial_table_is_to_be_fetched(void **state)
{
	u32 n, count;

	for (n = 1; n <= 20; n++) {
		for (count = 0; count < n; count++) {
			make(n, count, 512);
			assert_fault_at(decode(), SRP_FAULT_NONE,
					n << 8 | count);
			assert_int_equal(ci.dir, SRP_DIR_OUT);
			assert_external(n, n * 512);
		}
	}
}

/* Counts are a byte each: no more than 255 entries can be in the request. */
static void tables_above_255_entries_are_to_be_fetched(void **state)
{
	static const u32 entries[] = { 256, 257, 510, 511, 512, 2048, 4095 };
	u32 i, n;

	for (i = 0; i < COUNT_OF(entries); i++) {
		n = entries[i];
		make(n, 255, 512);
		assert_fault_at(decode(), SRP_FAULT_NONE, n);
		assert_external(n, n * 512);
		/* Neither modulo 256, nor both counts together. */
		make(n, n & 255, 512);
		w.b[CMD_IN_COUNT] = 255;
		assert_fault_at(decode(), SRP_FAULT_NONE, n);
		assert_external(n, n * 512);
	}
}

static void two_counts_do_not_add_up_to_one_table(void **state)
{
	u32 i;

	make(510, 255, 512);
	w.b[CMD_IN_COUNT] = 255;
	for (i = 255; i < 510; i++)
		wire_desc(&w, i << 20, i, 512);
	assert_fault(decode(), SRP_FAULT_NONE);
	assert_external(510, 510 * 512);
}

static void the_length_of_a_table_is_limited(void **state)
{
	assert_int_equal(SRP_MAX_TABLE, 4096);
	make(4096, 0, 512);
	assert_fault(decode(), SRP_FAULT_NONE);
	assert_external(4096, 4096 * 512);
	make(4097, 0, 512);
	assert_fault(decode(), SRP_FAULT_DESC_COUNT);
	put32(table_len(), 0xfffffff0);
	assert_fault(decode(), SRP_FAULT_DESC_COUNT);
}

static void a_table_is_made_of_whole_descriptors(void **state)
{
	static const u32 lens[] = { 1, 8, 15, 17, 31, 33, 47, 49, 65535,
		65537, 0xffffffff };
	u32 i;

	make(2, 2, 512);
	for (i = 0; i < COUNT_OF(lens); i++) {
		put32(table_len(), lens[i]);
		assert_fault_at(decode(), SRP_FAULT_DESC_COUNT, lens[i]);
		w.b[CMD_OUT_COUNT] = 0;
		assert_fault_at(decode(), SRP_FAULT_DESC_COUNT, lens[i]);
		w.b[CMD_OUT_COUNT] = 2;
	}
}

static void an_empty_table_without_a_total_is_no_data(void **state)
{
	make(0, 0, 0);
	assert_fault(decode(), SRP_FAULT_NONE);
	assert_int_equal(ci.dir, SRP_DIR_NONE);
	assert_int_equal(ci.data_len, 0);
	assert_int_equal(ci.n_desc, 0);
	assert_int_equal(ci.n_table, 0);
}

static void an_empty_table_with_a_total_is_refused(void **state)
{
	make(0, 0, 0);
	put32(table_total(), 1);
	assert_fault(decode(), SRP_FAULT_DESC_SUM);
}

static void a_table_without_a_total_is_refused(void **state)
{
	make(2, 2, 512);
	put32(table_total(), 0);
	assert_fault(decode(), SRP_FAULT_DESC_ZERO);
	make(2, 0, 512);
	put32(table_total(), 0);
	assert_fault(decode(), SRP_FAULT_DESC_ZERO);
}

static void an_empty_entry_is_refused_wherever_it_is(void **state)
{
	u32 i;

	for (i = 0; i < 5; i++) {
		make(5, 5, 512);
		put32(entry(i) + 12, 0);
		put32(table_total(), 4 * 512);
		assert_fault_at(decode(), SRP_FAULT_DESC_ZERO, i);
	}
}

static void entries_must_add_up_to_the_total(void **state)
{
	static const u32 wrong[] = { 1, 512, 1535, 1537, 2048, 0xffffffff };
	u32 i;

	make(3, 3, 512);
	for (i = 0; i < COUNT_OF(wrong); i++) {
		put32(table_total(), wrong[i]);
		assert_fault_at(decode(), SRP_FAULT_DESC_SUM, wrong[i]);
	}
}

static void the_sum_does_not_wrap_at_32_bits(void **state)
{
	make(3, 3, 512);
	put32(entry(0) + 12, 0x80000000);
	put32(entry(1) + 12, 0x80000000);
	put32(table_total(), 512);
	assert_fault(decode(), SRP_FAULT_DESC_SUM);
}

static void an_entry_that_wraps_around_is_refused(void **state)
{
	u32 i;

	for (i = 0; i < 3; i++) {
		make(3, 3, 512);
		put64(entry(i), ~0ULL - 512);
		assert_fault_at(decode(), SRP_FAULT_NONE, i);
		put64(entry(i), ~0ULL - 510);
		assert_fault_at(decode(), SRP_FAULT_DESC_RANGE, i);
	}
}

static void a_table_that_wraps_around_is_not_fetched(void **state)
{
	make(3, 0, 512);
	put64(w.b + CMD_FIXED, ~0ULL - 3 * DESC_LEN);
	assert_fault(decode(), SRP_FAULT_NONE);
	put64(w.b + CMD_FIXED, ~0ULL - 3 * DESC_LEN + 2);
	assert_fault(decode(), SRP_FAULT_DESC_RANGE);
}

/* Where the table was is of no interest once all of it is here. */
static void a_whole_table_needs_no_address_of_its_own(void **state)
{
	make(3, 3, 512);
	put64(w.b + CMD_FIXED, ~0ULL);
	assert_fault(decode(), SRP_FAULT_NONE);
	assert_inline(3, 512);
}

static void data_of_a_table_is_limited(void **state)
{
	make(2, 2, MAX_DATA / 2);
	assert_fault(decode(), SRP_FAULT_NONE);
	put32(entry(1) + 12, MAX_DATA / 2 + 1);
	put32(table_total(), MAX_DATA + 1);
	assert_fault(decode(), SRP_FAULT_DATA_LONG);
	make(2, 0, MAX_DATA / 2);
	assert_fault(decode(), SRP_FAULT_NONE);
	put32(table_total(), MAX_DATA + 1);
	assert_fault(decode(), SRP_FAULT_DATA_LONG);
	put32(table_total(), 0xffffffff);
	assert_fault(decode(), SRP_FAULT_DATA_LONG);
}

/* A fetched table of @n equal entries at an address of any alignment. */
static enum srp_fault check(u32 n, u32 each, u32 total, u32 shift)
{
	u32 i;
	u8 *p;

	w.len = shift;
	for (i = 0; i < n; i++)
		wire_desc(&w, (u64)i << 32, i, each);
	p = exact_copy(w.b, w.len);
	return srp_check_table((void *)(p + shift), n, total);
}

static void a_fetched_table_is_checked_entry_by_entry(void **state)
{
	static const u32 counts[] = { 1, 2, 255, 256, 257, 510, 4096 };
	u32 i, n;

	for (i = 0; i < COUNT_OF(counts); i++) {
		n = counts[i];
		assert_fault_at(check(n, 4096, n * 4096, 0),
				SRP_FAULT_NONE, n);
		assert_fault_at(check(n, 4096, n * 4096 - 1, 0),
				SRP_FAULT_DESC_SUM, n);
		assert_fault_at(check(n, 4096, n * 4096 + 1, 0),
				SRP_FAULT_DESC_SUM, n);
		assert_fault_at(check(n, 0, 0, 0), SRP_FAULT_DESC_ZERO, n);
	}
}

static void a_table_may_be_at_any_multiple_of_four(void **state)
{
	u32 shift;

	for (shift = 0; shift < 16; shift += 4)
		assert_fault_at(check(5, 4096, 5 * 4096, shift),
				SRP_FAULT_NONE, shift);
}

static void no_entries_have_no_bytes(void **state)
{
	assert_fault(check(0, 0, 0, 0), SRP_FAULT_NONE);
	assert_fault(check(0, 0, 1, 0), SRP_FAULT_DESC_SUM);
}

/* 4096 entries of 4 GiB each: a sum of 2^44, which is 0 in 32 bits. */
static void the_sum_of_a_fetched_table_does_not_wrap(void **state)
{
	assert_fault(check(4096, 0xffffffff, (u32)-4096, 0),
		     SRP_FAULT_DESC_SUM);
	assert_fault(check(2, 0x80000000, 0, 0), SRP_FAULT_DESC_SUM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_table_is_taken_from_the_request),
		cmocka_unit_test(a_table_serves_both_directions),
		cmocka_unit_test(a_table_is_behind_the_additional_cdb),
		cmocka_unit_test(a_table_cut_anywhere_is_short),
		cmocka_unit_test(bytes_after_the_table_do_not_matter),
		cmocka_unit_test(the_count_of_the_other_direction_does_not_matter),
		cmocka_unit_test(more_inline_than_the_table_has_is_refused),
		cmocka_unit_test(a_partial_table_is_to_be_fetched),
		cmocka_unit_test(tables_above_255_entries_are_to_be_fetched),
		cmocka_unit_test(two_counts_do_not_add_up_to_one_table),
		cmocka_unit_test(the_length_of_a_table_is_limited),
		cmocka_unit_test(a_table_is_made_of_whole_descriptors),
		cmocka_unit_test(an_empty_table_without_a_total_is_no_data),
		cmocka_unit_test(an_empty_table_with_a_total_is_refused),
		cmocka_unit_test(a_table_without_a_total_is_refused),
		cmocka_unit_test(an_empty_entry_is_refused_wherever_it_is),
		cmocka_unit_test(entries_must_add_up_to_the_total),
		cmocka_unit_test(the_sum_does_not_wrap_at_32_bits),
		cmocka_unit_test(an_entry_that_wraps_around_is_refused),
		cmocka_unit_test(a_table_that_wraps_around_is_not_fetched),
		cmocka_unit_test(a_whole_table_needs_no_address_of_its_own),
		cmocka_unit_test(data_of_a_table_is_limited),
		cmocka_unit_test(a_fetched_table_is_checked_entry_by_entry),
		cmocka_unit_test(a_table_may_be_at_any_multiple_of_four),
		cmocka_unit_test(no_entries_have_no_bytes),
		cmocka_unit_test(the_sum_of_a_fetched_table_does_not_wrap),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
