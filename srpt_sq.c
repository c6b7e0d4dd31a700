// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The send queue, and the gate in front of it.
 *
 * ch->sq_avail counts free entries. Entries are taken before a batch is
 * posted and given back when its completion has been dealt with. A batch that
 * does not fit is parked; whoever gives entries back lets parked ones go in
 * order, or has a work item do it where that must not sleep, and nobody
 * overtakes. Nothing is ever dropped for want of space.
 *
 * A parked command holds nothing: neither entries nor memory regions of the
 * QP. So those who come later cannot keep from the first what it waits for.
 *
 * The count is a gate too. An owner of entries may use the QP; whoever takes
 * entries looks at the channel's state afterwards and gives them back if it
 * is draining. So once the state is DRAINING and all entries are there, no one
 * uses the QP any more, whatever LIO still does.
 *
 * Whatever touches the QP - making work requests and unmaking them, posting -
 * is done by an owner, or in the completion context of the channel, which
 * srpt_cq_stop() ends before the QP goes.
 *
 * The proof, in the kernel's terms. Taking entries is srpt_sq_enter(): an
 * atomic_sub(), smp_mb__after_atomic(), then a read of ch->state. Draining is
 * srpt_set_ch_state(): a successful cmpxchg() (a full barrier), then reads of
 * ch->sq_avail until all entries are there. This is the store buffering
 * pattern: the two cannot both miss the other's write. So either the taker sees
 * DRAINING and does not use the QP, or the release work sees the entry taken
 * and waits for it. The other end is release and acquire: a user gives the
 * entry back by atomic_add_return() (a full barrier) after its last use, and
 * who reads the full count reads what came before. tests/model/gate.pml is a
 * model of all this, and of the parked list; every order of steps is tried.
 *
 * Control marks (srpt_zerolength_write()) have entries of their own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "srpt_way.h"
#include "srpt_trace.h"

/**
 * srpt_sq_return - give send queue entries back
 * @ch: channel
 * @n: entries
 *
 * Context: any.
 * Return: true if commands are parked: somebody must see whether they can go.
 */
static bool srpt_sq_return(struct srpt_rdma_ch *ch, u32 n)
{
	int avail = atomic_add_return(n, &ch->sq_avail);

	if (likely(READ_ONCE(ch->state) < SRPT_CH_DRAINING))
		return unlikely(!list_empty(&ch->parked));
	/* parked commands are ended by those who wait for them */
	if (avail == ch->sq_size)
		wake_up_all(&ch->drain_wait);
	return false;
}

/* Likewise, and lets parked commands go. Context: process or completion. */
static void srpt_sq_give(struct srpt_rdma_ch *ch, u32 n)
{
	if (srpt_sq_return(ch, n))
		srpt_sq_run(ch);
}

/* Takes @n entries; false: the channel is draining, and none is owned. */
static bool srpt_sq_enter(struct srpt_rdma_ch *ch, u32 n)
{
	atomic_sub(n, &ch->sq_avail);
	/* pairs with the change to DRAINING, see the top of this file */
	smp_mb__after_atomic();
	if (likely(READ_ONCE(ch->state) < SRPT_CH_DRAINING))
		return true;
	srpt_sq_return(ch, n);
	return false;
}

/**
 * srpt_ch_enter - keep the hardware of a channel from going away
 * @ch: channel
 *
 * For those who use the QP without a transfer. Does not count as send queue
 * space: srpt_ch_exit() gives the entry back.
 *
 * Context: any.
 * Return: true if the QP may be used until srpt_ch_exit().
 */
bool srpt_ch_enter(struct srpt_rdma_ch *ch)
{
	return srpt_sq_enter(ch, 1);
}

/**
 * srpt_ch_exit - done with the hardware of a channel
 * @ch: channel
 *
 * Context: any. Who is parked may need memory to go on: that is work.
 */
void srpt_ch_exit(struct srpt_rdma_ch *ch)
{
	if (srpt_sq_return(ch, 1))
		queue_work(srpt_cq_wq, &ch->rsp_work);
}

/**
 * srpt_post_nothing - post an RDMA WRITE of nothing
 * @ch: channel; the caller makes sure that the queue pair exists
 * @cqe: callback of its completion
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

	srpt_cq_watch(ch);
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

/* Takes @more entries to those that are owned; false: there are not enough. */
static bool srpt_sq_take(struct srpt_rdma_ch *ch, int more)
{
	if (more <= 0)
		return likely(atomic_read(&ch->sq_avail) >= 0);
	if (likely(atomic_sub_return(more, &ch->sq_avail) >= 0))
		return true;
	atomic_add(more, &ch->sq_avail);
	return false;
}

/* Is there data in front of the response, in the page of the command? */
static bool srpt_xfer_is_own(const struct srpt_send_ioctx *ioctx)
{
	return ioctx->lent && ioctx->xfer.len && !ioctx->xfer.n_segs;
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

/*
 * The batch as one chain of work requests, the last of them signalled: the
 * response if it @answers.
 */
static struct ib_send_wr *srpt_xfer_chain(struct srpt_send_ioctx *ioctx,
					  bool answers)
{
	struct srpt_xfer *x = &ioctx->xfer;
	struct srpt_rdma_ch *ch = ioctx->ch;
	struct ib_send_wr *chain = answers ? &ioctx->send_wr : NULL;
	struct ib_cqe *cqe = answers ? NULL : &ioctx->rdma_cqe;
	u32 i;

	if (answers && srpt_xfer_is_own(ioctx))
		return srpt_xfer_own(ioctx, chain);
	for (i = x->next; i-- > x->first; cqe = NULL)
		chain = rdma_rw_ctx_wrs(&x->segs[i].rw, ch->qp, ch->sport->num,
					cqe, chain);
	return chain;
}

/* The answer to a SCSI command that holds nothing large: nobody waits for its end. */
static bool srpt_is_soon_forgotten(const struct srpt_send_ioctx *ioctx)
{
	return READ_ONCE(ioctx->state) == SRPT_STATE_CMD_RSP_SENT &&
	       ioctx->xfer.len <= PAGE_SIZE;
}

/*
 * Posts a batch whose @need entries are owned. From here on its completion, or
 * the release work, deals with it.
 */
static void srpt_sq_post(struct srpt_send_ioctx *ioctx, u32 need)
{
	bool answers = srpt_xfer_answers(ioctx);
	struct srpt_rdma_ch *ch = ioctx->ch;
	int ret;

	ioctx->xfer.held = need;
	trace_srpt_posted(ioctx, answers);
	if (answers) {
		/* the credit that the response gives needs this buffer */
		if (ioctx->recv)
			srpt_unhold_recv(ioctx);
		ib_dma_sync_single_for_device(ch->sdev->ib_dev,
					      ioctx->ioctx.dma, ioctx->rsp_len,
					      DMA_TO_DEVICE);
	}
	if (answers && srpt_is_soon_forgotten(ioctx))
		srpt_cq_reap_soon(ch);
	else
		srpt_cq_watch(ch);
	ret = ib_post_send(ch->qp, srpt_xfer_chain(ioctx, answers), NULL);
	if (unlikely(ret)) {
		/*
		 * Part of the chain may be posted: the entries stay taken and
		 * the release work picks the command up.
		 */
		pr_err_ratelimited("%s: posting to the send queue failed: %d\n",
				   ch->peer, ret);
		srpt_close_ch(ch);
	}
}

/*
 * Lets a command wait, as the last or, if it has waited before, as the first.
 * The caller still owns entries, and so will look at the list when it gives
 * them back.
 */
static void srpt_park(struct srpt_send_ioctx *ioctx, bool first)
{
	struct srpt_rdma_ch *ch = ioctx->ch;
	unsigned long flags;

	spin_lock_irqsave(&ch->lock, flags);
	if (first)
		list_add(&ioctx->park, &ch->parked);
	else
		list_add_tail(&ioctx->park, &ch->parked);
	spin_unlock_irqrestore(&ch->lock, flags);
	srpt_cq_watch(ch);
}

/*
 * The first parked command, if the entries that it wants are there, and they
 * are taken then; or, to be ended, if the channel is draining.
 */
static struct srpt_send_ioctx *srpt_unpark(struct srpt_rdma_ch *ch)
{
	struct srpt_send_ioctx *ioctx;
	unsigned long flags;

	spin_lock_irqsave(&ch->lock, flags);
	ioctx = list_first_entry_or_null(&ch->parked, struct srpt_send_ioctx,
					 park);
	if (ioctx && (atomic_sub_return(ioctx->xfer.want, &ch->sq_avail) >= 0 ||
		      READ_ONCE(ch->state) >= SRPT_CH_DRAINING)) {
		list_del_init(&ioctx->park);
	} else if (ioctx) {
		atomic_add(ioctx->xfer.want, &ch->sq_avail);
		ioctx = NULL;
	}
	spin_unlock_irqrestore(&ch->lock, flags);
	return ioctx;
}

/* Undoes srpt_xfer_prepare(): the batch is to be prepared again. */
static void srpt_xfer_rewind(struct srpt_send_ioctx *ioctx)
{
	u32 first = ioctx->xfer.first;

	srpt_xfer_unprepare(ioctx);
	ioctx->xfer.first = first;
	ioctx->xfer.next = first;
}

/*
 * Makes work requests and posts them; @owned entries are owned. -EBUSY or
 * -EAGAIN: there are too few entries or memory regions; nothing is held but
 * @owned entries still are. After any other error those are given back.
 */
static int srpt_xfer_go(struct srpt_send_ioctx *ioctx, u32 owned)
{
	struct srpt_rdma_ch *ch = ioctx->ch;
	u32 need;
	int ret;

	if (unlikely(READ_ONCE(ch->state) >= SRPT_CH_DRAINING)) {
		srpt_sq_give(ch, owned);
		return -ENOTCONN;
	}
	ret = srpt_xfer_prepare(ioctx);
	need = srpt_xfer_need(ioctx);
	if (likely(!ret && srpt_sq_take(ch, need - owned))) {
		srpt_sq_post(ioctx, need);
		if (unlikely(need < owned))
			srpt_sq_give(ch, owned - need);
		return 0;
	}
	srpt_xfer_rewind(ioctx);
	ioctx->xfer.want = ret ? 1 : need;
	if (!ret)
		return -EBUSY;
	if (ret != -EAGAIN)
		srpt_sq_give(ch, owned);
	return ret;
}

/* Lets one parked command go; false: none can go now. */
static bool srpt_sq_run_one(struct srpt_rdma_ch *ch)
{
	struct srpt_send_ioctx *ioctx = srpt_unpark(ch);
	u32 owned;
	int ret;

	if (!ioctx)
		return false;
	owned = ioctx->xfer.want;
	ret = srpt_xfer_go(ioctx, owned);
	if (ret == -EBUSY || ret == -EAGAIN) {
		srpt_park(ioctx, true);
		/*
		 * Who holds entries, and with them memory regions, comes by
		 * when it gives them back. If it is only us, all is there now.
		 */
		return atomic_add_return(owned, &ch->sq_avail) == ch->sq_size;
	}
	if (ret)
		srpt_xfer_fail(ioctx, ret);
	return true;
}

/**
 * srpt_sq_run - let parked commands go while there is space
 * @ch: channel
 *
 * Once the channel is draining this ends all of them. One at a time does it,
 * in the order of their coming; who comes meanwhile, be it from further down in
 * the same call, only leaves word that there is more to do.
 *
 * Context: process or completion.
 */
void srpt_sq_run(struct srpt_rdma_ch *ch)
{
	set_bit(SRPT_CHF_SQ_AGAIN, &ch->flags);
	/* pairs with the one below: one of the two sees the other's bit */
	smp_mb__after_atomic();
	while (test_bit(SRPT_CHF_SQ_AGAIN, &ch->flags)) {
		if (test_and_set_bit(SRPT_CHF_SQ_RUNNING, &ch->flags))
			return;
		clear_bit(SRPT_CHF_SQ_AGAIN, &ch->flags);
		/* what the word was about was there before the word */
		smp_mb__after_atomic();
		while (srpt_sq_run_one(ch))
			;
		clear_bit_unlock(SRPT_CHF_SQ_RUNNING, &ch->flags);
		/* pairs with the first one of whoever found us running */
		smp_mb__after_atomic();
	}
}

/*
 * Entries that the next batch needs if it is the usual one: a work request or
 * none, and the response. If it is not, that will show when it is prepared.
 */
static u32 srpt_xfer_guess(const struct srpt_send_ioctx *ioctx)
{
	const struct srpt_xfer *x = &ioctx->xfer;

	return (x->n_segs && x->dir == DMA_TO_DEVICE) ||
	       srpt_xfer_is_own(ioctx) ? 2 : 1;
}

/**
 * srpt_xfer_try - post a transfer that needs no memory, if there is room
 * @ioctx: the command, with a response: behind one segment in one piece, which
 *	takes one work request, or with no segments
 *
 * Context: any, also where LIO completes in an interrupt.
 * Return: true if it is posted. Else nothing has happened, and the caller goes
 * on with srpt_xfer_start(), which also looks after those who are parked.
 */
bool srpt_xfer_try(struct srpt_send_ioctx *ioctx)
{
	u32 need = srpt_xfer_guess(ioctx);
	struct srpt_rdma_ch *ch = ioctx->ch;

	if (unlikely(!list_empty(&ch->parked)) || !srpt_sq_enter(ch, need))
		return false;
	if (likely(atomic_read(&ch->sq_avail) >= 0) &&
	    (!ioctx->xfer.n_segs || likely(!srpt_xfer_prepare(ioctx)))) {
		srpt_sq_post(ioctx, need);
		return true;
	}
	srpt_xfer_rewind(ioctx);
	srpt_sq_return(ch, need);
	return false;
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
	u32 owned = srpt_xfer_guess(ioctx);
	int ret = -EBUSY;

	if (unlikely(!srpt_sq_enter(ch, owned)))
		return -ENOTCONN;
	ioctx->xfer.want = 1;
	if (likely(list_empty(&ch->parked)))
		ret = srpt_xfer_go(ioctx, owned);
	if (unlikely(ret == -EBUSY || ret == -EAGAIN)) {
		srpt_count(ch->stats, SRPT_N_PARKED, 1);
		trace_srpt_parked(ioctx);
		srpt_park(ioctx, false);
		/* pairs with srpt_set_ch_state(): the release work or we end it */
		smp_mb();
		if (READ_ONCE(ch->state) >= SRPT_CH_DRAINING)
			srpt_sq_run(ch);
		srpt_sq_give(ch, owned);
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

	if (ioctx->xfer.n_segs)
		srpt_xfer_unprepare(ioctx);
	ioctx->xfer.held = 0;
	srpt_sq_give(ioctx->ch, held);
}
