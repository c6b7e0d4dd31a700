// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Shared receive queues.
 *
 * An HCA has one while TPGs with use_srq let initiators in. Its buffers are
 * promised: each channel takes its queue depth from the credits of the queue,
 * so that all initiators together can never send more than there are buffers.
 * When it gets crowded, newcomers get a smaller depth instead of a refusal.
 *
 * The verbs object goes with the last channel that uses it; the memory may be
 * needed a little longer, by commands whose immediate data is in it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>

#include "srpt_life.h"

static void srpt_srq_free(struct kref *kref)
{
	struct srpt_srq *srq = container_of(kref, struct srpt_srq, kref);

	srpt_free_ioctx_ring((struct srpt_ioctx **)srq->ring, &srq->pool,
			     srq->size);
	srpt_device_put(srq->sdev);
	kfree(srq);
}

/**
 * srpt_srq_put - give back a reference on the memory of a shared queue
 * @srq: the queue
 */
void srpt_srq_put(struct srpt_srq *srq)
{
	kref_put(&srq->kref, srpt_srq_free);
}

/*
 * Buffers that suit immediate data of the usual offset; that of another offset
 * is copied.
 */
static int srpt_srq_alloc_ring(struct srpt_srq *srq)
{
	u32 i;

	srq->ring = srpt_alloc_recv_ring(&srq->pool, srq->size,
					 srp_max_req_size, SRPT_SRQ_IMM_OFF,
					 srpt_recv_done);
	if (!srq->ring)
		return -ENOMEM;
	for (i = 0; i < srq->size; i++)
		srq->ring[i]->srq = srq;
	return 0;
}

static int srpt_srq_fill(struct srpt_device *sdev, struct srpt_srq *srq)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < srq->size && !ret; i++)
		ret = srpt_post_recv(sdev, NULL, srq->ring[i]);
	return ret;
}

/* No queue pair uses it any more; late commands find the pointer cleared. */
static void srpt_srq_destroy(struct srpt_srq *srq)
{
	struct ib_srq *gone = srq->srq;

	spin_lock_irq(&srq->lock);
	srq->srq = NULL;
	spin_unlock_irq(&srq->lock);
	ib_destroy_srq(gone);
	srpt_pool_unmap(&srq->pool);
}

/**
 * srpt_srq_event - SRQ event callback
 * @event: what happened
 * @ctx: the HCA
 *
 * The limit is not armed, because credits cannot exceed buffers. An SRQ in
 * error takes its QPs with it: those end their channels.
 *
 * Context: maybe interrupt.
 */
static void srpt_srq_event(struct ib_event *event, void *ctx)
{
	struct srpt_device *sdev = ctx;

	pr_warn_ratelimited("%s: shared receive queue: %s\n",
			    dev_name(&sdev->ib_dev->dev),
			    ib_event_msg(event->event));
}

static struct srpt_srq *srpt_srq_create(struct srpt_device *sdev)
{
	struct ib_srq_init_attr attr = {
		.event_handler = srpt_srq_event,
		.srq_context = sdev,
		.srq_type = IB_SRQT_BASIC,
		.attr.max_sge = 1,
	};
	struct srpt_srq *srq = kzalloc(sizeof(*srq), GFP_KERNEL);
	struct ib_srq *ib_srq;
	int ret = -ENOMEM;

	if (!srq)
		return ERR_PTR(ret);
	kref_init(&srq->kref);
	spin_lock_init(&srq->lock);
	kref_get(&sdev->kref);
	srq->sdev = sdev;
	srq->size = min_t(u32, srpt_srq_size, sdev->ib_dev->attrs.max_srq_wr);
	srq->credits = srq->size;
	srpt_pool_init(&srq->pool, sdev->ib_dev, DMA_FROM_DEVICE);
	ret = srpt_srq_alloc_ring(srq);
	if (ret)
		goto put_srq;

	attr.attr.max_wr = srq->size;
	ib_srq = ib_create_srq(sdev->pd, &attr);
	if (IS_ERR(ib_srq)) {
		ret = PTR_ERR(ib_srq);
		goto put_srq;
	}
	srq->srq = ib_srq;
	ret = srpt_srq_fill(sdev, srq);
	if (ret)
		goto destroy_srq;
	return srq;

destroy_srq:
	srpt_srq_destroy(srq);
put_srq:
	srpt_srq_put(srq);
	pr_err_ratelimited("%s: no shared receive queue of %u buffers: error %d\n",
			   dev_name(&sdev->ib_dev->dev), srpt_srq_size, ret);
	return ERR_PTR(ret);
}

/* What a newcomer may have: a quarter of what is left, within bounds. */
static u32 srpt_srq_share(const struct srpt_srq *srq, u32 want)
{
	u32 share = max_t(u32, srq->credits / 4, SRPT_QUEUE_DEPTH_MIN);

	return min3(want, share, srq->credits);
}

/**
 * srpt_srq_join - let a channel use the shared receive queue of its HCA
 * @ch: a channel in login; its depth may become smaller
 *
 * The first channel creates the queue.
 *
 * Context: may sleep; takes sdev->mutex.
 * Return: 0 or -errno; -ENOMEM also if every buffer is promised.
 */
int srpt_srq_join(struct srpt_rdma_ch *ch)
{
	struct srpt_device *sdev = ch->sdev;
	struct srpt_srq *srq;
	u32 share;
	int ret = 0;

	mutex_lock(&sdev->mutex);
	srq = sdev->srq;
	if (!srq) {
		srq = srpt_srq_create(sdev);
		if (IS_ERR(srq)) {
			ret = PTR_ERR(srq);
			goto unlock;
		}
		sdev->srq = srq;
	}
	share = srpt_srq_share(srq, ch->depth);
	if (!share) {
		ret = -ENOMEM;
		goto unlock;
	}
	srq->credits -= share;
	srq->users++;
	kref_get(&srq->kref);
	ch->depth = share;
	ch->srq = srq;
unlock:
	mutex_unlock(&sdev->mutex);
	return ret;
}

/**
 * srpt_srq_leave - a channel's queue pair is gone: it needs the queue no more
 * @ch: the channel; it keeps its reference on the memory
 *
 * The last one destroys the verbs object.
 *
 * Context: may sleep; takes sdev->mutex.
 */
void srpt_srq_leave(struct srpt_rdma_ch *ch)
{
	struct srpt_device *sdev = ch->sdev;
	struct srpt_srq *srq = ch->srq;

	mutex_lock(&sdev->mutex);
	srq->credits += ch->depth;
	if (!--srq->users) {
		srpt_srq_destroy(srq);
		if (sdev->srq == srq)
			sdev->srq = NULL;
		srpt_srq_put(srq);
	}
	mutex_unlock(&sdev->mutex);
}
