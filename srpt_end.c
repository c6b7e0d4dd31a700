// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The end of a channel.
 *
 * srpt_close_ch() has changed the state to DRAINING and queued the release
 * work; that work is the one place that frees, in a straight list, and each
 * step of it tolerates that the login never got as far.  In order:
 *
 *  1. The QP goes to error.  Everything posted is flushed; nobody posts any
 *     more (the gate of srpt_sq.c); parked commands end.
 *  2. All send queue entries come back: no transfer is under way.
 *  3. Marks: a last receive, then a last zero-length write.  When one is seen,
 *     all completions before it in its CQ have been dealt with.  With a shared
 *     receive queue the LAST_WQE event takes the place of the receive mark
 *     (IBA 10.3.1).  A device in internal error refuses them; then its driver
 *     makes marks of its own.
 *  4. srpt_cq_stop(): from here on no callback runs.  A callback may sleep in a
 *     backend; it is waited for without a bound, and nothing that it uses has
 *     been freed.
 *  5. CM id, QP, CQ and mappings go; the device no longer counts the channel.
 *  6. The session goes when its last command has left LIO, however long the
 *     backend takes, and with it the memory.
 *
 * The waits of 2 and 3 end for dead hardware only: when nothing has completed
 * for SRPT_DRAIN_TIMEOUT although no callback is at work.  Then what the device
 * still holds is taken from it.
 *
 * Each of the two works has a work queue of its own, and neither is that of
 * logins or of submissions: channels that hang in one hold up no other.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "srpt_life.h"

/* Channels without hardware whose last commands are in a backend. */
static DEFINE_MUTEX(srpt_ending_mutex);
static LIST_HEAD(srpt_ending);

static bool srpt_sq_idle(const struct srpt_rdma_ch *ch)
{
	return atomic_read(&ch->sq_avail) == ch->sq_size;
}

static bool srpt_rq_is_drained(const struct srpt_rdma_ch *ch)
{
	return test_bit(SRPT_CHF_RQ_DRAINED, &ch->flags);
}

static bool srpt_sq_is_drained(const struct srpt_rdma_ch *ch)
{
	return test_bit(SRPT_CHF_SQ_DRAINED, &ch->flags);
}

/* For those who ask what the end of a channel waits for. */
static void srpt_waits_for(struct srpt_rdma_ch *ch, enum srpt_ch_wait what)
{
	WRITE_ONCE(ch->waits, what);
}

/* The completion of a mark: all that was posted before it has completed. */
static void srpt_drained(struct srpt_rdma_ch *ch, int bit)
{
	set_bit(bit, &ch->flags);
	wake_up_all(&ch->drain_wait);
}

static void srpt_drain_done(struct ib_cq *cq, struct ib_wc *wc)
{
	srpt_drained(cq->cq_context, SRPT_CHF_SQ_DRAINED);
}

static void srpt_recv_mark_done(struct ib_cq *cq, struct ib_wc *wc)
{
	srpt_drained(cq->cq_context, SRPT_CHF_RQ_DRAINED);
}

/*
 * Waits for what completions bring about.  Gives up when the hardware has died:
 * nothing has completed for @timeout, and no callback is at work that would be
 * the reason.
 */
static bool srpt_await(struct srpt_rdma_ch *ch,
		       bool (*done)(const struct srpt_rdma_ch *ch),
		       unsigned long timeout)
{
	u32 seen;

	do {
		seen = READ_ONCE(ch->cq_count);
		if (wait_event_timeout(ch->drain_wait, done(ch), timeout))
			return true;
	} while (srpt_cq_busy(ch) || seen != READ_ONCE(ch->cq_count));
	return false;
}

/* The last receive of a private queue, or the HCA's word for a shared one. */
static int srpt_drain_receives(struct srpt_rdma_ch *ch)
{
	struct ib_recv_wr wr = { .wr_cqe = &ch->recv_mark_cqe };
	int ret;

	srpt_waits_for(ch, SRPT_WAIT_RECEIVES);
	ch->recv_mark_cqe.done = srpt_recv_mark_done;
	if (srpt_ch_shares_rq(ch)) {
		srpt_await(ch, srpt_rq_is_drained, SRPT_LAST_WQE_TIMEOUT);
		return 0;
	}
	ret = ib_post_recv(ch->qp, &wr, NULL);
	if (!ret)
		srpt_await(ch, srpt_rq_is_drained, SRPT_DRAIN_TIMEOUT);
	return ret;
}

static int srpt_drain_sends(struct srpt_rdma_ch *ch)
{
	int ret;

	srpt_waits_for(ch, SRPT_WAIT_SENDS);
	ch->drain_cqe.done = srpt_drain_done;
	ret = srpt_post_nothing(ch, &ch->drain_cqe);
	if (!ret && !srpt_await(ch, srpt_sq_is_drained, SRPT_DRAIN_TIMEOUT))
		pr_warn("%s: the send queue did not drain\n", ch->peer);
	return ret;
}

/*
 * The device refuses marks. Its driver knows how to make one that is not refused;
 * our work deals with it as with all completions.
 */
static void srpt_drain_by_driver(struct srpt_rdma_ch *ch)
{
	const struct ib_device_ops *ops = &ch->qp->device->ops;

	if (!srpt_ch_shares_rq(ch) && ops->drain_rq)
		ib_drain_rq(ch->qp);
	if (ops->drain_sq)
		ib_drain_sq(ch->qp);
}

/* The hardware has not returned these in time: it never will. */
static void srpt_reclaim_cmds(struct srpt_rdma_ch *ch)
{
	u32 i, lost = 0;

	for (i = 0; i < ch->n_send; i++) {
		struct srpt_send_ioctx *ioctx = ch->send_ring[i];

		if (!ioctx || !ioctx->xfer.held)
			continue;
		srpt_xfer_end_batch(ioctx);
		srpt_abort_cmd(ioctx);
		lost++;
	}
	if (lost)
		pr_warn("%s: %s left %u transfers unfinished\n", ch->peer,
			dev_name(&ch->sdev->ib_dev->dev), lost);
}

/* Steps 1 to 4 of the end, see the top of this file. */
static void srpt_drain_ch(struct srpt_rdma_ch *ch)
{
	bool refused = false;
	int ret;

	if (!ch->qp)
		return;
	if (ch->rq)
		srpt_rq_shut(ch->rq);
	ret = srpt_ch_qp_err(ch);
	if (ret)
		pr_warn("%s: queue pair does not take the error state: %d\n",
			ch->peer, ret);
	srpt_sq_run(ch);
	srpt_cq_watch(ch);
	srpt_waits_for(ch, SRPT_WAIT_TRANSFERS);
	if (srpt_await(ch, srpt_sq_idle, SRPT_DRAIN_TIMEOUT))
		refused = srpt_drain_receives(ch) || srpt_drain_sends(ch);
	if (refused && test_bit(SRPT_CHF_QP_INIT, &ch->flags))
		srpt_drain_by_driver(ch);
	srpt_waits_for(ch, SRPT_WAIT_CALLBACK);
	srpt_cq_stop(ch);
	srpt_run_wait_list(ch);
	if (!srpt_sq_idle(ch))
		srpt_reclaim_cmds(ch);
	/* whoever is inside the gate now is on the way out: software only */
	wait_event(ch->drain_wait, srpt_sq_idle(ch));
}

/* Step 5: everything that is hardware. */
static void srpt_free_ch_ib(struct srpt_rdma_ch *ch)
{
	srpt_waits_for(ch, SRPT_WAIT_HARDWARE);
	srpt_cm_destroy(ch);
	if (ch->qp)
		ib_destroy_qp(ch->qp);
	if (ch->cq)
		srpt_cq_destroy(ch);
	if (srpt_ch_shares_rq(ch))
		srpt_srq_leave(ch);
	else if (ch->rq)
		srpt_rq_close(ch->rq);
	srpt_unmap_cmds(ch);
	srpt_pool_unmap(&ch->recv_pool);
}

/* The end of what LIO does for a channel.  Waits as long as a backend takes. */
static void srpt_await_backend(struct srpt_rdma_ch *ch)
{
	srpt_waits_for(ch, SRPT_WAIT_BACKSTORE);
	if (ch->sess) {
		target_stop_session(ch->sess);
		target_wait_for_sess_cmds(ch->sess);
	}
	srpt_waits_for(ch, SRPT_WAIT_TMFS);
	wait_var_event(&ch->sess_users, !atomic_read(&ch->sess_users));
	wait_var_event(&ch->tmf_elsewhere, !atomic_read(&ch->tmf_elsewhere));
}

static void srpt_free_ch(struct srpt_rdma_ch *ch)
{
	/* it finds nothing any more, but may have been told to look */
	cancel_work_sync(&ch->rsp_work);
	if (ch->sess)
		target_remove_session(ch->sess);
	srpt_nexus_leave(ch);
	srpt_free_cmds(ch);
	srpt_free_ioctx_ring((struct srpt_ioctx **)ch->recv_ring,
			     &ch->recv_pool, ch->depth + SRPT_RX_SLACK);
	if (ch->rq)
		srpt_rq_put(ch->rq);
	srpt_tpg_put(ch->tpg);
	srpt_stats_free(ch->stats, SRPT_N_COUNTERS);
	srpt_device_put(ch->sdev);
	atomic_long_sub(ksize(ch), &srpt_bytes);
	kfree(ch);
}

/* Step 6. */
static void srpt_end_work(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(work, struct srpt_rdma_ch,
					       end_work);

	srpt_await_backend(ch);
	mutex_lock(&srpt_ending_mutex);
	list_del(&ch->entry);
	mutex_unlock(&srpt_ending_mutex);
	srpt_free_ch(ch);
}

static void srpt_release_work(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(work, struct srpt_rdma_ch,
					       release_work);

	srpt_waits_for(ch, SRPT_WAIT_LOGIN);
	wait_for_completion(&ch->login_done);
	srpt_cm_disconnect(ch);
	/* pairs with srpt_tmf_hold(): the state, then whether one is held */
	smp_mb();
	srpt_tmf_kick();
	srpt_drain_ch(ch);
	srpt_free_ch_ib(ch);
	srpt_set_ch_state(ch, SRPT_CH_DISCONNECTED);
	if (ch->sess)
		pr_info_ratelimited("%s: channel closed\n", ch->peer);
	srpt_ch_unlist(ch);
	/* nobody finds the channel any more, so nobody starts the timer */
	cancel_delayed_work_sync(&ch->timer);
	mutex_lock(&srpt_ending_mutex);
	list_add_tail(&ch->entry, &srpt_ending);
	mutex_unlock(&srpt_ending_mutex);
	queue_work(srpt_end_wq, &ch->end_work);
}

/**
 * srpt_end_init - what will end a channel
 * @ch: a channel that is being allocated
 */
void srpt_end_init(struct srpt_rdma_ch *ch)
{
	init_waitqueue_head(&ch->drain_wait);
	INIT_WORK(&ch->release_work, srpt_release_work);
	INIT_WORK(&ch->end_work, srpt_end_work);
}

/* Those that wait for backstores have no hardware any more, and maybe no HCA. */
static void srpt_visit_ending(srpt_ch_fn fn, void *arg)
{
	struct srpt_rdma_ch *ch;

	mutex_lock(&srpt_ending_mutex);
	list_for_each_entry(ch, &srpt_ending, entry)
		fn(ch, arg);
	mutex_unlock(&srpt_ending_mutex);
}

/**
 * srpt_visit_every - look at every channel that there is
 * @fn: what to do; must not sleep for long
 * @arg: for @fn
 *
 * Those with hardware first, under sdev->mutex, then those without. One that
 * goes from the former to the latter meanwhile may be missed.
 *
 * Context: may sleep.
 */
void srpt_visit_every(srpt_ch_fn fn, void *arg)
{
	srpt_visit_channels(fn, arg);
	srpt_visit_ending(fn, arg);
}
