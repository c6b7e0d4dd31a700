// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The completion queues of a channel, and the work item that serves them.
 *
 * Each channel has queues of its own, and its callbacks run in a work item
 * of its own: one at a time, in the order of each queue, and whatever one of
 * them waits for, no other channel waits with it.  The kernel's pool of
 * completion queues shares them between channels, and the work queue of the
 * RDMA core between drivers: both would hand on the wait.
 *
 * The work queue is per CPU. Where LIO completes commands by work items it is of
 * ordinary priority, as theirs is: a command that comes in and goes out on one
 * CPU wakes one worker, not two that take turns. Where LIO does not it is of high
 * priority.
 *
 * Receives have a queue that tells of each.  That of sends does so only while
 * somebody waits for them (SRPT_CHF_WATCH, until all have completed): that a short
 * answer has left is no news, and its command is given back when the next request
 * is seen, or by a work item no more than a jiffy later.  The proof: who posts
 * has taken entries, then looks whether sends are watched, and if they are not
 * queues that work item, if that is not pending, or has them watched.  Who ends
 * the watch, and the work item, which begins it, look at the entries afterwards.
 * There are full barriers in between: one of the two sees the other.
 *
 * srpt_cq_stop() is the end of all callbacks.  It waits for one that is at
 * work as long as that takes, and after it none begins: what they use can be
 * freed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/device.h>

#include "srpt_way.h"

/*
 * Completions, and bytes that their commands are about, that are dealt with
 * before others on this CPU get their turn.
 */
#define SRPT_CQ_BUDGET	128
#define SRPT_CQ_BYTES	(256 << 10)

/*
 * One completion. Of the work requests of a batch only the last has a callback;
 * the others complete only when they fail, and then may be the first to tell.
 */
static void srpt_cq_dispatch(struct srpt_rdma_ch *ch, struct ib_cq *cq,
			     struct ib_wc *wc)
{
	if (likely(wc->wr_cqe))
		wc->wr_cqe->done(cq, wc);
	else if (wc->status != IB_WC_SUCCESS)
		srpt_ch_wc_error(ch, wc, "moving data");
}

/*
 * Deals with sends until none is there, or @budget of them have been dealt with.
 * They take no time, but for writes with all of their data.  Returns true if there
 * may be more.
 */
static bool srpt_cq_poll_sends(struct srpt_rdma_ch *ch, u32 budget)
{
	u32 done = 0, n, i;

	do {
		n = max(ib_poll_cq(ch->send_cq, ARRAY_SIZE(ch->send_wcs),
				   ch->send_wcs), 0);
		for (i = 0; i < n; i++)
			srpt_cq_dispatch(ch, ch->send_cq, &ch->send_wcs[i]);
		done += n;
	} while (n == ARRAY_SIZE(ch->send_wcs) && done < budget);
	WRITE_ONCE(ch->cq_count, ch->cq_count + done);
	return n == ARRAY_SIZE(ch->send_wcs);
}

/*
 * Deals with receives until none is there, or @budget of them or commands with
 * @bytes of data have been dealt with: LIO makes memory for that much.  Returns
 * true if there may be more.
 */
static bool srpt_cq_poll_receives(struct srpt_rdma_ch *ch, u32 budget, u32 bytes)
{
	u32 i = ch->wc_next, n = ch->n_wcs, done = 0;

	ch->turn_bytes = 0;
	do {
		if (i == n) {
			n = max(ib_poll_cq(ch->cq, ARRAY_SIZE(ch->wcs),
					   ch->wcs), 0);
			i = 0;
		}
		for (; i < n && ch->turn_bytes < bytes; i++, done++) {
			ch->recv_run++;
			srpt_cq_dispatch(ch, ch->cq, &ch->wcs[i]);
		}
	} while (i == ARRAY_SIZE(ch->wcs) && done < budget &&
		 ch->turn_bytes < bytes);
	ch->wc_next = i;
	ch->n_wcs = n;
	WRITE_ONCE(ch->cq_count, ch->cq_count + done);
	return i < n || i == ARRAY_SIZE(ch->wcs);
}

/*
 * A turn of the work item.  Receives go first: their buffers are scarce, and what
 * an initiator has sent beyond its credits is there to be seen until answers have
 * left.  Sends wait for no more of them than twice the credits: that is a stream, not
 * a burst.  Returns true if there may be more.
 */
static bool srpt_cq_poll(struct srpt_rdma_ch *ch, u32 budget, u32 bytes)
{
	bool more = srpt_cq_poll_receives(ch, budget, bytes);

	if (more && ch->recv_run < 2 * ch->n_send)
		return true;
	ch->recv_run = 0;
	return srpt_cq_poll_sends(ch, budget) || more;
}

/* The next completion will be told. Returns true if there are some already. */
static bool srpt_cq_arm(struct ib_cq *cq)
{
	return ib_req_notify_cq(cq, IB_CQ_NEXT_COMP |
				IB_CQ_REPORT_MISSED_EVENTS) > 0;
}

/* Is there nothing whose completion could be waited for? */
static bool srpt_cq_all_sent(const struct srpt_rdma_ch *ch)
{
	return atomic_read(&ch->sq_avail) == ch->sq_size &&
	       !test_bit(SRPT_CHF_MARK_BUSY, &ch->flags) &&
	       !READ_ONCE(ch->waiting) &&
	       READ_ONCE(ch->state) < SRPT_CH_DRAINING;
}

/* Goes on to watch sends, if somebody wants that, until there are none. */
static bool srpt_cq_keep_watch(struct srpt_rdma_ch *ch)
{
	if (likely(!test_bit(SRPT_CHF_WATCH, &ch->flags)))
		return false;
	clear_bit(SRPT_CHF_WATCH, &ch->flags);
	/* see the top of this file */
	smp_mb__after_atomic();
	if (srpt_cq_all_sent(ch))
		return false;
	set_bit(SRPT_CHF_WATCH, &ch->flags);
	return srpt_cq_arm(ch->send_cq);
}

static void srpt_cq_work(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(work, struct srpt_rdma_ch,
					       cq_work);

	if (READ_ONCE(ch->cq_stopped))
		return;
	if (srpt_cq_poll(ch, SRPT_CQ_BUDGET, SRPT_CQ_BYTES) ||
	    srpt_cq_arm(ch->cq) || srpt_cq_keep_watch(ch))
		queue_work(srpt_cq_wq, &ch->cq_work);
}

static void srpt_cq_reap(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(to_delayed_work(work),
					       struct srpt_rdma_ch, reap);

	set_bit(SRPT_CHF_WATCH, &ch->flags);
	queue_work(srpt_cq_wq, &ch->cq_work);
}

/**
 * srpt_cq_watch - somebody waits for something that has been sent, or will be
 * @ch: channel; the caller owns entries of its send queue, or has changed its
 *	state to DRAINING, or has set SRPT_CHF_MARK_BUSY, or lets requests wait
 *
 * From here on completions of sends are dealt with when they come, until all are
 * there. Before what is waited for is posted, since the channel may be gone
 * afterwards.
 *
 * Context: any.
 */
void srpt_cq_watch(struct srpt_rdma_ch *ch)
{
	set_bit(SRPT_CHF_WATCH, &ch->flags);
	if (srpt_cq_arm(ch->send_cq))
		queue_work(srpt_cq_wq, &ch->cq_work);
}

/**
 * srpt_cq_reap_soon - nobody waits for what is about to be posted
 * @ch: channel; the caller owns entries of its send queue
 *
 * Context: any.
 */
void srpt_cq_reap_soon(struct srpt_rdma_ch *ch)
{
	if (!test_bit(SRPT_CHF_WATCH, &ch->flags) &&
	    !delayed_work_pending(&ch->reap))
		queue_delayed_work(srpt_cq_wq, &ch->reap, 1);
}

/* Context: maybe interrupt; the work runs on this CPU, that of the vector. */
static void srpt_cq_comp(struct ib_cq *cq, void *context)
{
	struct srpt_rdma_ch *ch = context;

	queue_work(srpt_cq_wq, &ch->cq_work);
}

static void srpt_cq_event(struct ib_event *event, void *context)
{
	struct srpt_rdma_ch *ch = context;

	pr_warn_ratelimited("%s: completion queue: %s\n", ch->peer,
			    ib_event_msg(event->event));
	srpt_close_ch(ch);
}

/* One of the two; they share a completion vector. */
static struct ib_cq *srpt_cq_make(struct srpt_rdma_ch *ch, u32 entries)
{
	struct ib_cq_init_attr attr = {
		.cqe = min_t(u32, entries, ch->sdev->ib_dev->attrs.max_cqe),
		.comp_vector = ch->vector,
	};

	return ib_create_cq(ch->sdev->ib_dev, srpt_cq_comp, srpt_cq_event, ch,
			    &attr);
}

/**
 * srpt_cq_choose - say where completions of a channel are told and dealt with
 * @ch: channel in login
 *
 * Spreads channels over the completion vectors of the device, and over the
 * processors, those nearest to it first.
 *
 * Context: any.
 */
void srpt_cq_choose(struct srpt_rdma_ch *ch)
{
	struct ib_device *dev = ch->sdev->ib_dev;
	u32 turn = atomic_inc_return(&ch->sdev->next_vector);

	ch->vector = turn % max(dev->num_comp_vectors, 1);
	ch->home_cpu = cpumask_local_spread(turn, dev_to_node(&dev->dev));
}

/**
 * srpt_cq_create - make the completion queues of a channel
 * @ch: channel in login, without them; srpt_cq_choose()
 * @receives: completions of receives that can be there at once
 * @sends: likewise
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int srpt_cq_create(struct srpt_rdma_ch *ch, u32 receives, u32 sends)
{
	struct ib_cq *cq, *send_cq;

	ch->wc_next = 0;
	ch->n_wcs = 0;
	ch->recv_run = 0;
	INIT_WORK(&ch->cq_work, srpt_cq_work);
	INIT_DELAYED_WORK(&ch->reap, srpt_cq_reap);
	cq = srpt_cq_make(ch, receives);
	if (IS_ERR(cq))
		return PTR_ERR(cq);
	send_cq = srpt_cq_make(ch, sends);
	if (IS_ERR(send_cq)) {
		ib_destroy_cq(cq);
		return PTR_ERR(send_cq);
	}
	ch->cq = cq;
	ch->send_cq = send_cq;
	ib_req_notify_cq(cq, IB_CQ_NEXT_COMP);
	return 0;
}

/**
 * srpt_cq_busy - is a callback of a channel at work, or about to be?
 * @ch: channel with a completion queue
 *
 * Context: any. True means: what is missing may still come by itself.
 */
bool srpt_cq_busy(struct srpt_rdma_ch *ch)
{
	return work_busy(&ch->cq_work);
}

/**
 * srpt_cq_stop - the end of all callbacks of a channel
 * @ch: channel; its queue pair is in error and nobody posts to it
 *
 * Waits for a callback that is at work, without a bound: it may be asleep in
 * a backend.  Then deals with what is left in the queues, in this context.
 *
 * Context: may sleep, for as long as a backend takes.
 */
void srpt_cq_stop(struct srpt_rdma_ch *ch)
{
	/*
	 * A work item that is queued behind this one, by an interrupt that
	 * came too late, begins after the cancellation and so sees the flag.
	 */
	WRITE_ONCE(ch->cq_stopped, true);
	cancel_delayed_work_sync(&ch->reap);
	cancel_work_sync(&ch->cq_work);
	srpt_cq_poll(ch, U32_MAX, U32_MAX);
}

/**
 * srpt_cq_destroy - free the completion queues of a channel
 * @ch: channel; its queue pair is gone, or was never there
 *
 * Context: may sleep.
 */
void srpt_cq_destroy(struct srpt_rdma_ch *ch)
{
	WRITE_ONCE(ch->cq_stopped, true);
	cancel_delayed_work_sync(&ch->reap);
	cancel_work_sync(&ch->cq_work);
	ib_destroy_cq(ch->send_cq);
	ib_destroy_cq(ch->cq);
	/* no interrupt queues it any more */
	cancel_work_sync(&ch->cq_work);
	ch->send_cq = NULL;
	ch->cq = NULL;
	ch->cq_stopped = false;
}
