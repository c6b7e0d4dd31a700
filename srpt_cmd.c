// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The way of a request: from the receive completion to LIO.
 *
 * Everything in here that belongs to one channel runs in the context of its
 * completion queue, one at a time: the list of waiting requests and the
 * consumer side of the free list need no lock for that reason.
 *
 * A request waits while the channel is not live yet (the RTU may come behind
 * the first request, IBA 12.9.6) and while all commands are in use. Order is
 * kept: nothing passes a waiting request. Whoever makes the channel live or
 * frees a command posts a zero-length write, and its completion, in this
 * context, goes on with the list.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <scsi/scsi_tcq.h>
#include <target/target_core_backend.h>

#include "ib_srpt.h"
#include "srpt_trace.h"

/* The request inside its buffer. */
static void *srpt_iu(const struct srpt_recv_ioctx *recv)
{
	return recv->ioctx.buf + recv->pad;
}

/* Gives a buffer back to the hardware; the caller is inside the gate. */
static void srpt_repost(struct srpt_rdma_ch *ch, struct srpt_recv_ioctx *recv)
{
	int ret = srpt_post_recv(ch->sdev, ch, recv);

	if (unlikely(ret)) {
		pr_err_ratelimited("%s: posting a receive failed: %d\n",
				   ch->peer, ret);
		srpt_close_ch(ch);
	}
}

/* The same from outside; buffers of a dead private queue stay in their ring. */
static void srpt_return_recv(struct srpt_rdma_ch *ch,
			     struct srpt_recv_ioctx *recv)
{
	if (recv->srq) {
		srpt_repost(ch, recv);
	} else if (srpt_ch_enter(ch)) {
		srpt_repost(ch, recv);
		srpt_ch_exit(ch);
	}
}

/**
 * srpt_unhold_recv - give back the request of a command
 * @ioctx: the command; its descriptors and immediate data are used up
 *
 * Context: any; inside the gate of the channel.
 */
void srpt_unhold_recv(struct srpt_send_ioctx *ioctx)
{
	struct srpt_recv_ioctx *recv = ioctx->recv;

	if (!recv)
		return;
	ioctx->recv = NULL;
	srpt_repost(ioctx->ch, recv);
}

/**
 * srpt_get_send_ioctx - take a free command
 * @ch: channel
 *
 * Context: completion context of @ch only.
 * Return: the command, cleared, or NULL if all are in use.
 */
struct srpt_send_ioctx *srpt_get_send_ioctx(struct srpt_rdma_ch *ch)
{
	struct llist_node *node = llist_del_first(&ch->free_list);
	struct srpt_send_ioctx *ioctx;

	if (unlikely(!node))
		return NULL;
	ioctx = llist_entry(node, struct srpt_send_ioctx, free);
	ioctx->state = SRPT_STATE_NEW;
	ioctx->rsp_len = 0;
	ioctx->core = false;
	ioctx->with_data = false;
	ioctx->sol_not = 0;
	ioctx->n_desc = 0;
	ioctx->n_table = 0;
	ioctx->data_len = 0;
	ioctx->xfer.len = 0;
	memset(&ioctx->cmd, 0, sizeof(ioctx->cmd));
	memset(ioctx->sense_data, 0, sizeof(ioctx->sense_data));
	return ioctx;
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
	struct srpt_rdma_ch *lender = ioctx->lender;

	srpt_xfer_free(ioctx);
	kfree(ioctx->table);
	ioctx->table = NULL;
	ioctx->lender = NULL;
	if (unlikely(ioctx->recv)) {
		struct srpt_recv_ioctx *recv = ioctx->recv;

		ioctx->recv = NULL;
		srpt_return_recv(ch, recv);
	}
	llist_add(&ioctx->free, &ch->free_list);
	/* either we see that someone waits, or they see the command */
	smp_mb__after_atomic();
	if (unlikely(READ_ONCE(ch->waiting)) && srpt_ch_enter(ch)) {
		srpt_zerolength_write(ch);
		srpt_ch_exit(ch);
	}
	if (unlikely(lender)) {
		if (atomic_dec_and_test(&lender->borrowed))
			wake_up_var(&lender->borrowed);
		if (atomic_dec_and_test(&ch->lent))
			wake_up_var(&ch->lent);
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
 * Descriptors and immediate data are needed after the request: few of them
 * are copied, otherwise the command keeps the request.
 */
static void srpt_keep_data(struct srpt_recv_ioctx *recv,
			   struct srpt_send_ioctx *ioctx,
			   const struct srp_cmd_info *ci)
{
	ioctx->data_len = ci->data_len;
	ioctx->n_desc = ci->n_desc;
	ioctx->n_table = ci->n_table;
	ioctx->table_desc = ci->table;
	if (ci->imm_off) {
		sg_init_one(&ioctx->xfer.one, srpt_iu(recv) + ci->imm_off,
			    ci->data_len);
		ioctx->recv = recv;
	} else if (ci->n_desc > SRPT_INLINE_DESC) {
		ioctx->desc = ci->desc;
		ioctx->recv = recv;
	} else if (ci->n_desc) {
		memcpy(ioctx->inline_desc, ci->desc,
		       ci->n_desc * sizeof(*ci->desc));
		ioctx->desc = ioctx->inline_desc;
	}
}

/**
 * srpt_get_desc_tbl - decode the data descriptors of an SRP_CMD
 * @ioctx: command that will move the data
 * @recv: the request
 * @ci: the decoded request
 *
 * Fills in what @ioctx needs to move the data. No memory is allocated for
 * data: LIO does that when it has looked at the CDB and the logical unit. The
 * command holds on to the request if it must, otherwise the caller may give
 * it back.
 *
 * Context: completion.
 * Return: SRP_FAULT_NONE, or what is wrong with the request.
 */
enum srp_fault srpt_get_desc_tbl(struct srpt_send_ioctx *ioctx,
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
 * Does the backend do I/O on the spot? Files are read and written by whoever
 * submits; a slow one would hold up every channel of the completion queue.
 */
static bool srpt_may_block(const struct se_cmd *cmd)
{
	return !strcmp(cmd->se_dev->transport->name, "fileio");
}

static void srpt_submit_work(struct work_struct *work)
{
	target_submit(container_of(work, struct se_cmd, work));
}

static void srpt_execute_work(struct work_struct *work)
{
	target_execute_cmd(container_of(work, struct se_cmd, work));
}

/* LIO uses the work item of a command only after it has been executed. */
static void srpt_defer(struct se_cmd *cmd, work_func_t func)
{
	INIT_WORK(&cmd->work, func);
	queue_work(srpt_end_wq, &cmd->work);
}

/* Gives a command to LIO; from here on LIO says what becomes of it. */
static void srpt_submit_cmd(struct srpt_rdma_ch *ch,
			    struct srpt_send_ioctx *ioctx,
			    const struct srp_cmd_info *ci)
{
	struct scatterlist *sg = ci->imm_off ? &ioctx->xfer.one : NULL;
	struct se_cmd *cmd = &ioctx->cmd;

	cmd->tag = ci->tag;
	ioctx->core = true;
	if (target_init_cmd(cmd, ch->sess, ioctx->sense_data,
			    scsilun_to_int((struct scsi_lun *)ci->lun),
			    ci->data_len, srpt_task_attr(ci->task_attr),
			    srpt_dma_dir(ci->dir), TARGET_SCF_ACK_KREF)) {
		/* the session is being stopped, the channel is ending */
		ioctx->core = false;
		srpt_set_cmd_state(ioctx, SRPT_STATE_DONE);
		srpt_put_send_ioctx(ioctx);
		return;
	}
	if (target_submit_prep(cmd, (unsigned char *)ci->cdb, sg, sg ? 1 : 0,
			       NULL, 0, NULL, 0, GFP_KERNEL))
		return;
	if (srpt_may_block(cmd) && (ci->dir != SRP_DIR_OUT || sg))
		srpt_defer(cmd, srpt_submit_work);
	else
		target_submit(cmd);
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
	struct srp_cmd_info ci;
	enum srp_fault fault;
	bool kept;

	ch->stats.cmds++;
	fault = srpt_get_desc_tbl(send_ioctx, recv_ioctx, &ci);
	send_ioctx->sol_not = ci.sol_not;
	trace_srpt_cmd(ch, &ci, recv_ioctx->len, fault);
	if (unlikely(fault)) {
		pr_warn_ratelimited("%s: refused SRP_CMD of %u bytes: %s\n",
				    ch->peer, recv_ioctx->len,
				    srp_fault_name(fault));
		srpt_repost(ch, recv_ioctx);
		srpt_refuse(send_ioctx, ci.tag);
		return;
	}
	if (ci.imm_off)
		ch->stats.imm++;
	if (ci.dir == SRP_DIR_OUT)
		ch->stats.bytes_out += ci.data_len;
	kept = send_ioctx->recv;
	srpt_submit_cmd(ch, send_ioctx, &ci);
	/* LIO has copied the CDB, the last that was needed of the request */
	if (!kept)
		srpt_repost(ch, recv_ioctx);
}

/* Data of a write is here, or will never come. */
static void srpt_write_data_done(struct srpt_send_ioctx *ioctx, int err)
{
	sense_reason_t reason = TCM_CHECK_CONDITION_ABORT_CMD;

	if (!srpt_test_and_set_cmd_state(ioctx, SRPT_STATE_NEED_DATA,
					 SRPT_STATE_DATA_IN))
		return;
	if (!err) {
		if (srpt_may_block(&ioctx->cmd))
			srpt_defer(&ioctx->cmd, srpt_execute_work);
		else
			target_execute_cmd(&ioctx->cmd);
		return;
	}
	if (err == -EINVAL)
		reason = TCM_INVALID_FIELD_IN_COMMAND_IU;
	else if (err == -ENOMEM)
		reason = TCM_LUN_BUSY;
	transport_generic_request_failure(&ioctx->cmd, reason);
}

/**
 * srpt_write_pending - LIO callback: a command needs its data
 * @cmd: the command; LIO has allocated memory for the data
 *
 * Context: LIO; may sleep for memory.
 * Return: 0, or -ENOMEM to be called again.
 */
int srpt_write_pending(struct se_cmd *cmd)
{
	struct srpt_send_ioctx *ioctx = container_of(cmd,
						     struct srpt_send_ioctx,
						     cmd);
	int ret;

	srpt_set_cmd_state(ioctx, SRPT_STATE_NEED_DATA);
	if (cmd->se_cmd_flags & SCF_PASSTHROUGH_SG_TO_MEM_NOALLOC) {
		/* immediate data; whoever submits may block */
		srpt_set_cmd_state(ioctx, SRPT_STATE_DATA_IN);
		target_execute_cmd(cmd);
		return 0;
	}
	ret = srpt_xfer_move(ioctx, min(cmd->data_length, ioctx->data_len),
			     srpt_write_data_done);
	if (ret && ret != -ENOMEM) {
		srpt_write_data_done(ioctx, ret);
		ret = 0;
	}
	return ret;
}

/* SRP r16a 6.7 table 19 in LIO's words. */
static int srpt_tmr_func(u8 func)
{
	switch (func) {
	case SRP_TSK_ABORT_TASK:	return TMR_ABORT_TASK;
	case SRP_TSK_ABORT_TASK_SET:	return TMR_ABORT_TASK_SET;
	case SRP_TSK_CLEAR_TASK_SET:	return TMR_CLEAR_TASK_SET;
	case SRP_TSK_LUN_RESET:		return TMR_LUN_RESET;
	case SRP_TSK_CLEAR_ACA:		return TMR_CLEAR_ACA;
	default:			return TMR_UNKNOWN;
	}
}

/* Is LIO, or the hardware on its behalf, at work on a task of this tag? */
static bool srpt_has_task(struct srpt_rdma_ch *ch, u64 tag)
{
	u32 i;

	for (i = 0; i < ch->n_send; i++) {
		struct srpt_send_ioctx *ioctx = ch->send_ring[i];

		if (READ_ONCE(ioctx->state) <= SRPT_STATE_DATA_IN &&
		    ioctx->core && ioctx->cmd.tag == tag)
			return true;
	}
	return false;
}

/*
 * The session that a task management function belongs to. A task may have
 * come in through any channel of the nexus (SRP r16a 4.3), and LIO looks in
 * one session only. The channel found is kept from losing its session.
 */
static struct se_session *srpt_task_session(struct srpt_send_ioctx *ioctx,
					    u64 tag)
{
	struct srpt_rdma_ch *ch = ioctx->ch, *other;
	struct se_session *sess = ch->sess;
	unsigned long flags;

	if (srpt_has_task(ch, tag))
		return sess;
	spin_lock_irqsave(&ch->nexus->lock, flags);
	list_for_each_entry(other, &ch->nexus->channels, nexus_entry) {
		if (other == ch || READ_ONCE(other->state) != SRPT_CH_LIVE ||
		    !srpt_has_task(other, tag))
			continue;
		atomic_inc(&other->borrowed);
		atomic_inc(&ch->lent);
		ioctx->lender = other;
		sess = other->sess;
		break;
	}
	spin_unlock_irqrestore(&ch->nexus->lock, flags);
	return sess;
}

static void srpt_submit_tmr(struct srpt_send_ioctx *ioctx,
			    const struct srp_tmf_info *ti, int func)
{
	struct se_session *sess = ioctx->ch->sess;
	int ret;

	if (func == TMR_ABORT_TASK)
		sess = srpt_task_session(ioctx, ti->task_tag);
	ioctx->core = true;
	ret = target_submit_tmr(&ioctx->cmd, sess, ioctx->sense_data,
				scsilun_to_int((struct scsi_lun *)ti->lun),
				ioctx, func, GFP_KERNEL, ti->task_tag,
				TARGET_SCF_ACK_KREF);
	if (ret) {
		/* LIO has not taken it: no memory, or the session ends */
		ioctx->core = false;
		srpt_answer(ioctx, SRP_RSP_TMF_FAILED);
	}
}

/**
 * srpt_handle_tsk_mgmt - deal with an SRP_TSK_MGMT, SRP r16a 6.7
 * @ch: channel that it came in through
 * @recv_ioctx: the request; belongs to this function
 * @send_ioctx: a free command for it
 *
 * Context: completion context of @ch.
 */
void srpt_handle_tsk_mgmt(struct srpt_rdma_ch *ch,
			  struct srpt_recv_ioctx *recv_ioctx,
			  struct srpt_send_ioctx *send_ioctx)
{
	struct srp_tmf_info ti;
	enum srp_fault fault;
	int func;

	ch->stats.tmfs++;
	fault = srp_decode_tmf(srpt_iu(recv_ioctx), recv_ioctx->len, &ti);
	send_ioctx->cmd.tag = ti.tag;
	send_ioctx->sol_not = ti.sol_not;
	srpt_set_cmd_state(send_ioctx, SRPT_STATE_MGMT);
	func = srpt_tmr_func(ti.func);
	if (fault)
		srpt_answer(send_ioctx, SRP_RSP_FIELDS_INVALID);
	else if (func == TMR_UNKNOWN)
		srpt_answer(send_ioctx, SRP_RSP_TMF_NOT_SUPPORTED);
	else
		srpt_submit_tmr(send_ioctx, &ti, func);
	srpt_repost(ch, recv_ioctx);
}

/* An IU that is a request, but none that an initiator sends in a session. */
static void srpt_handle_unknown(struct srpt_rdma_ch *ch,
				struct srpt_recv_ioctx *recv,
				struct srpt_send_ioctx *ioctx)
{
	const struct srp_i_logout *iu = srpt_iu(recv);

	pr_warn_ratelimited("%s: unexpected %s (0x%02x) of %u bytes\n",
			    ch->peer, srp_opcode_name(iu->opcode), iu->opcode,
			    recv->len);
	ch->stats.refused++;
	ioctx->cmd.tag = iu->tag;
	srpt_set_cmd_state(ioctx, SRPT_STATE_MGMT);
	srpt_answer(ioctx, SRP_RSP_FIELDS_INVALID);
	srpt_repost(ch, recv);
}

/* Answers to what the target has asked; they take no credit. */
static bool srpt_is_answer(u8 opcode)
{
	return opcode == SRP_CRED_RSP || opcode == SRP_AER_RSP;
}

static void srpt_handle_answer(struct srpt_rdma_ch *ch,
			       struct srpt_recv_ioctx *recv)
{
	const struct srp_cred_rsp *iu = srpt_iu(recv);

	if (iu->opcode == SRP_CRED_RSP &&
	    test_and_clear_bit(SRPT_CHF_CRED_ASKED, &ch->flags))
		srpt_send_credits(ch);
	srpt_repost(ch, recv);
}

/**
 * srpt_handle_new_iu - deal with a request
 * @ch: channel that it came in through
 * @recv_ioctx: the request; its length and credit have been checked
 *
 * Context: completion context of @ch.
 * Return: false if it must wait: the caller keeps it. True if it has been
 * dealt with.
 */
bool srpt_handle_new_iu(struct srpt_rdma_ch *ch,
			struct srpt_recv_ioctx *recv_ioctx)
{
	const struct srp_i_logout *iu = srpt_iu(recv_ioctx);
	struct srpt_send_ioctx *ioctx;

	if (unlikely(READ_ONCE(ch->state) == SRPT_CH_CONNECTING))
		return false;
	if (iu->opcode == SRP_I_LOGOUT) {
		pr_info_ratelimited("%s: initiator logs out\n", ch->peer);
		srpt_repost(ch, recv_ioctx);
		srpt_close_ch(ch);
		return true;
	}
	ioctx = srpt_get_send_ioctx(ch);
	if (unlikely(!ioctx))
		return false;

	switch (iu->opcode) {
	case SRP_CMD:
		srpt_handle_cmd(ch, recv_ioctx, ioctx);
		break;
	case SRP_TSK_MGMT:
		srpt_handle_tsk_mgmt(ch, recv_ioctx, ioctx);
		break;
	default:
		srpt_handle_unknown(ch, recv_ioctx, ioctx);
	}
	return true;
}

/*
 * Goes on with waiting requests, in order. On a channel that is ending they
 * are dropped: the initiator has lost the connection, and knows.
 */
static void srpt_run_wait_list(struct srpt_rdma_ch *ch)
{
	struct srpt_recv_ioctx *recv, *tmp;

	list_for_each_entry_safe(recv, tmp, &ch->wait_list, entry) {
		list_del(&recv->entry);
		if (READ_ONCE(ch->state) >= SRPT_CH_DRAINING) {
			srpt_return_recv(ch, recv);
		} else if (!srpt_handle_new_iu(ch, recv)) {
			list_add(&recv->entry, &ch->wait_list);
			break;
		}
	}
	WRITE_ONCE(ch->waiting, !list_empty(&ch->wait_list));
}

/* A request that cannot be dealt with now. */
static void srpt_let_wait(struct srpt_rdma_ch *ch, struct srpt_recv_ioctx *recv)
{
	ch->stats.waited++;
	list_add_tail(&recv->entry, &ch->wait_list);
	WRITE_ONCE(ch->waiting, true);
	/* either we see the command that was freed, or they see us waiting */
	smp_mb();
	if (READ_ONCE(ch->state) == SRPT_CH_CONNECTING)
		srpt_cm_notify(ch);
	else if (!llist_empty(&ch->free_list))
		srpt_run_wait_list(ch);
}

/**
 * srpt_mark_done - completion of a zero-length write
 * @cq: completion queue
 * @wc: completion; wr_cqe is mark_cqe of the channel
 *
 * Context: completion context of the channel.
 */
void srpt_mark_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct srpt_rdma_ch *ch = container_of(wc->wr_cqe, struct srpt_rdma_ch,
					       mark_cqe);

	if (wc->status != IB_WC_SUCCESS)
		srpt_ch_wc_error(ch, wc, "probing the connection");
	srpt_run_wait_list(ch);
	clear_bit(SRPT_CHF_MARK_BUSY, &ch->flags);
	/* pairs with srpt_put_send_ioctx(): a command may have come back */
	smp_mb__after_atomic();
	if (READ_ONCE(ch->waiting) && !llist_empty(&ch->free_list))
		srpt_run_wait_list(ch);
}

/**
 * srpt_drain_done - completion of the last zero-length write
 * @cq: completion queue
 * @wc: completion; wr_cqe is drain_cqe of the channel
 *
 * Whatever still waits will not be dealt with.
 *
 * Context: completion context of the channel.
 */
void srpt_drain_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct srpt_rdma_ch *ch = container_of(wc->wr_cqe, struct srpt_rdma_ch,
					       drain_cqe);

	srpt_run_wait_list(ch);
	complete(&ch->drain_done);
}

/**
 * srpt_recv_mark_done - completion of the last receive
 * @cq: completion queue
 * @wc: completion; wr_cqe is recv_mark_cqe of the channel
 *
 * Context: completion context of the channel.
 */
void srpt_recv_mark_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct srpt_rdma_ch *ch = container_of(wc->wr_cqe, struct srpt_rdma_ch,
					       recv_mark_cqe);

	complete(&ch->recv_mark_done);
}

/* Counts a request against the credits; false: the initiator has none. */
static bool srpt_charge(struct srpt_rdma_ch *ch, struct srpt_recv_ioctx *recv)
{
	if (unlikely(recv->len < SRP_IU_HEADER)) {
		pr_warn_ratelimited("%s: information unit of %u bytes, channel closed\n",
				    ch->peer, recv->len);
		return false;
	}
	if (srpt_is_answer(*(u8 *)srpt_iu(recv)))
		return true;
	if (unlikely(atomic_dec_return(&ch->req_lim) < 0)) {
		pr_warn_ratelimited("%s: more requests than credits, channel closed\n",
				    ch->peer);
		return false;
	}
	return true;
}

static void srpt_recv_iu(struct srpt_rdma_ch *ch, struct srpt_recv_ioctx *recv)
{
	ib_dma_sync_single_for_cpu(ch->sdev->ib_dev,
				   recv->ioctx.dma + recv->pad, recv->len,
				   DMA_FROM_DEVICE);
	ch->rx_count++;
	if (unlikely(!srpt_charge(ch, recv))) {
		srpt_repost(ch, recv);
		srpt_close_ch(ch);
	} else if (unlikely(srpt_is_answer(*(u8 *)srpt_iu(recv)))) {
		srpt_handle_answer(ch, recv);
	} else if (unlikely(ch->waiting) || !srpt_handle_new_iu(ch, recv)) {
		srpt_let_wait(ch, recv);
	}
}

/**
 * srpt_recv_done - completion of a receive
 * @cq: completion queue
 * @wc: completion; wr_cqe is that of the buffer
 *
 * Context: completion context of the channel (workqueue).
 */
void srpt_recv_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct srpt_recv_ioctx *recv = container_of(wc->wr_cqe,
						    struct srpt_recv_ioctx,
						    ioctx.cqe);
	struct srpt_rdma_ch *ch = wc->qp->qp_context;

	recv->len = wc->status == IB_WC_SUCCESS ? wc->byte_len : 0;
	if (unlikely(wc->status != IB_WC_SUCCESS)) {
		srpt_ch_wc_error(ch, wc, "receiving");
		if (recv->srq)
			srpt_repost(ch, recv);
		return;
	}
	if (unlikely(READ_ONCE(ch->state) >= SRPT_CH_DRAINING)) {
		srpt_return_recv(ch, recv);
		return;
	}
	srpt_recv_iu(ch, recv);
}
