// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The way of the answer: responses, credits, and the end of commands.
 *
 * Credits
 * -------
 * ch->req_lim is what the initiator may still send. A request takes one when
 * it arrives, the response gives it back, always exactly one - plus those
 * that are withheld because their commands ended without a response. When an
 * initiator is nearly out of credits while some are withheld, it gets them in
 * an SRP_CRED_REQ, since there may be no response to carry them.
 *
 * A response is built once and may wait for send queue space after that. It
 * is in the hands of the hardware until srpt_send_done(), and the command it
 * belongs to is freed by whoever is last, LIO or that completion.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <scsi/scsi_proto.h>

#include "srpt_way.h"
#include "srpt_trace.h"

/* When the initiator has fewer credits, withheld ones are sent by themselves. */
#define SRPT_LOW_CREDITS	2

/* Sense data that says nothing but: the information unit was bad. */
static const u8 srpt_bad_iu_sense[18] = {
	[0] = 0x70,	/* current, fixed format: SPC-4 4.5.3 */
	[2] = ILLEGAL_REQUEST,
	[7] = 18 - 8,
	[12] = 0x0e,	/* INVALID FIELD IN COMMAND INFORMATION UNIT */
	[13] = 0x03,
};

/* Credits for the next response: its own, and those that nobody brought. */
static u32 srpt_take_credits(struct srpt_rdma_ch *ch, u32 own)
{
	u32 delta = own;

	if (unlikely(atomic_read(&ch->withheld)))
		delta += atomic_xchg(&ch->withheld, 0);
	atomic_add(delta, &ch->req_lim);
	trace_srpt_credits(ch, delta);
	return delta;
}

/* Sense data as long as it says that it is, SPC-4 4.5. */
static u32 srpt_sense_len(const struct srpt_send_ioctx *ioctx)
{
	const struct se_cmd *cmd = &ioctx->cmd;

	if (!(cmd->se_cmd_flags & (SCF_TRANSPORT_TASK_SENSE |
				   SCF_EMULATED_TASK_SENSE)) ||
	    !cmd->scsi_sense_length)
		return 0;
	return min_t(u32, cmd->scsi_sense_length, 8 + ioctx->sense_data[7]);
}

/*
 * LIO may set both flags: the buffer was smaller than the allocation length,
 * and the data shorter than the buffer. The count is that of the latter then.
 */
static s64 srpt_residual(const struct se_cmd *cmd)
{
	if (cmd->se_cmd_flags & SCF_UNDERFLOW_BIT)
		return -(s64)cmd->residual_count;
	if (cmd->se_cmd_flags & SCF_OVERFLOW_BIT)
		return cmd->residual_count;
	return 0;
}

static enum srp_dir srpt_cmd_dir(const struct se_cmd *cmd)
{
	switch (cmd->data_direction) {
	case DMA_TO_DEVICE:	return SRP_DIR_OUT;
	case DMA_FROM_DEVICE:	return SRP_DIR_IN;
	default:		return SRP_DIR_NONE;
	}
}

/* Does the initiator want to be woken for this one? SRP r16a 5.3 */
static bool srpt_wants_event(const struct srpt_send_ioctx *ioctx, bool good)
{
	return ioctx->sol_not & (good ? SRP_SOL_SUCCESS : SRP_SOL_FAILURE);
}

/* All that a response can say besides its status. */
#define SRPT_RSP_DETAILS	(SCF_UNDERFLOW_BIT | SCF_OVERFLOW_BIT | \
				 SCF_TRANSPORT_TASK_SENSE | \
				 SCF_EMULATED_TASK_SENSE)

/* The response with all that LIO has to say; not for the usual case's stack. */
static noinline int srpt_build_full_rsp(struct srpt_send_ioctx *ioctx, u64 tag,
					int status, u32 delta, bool sol)
{
	const struct srp_rsp_info ri = {
		.tag = tag,
		.delta = delta,
		.status = status,
		.sol = sol,
		.dir = srpt_cmd_dir(&ioctx->cmd),
		.residual = srpt_residual(&ioctx->cmd),
		.sense = ioctx->sense_data,
		.sense_len = srpt_sense_len(ioctx),
	};

	return srp_build_rsp(ioctx->ioctx.buf, ioctx->ch->rsp_size, &ri);
}

/**
 * srpt_build_cmd_rsp - write the SRP_RSP for a SCSI status, SRP r16a 6.9
 * @ch: channel that the request came in through
 * @ioctx: its command; the response is built in its buffer
 * @tag: tag of the request
 * @status: SCSI status
 * @sol: answer with solicited notification
 *
 * Context: any. Counts the credits as given.
 * Return: length of the response in bytes.
 */
static int srpt_build_cmd_rsp(struct srpt_rdma_ch *ch,
			      struct srpt_send_ioctx *ioctx, u64 tag,
			      int status, bool sol)
{
	u32 delta = srpt_take_credits(ch, 1);

	if (likely(!status && !(ioctx->cmd.se_cmd_flags & SRPT_RSP_DETAILS)))
		return srp_build_rsp_good(ioctx->ioctx.buf, tag, delta, sol);
	return srpt_build_full_rsp(ioctx, tag, status, delta, sol);
}

/**
 * srpt_build_tskmgmt_rsp - write an SRP_RSP with a response code, SRP r16a 6.9
 * @ch: channel that the request came in through
 * @ioctx: its command; the response is built in its buffer
 * @rsp_code: enum srp_rsp_code
 * @tag: tag of the request
 *
 * Context: any. Counts the credits as given.
 * Return: length of the response in bytes.
 */
static int srpt_build_tskmgmt_rsp(struct srpt_rdma_ch *ch,
				  struct srpt_send_ioctx *ioctx, u8 rsp_code,
				  u64 tag)
{
	return srp_build_rsp_code(ioctx->ioctx.buf, ch->rsp_size, tag,
				  srpt_take_credits(ch, 1),
				  srpt_wants_event(ioctx, !rsp_code), rsp_code);
}

/* Makes the work request of a response that has been built. */
static void srpt_arm_rsp(struct srpt_send_ioctx *ioctx, u32 len, bool solicited)
{
	ioctx->rsp_len = len;
	ioctx->send_sge.length = len;
	ioctx->send_wr.send_flags = IB_SEND_SIGNALED |
				    (solicited ? IB_SEND_SOLICITED : 0);
}

/* The response will not leave: this side of the command is done. */
static void srpt_end_cmd(struct srpt_send_ioctx *ioctx)
{
	srpt_set_cmd_state(ioctx, SRPT_STATE_DONE);
	if (ioctx->core)
		transport_generic_free_cmd(&ioctx->cmd, 0);
	else
		srpt_put_send_ioctx(ioctx);
}

static void srpt_rsp_failed(struct srpt_send_ioctx *ioctx, int err);

/*
 * Sends a response that has been built, with its data in front, if that needs no
 * memory and there is room. Context: any.
 */
static bool srpt_rsp_try(struct srpt_send_ioctx *ioctx, u32 len)
{
	bool posted;

	if (len && !srpt_xfer_is_easy(ioctx, len))
		return false;
	ioctx->xfer.dir = DMA_TO_DEVICE;
	ioctx->xfer.done = srpt_rsp_failed;
	/* a debug kernel tells who would sleep in here */
	non_block_start();
	posted = srpt_xfer_try(ioctx);
	non_block_end();
	return posted;
}

/* Sends a response behind no data; a transfer before it has been freed. */
static int srpt_send_rsp(struct srpt_send_ioctx *ioctx)
{
	ioctx->xfer.dir = DMA_TO_DEVICE;
	ioctx->xfer.done = srpt_rsp_failed;
	return srpt_xfer_start(ioctx);
}

/**
 * srpt_rsp_failed - a response, or the data in front of it, did not get through
 * @ioctx: the command
 * @err: -ENOTCONN: the channel is ending; -EINVAL: the external table was bad;
 *	else what came in between
 *
 * A read whose data cannot be delivered must not look like a success: as long
 * as there is a channel, the initiator is told.
 *
 * Context: process or completion; xfer.done of transfers to the initiator.
 */
static void srpt_rsp_failed(struct srpt_send_ioctx *ioctx, int err)
{
	const struct srp_rsp *built = ioctx->ioctx.buf;
	struct srp_rsp_info ri = {
		.tag = ioctx->cmd.tag,
		.status = SAM_STAT_BUSY,
		.sol = srpt_wants_event(ioctx, false),
		/* the credits were counted when the response was built */
		.delta = be32_to_cpu(built->req_lim_delta),
	};

	if (err == -ENOTCONN || !ioctx->xfer.len) {
		srpt_end_cmd(ioctx);
		return;
	}
	if (err == -EINVAL) {
		ri.status = SAM_STAT_CHECK_CONDITION;
		ri.sense = srpt_bad_iu_sense;
		ri.sense_len = sizeof(srpt_bad_iu_sense);
	}
	srpt_count_status(ioctx->ch->stats, ri.status);
	ioctx->xfer.len = 0;
	srpt_arm_rsp(ioctx, srp_build_rsp(ioctx->ioctx.buf, ioctx->ch->rsp_size,
					  &ri), ri.sol);
	if (srpt_send_rsp(ioctx))
		srpt_end_cmd(ioctx);
}

/* What LIO has produced of what the initiator has room for. */
static u32 srpt_data_in_len(const struct srpt_send_ioctx *ioctx)
{
	if (!ioctx->with_data || ioctx->cmd.data_direction != DMA_FROM_DEVICE)
		return 0;
	return min(ioctx->cmd.data_length, ioctx->data_len);
}

/* Counts a response, once. */
static void srpt_count_rsp(struct srpt_send_ioctx *ioctx, u32 len)
{
	struct srpt_stats __percpu *stats = ioctx->ch->stats;

	if (len)
		srpt_count(stats, SRPT_N_READ_BYTES, len);
	if (unlikely(ioctx->cmd.scsi_status))
		srpt_count_status(stats, ioctx->cmd.scsi_status);
	if (unlikely(ioctx->timed))
		srpt_count_latency(ioctx->ch->nexus->latency, ioctx->timed,
				   srpt_cmd_dir(&ioctx->cmd));
}

/* Builds and counts the response to a SCSI command with @len bytes of data. */
static void srpt_make_rsp(struct srpt_send_ioctx *ioctx, u32 len)
{
	const struct se_cmd *cmd = &ioctx->cmd;
	bool sol = srpt_wants_event(ioctx, !cmd->scsi_status);

	srpt_arm_rsp(ioctx, srpt_build_cmd_rsp(ioctx->ch, ioctx, cmd->tag,
					       cmd->scsi_status, sol), sol);
	srpt_count_rsp(ioctx, len);
}

/*
 * Sends a response that has been built, as srpt_queue_response(). May sleep for
 * memory; -ENOMEM if there is none.
 */
static int srpt_rsp_send(struct srpt_send_ioctx *ioctx)
{
	u32 len = srpt_data_in_len(ioctx);
	int ret;

	if (len)
		ret = srpt_xfer_move(ioctx, len, srpt_rsp_failed);
	else
		ret = srpt_send_rsp(ioctx);
	if (ret == -ENOMEM)
		return ret;
	if (ret)
		srpt_rsp_failed(ioctx, ret);
	return 0;
}

static void srpt_rsp_work(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(work, struct srpt_rdma_ch,
					       rsp_work);
	struct llist_node *list = llist_del_all(&ch->rsp_list);
	struct srpt_send_ioctx *ioctx, *next;

	llist_for_each_entry_safe(ioctx, next, llist_reverse_order(list), free) {
		if (srpt_rsp_send(ioctx))
			srpt_rsp_failed(ioctx, -ENOMEM);
		atomic_dec(&ch->deferred);
	}
	if (!list_empty(&ch->parked))
		srpt_sq_run(ch);
}

/**
 * srpt_rsp_init - what will send the responses that have to wait for memory
 * @ch: a channel that is being allocated
 *
 * Its work also lets parked commands go, where that cannot be done at once. It is
 * over when the session is, but for a call that finds nothing.
 */
void srpt_rsp_init(struct srpt_rdma_ch *ch)
{
	init_llist_head(&ch->rsp_list);
	atomic_set(&ch->deferred, 0);
	INIT_WORK(&ch->rsp_work, srpt_rsp_work);
}

/*
 * In an interrupt there is no waiting for memory: a work item does that. Until it is
 * done those who come later follow, whatever they need.
 */
static void srpt_rsp_defer(struct srpt_send_ioctx *ioctx)
{
	atomic_inc(&ioctx->ch->deferred);
	if (llist_add(&ioctx->free, &ioctx->ch->rsp_list))
		queue_work(srpt_cq_wq, &ioctx->ch->rsp_work);
}

/**
 * srpt_queue_response - answer a SCSI command
 * @cmd: LIO's command, finished
 *
 * Data, if any, leaves in front of the response and in the same post. Without
 * send queue space both wait. On a channel that is ending, the command just
 * ends.
 *
 * Context: LIO or completion; may sleep for memory, unless srpt_rsp_in_irq().
 * Return: 0, or -ENOMEM to be called again.
 */
static int srpt_queue_response(struct se_cmd *cmd)
{
	struct srpt_send_ioctx *ioctx = container_of(cmd,
						     struct srpt_send_ioctx,
						     cmd);
	u32 len = srpt_data_in_len(ioctx);

	/* a second call after -ENOMEM finds it built */
	if (!ioctx->rsp_len)
		srpt_make_rsp(ioctx, len);
	srpt_set_cmd_state(ioctx, SRPT_STATE_CMD_RSP_SENT);
	trace_srpt_rsp(ioctx->ch, cmd->tag, cmd->scsi_status, len);
	if (likely(!atomic_read(&ioctx->ch->deferred))) {
		if (likely(srpt_rsp_try(ioctx, len)))
			return 0;
		if (!srpt_rsp_in_irq())
			return srpt_rsp_send(ioctx);
	}
	srpt_rsp_defer(ioctx);
	return 0;
}

/**
 * srpt_queue_data_in - LIO callback: a command has data and a status
 * @cmd: the command
 *
 * Return: as srpt_queue_response().
 */
int srpt_queue_data_in(struct se_cmd *cmd)
{
	container_of(cmd, struct srpt_send_ioctx, cmd)->with_data = true;
	return srpt_queue_response(cmd);
}

/**
 * srpt_queue_status - LIO callback: a command has a status and no data
 * @cmd: the command
 *
 * Return: as srpt_queue_response().
 */
int srpt_queue_status(struct se_cmd *cmd)
{
	if (cmd->transport_state & CMD_T_ABORTED)
		srpt_settle_order(cmd);
	container_of(cmd, struct srpt_send_ioctx, cmd)->with_data = false;
	return srpt_queue_response(cmd);
}

/**
 * srpt_answer - answer a request with a response code
 * @ioctx: its command
 * @code: how it ended
 *
 * Context: process or completion; does not wait.
 */
void srpt_answer(struct srpt_send_ioctx *ioctx, enum srp_rsp_code code)
{
	trace_srpt_answer(ioctx, code);
	srpt_set_cmd_state(ioctx, SRPT_STATE_MGMT_RSP_SENT);
	srpt_arm_rsp(ioctx, srpt_build_tskmgmt_rsp(ioctx->ch, ioctx, code,
						   ioctx->cmd.tag),
		     srpt_wants_event(ioctx, !code));
	if (srpt_send_rsp(ioctx))
		srpt_end_cmd(ioctx);
}

/**
 * srpt_refuse - answer an SRP_CMD that cannot be given to LIO
 * @ioctx: its command
 * @tag: tag of the request
 *
 * CHECK CONDITION, because initiators take a response code without a status
 * for a success.
 *
 * Context: completion; does not wait.
 */
void srpt_refuse(struct srpt_send_ioctx *ioctx, u64 tag)
{
	struct srpt_rdma_ch *ch = ioctx->ch;
	const struct srp_rsp_info ri = {
		.tag = tag,
		.delta = srpt_take_credits(ch, 1),
		.status = SAM_STAT_CHECK_CONDITION,
		.sol = srpt_wants_event(ioctx, false),
		.sense = srpt_bad_iu_sense,
		.sense_len = sizeof(srpt_bad_iu_sense),
	};

	srpt_count(ch->stats, SRPT_N_REFUSED, 1);
	srpt_count(ch->stats, SRPT_N_CHECKS, 1);
	/* for traces: LIO has not seen it */
	ioctx->cmd.tag = tag;
	trace_srpt_rsp(ch, tag, SAM_STAT_CHECK_CONDITION, 0);
	srpt_set_cmd_state(ioctx, SRPT_STATE_CMD_RSP_SENT);
	srpt_arm_rsp(ioctx, srp_build_rsp(ioctx->ioctx.buf, ch->rsp_size, &ri),
		     ri.sol);
	if (srpt_send_rsp(ioctx))
		srpt_end_cmd(ioctx);
}

/**
 * srpt_aborted_task - LIO callback: a command ends without a response
 * @cmd: the command; LIO drops our reference
 */
void srpt_aborted_task(struct se_cmd *cmd)
{
	struct srpt_send_ioctx *ioctx = container_of(cmd,
						     struct srpt_send_ioctx,
						     cmd);

	srpt_settle_order(cmd);
	srpt_count(ioctx->ch->stats, SRPT_N_ABORTED, 1);
	trace_srpt_aborted(ioctx);
	srpt_set_cmd_state(ioctx, SRPT_STATE_DONE);
	atomic_inc(&ioctx->ch->withheld);
	srpt_send_credits(ioctx->ch);
}

/**
 * srpt_abort_cmd - end a command that the hardware has let down
 * @ioctx: the command; the caller is its owner, and nothing of it is posted
 *
 * Waiting for data: LIO is told that there will be none. Waiting for the
 * response to leave: the command ends. In LIO: its answer will find the
 * channel closed, and nothing has to be done here.
 *
 * Context: process or completion.
 * Return: 0 if the command has been ended, -EBUSY if it is with LIO, -EALREADY
 * if it was done.
 */
int srpt_abort_cmd(struct srpt_send_ioctx *ioctx)
{
	switch (READ_ONCE(ioctx->state)) {
	case SRPT_STATE_NEED_DATA:
		srpt_xfer_free(ioctx);
		srpt_set_cmd_state(ioctx, SRPT_STATE_DATA_IN);
		srpt_fail_cmd(ioctx, TCM_CHECK_CONDITION_ABORT_CMD);
		return 0;
	case SRPT_STATE_CMD_RSP_SENT:
	case SRPT_STATE_MGMT_RSP_SENT:
		srpt_xfer_free(ioctx);
		srpt_end_cmd(ioctx);
		return 0;
	case SRPT_STATE_NEW:
	case SRPT_STATE_DATA_IN:
	case SRPT_STATE_MGMT:
		return -EBUSY;
	case SRPT_STATE_DONE:
		break;
	}
	return -EALREADY;
}

/**
 * srpt_send_done - completion of a response
 * @cq: completion queue
 * @wc: completion; wr_cqe is that of the command
 *
 * The data in front of it, if any, has left too.
 *
 * Context: completion (workqueue).
 */
void srpt_send_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct srpt_send_ioctx *ioctx = container_of(wc->wr_cqe,
						     struct srpt_send_ioctx,
						     ioctx.cqe);

	trace_srpt_done(ioctx, wc->status, true);
	if (unlikely(wc->status != IB_WC_SUCCESS))
		srpt_ch_wc_error(ioctx->ch, wc, "sending a response");
	srpt_xfer_end_batch(ioctx);
	srpt_end_cmd(ioctx);
}

/* An IU that no request caused is out of the way. */
static void srpt_spare_free(struct srpt_send_ioctx *ioctx)
{
	struct srpt_rdma_ch *ch = ioctx->ch;

	ioctx->rsp_len = 0;
	if (ioctx == ch->logout) {
		srpt_close_ch(ch);
	} else {
		clear_bit_unlock(SRPT_CHF_CRED_BUSY, &ch->flags);
		srpt_send_credits(ch);
	}
}

/* The send of an IU that no request caused has completed. */
static void srpt_spare_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct srpt_send_ioctx *ioctx = container_of(wc->wr_cqe,
						     struct srpt_send_ioctx,
						     ioctx.cqe);

	trace_srpt_done(ioctx, wc->status, true);
	if (wc->status != IB_WC_SUCCESS)
		srpt_ch_wc_error(ioctx->ch, wc, "sending a request");
	srpt_xfer_end_batch(ioctx);
	srpt_spare_free(ioctx);
}

static void srpt_spare_failed(struct srpt_send_ioctx *ioctx, int err)
{
	srpt_spare_free(ioctx);
}

/* Sends an IU of the target's own: @len bytes in the buffer of @ioctx. */
static int srpt_send_spare(struct srpt_send_ioctx *ioctx, u32 len)
{
	ioctx->ioctx.cqe.done = srpt_spare_done;
	srpt_arm_rsp(ioctx, len, false);
	ioctx->xfer.dir = DMA_TO_DEVICE;
	ioctx->xfer.done = srpt_spare_failed;
	return srpt_xfer_start(ioctx);
}

/**
 * srpt_send_credits - send withheld credits if the initiator may need them
 * @ch: channel
 *
 * SRP_CRED_REQ, SRP r16a 6.10. One at a time: the next may go when the send
 * of the last has completed and its SRP_CRED_RSP has come.
 *
 * Context: process or completion; does not wait.
 */
void srpt_send_credits(struct srpt_rdma_ch *ch)
{
	struct srpt_send_ioctx *ioctx = ch->spare;
	u32 delta;

	if (atomic_read(&ch->req_lim) > SRPT_LOW_CREDITS ||
	    !atomic_read(&ch->withheld) ||
	    READ_ONCE(ch->state) != SRPT_CH_LIVE ||
	    test_bit(SRPT_CHF_CRED_ASKED, &ch->flags) ||
	    test_and_set_bit_lock(SRPT_CHF_CRED_BUSY, &ch->flags))
		return;
	set_bit(SRPT_CHF_CRED_ASKED, &ch->flags);
	srpt_count(ch->stats, SRPT_N_CRED_REQS, 1);
	delta = srpt_take_credits(ch, 0);
	srpt_send_spare(ioctx, srp_build_cred_req(ioctx->ioctx.buf,
						  ch->rsp_size, ch->tag,
						  delta));
}

/**
 * srpt_send_logout - tell the initiator that the channel ends
 * @ch: channel, just gone to DISCONNECTING
 *
 * SRP_T_LOGOUT, SRP r16a 6.6; its completion closes the channel.
 *
 * Context: process or completion; does not wait.
 * Return: 0 if it is on its way, otherwise the caller must close the channel.
 */
int srpt_send_logout(struct srpt_rdma_ch *ch)
{
	struct srpt_send_ioctx *ioctx = ch->logout;

	return srpt_send_spare(ioctx, srp_build_t_logout(ioctx->ioctx.buf,
							 ch->rsp_size, ch->tag,
							 0));
}
