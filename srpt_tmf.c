// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Task management.
 *
 * LIO looks for a task in one session, SRP in all channels of a nexus. So the
 * function runs in the session of the channel that has the task; that channel
 * is kept from losing its session meanwhile (sess_users, tmf_elsewhere).
 *
 * Answers that are held
 * ---------------------
 * "Function complete" is a promise: nothing of the task executes any more, and
 * no byte of it arrives. LIO keeps it for what it is executing. But a command
 * that LIO has finished with, or has not heard of yet, may still have data or a
 * response to post: it is being fetched, parked, or on its way through another
 * queue pair. So a good answer waits until every command that it is about, in
 * any channel of the nexus, is over.
 *
 * Commands that came in later than the function are none of its business:
 * srpt_epoch tells. It counts task management functions, and a command keeps
 * what it was when it came in.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "srpt_way.h"
#include "srpt_trace.h"

/* Task management functions that have come in. */
atomic_t srpt_epoch;
/* Answers in srpt_held. */
atomic_t srpt_n_held;
static DEFINE_SPINLOCK(srpt_held_lock);	/* protects srpt_held */
static LIST_HEAD(srpt_held);

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

/*
 * Is LIO, or the hardware on its behalf, at work on a task of this tag? Context:
 * completion context of @ch, or its nexus->lock is held: none goes meanwhile.
 */
static bool srpt_has_task(struct srpt_rdma_ch *ch, u64 tag)
{
	u32 i;

	for (i = 0; i < ch->n_send; i++) {
		struct srpt_send_ioctx *ioctx = READ_ONCE(ch->send_ring[i]);

		if (ioctx && READ_ONCE(ioctx->state) <= SRPT_STATE_DATA_IN &&
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
		atomic_inc(&other->sess_users);
		atomic_inc(&ch->tmf_elsewhere);
		ioctx->sess_ch = other;
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
	ret = target_submit_tmr(&ioctx->cmd, sess, ioctx->sense_data, ti->lun,
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

	srpt_count(ch->stats, SRPT_N_TMFS, 1);
	send_ioctx->epoch = atomic_inc_return(&srpt_epoch);
	fault = srp_decode_tmf(srpt_iu(recv_ioctx), recv_ioctx->len, &ti);
	trace_srpt_tmf(ch, &ti);
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

/* Is @ioctx a command that @tmf is about, and not over yet? */
static bool srpt_is_task_of(const struct srpt_send_ioctx *tmf,
			    const struct srpt_send_ioctx *ioctx)
{
	/* pairs with srpt_get_send_ioctx(): the rest is of that command */
	enum srpt_command_state state = smp_load_acquire(&ioctx->state);

	if (state == SRPT_STATE_DONE || state == SRPT_STATE_MGMT ||
	    state == SRPT_STATE_MGMT_RSP_SENT ||
	    (s32)(ioctx->epoch - tmf->epoch) >= 0)
		return false;
	if (tmf->cmd.se_tmr_req->function == TMR_ABORT_TASK)
		return ioctx->cmd.tag == tmf->cmd.se_tmr_req->ref_task_tag;
	return ioctx->cmd.orig_fe_lun == tmf->cmd.orig_fe_lun;
}

static bool srpt_ch_has_task_of(const struct srpt_send_ioctx *tmf,
				const struct srpt_rdma_ch *ch)
{
	const struct srpt_send_ioctx *ioctx;
	u32 i;

	/* one in login has no commands, and maybe no ring yet */
	if (READ_ONCE(ch->state) == SRPT_CH_CONNECTING)
		return false;
	for (i = 0; i < ch->n_send; i++) {
		ioctx = READ_ONCE(ch->send_ring[i]);
		if (ioctx && srpt_is_task_of(tmf, ioctx))
			return true;
	}
	return false;
}

/* Must the answer to @tmf still wait? Not on a channel that is ending. */
static bool srpt_tmf_must_wait(const struct srpt_send_ioctx *tmf)
{
	struct srpt_nexus *nexus = tmf->ch->nexus;
	struct srpt_rdma_ch *ch;
	bool found = false;

	if (READ_ONCE(tmf->ch->state) >= SRPT_CH_DRAINING)
		return false;
	spin_lock(&nexus->lock);
	list_for_each_entry(ch, &nexus->channels, nexus_entry) {
		found = srpt_ch_has_task_of(tmf, ch);
		if (found)
			break;
	}
	spin_unlock(&nexus->lock);
	return found;
}

/* Answers what need not wait any more. */
static void srpt_tmf_work_fn(struct work_struct *work)
{
	struct srpt_send_ioctx *tmf, *next;
	LIST_HEAD(over);

	spin_lock_irq(&srpt_held_lock);
	list_for_each_entry_safe(tmf, next, &srpt_held, park) {
		if (srpt_tmf_must_wait(tmf))
			continue;
		list_move_tail(&tmf->park, &over);
		atomic_dec(&srpt_n_held);
	}
	spin_unlock_irq(&srpt_held_lock);
	list_for_each_entry_safe(tmf, next, &over, park) {
		list_del_init(&tmf->park);
		srpt_answer(tmf, SRP_RSP_NO_FAILURE);
	}
}

static DECLARE_WORK(srpt_tmf_work, srpt_tmf_work_fn);

/**
 * srpt_tmf_look - answer what need not wait any more
 *
 * Context: any; a work item does it.
 */
void srpt_tmf_look(void)
{
	queue_work(srpt_wq, &srpt_tmf_work);
}

/* Answers @tmf when all commands that it is about are over. */
static void srpt_tmf_hold(struct srpt_send_ioctx *tmf)
{
	unsigned long flags;

	spin_lock_irqsave(&srpt_held_lock, flags);
	list_add_tail(&tmf->park, &srpt_held);
	atomic_inc(&srpt_n_held);
	spin_unlock_irqrestore(&srpt_held_lock, flags);
	/* pairs with srpt_put_send_ioctx(): it sees us or we see its state */
	smp_mb();
	srpt_tmf_kick();
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

	enum srp_rsp_code code = srpt_tmr_code(ioctx);

	if (code == SRP_RSP_NO_FAILURE)
		srpt_tmf_hold(ioctx);
	else
		srpt_answer(ioctx, code);
}
