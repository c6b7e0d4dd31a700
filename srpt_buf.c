// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Receive buffers: given to the hardware, and given back.
 *
 * A buffer belongs to a channel or to a shared receive queue. The hardware of
 * a channel may be used inside the gate only (srpt_sq.c); a shared queue looks
 * after itself, because its memory may outlive its hardware.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "srpt_way.h"

/* A work request for @len bytes; the buffer goes to the device. */
static void srpt_init_recv_wr(struct srpt_recv_ioctx *recv,
			      struct ib_device *dev, u32 lkey, u32 len,
			      struct ib_sge *sge, struct ib_recv_wr *wr)
{
	sge->addr = recv->ioctx.dma + recv->pad;
	sge->length = len;
	sge->lkey = lkey;
	wr->next = NULL;
	wr->wr_cqe = &recv->ioctx.cqe;
	wr->sg_list = sge;
	wr->num_sge = 1;
	ib_dma_sync_single_for_device(dev, sge->addr, recv->len,
				      DMA_FROM_DEVICE);
}

/* A shared queue's memory may outlive its hardware: look before posting. */
static int srpt_post_srq_recv(struct srpt_recv_ioctx *recv)
{
	struct srpt_srq *srq = recv->srq;
	struct ib_recv_wr wr;
	unsigned long flags;
	struct ib_sge sge;
	int ret = 0;

	spin_lock_irqsave(&srq->lock, flags);
	if (srq->srq) {
		srpt_init_recv_wr(recv, srq->pool.dev,
				  srq->srq->pd->local_dma_lkey,
				  srp_max_req_size, &sge, &wr);
		ret = ib_post_srq_recv(srq->srq, &wr, NULL);
	}
	spin_unlock_irqrestore(&srq->lock, flags);
	return ret;
}

/**
 * srpt_post_recv - give a receive buffer to the hardware
 * @sdev: the HCA; not used for a buffer of a shared receive queue
 * @ch: channel whose queue pair takes it; likewise
 * @ioctx: the buffer
 *
 * Context: any. For a channel's own buffer the caller makes sure that the
 * queue pair exists (srpt_ch_enter()).
 * Return: 0 or -errno of the HCA.
 */
int srpt_post_recv(struct srpt_device *sdev, struct srpt_rdma_ch *ch,
		   struct srpt_recv_ioctx *ioctx)
{
	struct ib_recv_wr wr;
	struct ib_sge sge;

	if (ioctx->srq)
		return srpt_post_srq_recv(ioctx);
	srpt_init_recv_wr(ioctx, sdev->ib_dev, sdev->pd->local_dma_lkey,
			  ch->recv_size, &sge, &wr);
	return ib_post_recv(ch->qp, &wr, NULL);
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
 * @recv: the buffer; if the queue is a dead private one it stays in its ring
 *
 * Context: process or completion.
 */
void srpt_return_recv(struct srpt_rdma_ch *ch, struct srpt_recv_ioctx *recv)
{
	if (recv->srq) {
		srpt_repost(ch, recv);
	} else if (srpt_ch_enter(ch)) {
		srpt_repost(ch, recv);
		srpt_ch_exit(ch);
	}
}

/**
 * srpt_unhold_recv - give back the request of a command
 * @ioctx: the command; its descriptors and immediate data are used up
 *
 * Context: any; inside the gate of the channel.
 */
void srpt_unhold_recv(struct srpt_send_ioctx *ioctx)
{
	struct srpt_recv_ioctx *recv = ioctx->recv;

	if (!recv)
		return;
	ioctx->recv = NULL;
	srpt_repost(ioctx->ch, recv);
}
