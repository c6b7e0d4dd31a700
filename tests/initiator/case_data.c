// SPDX-License-Identifier: GPL-2.0
/*
 * Honest commands: every byte that should move does, and no other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"

struct shape {
	unsigned int pieces;
	uint32_t bytes;
	unsigned int inline_cnt;
};

static uint64_t salt_of(const struct wire_case *self)
{
	return 0x6461746100000000ull + (uintptr_t)self % 9973 * 65536;
}

/* Write in one shape, read back in the same, compare. */
static void on_shape(struct wire_conn *c, const struct wire_case *self)
{
	const struct shape *s = self->arg;
	struct wire_io *out = io_new(s->pieces, s->bytes);
	struct wire_io *in = io_new(s->pieces, s->bytes);
	struct wire_req q;

	if (!out || !in)
		goto end;
	io_fill(out, salt_of(self));
	io_req(c, &q, out, true, 8, s->inline_cnt);
	want_good(c, &q, "WRITE");
	io_req(c, &q, in, false, 8, s->inline_cnt);
	want_good(c, &q, "READ");
	io_check(in, salt_of(self), in->total);
	io_gaps_clean(out);
end:
	io_free(out);
	io_free(in);
}

/* A read longer or shorter than its buffer. */
static void on_residual(struct wire_conn *c, const struct wire_case *self)
{
	unsigned int blocks = self->num;
	struct wire_io *io = io_new(3, 4 * env.block_size);
	struct wire_result r;
	struct wire_req q;
	uint32_t cdb_len, diff;

	if (!io)
		return;
	io_fill(io, salt_of(self));
	io_req(c, &q, io, true, 8, 3);
	want_good(c, &q, "WRITE");
	memset(io->data.p, POISON, io->data.len);
	io_req(c, &q, io, false, 8, 3);
	cdb_rw16(q.cmd.cdb, false, env.lba + 8, blocks);
	cdb_len = blocks * env.block_size;
	diff = cdb_len < io->total ? io->total - cdb_len : cdb_len - io->total;
	if (CHECK(run_req(c, &q, &r), "no answer")) {
		CHECK((r.flags & ~RSP_SNSVALID) == (cdb_len < io->total ?
						    RSP_DIUNDER : RSP_DIOVER),
		      "flags 0x%02x", r.flags);
		CHECK(r.in_res == diff && !r.out_res,
		      "residual in %u out %u, not %u", r.in_res, r.out_res,
		      diff);
		/* An overflow may also be an error; then nothing moves. */
		CHECK(!r.status || cdb_len > io->total, "status 0x%02x",
		      r.status);
		io_check(io, salt_of(self), r.status ? 0 : cdb_len < io->total ?
			 cdb_len : io->total);
		if (env.failed)
			print_result(&r);
	}
	io_free(io);
}

/* A write whose buffer is not what the CDB asks for: refused, not done. */
static void on_write_mismatch(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_io *io = io_new(1, 4 * env.block_size);
	struct wire_result r;
	struct wire_req q;

	if (!io)
		return;
	io_fill(io, salt_of(self));
	io_req(c, &q, io, true, 8, 1);
	cdb_rw16(q.cmd.cdb, true, env.lba + 8, self->num);
	if (CHECK(run_req(c, &q, &r), "no answer"))
		CHECK(r.status == 2 || (r.flags & (RSP_DOUNDER | RSP_DOOVER)),
		      "status 0x%02x flags 0x%02x", r.status, r.flags);
	io_free(io);
}

/* Thirty-six bytes of INQUIRY leave the rest of a larger buffer alone. */
static void on_inquiry(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_result r;
	struct wire_req q;
	uint8_t cdb[16];

	if (!conn_mem(c, 8192))
		return;
	cdb_inquiry(cdb, 36);
	for (int i = 0; i < 20; i++) {
		memset(c->mem.p, POISON, c->mem.len);
		req_cmd(c, &q, cdb, sizeof(cdb));
		req_mem(c, &q, false, self->num);
		if (!CHECK(run_req(c, &q, &r), "no answer"))
			break;
		CHECK(!r.status, "status 0x%02x", r.status);
		CHECK(r.flags == (self->num > 36 ? RSP_DIUNDER : 0) &&
		      r.in_res == self->num - 36, "flags 0x%02x residual %u",
		      r.flags, r.in_res);
		CHECK((c->mem.p[0] & 0x1f) == 0 && c->mem.p[4] != POISON,
		      "no INQUIRY data");
		if (!mem_is_poison(&c->mem, 36, c->mem.len))
			break;
	}
}

/*
 * A device that returns less than the buffer takes, which takes less than the
 * CDB allows: what is missing is missing from the buffer.
 */
static void on_inquiry_between(struct wire_conn *c,
			       const struct wire_case *self)
{
	struct wire_result r;
	struct wire_req q;
	uint8_t cdb[16];
	uint32_t len;

	if (!conn_mem(c, 8192))
		return;
	cdb_inquiry(cdb, 255);
	req_cmd(c, &q, cdb, sizeof(cdb));
	req_mem(c, &q, false, 255);
	if (!CHECK(run_req(c, &q, &r) && !r.status, "no INQUIRY data"))
		return;
	len = c->mem.p[4] + 5;
	memset(c->mem.p, POISON, c->mem.len);
	req_cmd(c, &q, cdb, sizeof(cdb));
	req_mem(c, &q, false, len + self->num);
	if (!CHECK(run_req(c, &q, &r), "no answer"))
		return;
	CHECK(!r.status, "status 0x%02x", r.status);
	CHECK(r.flags == RSP_DIUNDER && r.in_res == self->num && !r.out_res,
	      "%u bytes into %lu: flags 0x%02x residual in %u out %u", len,
	      len + self->num, r.flags, r.in_res, r.out_res);
	mem_is_poison(&c->mem, len, c->mem.len);
}

struct control {
	uint8_t cdb[16];
	uint32_t buffer;
};

/*
 * Commands that return what they like: what arrives and what the residual
 * says must agree, and nothing may lie behind it.
 */
static void on_control(struct wire_conn *c, const struct wire_case *self)
{
	const struct control *k = self->arg;
	struct wire_result r;
	struct wire_req q;

	if (!conn_mem(c, 8192))
		return;
	req_cmd(c, &q, k->cdb, sizeof(k->cdb));
	req_mem(c, &q, false, k->buffer);
	if (!CHECK(run_req(c, &q, &r), "no answer"))
		return;
	if (r.status)
		mem_is_poison(&c->mem, 0, c->mem.len);
	else if (r.flags & RSP_DIUNDER)
		mem_is_poison(&c->mem, k->buffer - r.in_res, c->mem.len);
	else
		mem_is_poison(&c->mem, k->buffer, c->mem.len);
	if (env.failed)
		print_result(&r);
}

/*
 * What a command has to say fills more than a page, and fewer than the initiator
 * has room for: no other leaves the target.
 */
static void on_long_list(struct wire_conn *c, const struct wire_case *self)
{
	static const uint8_t report_luns[16] = { 0xa0, [8] = 0x40 };
	const uint32_t room = 0x4000, page = 4096;
	struct wire_result r;
	struct wire_req q;
	uint32_t be, len;

	if (!conn_mem(c, room))
		return;
	req_cmd(c, &q, report_luns, sizeof(report_luns));
	req_mem(c, &q, false, room);
	if (!CHECK(run_req(c, &q, &r) && !r.status, "no list"))
		return;
	memcpy(&be, c->mem.p, sizeof(be));
	len = 8 + be32toh(be);
	CHECK(len > page && len < room - page, "%u bytes", len);
	CHECK(r.flags == RSP_DIUNDER && r.in_res == room - len,
	      "flags 0x%02x residual %u", r.flags, r.in_res);
	mem_is_poison(&c->mem, len, room);
}

static void on_imm(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_io *io = io_new(2, self->num);
	uint8_t *data = malloc(self->num);
	struct wire_req q;

	if (!io || !data)
		goto end;
	for (int i = 0; i < 2 * c->limit; i++) {
		fill_pattern(data, io->total, salt_of(self) + i);
		req_rw(c, &q, true, 8, io->total / env.block_size);
		if (!CHECK(req_imm(c, &q, data, io->total), "does not fit") ||
		    !want_good(c, &q, "WRITE with immediate data"))
			break;
	}
	io_req(c, &q, io, false, 8, 2);
	want_good(c, &q, "READ");
	io_check(io, salt_of(self) + 2 * c->limit - 1, io->total);
end:
	io_free(io);
	free(data);
}

/* Sense data, whole and in its place. */
static void on_sense(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_io *io = io_new(1, env.block_size);
	struct wire_result r;
	struct wire_req q;

	if (!io)
		return;
	io_req(c, &q, io, self->num, 0, 1);
	cdb_rw16(q.cmd.cdb, self->num, env.capacity, 1);
	if (CHECK(run_req(c, &q, &r), "no answer")) {
		CHECK(r.status == 2 && (r.flags & RSP_SNSVALID) &&
		      !(r.flags & RSP_RSPVALID), "no sense");
		CHECK(r.key == 5 && r.asc == 0x21, "sense %x %02x/%02x", r.key,
		      r.asc, r.ascq);
		CHECK(r.sense_len >= 18, "%u sense bytes", r.sense_len);
		io_check(io, 0, 0);
	}
	io_free(io);
}

static void on_no_lun(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_result r;
	struct wire_req q;

	req_tur(c, &q);
	req_lun(&q, self->num);
	if (CHECK(run_req(c, &q, &r), "no answer"))
		CHECK(r.status == 2 && r.key == 5 && r.asc == 0x25,
		      "status 0x%02x sense %x %02x/%02x", r.status, r.key,
		      r.asc, r.ascq);
}

#define SHAPE(name, pieces, bytes, inl) \
	{ "data." name, .on = on_shape, \
	  .arg = &(const struct shape){ pieces, bytes, inl } }
#define CONTROL(name, buffer, ...) \
	{ "data." name, .on = on_control, \
	  .arg = &(const struct control){ { __VA_ARGS__ }, buffer } }
#define IMM(name, bytes, offset) \
	{ "data.imm-" name, .on = on_imm, .num = bytes, .imm_offset = offset }

/* More than a command may carry, num MiB: refused before a byte moves. */
static void on_huge(struct wire_conn *c, const struct wire_case *self)
{
	uint32_t bytes = (uint32_t)self->num << 20;
	struct wire_result r;
	struct wire_req q;

	if (!conn_mem(c, 4096))
		return;
	memset(c->mem.p, POISON, c->mem.len);
	req_rw(c, &q, false, 0, bytes / env.block_size);
	req_mem(c, &q, false, bytes);
	if (CHECK(run_req(c, &q, &r), "no answer") &&
	    !CHECK(r.status == 2 && r.key == 5 && r.asc != 0x21,
		   "status 0x%02x, sense %x/%02x", r.status, r.key, r.asc))
		print_result(&r);
	CHECK(mem_is_poison(&c->mem, 0, c->mem.len), "data moved");
}

const struct wire_case data_cases[] = {
	{ "data.long-list", .on = on_long_list, .manual = true },
	{ "data.huge-24", .on = on_huge, .num = 24, .manual = true },
	{ "data.huge-64", .on = on_huge, .num = 64, .manual = true },
	SHAPE("direct-512", 1, 512, 1),
	SHAPE("direct-4k", 1, 4096, 1),
	SHAPE("direct-64k", 1, 65536, 1),
	SHAPE("indirect-1", 1, 4096, 0),
	SHAPE("indirect-2", 2, 4096, 2),
	SHAPE("indirect-16", 16, 65536, 16),
	SHAPE("indirect-255", 255, 32768, 255),
	SHAPE("indirect-255-small", 255, 512, 255),
	SHAPE("external-2", 2, 4096, 0),
	SHAPE("external-2-part", 2, 4096, 1),
	SHAPE("external-255", 255, 32768, 0),
	SHAPE("external-256", 256, 32768, 0),
	SHAPE("external-256-part", 256, 32768, 255),
	SHAPE("external-257", 257, 32768, 255),
	SHAPE("external-510", 510, 65536, 255),
	SHAPE("external-510-none", 510, 65536, 0),
	SHAPE("external-512-small", 512, 512, 255),
	SHAPE("external-2048", 2048, 65536, 1),
	{ "data.read-underflow", .on = on_residual, .num = 1 },
	{ "data.read-underflow-3", .on = on_residual, .num = 3 },
	{ "data.read-overflow", .on = on_residual, .num = 9 },
	{ "data.write-short", .on = on_write_mismatch, .num = 8 },
	{ "data.write-long", .on = on_write_mismatch, .num = 2 },
	{ "data.inquiry-36", .on = on_inquiry, .num = 36 },
	{ "data.inquiry-36-in-37", .on = on_inquiry, .num = 37 },
	{ "data.inquiry-36-in-255", .on = on_inquiry, .num = 255 },
	{ "data.inquiry-36-in-4096", .on = on_inquiry, .num = 4096 },
	{ "data.inquiry-36-in-8192", .on = on_inquiry, .num = 8192 },
	{ "data.inquiry-between", .on = on_inquiry_between, .num = 60 },
	{ "data.inquiry-between-1", .on = on_inquiry_between, .num = 1 },
	CONTROL("report-luns", 4096, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0),
	CONTROL("report-luns-small", 16, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0),
	CONTROL("mode-sense-6", 255, 0x1a, 0, 0x3f, 0, 0xff),
	CONTROL("mode-sense-10", 4096, 0x5a, 0, 0x3f, 0, 0, 0, 0, 0x10, 0),
	CONTROL("vpd-00", 1024, 0x12, 1, 0x00, 4, 0),
	CONTROL("vpd-83", 1024, 0x12, 1, 0x83, 4, 0),
	CONTROL("vpd-b0", 4096, 0x12, 1, 0xb0, 0x10, 0),
	CONTROL("read-capacity-10", 64, 0x25),
	CONTROL("pr-in-keys", 4096, 0x5e, 0, 0, 0, 0, 0, 0, 0x10, 0),
	CONTROL("pr-in-full-status", 4096, 0x5e, 3, 0, 0, 0, 0, 0, 0x10, 0),
	CONTROL("request-sense", 255, 0x03, 0, 0, 0, 0xfc),
	CONTROL("report-opcodes", 4096, 0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 0x10, 0),
	IMM("512", 512, 68),
	IMM("4096", 4096, 68),
	IMM("8192", 8192, 68),
	IMM("offset-52", 4096, 52),
	IMM("offset-80", 4096, 80),
	{ "data.sense-read", .on = on_sense },
	{ "data.sense-write", .on = on_sense, .num = 1 },
	{ "data.no-lun", .on = on_no_lun, .num = 200 },
	{ .name = NULL },
};
