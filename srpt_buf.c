// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Receive buffers: given to the hardware, and given back.
 *
 * A buffer belongs to the ring of a channel or to a receive queue, which is shared or
 * a channel's own. For those of a ring the hardware may be used inside the gate only
 * (srpt_sq.c); a queue looks after itself, because its memory may outlive its
 * hardware.
 *
 * A queue has as many posted as it wants (srpt_rq.c). When one has been
 * filled an idle one takes its place, if there is any; what comes back is posted
 * if one is missing, and is idle otherwise. So those that requests hold on to
 * are nobody's loss while there is memory for others.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "srpt_way.h"

/* The buffer goes to the device: all that it has written in. */
static const struct ib_recv_wr *srpt_recv_wr(struct srpt_recv_ioctx *recv,
					     struct ib_device *dev)
{
	ib_dma_sync_single_for_device(dev, recv->sge.addr, recv->len,
				      DMA_FROM_DEVICE);
	return &recv->wr;
}

/* The caller has the lock, and has seen that the hardware is there. */
static int srpt_rq_give(struct srpt_rq *rq, struct srpt_recv_ioctx *recv)
{
	const struct ib_recv_wr *wr = srpt_recv_wr(recv, rq->sdev->ib_dev);
	int ret = rq->shared ? ib_post_srq_recv(rq->srq, wr, NULL) :
			       ib_post_recv(rq->qp, wr, NULL);

	if (likely(!ret))
		rq->posted++;
	return ret;
}

static void srpt_rq_rest(struct srpt_rq *rq, struct srpt_recv_ioctx *recv)
{
	list_add(&recv->entry, &rq->idle);
	rq->n_idle++;
}

/**
 * srpt_rq_fill - post idle buffers until there are as many as wanted
 * @rq: receive queue; the caller has its lock
 *
 * Return: 0 or -errno of the HCA. There may be too few buffers afterwards.
 */
int srpt_rq_fill(struct srpt_rq *rq)
{
	struct srpt_recv_ioctx *recv;
	int ret = 0;

	while (!ret && rq->open && rq->n_idle && rq->posted < rq->want) {
		recv = list_first_entry(&rq->idle, struct srpt_recv_ioctx,
					entry);
		list_del(&recv->entry);
		rq->n_idle--;
		ret = srpt_rq_give(rq, recv);
		if (unlikely(ret))
			srpt_rq_rest(rq, recv);
	}
	rq->least = min(rq->least, rq->n_idle);
	return ret;
}

/**
 * srpt_rq_taken - the hardware has filled a buffer: another takes its place
 * @rq: its queue
 * @run: how many the channel has dealt with in a row, this one among them
 *
 * Nothing but requests in a row tells that a channel's own queue has few: if they
 * were most of what is posted there will be twice as many.
 *
 * Context: completion.
 */
void srpt_rq_taken(struct srpt_rq *rq, u32 run)
{
	unsigned long flags;
	bool few;

	spin_lock_irqsave(&rq->lock, flags);
	rq->posted--;
	rq->taken++;
	if (!rq->shared && 2 * run > rq->want)
		srpt_rq_set_want(rq, min(2 * rq->want, rq->most));
	few = srpt_rq_fill(rq) ||
	      (rq->total < rq->size && (rq->posted < rq->want ||
					rq->n_idle < rq->stock / 2));
	/* now, and not some time after a login */
	if (unlikely(few && rq->open && !rq->waits))
		mod_delayed_work(srpt_wq, &rq->refill, 0);
	spin_unlock_irqrestore(&rq->lock, flags);
}

/**
 * srpt_rq_shut - a channel's own queue pair takes no buffers any more
 * @rq: receive queue of the channel; nothing happens if it is shared
 *
 * The queue pair is in error, or about to be: what is posted now would come back
 * at once. Buffers stay in the pool.
 *
 * Context: any.
 */
void srpt_rq_shut(struct srpt_rq *rq)
{
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	if (!rq->shared)
		rq->open = false;
	spin_unlock_irqrestore(&rq->lock, flags);
}

/**
 * srpt_rq_is_short - is there nothing to replace what requests hold on to?
 * @rq: shared receive queue
 *
 * Of those that there are: buffers that are wanted but have not been made yet
 * are on their way.
 *
 * Context: any. Then rather memory of another kind than a buffer that others
 * may be waiting for.
 */
bool srpt_rq_is_short(const struct srpt_rq *rq)
{
	u32 enough = min(READ_ONCE(rq->want), READ_ONCE(rq->total));

	return rq->shared && READ_ONCE(rq->posted) < enough / 2;
}

/* A queue's memory may outlive its hardware: look before posting. */
static noinline int srpt_post_rq_recv(struct srpt_recv_ioctx *recv)
{
	struct srpt_rq *rq = recv->rq;
	unsigned long flags;
	int ret = 0;
	bool post;

	spin_lock_irqsave(&rq->lock, flags);
	post = rq->open && rq->posted < rq->want;
	if (post)
		ret = srpt_rq_give(rq, recv);
	if (!post || unlikely(ret))
		srpt_rq_rest(rq, recv);
	if (unlikely(rq->n_idle > rq->stock && rq->open) &&
	    !delayed_work_pending(&rq->look))
		queue_delayed_work(srpt_wq, &rq->look, SRPT_RQ_TRIM);
	spin_unlock_irqrestore(&rq->lock, flags);
	return ret;
}

/**
 * srpt_post_recv - give a receive buffer to the hardware
 * @sdev: the HCA; used for a buffer of a ring only
 * @ch: channel whose queue pair takes it; likewise
 * @ioctx: the buffer
 *
 * Context: any. For a buffer of a ring the caller makes sure that the
 * queue pair exists (srpt_ch_enter()).
 * Return: 0 or -errno of the HCA.
 */
int srpt_post_recv(struct srpt_device *sdev, struct srpt_rdma_ch *ch,
		   struct srpt_recv_ioctx *ioctx)
{
	if (ioctx->rq)
		return srpt_post_rq_recv(ioctx);
	return ib_post_recv(ch->qp, srpt_recv_wr(ioctx, sdev->ib_dev), NULL);
}

/**
 * srpt_repost - give a buffer back to the hardware
 * @ch: channel that the request came in through
 * @recv: the buffer
 *
 * The channel ends if the hardware does not take it.
 *
 * Context: any; inside the gate of the channel.
 */
void srpt_repost(struct srpt_rdma_ch *ch, struct srpt_recv_ioctx *recv)
{
	int ret = srpt_post_recv(ch->sdev, ch, recv);

	if (unlikely(ret)) {
		pr_err_ratelimited("%s: posting a receive failed: %d\n",
				   ch->peer, ret);
		srpt_close_ch(ch);
	}
}

/**
 * srpt_return_recv - give a buffer back from outside the gate
 * @ch: channel that the request came in through
 * @recv: the buffer; that of a ring stays there if the queue pair is dead
 *
 * Context: process or completion.
 */
void srpt_return_recv(struct srpt_rdma_ch *ch, struct srpt_recv_ioctx *recv)
{
	if (recv->rq) {
		srpt_repost(ch, recv);
	} else if (srpt_ch_enter(ch)) {
		srpt_repost(ch, recv);
		srpt_ch_exit(ch);
	}
}

/**
 * srpt_unhold_recv - give back the request of a command
 * @ioctx: the command, which has one; its descriptors and immediate data are
 *	used up
 *
 * Context: any; inside the gate of the channel.
 */
void srpt_unhold_recv(struct srpt_send_ioctx *ioctx)
{
	struct srpt_recv_ioctx *recv = ioctx->recv;

	ioctx->recv = NULL;
	srpt_repost(ioctx->ch, recv);
}
