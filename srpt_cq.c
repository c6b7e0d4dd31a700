// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The completion queue of a channel, and the work item that serves it.
 *
 * Each channel has a queue of its own, and its callbacks run in a work item
 * of its own: one at a time, in the order of the queue, and whatever one of
 * them waits for, no other channel waits with it.  The kernel's pool of
 * completion queues shares them between channels, and the work queue of the
 * RDMA core between drivers: both would hand on the wait.
 *
 * The work queue is per CPU and of ordinary priority, like the one in which
 * LIO completes commands: a command that comes in and goes out on one CPU
 * wakes one worker, not two that take turns.
 *
 * srpt_cq_stop() is the end of all callbacks.  It waits for one that is at
 * work as long as that takes, and after it none begins: what they use can be
 * freed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/device.h>

#include "srpt_life.h"

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
static void srpt_cq_dispatch(struct srpt_rdma_ch *ch, struct ib_wc *wc)
{
	if (likely(wc->wr_cqe))
		wc->wr_cqe->done(ch->cq, wc);
	else if (wc->status != IB_WC_SUCCESS)
		srpt_ch_wc_error(ch, wc, "moving data");
}

/*
 * Deals with completions until none is there, or @budget of them or commands
 * with @bytes of data have been dealt with: LIO makes memory for that much.
 * Returns true if there may be more.
 */
static bool srpt_cq_poll(struct srpt_rdma_ch *ch, u32 budget, u32 bytes)
{
	u32 i = ch->wc_next, n = ch->n_wcs, done = 0;

	ch->turn_bytes = 0;
	do {
		if (i == n) {
			n = max(ib_poll_cq(ch->cq, ARRAY_SIZE(ch->wcs),
					   ch->wcs), 0);
			i = 0;
		}
		for (; i < n && ch->turn_bytes < bytes; i++, done++)
			srpt_cq_dispatch(ch, &ch->wcs[i]);
	} while (i == ARRAY_SIZE(ch->wcs) && done < budget &&
		 ch->turn_bytes < bytes);
	ch->wc_next = i;
	ch->n_wcs = n;
	WRITE_ONCE(ch->cq_count, ch->cq_count + done);
	return i < n || i == ARRAY_SIZE(ch->wcs);
}

static void srpt_cq_work(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(work, struct srpt_rdma_ch,
					       cq_work);

	if (READ_ONCE(ch->cq_stopped))
		return;
	if (srpt_cq_poll(ch, SRPT_CQ_BUDGET, SRPT_CQ_BYTES) ||
	    ib_req_notify_cq(ch->cq, IB_CQ_NEXT_COMP |
			     IB_CQ_REPORT_MISSED_EVENTS) > 0)
		queue_work(srpt_cq_wq, &ch->cq_work);
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

/**
 * srpt_cq_create - make the completion queue of a channel
 * @ch: channel in login, without one
 * @entries: completions that can be there at once
 *
 * Spreads channels over the completion vectors of the device, and over the
 * processors, those nearest to it first.
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int srpt_cq_create(struct srpt_rdma_ch *ch, u32 entries)
{
	struct ib_device *dev = ch->sdev->ib_dev;
	u32 turn = atomic_inc_return(&ch->sdev->next_vector);
	struct ib_cq_init_attr attr = {
		.cqe = entries,
		.comp_vector = turn % max(dev->num_comp_vectors, 1),
	};
	struct ib_cq *cq = ib_create_cq(dev, srpt_cq_comp, srpt_cq_event, ch,
					&attr);

	if (IS_ERR(cq))
		return PTR_ERR(cq);
	ch->cq = cq;
	ch->wc_next = 0;
	ch->n_wcs = 0;
	ch->vector = attr.comp_vector;
	ch->home_cpu = cpumask_local_spread(turn, dev_to_node(&dev->dev));
	INIT_WORK(&ch->cq_work, srpt_cq_work);
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
 * a backend.  Then deals with what is left in the queue, in this context.
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
	cancel_work_sync(&ch->cq_work);
	srpt_cq_poll(ch, U32_MAX, U32_MAX);
}

/**
 * srpt_cq_destroy - free the completion queue of a channel
 * @ch: channel; its queue pair is gone, or was never there
 *
 * Context: may sleep.
 */
void srpt_cq_destroy(struct srpt_rdma_ch *ch)
{
	WRITE_ONCE(ch->cq_stopped, true);
	cancel_work_sync(&ch->cq_work);
	ib_destroy_cq(ch->cq);
	/* no interrupt queues it any more */
	cancel_work_sync(&ch->cq_work);
	ch->cq = NULL;
	ch->cq_stopped = false;
}
