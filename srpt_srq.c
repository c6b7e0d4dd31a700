// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Shared receive queues.
 *
 * While TPGs with use_srq let initiators in, an HCA has one for each of its
 * completion vectors, or for a few of them together: channels whose work runs on
 * one processor share buffers, and others do not wait for their lock. The queues
 * are not as large as all credits together: an initiator that has credits uses
 * them now and then. As many buffers are posted as the hardware needs, and one for
 * each channel; the rest is told in srpt_rq.c.
 *
 * The verbs object goes with the last channel that uses it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "srpt_life.h"

/* From a login until there are as many buffers as suit it: its reply is first. */
#define SRPT_SRQ_SOON	(HZ / 50)

/**
 * srpt_srq_event - SRQ event callback
 * @event: what happened
 * @ctx: the queue
 *
 * An SRQ in error takes its QPs with it: those end their channels.
 *
 * Context: maybe interrupt.
 */
static void srpt_srq_event(struct ib_event *event, void *ctx)
{
	struct srpt_rq *rq = ctx;

	if (event->event == IB_EVENT_SRQ_LIMIT_REACHED)
		srpt_rq_is_low(rq);
	else
		pr_warn_ratelimited("%s: shared receive queue: %s\n",
				    dev_name(&rq->sdev->ib_dev->dev),
				    ib_event_msg(event->event));
}

/* Posted buffers of one queue, but for those of its channels. */
static u32 srpt_srq_base(const struct srpt_device *sdev)
{
	return max(SRPT_SRQ_QUIET / sdev->n_srqs, 12U);
}

/*
 * The hardware, and as many buffers as the first commands need. The rest is made
 * after the login, or when the first of these has been used.
 */
static int srpt_srq_build(struct srpt_rq *rq)
{
	struct ib_srq_init_attr attr = {
		.event_handler = srpt_srq_event,
		.srq_context = rq,
		.srq_type = IB_SRQT_BASIC,
		.attr.max_sge = 1,
		.attr.max_wr = rq->most,
	};
	struct ib_srq *ib_srq;
	int ret = 0;
	u32 i;

	for (i = 0; i < min_t(u32, rq->want, SRPT_RQ_STOCK) && !ret; i++)
		ret = srpt_rq_grow(rq);
	if (ret)
		return ret;
	ib_srq = ib_create_srq(rq->sdev->pd, &attr);
	if (IS_ERR(ib_srq))
		return PTR_ERR(ib_srq);
	spin_lock_irq(&rq->lock);
	rq->srq = ib_srq;
	rq->open = true;
	ret = srpt_rq_fill(rq);
	spin_unlock_irq(&rq->lock);
	return ret;
}

static void srpt_srq_drop(struct srpt_rq *rq)
{
	srpt_rq_close(rq);
	srpt_rq_put(rq);
}

static struct srpt_rq *srpt_srq_create(struct srpt_device *sdev, u32 slot)
{
	u32 size = srpt_srq_size / sdev->n_srqs;
	u32 most = min3(size, (u32)SRPT_SRQ_POSTED,
			(u32)sdev->ib_dev->attrs.max_srq_wr);
	struct srpt_rq *rq = srpt_rq_alloc(sdev, size, most);
	int ret;

	if (!rq)
		return ERR_PTR(-ENOMEM);
	rq->shared = true;
	rq->iu_len = srp_max_req_size;
	rq->imm_off = SRPT_SRQ_IMM_OFF;
	rq->slot = slot;
	rq->stock = max(SRPT_RQ_STOCK / sdev->n_srqs, 4U);
	rq->want = min(most, srpt_srq_base(sdev));
	ret = srpt_srq_build(rq);
	if (!ret)
		return rq;
	srpt_srq_drop(rq);
	return ERR_PTR(ret);
}

/* As many as suit the channels that there are now. */
static void srpt_srq_adapt(struct srpt_rq *rq)
{
	spin_lock_irq(&rq->lock);
	rq->quiet = min(srpt_srq_base(rq->sdev) + rq->users,
			max(rq->most / 2, 1U));
	rq->want = max(rq->want, rq->quiet);
	srpt_rq_kick(rq, &rq->refill, SRPT_SRQ_SOON);
	spin_unlock_irq(&rq->lock);
}

/* One channel more for the queue that there is; or, if given, for @fresh. */
static struct srpt_rq *srpt_srq_use(struct srpt_device *sdev, u32 slot,
				    struct srpt_rq *fresh)
{
	struct srpt_rq *rq;

	mutex_lock(&sdev->mutex);
	if (fresh)
		sdev->srqs[slot].rq = fresh;
	rq = sdev->srqs[slot].rq;
	if (rq) {
		rq->users++;
		kref_get(&rq->kref);
		srpt_srq_adapt(rq);
	}
	mutex_unlock(&sdev->mutex);
	return rq;
}

/*
 * The first channel creates the queue, and those that need the same one wait
 * for it; nobody else does.
 */
static struct srpt_rq *srpt_srq_get(struct srpt_device *sdev, u32 slot)
{
	struct srpt_rq *rq;

	mutex_lock(&sdev->srqs[slot].mutex);
	rq = srpt_srq_use(sdev, slot, NULL);
	if (!rq) {
		rq = srpt_srq_create(sdev, slot);
		if (!IS_ERR(rq))
			srpt_srq_use(sdev, slot, rq);
	}
	mutex_unlock(&sdev->srqs[slot].mutex);
	return rq;
}

/* Any queue that there is, or NULL. */
static struct srpt_rq *srpt_srq_get_other(struct srpt_device *sdev)
{
	struct srpt_rq *rq = NULL;
	u32 slot;

	for (slot = 0; slot < sdev->n_srqs && !rq; slot++)
		rq = srpt_srq_use(sdev, slot, NULL);
	return rq;
}

/**
 * srpt_srq_init - prepare a device for shared receive queues
 * @sdev: the device
 *
 * One for each completion vector, but no more than SRPT_MAX_SRQS, and none with
 * fewer buffers than SRPT_SRQ_SHARE if there are two.
 */
void srpt_srq_init(struct srpt_device *sdev)
{
	u32 vectors = max(sdev->ib_dev->num_comp_vectors, 1);
	u32 slot;

	sdev->n_srqs = clamp(srpt_srq_size / SRPT_SRQ_SHARE, 1U,
			     min_t(u32, vectors, SRPT_MAX_SRQS));
	for (slot = 0; slot < SRPT_MAX_SRQS; slot++)
		mutex_init(&sdev->srqs[slot].mutex);
}

/**
 * srpt_srq_join - let a channel use a shared receive queue of its HCA
 * @ch: a channel in login; srpt_cq_choose()
 *
 * That of its completion vector, which is made if it is not there; if that
 * cannot be, any other.
 *
 * Context: may sleep, also for hardware; takes srpt_srq_slot::mutex, sdev->mutex.
 * Return: 0 or -errno.
 */
int srpt_srq_join(struct srpt_rdma_ch *ch)
{
	struct srpt_device *sdev = ch->sdev;
	u32 vectors = max(sdev->ib_dev->num_comp_vectors, 1);
	struct srpt_rq *rq, *other = NULL;

	rq = srpt_srq_get(sdev, ch->vector * sdev->n_srqs / vectors);
	if (IS_ERR(rq))
		other = srpt_srq_get_other(sdev);
	if (other)
		rq = other;
	if (IS_ERR(rq)) {
		pr_err_ratelimited("%s: no shared receive queue of %u buffers: %pe\n",
				   dev_name(&sdev->ib_dev->dev),
				   srpt_srq_size / sdev->n_srqs, rq);
		return PTR_ERR(rq);
	}
	ch->rq = rq;
	return 0;
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
	struct srpt_rq *rq = ch->rq;
	bool last;

	mutex_lock(&sdev->mutex);
	last = !--rq->users;
	if (last)
		sdev->srqs[rq->slot].rq = NULL;
	else
		srpt_srq_adapt(rq);
	mutex_unlock(&sdev->mutex);
	if (last)
		srpt_srq_drop(rq);
}
