/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Information units for the tests, put together from the tests' own layout
 * (srp_wire.h): neither the structures of <scsi/srp.h> nor the driver's code
 * are used, so that a mistake in either does not cancel out.
 */
#ifndef WIRE_H
#define WIRE_H

#include "srp_iu.h"
#include "srp_wire.h"

/* Where fields are, for tests that look at bytes or spoil some. */
enum {
	CMD_SOL_NOT	= offsetof(struct wire_cmd, sol_not),
	CMD_BUF_FMT	= offsetof(struct wire_cmd, buf_fmt),
	CMD_OUT_COUNT	= offsetof(struct wire_cmd, out_cnt),
	CMD_IN_COUNT	= offsetof(struct wire_cmd, in_cnt),
	CMD_TAG		= offsetof(struct wire_cmd, tag),
	CMD_LUN		= offsetof(struct wire_cmd, lun),
	CMD_TASK_ATTR	= offsetof(struct wire_cmd, task_attr),
	CMD_ADD_CDB	= offsetof(struct wire_cmd, add_cdb_len),
	CMD_CDB		= offsetof(struct wire_cmd, cdb),
	CMD_FIXED	= sizeof(struct wire_cmd),

	TMF_SOL_NOT	= offsetof(struct wire_tmf, sol_not),
	TMF_TAG		= offsetof(struct wire_tmf, tag),
	TMF_LUN		= offsetof(struct wire_tmf, lun),
	TMF_FUNC	= offsetof(struct wire_tmf, function),
	TMF_TASK_TAG	= offsetof(struct wire_tmf, task_tag),
	TMF_LEN		= sizeof(struct wire_tmf),

	RSP_SOL_NOT	= offsetof(struct wire_rsp, sol_not),
	RSP_FLAGS	= offsetof(struct wire_rsp, flags),
	RSP_STATUS	= offsetof(struct wire_rsp, status),
	RSP_OUT_RES	= offsetof(struct wire_rsp, out_res),
	RSP_IN_RES	= offsetof(struct wire_rsp, in_res),
	RSP_SENSE_LEN	= offsetof(struct wire_rsp, sense_len),
	RSP_RESP_LEN	= offsetof(struct wire_rsp, resp_len),
	RSP_FIXED	= sizeof(struct wire_rsp),

	DESC_LEN	= sizeof(struct wire_desc),
	TABLE_FIXED	= sizeof(struct wire_table),
	LOGIN_IB_LEN	= sizeof(struct wire_login_ib),
	LOGIN_RDMA_LEN	= sizeof(struct wire_login_rdma),
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
