// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Commands: taken and put, and SRP_CMD on its way to LIO.
 *
 * A command is taken off the free list of its channel by the completion
 * context, the only consumer, and put back by whoever is done with it last, in
 * any context. What there is of them follows use, see srpt_ctx.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>
#include <scsi/scsi_tcq.h>
#include <target/target_core_backend.h>

#include "srpt_way.h"
#include "srpt_trace.h"

/**
 * srpt_get_send_ioctx - take a free command
 * @ch: channel
 *
 * Context: completion context of @ch only.
 * Return: the command, cleared, or NULL if all are in use, and there can be no
 * more.
 */
struct srpt_send_ioctx *srpt_get_send_ioctx(struct srpt_rdma_ch *ch)
{
	struct llist_node *node = llist_del_first(&ch->free_list);
	struct srpt_send_ioctx *ioctx;

	ioctx = likely(node) ? llist_entry(node, struct srpt_send_ioctx, free) :
			       srpt_add_cmd(ch);
	if (unlikely(!ioctx))
		return NULL;
	ioctx->used = true;
	WRITE_ONCE(ioctx->since, (u32)jiffies);
	ioctx->epoch = srpt_tmf_epoch();
	/* pairs with srpt_is_task_of(): who sees the state sees the epoch */
	smp_store_release(&ioctx->state, SRPT_STATE_NEW);
	ioctx->rsp_len = 0;
	ioctx->imm_off = 0;
	ioctx->core = false;
	ioctx->with_data = false;
	ioctx->lent = false;
	ioctx->sol_not = 0;
	ioctx->n_table = 0;
	ioctx->data_len = 0;
	ioctx->xfer.len = 0;
	memset(&ioctx->cmd, 0, sizeof(ioctx->cmd));
	return ioctx;
}

/* What was fetched or copied for a command. */
static void srpt_free_table(struct srpt_send_ioctx *ioctx)
{
	if (ioctx->imm_off)
		free_pages((unsigned long)ioctx->table,
			   get_order(ioctx->data_len));
	else
		kfree(ioctx->table);
	ioctx->table = NULL;
}

/**
 * srpt_put_send_ioctx - free a command
 * @ioctx: the command; neither LIO nor the hardware has it
 *
 * Context: any. The channel may be gone afterwards.
 */
void srpt_put_send_ioctx(struct srpt_send_ioctx *ioctx)
{
	struct srpt_rdma_ch *ch = ioctx->ch;
	struct srpt_rdma_ch *sess_ch = ioctx->sess_ch;

	if (likely(ioctx->store)) {
		srpt_store_put(ioctx->store);
		ioctx->store = NULL;
	}
	if (ioctx->xfer.n_segs || unlikely(ioctx->xfer.slices))
		srpt_xfer_free(ioctx);
	if (unlikely(ioctx->table))
		srpt_free_table(ioctx);
	/* so that nothing of it is in another answer */
	if (unlikely(ioctx->cmd.scsi_status))
		memset(ioctx->sense_data, 0, sizeof(ioctx->sense_data));
	ioctx->sess_ch = NULL;
	if (unlikely(ioctx->recv)) {
		struct srpt_recv_ioctx *recv = ioctx->recv;

		ioctx->recv = NULL;
		srpt_return_recv(ch, recv);
	}
	/* it is over, whoever ended it: answers that wait look at the state */
	srpt_set_cmd_state(ioctx, SRPT_STATE_DONE);
	llist_add(&ioctx->free, &ch->free_list);
	/*
	 * llist_add() is a full barrier.  Either we see the answer that waits
	 * for this command, or who holds it sees the state; either we see the
	 * request that waits for a command, or who lets it wait sees this one.
	 */
	srpt_tmf_kick();
	if (unlikely(READ_ONCE(ch->waiting)) && srpt_ch_enter(ch)) {
		srpt_zerolength_write(ch);
		srpt_ch_exit(ch);
	}
	if (unlikely(sess_ch)) {
		if (atomic_dec_and_test(&sess_ch->sess_users))
			wake_up_var(&sess_ch->sess_users);
		if (atomic_dec_and_test(&ch->tmf_elsewhere))
			wake_up_var(&ch->tmf_elsewhere);
	}
}

/* SRP r16a 6.8 table 22 in LIO's words; what is reserved is taken strictly. */
static int srpt_task_attr(u8 attr)
{
	switch (attr) {
	case 0:		return TCM_SIMPLE_TAG;
	case 1:		return TCM_HEAD_TAG;
	case 4:		return TCM_ACA_TAG;
	default:	return TCM_ORDERED_TAG;
	}
}

static enum dma_data_direction srpt_dma_dir(enum srp_dir dir)
{
	switch (dir) {
	case SRP_DIR_OUT:	return DMA_TO_DEVICE;
	case SRP_DIR_IN:	return DMA_FROM_DEVICE;
	default:		return DMA_NONE;
	}
}

/*
 * Immediate data as LIO gets it: one entry a page, so that a backend finds
 * whole blocks, each inside a page. Returns the number of entries, in @table;
 * 0: it does not begin with a page, or there is no memory, and it must be
 * copied.
 */
static u32 srpt_imm_sg(struct srpt_send_ioctx *ioctx, const void *data, u32 len,
		       struct scatterlist **table)
{
	u32 n = DIV_ROUND_UP(len, PAGE_SIZE), i;
	struct scatterlist *sg = &ioctx->xfer.one;

	if (offset_in_page(data))
		return 0;
	if (n > 1) {
		sg = kmalloc_array(n, sizeof(*sg), GFP_KERNEL);
		if (!sg)
			return 0;
		ioctx->xfer.slices = sg;
		sg_init_table(sg, n);
	}
	for (i = 0; i < n; i++, data += PAGE_SIZE, len -= PAGE_SIZE)
		sg_set_buf(&sg[i], data, min_t(u32, len, PAGE_SIZE));
	*table = sg;
	return n;
}

/* LIO has memory for immediate data now. */
static void srpt_copy_imm(struct srpt_send_ioctx *ioctx)
{
	struct srpt_recv_ioctx *recv = ioctx->recv;
	struct se_cmd *cmd = &ioctx->cmd;

	sg_copy_from_buffer(cmd->t_data_sg, cmd->t_data_nents,
			    recv ? srpt_iu(recv) + ioctx->imm_off :
				   ioctx->table,
			    min(cmd->data_length, ioctx->data_len));
	if (!recv)
		return;
	ioctx->recv = NULL;
	srpt_return_recv(ioctx->ch, recv);
}

/*
 * A shared queue is short of buffers: rather memory of the command's own for
 * what it needs of its request. Without it the command keeps the request.
 */
static void srpt_copy_request(struct srpt_send_ioctx *ioctx,
			      struct srp_cmd_info *ci)
{
	gfp_t gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;

	if (ci->imm_off) {
		ioctx->table = (void *)__get_free_pages(gfp | __GFP_COMP,
							get_order(ci->data_len));
		if (!ioctx->table)
			return;
		memcpy(ioctx->table, ci->imm, ci->data_len);
		ci->imm = ioctx->table;
	} else {
		ioctx->table = kmemdup(ci->desc, ci->n_desc * sizeof(*ci->desc),
				       gfp);
		if (!ioctx->table)
			return;
		ioctx->desc = ioctx->table;
	}
	ioctx->recv = NULL;
}

/*
 * Descriptors and immediate data are needed after the request: few of them
 * are copied, otherwise the command keeps the request.
 */
static void srpt_keep_data(struct srpt_recv_ioctx *recv,
			   struct srpt_send_ioctx *ioctx,
			   struct srp_cmd_info *ci)
{
	u32 i;

	ioctx->data_len = ci->data_len;
	if (unlikely(ci->n_table)) {
		ioctx->n_table = ci->n_table;
		ioctx->inline_desc[0] = ci->table;
	} else if (ci->imm_off) {
		ioctx->imm_off = ci->imm_off;
		ioctx->recv = recv;
	} else if (ci->n_desc > SRPT_INLINE_DESC) {
		ioctx->desc = ci->desc;
		ioctx->recv = recv;
	} else {
		for (i = 0; i < ci->n_desc; i++)
			ioctx->inline_desc[i] = ci->desc[i];
		ioctx->desc = ioctx->inline_desc;
	}
	if (ioctx->recv && ci->data_len && recv->rq &&
	    unlikely(srpt_rq_is_short(recv->rq)))
		srpt_copy_request(ioctx, ci);
}

/**
 * srpt_get_desc_tbl - decode the data descriptors of an SRP_CMD
 * @ioctx: command that will move the data
 * @recv: the request
 * @ci: all zero; becomes the decoded request
 *
 * Fills in what @ioctx needs to move the data. No memory is allocated for
 * data: LIO does that when it has looked at the CDB and the logical unit. The
 * command holds on to the request if it must, otherwise the caller may give
 * it back.
 *
 * Context: completion.
 * Return: SRP_FAULT_NONE, or what is wrong with the request.
 */
static enum srp_fault srpt_get_desc_tbl(struct srpt_send_ioctx *ioctx,
					struct srpt_recv_ioctx *recv,
					struct srp_cmd_info *ci)
{
	enum srp_fault fault;

	fault = srp_decode_cmd(srpt_iu(recv), recv->len, ioctx->ch->imm_off,
			       ci);
	if (fault)
		return fault;
	srpt_keep_data(recv, ioctx, ci);
	return SRP_FAULT_NONE;
}

/*
 * The data of a short read goes into a page that the command keeps and that is
 * mapped for the device: nothing is allocated, cleared, mapped and made a list of
 * for it each time. LIO has parsed the CDB: the data is a medium's, which fills
 * all of it. Not for a read that the initiator has too little room for, which
 * is LIO's to judge.
 */
static void srpt_lend_page(struct srpt_send_ioctx *ioctx,
			   const struct srp_cmd_info *ci)
{
	struct se_cmd *cmd = &ioctx->cmd;
	u32 flags = cmd->se_cmd_flags & (SCF_SCSI_DATA_CDB | SCF_OVERFLOW_BIT |
					 SCF_BIDI | SCF_COMPARE_AND_WRITE);

	if (ci->dir != SRP_DIR_IN || ci->n_desc != 1 || !ioctx->ch->easy ||
	    flags != SCF_SCSI_DATA_CDB || !cmd->data_length ||
	    cmd->data_length > PAGE_SIZE ||
	    (unlikely(!ioctx->page) && srpt_add_page(ioctx)))
		return;
	sg_set_page(&ioctx->xfer.one, ioctx->page, cmd->data_length, 0);
	cmd->t_data_sg = &ioctx->xfer.one;
	cmd->t_data_nents = 1;
	cmd->se_cmd_flags |= SCF_PASSTHROUGH_SG_TO_MEM_NOALLOC;
	ioctx->lent = true;
}

/*
 * Makes a LIO command of a request; false: it has ended already. Afterwards LIO
 * has the CDB, the last that is needed of most requests.
 */
static bool srpt_prepare_cmd(struct srpt_rdma_ch *ch,
			     struct srpt_send_ioctx *ioctx,
			     const struct srp_cmd_info *ci)
{
	struct se_cmd *cmd = &ioctx->cmd;
	struct scatterlist *sg = NULL;
	u32 n_sg = 0;

	cmd->tag = ci->tag;
	ioctx->core = true;
	if (target_init_cmd(cmd, ch->sess, ioctx->sense_data, ci->lun,
			    ci->data_len, srpt_task_attr(ci->task_attr),
			    srpt_dma_dir(ci->dir), TARGET_SCF_ACK_KREF)) {
		/* the session is being stopped, the channel is ending */
		ioctx->core = false;
		srpt_set_cmd_state(ioctx, SRPT_STATE_DONE);
		srpt_put_send_ioctx(ioctx);
		return false;
	}
	if (ci->imm_off)
		n_sg = srpt_imm_sg(ioctx, ci->imm, ci->data_len, &sg);
	if (target_submit_prep(cmd, (unsigned char *)ci->cdb, sg, n_sg, NULL, 0,
			       NULL, 0, GFP_KERNEL))
		return false;
	if (unlikely(srpt_wants_pi(cmd))) {
		srpt_fail_cmd(ioctx, TCM_INVALID_CDB_FIELD);
		return false;
	}
	srpt_lend_page(ioctx, ci);
	return true;
}

/* Counts a request, and starts the clock for some. */
static void srpt_count_cmd(struct srpt_rdma_ch *ch,
			   struct srpt_send_ioctx *ioctx,
			   const struct srp_cmd_info *ci)
{
	u32 sample = READ_ONCE(srpt_latency_sample);

	srpt_count(ch->stats, SRPT_N_NODATA + ci->dir, 1);
	if (ci->imm_off)
		srpt_count(ch->stats, SRPT_N_IMM, 1);
	if (ci->dir == SRP_DIR_OUT)
		srpt_count(ch->stats, SRPT_N_WRITE_BYTES, ci->data_len);
	ioctx->timed = 0;
	if (unlikely(++ch->untimed >= sample && sample)) {
		ch->untimed = 0;
		ioctx->timed = ktime_get();
	}
}

/**
 * srpt_handle_cmd - deal with an SRP_CMD, SRP r16a 6.8
 * @ch: channel that it came in through
 * @recv_ioctx: the request; belongs to this function
 * @send_ioctx: a free command for it
 *
 * Context: completion context of @ch. LIO may execute the command in here.
 */
void srpt_handle_cmd(struct srpt_rdma_ch *ch,
		     struct srpt_recv_ioctx *recv_ioctx,
		     struct srpt_send_ioctx *send_ioctx)
{
	struct srp_cmd_info ci = {};
	enum srp_fault fault;
	bool kept, ready;

	fault = srpt_get_desc_tbl(send_ioctx, recv_ioctx, &ci);
	send_ioctx->sol_not = ci.sol_not;
	trace_srpt_cmd(ch, &ci, recv_ioctx->len, fault);
	if (unlikely(fault)) {
		srpt_count(ch->stats, SRPT_N_NODATA, 1);
		pr_warn_ratelimited("%s: refused SRP_CMD of %u bytes: %s\n",
				    ch->peer, recv_ioctx->len,
				    srp_fault_name(fault));
		srpt_repost(ch, recv_ioctx);
		srpt_refuse(send_ioctx, ci.tag);
		return;
	}
	srpt_count_cmd(ch, send_ioctx, &ci);
	ch->turn_bytes += ci.data_len;
	if (ci.task_attr)
		ch->ordered = true;
	kept = send_ioctx->recv;
	ready = srpt_prepare_cmd(ch, send_ioctx, &ci);
	/* before the response, which lets the initiator use the buffer again */
	if (!kept)
		srpt_repost(ch, recv_ioctx);
	if (ready)
		srpt_store_submit(send_ioctx, ci.dir == SRP_DIR_OUT &&
				  !ci.imm_off);
}

/* Data of a write is here, or will never come. */
static void srpt_write_data_done(struct srpt_send_ioctx *ioctx, int err)
{
	sense_reason_t reason = TCM_CHECK_CONDITION_ABORT_CMD;

	if (!srpt_test_and_set_cmd_state(ioctx, SRPT_STATE_NEED_DATA,
					 SRPT_STATE_DATA_IN))
		return;
	if (!err) {
		srpt_store_execute(ioctx);
		return;
	}
	if (err == -EINVAL)
		reason = TCM_INVALID_FIELD_IN_COMMAND_IU;
	else if (err == -ENOMEM)
		reason = TCM_LUN_BUSY;
	srpt_fail_cmd(ioctx, reason);
}

/**
 * srpt_write_pending - LIO callback: a command needs its data
 * @cmd: the command; LIO has allocated memory for the data
 *
 * Never asks LIO to call again: a command that is aborted while LIO waits for
 * that is forgotten by both. Without memory it ends with BUSY.
 *
 * Context: LIO; may sleep for memory.
 * Return: 0.
 */
int srpt_write_pending(struct se_cmd *cmd)
{
	struct srpt_send_ioctx *ioctx = container_of(cmd,
						     struct srpt_send_ioctx,
						     cmd);
	int ret;

	if (ioctx->imm_off) {
		if (!(cmd->se_cmd_flags & SCF_PASSTHROUGH_SG_TO_MEM_NOALLOC))
			srpt_copy_imm(ioctx);
		srpt_set_cmd_state(ioctx, SRPT_STATE_DATA_IN);
		/* the context is one that the store has chosen */
		target_execute_cmd(cmd);
		return 0;
	}
	srpt_set_cmd_state(ioctx, SRPT_STATE_NEED_DATA);
	ret = srpt_xfer_move(ioctx, min(cmd->data_length, ioctx->data_len),
			     srpt_write_data_done);
	if (ret)
		srpt_write_data_done(ioctx, ret);
	return 0;
}
