// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The end of a channel.
 *
 * The release work is the one place that frees, in a straight list; each step
 * tolerates that the login never got as far. In order:
 *
 *  1. The QP goes to error. Everything posted is flushed; nobody posts any
 *     more (the gate of srpt_sq.c); parked commands end.
 *  2. All send queue entries come back: no transfer is under way.
 *  3. Marks: a last receive, then a last zero-length write. Both directions
 *     share one CQ, so when a mark is seen, all callbacks before it have
 *     returned. With a shared receive queue the LAST_WQE event takes the place
 *     of the receive mark (IBA 10.3.1).
 *  4. CM id, QP, CQ and mappings go; the device no longer counts the channel.
 *  5. The session goes when its last command has left LIO, however long the
 *     backend takes, and with it the memory.
 *
 * Each wait in 1 to 4 has a bound, for hardware that has died.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "srpt_life.h"

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

/* The hardware has not returned these in time: it never will. */
static void srpt_reclaim_cmds(struct srpt_rdma_ch *ch)
{
	u32 i, lost = 0;

	for (i = 0; i < ch->n_send; i++) {
		struct srpt_send_ioctx *ioctx = ch->send_ring[i];

		if (!ioctx->xfer.held)
			continue;
		srpt_xfer_end_batch(ioctx);
		srpt_abort_cmd(ioctx);
		lost++;
	}
	pr_warn("%s: %s left %u transfers unfinished\n", ch->peer,
		dev_name(&ch->sdev->ib_dev->dev), lost);
}

static bool srpt_sq_idle(struct srpt_rdma_ch *ch)
{
	return atomic_read(&ch->sq_avail) == ch->sq_size;
}

/* The last receive of a private queue, or the HCA's word for a shared one. */
static void srpt_drain_receives(struct srpt_rdma_ch *ch)
{
	struct ib_recv_wr wr = { .wr_cqe = &ch->recv_mark_cqe };

	if (ch->srq)
		wait_for_completion_timeout(&ch->last_wqe,
					    SRPT_LAST_WQE_TIMEOUT);
	else if (!ib_post_recv(ch->qp, &wr, NULL))
		wait_for_completion_timeout(&ch->recv_mark_done,
					    SRPT_DRAIN_TIMEOUT);
}

static void srpt_drain_sends(struct srpt_rdma_ch *ch)
{
	if (srpt_post_nothing(ch, &ch->drain_cqe))
		return;
	if (!wait_for_completion_timeout(&ch->drain_done, SRPT_DRAIN_TIMEOUT))
		pr_warn("%s: the send queue did not drain\n", ch->peer);
}

/* Steps 1 to 3 of the end, see the top of this file. */
static void srpt_drain_ch(struct srpt_rdma_ch *ch)
{
	int ret;

	if (!ch->qp)
		return;
	ret = srpt_ch_qp_err(ch);
	if (ret)
		pr_warn("%s: queue pair does not take the error state: %d\n",
			ch->peer, ret);
	srpt_sq_run(ch);
	if (!wait_var_event_timeout(&ch->sq_avail, srpt_sq_idle(ch),
				    SRPT_DRAIN_TIMEOUT))
		srpt_reclaim_cmds(ch);
	srpt_drain_receives(ch);
	srpt_drain_sends(ch);
}

/* Step 4: everything that is hardware. */
static void srpt_free_ch_ib(struct srpt_rdma_ch *ch)
{
	srpt_cm_destroy(ch);
	if (ch->qp)
		ib_destroy_qp(ch->qp);
	if (ch->cq)
		ib_cq_pool_put(ch->cq, ch->cqe_count);
	if (ch->srq)
		srpt_srq_leave(ch);
	srpt_pool_unmap(&ch->send_pool);
	srpt_pool_unmap(&ch->recv_pool);
}

/* What LIO knows. Waits as long as the backend takes. */
static void srpt_end_session(struct srpt_rdma_ch *ch)
{
	if (ch->sess) {
		target_stop_session(ch->sess);
		target_wait_for_sess_cmds(ch->sess);
	}
	wait_var_event(&ch->borrowed, !atomic_read(&ch->borrowed));
	wait_var_event(&ch->lent, !atomic_read(&ch->lent));
	if (ch->sess)
		target_remove_session(ch->sess);
}

static void srpt_free_ch(struct srpt_rdma_ch *ch)
{
	srpt_free_ioctx_ring((struct srpt_ioctx **)ch->send_ring,
			     &ch->send_pool, ch->n_send);
	srpt_free_ioctx_ring((struct srpt_ioctx **)ch->recv_ring,
			     &ch->recv_pool, ch->depth + SRPT_RX_SLACK);
	if (ch->srq)
		srpt_srq_put(ch->srq);
	srpt_tpg_put(ch->tpg);
	srpt_device_put(ch->sdev);
	kfree(ch);
}

/**
 * srpt_end_work - the end of a channel, step 5
 * @work: end_work of the channel
 *
 * On a queue of its own: channels that wait for a backend must not keep others
 * from ending.
 *
 * Context: may sleep as long as the backend likes.
 */
void srpt_end_work(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(work, struct srpt_rdma_ch,
					       end_work);

	srpt_end_session(ch);
	srpt_free_ch(ch);
}

/**
 * srpt_release_work - the end of a channel, steps 1 to 4
 * @work: release_work of the channel, queued by srpt_close_ch()
 *
 * Context: may sleep, within the bounds of the drain.
 */
void srpt_release_work(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(work, struct srpt_rdma_ch,
					       release_work);

	wait_for_completion(&ch->login_done);
	srpt_cm_disconnect(ch);
	srpt_drain_ch(ch);
	srpt_free_ch_ib(ch);
	srpt_set_ch_state(ch, SRPT_CH_DISCONNECTED);
	if (ch->sess)
		pr_info_ratelimited("%s: channel closed\n", ch->peer);
	srpt_ch_unlist(ch);
	/* nobody finds the channel any more, so nobody starts the timer */
	cancel_delayed_work_sync(&ch->timer);
	queue_work(srpt_end_wq, &ch->end_work);
}
