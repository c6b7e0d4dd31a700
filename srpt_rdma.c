// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The way of the data: RDMA READ and WRITE.
 *
 * A transfer is cut into segments. A segment is one stretch of the
 * initiator's memory, no longer than srp_max_rdma_size, and the local memory
 * that goes with it; rdma_rw makes work requests of it. Segments are posted in
 * batches that fit the send queue. The last batch of a read command carries
 * the response behind it, in the same post.
 *
 * Send queue space
 * ----------------
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

#include <linux/slab.h>

#include "ib_srpt.h"

/**
 * struct srpt_cut - a walk over local and remote memory in step
 * @sg: present entry of the local memory
 * @sg_off: bytes of it that are behind us
 * @desc: present descriptor of the remote memory
 * @desc_off: bytes of it that are behind us
 * @left: bytes that are to come
 */
struct srpt_cut {
	struct scatterlist *sg;
	u32 sg_off;
	const struct srp_desc *desc;
	u32 desc_off;
	u32 left;
};

/* Bytes until either side, or the walk, ends; at most @max. */
static u32 srpt_cut_len(const struct srpt_cut *cut, u32 max)
{
	u32 len = be32_to_cpu(cut->desc->len) - cut->desc_off;

	return min(min(len, max), min(cut->left, cut->sg->length - cut->sg_off));
}

static void srpt_cut_advance(struct srpt_cut *cut, u32 len)
{
	cut->left -= len;
	cut->sg_off += len;
	if (cut->sg_off == cut->sg->length) {
		cut->sg = sg_next(cut->sg);
		cut->sg_off = 0;
	}
	cut->desc_off += len;
	if (cut->desc_off == be32_to_cpu(cut->desc->len)) {
		cut->desc++;
		cut->desc_off = 0;
	}
}

/*
 * One segment from where @cut stands. With @seg NULL it is only measured.
 * Returns the number of slices.
 */
static u32 srpt_cut_segment(struct srpt_rdma_ch *ch, struct srpt_cut *cut,
			    struct srpt_rw_seg *seg, struct scatterlist *slice)
{
	u32 n = 0, bytes = 0;

	if (seg) {
		seg->va = be64_to_cpu(cut->desc->va) + cut->desc_off;
		seg->key = be32_to_cpu(cut->desc->key);
		seg->sg = slice;
	}
	do {
		u32 len = srpt_cut_len(cut, ch->max_rdma - bytes);

		if (seg)
			sg_set_page(&slice[n], sg_page(cut->sg), len,
				    cut->sg->offset + cut->sg_off);
		srpt_cut_advance(cut, len);
		bytes += len;
		n++;
	} while (cut->left && cut->desc_off && bytes < ch->max_rdma &&
		 n < ch->max_sge);
	if (seg) {
		sg_mark_end(&slice[n - 1]);
		seg->sg_cnt = n;
	}
	return n;
}

/* Several segments, or one that does not fall on whole entries. */
static int srpt_xfer_cut(struct srpt_send_ioctx *ioctx)
{
	struct srpt_xfer *x = &ioctx->xfer;
	struct srpt_cut start = {
		.sg = x->sg, .desc = ioctx->desc, .left = x->len,
	}, cut = start;
	struct srpt_rw_seg *segs;
	u32 n_slices = 0, i;

	for (x->n_segs = 0; cut.left; x->n_segs++)
		n_slices += srpt_cut_segment(ioctx->ch, &cut, NULL, NULL);

	if (x->n_segs > 1) {
		segs = kvcalloc(x->n_segs, sizeof(*segs), GFP_KERNEL);
		if (!segs)
			return -ENOMEM;
		x->segs = segs;
	}
	x->slices = kvmalloc_array(n_slices, sizeof(*x->slices), GFP_KERNEL);
	if (!x->slices)
		return -ENOMEM;
	sg_init_table(x->slices, n_slices);
	for (i = 0, n_slices = 0, cut = start; i < x->n_segs; i++)
		n_slices += srpt_cut_segment(ioctx->ch, &cut, &x->segs[i],
					     x->slices + n_slices);
	return 0;
}

/* Local memory is whole if its entries together are exactly the length. */
static bool srpt_sg_is(struct scatterlist *sg, u32 sg_cnt, u32 len)
{
	u64 sum = 0;

	for (; sg && sg_cnt; sg_cnt--, sg = sg_next(sg))
		sum += sg->length;
	return sum == len;
}

/*
 * The usual case: one descriptor, all of the command's memory, or less than
 * one entry of it. Needs no allocation.
 */
static bool srpt_xfer_simple(struct srpt_send_ioctx *ioctx, u32 sg_cnt)
{
	struct srpt_xfer *x = &ioctx->xfer;
	struct srpt_rw_seg *seg = &x->seg;

	if (x->len > be32_to_cpu(ioctx->desc->len) ||
	    x->len > ioctx->ch->max_rdma)
		return false;
	if (x->len <= x->sg->length) {
		sg_init_table(&x->one, 1);
		sg_set_page(&x->one, sg_page(x->sg), x->len, x->sg->offset);
		seg->sg = &x->one;
		seg->sg_cnt = 1;
	} else if (sg_cnt <= ioctx->ch->max_sge &&
		   srpt_sg_is(x->sg, sg_cnt, x->len)) {
		seg->sg = x->sg;
		seg->sg_cnt = sg_cnt;
	} else {
		return false;
	}
	seg->va = be64_to_cpu(ioctx->desc->va);
	seg->key = be32_to_cpu(ioctx->desc->key);
	x->n_segs = 1;
	return true;
}

static void srpt_xfer_reset(struct srpt_xfer *x)
{
	x->segs = &x->seg;
	x->slices = NULL;
	x->n_segs = 0;
	x->first = 0;
	x->next = 0;
	x->wrs = 0;
	x->held = 0;
	x->seg.wrs = 0;
}

/* Gives back what the prepared batch uses of the QP and of DMA. */
static void srpt_xfer_unprepare(struct srpt_send_ioctx *ioctx)
{
	struct srpt_xfer *x = &ioctx->xfer;
	struct srpt_rdma_ch *ch = ioctx->ch;
	u32 i;

	for (i = x->first; i < x->next; i++) {
		struct srpt_rw_seg *seg = &x->segs[i];

		if (!seg->wrs)
			continue;
		rdma_rw_ctx_destroy(&seg->rw, ch->qp, ch->sport->num, seg->sg,
				    seg->sg_cnt, x->dir);
		seg->wrs = 0;
	}
	x->wrs = 0;
}

/**
 * srpt_xfer_free - forget a transfer
 * @ioctx: its command; nothing of it is posted
 *
 * Context: process or completion. Safe to call again.
 */
void srpt_xfer_free(struct srpt_send_ioctx *ioctx)
{
	struct srpt_xfer *x = &ioctx->xfer;

	srpt_xfer_unprepare(ioctx);
	if (x->segs != &x->seg)
		kvfree(x->segs);
	kvfree(x->slices);
	srpt_xfer_reset(x);
}

/**
 * srpt_sq_give - give send queue entries back and let parked commands go
 * @ch: channel
 * @n: entries
 *
 * Context: process or completion.
 */
void srpt_sq_give(struct srpt_rdma_ch *ch, u32 n)
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

/*
 * Makes work requests of as many segments as the send queue can hold at once.
 * -EAGAIN: the memory regions of the QP are all in use.
 */
static int srpt_xfer_prepare(struct srpt_send_ioctx *ioctx)
{
	struct srpt_xfer *x = &ioctx->xfer;
	struct srpt_rdma_ch *ch = ioctx->ch;

	x->first = x->next;
	x->wrs = 0;
	while (x->next < x->n_segs) {
		struct srpt_rw_seg *seg = &x->segs[x->next];
		int n = rdma_rw_ctx_init(&seg->rw, ch->qp, ch->sport->num,
					 seg->sg, seg->sg_cnt, 0, seg->va,
					 seg->key, x->dir);

		if (n == -EAGAIN && x->next > x->first)
			break;
		if (n < 0)
			return n;
		seg->wrs = n;
		x->next++;
		if (x->wrs + n > ch->sq_size - 1 && x->next - x->first > 1) {
			/* one too many: it opens the next batch */
			x->next--;
			rdma_rw_ctx_destroy(&seg->rw, ch->qp, ch->sport->num,
					    seg->sg, seg->sg_cnt, x->dir);
			seg->wrs = 0;
			break;
		}
		x->wrs += n;
	}
	return 0;
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

/* A transfer cannot go on: tell the owner of the command. */
static void srpt_xfer_fail(struct srpt_send_ioctx *ioctx, int err)
{
	srpt_xfer_free(ioctx);
	ioctx->xfer.done(ioctx, err);
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

static void srpt_xfer_begin(struct srpt_send_ioctx *ioctx,
			    enum dma_data_direction dir)
{
	srpt_xfer_reset(&ioctx->xfer);
	ioctx->xfer.dir = dir;
}

/* Cuts the transfer into segments and posts what fits. */
static int srpt_xfer_data(struct srpt_send_ioctx *ioctx)
{
	int ret = 0;

	srpt_xfer_begin(ioctx, ioctx->cmd.data_direction == DMA_TO_DEVICE ?
			DMA_FROM_DEVICE : DMA_TO_DEVICE);
	if (!srpt_xfer_simple(ioctx, ioctx->cmd.t_data_nents))
		ret = srpt_xfer_cut(ioctx);
	if (!ret)
		ret = srpt_xfer_start(ioctx);
	if (ret)
		srpt_xfer_free(ioctx);
	return ret;
}

/* Fetches an external descriptor table, SRP r16a 6.8.3. */
static int srpt_fetch_table(struct srpt_send_ioctx *ioctx)
{
	u32 size = ioctx->n_table * sizeof(*ioctx->table);
	struct srpt_rw_seg *seg = &ioctx->xfer.seg;
	int ret;

	ioctx->table = kmalloc(size, GFP_KERNEL);
	if (!ioctx->table)
		return -ENOMEM;
	srpt_xfer_begin(ioctx, DMA_FROM_DEVICE);
	sg_init_one(&ioctx->xfer.one, ioctx->table, size);
	seg->sg = &ioctx->xfer.one;
	seg->sg_cnt = 1;
	seg->va = be64_to_cpu(ioctx->table_desc.va);
	seg->key = be32_to_cpu(ioctx->table_desc.key);
	ioctx->xfer.n_segs = 1;
	ret = srpt_xfer_start(ioctx);
	if (ret) {
		srpt_xfer_free(ioctx);
		kfree(ioctx->table);
		ioctx->table = NULL;
	}
	return ret;
}

/* The table is here: look at it, then at the data. */
static int srpt_table_fetched(struct srpt_send_ioctx *ioctx)
{
	enum srp_fault fault;

	fault = srp_check_table(ioctx->table, ioctx->n_table, ioctx->data_len);
	if (fault) {
		pr_warn_ratelimited("%s: external descriptor table: %s\n",
				    ioctx->ch->peer, srp_fault_name(fault));
		return -EINVAL;
	}
	ioctx->desc = ioctx->table;
	ioctx->n_desc = ioctx->n_table;
	ioctx->n_table = 0;
	return srpt_xfer_data(ioctx);
}

/**
 * srpt_xfer_move - move the data of a command
 * @ioctx: the command; its descriptors have been checked
 * @len: bytes, not more than they cover
 * @done: see struct srpt_xfer
 *
 * Direction and memory are those of the LIO command. Towards the initiator
 * the response, which must have been built, goes behind the data.
 *
 * Context: as srpt_xfer_start().
 * Return: as srpt_xfer_start().
 */
int srpt_xfer_move(struct srpt_send_ioctx *ioctx, u32 len,
		   void (*done)(struct srpt_send_ioctx *ioctx, int err))
{
	ioctx->xfer.sg = ioctx->cmd.t_data_sg;
	ioctx->xfer.len = len;
	ioctx->xfer.done = done;
	return ioctx->n_table ? srpt_fetch_table(ioctx) :
				srpt_xfer_data(ioctx);
}

/* A batch is through: the next one, or whatever the transfer was for. */
static void srpt_xfer_next(struct srpt_send_ioctx *ioctx)
{
	struct srpt_xfer *x = &ioctx->xfer;
	int ret;

	if (x->next < x->n_segs) {
		ret = srpt_xfer_start(ioctx);
	} else if (ioctx->n_table) {
		srpt_xfer_free(ioctx);
		ret = srpt_table_fetched(ioctx);
	} else {
		srpt_xfer_free(ioctx);
		x->done(ioctx, 0);
		return;
	}
	if (ret)
		srpt_xfer_fail(ioctx, ret);
}

/**
 * srpt_rdma_read_done - completion of a batch without a response
 * @cq: completion queue
 * @wc: completion; wr_cqe is rdma_cqe of the command
 *
 * RDMA READ of data or of a descriptor table, or RDMA WRITE that more data
 * follows.
 *
 * Context: completion (workqueue). LIO may execute the command in here.
 */
void srpt_rdma_read_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct srpt_send_ioctx *ioctx = container_of(wc->wr_cqe,
						     struct srpt_send_ioctx,
						     rdma_cqe);

	if (unlikely(wc->status != IB_WC_SUCCESS))
		srpt_ch_wc_error(ioctx->ch, wc, "moving data");
	srpt_xfer_end_batch(ioctx);
	if (unlikely(wc->status != IB_WC_SUCCESS))
		srpt_xfer_fail(ioctx, -EIO);
	else
		srpt_xfer_next(ioctx);
}
