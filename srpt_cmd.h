/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * A command, from its request to its response, and the movement of its data.
 * Part of ib_srpt.h.
 */
#ifndef SRPT_CMD_H
#define SRPT_CMD_H

#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

#include <rdma/ib_verbs.h>
#include <rdma/rw.h>

#include <target/target_core_base.h>

#include "srp_iu.h"
#include "srpt_pool.h"

/* Data descriptors that a command holds without its request. */
#define SRPT_INLINE_DESC	2

struct srpt_rdma_ch;
struct srpt_store;
struct srpt_send_ioctx;

/**
 * enum srpt_command_state - who owns a command
 * @SRPT_STATE_NEW: LIO has it, or is about to get it
 * @SRPT_STATE_NEED_DATA: the hardware fetches data for it, or it is parked
 * @SRPT_STATE_DATA_IN: LIO has it, with all of its data
 * @SRPT_STATE_CMD_RSP_SENT: the hardware has its response, or it is parked, or
 *	waits to be sent
 * @SRPT_STATE_MGMT: LIO has it; it is a task management function
 * @SRPT_STATE_MGMT_RSP_SENT: the hardware has the answer to one
 * @SRPT_STATE_DONE: on the way to the free list, or there
 */
enum srpt_command_state {
	SRPT_STATE_NEW,
	SRPT_STATE_NEED_DATA,
	SRPT_STATE_DATA_IN,
	SRPT_STATE_CMD_RSP_SENT,
	SRPT_STATE_MGMT,
	SRPT_STATE_MGMT_RSP_SENT,
	SRPT_STATE_DONE,
};

/**
 * struct srpt_rw_seg - what one rdma_rw context moves, see struct srpt_rdma_ch
 * @rw: its work requests
 * @sg: local memory
 * @sg_cnt: entries of @sg
 * @key: R_Key, host order
 * @va: remote address, host order
 */
struct srpt_rw_seg {
	struct rdma_rw_ctx rw;
	struct scatterlist *sg;
	u32 sg_cnt;
	u32 key;
	u64 va;
};

/**
 * struct srpt_own_wr - a work request that moves what is in the page of a command
 * @wr: the RDMA WRITE
 * @sge: the data
 */
struct srpt_own_wr {
	struct ib_rdma_wr wr;
	struct ib_sge sge;
};

/**
 * struct srpt_xfer - movement of the data of one command
 * @segs: all of it; &@seg if there is one
 * @seg: the common case needs no allocation
 * @own: instead of that: there are no segments then
 * @one: nor does what is in one piece: less than an entry of the command's
 *	memory, a descriptor table, immediate data; always a list of one
 * @slices: scatterlist of the segments if those do not fall on entries of
 *	the command's own
 * @n_segs: how many segments
 * @first: first segment of the batch that is prepared or posted
 * @next: first segment behind it
 * @wrs: work requests of the batch
 * @want: entries that it waits for, as far as is known
 * @held: send queue entries that the batch holds; 0: it is not posted
 * @dir: DMA_FROM_DEVICE: RDMA READ, DMA_TO_DEVICE: RDMA WRITE
 * @len: bytes to move
 * @done: called once with 0 when data has been read, or with -errno when
 *	it could not be moved; not called when the response left behind it
 *
 * Belongs to whoever owns the command.
 */
struct srpt_xfer {
	struct srpt_rw_seg *segs;
	union {
		struct srpt_rw_seg seg;
		struct srpt_own_wr own;
	};
	struct scatterlist one;
	struct scatterlist *slices;
	u32 n_segs;
	u32 first;
	u32 next;
	u32 wrs;
	u32 want;
	u32 held;
	enum dma_data_direction dir;
	u32 len;
	void (*done)(struct srpt_send_ioctx *ioctx, int err);
};

/**
 * struct srpt_send_ioctx - a command, from its request to its response
 * @ioctx: response buffer; @ioctx.cqe is for the response
 * @ch: channel that it came in through and that its answer leaves by
 * @store: what it reaches its backstore through, counted; NULL: none yet
 * @state: owner, see enum srpt_command_state; changed atomically
 * @free: on the free list of @ch; or on its @rsp_list
 * @park: on the parked list of @ch, under its lock; a task management function
 *	on the list of held answers
 * @epoch: task management functions that were older, see srpt_tmf.c
 * @since: jiffies when it was taken
 * @timed: when it came in, if it is one that is timed; else 0
 * @rdma_cqe: completion callback of a batch of data
 * @send_wr: the response
 * @send_sge: likewise
 * @rsp_len: length of the response in bytes; 0: not built yet
 * @imm_off: where in @recv data is that must be copied to LIO's memory; 0: none
 * @recv: request that is kept, because its descriptors or data are in use
 * @sess_ch: channel whose session a task management function runs in, if that
 *	is not @ch
 * @core: LIO has seen it; otherwise it is only an answer
 * @with_data: the response comes behind data
 * @used: it has been taken since the last srpt_trim_cmds()
 * @lent: LIO has @page for its data
 * @sol_not: notification that the request wants, SRP_SOL_*
 * @desc: data descriptors: @inline_desc, inside @recv, or @table
 * @inline_desc: a copy of few of them, so that the request can go; or where the
 *	initiator keeps the @n_table that must be fetched
 * @data_len: bytes that they cover
 * @n_table: how many must be fetched; 0: none
 * @table: what was fetched, or copied from the request: descriptors, or
 *	immediate data
 * @page: for the data of a short read, see srpt_lend_page(); mapped for the
 *	device as long as the command is, or NULL
 * @page_dma: its bus address
 * @xfer: movement of data
 * @sense_data: written by LIO
 * @cmd: LIO's view
 */
struct srpt_send_ioctx {
	struct srpt_ioctx ioctx;
	struct srpt_rdma_ch *ch;
	struct srpt_store *store;
	u32 epoch;
	u32 since;
	ktime_t timed;
	enum srpt_command_state state;
	struct llist_node free;
	struct list_head park;
	struct ib_cqe rdma_cqe;
	struct ib_send_wr send_wr;
	struct ib_sge send_sge;
	u32 rsp_len;
	u32 imm_off;
	struct srpt_recv_ioctx *recv;
	struct srpt_rdma_ch *sess_ch;
	bool core;
	bool with_data;
	bool used;
	bool lent;
	u8 sol_not;
	const struct srp_desc *desc;
	struct srp_desc inline_desc[SRPT_INLINE_DESC];
	u32 data_len;
	u32 n_table;
	struct srp_desc *table;
	struct page *page;
	dma_addr_t page_dma;
	struct srpt_xfer xfer;
	u8 sense_data[TRANSPORT_SENSE_BUFFER];
	struct se_cmd cmd;
};

/**
 * srpt_set_cmd_state - hand a command to its next owner
 * @ioctx: the command
 * @new: who is next
 *
 * A command that is done stays done: it has been aborted, or answered, by
 * somebody who was faster.
 *
 * Context: any.
 * Return: the state before.
 */
static inline enum srpt_command_state
srpt_set_cmd_state(struct srpt_send_ioctx *ioctx, enum srpt_command_state new)
{
	enum srpt_command_state old = READ_ONCE(ioctx->state);

	do {
		if (old == SRPT_STATE_DONE)
			break;
	} while (!try_cmpxchg(&ioctx->state, &old, new));
	return old;
}

/**
 * srpt_test_and_set_cmd_state - take a command from the one who should have it
 * @ioctx: the command
 * @old: who must have it
 * @new: who gets it
 *
 * Context: any.
 * Return: true if and only if the state was @old and now is @new.
 */
static inline bool srpt_test_and_set_cmd_state(struct srpt_send_ioctx *ioctx,
					       enum srpt_command_state old,
					       enum srpt_command_state new)
{
	return try_cmpxchg(&ioctx->state, &old, new);
}

#endif /* SRPT_CMD_H */
