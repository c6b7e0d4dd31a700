/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Tracepoints: the steps of a login, the states of a channel, and all that
 * becomes of a command. Those of commands carry the number of the queue pair and
 * the tag, so that one command can be followed. Names of states and reasons are
 * those of the log and of the views; tests/docs.t compares them.
 *
 * The number of the queue pair is the channel's copy: the queue pair may be gone.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ib_srpt

#if !defined(SRPT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SRPT_TRACE_H

#include <linux/tracepoint.h>
#include <trace/misc/rdma.h>

#include "ib_srpt.h"

TRACE_DEFINE_ENUM(SRPT_CH_CONNECTING);
TRACE_DEFINE_ENUM(SRPT_CH_LIVE);
TRACE_DEFINE_ENUM(SRPT_CH_DISCONNECTING);
TRACE_DEFINE_ENUM(SRPT_CH_DRAINING);
TRACE_DEFINE_ENUM(SRPT_CH_DISCONNECTED);

#define srpt_show_ch_state(x) \
	__print_symbolic(x, \
		{ SRPT_CH_CONNECTING, "connecting" }, \
		{ SRPT_CH_LIVE, "live" }, \
		{ SRPT_CH_DISCONNECTING, "disconnecting" }, \
		{ SRPT_CH_DRAINING, "draining" }, \
		{ SRPT_CH_DISCONNECTED, "waiting-for-backstore" })

TRACE_DEFINE_ENUM(SRPT_LOGIN_REQUEST);
TRACE_DEFINE_ENUM(SRPT_LOGIN_ACCESS);
TRACE_DEFINE_ENUM(SRPT_LOGIN_QUEUES);
TRACE_DEFINE_ENUM(SRPT_LOGIN_SESSION);
TRACE_DEFINE_ENUM(SRPT_LOGIN_WAIT);
TRACE_DEFINE_ENUM(SRPT_LOGIN_REPLY);

#define srpt_show_login_step(x) \
	__print_symbolic(x, \
		{ SRPT_LOGIN_REQUEST, "request" }, \
		{ SRPT_LOGIN_ACCESS, "access" }, \
		{ SRPT_LOGIN_QUEUES, "queues" }, \
		{ SRPT_LOGIN_SESSION, "session" }, \
		{ SRPT_LOGIN_WAIT, "wait" }, \
		{ SRPT_LOGIN_REPLY, "reply" })

TRACE_DEFINE_ENUM(SRP_DIR_NONE);
TRACE_DEFINE_ENUM(SRP_DIR_OUT);
TRACE_DEFINE_ENUM(SRP_DIR_IN);

#define srpt_show_dir(x) \
	__print_symbolic(x, \
		{ SRP_DIR_NONE, "none" }, \
		{ SRP_DIR_OUT, "write" }, \
		{ SRP_DIR_IN, "read" })

TRACE_DEFINE_ENUM(SRPT_STATE_NEW);
TRACE_DEFINE_ENUM(SRPT_STATE_NEED_DATA);
TRACE_DEFINE_ENUM(SRPT_STATE_DATA_IN);
TRACE_DEFINE_ENUM(SRPT_STATE_CMD_RSP_SENT);
TRACE_DEFINE_ENUM(SRPT_STATE_MGMT);
TRACE_DEFINE_ENUM(SRPT_STATE_MGMT_RSP_SENT);
TRACE_DEFINE_ENUM(SRPT_STATE_DONE);

#define srpt_show_cmd_state(x) \
	__print_symbolic(x, \
		{ SRPT_STATE_NEW, "new" }, \
		{ SRPT_STATE_NEED_DATA, "need-data" }, \
		{ SRPT_STATE_DATA_IN, "data-in" }, \
		{ SRPT_STATE_CMD_RSP_SENT, "rsp-sent" }, \
		{ SRPT_STATE_MGMT, "mgmt" }, \
		{ SRPT_STATE_MGMT_RSP_SENT, "mgmt-rsp-sent" }, \
		{ SRPT_STATE_DONE, "done" })

TRACE_DEFINE_ENUM(SRP_FAULT_NONE);
TRACE_DEFINE_ENUM(SRP_FAULT_SHORT);
TRACE_DEFINE_ENUM(SRP_FAULT_OPCODE);
TRACE_DEFINE_ENUM(SRP_FAULT_FLAGS);
TRACE_DEFINE_ENUM(SRP_FAULT_IU_SMALL);
TRACE_DEFINE_ENUM(SRP_FAULT_IU_LARGE);
TRACE_DEFINE_ENUM(SRP_FAULT_FORMATS);
TRACE_DEFINE_ENUM(SRP_FAULT_TARGET_ID);
TRACE_DEFINE_ENUM(SRP_FAULT_NO_ACCESS);
TRACE_DEFINE_ENUM(SRP_FAULT_DISABLED);
TRACE_DEFINE_ENUM(SRP_FAULT_PKEY);
TRACE_DEFINE_ENUM(SRP_FAULT_CH_LIMIT);
TRACE_DEFINE_ENUM(SRP_FAULT_OLD_CHANNEL);
TRACE_DEFINE_ENUM(SRP_FAULT_RESOURCES);
TRACE_DEFINE_ENUM(SRP_FAULT_CDB);
TRACE_DEFINE_ENUM(SRP_FAULT_BIDI);
TRACE_DEFINE_ENUM(SRP_FAULT_DESC_FORMAT);
TRACE_DEFINE_ENUM(SRP_FAULT_DESC_COUNT);
TRACE_DEFINE_ENUM(SRP_FAULT_DESC_ZERO);
TRACE_DEFINE_ENUM(SRP_FAULT_DESC_SUM);
TRACE_DEFINE_ENUM(SRP_FAULT_DESC_RANGE);
TRACE_DEFINE_ENUM(SRP_FAULT_DATA_LONG);
TRACE_DEFINE_ENUM(SRP_FAULT_IMM_UNASKED);
TRACE_DEFINE_ENUM(SRP_FAULT_IMM_RANGE);

#define srpt_show_fault(x) \
	__print_symbolic(x, \
		{ SRP_FAULT_NONE, "no fault" }, \
		{ SRP_FAULT_SHORT, "information unit too short" }, \
		{ SRP_FAULT_OPCODE, "unexpected opcode" }, \
		{ SRP_FAULT_FLAGS, "reserved multi-channel action" }, \
		{ SRP_FAULT_IU_SMALL, "requested IU length below the minimum" }, \
		{ SRP_FAULT_IU_LARGE, "requested IU length above srp_max_req_size" }, \
		{ SRP_FAULT_FORMATS, "no data descriptor format in common" }, \
		{ SRP_FAULT_TARGET_ID, "target port identifier is not ours" }, \
		{ SRP_FAULT_NO_ACCESS, "no ACL for this initiator" }, \
		{ SRP_FAULT_DISABLED, "target port not enabled" }, \
		{ SRP_FAULT_PKEY, "port is not in the partition of the request" }, \
		{ SRP_FAULT_CH_LIMIT, "too many channels in this nexus" }, \
		{ SRP_FAULT_OLD_CHANNEL, \
		  "an earlier channel of this initiator has not ended yet" }, \
		{ SRP_FAULT_RESOURCES, "out of memory or queue pairs" }, \
		{ SRP_FAULT_CDB, "CDB longer than what was sent" }, \
		{ SRP_FAULT_BIDI, "bidirectional command" }, \
		{ SRP_FAULT_DESC_FORMAT, "unknown data descriptor format" }, \
		{ SRP_FAULT_DESC_COUNT, "descriptor counts do not fit" }, \
		{ SRP_FAULT_DESC_ZERO, "empty descriptor in a table" }, \
		{ SRP_FAULT_DESC_SUM, "descriptors do not add up to the total" }, \
		{ SRP_FAULT_DESC_RANGE, "descriptor wraps around" }, \
		{ SRP_FAULT_DATA_LONG, "more data than one command may move" }, \
		{ SRP_FAULT_IMM_UNASKED, "immediate data was not agreed on" }, \
		{ SRP_FAULT_IMM_RANGE, "immediate data not inside the IU" })

/* What an initiator asks for, SRP r16a 6.7 table 19. */
#define srpt_show_tmf(x) \
	__print_symbolic(x, \
		{ SRP_TSK_ABORT_TASK, "abort-task" }, \
		{ SRP_TSK_ABORT_TASK_SET, "abort-task-set" }, \
		{ SRP_TSK_CLEAR_TASK_SET, "clear-task-set" }, \
		{ SRP_TSK_LUN_RESET, "lun-reset" }, \
		{ SRP_TSK_CLEAR_ACA, "clear-aca" })

/* A login has come so far. */
TRACE_EVENT(srpt_login,
	TP_PROTO(const char *peer, const u8 *i_port_id, u32 qpn,
		 enum srpt_login_step step),
	TP_ARGS(peer, i_port_id, qpn, step),
	TP_STRUCT__entry(
		__array(char, peer, 64)
		__array(u8, port_id, 16)
		__field(u32, qpn)
		__field(int, step)
	),
	TP_fast_assign(
		strscpy(__entry->peer, peer, sizeof(__entry->peer));
		memcpy(__entry->port_id, i_port_id, 16);
		__entry->qpn = qpn;
		__entry->step = step;
	),
	TP_printk("peer %s port_id 0x%s qp %u step %s",
		  __entry->peer, __print_hex_str(__entry->port_id, 16),
		  __entry->qpn, srpt_show_login_step(__entry->step))
);

/* A login is refused. */
TRACE_EVENT(srpt_refused,
	TP_PROTO(const char *peer, const u8 *i_port_id, u32 port, int fault),
	TP_ARGS(peer, i_port_id, port, fault),
	TP_STRUCT__entry(
		__array(char, peer, 64)
		__array(u8, port_id, 16)
		__field(u32, port)
		__field(int, fault)
	),
	TP_fast_assign(
		strscpy(__entry->peer, peer, sizeof(__entry->peer));
		memcpy(__entry->port_id, i_port_id, 16);
		__entry->port = port;
		__entry->fault = fault;
	),
	TP_printk("peer %s port_id 0x%s port %u fault %s",
		  __entry->peer, __print_hex_str(__entry->port_id, 16),
		  __entry->port, srpt_show_fault(__entry->fault))
);

/* A channel goes on to another state. */
TRACE_EVENT(srpt_ch_state,
	TP_PROTO(const struct srpt_rdma_ch *ch, int old, int new),
	TP_ARGS(ch, old, new),
	TP_STRUCT__entry(
		__array(char, peer, 64)
		__field(u32, qpn)
		__field(int, old)
		__field(int, new)
	),
	TP_fast_assign(
		strscpy(__entry->peer, ch->peer, sizeof(__entry->peer));
		__entry->qpn = ch->qp_num;
		__entry->old = old;
		__entry->new = new;
	),
	TP_printk("peer %s qp %u %s -> %s",
		  __entry->peer, __entry->qpn,
		  srpt_show_ch_state(__entry->old),
		  srpt_show_ch_state(__entry->new))
);

/* An SRP_CMD is here. */
TRACE_EVENT(srpt_cmd,
	TP_PROTO(const struct srpt_rdma_ch *ch, const struct srp_cmd_info *ci,
		 u32 len, int fault),
	TP_ARGS(ch, ci, len, fault),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(u64, tag)
		__field(u32, len)
		__field(u64, lun)
		__field(u32, data_len)
		__field(u8, cdb0)
		__field(int, dir)
		__field(int, fault)
	),
	TP_fast_assign(
		__entry->qpn = ch->qp_num;
		__entry->tag = ci->tag;
		__entry->len = len;
		__entry->lun = ci->lun;
		__entry->data_len = ci->data_len;
		__entry->cdb0 = ci->cdb ? ci->cdb[0] : 0;
		__entry->dir = ci->dir;
		__entry->fault = fault;
	),
	TP_printk("qp %u tag 0x%llx len %u lun %llu cdb 0x%02x dir %s data %u fault %s",
		  __entry->qpn, __entry->tag, __entry->len, __entry->lun,
		  __entry->cdb0, srpt_show_dir(__entry->dir), __entry->data_len,
		  srpt_show_fault(__entry->fault))
);

/* An SRP_TSK_MGMT is here. */
TRACE_EVENT(srpt_tmf,
	TP_PROTO(const struct srpt_rdma_ch *ch, const struct srp_tmf_info *ti),
	TP_ARGS(ch, ti),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(u64, tag)
		__field(u64, task_tag)
		__field(u64, lun)
		__field(u8, func)
	),
	TP_fast_assign(
		__entry->qpn = ch->qp_num;
		__entry->tag = ti->tag;
		__entry->task_tag = ti->task_tag;
		__entry->lun = ti->lun;
		__entry->func = ti->func;
	),
	TP_printk("qp %u tag 0x%llx func %s task_tag 0x%llx lun %llu",
		  __entry->qpn, __entry->tag, srpt_show_tmf(__entry->func),
		  __entry->task_tag, __entry->lun)
);

/* A command waits for send queue entries. */
TRACE_EVENT(srpt_parked,
	TP_PROTO(const struct srpt_send_ioctx *ioctx),
	TP_ARGS(ioctx),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(u64, tag)
		__field(u32, want)
		__field(int, avail)
	),
	TP_fast_assign(
		__entry->qpn = ioctx->ch->qp_num;
		__entry->tag = ioctx->cmd.tag;
		__entry->want = ioctx->xfer.want;
		__entry->avail = atomic_read(&ioctx->ch->sq_avail);
	),
	TP_printk("qp %u tag 0x%llx want %u avail %d",
		  __entry->qpn, __entry->tag, __entry->want, __entry->avail)
);

/* A batch of work requests goes to the hardware. */
TRACE_EVENT(srpt_posted,
	TP_PROTO(const struct srpt_send_ioctx *ioctx, bool rsp),
	TP_ARGS(ioctx, rsp),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(u64, tag)
		__field(u32, wrs)
		__field(bool, rsp)
	),
	TP_fast_assign(
		__entry->qpn = ioctx->ch->qp_num;
		__entry->tag = ioctx->cmd.tag;
		__entry->wrs = ioctx->xfer.held;
		__entry->rsp = rsp;
	),
	TP_printk("qp %u tag 0x%llx wrs %u rsp %d",
		  __entry->qpn, __entry->tag, __entry->wrs, __entry->rsp)
);

/* The hardware is done with a batch. */
TRACE_EVENT(srpt_done,
	TP_PROTO(const struct srpt_send_ioctx *ioctx, int status, bool rsp),
	TP_ARGS(ioctx, status, rsp),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(u64, tag)
		__field(int, status)
		__field(bool, rsp)
	),
	TP_fast_assign(
		__entry->qpn = ioctx->ch->qp_num;
		__entry->tag = ioctx->cmd.tag;
		__entry->status = status;
		__entry->rsp = rsp;
	),
	TP_printk("qp %u tag 0x%llx status %s rsp %d",
		  __entry->qpn, __entry->tag,
		  rdma_show_wc_status(__entry->status), __entry->rsp)
);

/* A command has a SCSI status. */
TRACE_EVENT(srpt_rsp,
	TP_PROTO(const struct srpt_rdma_ch *ch, u64 tag, u8 status, u32 data),
	TP_ARGS(ch, tag, status, data),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(u64, tag)
		__field(u8, status)
		__field(u32, data)
	),
	TP_fast_assign(
		__entry->qpn = ch->qp_num;
		__entry->tag = tag;
		__entry->status = status;
		__entry->data = data;
	),
	TP_printk("qp %u tag 0x%llx status 0x%02x data %u",
		  __entry->qpn, __entry->tag, __entry->status, __entry->data)
);

/* A request is answered with a response code. */
TRACE_EVENT(srpt_answer,
	TP_PROTO(const struct srpt_send_ioctx *ioctx, u8 code),
	TP_ARGS(ioctx, code),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(u64, tag)
		__field(u8, code)
	),
	TP_fast_assign(
		__entry->qpn = ioctx->ch->qp_num;
		__entry->tag = ioctx->cmd.tag;
		__entry->code = code;
	),
	TP_printk("qp %u tag 0x%llx code 0x%02x",
		  __entry->qpn, __entry->tag, __entry->code)
);

/* A command ends without a response. */
TRACE_EVENT(srpt_aborted,
	TP_PROTO(const struct srpt_send_ioctx *ioctx),
	TP_ARGS(ioctx),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(u64, tag)
		__field(int, state)
	),
	TP_fast_assign(
		__entry->qpn = ioctx->ch->qp_num;
		__entry->tag = ioctx->cmd.tag;
		__entry->state = ioctx->state;
	),
	TP_printk("qp %u tag 0x%llx state %s",
		  __entry->qpn, __entry->tag,
		  srpt_show_cmd_state(__entry->state))
);

/* A work request has failed. */
TRACE_EVENT(srpt_wc_error,
	TP_PROTO(const struct srpt_rdma_ch *ch, const struct ib_wc *wc),
	TP_ARGS(ch, wc),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(int, status)
		__field(u32, vendor_err)
	),
	TP_fast_assign(
		__entry->qpn = ch->qp_num;
		__entry->status = wc->status;
		__entry->vendor_err = wc->vendor_err;
	),
	TP_printk("qp %u status %s vendor_err 0x%x",
		  __entry->qpn, rdma_show_wc_status(__entry->status),
		  __entry->vendor_err)
);

/* Credits are given to the initiator. */
TRACE_EVENT(srpt_credits,
	TP_PROTO(const struct srpt_rdma_ch *ch, u32 delta),
	TP_ARGS(ch, delta),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(u32, delta)
		__field(int, req_lim)
	),
	TP_fast_assign(
		__entry->qpn = ch->qp_num;
		__entry->delta = delta;
		__entry->req_lim = atomic_read(&ch->req_lim);
	),
	TP_printk("qp %u delta %u req_lim %d",
		  __entry->qpn, __entry->delta, __entry->req_lim)
);

#endif /* SRPT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE srpt_trace
#include <trace/define_trace.h>
