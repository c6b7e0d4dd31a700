// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Task management.
 *
 * LIO looks for a task in one session, SRP in all channels of a nexus. So the
 * function runs in the session of the channel that has the task; that channel
 * is kept from losing its session meanwhile (borrowed, lent).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "srpt_way.h"

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

/* LIO's outcome of a task management function in SRP's words, 6.9. */
static enum srp_rsp_code srpt_tmr_code(const struct srpt_send_ioctx *ioctx)
{
	switch (ioctx->cmd.se_tmr_req->response) {
	case TMR_FUNCTION_COMPLETE:
		return SRP_RSP_NO_FAILURE;
	case TMR_TASK_DOES_NOT_EXIST:
		/* SAM-5 7.2: a task that is not there is aborted enough */
		return SRP_RSP_NO_FAILURE;
	case TMR_TASK_MGMT_FUNCTION_NOT_SUPPORTED:
		return SRP_RSP_TMF_NOT_SUPPORTED;
	default:
		return SRP_RSP_TMF_FAILED;
	}
}

/**
 * srpt_queue_tm_rsp - LIO callback: a task management function has ended
 * @cmd: the command
 */
void srpt_queue_tm_rsp(struct se_cmd *cmd)
{
	struct srpt_send_ioctx *ioctx = container_of(cmd,
						     struct srpt_send_ioctx,
						     cmd);

	srpt_answer(ioctx, srpt_tmr_code(ioctx));
}
