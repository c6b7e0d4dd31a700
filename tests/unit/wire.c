// SPDX-License-Identifier: GPL-2.0
/* Information units for the tests (see wire.h). */
#include <stdlib.h>
#include "wire.h"

void put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

void put32(u8 *p, u32 v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

void put64(u8 *p, u64 v)
{
	put32(p, v >> 32);
	put32(p + 4, v);
}

u16 get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

u32 get32(const u8 *p)
{
	return (u32)get16(p) << 16 | get16(p + 2);
}

u64 get64(const u8 *p)
{
	return (u64)get32(p) << 32 | get32(p + 4);
}

u64 wire_tag(const char bytes[8])
{
	u64 tag;

	memcpy(&tag, bytes, 8);
	return tag;
}

/*
 * A copy of exactly @len bytes at an aligned address, so that a read of one
 * more is an error. It lives until the next one is asked for: a pointer kept
 * too long is an error as well.
 */
void *exact_copy(const void *p, u32 len)
{
	static void *room;

	free(room);
	room = malloc(len);
	if (!room)
		abort();
	if (len)
		memcpy(room, p, len);
	return room;
}

/*
 * The same as requests lie in a receive buffer: on a multiple of four bytes
 * that is none of eight.
 */
void *exact_request(const void *p, u32 len)
{
	static u8 *room;

	free(room);
	room = malloc(len + 4);
	if (!room)
		abort();
	if (len)
		memcpy(room + 4, p, len);
	return room + 4;
}

/* Both forms have the same fields, in different places. */
#define fill_login(l, li, wanted)					\
do {									\
	(l)->opcode = OP_LOGIN_REQ;					\
	(l)->tag = (li)->tag;						\
	(l)->it_iu_len = htobe32((li)->req_it_iu_len);			\
	(l)->buf_fmt = htobe16((li)->buf_fmt);				\
	(l)->flags = wanted;						\
	(l)->imm_offset = htobe16((li)->imm_off);			\
	memcpy((l)->iport, (li)->i_port_id, 16);			\
	memcpy((l)->tport, (li)->t_port_id, 16);			\
} while (0)

void wire_login(struct wire *w, enum srp_login_form form,
		const struct srp_login_info *li, u8 flags)
{
	struct wire_login_ib *ib = (void *)w->b;
	struct wire_login_rdma *rdma = (void *)w->b;

	memset(w->b, 0, LOGIN_IB_LEN);
	if (form == SRP_LOGIN_FORM_IB) {
		fill_login(ib, li, flags);
		w->len = LOGIN_IB_LEN;
	} else {
		fill_login(rdma, li, flags);
		w->len = LOGIN_RDMA_LEN;
	}
}

/* An SRP_CMD without data; @cdb_len is 16 to 268, a multiple of four. */
void wire_cmd(struct wire *w, const u8 *cdb, u32 cdb_len)
{
	memset(w->b, 0, CMD_FIXED);
	w->b[0] = OP_CMD;
	memcpy(w->b + CMD_TAG, "tagofcmd", 8);
	put64(w->b + CMD_LUN, 0x0102030405060708);
	w->b[CMD_ADD_CDB] = cdb_len - 16;
	memcpy(w->b + CMD_CDB, cdb, cdb_len);
	w->len = CMD_CDB + cdb_len;
}

void wire_formats(struct wire *w, u8 out, u8 in)
{
	w->b[CMD_BUF_FMT] = out << 4 | in;
}

void wire_desc(struct wire *w, u64 va, u32 key, u32 len)
{
	struct wire_desc *d = (void *)(w->b + w->len);

	d->va = htobe64(va);
	d->key = htobe32(key);
	d->len = htobe32(len);
	w->len += DESC_LEN;
}

/* The fixed part of a table of @len bytes: its own descriptor, the total. */
void wire_table(struct wire *w, u64 va, u32 key, u32 len, u32 total)
{
	wire_desc(w, va, key, len);
	put32(w->b + w->len, total);
	w->len += 4;
}

/* Immediate data at @imm_off, padded in front with zeroes. */
void wire_imm(struct wire *w, u32 imm_off, u32 announced, u32 sent)
{
	u32 i;

	put32(w->b + w->len, announced);
	w->len += 4;
	while (w->len < imm_off)
		w->b[w->len++] = 0;
	for (i = 0; i < sent; i++)
		w->b[w->len++] = i;
}

void wire_tmf(struct wire *w, u8 func)
{
	memset(w->b, 0, TMF_LEN);
	w->b[0] = OP_TSK_MGMT;
	w->b[TMF_SOL_NOT] = 0x07;
	memcpy(w->b + TMF_TAG, "tagoftmf", 8);
	put64(w->b + TMF_LUN, 0x0102030405060708);
	w->b[TMF_FUNC] = func;
	memcpy(w->b + TMF_TASK_TAG, "thattask", 8);
	w->len = TMF_LEN;
}

static void wire_copy_descs(struct wire *w, const u8 *p, u32 n)
{
	if (n)
		memcpy(w->b + w->len, p, n * DESC_LEN);
	w->len += n * DESC_LEN;
}

/* The data of a decoded command as an indirect table, or as it came. */
static u8 wire_data_from_cmd(struct wire *w, const u8 *iu,
			     const struct srp_cmd_info *ci)
{
	if (ci->imm_off) {
		put32(w->b + w->len, ci->data_len);
		memcpy(w->b + ci->imm_off, iu + ci->imm_off, ci->data_len);
		w->len = ci->imm_off + ci->data_len;
		return FMT_IMM;
	}
	if (ci->n_table) {
		wire_copy_descs(w, (const u8 *)&ci->table, 1);
	} else {
		if (ci->n_desc == 1) {
			wire_copy_descs(w, (const u8 *)ci->desc, 1);
			return FMT_DIRECT;
		}
		wire_desc(w, 0, 0, ci->n_desc * DESC_LEN);
	}
	put32(w->b + w->len, ci->data_len);
	w->len += 4;
	wire_copy_descs(w, (const u8 *)ci->desc, ci->n_desc);
	return FMT_INDIRECT;
}

/* The eight bytes of a logical unit number, a level after the other. */
void wire_lun(u8 *b, u64 number)
{
	u32 level;

	for (level = 0; level < 4; level++, number >>= 16) {
		b[2 * level] = number >> 8;
		b[2 * level + 1] = number;
	}
}

void wire_from_cmd(struct wire *w, const void *iu,
		   const struct srp_cmd_info *ci)
{
	u8 fmt = FMT_NONE;

	wire_cmd(w, ci->cdb, ci->cdb_len);
	w->b[CMD_SOL_NOT] = ci->sol_not;
	memcpy(w->b + CMD_TAG, &ci->tag, 8);
	wire_lun(w->b + CMD_LUN, ci->lun);
	w->b[CMD_TASK_ATTR] = ci->task_attr;
	if (ci->data_len)
		fmt = wire_data_from_cmd(w, iu, ci);
	if (ci->dir == SRP_DIR_OUT) {
		wire_formats(w, fmt, 0);
		w->b[CMD_OUT_COUNT] = ci->n_desc;
	} else if (ci->dir == SRP_DIR_IN) {
		wire_formats(w, 0, fmt);
		w->b[CMD_IN_COUNT] = ci->n_desc;
	}
}
