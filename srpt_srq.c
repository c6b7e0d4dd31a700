// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Shared receive queues.
 *
 * An HCA has one while TPGs with use_srq let initiators in. It is not as large as
 * all credits together: an initiator that has credits uses them now and then. As
 * many buffers are posted as the hardware needs, and one for each channel; the
 * rest is told in srpt_rq.c.
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

	for (i = 0; i < min_t(u32, rq->want, SRPT_SRQ_STOCK) && !ret; i++)
		ret = srpt_rq_grow(rq);
	if (ret)
		return ret;
	ib_srq = ib_create_srq(rq->sdev->pd, &attr);
	if (IS_ERR(ib_srq))
		return PTR_ERR(ib_srq);
	spin_lock_irq(&rq->lock);
	rq->srq = ib_srq;
	ret = srpt_rq_fill(rq);
	spin_unlock_irq(&rq->lock);
	return ret;
}

static void srpt_srq_drop(struct srpt_rq *rq)
{
	srpt_rq_close(rq);
	srpt_rq_put(rq);
}

static struct srpt_rq *srpt_srq_create(struct srpt_device *sdev)
{
	struct srpt_rq *rq = srpt_rq_alloc(sdev);
	int ret;

	if (!rq)
		return ERR_PTR(-ENOMEM);
	ret = srpt_srq_build(rq);
	if (!ret)
		return rq;
	srpt_srq_drop(rq);
	pr_err_ratelimited("%s: no shared receive queue of %u buffers: error %d\n",
			   dev_name(&sdev->ib_dev->dev), srpt_srq_size, ret);
	return ERR_PTR(ret);
}

/* As many as suit the channels that there are now. */
static void srpt_srq_adapt(struct srpt_rq *rq)
{
	spin_lock_irq(&rq->lock);
	rq->quiet = min(SRPT_SRQ_QUIET + rq->users, max(rq->most / 2, 1U));
	rq->want = max(rq->want, rq->quiet);
	srpt_rq_kick(rq, &rq->refill, SRPT_SRQ_SOON);
	spin_unlock_irq(&rq->lock);
}

/* One channel more for the queue that there is; or, if given, for @fresh. */
static struct srpt_rq *srpt_srq_use(struct srpt_device *sdev,
				    struct srpt_rq *fresh)
{
	struct srpt_rq *rq;

	mutex_lock(&sdev->mutex);
	if (fresh)
		sdev->srq = fresh;
	rq = sdev->srq;
	if (rq) {
		rq->users++;
		kref_get(&rq->kref);
		srpt_srq_adapt(rq);
	}
	mutex_unlock(&sdev->mutex);
	return rq;
}

/**
 * srpt_srq_join - let a channel use the shared receive queue of its HCA
 * @ch: a channel in login
 *
 * The first channel creates the queue, and those that need the same one wait
 * for it; nobody else does.
 *
 * Context: may sleep, also for hardware; takes sdev->srq_mutex, sdev->mutex.
 * Return: 0 or -errno.
 */
int srpt_srq_join(struct srpt_rdma_ch *ch)
{
	struct srpt_device *sdev = ch->sdev;
	struct srpt_rq *rq;

	mutex_lock(&sdev->srq_mutex);
	rq = srpt_srq_use(sdev, NULL);
	if (!rq) {
		rq = srpt_srq_create(sdev);
		if (!IS_ERR(rq))
			srpt_srq_use(sdev, rq);
	}
	mutex_unlock(&sdev->srq_mutex);
	if (IS_ERR(rq))
		return PTR_ERR(rq);
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
		sdev->srq = NULL;
	else
		srpt_srq_adapt(rq);
	mutex_unlock(&sdev->mutex);
	if (last)
		srpt_srq_drop(rq);
}
