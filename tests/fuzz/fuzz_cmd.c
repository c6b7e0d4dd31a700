// SPDX-License-Identifier: GPL-2.0
/*
 * SRP_CMD with all of its data formats. Input: which offset of immediate data
 * was agreed on (1), request.
 */
#include "fuzz.h"

/* What is handed out points at bytes that were received. */
static void check_pointers(const struct srp_cmd_info *ci, const void *iu,
			   u32 len)
{
	PROMISE(ci->cdb_len >= 16 && ci->cdb_len <= SRP_MAX_CDB);
	PROMISE(inside(ci->cdb, ci->cdb_len, iu, len));
	if (ci->n_desc)
		PROMISE(inside(ci->desc, ci->n_desc * DESC_LEN, iu, len));
	else
		PROMISE(!ci->desc);
	if (ci->imm_off)
		PROMISE(inside((const u8 *)iu + ci->imm_off, ci->data_len, iu,
			       len));
}

/* Data is in exactly one place, and its length is what was announced. */
static void check_data(const struct srp_cmd_info *ci)
{
	const u8 *desc = (const u8 *)ci->desc;
	u64 sum = 0, va, len;
	u32 i;

	PROMISE((ci->dir == SRP_DIR_NONE) == !ci->data_len);
	PROMISE(ci->data_len <= SRP_MAX_DATA);
	PROMISE(!!ci->n_desc + !!ci->n_table + !!ci->imm_off ==
		!!ci->data_len);
	PROMISE(!ci->imm_off || ci->dir == SRP_DIR_OUT);
	PROMISE(ci->n_desc <= 255 && ci->n_table <= SRP_MAX_TABLE);
	for (i = 0; i < ci->n_desc; i++, desc += DESC_LEN) {
		va = get64(desc);
		len = get32(desc + 12);
		PROMISE(len && va <= ~0ULL - len);
		sum += len;
	}
	if (ci->n_desc)
		PROMISE(sum == ci->data_len);
	if (ci->n_table)
		PROMISE(get32((u8 *)&ci->table + 12) ==
			ci->n_table * DESC_LEN);
}

/* The bytes that the decoder judges. */
struct request {
	u8 out;
	u8 in;
	u32 count;
	u32 at;			/* where the descriptors begin */
	const u8 *iu;
	u32 len;
	u32 imm_off;
};

static struct request look(const u8 *iu, u32 len, u32 imm_off)
{
	struct request req = {
		.out = iu[CMD_BUF_FMT] >> 4,
		.in = iu[CMD_BUF_FMT] & 0xf,
		.at = CMD_FIXED + (iu[CMD_ADD_CDB] & 0xfc),
		.iu = iu,
		.len = len,
		.imm_off = imm_off,
	};

	req.count = iu[req.out ? CMD_OUT_COUNT : CMD_IN_COUNT];
	return req;
}

/* Bytes that the descriptors take. */
static u32 need(const struct request *req)
{
	static const u32 fixed[16] = { 0, DESC_LEN, TABLE_FIXED, 4 };
	u32 fmt = req->out | req->in;

	return fixed[fmt] + (fmt == 2 ? req->count * DESC_LEN : 0);
}

static bool cdb_is_cut(const struct request *req)
{
	return req->at > req->len || (req->iu[CMD_CDB] == 0x7f &&
		CMD_CDB + 8u + req->iu[CMD_CDB + 7] > req->at);
}

/* Immediate data overlaps its descriptor, or is not all there. */
static bool imm_is_outside(const struct request *req)
{
	return req->at + 4 > req->imm_off || (u64)req->imm_off +
		get32(req->iu + req->at) > req->len;
}

/* No request that is received at all has so much immediate data. */
static bool is_long(const struct request *req)
{
	u32 fmt = req->out | req->in;

	return (fmt == 1 && get32(req->iu + req->at + 12) > SRP_MAX_DATA) ||
	       (fmt == 2 && get32(req->iu + req->at + 16) > SRP_MAX_DATA);
}

/* Does the request have this fault? Faults of tables: see fuzz_table.c. */
static bool is_true(enum srp_fault fault, const struct request *req)
{
	switch (fault) {
	case SRP_FAULT_SHORT:
		return req->len < req->at + need(req);
	case SRP_FAULT_CDB:
		return cdb_is_cut(req);
	case SRP_FAULT_BIDI:
		return req->out && req->in;
	case SRP_FAULT_DESC_FORMAT:
		return req->out > 3 || req->in > 2;
	case SRP_FAULT_IMM_UNASKED:
		return req->out == 3 && !req->imm_off;
	case SRP_FAULT_IMM_RANGE:
		return req->out == 3 && req->imm_off && imm_is_outside(req);
	case SRP_FAULT_DESC_COUNT:
	case SRP_FAULT_DESC_ZERO:
	case SRP_FAULT_DESC_SUM:
		return req->out == 2 || req->in == 2;
	case SRP_FAULT_DESC_RANGE:
		return req->out < 3;
	case SRP_FAULT_DATA_LONG:
		return is_long(req);
	default:
		return false;
	}
}

/* What was accepted has no fault, and says what the bytes say. */
static void check_accepted(const struct srp_cmd_info *ci,
			   const struct request *req)
{
	bool table = req->out == 2 || req->in == 2;

	PROMISE(!is_true(SRP_FAULT_SHORT, req) && !cdb_is_cut(req));
	PROMISE(!is_true(SRP_FAULT_BIDI, req));
	PROMISE(!is_true(SRP_FAULT_DESC_FORMAT, req));
	PROMISE(req->out != 3 || (req->imm_off && !imm_is_outside(req)));
	PROMISE(ci->task_attr == (req->iu[CMD_TASK_ATTR] & 7));
	PROMISE(ci->sol_not == req->iu[CMD_SOL_NOT]);
	if (!ci->data_len)
		return;
	PROMISE(ci->dir == (req->out ? SRP_DIR_OUT : SRP_DIR_IN));
	if (table && ci->n_desc)
		PROMISE(ci->n_desc == req->count && ci->n_desc * DESC_LEN ==
			get32(req->iu + req->at + 12));
	if (ci->n_table)
		PROMISE(ci->n_table > req->count && get64((u8 *)&ci->table) <=
			~0ULL - ci->n_table * DESC_LEN);
}

static void check_same(const struct srp_cmd_info *a,
		       const struct srp_cmd_info *b)
{
	PROMISE(a->tag == b->tag && a->lun == b->lun);
	PROMISE(a->cdb_len == b->cdb_len);
	PROMISE(!memcmp(a->cdb, b->cdb, a->cdb_len));
	PROMISE(a->task_attr == b->task_attr && a->sol_not == b->sol_not);
	PROMISE(a->dir == b->dir && a->data_len == b->data_len);
	PROMISE(a->n_desc == b->n_desc);
	PROMISE(!a->n_desc ||
		!memcmp(a->desc, b->desc, a->n_desc * DESC_LEN));
	PROMISE(a->n_table == b->n_table);
	PROMISE(!memcmp(&a->table, &b->table, DESC_LEN));
	PROMISE(a->imm_off == b->imm_off);
}

/* What decodes re-encodes, in no more bytes than it came in. */
static void check_again(const struct srp_cmd_info *ci, const u8 *iu, u32 len,
			u32 imm_off)
{
	static struct wire w;
	struct srp_cmd_info again = {};

	wire_from_cmd(&w, iu, ci);
	PROMISE(w.len <= len);
	PROMISE(srp_decode_cmd(w.b, w.len, imm_off, &again) ==
		SRP_FAULT_NONE);
	check_same(ci, &again);
	PROMISE(!ci->imm_off || !memcmp(w.b + imm_off, iu + imm_off,
					ci->data_len));
}

/* Bytes after the end of a request that was accepted change nothing. */
static void check_longer(const struct srp_cmd_info *ci, const u8 *iu, u32 len,
			 u32 imm_off)
{
	static u64 room[(WIRE_MAX + 64) / 8];
	struct srp_cmd_info again = {};

	memcpy(room, iu, len);
	memset((u8 *)room + len, 0xff, 40);
	PROMISE(srp_decode_cmd(room, len + 40, imm_off, &again) ==
		SRP_FAULT_NONE);
	check_same(ci, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	u32 choice = take(&in, 1) % 9, len = in.left;
	u32 imm_off = choice ? 48 + choice * 4 : 0;
	const u8 *iu;
	struct srp_cmd_info ci = {};
	struct request req;
	enum srp_fault fault;

	if (len > WIRE_MAX)
		return -1;
	iu = exact_request(in.p, len);
	fault = srp_decode_cmd(iu, len, imm_off, &ci);
	PROMISE(!memcmp(iu, in.p, len));
	PROMISE(len < 16 ? !ci.tag : !memcmp(&ci.tag, in.p + 8, 8));
	PROMISE(has_words(fault));
	if (len < CMD_FIXED) {
		PROMISE(fault == SRP_FAULT_SHORT);
		return 0;
	}
	req = look(iu, len, imm_off);
	if (fault != SRP_FAULT_NONE) {
		PROMISE(is_true(fault, &req));
		return 0;
	}
	check_accepted(&ci, &req);
	check_pointers(&ci, iu, len);
	check_data(&ci);
	check_again(&ci, iu, len, imm_off);
	check_longer(&ci, iu, len, imm_off);
	return 0;
}
