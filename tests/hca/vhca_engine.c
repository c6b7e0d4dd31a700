// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual InfiniBand HCA: the thread that plays the hardware of all HCAs.
 *
 * Queue pairs with something to do are on a list and take turns, a few work
 * requests each, or one that moves much: hardware takes turns by packets. One
 * that must wait (no buffer at the receiver, no answer, an injected delay) is
 * put aside until its time has come.
 */
#include <linux/kthread.h>
#include <linux/sched.h>
#include "vhca.h"

/* Work requests in one turn of a queue pair. */
#define VHCA_BUDGET	16
/* Bytes with which a turn is over, be there more work requests or not. */
#define VHCA_TURN_BYTES	16384

/**
 * vhca_qp_kick - let the engine look at a queue pair
 * @qp: queue pair
 *
 * From any context.
 */
void vhca_qp_kick(struct vhca_qp *qp)
{
	unsigned long flags;

	spin_lock_irqsave(&vhca.ready_lock, flags);
	if (list_empty(&qp->ready))
		list_add_tail(&qp->ready, &vhca.ready);
	spin_unlock_irqrestore(&vhca.ready_lock, flags);
	if (wq_has_sleeper(&vhca.wait))
		wake_up(&vhca.wait);
}

/**
 * vhca_qp_sleep - put a queue pair aside
 * @qp: queue pair
 * @ns: for how long
 *
 * Caller holds vhca.lock.
 */
void vhca_qp_sleep(struct vhca_qp *qp, u64 ns)
{
	lockdep_assert_held(&vhca.lock);
	qp->wake = ktime_add_ns(ktime_get(), ns);
	if (list_empty(&qp->sleep))
		list_add_tail(&qp->sleep, &vhca.sleeping);
}

/**
 * vhca_qp_unlink - make the engine forget a queue pair
 * @qp: queue pair that nothing is posted to any more
 *
 * Caller holds vhca.lock.
 */
void vhca_qp_unlink(struct vhca_qp *qp)
{
	lockdep_assert_held(&vhca.lock);
	list_del_init(&qp->sleep);
	spin_lock_irq(&vhca.ready_lock);
	list_del_init(&qp->ready);
	spin_unlock_irq(&vhca.ready_lock);
}

/**
 * vhca_kick_dev - let the engine look at all queue pairs of a device
 * @dev: device
 *
 * QP0 and QP1 are not in the table of queue pairs, and a MAD that never
 * completes blocks the removal of the device for ever.
 * Caller holds vhca.lock.
 */
void vhca_kick_dev(struct vhca_dev *dev)
{
	struct vhca_qp *qp;
	unsigned long n;
	u32 i;

	lockdep_assert_held(&vhca.lock);
	xa_for_each(&dev->qps, n, qp)
		vhca_qp_kick(qp);
	for (i = 0; i < dev->nports; i++) {
		if (dev->port[i].qp[0])
			vhca_qp_kick(dev->port[i].qp[0]);
		if (dev->port[i].qp[1])
			vhca_qp_kick(dev->port[i].qp[1]);
	}
}

/* One work request. Returns false if the queue pair must wait. */
static bool vhca_step(struct vhca_qp *qp, struct vhca_swqe *wqe)
{
	if (qp->ib.qp_type == IB_QPT_RC)
		return vhca_rc_step(qp, wqe);
	vhca_ud_step(qp, wqe);
	return true;
}

static u32 vhca_wqe_bytes(const struct vhca_swqe *wqe)
{
	u32 sum = 0, i;

	for (i = 0; i < wqe->num_sge; i++)
		sum += wqe->sge[i].length;
	return sum;
}

static void vhca_turn(struct vhca_qp *qp)
{
	struct vhca_dev *dev = to_vdev(qp->ib.device);
	struct vhca_swqe *wqe;
	u32 bytes = 0;
	int i;

	if (dev->hung)
		return;

	for (i = 0; i < VHCA_BUDGET && bytes < VHCA_TURN_BYTES; i++) {
		if (qp->state == IB_QPS_ERR || qp->state == IB_QPS_SQE) {
			vhca_qp_flush(qp);
			return;
		}
		if (qp->state != IB_QPS_RTS || dev->dead ||
		    !list_empty(&qp->sleep))
			return;
		wqe = vhca_sq_peek(qp);
		if (!wqe)
			return;
		bytes += vhca_wqe_bytes(wqe);
		if (!vhca_step(qp, wqe))
			return;
	}
	vhca_qp_kick(qp);
}

/* Returns when the next sleeper wants to be woken. */
static ktime_t vhca_wake_sleepers(void)
{
	ktime_t now = ktime_get(), next = KTIME_MAX;
	struct vhca_qp *qp, *tmp;

	list_for_each_entry_safe(qp, tmp, &vhca.sleeping, sleep) {
		if (ktime_after(qp->wake, now)) {
			next = min(next, qp->wake);
			continue;
		}
		list_del_init(&qp->sleep);
		vhca_qp_kick(qp);
	}
	return next;
}

static struct vhca_qp *vhca_next_ready(void)
{
	struct vhca_qp *qp;

	spin_lock_irq(&vhca.ready_lock);
	qp = list_first_entry_or_null(&vhca.ready, struct vhca_qp, ready);
	if (qp)
		list_del_init(&qp->ready);
	spin_unlock_irq(&vhca.ready_lock);
	return qp;
}

static bool vhca_wake_up_needed(void)
{
	return !list_empty_careful(&vhca.ready) || kthread_should_stop();
}

static void vhca_wait_until(ktime_t next)
{
	ktime_t now;

	if (next == KTIME_MAX) {
		wait_event_interruptible(vhca.wait, vhca_wake_up_needed());
		return;
	}
	now = ktime_get();
	if (ktime_after(next, now))
		wait_event_interruptible_hrtimeout(vhca.wait,
						   vhca_wake_up_needed(),
						   ktime_sub(next, now));
}

static int vhca_engine(void *unused)
{
	struct vhca_qp *qp;
	ktime_t next;

	while (!kthread_should_stop()) {
		mutex_lock(&vhca.lock);
		next = vhca_wake_sleepers();
		qp = vhca_next_ready();
		if (qp)
			vhca_turn(qp);
		mutex_unlock(&vhca.lock);
		if (qp)
			cond_resched();
		else
			vhca_wait_until(next);
	}
	return 0;
}

/**
 * vhca_engine_start - start the thread
 * @fifo: run it before ordinary tasks: a process that polls a completion queue
 *	in a loop would otherwise keep it from the CPU
 *
 * Return: 0 or a negative errno.
 */
int vhca_engine_start(bool fifo)
{
	struct task_struct *task = kthread_create(vhca_engine, NULL, "vhca");

	if (IS_ERR(task))
		return PTR_ERR(task);
	if (fifo)
		sched_set_fifo_low(task);
	vhca.engine = task;
	wake_up_process(task);
	return 0;
}

/**
 * vhca_engine_stop - stop the thread; all devices must be gone
 */
void vhca_engine_stop(void)
{
	kthread_stop(vhca.engine);
}
