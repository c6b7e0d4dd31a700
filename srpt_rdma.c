// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The way of the data: RDMA READ and WRITE.
 *
 * A transfer is cut into segments. A segment is one stretch of the
 * initiator's memory, no longer than the channel's max_seg, and the local
 * memory that goes with it; rdma_rw makes work requests of it. Segments are
 * posted in batches that fit the send queue (srpt_sq.c). The last batch of a
 * read command carries the response behind it, in the same post.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>

#include "srpt_way.h"
#include "srpt_trace.h"

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

/*
 * Goes on by @len bytes, or fewer: over @max entries of local memory at most.
 * Returns how many entries that was, the first and last maybe in part.
 */
static u32 srpt_cut_advance(struct srpt_cut *cut, u32 len, u32 max)
{
	struct scatterlist *sg = cut->sg;
	u32 off = cut->sg_off, left = len, n = 0;

	while (left && n < max) {
		u32 part = min(sg->length - off, left);

		left -= part;
		off += part;
		n++;
		if (off == sg->length) {
			sg = sg_next(sg);
			off = 0;
		}
	}
	cut->sg = sg;
	cut->sg_off = off;
	cut->left -= len - left;
	cut->desc_off += len - left;
	if (cut->desc_off == be32_to_cpu(cut->desc->len)) {
		cut->desc++;
		cut->desc_off = 0;
	}
	return n;
}

/* A list of what @n entries from where @cut stands have of @len bytes. */
static void srpt_cut_slices(struct scatterlist *slice, u32 n,
			    const struct srpt_cut *cut, u32 len)
{
	struct scatterlist *sg = cut->sg;
	u32 off = cut->sg_off, i;

	for (i = 0; i < n; i++) {
		u32 part = min(sg->length - off, len);

		sg_set_page(&slice[i], sg_page(sg), part, sg->offset + off);
		len -= part;
		sg = sg_next(sg);
		off = 0;
	}
	sg_mark_end(&slice[n - 1]);
}

/*
 * One segment from where @cut stands. With @seg NULL it is only measured. If it
 * falls on whole entries of local memory it is made of these, else of slices.
 * Returns the number of slices.
 */
static u32 srpt_cut_segment(struct srpt_rdma_ch *ch, struct srpt_cut *cut,
			    struct srpt_rw_seg *seg, struct scatterlist *slice)
{
	struct srpt_cut start = *cut;
	u32 len = min3(be32_to_cpu(cut->desc->len) - cut->desc_off,
		       ch->max_seg, cut->left);
	u32 n = srpt_cut_advance(cut, len, ch->max_sge);
	bool whole = !start.sg_off && !cut->sg_off;

	if (seg) {
		seg->va = be64_to_cpu(start.desc->va) + start.desc_off;
		seg->key = be32_to_cpu(start.desc->key);
		seg->sg = whole ? start.sg : slice;
		seg->sg_cnt = n;
		if (!whole)
			srpt_cut_slices(slice, n, &start, len);
	}
	return whole ? 0 : n;
}

/* Several segments, or one that does not fall on whole entries. */
static int srpt_xfer_cut(struct srpt_send_ioctx *ioctx)
{
	struct srpt_xfer *x = &ioctx->xfer;
	struct srpt_cut start = {
		.sg = ioctx->cmd.t_data_sg, .desc = ioctx->desc,
		.left = x->len,
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
	if (n_slices) {
		x->slices = kvmalloc_array(n_slices, sizeof(*x->slices),
					   GFP_KERNEL);
		if (!x->slices)
			return -ENOMEM;
		sg_init_table(x->slices, n_slices);
	}
	for (i = 0, n_slices = 0, cut = start; i < x->n_segs; i++)
		n_slices += srpt_cut_segment(ioctx->ch, &cut, &x->segs[i],
					     x->slices + n_slices);
	return 0;
}

/*
 * Is the command's memory, all of its entries together, exactly @len bytes? It
 * was when LIO made it for data_length; less data than that has been told of as
 * an underflow since.
 */
static noinline bool srpt_memory_is(const struct se_cmd *cmd, u32 len)
{
	struct scatterlist *sg = cmd->t_data_sg;
	u32 n = cmd->t_data_nents;
	u64 sum = 0;

	if (len == cmd->data_length && !(cmd->se_cmd_flags & SCF_UNDERFLOW_BIT))
		return true;
	for (; sg && n; n--, sg = sg_next(sg))
		sum += sg->length;
	return sum == len;
}

/*
 * The usual case: one descriptor, all of the command's memory, or no more than
 * one entry of it. Needs no allocation.
 */
static bool srpt_xfer_simple(struct srpt_send_ioctx *ioctx)
{
	struct scatterlist *sg = ioctx->cmd.t_data_sg;
	u32 sg_cnt = ioctx->cmd.t_data_nents;
	struct srpt_xfer *x = &ioctx->xfer;
	struct srpt_rw_seg *seg = &x->seg;

	if (x->len > be32_to_cpu(ioctx->desc->len) ||
	    x->len > ioctx->ch->max_seg)
		return false;
	if (x->len > sg->length && (sg_cnt > ioctx->ch->max_sge ||
				    !srpt_memory_is(&ioctx->cmd, x->len)))
		return false;
	seg->sg = sg;
	seg->sg_cnt = x->len > sg->length ? sg_cnt : 1;
	if (x->len < sg->length) {
		sg_set_page(&x->one, sg_page(sg), x->len, sg->offset);
		seg->sg = &x->one;
	}
	seg->va = be64_to_cpu(ioctx->desc->va);
	seg->key = be32_to_cpu(ioctx->desc->key);
	x->n_segs = 1;
	return true;
}

/**
 * srpt_xfer_is_easy - data of a response that needs no memory to be moved
 * @ioctx: the command
 * @len: bytes, of LIO's memory; not 0
 *
 * One piece of local memory, one of the initiator's, one work request.
 *
 * Context: any.
 * Return: true if it is, and then the transfer is ready for srpt_xfer_try().
 */
bool srpt_xfer_is_easy(struct srpt_send_ioctx *ioctx, u32 len)
{
	if (!ioctx->ch->easy || ioctx->n_table ||
	    len > ioctx->cmd.t_data_sg->length)
		return false;
	ioctx->xfer.len = len;
	if (ioctx->lent)
		return len <= be32_to_cpu(ioctx->desc->len);
	return srpt_xfer_simple(ioctx);
}

/**
 * srpt_xfer_own - the work request for data in the page of a command
 * @ioctx: the command; srpt_xfer_is_easy(), and there are no segments
 * @next: work request behind it
 *
 * Context: any.
 * Return: the work request.
 */
struct ib_send_wr *srpt_xfer_own(struct srpt_send_ioctx *ioctx,
				 struct ib_send_wr *next)
{
	struct srpt_own_wr *own = &ioctx->xfer.own;

	ib_dma_sync_single_for_device(ioctx->ch->sdev->ib_dev, ioctx->page_dma,
				      ioctx->xfer.len, DMA_TO_DEVICE);
	own->sge.addr = ioctx->page_dma;
	own->sge.length = ioctx->xfer.len;
	own->sge.lkey = ioctx->send_sge.lkey;
	own->wr = (struct ib_rdma_wr) {
		.wr = {
			.next = next,
			.sg_list = &own->sge,
			.num_sge = 1,
			.opcode = IB_WR_RDMA_WRITE,
		},
		.remote_addr = be64_to_cpu(ioctx->desc->va),
		.rkey = be32_to_cpu(ioctx->desc->key),
	};
	return &own->wr.wr;
}

/**
 * srpt_xfer_unprepare - give back what a batch uses of the QP and of DMA
 * @ioctx: its command; the batch is not posted, or has completed
 *
 * Context: process or completion; inside the gate. Safe to call again.
 */
void srpt_xfer_unprepare(struct srpt_send_ioctx *ioctx)
{
	struct srpt_xfer *x = &ioctx->xfer;
	struct srpt_rdma_ch *ch = ioctx->ch;

	for (; x->first < x->next; x->first++) {
		struct srpt_rw_seg *seg = &x->segs[x->first];

		rdma_rw_ctx_destroy(&seg->rw, ch->qp, ch->sport->num, seg->sg,
				    seg->sg_cnt, x->dir);
	}
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
	if (unlikely(x->segs != &x->seg)) {
		kvfree(x->segs);
		x->segs = &x->seg;
	}
	if (unlikely(x->slices)) {
		kvfree(x->slices);
		x->slices = NULL;
	}
	x->n_segs = 0;
	x->first = 0;
	x->next = 0;
}

/**
 * srpt_xfer_prepare - make work requests of the next batch
 * @ioctx: its command
 *
 * Takes as many segments as the send queue can hold at once.
 *
 * Context: process or completion; inside the gate.
 * Return: 0, -EAGAIN if the memory regions of the QP are all in use, or
 * another -errno.
 */
int srpt_xfer_prepare(struct srpt_send_ioctx *ioctx)
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
		x->next++;
		if (x->wrs + n > ch->sq_size - 1 && x->next - x->first > 1) {
			/* one too many: it opens the next batch */
			x->next--;
			rdma_rw_ctx_destroy(&seg->rw, ch->qp, ch->sport->num,
					    seg->sg, seg->sg_cnt, x->dir);
			break;
		}
		x->wrs += n;
	}
	return 0;
}

/**
 * srpt_xfer_fail - a transfer cannot go on: tell the owner of the command
 * @ioctx: the command; nothing of it is posted
 * @err: why, -errno
 *
 * Context: process or completion.
 */
void srpt_xfer_fail(struct srpt_send_ioctx *ioctx, int err)
{
	srpt_xfer_free(ioctx);
	ioctx->xfer.done(ioctx, err);
}

/* Cuts the transfer into segments and posts what fits. */
static int srpt_xfer_data(struct srpt_send_ioctx *ioctx)
{
	int ret = 0;

	ioctx->xfer.dir = ioctx->cmd.data_direction == DMA_TO_DEVICE ?
			  DMA_FROM_DEVICE : DMA_TO_DEVICE;
	if (!srpt_xfer_simple(ioctx))
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
	ioctx->xfer.dir = DMA_FROM_DEVICE;
	sg_set_buf(&ioctx->xfer.one, ioctx->table, size);
	seg->sg = &ioctx->xfer.one;
	seg->sg_cnt = 1;
	seg->va = be64_to_cpu(ioctx->inline_desc[0].va);
	seg->key = be32_to_cpu(ioctx->inline_desc[0].key);
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

	trace_srpt_done(ioctx, wc->status, false);
	if (unlikely(wc->status != IB_WC_SUCCESS))
		srpt_ch_wc_error(ioctx->ch, wc, "moving data");
	srpt_xfer_end_batch(ioctx);
	if (unlikely(wc->status != IB_WC_SUCCESS))
		srpt_xfer_fail(ioctx, -EIO);
	else
		srpt_xfer_next(ioctx);
}
