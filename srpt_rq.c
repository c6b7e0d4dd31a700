// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The pool of buffers behind a receive queue: grows and shrinks with use.
 *
 * A number of buffers is posted, @quiet, and each that is filled is replaced
 * (srpt_buf.c), so that buffers which requests hold on to are not missing; the
 * pool grows up to @size, and what has been idle for a while is freed. Should the
 * queue be empty for a moment, the initiator's HCA is told to try again (RNR NAK)
 * and does, without an end.
 *
 * What is posted cannot be taken back. So a burst is no reason to post more than
 * @quiet. There are two, when the hardware says that it has few
 * (IB_EVENT_SRQ_LIMIT_REACHED). If a moment later their completions have not been
 * dealt with the work of a channel is asleep, with requests before it that others
 * must not wait for: @want doubles, up to @most. If it says so for two seconds on
 * end it is no burst but a load: @want is SRPT_RQ_BUSY, while there is one. What
 * is more than @want is not posted again once it has been used.
 *
 * When the pool can grow no more, requests are copied instead of kept
 * (srpt_copy_request()): nobody holds its buffers for longer than it takes to
 * look at them.
 *
 * The memory may be needed a little longer than the hardware, by commands whose
 * immediate data is in it. No work item is queued once the hardware has gone.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>

#include "srpt_life.h"

/*
 * How long completions may take until the hardware is said to lack buffers: what
 * is posted for that stays, so a processor that is merely busy is no reason.
 */
#define SRPT_RQ_PATIENCE	(HZ / 5)
/* So many times in a row, each soon after the other: that is a load. */
#define SRPT_RQ_LOWS		10
#define SRPT_RQ_AGAIN		HZ
/* A load: from one trim to the next that many times SRPT_RQ_BUSY requests. */
#define SRPT_RQ_LOAD		4
/* Without memory: until the next try. */
#define SRPT_RQ_RETRY	(HZ / 10)

static void srpt_rq_free(struct kref *kref)
{
	struct srpt_rq *rq = container_of(kref, struct srpt_rq, kref);
	struct srpt_recv_ioctx *recv, *tmp;

	list_for_each_entry_safe(recv, tmp, &rq->all, all)
		srpt_free_ioctx(&recv->ioctx);
	srpt_device_put(rq->sdev);
	kfree(rq);
}

/**
 * srpt_rq_put - give back a reference on the memory of a queue
 * @rq: the queue
 */
void srpt_rq_put(struct srpt_rq *rq)
{
	kref_put(&rq->kref, srpt_rq_free);
}

/**
 * srpt_rq_kick - have work of a queue done
 * @rq: the queue; the caller has its lock
 * @work: @refill or @look of it
 * @delay: jiffies from now
 *
 * Nothing once the hardware has gone.
 */
void srpt_rq_kick(struct srpt_rq *rq, struct delayed_work *work,
		  unsigned long delay)
{
	if (rq->open)
		queue_delayed_work(srpt_wq, work, delay);
}

/**
 * srpt_rq_grow - make one more idle buffer
 * @rq: the queue
 *
 * It suits immediate data at @imm_off; what is elsewhere is copied.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int srpt_rq_grow(struct srpt_rq *rq)
{
	struct srpt_recv_ioctx *recv;

	recv = srpt_alloc_recv(rq->sdev->ib_dev, rq->iu_len, rq->imm_off,
			       rq->sdev->pd->local_dma_lkey, srpt_recv_done);
	if (!recv)
		return -ENOMEM;
	recv->rq = rq;
	spin_lock_irq(&rq->lock);
	list_add(&recv->all, &rq->all);
	list_add(&recv->entry, &rq->idle);
	rq->total++;
	rq->n_idle++;
	spin_unlock_irq(&rq->lock);
	return 0;
}

/* Buffers that it needs and may have; with the lock. */
static bool srpt_rq_lacks(const struct srpt_rq *rq)
{
	return rq->open && rq->total < rq->size &&
	       (rq->posted < rq->want || rq->n_idle < rq->stock);
}

/* More than it needs when all is quiet; with the lock. */
static bool srpt_rq_is_large(const struct srpt_rq *rq)
{
	return rq->want > rq->quiet || rq->n_idle > rq->stock;
}

/* The event comes once, until it is asked for again. */
static void srpt_rq_arm(struct srpt_rq *rq, struct ib_srq *ib_srq)
{
	struct ib_srq_attr attr = { .srq_limit = max(rq->want / 4, 1U) };
	int ret = ib_modify_srq(ib_srq, &attr, IB_SRQ_LIMIT);

	if (ret)
		pr_debug("%s: no limit of a shared receive queue: %d\n",
			 dev_name(&rq->sdev->ib_dev->dev), ret);
}

static void srpt_rq_refill(struct work_struct *work)
{
	struct srpt_rq *rq = container_of(to_delayed_work(work),
					  struct srpt_rq, refill);
	struct ib_srq *ib_srq;
	bool more;
	int ret;

	do {
		spin_lock_irq(&rq->lock);
		rq->waits = false;
		ret = srpt_rq_fill(rq);
		more = srpt_rq_lacks(rq);
		if (srpt_rq_is_large(rq))
			srpt_rq_kick(rq, &rq->look, SRPT_RQ_TRIM);
		spin_unlock_irq(&rq->lock);
		if (more && !ret)
			ret = srpt_rq_grow(rq);
	} while (more && !ret);
	spin_lock_irq(&rq->lock);
	ib_srq = rq->srq;
	rq->waits = ret;
	if (ret)
		srpt_rq_kick(rq, &rq->refill, SRPT_RQ_RETRY);
	spin_unlock_irq(&rq->lock);
	if (ret || !ib_srq || rq->armed)
		return;
	srpt_rq_arm(rq, ib_srq);
	rq->armed = true;
}

/* What a load needs that goes on. */
static u32 srpt_rq_busy(const struct srpt_rq *rq)
{
	return clamp_t(u32, SRPT_RQ_BUSY, rq->quiet, rq->most);
}

/* The hardware said that it had few: do completions take long, or is it a load? */
static void srpt_rq_judge(struct srpt_rq *rq)
{
	u32 want = rq->want;

	rq->low = false;
	if (rq->taken - rq->low_at < want / 4)
		want = min(2 * want, rq->most);
	else if (++rq->lows >= SRPT_RQ_LOWS)
		want = max(want, srpt_rq_busy(rq));
	if (want == rq->want)
		return;
	srpt_rq_set_want(rq, want);
	srpt_rq_kick(rq, &rq->refill, 0);
}

/* Fewer buffers are posted, unless there is a load. */
static void srpt_rq_calm(struct srpt_rq *rq)
{
	u32 busy = srpt_rq_busy(rq);
	bool load = rq->taken - rq->trim_taken >= SRPT_RQ_LOAD * busy;
	u32 least = load ? min(rq->want, busy) : rq->quiet;

	srpt_rq_set_want(rq, max(least, rq->want / 4));
	rq->trim_taken = rq->taken;
}

/* Takes out what nobody has missed since the last time. */
static void srpt_rq_trim(struct srpt_rq *rq, struct list_head *surplus)
{
	struct srpt_recv_ioctx *recv;

	if (time_before(jiffies, rq->trim_at))
		return;
	srpt_rq_calm(rq);
	for (; rq->least > rq->stock; rq->least--) {
		/* the one that has been idle for the longest time */
		recv = list_last_entry(&rq->idle, struct srpt_recv_ioctx,
				       entry);
		list_move(&recv->entry, surplus);
		list_del(&recv->all);
		rq->n_idle--;
		rq->total--;
	}
	rq->least = rq->n_idle;
	rq->trim_at = jiffies + SRPT_RQ_TRIM;
}

/* Looks now and then, and when the hardware has run low. */
static void srpt_rq_look(struct work_struct *work)
{
	struct srpt_rq *rq = container_of(to_delayed_work(work),
					  struct srpt_rq, look);
	struct srpt_recv_ioctx *recv, *tmp;
	struct ib_srq *ib_srq;
	LIST_HEAD(surplus);
	bool low;

	spin_lock_irq(&rq->lock);
	ib_srq = rq->srq;
	low = rq->low;
	if (low)
		srpt_rq_judge(rq);
	srpt_rq_trim(rq, &surplus);
	if (srpt_rq_is_large(rq))
		srpt_rq_kick(rq, &rq->look, SRPT_RQ_TRIM);
	spin_unlock_irq(&rq->lock);
	if (low && ib_srq)
		srpt_rq_arm(rq, ib_srq);
	list_for_each_entry_safe(recv, tmp, &surplus, entry) {
		srpt_unmap_ioctx(rq->sdev->ib_dev, &recv->ioctx,
				 DMA_FROM_DEVICE);
		srpt_free_ioctx(&recv->ioctx);
	}
}

/**
 * srpt_rq_close - the end of a queue as hardware
 * @rq: the queue; no queue pair uses it any more
 *
 * Late commands find the pointer cleared. The memory goes with the last reference.
 *
 * Context: may sleep.
 */
void srpt_rq_close(struct srpt_rq *rq)
{
	struct ib_srq *gone = rq->srq;
	struct srpt_recv_ioctx *recv;

	spin_lock_irq(&rq->lock);
	rq->srq = NULL;
	rq->open = false;
	spin_unlock_irq(&rq->lock);
	cancel_delayed_work_sync(&rq->refill);
	cancel_delayed_work_sync(&rq->look);
	if (gone)
		ib_destroy_srq(gone);
	list_for_each_entry(recv, &rq->all, all)
		srpt_unmap_ioctx(rq->sdev->ib_dev, &recv->ioctx,
				 DMA_FROM_DEVICE);
}

/**
 * srpt_rq_is_low - the hardware has few buffers
 * @rq: the queue
 *
 * Shortly: is it that nobody gives them back?
 *
 * Context: maybe interrupt.
 */
void srpt_rq_is_low(struct srpt_rq *rq)
{
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	if (time_after(jiffies, rq->low_since + SRPT_RQ_AGAIN))
		rq->lows = 0;
	rq->low_since = jiffies;
	rq->low = true;
	rq->low_at = rq->taken;
	if (rq->srq)
		mod_delayed_work(srpt_wq, &rq->look, SRPT_RQ_PATIENCE);
	spin_unlock_irqrestore(&rq->lock, flags);
}

/**
 * srpt_rq_alloc - a queue without hardware and without buffers
 * @sdev: its device
 * @size: buffers that it may have
 * @most: how many of them may be posted at once
 *
 * Return: the queue, or NULL without memory.
 */
struct srpt_rq *srpt_rq_alloc(struct srpt_device *sdev, u32 size, u32 most)
{
	struct srpt_rq *rq = kzalloc(sizeof(*rq), GFP_KERNEL);

	if (!rq)
		return NULL;
	kref_init(&rq->kref);
	spin_lock_init(&rq->lock);
	INIT_LIST_HEAD(&rq->all);
	INIT_LIST_HEAD(&rq->idle);
	INIT_DELAYED_WORK(&rq->refill, srpt_rq_refill);
	INIT_DELAYED_WORK(&rq->look, srpt_rq_look);
	kref_get(&sdev->kref);
	rq->sdev = sdev;
	rq->size = size;
	rq->most = most;
	rq->trim_at = jiffies + SRPT_RQ_TRIM;
	return rq;
}

/**
 * srpt_rq_make_own - a receive queue of one channel that is small until it is used
 * @ch: channel in login; its depth and the form of its requests are known
 *
 * For links where who finds no buffer waits, and tries again (RNR NAK).
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; what was made goes with the channel.
 */
int srpt_rq_make_own(struct srpt_rdma_ch *ch)
{
	u32 size = ch->depth + SRPT_RX_SLACK;
	int ret = 0;

	ch->rq = srpt_rq_alloc(ch->sdev, size, size);
	if (!ch->rq)
		return -ENOMEM;
	ch->rq->iu_len = ch->it_iu_len;
	ch->rq->imm_off = ch->imm_off;
	ch->rq->quiet = SRPT_OWN_QUIET;
	srpt_rq_set_want(ch->rq, SRPT_OWN_QUIET);
	while (!ret && ch->rq->total < SRPT_OWN_QUIET)
		ret = srpt_rq_grow(ch->rq);
	return ret;
}

/**
 * srpt_rq_open - give the buffers of a channel's own queue to its queue pair
 * @ch: the channel; its queue pair is in state INIT
 *
 * Context: may sleep.
 * Return: 0 or -errno of the HCA.
 */
int srpt_rq_open(struct srpt_rdma_ch *ch)
{
	struct srpt_rq *rq = ch->rq;
	int ret;

	spin_lock_irq(&rq->lock);
	rq->qp = ch->qp;
	rq->open = true;
	ret = srpt_rq_fill(rq);
	spin_unlock_irq(&rq->lock);
	return ret;
}
