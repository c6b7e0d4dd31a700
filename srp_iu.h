/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * SRP information units as they stand on the wire: checked decoding, building.
 *
 * Nothing in this room knows a kernel object. It is given bytes and a length,
 * believes neither, and hands out plain numbers and pointers into what it was
 * given. The same source is compiled in user space by the unit tests and the
 * fuzzers.
 *
 * Clause numbers refer to SRP r16a (T10/1415-D) unless said otherwise.
 */
#ifndef SRP_IU_H
#define SRP_IU_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include "srp_user.h"
#endif
#include <scsi/srp.h>

enum {
	/* The IU a target must always be able to receive, 4.5 (SRP_LOGIN_REQ). */
	SRP_MIN_IT_IU		= 64,
	/* What an SRP_RSP with response data needs, 6.9. */
	SRP_MIN_TI_IU		= 40,
	/* Opcode to tag: what every IU has, 6.1. */
	SRP_IU_HEADER		= 16,
	/* The CDB field plus the largest additional CDB, 6.8. */
	SRP_MAX_CDB		= 16 + 63 * 4,
	/* The longest descriptor table that is accepted, inline or external. */
	SRP_MAX_TABLE		= 4096,
	/* The most data that one command may move, in bytes. */
	SRP_MAX_DATA		= 16 << 20,
	/* The largest offset of immediate data that can be agreed on. */
	SRP_MAX_IMM_OFF		= 80,
};

/* Multi-channel action field of SRP_LOGIN_REQ, 6.2. */
#define SRP_LOGIN_MULTICHAN_MASK	0x03

/* SOLNT bits, 5.3: in a request what is wanted, in a response that it is given. */
enum {
	SRP_SOL_RSP		= 1 << 0,
	SRP_SOL_SUCCESS		= 1 << 1,
	SRP_SOL_FAILURE		= 1 << 2,
};

/* Response codes of SRP_RSP, 6.9. */
enum srp_rsp_code {
	SRP_RSP_NO_FAILURE		= 0x00,
	SRP_RSP_FIELDS_INVALID		= 0x02,
	SRP_RSP_TMF_NOT_SUPPORTED	= 0x04,
	SRP_RSP_TMF_FAILED		= 0x05,
};

/**
 * enum srp_fault - what was wrong with something a peer sent or asked for
 *
 * @SRP_FAULT_NONE: nothing
 * @SRP_FAULT_SHORT: fewer bytes than the fixed part has
 * @SRP_FAULT_OPCODE: not an IU that belongs here
 * @SRP_FAULT_FLAGS: reserved multi-channel action
 * @SRP_FAULT_IU_SMALL: IUs shorter than SRP_MIN_IT_IU asked for
 * @SRP_FAULT_IU_LARGE: IUs longer than the target takes asked for
 * @SRP_FAULT_FORMATS: no descriptor format in common
 * @SRP_FAULT_TARGET_ID: some other target is meant
 * @SRP_FAULT_NO_ACCESS: no ACL matches
 * @SRP_FAULT_DISABLED: nothing is enabled that would match
 * @SRP_FAULT_PKEY: the port is not in that partition
 * @SRP_FAULT_CH_LIMIT: the nexus has all the channels that it may have
 * @SRP_FAULT_OLD_CHANNEL: a channel that this login ends still has commands
 * @SRP_FAULT_RESOURCES: no memory or no queues
 * @SRP_FAULT_CDB: the CDB is longer than what came
 * @SRP_FAULT_BIDI: data in both directions
 * @SRP_FAULT_DESC_FORMAT: unknown format
 * @SRP_FAULT_DESC_COUNT: counts and table length do not fit
 * @SRP_FAULT_DESC_ZERO: an empty descriptor in a table
 * @SRP_FAULT_DESC_SUM: lengths do not add up
 * @SRP_FAULT_DESC_RANGE: an address wraps around
 * @SRP_FAULT_DATA_LONG: more than SRP_MAX_DATA
 * @SRP_FAULT_IMM_UNASKED: immediate data without agreement
 * @SRP_FAULT_IMM_RANGE: immediate data beyond what came
 * @SRP_FAULT_COUNT: how many there are
 *
 * The one vocabulary of refusals. srp_fault_name() has the words for the log,
 * srp_login_reason() the code for SRP_LOGIN_REJ.
 */
enum srp_fault {
	SRP_FAULT_NONE,
	SRP_FAULT_SHORT,
	SRP_FAULT_OPCODE,
	SRP_FAULT_FLAGS,
	SRP_FAULT_IU_SMALL,
	SRP_FAULT_IU_LARGE,
	SRP_FAULT_FORMATS,
	SRP_FAULT_TARGET_ID,
	SRP_FAULT_NO_ACCESS,
	SRP_FAULT_DISABLED,
	SRP_FAULT_PKEY,
	SRP_FAULT_CH_LIMIT,
	SRP_FAULT_OLD_CHANNEL,
	SRP_FAULT_RESOURCES,
	SRP_FAULT_CDB,
	SRP_FAULT_BIDI,
	SRP_FAULT_DESC_FORMAT,
	SRP_FAULT_DESC_COUNT,
	SRP_FAULT_DESC_ZERO,
	SRP_FAULT_DESC_SUM,
	SRP_FAULT_DESC_RANGE,
	SRP_FAULT_DATA_LONG,
	SRP_FAULT_IMM_UNASKED,
	SRP_FAULT_IMM_RANGE,
	SRP_FAULT_COUNT
};

/**
 * enum srp_login_form - the two shapes of SRP_LOGIN_REQ
 * @SRP_LOGIN_FORM_IB: the 64 bytes of 6.2, in IB/CM private data
 * @SRP_LOGIN_FORM_RDMA: the 56 bytes without the reserved fields, in RDMA/CM
 *	private data (see struct srp_login_req_rdma)
 */
enum srp_login_form {
	SRP_LOGIN_FORM_IB,
	SRP_LOGIN_FORM_RDMA,
};

/**
 * struct srp_login_info - a decoded SRP_LOGIN_REQ
 * @tag: opaque, goes back unchanged
 * @req_it_iu_len: the longest IU the initiator wants to send, in bytes
 * @buf_fmt: descriptor formats it may use, SRP_BUF_FORMAT_*
 * @imm_off: where in an SRP_CMD it would put immediate data; 0: not asked for,
 *	or at an offset that cannot be agreed on
 * @multi: it wants to keep the other channels of its nexus
 * @i_port_id: initiator port identifier
 * @t_port_id: target port identifier
 */
struct srp_login_info {
	u64 tag;
	u32 req_it_iu_len;
	u16 buf_fmt;
	u16 imm_off;
	bool multi;
	u8 i_port_id[16];
	u8 t_port_id[16];
};

/**
 * enum srp_dir - which way the data of a command goes
 * @SRP_DIR_NONE: there is none
 * @SRP_DIR_OUT: from the initiator, the target reads it
 * @SRP_DIR_IN: to the initiator, the target writes it
 */
enum srp_dir {
	SRP_DIR_NONE,
	SRP_DIR_OUT,
	SRP_DIR_IN,
};

/**
 * struct srp_desc - a memory descriptor, 6.8.2
 * @va: remote address
 * @key: R_Key
 * @len: length in bytes
 *
 * struct srp_direct_buf without the promise of alignment: in an SRP_CMD
 * descriptors come on any multiple of four bytes.
 */
struct srp_desc {
	__be64 va;
	__be32 key;
	__be32 len;
} __packed __aligned(4);

/**
 * struct srp_cmd_info - a decoded SRP_CMD
 * @tag: opaque, goes back unchanged
 * @lun: number of the logical unit
 * @cdb: the CDB, in the request
 * @cdb_len: its length in bytes, additional CDB included
 * @task_attr: task attribute field, 6.8 table 22
 * @sol_not: which outcomes want a solicited notification, SRP_SOL_*
 * @dir: where data goes
 * @data_len: how much of it, in bytes; 0 exactly if @dir is SRP_DIR_NONE
 * @desc: the data descriptors, in the request
 * @n_desc: how many of them; 0 with immediate data and with an external table
 * @table: where the initiator has the table if it is not in the request
 * @n_table: descriptors in that table; 0: nothing is to be fetched
 * @imm_off: where in the request the immediate data is; 0: there is none
 * @imm: that data, in the request
 */
struct srp_cmd_info {
	u64 tag;
	u64 lun;
	const u8 *cdb;
	u16 cdb_len;
	u8 task_attr;
	u8 sol_not;
	enum srp_dir dir;
	u32 data_len;
	const struct srp_desc *desc;
	u32 n_desc;
	struct srp_desc table;
	u32 n_table;
	u32 imm_off;
	const void *imm;
};

/**
 * struct srp_tmf_info - a decoded SRP_TSK_MGMT
 * @tag: opaque, goes back unchanged
 * @task_tag: the tag of the task that an ABORT TASK is about
 * @lun: number of the logical unit
 * @func: what is to be done, SRP_TSK_*
 * @sol_not: which outcomes want a solicited notification, SRP_SOL_*
 */
struct srp_tmf_info {
	u64 tag;
	u64 task_tag;
	u64 lun;
	u8 func;
	u8 sol_not;
};

/**
 * struct srp_rsp_info - what an SRP_RSP is to say
 * @tag: tag of the request that it answers
 * @delta: credits that it gives, REQUEST LIMIT DELTA
 * @status: SCSI status
 * @sol: answer with solicited notification
 * @dir: direction that @residual belongs to
 * @residual: bytes that were not moved (< 0) or could not be moved (> 0)
 * @sense: sense data, not looked at if @sense_len is 0
 * @sense_len: its length in bytes
 */
struct srp_rsp_info {
	u64 tag;
	u32 delta;
	u8 status;
	bool sol;
	enum srp_dir dir;
	s64 residual;
	const u8 *sense;
	u32 sense_len;
};

const char *srp_fault_name(enum srp_fault fault);
const char *srp_opcode_name(u8 opcode);
u32 srp_login_reason(enum srp_fault fault);

enum srp_fault srp_decode_login(const void *buf, u32 len,
				enum srp_login_form form, u32 max_it_iu,
				struct srp_login_info *li);
enum srp_fault srp_decode_cmd(const void *iu, u32 len, u32 imm_off,
			      struct srp_cmd_info *ci);
enum srp_fault srp_decode_tmf(const void *iu, u32 len, struct srp_tmf_info *ti);
enum srp_fault srp_check_table(const struct srp_desc *desc, u32 n, u32 total);

u32 srp_build_login_rsp(struct srp_login_rsp *rsp, u64 tag, u32 req_lim,
			u32 max_it_iu, u32 max_ti_iu, u8 flags);
u32 srp_build_login_rej(struct srp_login_rej *rej, u64 tag, u32 reason);
u32 srp_build_rsp_good(void *buf, u64 tag, u32 delta, bool sol);
u32 srp_build_rsp(void *buf, u32 size, const struct srp_rsp_info *ri);
u32 srp_build_rsp_code(void *buf, u32 size, u64 tag, u32 delta, bool sol,
		       enum srp_rsp_code code);
u32 srp_build_cred_req(void *buf, u32 size, u64 tag, u32 delta);
u32 srp_build_t_logout(void *buf, u32 size, u64 tag, u32 reason);

#endif /* SRP_IU_H */
