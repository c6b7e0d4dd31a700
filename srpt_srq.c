// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Shared receive queues, and the pool of buffers behind each.
 *
 * An HCA has one while TPGs with use_srq let initiators in. It is not as large as
 * all credits together: an initiator that has credits uses them now and then. A
 * number of buffers is posted, @quiet: some for the HCA, and one for each
 * channel. Each that is filled is replaced (srpt_buf.c), so that buffers which
 * requests hold on to are not missing; the pool grows up to srpt_srq_size, and
 * what has been idle for a while is freed. Should the queue be empty for a moment,
 * the initiator's HCA is told to try again (RNR NAK) and does, without an end.
 *
 * What is posted cannot be taken back. So more than @quiet are posted for one
 * reason alone: the hardware says that it has few (IB_EVENT_SRQ_LIMIT_REACHED),
 * and a moment later their completions have not been dealt with. Then the
 * work of a channel is asleep, with requests before it that others must not wait
 * for. @want doubles, up to @most; what is more than @quiet is not posted
 * again once it has been used.
 *
 * When the pool can grow no more, requests are copied instead of kept
 * (srpt_copy_request()): nobody holds its buffers for longer than it takes to
 * look at them.
 *
 * The verbs object goes with the last channel that uses it; the memory may be
 * needed a little longer, by commands whose immediate data is in it. No work
 * item is queued once @srq is NULL.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>

#include "srpt_life.h"

/*
 * How long completions may take until the hardware is said to lack buffers: what
 * is posted for that stays, so a processor that is merely busy is no reason.
 */
#define SRPT_SRQ_PATIENCE	(HZ / 5)
/* Without memory: until the next try. */
#define SRPT_SRQ_RETRY	(HZ / 10)
/* Idle for that long, at most twice: freed. */
#define SRPT_SRQ_TRIM	(10 * HZ)
/* From a login until there are as many buffers as suit it: its reply is first. */
#define SRPT_SRQ_SOON	(HZ / 50)

static void srpt_srq_free(struct kref *kref)
{
	struct srpt_srq *srq = container_of(kref, struct srpt_srq, kref);
	struct srpt_recv_ioctx *recv, *tmp;

	list_for_each_entry_safe(recv, tmp, &srq->all, all)
		srpt_free_ioctx(&recv->ioctx);
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

/* The caller has the lock. */
static void srpt_srq_kick(struct srpt_srq *srq, struct delayed_work *work,
			  unsigned long delay)
{
	if (srq->srq)
		queue_delayed_work(srpt_wq, work, delay);
}

/*
 * One more idle buffer. It suits immediate data of the usual offset; that of
 * another offset is copied.
 */
static int srpt_srq_grow(struct srpt_srq *srq)
{
	struct srpt_recv_ioctx *recv;

	recv = srpt_alloc_recv(srq->sdev->ib_dev, srp_max_req_size,
			       SRPT_SRQ_IMM_OFF,
			       srq->sdev->pd->local_dma_lkey, srpt_recv_done);
	if (!recv)
		return -ENOMEM;
	recv->srq = srq;
	spin_lock_irq(&srq->lock);
	list_add(&recv->all, &srq->all);
	list_add(&recv->entry, &srq->idle);
	srq->total++;
	srq->n_idle++;
	spin_unlock_irq(&srq->lock);
	return 0;
}

/* Buffers that it needs and may have; with the lock. */
static bool srpt_srq_lacks(const struct srpt_srq *srq)
{
	return srq->srq && srq->total < srq->size &&
	       (srq->posted < srq->want || srq->n_idle < SRPT_SRQ_STOCK);
}

/* More than it needs when all is quiet; with the lock. */
static bool srpt_srq_is_large(const struct srpt_srq *srq)
{
	return srq->total > srq->quiet + SRPT_SRQ_STOCK ||
	       srq->want > srq->quiet;
}

/* The event comes once, until it is asked for again. */
static void srpt_srq_arm(struct srpt_srq *srq, struct ib_srq *ib_srq)
{
	struct ib_srq_attr attr = { .srq_limit = max(srq->want / 4, 1U) };
	int ret = ib_modify_srq(ib_srq, &attr, IB_SRQ_LIMIT);

	if (ret)
		pr_debug("%s: no limit of a shared receive queue: %d\n",
			 dev_name(&srq->sdev->ib_dev->dev), ret);
}

static void srpt_srq_refill(struct work_struct *work)
{
	struct srpt_srq *srq = container_of(to_delayed_work(work),
					    struct srpt_srq, refill);
	struct ib_srq *ib_srq;
	bool more;
	int ret;

	do {
		spin_lock_irq(&srq->lock);
		ret = srpt_srq_fill(srq);
		more = srpt_srq_lacks(srq);
		if (srpt_srq_is_large(srq))
			srpt_srq_kick(srq, &srq->look, SRPT_SRQ_TRIM);
		spin_unlock_irq(&srq->lock);
		if (more && !ret)
			ret = srpt_srq_grow(srq);
	} while (more && !ret);
	spin_lock_irq(&srq->lock);
	ib_srq = srq->srq;
	if (ret)
		srpt_srq_kick(srq, &srq->refill, SRPT_SRQ_RETRY);
	spin_unlock_irq(&srq->lock);
	if (ret || !ib_srq || srq->armed)
		return;
	srpt_srq_arm(srq, ib_srq);
	srq->armed = true;
}

/* The hardware said that it had few: is it that completions take long? */
static void srpt_srq_judge(struct srpt_srq *srq)
{
	srq->low = false;
	if (srq->taken - srq->low_at < srq->want / 4) {
		srq->want = min(2 * srq->want, srq->most);
		srpt_srq_kick(srq, &srq->refill, 0);
	}
}

/* Takes out what nobody has missed since the last time. */
static void srpt_srq_trim(struct srpt_srq *srq, struct list_head *surplus)
{
	struct srpt_recv_ioctx *recv;

	if (time_before(jiffies, srq->trim_at))
		return;
	srq->want = max(srq->quiet, srq->want / 2);
	for (; srq->least > SRPT_SRQ_STOCK; srq->least--) {
		/* the one that has been idle for the longest time */
		recv = list_last_entry(&srq->idle, struct srpt_recv_ioctx,
				       entry);
		list_move(&recv->entry, surplus);
		list_del(&recv->all);
		srq->n_idle--;
		srq->total--;
	}
	srq->least = srq->n_idle;
	srq->trim_at = jiffies + SRPT_SRQ_TRIM;
}

/* Looks now and then, and when the hardware has run low. */
static void srpt_srq_look(struct work_struct *work)
{
	struct srpt_srq *srq = container_of(to_delayed_work(work),
					    struct srpt_srq, look);
	struct srpt_recv_ioctx *recv, *tmp;
	struct ib_srq *ib_srq;
	LIST_HEAD(surplus);
	bool low;

	spin_lock_irq(&srq->lock);
	ib_srq = srq->srq;
	low = srq->low;
	if (low)
		srpt_srq_judge(srq);
	srpt_srq_trim(srq, &surplus);
	if (srpt_srq_is_large(srq))
		srpt_srq_kick(srq, &srq->look, SRPT_SRQ_TRIM);
	spin_unlock_irq(&srq->lock);
	if (low && ib_srq)
		srpt_srq_arm(srq, ib_srq);
	list_for_each_entry_safe(recv, tmp, &surplus, entry) {
		srpt_unmap_ioctx(srq->sdev->ib_dev, &recv->ioctx,
				 DMA_FROM_DEVICE);
		srpt_free_ioctx(&recv->ioctx);
	}
}

/* No queue pair uses it any more; late commands find the pointer cleared. */
static void srpt_srq_destroy(struct srpt_srq *srq)
{
	struct ib_srq *gone = srq->srq;
	struct srpt_recv_ioctx *recv;

	spin_lock_irq(&srq->lock);
	srq->srq = NULL;
	spin_unlock_irq(&srq->lock);
	cancel_delayed_work_sync(&srq->refill);
	cancel_delayed_work_sync(&srq->look);
	if (gone)
		ib_destroy_srq(gone);
	list_for_each_entry(recv, &srq->all, all)
		srpt_unmap_ioctx(srq->sdev->ib_dev, &recv->ioctx,
				 DMA_FROM_DEVICE);
}

/* The hardware has few buffers: shortly, is it that nobody gives them back? */
static void srpt_srq_is_low(struct srpt_srq *srq)
{
	unsigned long flags;

	spin_lock_irqsave(&srq->lock, flags);
	srq->low = true;
	srq->low_at = srq->taken;
	if (srq->srq)
		mod_delayed_work(srpt_wq, &srq->look, SRPT_SRQ_PATIENCE);
	spin_unlock_irqrestore(&srq->lock, flags);
}

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
	struct srpt_srq *srq = ctx;

	if (event->event == IB_EVENT_SRQ_LIMIT_REACHED)
		srpt_srq_is_low(srq);
	else
		pr_warn_ratelimited("%s: shared receive queue: %s\n",
				    dev_name(&srq->sdev->ib_dev->dev),
				    ib_event_msg(event->event));
}

/* A queue without hardware and without buffers. */
static struct srpt_srq *srpt_srq_alloc(struct srpt_device *sdev)
{
	struct srpt_srq *srq = kzalloc(sizeof(*srq), GFP_KERNEL);

	if (!srq)
		return NULL;
	kref_init(&srq->kref);
	spin_lock_init(&srq->lock);
	INIT_LIST_HEAD(&srq->all);
	INIT_LIST_HEAD(&srq->idle);
	INIT_DELAYED_WORK(&srq->refill, srpt_srq_refill);
	INIT_DELAYED_WORK(&srq->look, srpt_srq_look);
	kref_get(&sdev->kref);
	srq->sdev = sdev;
	srq->size = srpt_srq_size;
	srq->most = min3(srq->size, (u32)SRPT_SRQ_POSTED,
			 (u32)sdev->ib_dev->attrs.max_srq_wr);
	srq->want = min_t(u32, srq->most, SRPT_SRQ_QUIET);
	srq->trim_at = jiffies + SRPT_SRQ_TRIM;
	return srq;
}

/*
 * The hardware, and as many buffers as the first commands need. The rest is made
 * after the login, or when the first of these has been used.
 */
static int srpt_srq_build(struct srpt_srq *srq)
{
	struct ib_srq_init_attr attr = {
		.event_handler = srpt_srq_event,
		.srq_context = srq,
		.srq_type = IB_SRQT_BASIC,
		.attr.max_sge = 1,
		.attr.max_wr = srq->most,
	};
	struct ib_srq *ib_srq;
	int ret = 0;
	u32 i;

	for (i = 0; i < min_t(u32, srq->want, SRPT_SRQ_STOCK) && !ret; i++)
		ret = srpt_srq_grow(srq);
	if (ret)
		return ret;
	ib_srq = ib_create_srq(srq->sdev->pd, &attr);
	if (IS_ERR(ib_srq))
		return PTR_ERR(ib_srq);
	spin_lock_irq(&srq->lock);
	srq->srq = ib_srq;
	ret = srpt_srq_fill(srq);
	spin_unlock_irq(&srq->lock);
	return ret;
}

static void srpt_srq_drop(struct srpt_srq *srq)
{
	srpt_srq_destroy(srq);
	srpt_srq_put(srq);
}

static struct srpt_srq *srpt_srq_create(struct srpt_device *sdev)
{
	struct srpt_srq *srq = srpt_srq_alloc(sdev);
	int ret;

	if (!srq)
		return ERR_PTR(-ENOMEM);
	ret = srpt_srq_build(srq);
	if (!ret)
		return srq;
	srpt_srq_drop(srq);
	pr_err_ratelimited("%s: no shared receive queue of %u buffers: error %d\n",
			   dev_name(&sdev->ib_dev->dev), srpt_srq_size, ret);
	return ERR_PTR(ret);
}

/* As many as suit the channels that there are now. */
static void srpt_srq_adapt(struct srpt_srq *srq)
{
	spin_lock_irq(&srq->lock);
	srq->quiet = min(SRPT_SRQ_QUIET + srq->users, max(srq->most / 2, 1U));
	srq->want = max(srq->want, srq->quiet);
	srpt_srq_kick(srq, &srq->refill, SRPT_SRQ_SOON);
	spin_unlock_irq(&srq->lock);
}

/* One channel more for the queue that there is; or, if given, for @fresh. */
static struct srpt_srq *srpt_srq_use(struct srpt_device *sdev,
				     struct srpt_srq *fresh)
{
	struct srpt_srq *srq;

	mutex_lock(&sdev->mutex);
	if (fresh)
		sdev->srq = fresh;
	srq = sdev->srq;
	if (srq) {
		srq->users++;
		kref_get(&srq->kref);
		srpt_srq_adapt(srq);
	}
	mutex_unlock(&sdev->mutex);
	return srq;
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
	struct srpt_srq *srq;

	mutex_lock(&sdev->srq_mutex);
	srq = srpt_srq_use(sdev, NULL);
	if (!srq) {
		srq = srpt_srq_create(sdev);
		if (!IS_ERR(srq))
			srpt_srq_use(sdev, srq);
	}
	mutex_unlock(&sdev->srq_mutex);
	if (IS_ERR(srq))
		return PTR_ERR(srq);
	ch->srq = srq;
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
	struct srpt_srq *srq = ch->srq;
	bool last;

	mutex_lock(&sdev->mutex);
	last = !--srq->users;
	if (last)
		sdev->srq = NULL;
	else
		srpt_srq_adapt(srq);
	mutex_unlock(&sdev->mutex);
	if (last)
		srpt_srq_drop(srq);
}
