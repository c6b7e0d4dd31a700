// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The queues of a channel: how large, how they are made, and the states of
 * the queue pair.
 *
 * Sizes follow from what can be outstanding, not from what the device could
 * do: a response for each command, and the work requests that move
 * srp_max_rdma_size bytes for each of them. The attribute srp_sq_size is the
 * upper bound. A send queue that is too small for all at once costs speed,
 * never correctness: commands wait for space.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/random.h>

#include "srpt_life.h"

/* Pages of a memory region that rdma_rw makes use of. */
#define SRPT_MAX_REG_PAGES	256U

/* Gather entries of a work request that are worth having. */
#define SRPT_MAX_SGE	32

/* Entries of a segment: rdma_rw allocates no more than a page for them. */
#define SRPT_SEG_SGE	((u32)(PAGE_SIZE / sizeof(struct ib_sge)))

/* Send queue entries that rdma_rw adds for each of its contexts. */
static u32 srpt_rw_factor(const struct srpt_rdma_ch *ch)
{
	struct ib_device *dev = ch->sdev->ib_dev;

	return rdma_protocol_iwarp(dev, ch->sport->num) ||
	       dev->attrs.max_sgl_rd ? 3 : 1;
}

static u32 srpt_ch_sge(const struct srpt_rdma_ch *ch)
{
	const struct ib_device_attr *attrs = &ch->sdev->ib_dev->attrs;

	return clamp(attrs->max_send_sge, 1, SRPT_MAX_SGE);
}

static u32 srpt_rq_size(const struct srpt_rdma_ch *ch)
{
	/* one more for the receive mark */
	return srpt_ch_shares_rq(ch) ? 0 : ch->depth + SRPT_RX_SLACK + 1;
}

/*
 * Entries for commands: what they can use, as far as the administrator and
 * the device allow.
 */
static u32 srpt_want_sq(const struct srpt_rdma_ch *ch, u32 limit)
{
	u32 pages = ch->max_rdma >> PAGE_SHIFT;
	u32 wrs = DIV_ROUND_UP(pages, srpt_ch_sge(ch)) * srpt_rw_factor(ch);
	u32 most = ch->sdev->ib_dev->attrs.max_qp_wr - SRPT_SQ_CONTROL;
	u64 want = (u64)ch->n_send * (1 + wrs);

	return max_t(u64, min3(want, (u64)limit, (u64)most), SRPT_SQ_FLOOR);
}

/*
 * Of @size entries, those that belong to rdma_rw contexts. Rather too few
 * contexts than too few entries: each brings memory regions on some devices.
 */
static u32 srpt_rw_ctxs(const struct srpt_rdma_ch *ch, u32 size)
{
	u32 factor = srpt_rw_factor(ch);

	return max(1U, (size - size / (1 + factor)) / factor);
}

static struct ib_qp *srpt_make_qp(struct srpt_rdma_ch *ch, u32 size)
{
	u32 ctxs = srpt_rw_ctxs(ch, size);
	struct ib_qp_init_attr attr = {
		.event_handler = srpt_qp_event,
		.qp_context = ch,
		.send_cq = ch->send_cq,
		.recv_cq = ch->cq,
		.srq = ch->rq ? ch->rq->srq : NULL,
		.cap = {
			.max_send_wr = size + SRPT_SQ_CONTROL -
				       ctxs * srpt_rw_factor(ch),
			.max_recv_wr = srpt_rq_size(ch),
			.max_send_sge = srpt_ch_sge(ch),
			.max_recv_sge = 1,
			.max_rdma_ctxs = ctxs,
		},
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.qp_type = IB_QPT_RC,
		.port_num = ch->sport->num,
	};
	struct ib_qp *qp = ib_create_qp(ch->sdev->pd, &attr);

	if (!IS_ERR(qp))
		ch->sq_size = min(size, attr.cap.max_send_wr - SRPT_SQ_CONTROL);
	return qp;
}

/*
 * Receives that can have completed at once, whatever the initiator does: one for
 * each buffer that it can use up. Of a shared queue those are all that are posted,
 * if it ignores its credits.
 */
static u32 srpt_cq_receives(const struct srpt_rdma_ch *ch)
{
	return srpt_ch_shares_rq(ch) ? ch->rq->most : srpt_rq_size(ch);
}

/* CQs and QP of one size. */
static int srpt_try_queues(struct srpt_rdma_ch *ch, u32 size)
{
	struct ib_qp *qp;
	int ret;

	ch->doing = "make a completion queue";
	ret = srpt_cq_create(ch, srpt_cq_receives(ch), size + SRPT_SQ_CONTROL);
	if (ret)
		return ret;
	ch->doing = "make a queue pair";
	qp = srpt_make_qp(ch, size);
	if (IS_ERR(qp)) {
		srpt_cq_destroy(ch);
		return PTR_ERR(qp);
	}
	ch->qp = qp;
	ch->qp_num = qp->qp_num;
	return 0;
}

/*
 * Segments must fit the send queue several times over, whether they become
 * gathering work requests or registered memory. rdma_rw has given the queue
 * pair memory regions if it may want one.
 */
static void srpt_limit_segments(struct srpt_rdma_ch *ch)
{
	u32 pages = ch->sdev->ib_dev->attrs.max_fast_reg_page_list_len;

	ch->max_sge = min(max(ch->sq_size / 4, 1U) *
			  min(ch->qp->max_write_sge, ch->qp->max_read_sge),
			  SRPT_SEG_SGE);
	ch->max_seg = ch->max_sge << PAGE_SHIFT;
	if (list_empty(&ch->qp->rdma_mrs))
		return;
	/*
	 * One memory region must be enough for a segment, however much an IOMMU
	 * merges its entries: rdma_rw counts entries, the region has pages.
	 */
	ch->max_seg = min(ch->max_seg, ch->max_rdma);
	if (pages > 1)
		ch->max_seg = min(ch->max_seg,
				  (min(pages, SRPT_MAX_REG_PAGES) - 1)
				  << PAGE_SHIFT);
}

/*
 * Does an RDMA WRITE from one piece of memory take one work request, and no
 * memory?  It depends on the device, and on how rdma_rw has been told to work.
 */
static bool srpt_ch_is_easy(struct srpt_rdma_ch *ch)
{
	struct rdma_rw_ctx rw;
	struct scatterlist sg;
	int n;

	sg_init_one(&sg, ch->spare->ioctx.buf, ch->rsp_size);
	n = rdma_rw_ctx_init(&rw, ch->qp, ch->sport->num, &sg, 1, 0, 0, 0,
			     DMA_TO_DEVICE);
	if (n < 0)
		return false;
	rdma_rw_ctx_destroy(&rw, ch->qp, ch->sport->num, &sg, 1,
			    DMA_TO_DEVICE);
	return n == 1;
}

static int srpt_post_receives(struct srpt_rdma_ch *ch)
{
	int ret = 0;
	u32 i;

	if (ch->rq)
		return ch->rq->shared ? 0 : srpt_rq_open(ch);
	for (i = 0; i < ch->depth + SRPT_RX_SLACK && !ret; i++)
		ret = srpt_post_recv(ch->sdev, ch, ch->recv_ring[i]);
	return ret;
}

/**
 * srpt_cm_qp_attr - what the connection says about a state of the queue pair
 * @ch: channel
 * @attr: in: qp_state; out: attributes
 * @mask: out: which of them
 *
 * Return: 0 or -errno.
 */
static int srpt_cm_qp_attr(struct srpt_rdma_ch *ch, struct ib_qp_attr *attr,
			   int *mask)
{
	if (ch->rdma_cm_id)
		return rdma_init_qp_attr(ch->rdma_cm_id, attr, mask);
	return ib_cm_init_qp_attr(ch->cm_id, attr, mask);
}

/**
 * srpt_init_ch_qp - bring a queue pair from RESET to INIT
 * @ch: its channel; partition and port have been chosen
 * @qp: queue pair
 *
 * The initiator never reads or writes target memory, so that the QP gives it
 * no such right (SRP r16a 5.1.1: RDMA is the target's business).
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
static int srpt_init_ch_qp(struct srpt_rdma_ch *ch, struct ib_qp *qp)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_INIT,
		.qp_access_flags = IB_ACCESS_LOCAL_WRITE,
		.port_num = ch->sport->num,
		.pkey_index = ch->pkey_index,
	};
	int mask = 0, ret;

	if (ch->rdma_cm_id) {
		ret = srpt_cm_qp_attr(ch, &attr, &mask);
		if (ret)
			return ret;
		attr.qp_access_flags = IB_ACCESS_LOCAL_WRITE;
	}
	return ib_modify_qp(qp, &attr, mask | IB_QP_STATE | IB_QP_ACCESS_FLAGS |
			    IB_QP_PORT | IB_QP_PKEY_INDEX);
}

/**
 * srpt_create_ch_ib - make the queues of a channel
 * @ch: channel in login; depth, rings and limits have been set
 * @sq_limit: most send queue entries, attribute srp_sq_size
 *
 * Makes a completion queue and a queue pair in state INIT on it, and posts the
 * receive buffers. A device that is short of
 * memory gets asked for less, down to SRPT_SQ_FLOOR entries.
 *
 * Context: may sleep. What was made is freed with the channel.
 * Return: 0 or -errno.
 */
int srpt_create_ch_ib(struct srpt_rdma_ch *ch, u32 sq_limit)
{
	u32 size = srpt_want_sq(ch, sq_limit);
	int ret;

	for (;;) {
		ret = srpt_try_queues(ch, size);
		if (!ret || size == SRPT_SQ_FLOOR)
			break;
		size = max_t(u32, size / 2, SRPT_SQ_FLOOR);
	}
	if (ret)
		return ret;
	atomic_set(&ch->sq_avail, ch->sq_size);
	srpt_limit_segments(ch);
	ch->easy = srpt_ch_is_easy(ch);
	ch->doing = "prepare the queue pair";
	ret = srpt_init_ch_qp(ch, ch->qp);
	if (ret)
		return ret;
	set_bit(SRPT_CHF_QP_INIT, &ch->flags);
	ch->doing = "post receive buffers";
	return srpt_post_receives(ch);
}

/* iWARP providers change the state of the QP while they accept. */
static bool srpt_cm_moves_qp(const struct srpt_rdma_ch *ch)
{
	return rdma_protocol_iwarp(ch->sdev->ib_dev, ch->sport->num);
}

/*
 * RNR NAK timer, IBA table 45: when to try again who finds no buffer. Soon, and the
 * later the more channels the port has: all tries together shall be no load for it.
 */
static u8 srpt_rnr_timer(const struct srpt_rdma_ch *ch)
{
	static const u16 us[] = {
		[IB_RNR_TIMER_000_04] = 40,
		[IB_RNR_TIMER_000_06] = 60,
		[IB_RNR_TIMER_000_08] = 80,
		[IB_RNR_TIMER_000_12] = 120,
		[IB_RNR_TIMER_000_16] = 160,
		[IB_RNR_TIMER_000_24] = 240,
		[IB_RNR_TIMER_000_32] = 320,
		[IB_RNR_TIMER_000_48] = 480,
		[IB_RNR_TIMER_000_64] = 640,
	};
	u32 want = SRPT_RNR_EACH * atomic_read(&ch->sport->channels);
	u8 timer = IB_RNR_TIMER_000_04;

	while (us[timer] < want && timer < IB_RNR_TIMER_000_64)
		timer++;
	return timer;
}

/* What of the attributes is ours to say: IBA 11.2.5.2. */
static void srpt_own_qp_attr(struct srpt_rdma_ch *ch, struct ib_qp_attr *attr)
{
	if (attr->qp_state == IB_QPS_RTS) {
		attr->max_rd_atomic = ch->read_depth;
		return;
	}
	if (ch->cm_id) {
		/* what the reply asks the initiator to begin with */
		ch->start_psn = get_random_u32() & 0xffffff;
		attr->rq_psn = ch->start_psn;
	}
	attr->max_dest_rd_atomic = ch->resources;
	attr->min_rnr_timer = srpt_rnr_timer(ch);
}

static int srpt_ch_qp_next(struct srpt_rdma_ch *ch, struct ib_qp *qp,
			   enum ib_qp_state state)
{
	struct ib_qp_attr attr = { .qp_state = state };
	int mask, ret;

	if (srpt_cm_moves_qp(ch))
		return 0;
	ret = srpt_cm_qp_attr(ch, &attr, &mask);
	if (ret)
		return ret;
	srpt_own_qp_attr(ch, &attr);
	return ib_modify_qp(qp, &attr, mask);
}

/**
 * srpt_ch_qp_rtr - bring a queue pair to 'ready to receive'
 * @ch: its channel
 * @qp: queue pair, in state INIT
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int srpt_ch_qp_rtr(struct srpt_rdma_ch *ch, struct ib_qp *qp)
{
	return srpt_ch_qp_next(ch, qp, IB_QPS_RTR);
}

/**
 * srpt_ch_qp_rts - bring a queue pair to 'ready to send'
 * @ch: its channel
 * @qp: queue pair, in state RTR
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int srpt_ch_qp_rts(struct srpt_rdma_ch *ch, struct ib_qp *qp)
{
	return srpt_ch_qp_next(ch, qp, IB_QPS_RTS);
}

/**
 * srpt_ch_qp_err - put a channel's queue pair into the error state
 * @ch: channel
 *
 * All that is posted will be flushed.
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int srpt_ch_qp_err(struct srpt_rdma_ch *ch)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };

	return ib_modify_qp(ch->qp, &attr, IB_QP_STATE);
}
