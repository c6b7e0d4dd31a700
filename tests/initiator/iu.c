// SPDX-License-Identifier: GPL-2.0
/*
 * Information units, built correctly: cases take them and break what they
 * want broken.
 */
#include <string.h>

#include "wire.h"

static void put_tag(struct wire_conn *c, struct wire_req *r)
{
	r->tag = htobe64(c->next_tag++);
	r->head.tag = r->tag;
}

void req_lun(struct wire_req *r, uint64_t lun)
{
	uint8_t *to = r->head.opcode == OP_TSK_MGMT ? r->tmf.lun : r->cmd.lun;

	memset(to, 0, 8);
	to[0] = lun >> 8 & 0x3f;
	to[1] = lun;
}

/**
 * req_cmd - start an SRP_CMD
 * @cdb_len: a multiple of 4; what exceeds 16 becomes the additional CDB
 */
void req_cmd(struct wire_conn *c, struct wire_req *r, const uint8_t *cdb,
	     size_t cdb_len)
{
	size_t first = cdb_len < 16 ? cdb_len : 16;

	memset(r->bytes, 0, 512);
	r->cmd.opcode = OP_CMD;
	put_tag(c, r);
	req_lun(r, env.lun);
	memcpy(r->cmd.cdb, cdb, first);
	r->len = sizeof(r->cmd);
	if (cdb_len > 16) {
		r->cmd.add_cdb_len = cdb_len - 16;
		memcpy(r->bytes + r->len, cdb + 16, cdb_len - 16);
		r->len += cdb_len - 16;
	}
}

void req_tmf(struct wire_conn *c, struct wire_req *r, uint8_t function,
	     uint64_t task_tag)
{
	memset(r->bytes, 0, sizeof(r->tmf));
	r->tmf.opcode = OP_TSK_MGMT;
	put_tag(c, r);
	req_lun(r, env.lun);
	r->tmf.function = function;
	r->tmf.task_tag = task_tag;
	r->len = sizeof(r->tmf);
}

/* Any opcode with a tag and zeroes up to @len, which is at least 16. */
void req_head(struct wire_conn *c, struct wire_req *r, uint8_t opcode,
	      size_t len)
{
	memset(r->bytes, 0, len);
	r->head.opcode = opcode;
	put_tag(c, r);
	r->len = len;
}

void set_desc(struct wire_desc *d, uint64_t va, uint32_t key, uint32_t len)
{
	d->va = htobe64(va);
	d->key = htobe32(key);
	d->len = htobe32(len);
}

static void set_format(struct wire_req *r, bool out, unsigned int format)
{
	r->cmd.buf_fmt |= out ? format << 4 : format;
}

void req_direct(struct wire_req *r, bool out, uint64_t va, uint32_t key,
		uint32_t len)
{
	set_format(r, out, FMT_DIRECT);
	set_desc((struct wire_desc *)(r->bytes + r->len), va, key, len);
	r->len += sizeof(struct wire_desc);
}

/* The memory of the channel as the one buffer, from its start. */
void req_mem(struct wire_conn *c, struct wire_req *r, bool out, uint32_t len)
{
	req_direct(r, out, mem_va(&c->mem), c->mem.mr->rkey, len);
}

/**
 * req_table - append an indirect descriptor
 * @va, @key: where the whole table lies in this program's memory
 * @entries: how many descriptors it has
 * @total: the sum of their lengths
 * @d: the descriptors to carry in the unit itself
 * @inline_cnt: how many of them
 */
void req_table(struct wire_req *r, bool out, uint64_t va, uint32_t key,
	       uint32_t entries, uint32_t total, const struct wire_desc *d,
	       unsigned int inline_cnt)
{
	struct wire_table *t = (struct wire_table *)(r->bytes + r->len);

	set_format(r, out, FMT_INDIRECT);
	if (out)
		r->cmd.out_cnt = inline_cnt;
	else
		r->cmd.in_cnt = inline_cnt;
	set_desc(&t->table, va, key, entries * sizeof(struct wire_desc));
	t->len = htobe32(total);
	r->len += sizeof(*t);
	memcpy(r->bytes + r->len, d, inline_cnt * sizeof(*d));
	r->len += inline_cnt * sizeof(*d);
}

/**
 * req_imm - append immediate data at the negotiated offset
 *
 * Return: false if the channel did not negotiate it, or it does not fit.
 */
bool req_imm(struct wire_conn *c, struct wire_req *r, const void *data,
	     uint32_t len)
{
	uint32_t be = htobe32(len);

	if (!c->imm_offset || r->len + 4 > c->imm_offset ||
	    c->imm_offset + len > WIRE_IU_MAX)
		return false;
	set_format(r, true, FMT_IMM);
	memcpy(r->bytes + r->len, &be, 4);
	r->len += 4;
	memset(r->bytes + r->len, 0, c->imm_offset - r->len);
	memcpy(r->bytes + c->imm_offset, data, len);
	r->len = c->imm_offset + len;
	return true;
}
