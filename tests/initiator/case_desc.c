// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors that lie: every command here must be refused, with not a byte
 * moved in either direction, and its credit returned.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define INQ_LEN 96
#define SALT 0x6465736300000000ull

struct bad {
	void (*make)(struct wire_conn *c, struct wire_req *q,
		     const struct wire_mem *m, unsigned long num);
	bool any_status;	/* must be answered, refused or not */
};

static void start_inquiry(struct wire_conn *c, struct wire_req *q)
{
	uint8_t cdb[16];

	cdb_inquiry(cdb, INQ_LEN);
	req_cmd(c, q, cdb, sizeof(cdb));
}

static void start_write(struct wire_conn *c, struct wire_req *q)
{
	req_rw(c, q, true, 0, 1);
}

/* @n descriptors that share INQ_LEN bytes evenly, as an indirect table. */
static void put_table(struct wire_req *q, const struct wire_mem *m,
		      unsigned int n)
{
	struct wire_desc d[255];
	uint32_t each = INQ_LEN / n;

	for (unsigned int i = 0; i < n; i++)
		set_desc(&d[i], mem_va(m) + i * each, m->mr->rkey, each);
	req_table(q, false, mem_va(m) + 2048, m->mr->rkey, n, INQ_LEN, d, n);
}

static struct wire_table *table_of(struct wire_req *q)
{
	return (struct wire_table *)(q->bytes + sizeof(q->cmd));
}

static struct wire_desc *desc_of(struct wire_req *q, unsigned int i)
{
	return (struct wire_desc *)(q->bytes + sizeof(q->cmd) +
				    sizeof(struct wire_table)) + i;
}

/* The count says more than the table has. */
static void count_over_table(struct wire_conn *c, struct wire_req *q,
			     const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	put_table(q, m, 4);
	table_of(q)->table.len = htobe32(num * sizeof(struct wire_desc));
}

/* The count says more than the unit has. */
static void count_over_unit(struct wire_conn *c, struct wire_req *q,
			    const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	put_table(q, m, 4);
	q->cmd.in_cnt = num;
	table_of(q)->table.len = htobe32(num * sizeof(struct wire_desc));
}

static void table_bytes(struct wire_conn *c, struct wire_req *q,
			const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	put_table(q, m, 2);
	table_of(q)->table.len = htobe32(num);
	if (num < 2 * sizeof(struct wire_desc)) {
		q->cmd.in_cnt = 0;
		q->len -= 2 * sizeof(struct wire_desc);
	}
}

static void total_lies(struct wire_conn *c, struct wire_req *q,
		       const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	put_table(q, m, 4);
	table_of(q)->len = htobe32(num);
}

/* Two lengths whose sum is right only after it has overflowed 32 bits. */
static void sum_wraps(struct wire_conn *c, struct wire_req *q,
		      const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	put_table(q, m, 2);
	desc_of(q, 0)->len = htobe32(num);
	desc_of(q, 1)->len = htobe32(INQ_LEN - (uint32_t)num);
}

static void sum_huge(struct wire_conn *c, struct wire_req *q,
		     const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	put_table(q, m, 6);
	for (int i = 0; i < 6; i++)
		desc_of(q, i)->len = htobe32(num);
	table_of(q)->len = htobe32((uint32_t)(6 * num));
}

static void direct_huge(struct wire_conn *c, struct wire_req *q,
			const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	req_direct(q, false, mem_va(m), m->mr->rkey, num);
}

/* Address plus length is beyond the last address. */
static void direct_wraps(struct wire_conn *c, struct wire_req *q,
			 const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	req_direct(q, false, ~0ull - INQ_LEN + num, m->mr->rkey, INQ_LEN);
}

static void table_wraps(struct wire_conn *c, struct wire_req *q,
			const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	req_table(q, false, ~0ull - num, m->mr->rkey, 2, INQ_LEN, NULL, 0);
}

/* A table elsewhere with more entries than anybody needs. */
static void table_long(struct wire_conn *c, struct wire_req *q,
		       const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	req_table(q, false, mem_va(m), m->mr->rkey, num, INQ_LEN, NULL, 0);
}

/* A table elsewhere whose descriptors are not what was announced. */
static void table_lies(struct wire_conn *c, struct wire_req *q,
		       const struct wire_mem *m, unsigned long num)
{
	struct wire_desc *d = (struct wire_desc *)(m->p + 4096);

	start_inquiry(c, q);
	set_desc(d, mem_va(m), m->mr->rkey, num ? INQ_LEN : 0);
	set_desc(d + 1, mem_va(m), m->mr->rkey, num ? num : INQ_LEN);
	req_table(q, false, mem_va(m) + 4096, m->mr->rkey, 2, INQ_LEN, d, 0);
}

static void write_huge(struct wire_conn *c, struct wire_req *q,
		       const struct wire_mem *m, unsigned long num)
{
	start_write(c, q);
	req_direct(q, true, mem_va(m), m->mr->rkey, num);
}

static void zero_in_table(struct wire_conn *c, struct wire_req *q,
			  const struct wire_mem *m, unsigned long num)
{
	uint32_t left;

	start_inquiry(c, q);
	put_table(q, m, 3);
	left = be32toh(desc_of(q, num)->len);
	desc_of(q, num)->len = 0;
	desc_of(q, (num + 1) % 3)->len = htobe32(2 * left);
}

static void zero_table(struct wire_conn *c, struct wire_req *q,
		       const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	put_table(q, m, 2);
	desc_of(q, 0)->len = 0;
	desc_of(q, 1)->len = 0;
	table_of(q)->len = htobe32(num);
}

static void zero_direct(struct wire_conn *c, struct wire_req *q,
			const struct wire_mem *m, unsigned long num)
{
	if (num)
		start_write(c, q);
	else
		start_inquiry(c, q);
	req_direct(q, num, mem_va(m), m->mr->rkey, 0);
}

static void format_raw(struct wire_conn *c, struct wire_req *q,
		       const struct wire_mem *m, unsigned long num)
{
	if (num & 0xf0)
		start_write(c, q);
	else
		start_inquiry(c, q);
	req_direct(q, false, mem_va(m), m->mr->rkey, INQ_LEN);
	req_direct(q, false, mem_va(m), m->mr->rkey, INQ_LEN);
	memset(q->bytes + q->len, 0, 64);
	q->len += 64;
	q->cmd.buf_fmt = num;
}

/* Both directions, both complete: correct SRP, but not served. */
static void bidi(struct wire_conn *c, struct wire_req *q,
		 const struct wire_mem *m, unsigned long num)
{
	struct wire_desc d;

	start_write(c, q);
	set_desc(&d, mem_va(m), m->mr->rkey, 512);
	if (num >> 4 == FMT_DIRECT)
		req_direct(q, true, mem_va(m), m->mr->rkey, 512);
	else
		req_table(q, true, mem_va(m), m->mr->rkey, 1, 512, &d, 1);
	if ((num & 0xf) == FMT_DIRECT)
		req_direct(q, false, mem_va(m), m->mr->rkey, 512);
	else
		req_table(q, false, mem_va(m), m->mr->rkey, 1, 512, &d, 1);
}

/* The unit ends inside the descriptor. */
static void cut_direct(struct wire_conn *c, struct wire_req *q,
		       const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	req_direct(q, false, mem_va(m), m->mr->rkey, INQ_LEN);
	q->len = sizeof(q->cmd) + num;
}

static void cut_table(struct wire_conn *c, struct wire_req *q,
		      const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	put_table(q, m, 2);
	q->len = sizeof(q->cmd) + num;
}

/* A longer additional CDB moves the descriptor out of the unit. */
static void shifted(struct wire_conn *c, struct wire_req *q,
		    const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	req_direct(q, false, mem_va(m), m->mr->rkey, INQ_LEN);
	q->cmd.add_cdb_len = num;
}

/* The counts of both directions, of which one is not used. */
static void other_count(struct wire_conn *c, struct wire_req *q,
			const struct wire_mem *m, unsigned long num)
{
	start_inquiry(c, q);
	put_table(q, m, 1);
	q->cmd.out_cnt = num;
}

static void counts_only(struct wire_conn *c, struct wire_req *q,
			const struct wire_mem *m, unsigned long num)
{
	req_tur(c, q);
	q->cmd.in_cnt = num;
	q->cmd.out_cnt = num;
}

/* ---- immediate data ----------------------------------------------------- */

static void imm_field(struct wire_req *q, uint32_t len)
{
	uint32_t be = htobe32(len);

	q->cmd.buf_fmt = FMT_IMM << 4;
	memcpy(q->bytes + sizeof(q->cmd), &be, 4);
}

static void imm_len(struct wire_conn *c, struct wire_req *q,
		    const struct wire_mem *m, unsigned long num)
{
	start_write(c, q);
	memset(q->bytes + q->len, 0, 1024);
	imm_field(q, num);
	q->len = (c->imm_offset ? c->imm_offset : 68) + 512;
}

static void imm_cut(struct wire_conn *c, struct wire_req *q,
		    const struct wire_mem *m, unsigned long num)
{
	imm_len(c, q, m, 512);
	q->len = num;
}

/* The additional CDB pushes the descriptor into the data. */
static void imm_overlap(struct wire_conn *c, struct wire_req *q,
			const struct wire_mem *m, unsigned long num)
{
	imm_len(c, q, m, 512);
	q->cmd.add_cdb_len = num;
}

static void imm_in(struct wire_conn *c, struct wire_req *q,
		   const struct wire_mem *m, unsigned long num)
{
	imm_len(c, q, m, 512);
	q->cmd.buf_fmt = num;
}

/* ---- running ------------------------------------------------------------ */

static bool scratch_block(struct wire_conn *c, bool write)
{
	struct wire_mem m;
	struct wire_req q;
	bool ok;

	if (!mem_get(&m, env.block_size))
		return false;
	if (write)
		fill_pattern(m.p, m.len, SALT);
	req_rw(c, &q, write, 0, 1);
	req_direct(&q, write, mem_va(&m), m.mr->rkey, m.len);
	ok = want_good(c, &q, write ? "preparing the block" :
		       "reading the block back");
	if (ok && !write)
		ok = CHECK(pattern_differs(m.p, m.len, SALT) == m.len,
			   "a refused command changed the medium");
	mem_put(&m);
	return ok;
}

static void on_bad(struct wire_conn *c, const struct wire_case *self)
{
	const struct bad *bad = self->arg;
	struct wire_result r;
	struct wire_req q;

	if (!conn_mem(c, 8192) || !scratch_block(c, true))
		return;
	bad->make(c, &q, &c->mem, self->num);
	if (bad->any_status)
		CHECK(run_req(c, &q, &r), "no answer");
	else
		want_refused(c, &q, self->name);
	/* What was not asked for must not come, even late. */
	session_healthy(c);
	if (!bad->any_status)	/* tables lie behind the first page */
		mem_is_poison(&c->mem, 0, 4096);
	if (!c->disconnected)
		scratch_block(c, false);
}

#define ATTACK(name, make, number, imm, any) \
	{ "desc." name, .on = on_bad, .num = number, .imm_offset = imm, \
	  .arg = &(const struct bad){ make, any } }
#define BAD(name, make, num) ATTACK(name, make, num, 0, false)
#define BAD_IMM(name, make, num) ATTACK(name, make, num, 68, false)
#define ANY(name, make, num) ATTACK(name, make, num, 0, true)

const struct wire_case desc_cases[] = {
	BAD("count-over-table-3", count_over_table, 3),
	BAD("count-over-table-1", count_over_table, 1),
	BAD("count-over-table-0", count_over_table, 0),
	BAD("count-over-unit-5", count_over_unit, 5),
	BAD("count-over-unit-255", count_over_unit, 255),
	BAD("table-bytes-0", table_bytes, 0),
	BAD("table-bytes-15", table_bytes, 15),
	BAD("table-bytes-33", table_bytes, 33),
	BAD("table-bytes-odd-huge", table_bytes, 0xffffffff),
	BAD("total-0", total_lies, 0),
	BAD("total-short", total_lies, INQ_LEN - 1),
	BAD("total-long", total_lies, INQ_LEN + 1),
	BAD("total-ones", total_lies, 0xffffffff),
	BAD("sum-wraps", sum_wraps, 0xffffffff),
	BAD("sum-wraps-half", sum_wraps, 0x80000000),
	BAD("sum-huge-512M", sum_huge, 0x20000000),
	BAD("sum-huge-wraps", sum_huge, 0x80000000),
	BAD("direct-4G", direct_huge, 0xffffffff),
	BAD("direct-2G", direct_huge, 0x80000000),
	BAD("write-4G", write_huge, 0xffffffff),
	BAD("write-2G", write_huge, 0x80000000),
	BAD("direct-16M-and-1", direct_huge, (16 << 20) + 1),
	BAD("write-16M-and-512", write_huge, (16 << 20) + 512),
	BAD("direct-wraps", direct_wraps, 1),
	BAD("direct-wraps-more", direct_wraps, INQ_LEN / 2),
	BAD("table-wraps", table_wraps, 20),
	BAD("table-4097-entries", table_long, 4097),
	BAD("table-max-entries", table_long, 0x0fffffff),
	BAD("table-lies-zero", table_lies, 0),
	BAD("table-lies-more", table_lies, 1),
	BAD("table-lies-huge", table_lies, 0xfffffff0),
	BAD("zero-in-table-first", zero_in_table, 0),
	BAD("zero-in-table-middle", zero_in_table, 1),
	BAD("zero-in-table-last", zero_in_table, 2),
	BAD("zero-table", zero_table, INQ_LEN),
	ANY("zero-table-zero-total", zero_table, 0),
	ANY("zero-direct-read", zero_direct, 0),
	ANY("zero-direct-write", zero_direct, 1),
	BAD("format-in-4", format_raw, 0x04),
	BAD("format-in-8", format_raw, 0x08),
	BAD("format-in-15", format_raw, 0x0f),
	BAD("format-out-4", format_raw, 0x40),
	BAD("format-out-8", format_raw, 0x80),
	BAD("format-out-15", format_raw, 0xf0),
	BAD("format-both-unknown", format_raw, 0xcc),
	BAD("format-out-unknown-in-direct", format_raw, 0x71),
	BAD("bidi-direct", bidi, 0x11),
	BAD("bidi-indirect", bidi, 0x22),
	BAD("bidi-out-direct", bidi, 0x12),
	BAD("bidi-in-direct", bidi, 0x21),
	BAD("cut-direct-0", cut_direct, 0),
	BAD("cut-direct-1", cut_direct, 1),
	BAD("cut-direct-15", cut_direct, 15),
	BAD("cut-table-0", cut_table, 0),
	BAD("cut-table-19", cut_table, 19),
	BAD("cut-table-20", cut_table, 20),
	BAD("cut-table-51", cut_table, 51),
	BAD("shifted-4", shifted, 4),
	BAD("shifted-16", shifted, 16),
	BAD("shifted-252", shifted, 252),
	ANY("other-count-255", other_count, 255),
	ANY("other-count-1", other_count, 1),
	ANY("counts-without-format", counts_only, 255),
	BAD("imm-not-negotiated", imm_len, 512),
	BAD("imm-low-nibble-not-negotiated", imm_in, 0x03),
	BAD_IMM("imm-low-nibble", imm_in, 0x03),
	BAD_IMM("imm-both-nibbles", imm_in, 0x33),
	BAD_IMM("imm-with-direct-in", imm_in, 0x31),
	BAD_IMM("imm-with-indirect-in", imm_in, 0x32),
	BAD_IMM("imm-past-end-by-1", imm_len, 513),
	BAD_IMM("imm-past-end", imm_len, 4096),
	BAD_IMM("imm-ones", imm_len, 0xffffffff),
	BAD_IMM("imm-wraps", imm_len, 0xffffffff - 67),
	BAD_IMM("imm-sign", imm_len, 0x80000000),
	BAD_IMM("imm-cut-0", imm_cut, 48),
	BAD_IMM("imm-cut-3", imm_cut, 51),
	BAD_IMM("imm-cut-4", imm_cut, 52),
	BAD_IMM("imm-cut-data", imm_cut, 68 + 511),
	BAD_IMM("imm-overlap-20", imm_overlap, 20),
	BAD_IMM("imm-overlap-252", imm_overlap, 252),
	{ .name = NULL },
};
