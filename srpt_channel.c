// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Life of a channel.
 *
 * A channel is built by a login (srpt_login.c), lives on completions, and is
 * ended by srpt_close_ch(), which anyone may call from anywhere: only the
 * first caller changes the state to DRAINING and starts the release work. The
 * work is the one place that frees, in a straight list; each step tolerates
 * that the login never got as far.
 *
 * The end, in order:
 *
 *  1. The QP goes to error. Everything posted is flushed; nobody posts any
 *     more (the gate of srpt_rdma.c); parked commands end.
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

#include "ib_srpt.h"
#include "srpt_trace.h"

static const char *const srpt_ch_states[] = {
	[SRPT_CH_CONNECTING] = "connecting",
	[SRPT_CH_LIVE] = "live",
	[SRPT_CH_DISCONNECTING] = "disconnecting",
	[SRPT_CH_DRAINING] = "draining",
	[SRPT_CH_DISCONNECTED] = "disconnected",
};

/**
 * srpt_ch_state_name - the word for a state
 * @state: of a channel
 *
 * Return: a string constant.
 */
const char *srpt_ch_state_name(enum srpt_ch_state state)
{
	return state < ARRAY_SIZE(srpt_ch_states) ? srpt_ch_states[state] :
						    "unknown";
}

/**
 * srpt_set_ch_state - move a channel on
 * @ch: channel
 * @new: next state
 *
 * States only grow. The caller acts on the change only if it won.
 *
 * Context: any. A full memory barrier when it returns true.
 * Return: true if this call has made the change.
 */
bool srpt_set_ch_state(struct srpt_rdma_ch *ch, enum srpt_ch_state new)
{
	enum srpt_ch_state old = READ_ONCE(ch->state);

	do {
		if (old >= new)
			return false;
	} while (!try_cmpxchg(&ch->state, &old, new));
	trace_srpt_ch_state(ch, old, new);
	return true;
}

/* An RDMA WRITE of nothing; IBA C9-88 spares it a valid R_Key. */
static int srpt_post_nothing(struct srpt_rdma_ch *ch, struct ib_cqe *cqe)
{
	struct ib_rdma_wr wr = {
		.wr = {
			.wr_cqe = cqe,
			.opcode = IB_WR_RDMA_WRITE,
			.send_flags = IB_SEND_SIGNALED,
		},
	};

	return ib_post_send(ch->qp, &wr.wr, NULL);
}

/**
 * srpt_zerolength_write - post an RDMA WRITE of nothing
 * @ch: channel
 *
 * Its completion is a mark in the completion queue: all that was posted
 * before has completed. On a live connection it also finds out whether the
 * peer is still there.
 *
 * Context: any; the caller makes sure that the queue pair exists.
 * Return: 0, -EBUSY if one is on its way already, or -errno of the HCA.
 */
int srpt_zerolength_write(struct srpt_rdma_ch *ch)
{
	int ret;

	if (test_and_set_bit(SRPT_CHF_MARK_BUSY, &ch->flags))
		return -EBUSY;
	ret = srpt_post_nothing(ch, &ch->mark_cqe);
	if (ret)
		clear_bit(SRPT_CHF_MARK_BUSY, &ch->flags);
	return ret;
}

/**
 * srpt_ch_wc_error - a work request of a channel has failed
 * @ch: channel
 * @wc: its completion
 * @what: what it was to do, for the log
 *
 * The first error that is not a flush is logged; the channel ends.
 *
 * Context: completion.
 */
void srpt_ch_wc_error(struct srpt_rdma_ch *ch, const struct ib_wc *wc,
		      const char *what)
{
	if (wc->status != IB_WC_WR_FLUSH_ERR &&
	    !test_and_set_bit(SRPT_CHF_ERROR_SEEN, &ch->flags))
		pr_warn_ratelimited("%s: %s failed: %s (vendor error 0x%x)\n",
				    ch->peer, what, ib_wc_status_msg(wc->status),
				    wc->vendor_err);
	srpt_close_ch(ch);
}

/**
 * srpt_qp_event - asynchronous event of a queue pair
 * @event: what happened
 * @ptr: its channel
 *
 * COMM_EST heals a lost RTU (IBA 12.9.6). After LAST_WQE the QP takes no more
 * buffers from a shared receive queue: it is in the error state (IBA 11.6.3),
 * be it by our own doing. The fatal ones end the channel.
 *
 * Context: maybe interrupt.
 */
void srpt_qp_event(struct ib_event *event, void *ptr)
{
	struct srpt_rdma_ch *ch = ptr;

	switch (event->event) {
	case IB_EVENT_COMM_EST:
		srpt_cm_notify(ch);
		break;
	case IB_EVENT_QP_LAST_WQE_REACHED:
		complete_all(&ch->last_wqe);
		srpt_close_ch(ch);
		break;
	case IB_EVENT_QP_FATAL:
	case IB_EVENT_QP_REQ_ERR:
	case IB_EVENT_QP_ACCESS_ERR:
		pr_warn_ratelimited("%s: queue pair: %s\n", ch->peer,
				    ib_event_msg(event->event));
		srpt_close_ch(ch);
		break;
	default:
		pr_debug("%s: queue pair: %s\n", ch->peer,
			 ib_event_msg(event->event));
	}
}

/**
 * srpt_close_ch - end a channel
 * @ch: channel
 *
 * From here on nothing is posted for it, and the release work does the rest.
 *
 * Context: any.
 * Return: true if this call has ended it, false if it was ending already.
 */
bool srpt_close_ch(struct srpt_rdma_ch *ch)
{
	if (!srpt_set_ch_state(ch, SRPT_CH_DRAINING))
		return false;
	queue_work(srpt_wq, &ch->release_work);
	return true;
}

/**
 * srpt_disconnect_ch - end a channel politely
 * @ch: channel
 *
 * The initiator gets an SRP_T_LOGOUT (SRP r16a 6.6) if the channel is live;
 * the connection is cut when it has left, or after SRPT_LOGOUT_TIMEOUT.
 *
 * Context: process. The caller holds a lock that keeps @ch from going away.
 * Return: true if this call has started the end.
 */
bool srpt_disconnect_ch(struct srpt_rdma_ch *ch)
{
	bool live = READ_ONCE(ch->state) == SRPT_CH_LIVE;

	if (!srpt_set_ch_state(ch, SRPT_CH_DISCONNECTING))
		return false;
	mod_delayed_work(srpt_wq, &ch->timer, SRPT_LOGOUT_TIMEOUT);
	if (!live || srpt_send_logout(ch))
		srpt_close_ch(ch);
	return true;
}

/* Nothing was received since the last look: is the peer still there? */
static void srpt_probe_peer(struct srpt_rdma_ch *ch)
{
	u32 count = READ_ONCE(ch->rx_count);

	if (count == ch->rx_seen && srpt_ch_enter(ch)) {
		srpt_zerolength_write(ch);
		srpt_ch_exit(ch);
	}
	ch->rx_seen = count;
	queue_delayed_work(srpt_wq, &ch->timer, SRPT_PROBE_INTERVAL);
}

static void srpt_ch_timer(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(to_delayed_work(work),
					       struct srpt_rdma_ch, timer);

	switch (READ_ONCE(ch->state)) {
	case SRPT_CH_CONNECTING:
		pr_warn_ratelimited("%s: login was never completed\n",
				    ch->peer);
		srpt_close_ch(ch);
		break;
	case SRPT_CH_LIVE:
		srpt_probe_peer(ch);
		break;
	case SRPT_CH_DISCONNECTING:
		srpt_close_ch(ch);
		break;
	default:
		break;
	}
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

/*
 * Step 5, on a queue of its own: channels that wait for a backend must not
 * keep others from ending.
 */
static void srpt_end_work(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(work, struct srpt_rdma_ch,
					       end_work);

	srpt_end_session(ch);
	srpt_free_ch(ch);
}

static void srpt_release_work(struct work_struct *work)
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

/**
 * srpt_alloc_ch - a channel with nothing in it
 * @sport: port that the login came in through
 * @tpg: target port group that lets it in; the channel takes over the
 *	caller's count in tpg->users
 *
 * From now on srpt_close_ch() is the only way to get rid of it.
 *
 * Context: may sleep.
 * Return: the channel in state CONNECTING, or NULL; then the caller keeps the
 * count.
 */
struct srpt_rdma_ch *srpt_alloc_ch(struct srpt_port *sport,
				   struct srpt_tpg *tpg)
{
	struct srpt_rdma_ch *ch = kzalloc(sizeof(*ch), GFP_KERNEL);

	if (!ch)
		return NULL;
	ch->sport = sport;
	ch->sdev = sport->sdev;
	kref_get(&ch->sdev->kref);
	ch->tpg = tpg;
	spin_lock_init(&ch->lock);
	INIT_LIST_HEAD(&ch->parked);
	INIT_LIST_HEAD(&ch->wait_list);
	INIT_LIST_HEAD(&ch->entry);
	INIT_LIST_HEAD(&ch->nexus_entry);
	init_llist_head(&ch->free_list);
	init_completion(&ch->drain_done);
	init_completion(&ch->recv_mark_done);
	init_completion(&ch->last_wqe);
	init_completion(&ch->login_done);
	ch->mark_cqe.done = srpt_mark_done;
	ch->drain_cqe.done = srpt_drain_done;
	ch->recv_mark_cqe.done = srpt_recv_mark_done;
	INIT_DELAYED_WORK(&ch->timer, srpt_ch_timer);
	INIT_WORK(&ch->release_work, srpt_release_work);
	INIT_WORK(&ch->end_work, srpt_end_work);
	srpt_pool_init(&ch->send_pool, ch->sdev->ib_dev, DMA_TO_DEVICE);
	srpt_pool_init(&ch->recv_pool, ch->sdev->ib_dev, DMA_FROM_DEVICE);
	return ch;
}
