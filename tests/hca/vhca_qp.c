// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual InfiniBand HCA: queue pairs, and posting to them.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "vhca.h"

/**
 * vhca_qp_event - raise an event of a queue pair
 * @qp: queue pair
 * @type: event
 *
 * Caller holds vhca.lock.
 */
void vhca_qp_event(struct vhca_qp *qp, enum ib_event_type type)
{
	struct ib_event event = {
		.device = qp->ib.device,
		.element.qp = &qp->ib,
		.event = type,
	};

	lockdep_assert_held(&vhca.lock);
	if (!qp->ib.event_handler)
		return;
	/* Some hardware calls from an interrupt: a handler must not sleep. */
	local_bh_disable();
	qp->ib.event_handler(&event, qp->ib.qp_context);
	local_bh_enable();
}

/**
 * vhca_qp_set_error - move a queue pair to the error state
 * @qp: queue pair
 *
 * The engine flushes it soon; no more memory is touched from now on.
 * Caller holds vhca.lock.
 */
void vhca_qp_set_error(struct vhca_qp *qp)
{
	lockdep_assert_held(&vhca.lock);
	if (qp->state == IB_QPS_ERR || qp->state == IB_QPS_RESET)
		return;
	WRITE_ONCE(qp->state, IB_QPS_ERR);
	list_del_init(&qp->sleep);
	vhca_qp_kick(qp);
}

/**
 * vhca_dev_flush - move all queue pairs of a device to the error state
 * @dev: device
 *
 * Caller holds vhca.lock.
 */
void vhca_dev_flush(struct vhca_dev *dev)
{
	struct vhca_qp *qp;
	unsigned long n;
	u32 i;

	xa_for_each(&dev->qps, n, qp)
		vhca_qp_set_error(qp);
	for (i = 0; i < dev->nports; i++) {
		if (dev->port[i].qp[0])
			vhca_qp_set_error(dev->port[i].qp[0]);
		if (dev->port[i].qp[1])
			vhca_qp_set_error(dev->port[i].qp[1]);
	}
}

/* Oldest send work request not yet executed, or NULL. */
struct vhca_swqe *vhca_sq_peek(struct vhca_qp *qp)
{
	struct vhca_swqe *wqe = NULL;

	spin_lock_irq(&qp->sq.lock);
	if (qp->sq.exec != qp->sq.head)
		wqe = vhca_sq_slot(&qp->sq, qp->sq.exec);
	spin_unlock_irq(&qp->sq.lock);
	return wqe;
}

static enum ib_wc_opcode vhca_wc_opcode(enum ib_wr_opcode opcode)
{
	switch (opcode) {
	case IB_WR_RDMA_WRITE:
	case IB_WR_RDMA_WRITE_WITH_IMM:
		return IB_WC_RDMA_WRITE;
	case IB_WR_RDMA_READ:
		return IB_WC_RDMA_READ;
	case IB_WR_REG_MR:
		return IB_WC_REG_MR;
	case IB_WR_LOCAL_INV:
		return IB_WC_LOCAL_INV;
	default:
		return IB_WC_SEND;
	}
}

/**
 * vhca_complete_send - be done with the current send work request
 * @qp: queue pair
 * @wqe: its current send work request
 * @status: completion status; an error stops the queue pair
 * @len: bytes that an RDMA READ brought
 *
 * Caller holds vhca.lock.
 */
void vhca_complete_send(struct vhca_qp *qp, struct vhca_swqe *wqe,
			enum ib_wc_status status, u32 len)
{
	bool signaled = status || qp->sq_sig_all ||
			wqe->flags & IB_SEND_SIGNALED;
	struct vhca_cqe cqe = {
		.wc = {
			.wr_id = wqe->wr_id,
			.status = status,
			.opcode = vhca_wc_opcode(wqe->opcode),
			.byte_len = len,
			.qp = &qp->ib,
		},
		.qp = qp,
		.send = true,
	};

	lockdep_assert_held(&vhca.lock);
	spin_lock_irq(&qp->sq.lock);
	if (wqe->opcode == IB_WR_RDMA_READ)
		qp->sq.reads--;
	cqe.sq_next = ++qp->sq.exec;
	spin_unlock_irq(&qp->sq.lock);
	qp->tries = 0;
	qp->rnr_tries = 0;
	qp->delayed = false;

	if (status && qp->ib.qp_type == IB_QPT_RC)
		vhca_qp_set_error(qp);
	else if (status && qp->state == IB_QPS_RTS)
		WRITE_ONCE(qp->state, IB_QPS_SQE);
	/* The slot may be reused as soon as the completion can be polled. */
	if (signaled && !vhca_cq_push(to_vcq(qp->init.send_cq), &cqe, status))
		vhca_qp_set_error(qp);
}

/**
 * vhca_complete_recv - be done with a receive buffer
 * @qp: queue pair
 * @rwqe: buffer, as vhca_rq_take() gave it
 * @wc: completion; identity and status of success are filled in here
 * @solicited: the sender asked for an event
 *
 * Caller holds vhca.lock.
 */
void vhca_complete_recv(struct vhca_qp *qp, struct vhca_rwqe *rwqe,
			struct ib_wc *wc, bool solicited)
{
	struct vhca_cqe cqe = { .qp = qp, .srq = to_vsrq(qp->ib.srq) };

	lockdep_assert_held(&vhca.lock);
	wc->wr_id = rwqe->wr_id;
	wc->qp = &qp->ib;
	cqe.wc = *wc;
	if (!vhca_cq_push(to_vcq(qp->init.recv_cq), &cqe,
			  solicited || wc->status))
		vhca_qp_set_error(qp);
}

/* Whether the rest of the flush is to come later. */
static bool vhca_flush_pauses(struct vhca_qp *qp)
{
	struct vhca_dev *dev = to_vdev(qp->ib.device);

	if (!list_empty(&qp->sleep))
		return true;
	if (!dev->flush_ms || qp->paused || qp->ib.qp_type != IB_QPT_RC ||
	    qp->flushed++ < dev->flush_now)
		return false;
	qp->paused = true;
	vhca_qp_sleep(qp, (u64)dev->flush_ms * NSEC_PER_MSEC);
	return true;
}

static void vhca_flush_recv(struct vhca_qp *qp)
{
	struct ib_wc wc = {
		.status = IB_WC_WR_FLUSH_ERR,
		.opcode = IB_WC_RECV,
	};

	while (vhca_rq_take(&qp->rq, NULL)) {
		if (vhca_flush_pauses(qp))
			return;
		vhca_rq_take(&qp->rq, vhca.rwqe);
		vhca_complete_recv(qp, vhca.rwqe, &wc, false);
	}
}

/**
 * vhca_qp_flush - complete all work of a queue pair in an error state
 * @qp: queue pair in ERR, or in SQE, where receives go on
 *
 * Comes back later if the flush pauses in the middle.
 * Caller holds vhca.lock.
 */
void vhca_qp_flush(struct vhca_qp *qp)
{
	struct vhca_swqe *wqe;

	while ((wqe = vhca_sq_peek(qp))) {
		if (vhca_flush_pauses(qp))
			return;
		vhca_complete_send(qp, wqe, IB_WC_WR_FLUSH_ERR, 0);
	}
	if (qp->state != IB_QPS_ERR)
		return;
	if (!qp->ib.srq) {
		vhca_flush_recv(qp);
	} else if (!qp->last_wqe) {
		/* Nothing more will be taken from the SRQ. */
		qp->last_wqe = true;
		vhca_qp_event(qp, IB_EVENT_QP_LAST_WQE_REACHED);
	}
}

static int vhca_check_init(struct vhca_dev *dev,
			   const struct ib_qp_init_attr *init)
{
	const struct ib_qp_cap *cap = &init->cap;
	const struct vhca_limits *l = &dev->limits;

	if (init->create_flags)
		return -EOPNOTSUPP;
	if (init->qp_type != IB_QPT_RC && init->qp_type != IB_QPT_UD &&
	    init->qp_type != IB_QPT_GSI && init->qp_type != IB_QPT_SMI)
		return -EOPNOTSUPP;
	if (!init->send_cq || !init->recv_cq || cap->max_inline_data ||
	    cap->max_send_sge > VHCA_MAX_SGE || cap->max_recv_sge > VHCA_MAX_SGE)
		return -EINVAL;
	/* QP0 and QP1 are not among those that the limits are about. */
	if (init->qp_type == IB_QPT_GSI || init->qp_type == IB_QPT_SMI)
		return 0;
	if (cap->max_send_wr > l->max_qp_wr ||
	    cap->max_send_sge > l->max_send_sge)
		return -EINVAL;
	if (!init->srq && (cap->max_recv_wr > l->max_qp_wr ||
			   cap->max_recv_sge > l->max_recv_sge))
		return -EINVAL;
	return 0;
}

static int vhca_alloc_queues(struct vhca_qp *qp, const struct ib_qp_cap *cap)
{
	struct vhca_swqe *wqe;

	spin_lock_init(&qp->sq.lock);
	qp->sq.size = cap->max_send_wr;
	qp->sq.max_sge = cap->max_send_sge;
	qp->sq.stride = struct_size(wqe, sge, cap->max_send_sge);
	if (qp->sq.size) {
		qp->sq.mem = vhca_queue_alloc(qp->sq.size, qp->sq.stride);
		if (!qp->sq.mem)
			return -ENOMEM;
	}
	if (qp->ib.srq)
		return vhca_rq_init(&qp->rq, 0, 0);
	return vhca_rq_init(&qp->rq, cap->max_recv_wr, cap->max_recv_sge);
}

static void vhca_free_queues(struct vhca_qp *qp)
{
	vhca_queue_free(qp->sq.mem, qp->sq.size, qp->sq.stride);
	vhca_rq_free(&qp->rq);
}

/* Give the queue pair its number; it can be found from now on. */
static int vhca_publish_qp(struct vhca_qp *qp)
{
	struct vhca_dev *dev = to_vdev(qp->ib.device);
	struct vhca_port *port;
	u32 n;
	int ret;

	if (!vhca_qp_special(qp)) {
		ret = xa_alloc_cyclic(&dev->qps, &qp->ib.qp_num, qp,
				      XA_LIMIT(2, 0xfffffe), &dev->next_qpn,
				      GFP_KERNEL);
		return min(ret, 0);
	}
	if (!qp->init.port_num || qp->init.port_num > dev->nports)
		return -EINVAL;
	port = &dev->port[qp->init.port_num - 1];
	n = qp->ib.qp_type == IB_QPT_GSI;
	qp->ib.qp_num = n;
	qp->port = port;
	mutex_lock(&vhca.lock);
	ret = port->qp[n] ? -EBUSY : 0;
	if (!ret)
		port->qp[n] = qp;
	mutex_unlock(&vhca.lock);
	return ret;
}

static int vhca_create_qp(struct ib_qp *ib, struct ib_qp_init_attr *init,
			  struct ib_udata *udata)
{
	struct vhca_dev *dev = to_vdev(ib->device);
	struct vhca_qp *qp = to_vqp(ib);
	int ret;

	ret = vhca_fault_verb(ib->device, VHCA_CREATE_QP);
	if (!ret)
		ret = vhca_check_init(dev, init);
	if (!ret && READ_ONCE(dev->dead))
		ret = -EIO;
	if (ret)
		return ret;

	qp->init = *init;
	qp->state = IB_QPS_RESET;
	qp->user = !!udata;
	qp->sq_sig_all = init->sq_sig_type == IB_SIGNAL_ALL_WR;
	INIT_LIST_HEAD(&qp->ready);
	INIT_LIST_HEAD(&qp->sleep);
	ret = vhca_alloc_queues(qp, &init->cap);
	if (!ret)
		ret = vhca_publish_qp(qp);
	if (ret)
		vhca_free_queues(qp);
	return ret;
}

/* Is there work of which the owner has not seen the end? */
static bool vhca_qp_busy(struct vhca_qp *qp)
{
	bool busy;

	spin_lock_irq(&qp->sq.lock);
	busy = qp->sq.head != qp->sq.exec;
	spin_unlock_irq(&qp->sq.lock);
	return busy || vhca_rq_take(&qp->rq, NULL);
}

/*
 * Destroying a queue pair forgets its work, and that is allowed; but a consumer
 * that counts on having seen the end of it wants to know.
 */
static int vhca_destroy_qp(struct ib_qp *ib, struct ib_udata *udata)
{
	struct vhca_dev *dev = to_vdev(ib->device);
	struct vhca_qp *qp = to_vqp(ib);
	bool undrained;
	u32 dropped;

	mutex_lock(&vhca.lock);
	if (vhca_qp_special(qp))
		qp->port->qp[ib->qp_num] = NULL;
	else
		xa_erase(&dev->qps, ib->qp_num);
	WRITE_ONCE(qp->state, IB_QPS_RESET);
	vhca_mcast_purge(qp);
	vhca_qp_unlink(qp);
	undrained = vhca_qp_busy(qp);
	dropped = vhca_cq_purge(to_vcq(qp->init.send_cq), qp);
	dropped += vhca_cq_purge(to_vcq(qp->init.recv_cq), qp);
	if (ib->qp_type == IB_QPT_RC && !qp->user && (undrained || dropped))
		dev->undrained++;
	mutex_unlock(&vhca.lock);
	vhca_free_queues(qp);
	return 0;
}

/* Forget all work and all history. */
static void vhca_reset_qp(struct vhca_qp *qp)
{
	vhca_qp_unlink(qp);
	vhca_cq_purge(to_vcq(qp->init.send_cq), qp);
	vhca_cq_purge(to_vcq(qp->init.recv_cq), qp);
	spin_lock_irq(&qp->sq.lock);
	qp->sq.head = qp->sq.exec = qp->sq.tail = 0;
	qp->sq.reads = 0;
	spin_unlock_irq(&qp->sq.lock);
	spin_lock_irq(&qp->rq.lock);
	qp->rq.head = qp->rq.exec = qp->rq.unpolled = 0;
	spin_unlock_irq(&qp->rq.lock);
	qp->tries = qp->rnr_tries = 0;
	qp->delayed = qp->comm_est = qp->last_wqe = qp->paused = false;
	qp->flushed = 0;
	memset(&qp->attr, 0, sizeof(qp->attr));
}

static int vhca_check_attr(struct vhca_qp *qp, const struct ib_qp_attr *attr,
			   int mask)
{
	struct vhca_dev *dev = to_vdev(qp->ib.device);

	if (mask & ~IB_QP_ATTR_STANDARD_BITS)
		return -EOPNOTSUPP;
	if (mask & (IB_QP_CAP | IB_QP_ALT_PATH))
		return -EOPNOTSUPP;
	if ((mask & IB_QP_PORT &&
	     (!attr->port_num || attr->port_num > dev->nports)) ||
	    (mask & IB_QP_PKEY_INDEX && attr->pkey_index >= VHCA_PKEYS) ||
	    (mask & IB_QP_MAX_QP_RD_ATOMIC &&
	     attr->max_rd_atomic > dev->limits.max_rd_atom) ||
	    (mask & IB_QP_MAX_DEST_RD_ATOMIC &&
	     attr->max_dest_rd_atomic > dev->limits.max_rd_atom) ||
	    (mask & IB_QP_PATH_MTU &&
	     (attr->path_mtu < IB_MTU_256 || attr->path_mtu > IB_MTU_4096)) ||
	    (mask & IB_QP_TIMEOUT && attr->timeout > 31) ||
	    (mask & IB_QP_RETRY_CNT && attr->retry_cnt > 7) ||
	    (mask & IB_QP_RNR_RETRY && attr->rnr_retry > 7) ||
	    (mask & IB_QP_MIN_RNR_TIMER && attr->min_rnr_timer > 31) ||
	    (mask & IB_QP_DEST_QPN && attr->dest_qp_num > 0xffffff))
		return -EINVAL;
	if (mask & IB_QP_AV) {
		if (!rdma_ah_get_dlid(&attr->ah_attr))
			return -EINVAL;
		if (rdma_ah_get_ah_flags(&attr->ah_attr) & IB_AH_GRH &&
		    rdma_ah_read_grh(&attr->ah_attr)->sgid_index >= VHCA_GUIDS)
			return -EINVAL;
	}
	return 0;
}

static void vhca_apply_attr(struct vhca_qp *qp, const struct ib_qp_attr *attr,
			    int mask)
{
	struct ib_qp_attr *a = &qp->attr;

	if (mask & IB_QP_PORT) {
		a->port_num = attr->port_num;
		qp->port = &to_vdev(qp->ib.device)->port[attr->port_num - 1];
	}
	if (mask & IB_QP_AV)
		vhca_set_av(&qp->av, &attr->ah_attr);
	if (mask & IB_QP_PKEY_INDEX)
		a->pkey_index = attr->pkey_index;
	if (mask & IB_QP_QKEY)
		a->qkey = attr->qkey;
	if (mask & IB_QP_ACCESS_FLAGS)
		a->qp_access_flags = attr->qp_access_flags;
	if (mask & IB_QP_PATH_MTU)
		a->path_mtu = attr->path_mtu;
	if (mask & IB_QP_TIMEOUT)
		a->timeout = attr->timeout;
	if (mask & IB_QP_RETRY_CNT)
		a->retry_cnt = attr->retry_cnt;
	if (mask & IB_QP_RNR_RETRY)
		a->rnr_retry = attr->rnr_retry;
	if (mask & IB_QP_MIN_RNR_TIMER)
		a->min_rnr_timer = attr->min_rnr_timer;
	if (mask & IB_QP_MAX_QP_RD_ATOMIC)
		a->max_rd_atomic = attr->max_rd_atomic;
	if (mask & IB_QP_MAX_DEST_RD_ATOMIC)
		a->max_dest_rd_atomic = attr->max_dest_rd_atomic;
	if (mask & IB_QP_DEST_QPN)
		a->dest_qp_num = attr->dest_qp_num;
	if (mask & IB_QP_RQ_PSN)
		qp->rq_psn = attr->rq_psn & 0xffffff;
	if (mask & IB_QP_SQ_PSN)
		qp->sq_psn = attr->sq_psn & 0xffffff;
}

/* A dead device can only be cleaned up. */
static bool vhca_may_change(struct vhca_qp *qp, enum ib_qp_state new)
{
	return !to_vdev(qp->ib.device)->dead || new == IB_QPS_ERR ||
	       new == IB_QPS_RESET;
}

static int vhca_do_modify(struct vhca_qp *qp, const struct ib_qp_attr *attr,
			  int mask)
{
	enum ib_qp_state cur = qp->state, new;

	lockdep_assert_held(&vhca.lock);
	if (mask & IB_QP_CUR_STATE && attr->cur_qp_state != cur)
		return -EINVAL;
	new = mask & IB_QP_STATE ? attr->qp_state : cur;
	if (!ib_modify_qp_is_ok(cur, new, qp->ib.qp_type, mask))
		return -EINVAL;
	if (!vhca_may_change(qp, new))
		return -EIO;

	if (new == IB_QPS_ERR) {
		vhca_qp_set_error(qp);
		return 0;
	}
	WRITE_ONCE(qp->state, new);
	if (new == IB_QPS_RESET) {
		vhca_reset_qp(qp);
		return 0;
	}
	vhca_apply_attr(qp, attr, mask);
	if (new == IB_QPS_SQD && mask & IB_QP_EN_SQD_ASYNC_NOTIFY &&
	    attr->en_sqd_async_notify)
		vhca_qp_event(qp, IB_EVENT_SQ_DRAINED);
	vhca_qp_kick(qp);
	return 0;
}

static int vhca_modify_qp(struct ib_qp *ib, struct ib_qp_attr *attr, int mask,
			  struct ib_udata *udata)
{
	struct vhca_qp *qp = to_vqp(ib);
	int ret = 0;

	if (!vhca_qp_special(qp))
		ret = vhca_fault_verb(ib->device, VHCA_MODIFY_QP);
	if (!ret)
		ret = vhca_check_attr(qp, attr, mask);
	if (ret)
		return ret;
	mutex_lock(&vhca.lock);
	ret = vhca_do_modify(qp, attr, mask);
	mutex_unlock(&vhca.lock);
	return ret;
}

static int vhca_query_qp(struct ib_qp *ib, struct ib_qp_attr *attr, int mask,
			 struct ib_qp_init_attr *init)
{
	struct vhca_qp *qp = to_vqp(ib);
	int ret = vhca_fault_verb(ib->device, VHCA_QUERY_QP);

	if (ret)
		return ret;
	mutex_lock(&vhca.lock);
	*attr = qp->attr;
	attr->qp_state = attr->cur_qp_state = qp->state;
	attr->rq_psn = qp->rq_psn;
	attr->sq_psn = qp->sq_psn;
	attr->cap = qp->init.cap;
	vhca_get_av(&qp->av, attr->port_num, &attr->ah_attr);
	*init = qp->init;
	mutex_unlock(&vhca.lock);
	return 0;
}

static bool vhca_opcode_ok(struct vhca_qp *qp, enum ib_wr_opcode opcode)
{
	switch (opcode) {
	case IB_WR_SEND:
	case IB_WR_SEND_WITH_IMM:
		return true;
	case IB_WR_SEND_WITH_INV:
	case IB_WR_RDMA_WRITE:
	case IB_WR_RDMA_WRITE_WITH_IMM:
	case IB_WR_RDMA_READ:
		return qp->ib.qp_type == IB_QPT_RC;
	case IB_WR_REG_MR:
	case IB_WR_LOCAL_INV:
		return qp->ib.qp_type == IB_QPT_RC && !qp->user;
	default:
		return false;
	}
}

static int vhca_check_send(struct vhca_qp *qp, const struct ib_send_wr *wr)
{
	struct vhca_dev *dev = to_vdev(qp->ib.device);

	if (!vhca_opcode_ok(qp, wr->opcode) || wr->num_sge < 0 ||
	    wr->num_sge > qp->sq.max_sge || wr->send_flags & IB_SEND_INLINE)
		return -EINVAL;
	if (wr->opcode == IB_WR_RDMA_READ &&
	    wr->num_sge > dev->limits.max_sge_rd)
		return -EINVAL;
	if (qp->ib.qp_type != IB_QPT_RC &&
	    (!ud_wr(wr)->ah || ud_wr(wr)->ah->pd != qp->ib.pd))
		return -EINVAL;
	return 0;
}

static void vhca_fill_reg(struct vhca_swqe *wqe, const struct ib_reg_wr *wr)
{
	wqe->reg.key = wr->key;
	wqe->reg.access = wr->access;
	wqe->reg.iova = wr->mr->iova;
	wqe->reg.length = wr->mr->length;
	wqe->reg.page_shift = ilog2(wr->mr->page_size);
}

/*
 * Address handles may go away, and regions be mapped anew, once the request is
 * posted: copy what is needed of them.
 */
static void vhca_fill_swqe(struct vhca_qp *qp, struct vhca_swqe *wqe,
			   const struct ib_send_wr *wr)
{
	wqe->wr_id = wr->wr_id;
	wqe->opcode = wr->opcode;
	wqe->flags = wr->send_flags;
	wqe->imm = wr->ex.imm_data;
	wqe->num_sge = 0;
	if (wr->opcode == IB_WR_REG_MR) {
		vhca_fill_reg(wqe, reg_wr(wr));
		return;
	}
	if (wr->opcode == IB_WR_LOCAL_INV)
		return;
	if (qp->ib.qp_type != IB_QPT_RC) {
		wqe->ud.av = container_of(ud_wr(wr)->ah, struct vhca_ah,
					  ib)->av;
		wqe->ud.remote_qpn = ud_wr(wr)->remote_qpn;
		wqe->ud.remote_qkey = ud_wr(wr)->remote_qkey;
		wqe->ud.pkey_index = ud_wr(wr)->pkey_index;
	} else if (wr->opcode != IB_WR_SEND && wr->opcode != IB_WR_SEND_WITH_IMM &&
		   wr->opcode != IB_WR_SEND_WITH_INV) {
		wqe->rdma.addr = rdma_wr(wr)->remote_addr;
		wqe->rdma.rkey = rdma_wr(wr)->rkey;
	}
	wqe->num_sge = wr->num_sge;
	memcpy(wqe->sge, wr->sg_list, wr->num_sge * sizeof(*wr->sg_list));
}

/* A device in internal error takes nothing; MADs it answers with a flush. */
static bool vhca_refuses(struct vhca_qp *qp)
{
	return !vhca_qp_special(qp) &&
	       READ_ONCE(to_vdev(qp->ib.device)->refuses);
}

static int vhca_post_one_send(struct vhca_qp *qp, const struct ib_send_wr *wr)
{
	enum ib_qp_state state = READ_ONCE(qp->state);
	struct vhca_sq *sq = &qp->sq;
	unsigned long flags;
	int ret = 0;

	if (state == IB_QPS_RESET || state == IB_QPS_INIT ||
	    state == IB_QPS_RTR)
		return -EINVAL;
	if (!vhca_qp_special(qp))
		ret = vhca_fault_verb(qp->ib.device, VHCA_POST_SEND);
	if (!ret)
		ret = vhca_check_send(qp, wr);
	if (ret)
		return ret;

	spin_lock_irqsave(&sq->lock, flags);
	if (sq->head - sq->tail >= sq->size) {
		ret = -ENOMEM;
	} else {
		vhca_fill_swqe(qp, vhca_sq_slot(sq, sq->head), wr);
		sq->head++;
		if (wr->opcode == IB_WR_RDMA_READ)
			sq->reads++;
	}
	spin_unlock_irqrestore(&sq->lock, flags);
	return ret;
}

static int vhca_post_send(struct ib_qp *ib, const struct ib_send_wr *wr,
			  const struct ib_send_wr **bad)
{
	struct vhca_qp *qp = to_vqp(ib);
	int ret = 0;

	for (; wr; wr = wr->next) {
		ret = vhca_refuses(qp) ? -EIO : vhca_post_one_send(qp, wr);
		if (ret) {
			*bad = wr;
			break;
		}
	}
	vhca_qp_kick(qp);
	return ret;
}

/* Buffers only need the engine's attention if they are to be flushed. */
static void vhca_recv_posted(struct vhca_qp *qp)
{
	/*
	 * Either this sees the error state, or the engine, kicked after the
	 * change of state, sees the buffer.
	 */
	smp_mb();
	if (READ_ONCE(qp->state) == IB_QPS_ERR)
		vhca_qp_kick(qp);
}

static int vhca_post_recv(struct ib_qp *ib, const struct ib_recv_wr *wr,
			  const struct ib_recv_wr **bad)
{
	struct vhca_qp *qp = to_vqp(ib);
	int ret = 0;

	for (; wr; wr = wr->next) {
		if (ib->srq || READ_ONCE(qp->state) == IB_QPS_RESET)
			ret = -EINVAL;
		else if (vhca_refuses(qp))
			ret = -EIO;
		else if (!vhca_qp_special(qp))
			ret = vhca_fault_verb(ib->device, VHCA_POST_RECV);
		if (!ret)
			ret = vhca_rq_post(&qp->rq, wr);
		if (ret) {
			*bad = wr;
			break;
		}
	}
	vhca_recv_posted(qp);
	return ret;
}

/* A mark for draining: its completion is the last one of its queue. */
struct vhca_mark {
	struct ib_cqe cqe;
	struct completion done;
};

static void vhca_mark_done(struct ib_cq *cq, struct ib_wc *wc)
{
	complete(&container_of(wc->wr_cqe, struct vhca_mark, cqe)->done);
}

static void vhca_wait_mark(struct ib_cq *cq, struct vhca_mark *mark)
{
	if (cq->poll_ctx != IB_POLL_DIRECT) {
		wait_for_completion(&mark->done);
		return;
	}
	while (!wait_for_completion_timeout(&mark->done, HZ / 10))
		ib_process_cq_direct(cq, -1);
}

static int vhca_prepare_drain(struct ib_qp *ib, struct vhca_mark *mark)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };

	mark->cqe.done = vhca_mark_done;
	init_completion(&mark->done);
	return ib_modify_qp(ib, &attr, IB_QP_STATE);
}

/* The core's way, but a mark is taken where other work is refused. */
static void vhca_drain_sq(struct ib_qp *ib)
{
	struct vhca_qp *qp = to_vqp(ib);
	struct ib_rdma_wr wr = {
		.wr = {
			.opcode = IB_WR_RDMA_WRITE,
			.send_flags = IB_SEND_SIGNALED,
		},
	};
	struct vhca_mark mark;
	int ret = vhca_prepare_drain(ib, &mark);

	wr.wr.wr_cqe = &mark.cqe;
	if (!ret)
		ret = vhca_post_one_send(qp, &wr.wr);
	if (WARN_ONCE(ret, "send queue cannot be drained: %d\n", ret))
		return;
	vhca_qp_kick(qp);
	vhca_wait_mark(ib->send_cq, &mark);
}

static void vhca_drain_rq(struct ib_qp *ib)
{
	struct vhca_qp *qp = to_vqp(ib);
	struct vhca_mark mark;
	struct ib_recv_wr wr = { .wr_cqe = &mark.cqe };
	int ret = vhca_prepare_drain(ib, &mark);

	if (!ret)
		ret = vhca_rq_post(&qp->rq, &wr);
	if (WARN_ONCE(ret, "receive queue cannot be drained: %d\n", ret))
		return;
	vhca_recv_posted(qp);
	vhca_wait_mark(ib->recv_cq, &mark);
}

const struct ib_device_ops vhca_qp_ops = {
	.create_qp = vhca_create_qp,
	.modify_qp = vhca_modify_qp,
	.query_qp = vhca_query_qp,
	.destroy_qp = vhca_destroy_qp,
	.post_send = vhca_post_send,
	.post_recv = vhca_post_recv,
	.drain_sq = vhca_drain_sq,
	.drain_rq = vhca_drain_rq,

	INIT_RDMA_OBJ_SIZE(ib_qp, vhca_qp, ib),
};
