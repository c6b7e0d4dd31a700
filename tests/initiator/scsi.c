// SPDX-License-Identifier: GPL-2.0
/*
 * The few SCSI commands that the cases need.
 */
#include <stdlib.h>
#include <string.h>

#include "wire.h"

static void put16(uint8_t *p, uint16_t v)
{
	v = htobe16(v);
	memcpy(p, &v, 2);
}

static void put32(uint8_t *p, uint32_t v)
{
	v = htobe32(v);
	memcpy(p, &v, 4);
}

static void put64(uint8_t *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, 8);
}

void cdb_inquiry(uint8_t *cdb, uint16_t len)
{
	memset(cdb, 0, 16);
	cdb[0] = 0x12;
	put16(cdb + 3, len);
}

void cdb_rw10(uint8_t *cdb, bool write, uint32_t lba, uint16_t blocks)
{
	memset(cdb, 0, 16);
	cdb[0] = write ? 0x2a : 0x28;
	put32(cdb + 2, lba);
	put16(cdb + 7, blocks);
}

void cdb_rw16(uint8_t *cdb, bool write, uint64_t lba, uint32_t blocks)
{
	memset(cdb, 0, 16);
	cdb[0] = write ? 0x8a : 0x88;
	put64(cdb + 2, lba);
	put32(cdb + 10, blocks);
}

void cdb_report_luns(uint8_t *cdb, uint32_t len)
{
	memset(cdb, 0, 16);
	cdb[0] = 0xa0;
	put32(cdb + 6, len);
}

void req_tur(struct wire_conn *c, struct wire_req *r)
{
	uint8_t cdb[16] = { 0 };

	req_cmd(c, r, cdb, sizeof(cdb));
}

/* READ or WRITE of blocks counted from the start of the scratch area. */
void req_rw(struct wire_conn *c, struct wire_req *r, bool write,
	    uint64_t block, uint32_t blocks)
{
	uint8_t cdb[16];

	cdb_rw16(cdb, write, env.lba + block, blocks);
	req_cmd(c, r, cdb, sizeof(cdb));
}

/*
 * A new session begins with UNIT ATTENTION at times, and a LUN reset leaves
 * one for each session: ask until the unit is ready.
 */
bool clear_attention(struct wire_conn *c)
{
	struct wire_result r;
	struct wire_req q;

	for (int i = 0; i < 8; i++) {
		req_tur(c, &q);
		if (!run_req(c, &q, &r))
			break;
		if (!r.status)
			return true;
		if (r.status != 0x02 || r.key != 6)
			break;
	}
	print_result(&r);
	return CHECK(false, "LUN %llu does not become ready",
		     (unsigned long long)env.lun);
}

static bool parse_capacity(const uint8_t *p)
{
	uint64_t last;
	uint32_t size;

	memcpy(&last, p, 8);
	memcpy(&size, p + 8, 4);
	env.capacity = be64toh(last) + 1;
	env.block_size = be32toh(size);
	if (!env.blocks)
		env.blocks = env.capacity - env.lba;
	return CHECK(env.block_size >= 512 && env.lba < env.capacity &&
		     env.blocks <= env.capacity - env.lba,
		     "LUN of %llu blocks is too small for the scratch area",
		     (unsigned long long)env.capacity);
}

/* READ CAPACITY(16), once a run. */
bool learn_capacity(struct wire_conn *c)
{
	uint8_t cdb[16] = { 0x9e, 0x10 };
	struct wire_mem m;
	struct wire_req q;
	bool ok;

	if (env.block_size)
		return true;
	if (!mem_get(&m, 32))
		return false;
	cdb[13] = 32;
	req_cmd(c, &q, cdb, sizeof(cdb));
	req_direct(&q, false, mem_va(&m), m.mr->rkey, 32);
	ok = want_good(c, &q, "READ CAPACITY(16)") && parse_capacity(m.p);
	mem_put(&m);
	return ok;
}
