/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Information units for the tests, put together byte by byte.
 *
 * Offsets are those of the SRP specification, written out here a second time:
 * neither the structures of <scsi/srp.h> nor the driver's code are used, so
 * that a mistake in either does not cancel out.
 */
#ifndef WIRE_H
#define WIRE_H

#include "srp_iu.h"

enum {
	/* Where the fields of an SRP_CMD are, SRP r16a 6.8. */
	CMD_SOL_NOT	= 1,
	CMD_BUF_FMT	= 5,
	CMD_OUT_COUNT	= 6,
	CMD_IN_COUNT	= 7,
	CMD_TAG		= 8,
	CMD_LUN		= 20,
	CMD_TASK_ATTR	= 29,
	CMD_ADD_CDB	= 31,
	CMD_CDB		= 32,
	CMD_FIXED	= 48,

	/* SRP_TSK_MGMT, 6.7. */
	TMF_SOL_NOT	= 1,
	TMF_TAG		= 8,
	TMF_LUN		= 20,
	TMF_FUNC	= 30,
	TMF_TASK_TAG	= 32,
	TMF_LEN		= 48,

	/* A memory descriptor, and what an indirect table begins with. */
	DESC_LEN	= 16,
	TABLE_FIXED	= 20,

	/* Both forms of SRP_LOGIN_REQ. */
	LOGIN_IB_LEN	= 64,
	LOGIN_RDMA_LEN	= 56,
};

/* Longer than any request that the tests make. */
#define WIRE_MAX	(4096 * 16 + 1024)

struct wire {
	u32 len;
	u8 b[WIRE_MAX];
};

void put16(u8 *p, u16 v);
void put32(u8 *p, u32 v);
void put64(u8 *p, u64 v);
u16 get16(const u8 *p);
u32 get32(const u8 *p);
u64 get64(const u8 *p);

/* A tag is opaque: it is compared as bytes. */
u64 wire_tag(const char bytes[8]);

void *exact_copy(const void *p, u32 len);
void *exact_request(const void *p, u32 len);
void wire_lun(u8 *b, u64 number);

void wire_login(struct wire *w, enum srp_login_form form,
		const struct srp_login_info *li, u8 flags);
void wire_cmd(struct wire *w, const u8 *cdb, u32 cdb_len);
void wire_formats(struct wire *w, u8 out, u8 in);
void wire_desc(struct wire *w, u64 va, u32 key, u32 len);
void wire_table(struct wire *w, u64 va, u32 key, u32 len, u32 total);
void wire_imm(struct wire *w, u32 imm_off, u32 announced, u32 sent);
void wire_tmf(struct wire *w, u8 func);

/* Rebuilds a request from what was decoded, the reserved fields being 0. */
void wire_from_cmd(struct wire *w, const void *iu,
		   const struct srp_cmd_info *ci);

#endif /* WIRE_H */
