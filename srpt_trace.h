/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Tracepoints: a request's way in, its answer's way out, and the states of a
 * channel. They carry the number of the queue pair and the tag, so that the
 * events of a command can be put together.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ib_srpt

#if !defined(SRPT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SRPT_TRACE_H

#include <linux/tracepoint.h>

#include "ib_srpt.h"

TRACE_EVENT(srpt_cmd,
	TP_PROTO(const struct srpt_rdma_ch *ch, const struct srp_cmd_info *ci,
		 u32 len, int fault),
	TP_ARGS(ch, ci, len, fault),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(u64, tag)
		__field(u32, len)
		__field(u32, data_len)
		__field(u8, cdb0)
		__field(u8, dir)
		__field(int, fault)
	),
	TP_fast_assign(
		__entry->qpn = ch->qp->qp_num;
		__entry->tag = ci->tag;
		__entry->len = len;
		__entry->data_len = ci->data_len;
		__entry->cdb0 = ci->cdb ? ci->cdb[0] : 0;
		__entry->dir = ci->dir;
		__entry->fault = fault;
	),
	TP_printk("qp %u tag 0x%llx len %u cdb 0x%02x dir %u data %u fault %d",
		  __entry->qpn, __entry->tag, __entry->len, __entry->cdb0,
		  __entry->dir, __entry->data_len, __entry->fault)
);

TRACE_EVENT(srpt_rsp,
	TP_PROTO(const struct srpt_rdma_ch *ch, u64 tag, u8 status, u32 data),
	TP_ARGS(ch, tag, status, data),
	TP_STRUCT__entry(
		__field(const void *, ch)
		__field(u64, tag)
		__field(u8, status)
		__field(u32, data)
	),
	TP_fast_assign(
		/* the queue pair may be gone by now */
		__entry->ch = ch;
		__entry->tag = tag;
		__entry->status = status;
		__entry->data = data;
	),
	TP_printk("ch %p tag 0x%llx status 0x%02x data %u", __entry->ch,
		  __entry->tag, __entry->status, __entry->data)
);

TRACE_EVENT(srpt_ch_state,
	TP_PROTO(const struct srpt_rdma_ch *ch, int old, int new),
	TP_ARGS(ch, old, new),
	TP_STRUCT__entry(
		__field(const void *, ch)
		__field(int, old)
		__field(int, new)
	),
	TP_fast_assign(
		__entry->ch = ch;
		__entry->old = old;
		__entry->new = new;
	),
	TP_printk("ch %p %d -> %d", __entry->ch, __entry->old, __entry->new)
);

#endif /* SRPT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE srpt_trace
#include <trace/define_trace.h>
