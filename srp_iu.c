// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * SRP information units: checked decoding and building (see srp_iu.h).
 *
 * Every decoder works the same way. It first asks whether the fixed part was
 * received at all, then walks the variable part with the number of bytes that
 * are left, and takes nothing on trust: counts are compared with the bytes
 * that would hold them, sums are made in 64 bits, and what is handed out
 * points only at bytes that were received.
 */
#ifdef __KERNEL__
#include <linux/kernel.h>
#include <linux/string.h>
#include <scsi/scsi_proto.h>
#include "srpt_compat.h"
#endif
#include "srp_iu.h"

/*
 * Requests as they lie in a receive buffer: behind them immediate data begins
 * on a page, so that the request itself is on a multiple of four bytes only.
 */
struct srp_cmd_iu {
	struct srp_cmd cmd;
} __packed __aligned(4);

struct srp_tmf_iu {
	struct srp_tsk_mgmt tmf;
} __packed __aligned(4);

/* A refusal: the words for the log, and the reason for SRP_LOGIN_REJ, 6.4. */
static const struct {
	const char *name;
	u32 reason;
} srp_faults[SRP_FAULT_COUNT] = {
	[SRP_FAULT_NONE] = { "no fault", 0 },
	[SRP_FAULT_SHORT] = { "information unit too short",
		SRP_LOGIN_REJ_UNABLE_ESTABLISH_CHANNEL },
	[SRP_FAULT_OPCODE] = { "unexpected opcode",
		SRP_LOGIN_REJ_UNABLE_ESTABLISH_CHANNEL },
	[SRP_FAULT_FLAGS] = { "reserved multi-channel action",
		SRP_LOGIN_REJ_UNABLE_ESTABLISH_CHANNEL },
	[SRP_FAULT_IU_SMALL] = { "requested IU length below the minimum",
		SRP_LOGIN_REJ_UNABLE_ESTABLISH_CHANNEL },
	[SRP_FAULT_IU_LARGE] = { "requested IU length above srp_max_req_size",
		SRP_LOGIN_REJ_REQ_IT_IU_LENGTH_TOO_LARGE },
	[SRP_FAULT_FORMATS] = { "no data descriptor format in common",
		SRP_LOGIN_REJ_UNSUPPORTED_DESCRIPTOR_FMT },
	[SRP_FAULT_TARGET_ID] = { "target port identifier is not ours",
		SRP_LOGIN_REJ_UNABLE_ASSOCIATE_CHANNEL },
	[SRP_FAULT_NO_ACCESS] = { "no ACL for this initiator",
		SRP_LOGIN_REJ_UNABLE_ASSOCIATE_CHANNEL },
	[SRP_FAULT_DISABLED] = { "target port not enabled",
		SRP_LOGIN_REJ_UNABLE_ESTABLISH_CHANNEL },
	[SRP_FAULT_PKEY] = { "port is not in the partition of the request",
		SRP_LOGIN_REJ_UNABLE_ESTABLISH_CHANNEL },
	[SRP_FAULT_CH_LIMIT] = { "too many channels in this nexus",
		SRP_LOGIN_REJ_CHANNEL_LIMIT_REACHED },
	[SRP_FAULT_OLD_CHANNEL] = { "an earlier channel of this initiator has not ended yet",
		SRP_LOGIN_REJ_INSUFFICIENT_RESOURCES },
	[SRP_FAULT_RESOURCES] = { "out of memory or queue pairs",
		SRP_LOGIN_REJ_INSUFFICIENT_RESOURCES },
	[SRP_FAULT_CDB] = { "CDB longer than what was sent", 0 },
	[SRP_FAULT_BIDI] = { "bidirectional command", 0 },
	[SRP_FAULT_DESC_FORMAT] = { "unknown data descriptor format", 0 },
	[SRP_FAULT_DESC_COUNT] = { "descriptor counts do not fit", 0 },
	[SRP_FAULT_DESC_ZERO] = { "empty descriptor in a table", 0 },
	[SRP_FAULT_DESC_SUM] = { "descriptors do not add up to the total", 0 },
	[SRP_FAULT_DESC_RANGE] = { "descriptor wraps around", 0 },
	[SRP_FAULT_DATA_LONG] = { "more data than one command may move", 0 },
	[SRP_FAULT_IMM_UNASKED] = { "immediate data was not agreed on", 0 },
	[SRP_FAULT_IMM_RANGE] = { "immediate data not inside the IU", 0 },
};

/**
 * srp_fault_name - the words for a fault
 * @fault: what srp_decode_*() returned
 *
 * Return: a string constant for logs and traces.
 */
const char *srp_fault_name(enum srp_fault fault)
{
	return fault < SRP_FAULT_COUNT ? srp_faults[fault].name : "unknown";
}

/**
 * srp_login_reason - the reject reason for a fault, 6.4 table 17
 * @fault: why a login is refused
 *
 * The only place where refusals of a login get their number on the wire.
 *
 * Return: the REASON field of SRP_LOGIN_REJ in host order.
 */
u32 srp_login_reason(enum srp_fault fault)
{
	u32 reason = fault < SRP_FAULT_COUNT ? srp_faults[fault].reason : 0;

	return reason ?: SRP_LOGIN_REJ_UNABLE_ESTABLISH_CHANNEL;
}

/**
 * srp_opcode_name - the name of an information unit
 * @opcode: its first byte
 *
 * Return: a string constant for logs and traces.
 */
const char *srp_opcode_name(u8 opcode)
{
	switch (opcode) {
	case SRP_LOGIN_REQ:	return "SRP_LOGIN_REQ";
	case SRP_TSK_MGMT:	return "SRP_TSK_MGMT";
	case SRP_CMD:		return "SRP_CMD";
	case SRP_I_LOGOUT:	return "SRP_I_LOGOUT";
	case SRP_LOGIN_RSP:	return "SRP_LOGIN_RSP";
	case SRP_RSP:		return "SRP_RSP";
	case SRP_LOGIN_REJ:	return "SRP_LOGIN_REJ";
	case SRP_T_LOGOUT:	return "SRP_T_LOGOUT";
	case SRP_CRED_REQ:	return "SRP_CRED_REQ";
	case SRP_AER_REQ:	return "SRP_AER_REQ";
	case SRP_CRED_RSP:	return "SRP_CRED_RSP";
	case SRP_AER_RSP:	return "SRP_AER_RSP";
	default:		return "unknown IU";
	}
}

/* Copies the fields of either form; returns the opcode that it found. */
static u8 srp_take_login_ib(const struct srp_login_req *req, u8 *flags,
			    struct srp_login_info *li)
{
	li->tag = req->tag;
	li->req_it_iu_len = be32_to_cpu(req->req_it_iu_len);
	li->buf_fmt = be16_to_cpu(req->req_buf_fmt);
	li->imm_off = be16_to_cpu(req->imm_data_offset);
	memcpy(li->i_port_id, req->initiator_port_id, 16);
	memcpy(li->t_port_id, req->target_port_id, 16);
	*flags = req->req_flags;
	return req->opcode;
}

static u8 srp_take_login_rdma(const struct srp_login_req_rdma *req, u8 *flags,
			      struct srp_login_info *li)
{
	li->tag = req->tag;
	li->req_it_iu_len = be32_to_cpu(req->req_it_iu_len);
	li->buf_fmt = be16_to_cpu(req->req_buf_fmt);
	li->imm_off = be16_to_cpu(req->imm_data_offset);
	memcpy(li->i_port_id, req->initiator_port_id, 16);
	memcpy(li->t_port_id, req->target_port_id, 16);
	*flags = req->req_flags;
	return req->opcode;
}

/* Is this an offset at which immediate data can be taken? */
static bool srp_imm_off_ok(u32 off)
{
	return off >= sizeof(struct srp_cmd) + sizeof(struct srp_imm_buf) &&
	       off <= SRP_MAX_IMM_OFF && !(off % 4);
}

/**
 * srp_decode_login - check and decode an SRP_LOGIN_REQ, 6.2
 * @buf: private data of the connection request, 8-byte aligned
 * @len: its length in bytes
 * @form: which of the two layouts it has
 * @max_it_iu: the longest IU that this target accepts, in bytes
 * @li: what was found; the tag is valid after every fault but SRP_FAULT_SHORT
 *
 * Who asks, and for which target, is not judged here. Immediate data at an
 * offset that is no good is not a fault: it is just not agreed to.
 *
 * Context: any.
 * Return: SRP_FAULT_NONE or what is wrong.
 */
enum srp_fault srp_decode_login(const void *buf, u32 len,
				enum srp_login_form form, u32 max_it_iu,
				struct srp_login_info *li)
{
	u8 opcode, flags;

	memset(li, 0, sizeof(*li));
	if (form == SRP_LOGIN_FORM_IB) {
		if (len < sizeof(struct srp_login_req))
			return SRP_FAULT_SHORT;
		opcode = srp_take_login_ib(buf, &flags, li);
	} else {
		if (len < sizeof(struct srp_login_req_rdma))
			return SRP_FAULT_SHORT;
		opcode = srp_take_login_rdma(buf, &flags, li);
	}
	if (!(flags & SRP_IMMED_REQUESTED) || !srp_imm_off_ok(li->imm_off))
		li->imm_off = 0;
	li->multi = (flags & SRP_LOGIN_MULTICHAN_MASK) == SRP_MULTICHAN_MULTI;

	if (opcode != SRP_LOGIN_REQ)
		return SRP_FAULT_OPCODE;
	if ((flags & SRP_LOGIN_MULTICHAN_MASK) > SRP_MULTICHAN_MULTI)
		return SRP_FAULT_FLAGS;
	if (li->req_it_iu_len < SRP_MIN_IT_IU)
		return SRP_FAULT_IU_SMALL;
	if (li->req_it_iu_len > max_it_iu)
		return SRP_FAULT_IU_LARGE;
	if (!(li->buf_fmt & (SRP_BUF_FORMAT_DIRECT | SRP_BUF_FORMAT_INDIRECT)))
		return SRP_FAULT_FORMATS;
	return SRP_FAULT_NONE;
}

/**
 * srp_check_table - do descriptors make sense together?
 * @desc: memory descriptors
 * @n: how many
 * @total: the length in bytes that they were announced to have together
 *
 * Context: any; a completion may call this for a table that was fetched.
 * Return: SRP_FAULT_NONE or what is wrong.
 */
enum srp_fault srp_check_table(const struct srp_desc *desc, u32 n, u32 total)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < n; i++) {
		u64 va = be64_to_cpu(desc[i].va);
		u32 len = be32_to_cpu(desc[i].len);

		if (!len)
			return SRP_FAULT_DESC_ZERO;
		if (va + len < va)
			return SRP_FAULT_DESC_RANGE;
		sum += len;
	}
	return sum == total ? SRP_FAULT_NONE : SRP_FAULT_DESC_SUM;
}

/* One descriptor after the CDB, 6.8.2. A length of 0 means: no data. */
static enum srp_fault srp_decode_direct(const u8 *p, u32 left,
					struct srp_cmd_info *ci)
{
	const struct srp_desc *desc = (const void *)p;

	if (left < sizeof(*desc))
		return SRP_FAULT_SHORT;
	ci->data_len = be32_to_cpu(desc->len);
	if (!ci->data_len)
		return SRP_FAULT_NONE;
	ci->desc = desc;
	ci->n_desc = 1;
	return srp_check_table(desc, 1, ci->data_len);
}

/*
 * A table, 6.8.3: its own descriptor, the total, and the first @count entries.
 * If the request holds fewer than the table has, all of it must be fetched.
 */
static enum srp_fault srp_decode_indirect(const u8 *p, u32 left, u32 count,
					  struct srp_cmd_info *ci)
{
	const u32 fixed = sizeof(struct srp_indirect_buf);
	const struct srp_indirect_buf *ind = (const void *)p;
	/* the structure's own member promises more alignment than there is */
	const struct srp_desc *table = (const void *)p;
	u32 table_len, entries;

	if (left < fixed)
		return SRP_FAULT_SHORT;
	table_len = be32_to_cpu(table->len);
	entries = table_len / sizeof(struct srp_desc);
	ci->data_len = get_unaligned_be32(&ind->len);

	if (count > (left - fixed) / sizeof(struct srp_desc))
		return SRP_FAULT_SHORT;
	if (table_len % sizeof(struct srp_desc) || count > entries ||
	    entries > SRP_MAX_TABLE)
		return SRP_FAULT_DESC_COUNT;
	if (!entries)
		return ci->data_len ? SRP_FAULT_DESC_SUM : SRP_FAULT_NONE;
	if (!ci->data_len)
		return SRP_FAULT_DESC_ZERO;

	if (count == entries) {
		ci->desc = (const void *)ind->desc_list;
		ci->n_desc = count;
		return srp_check_table(ci->desc, count, ci->data_len);
	}
	ci->table = *table;
	ci->n_table = entries;
	return srp_check_table(&ci->table, 1, table_len);
}

/* The data itself at the agreed offset of the IU, SRP-2 immediate data. */
static enum srp_fault srp_decode_imm(const u8 *p, u32 left, u32 at, u32 len,
				     u32 imm_off, struct srp_cmd_info *ci)
{
	const struct srp_imm_buf *imm = (const void *)p;

	if (!imm_off)
		return SRP_FAULT_IMM_UNASKED;
	if (left < sizeof(*imm))
		return SRP_FAULT_SHORT;
	ci->data_len = get_unaligned_be32(&imm->len);
	if (at + sizeof(*imm) > imm_off)
		return SRP_FAULT_IMM_RANGE;
	if (imm_off > len || ci->data_len > len - imm_off)
		return SRP_FAULT_IMM_RANGE;
	if (ci->data_len) {
		ci->imm_off = imm_off;
		ci->imm = p - at + imm_off;
	}
	return SRP_FAULT_NONE;
}

/* Dispatches on the format of the one direction that is in use. */
static enum srp_fault srp_decode_data(const struct srp_cmd_iu *req, u32 at,
				      u32 len, u32 imm_off,
				      struct srp_cmd_info *ci)
{
	const u8 *p = (const u8 *)req + at;
	u8 out = req->cmd.buf_fmt >> 4, in = req->cmd.buf_fmt & 0xf;
	u32 count = out ? req->cmd.data_out_desc_cnt :
			  req->cmd.data_in_desc_cnt;

	if (out && in)
		return SRP_FAULT_BIDI;
	if (!out && !in)
		return SRP_FAULT_NONE;
	ci->dir = out ? SRP_DIR_OUT : SRP_DIR_IN;

	switch (out | in) {
	case SRP_DATA_DESC_DIRECT:
		return srp_decode_direct(p, len - at, ci);
	case SRP_DATA_DESC_INDIRECT:
		return srp_decode_indirect(p, len - at, count, ci);
	case SRP_DATA_DESC_IMM:
		if (in)
			return SRP_FAULT_DESC_FORMAT;
		return srp_decode_imm(p, len - at, at, len, imm_off, ci);
	default:
		return SRP_FAULT_DESC_FORMAT;
	}
}

/* A variable-length CDB, SPC-4 4.2.3, says itself how long it is. */
static bool srp_cdb_fits(const struct srp_cmd_info *ci)
{
	return ci->cdb[0] != VARIABLE_LENGTH_CMD ||
	       8 + ci->cdb[7] <= ci->cdb_len;
}

/*
 * The number of a logical unit, as scsilun_to_int() makes it, except that the
 * flat space form of a single level (method 01b) is the number in it: SAM-5 4.7
 * has both forms for the same unit, and initiators use either.
 */
static u64 srp_lun_number(const u8 *lun)
{
	u64 levels = get_unaligned_be64(lun), number;

	/* the first of four levels, as it stands in 16 bits, is the lowest */
	number = levels >> 48;
	if (levels << 16)
		number |= (levels >> 16 & 0xffff0000) |
			  (levels & 0xffff0000) << 16 | levels << 48;
	return number >> 14 == 1 ? number & 0x3fff : number;
}

/**
 * srp_decode_cmd - check and decode an SRP_CMD, 6.8
 * @iu: the request, 4-byte aligned; only @len bytes of it are looked at
 * @len: bytes received
 * @imm_off: offset of immediate data that the login agreed on, or 0
 * @ci: all zero; what was found, pointing into @iu; the tag is valid whenever
 *	@len is at least SRP_IU_HEADER
 *
 * Context: any; called for each command from the receive completion.
 * Return: SRP_FAULT_NONE or what is wrong.
 */
enum srp_fault srp_decode_cmd(const void *iu, u32 len, u32 imm_off,
			      struct srp_cmd_info *ci)
{
	const struct srp_cmd_iu *req = iu;
	enum srp_fault fault;
	u32 add;

	if (len >= SRP_IU_HEADER)
		ci->tag = req->cmd.tag;
	if (len < sizeof(*req))
		return SRP_FAULT_SHORT;

	add = req->cmd.add_cdb_len & ~3;
	if (add > len - sizeof(*req))
		return SRP_FAULT_CDB;
	ci->lun = srp_lun_number(req->cmd.lun.scsi_lun);
	ci->cdb = req->cmd.cdb;
	ci->cdb_len = sizeof(req->cmd.cdb) + add;
	ci->task_attr = req->cmd.task_attr & 7;
	ci->sol_not = req->cmd.sol_not;
	if (!srp_cdb_fits(ci))
		return SRP_FAULT_CDB;

	fault = srp_decode_data(req, sizeof(*req) + add, len, imm_off, ci);
	if (fault)
		return fault;
	if (ci->data_len > SRP_MAX_DATA)
		return SRP_FAULT_DATA_LONG;
	if (!ci->data_len)
		ci->dir = SRP_DIR_NONE;
	return SRP_FAULT_NONE;
}

/**
 * srp_decode_tmf - check and decode an SRP_TSK_MGMT, 6.7
 * @iu: the request, 4-byte aligned
 * @len: bytes received
 * @ti: what was found; the tag is valid whenever @len is at least
 *	SRP_IU_HEADER
 *
 * Which functions are supported is for the caller to say.
 *
 * Context: any.
 * Return: SRP_FAULT_NONE or SRP_FAULT_SHORT.
 */
enum srp_fault srp_decode_tmf(const void *iu, u32 len, struct srp_tmf_info *ti)
{
	const struct srp_tmf_iu *req = iu;

	memset(ti, 0, sizeof(*ti));
	if (len >= SRP_IU_HEADER)
		ti->tag = req->tmf.tag;
	if (len < sizeof(*req))
		return SRP_FAULT_SHORT;
	ti->task_tag = req->tmf.task_tag;
	ti->lun = srp_lun_number(req->tmf.lun.scsi_lun);
	ti->func = req->tmf.tsk_mgmt_func;
	ti->sol_not = req->tmf.sol_not;
	return SRP_FAULT_NONE;
}

/**
 * srp_build_login_rsp - write an SRP_LOGIN_RSP, 6.3
 * @rsp: where
 * @tag: tag of the login request
 * @req_lim: requests that the initiator may have outstanding
 * @max_it_iu: the longest IU that it may send, in bytes
 * @max_ti_iu: the longest IU that it will get, in bytes
 * @flags: SRP_LOGIN_RSP_*
 *
 * Return: the length in bytes.
 */
u32 srp_build_login_rsp(struct srp_login_rsp *rsp, u64 tag, u32 req_lim,
			u32 max_it_iu, u32 max_ti_iu, u8 flags)
{
	memset(rsp, 0, sizeof(*rsp));
	rsp->opcode = SRP_LOGIN_RSP;
	rsp->req_lim_delta = cpu_to_be32(req_lim);
	rsp->tag = tag;
	rsp->max_it_iu_len = cpu_to_be32(max_it_iu);
	rsp->max_ti_iu_len = cpu_to_be32(max_ti_iu);
	rsp->buf_fmt = cpu_to_be16(SRP_BUF_FORMAT_DIRECT |
				   SRP_BUF_FORMAT_INDIRECT);
	rsp->rsp_flags = flags;
	return sizeof(*rsp);
}

/**
 * srp_build_login_rej - write an SRP_LOGIN_REJ, 6.4
 * @rej: where
 * @tag: tag of the login request
 * @reason: from srp_login_reason()
 *
 * Return: the length in bytes.
 */
u32 srp_build_login_rej(struct srp_login_rej *rej, u64 tag, u32 reason)
{
	memset(rej, 0, sizeof(*rej));
	rej->opcode = SRP_LOGIN_REJ;
	rej->reason = cpu_to_be32(reason);
	rej->tag = tag;
	rej->buf_fmt = cpu_to_be16(SRP_BUF_FORMAT_DIRECT |
				   SRP_BUF_FORMAT_INDIRECT);
	return sizeof(*rej);
}

/* The fixed part of an SRP_RSP, every byte of it written. */
static void srp_start_rsp(struct srp_rsp *rsp, u64 tag, u32 delta, bool sol)
{
	memset(rsp, 0, sizeof(*rsp));
	rsp->opcode = SRP_RSP;
	rsp->sol_not = sol ? SRP_SOL_RSP : 0;
	rsp->req_lim_delta = cpu_to_be32(delta);
	rsp->tag = tag;
}

/**
 * srp_build_rsp_good - write an SRP_RSP that says GOOD, and nothing else, 6.9
 * @buf: where; SRP_MIN_TI_IU bytes at least
 * @tag: tag of the request
 * @delta: credits that it gives
 * @sol: answer with solicited notification
 *
 * Return: the length in bytes.
 */
u32 srp_build_rsp_good(void *buf, u64 tag, u32 delta, bool sol)
{
	srp_start_rsp(buf, tag, delta, sol);
	return sizeof(struct srp_rsp);
}

/* Residual counts, 6.9: over- and underflow have a flag a direction. */
static void srp_set_residual(struct srp_rsp *rsp, const struct srp_rsp_info *ri)
{
	u32 count = ri->residual < 0 ? -ri->residual : ri->residual;
	bool over = ri->residual > 0;

	if (!count)
		return;
	if (ri->dir == SRP_DIR_OUT) {
		rsp->flags |= over ? SRP_RSP_FLAG_DOOVER : SRP_RSP_FLAG_DOUNDER;
		rsp->data_out_res_cnt = cpu_to_be32(count);
	} else if (ri->dir == SRP_DIR_IN) {
		rsp->flags |= over ? SRP_RSP_FLAG_DIOVER : SRP_RSP_FLAG_DIUNDER;
		rsp->data_in_res_cnt = cpu_to_be32(count);
	}
}

/**
 * srp_build_rsp - write an SRP_RSP that carries a SCSI status, 6.9
 * @buf: where
 * @size: bytes that fit there and that the initiator can take; at least
 *	SRP_MIN_TI_IU
 * @ri: what to say
 *
 * Sense data that does not fit is cut: its length is a multiple of four then,
 * and the fixed-format fields that initiators act on are in the first 18.
 *
 * Return: the length in bytes, at most @size.
 */
u32 srp_build_rsp(void *buf, u32 size, const struct srp_rsp_info *ri)
{
	struct srp_rsp *rsp = buf;
	u32 room = (size - sizeof(*rsp)) & ~3;
	u32 sense_len = ri->sense_len < room ? ri->sense_len : room;

	srp_start_rsp(rsp, ri->tag, ri->delta, ri->sol);
	rsp->status = ri->status;
	srp_set_residual(rsp, ri);
	if (sense_len) {
		rsp->flags |= SRP_RSP_FLAG_SNSVALID;
		rsp->sense_data_len = cpu_to_be32(sense_len);
		memcpy(rsp->data, ri->sense, sense_len);
	}
	return sizeof(*rsp) + sense_len;
}

/**
 * srp_build_rsp_code - write an SRP_RSP that carries a response code, 6.9
 * @buf: where
 * @size: bytes that fit there
 * @tag: tag of the request
 * @delta: credits that it gives
 * @sol: answer with solicited notification
 * @code: how the request ended
 *
 * Return: the length in bytes, or 0 if @size is below SRP_MIN_TI_IU.
 */
u32 srp_build_rsp_code(void *buf, u32 size, u64 tag, u32 delta, bool sol,
		       enum srp_rsp_code code)
{
	struct srp_rsp *rsp = buf;

	if (size < SRP_MIN_TI_IU)
		return 0;
	srp_start_rsp(rsp, tag, delta, sol);
	rsp->flags = SRP_RSP_FLAG_RSPVALID;
	rsp->resp_data_len = cpu_to_be32(4);
	memset(rsp->data, 0, 3);
	rsp->data[3] = code;
	return sizeof(*rsp) + 4;
}

/**
 * srp_build_cred_req - write an SRP_CRED_REQ, 6.10
 * @buf: where
 * @size: bytes that fit there
 * @tag: comes back in the SRP_CRED_RSP
 * @delta: credits that it gives
 *
 * Return: the length in bytes, or 0 if @size is too small.
 */
u32 srp_build_cred_req(void *buf, u32 size, u64 tag, u32 delta)
{
	struct srp_cred_req *req = buf;

	if (size < sizeof(*req))
		return 0;
	memset(req, 0, sizeof(*req));
	req->opcode = SRP_CRED_REQ;
	req->req_lim_delta = cpu_to_be32(delta);
	req->tag = tag;
	return sizeof(*req);
}

/**
 * srp_build_t_logout - write an SRP_T_LOGOUT, 6.6
 * @buf: where
 * @size: bytes that fit there
 * @tag: not answered, for traces
 * @reason: why the target ends the channel, 6.6 table 20
 *
 * Return: the length in bytes, or 0 if @size is too small.
 */
u32 srp_build_t_logout(void *buf, u32 size, u64 tag, u32 reason)
{
	struct srp_t_logout *out = buf;

	if (size < sizeof(*out))
		return 0;
	memset(out, 0, sizeof(*out));
	out->opcode = SRP_T_LOGOUT;
	out->reason = cpu_to_be32(reason);
	out->tag = tag;
	return sizeof(*out);
}
