// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Life of a channel.
 *
 * A channel is built by a login (srpt_login.c), lives on completions, and is
 * ended by srpt_close_ch(), which anyone may call from anywhere: only the
 * first caller changes the state to DRAINING and starts the release work
 * (srpt_end.c).
 *
 * Meanwhile a timer looks after it: it bounds the login and the farewell, and
 * finds out whether the peer of a quiet channel is still there.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/slab.h>

#include "srpt_life.h"

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
		srpt_rtu_is_late(ch);
		break;
	case IB_EVENT_QP_LAST_WQE_REACHED:
		set_bit(SRPT_CHF_RQ_DRAINED, &ch->flags);
		wake_up_all(&ch->drain_wait);
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

/*
 * Nothing was received since the last look: is the peer still there? Beside
 * that, the completion of the probe is where commands that are not used go.
 */
static void srpt_probe_peer(struct srpt_rdma_ch *ch)
{
	u32 count = READ_ONCE(ch->rx_count);
	bool trim = READ_ONCE(ch->n_cmds) > SRPT_TX_RESERVE + 2;

	if (trim)
		set_bit(SRPT_CHF_TRIM, &ch->flags);
	if ((trim || count == ch->rx_seen) && srpt_ch_enter(ch)) {
		srpt_zerolength_write(ch);
		srpt_ch_exit(ch);
	}
	ch->rx_seen = count;
	queue_delayed_work(srpt_wq, &ch->timer, SRPT_PROBE_INTERVAL);
}

/* The RTU was lost, but the peer has sent something: the connection stands. */
static void srpt_cm_notify(struct srpt_rdma_ch *ch)
{
	queue_delayed_work(srpt_wq, &ch->timer, SRPT_LOGIN_TIMEOUT);
	if (ch->rdma_cm_id)
		rdma_notify(ch->rdma_cm_id, IB_EVENT_COMM_EST);
	else if (ch->cm_id)
		ib_cm_notify(ch->cm_id, IB_EVENT_COMM_EST);
}

static void srpt_await_rtu(struct srpt_rdma_ch *ch)
{
	if (test_bit(SRPT_CHF_RTU_LATE, &ch->flags) &&
	    !test_and_set_bit(SRPT_CHF_RTU_MISSED, &ch->flags)) {
		srpt_cm_notify(ch);
		return;
	}
	pr_warn_ratelimited("%s: login was never completed\n", ch->peer);
	srpt_close_ch(ch);
}

static void srpt_ch_timer(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(to_delayed_work(work),
					       struct srpt_rdma_ch, timer);

	switch (READ_ONCE(ch->state)) {
	case SRPT_CH_CONNECTING:
		srpt_await_rtu(ch);
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
	ch->stats = srpt_stats_alloc(SRPT_N_COUNTERS);
	if (!ch->stats) {
		kfree(ch);
		return NULL;
	}
	atomic_long_add(ksize(ch), &srpt_bytes);
	ch->since = ktime_get_seconds();
	ch->state_since = ch->since;
	ch->sport = sport;
	ch->sdev = sport->sdev;
	kref_get(&ch->sdev->kref);
	ch->tpg = tpg;
	spin_lock_init(&ch->lock);
	INIT_LIST_HEAD(&ch->parked);
	INIT_LIST_HEAD(&ch->wait_list);
	INIT_LIST_HEAD(&ch->entry);
	INIT_LIST_HEAD(&ch->nexus_entry);
	INIT_LIST_HEAD(&ch->nexus_all);
	init_llist_head(&ch->free_list);
	init_completion(&ch->login_done);
	ch->mark_cqe.done = srpt_mark_done;
	INIT_DELAYED_WORK(&ch->timer, srpt_ch_timer);
	srpt_pool_init(&ch->recv_pool, ch->sdev->ib_dev, DMA_FROM_DEVICE);
	return ch;
}
