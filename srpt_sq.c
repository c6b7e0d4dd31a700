// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The send queue, and the gate in front of it.
 *
 * ch->sq_avail counts free entries. Entries are taken before a batch is
 * posted and given back when its completion has been dealt with. A batch that
 * does not fit is parked; each completion lets parked ones go in order, and
 * nobody overtakes. Nothing is ever dropped for want of space.
 *
 * The count is a gate too. An owner of entries may use the QP; whoever takes
 * entries looks at the channel's state afterwards and gives them back if it
 * is draining. So once the state is DRAINING and all entries are there, no one
 * uses the QP any more, whatever LIO still does.
 *
 * Whatever touches the QP - making work requests and unmaking them, posting -
 * is done by an owner. A parked command that has work requests owns nothing,
 * but while it is on the list either the release work has not looked yet, or
 * the one who parked it is still inside the gate.
 *
 * Control marks (srpt_zerolength_write()) have entries of their own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "srpt_way.h"

/**
 * srpt_sq_give - give send queue entries back and let parked commands go
 * @ch: channel
 * @n: entries
 *
 * Context: process or completion.
 */
static void srpt_sq_give(struct srpt_rdma_ch *ch, u32 n)
{
	int avail = atomic_add_return(n, &ch->sq_avail);

	if (unlikely(READ_ONCE(ch->state) >= SRPT_CH_DRAINING)) {
		/* parked commands are ended by those who wait for them */
		if (avail == ch->sq_size)
			wake_up_var(&ch->sq_avail);
	} else if (unlikely(!list_empty(&ch->parked))) {
		srpt_sq_run(ch);
	}
}

/**
 * srpt_ch_enter - keep the hardware of a channel from going away
 * @ch: channel
 *
 * For those who use the QP without a transfer. Does not count as send queue
 * space: the entry is only borrowed.
 *
 * Context: any.
 * Return: true if the QP may be used until srpt_ch_exit().
 */
bool srpt_ch_enter(struct srpt_rdma_ch *ch)
{
	atomic_dec(&ch->sq_avail);
	/* pairs with the change to DRAINING, see the top of this file */
	smp_mb__after_atomic();
	if (likely(READ_ONCE(ch->state) < SRPT_CH_DRAINING))
		return true;
	srpt_sq_give(ch, 1);
	return false;
}

/**
 * srpt_ch_exit - done with the hardware of a channel
 * @ch: channel
 *
 * Context: process or completion.
 */
void srpt_ch_exit(struct srpt_rdma_ch *ch)
{
	srpt_sq_give(ch, 1);
}

/**
 * srpt_post_nothing - post an RDMA WRITE of nothing
 * @ch: channel; the caller makes sure that the queue pair exists
 * @cqe: its completion callback
 *
 * IBA C9-88 spares it a valid R_Key.
 *
 * Context: any.
 * Return: 0 or -errno of the HCA.
 */
int srpt_post_nothing(struct srpt_rdma_ch *ch, struct ib_cqe *cqe)
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

/* One entry is owned already (the gate): are there enough for @need? */
static bool srpt_sq_take(struct srpt_rdma_ch *ch, u32 need)
{
	if (!list_empty(&ch->parked))
		return false;
	if (need == 1 && likely(atomic_read(&ch->sq_avail) >= 0))
		return true;
	if (likely(atomic_sub_return(need - 1, &ch->sq_avail) >= 0))
		return true;
	atomic_add(need - 1, &ch->sq_avail);
	return false;
}

/* Does the present batch carry the response? */
static bool srpt_xfer_answers(const struct srpt_send_ioctx *ioctx)
{
	return ioctx->xfer.dir == DMA_TO_DEVICE &&
	       ioctx->xfer.next == ioctx->xfer.n_segs;
}

static u32 srpt_xfer_need(const struct srpt_send_ioctx *ioctx)
{
	return ioctx->xfer.wrs + srpt_xfer_answers(ioctx);
}

/* The batch as one chain of work requests, the last of them signalled. */
static struct ib_send_wr *srpt_xfer_chain(struct srpt_send_ioctx *ioctx)
{
	struct srpt_xfer *x = &ioctx->xfer;
	struct srpt_rdma_ch *ch = ioctx->ch;
	struct ib_send_wr *chain = NULL;
	struct ib_cqe *cqe = &ioctx->rdma_cqe;
	u32 i;

	if (srpt_xfer_answers(ioctx)) {
		chain = &ioctx->send_wr;
		cqe = NULL;
	}
	for (i = x->next; i-- > x->first; cqe = NULL)
		chain = rdma_rw_ctx_wrs(&x->segs[i].rw, ch->qp, ch->sport->num,
					cqe, chain);
	return chain;
}

/* Posts a batch whose @need entries are owned, unless the channel drains. */
static int srpt_sq_post(struct srpt_send_ioctx *ioctx, u32 need)
{
	struct srpt_rdma_ch *ch = ioctx->ch;
	int ret;

	if (unlikely(READ_ONCE(ch->state) >= SRPT_CH_DRAINING)) {
		srpt_xfer_unprepare(ioctx);
		srpt_sq_give(ch, need);
		return -ENOTCONN;
	}
	ioctx->xfer.held = need;
	if (srpt_xfer_answers(ioctx)) {
		/* the credit that the response gives needs this buffer */
		srpt_unhold_recv(ioctx);
		ib_dma_sync_single_for_device(ch->sdev->ib_dev,
					      ioctx->ioctx.dma, ioctx->rsp_len,
					      DMA_TO_DEVICE);
	}
	ret = ib_post_send(ch->qp, srpt_xfer_chain(ioctx), NULL);
	if (unlikely(ret)) {
		/*
		 * Part of the chain may be posted: the entries stay taken and
		 * the release work picks the command up.
		 */
		pr_err_ratelimited("%s: posting to the send queue failed: %d\n",
				   ch->peer, ret);
		srpt_close_ch(ch);
	}
	return 0;
}

static void srpt_park(struct srpt_send_ioctx *ioctx)
{
	struct srpt_rdma_ch *ch = ioctx->ch;
	unsigned long flags;

	ch->stats.parked++;
	spin_lock_irqsave(&ch->lock, flags);
	list_add_tail(&ioctx->park, &ch->parked);
	spin_unlock_irqrestore(&ch->lock, flags);
	srpt_sq_run(ch);
}

/* No memory region was free: first in the queue, and wait for one. */
static bool srpt_park_first(struct srpt_send_ioctx *ioctx)
{
	struct srpt_rdma_ch *ch = ioctx->ch;
	unsigned long flags;

	spin_lock_irqsave(&ch->lock, flags);
	list_add(&ioctx->park, &ch->parked);
	spin_unlock_irqrestore(&ch->lock, flags);
	/*
	 * Whoever holds entries will come by; if no one does, or no one will
	 * look because the channel drains, go on.
	 */
	smp_mb();
	return READ_ONCE(ch->state) >= SRPT_CH_DRAINING ||
	       atomic_read(&ch->sq_avail) == ch->sq_size;
}

/*
 * The first parked command, if its entries are there (they are taken then) or
 * if the channel is draining (then too, for srpt_sq_post() to give back). One
 * without work requests takes one entry to be inside the gate.
 */
static struct srpt_send_ioctx *srpt_unpark(struct srpt_rdma_ch *ch, u32 *need)
{
	struct srpt_send_ioctx *ioctx;
	unsigned long flags;

	spin_lock_irqsave(&ch->lock, flags);
	ioctx = list_first_entry_or_null(&ch->parked, struct srpt_send_ioctx,
					 park);
	if (ioctx) {
		*need = max(srpt_xfer_need(ioctx), 1U);
		if (atomic_sub_return(*need, &ch->sq_avail) >= 0 ||
		    READ_ONCE(ch->state) >= SRPT_CH_DRAINING) {
			list_del_init(&ioctx->park);
		} else {
			atomic_add(*need, &ch->sq_avail);
			ioctx = NULL;
		}
	}
	spin_unlock_irqrestore(&ch->lock, flags);
	return ioctx;
}

/*
 * Makes work requests and posts them, or parks; one entry is owned, and given
 * back if it is not used.
 */
static int srpt_xfer_go(struct srpt_send_ioctx *ioctx)
{
	struct srpt_rdma_ch *ch = ioctx->ch;
	int ret = srpt_xfer_prepare(ioctx);
	u32 need = srpt_xfer_need(ioctx);

	if (likely(!ret && srpt_sq_take(ch, need)))
		return srpt_sq_post(ioctx, need);
	if (!ret)
		srpt_park(ioctx);
	else
		srpt_xfer_unprepare(ioctx);
	srpt_sq_give(ch, 1);
	return ret;
}

/**
 * srpt_sq_run - let parked commands go while there is space
 * @ch: channel
 *
 * Once the channel is draining this ends all of them.
 *
 * Context: process or completion.
 */
void srpt_sq_run(struct srpt_rdma_ch *ch)
{
	struct srpt_send_ioctx *ioctx;
	u32 need;
	int ret;

	while ((ioctx = srpt_unpark(ch, &need))) {
		if (srpt_xfer_need(ioctx) ||
		    READ_ONCE(ch->state) >= SRPT_CH_DRAINING)
			ret = srpt_sq_post(ioctx, need);
		else
			ret = srpt_xfer_go(ioctx);
		if (ret == -EAGAIN) {
			if (!srpt_park_first(ioctx))
				return;
		} else if (ret) {
			srpt_xfer_fail(ioctx, ret);
		}
	}
}

/**
 * srpt_xfer_start - post the next batch of a transfer, or park it
 * @ioctx: the command; with no segments and a response built, only the
 *	response goes
 *
 * Context: process or completion; may sleep for memory, never for the
 * hardware.
 * Return: 0 if the outcome will be reported by a completion or xfer.done();
 * -ENOTCONN if the channel is draining, -ENOMEM without memory: then nothing
 * has been started.
 */
int srpt_xfer_start(struct srpt_send_ioctx *ioctx)
{
	struct srpt_rdma_ch *ch = ioctx->ch;
	int ret;

	if (unlikely(!srpt_ch_enter(ch)))
		return -ENOTCONN;
	ret = srpt_xfer_go(ioctx);
	if (unlikely(ret == -EAGAIN)) {
		if (srpt_park_first(ioctx))
			srpt_sq_run(ch);
		ret = 0;
	}
	return ret;
}

/**
 * srpt_xfer_end_batch - a batch has completed
 * @ioctx: its command
 *
 * Returns the memory to the CPU and the entries to the send queue. The
 * channel may be torn down as soon as the entries are back, except for what
 * the command itself keeps.
 *
 * Context: completion.
 */
void srpt_xfer_end_batch(struct srpt_send_ioctx *ioctx)
{
	u32 held = ioctx->xfer.held;

	srpt_xfer_unprepare(ioctx);
	ioctx->xfer.held = 0;
	srpt_sq_give(ioctx->ch, held);
}
