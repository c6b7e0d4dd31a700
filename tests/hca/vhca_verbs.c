// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual InfiniBand HCA: device attributes, protection domains, address
 * handles, completion queues, receive queues.
 *
 * Queues have exactly the size that was asked for, and a slot is free again
 * only when its completion has been polled: a consumer that counts wrong meets
 * a failed post or an overrun, as it would on some hardware and not on other.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/version.h>
#include "vhca.h"

int vhca_query_device(struct ib_device *ib, struct ib_device_attr *attr,
		      struct ib_udata *udata)
{
	const struct vhca_limits *l = &to_vdev(ib)->limits;

	memset(attr, 0, sizeof(*attr));
	attr->sys_image_guid = to_vdev(ib)->node_guid;
	attr->max_mr_size = ~0ULL;
	attr->page_size_cap = ~0ULL << 12;
	attr->vendor_id = 0x0a00c0;
	attr->vendor_part_id = 1;
	attr->hw_ver = 1;
	attr->max_qp = l->max_qp;
	attr->max_qp_wr = l->max_qp_wr;
	attr->device_cap_flags = IB_DEVICE_MEM_MGT_EXTENSIONS |
				 IB_DEVICE_PORT_ACTIVE_EVENT |
				 IB_DEVICE_SYS_IMAGE_GUID |
				 IB_DEVICE_RC_RNR_NAK_GEN;
	attr->kernel_cap_flags = IBK_LOCAL_DMA_LKEY;
	attr->max_send_sge = l->max_send_sge;
	attr->max_recv_sge = l->max_recv_sge;
	attr->max_sge_rd = l->max_sge_rd;
	attr->max_sgl_rd = l->max_sgl_rd;
	attr->max_cq = 1 << 16;
	attr->max_cqe = l->max_cqe;
	attr->max_mr = 1 << 20;
	attr->max_pd = 1 << 16;
	attr->max_qp_rd_atom = l->max_rd_atom;
	attr->max_res_rd_atom = l->max_rd_atom * l->max_qp;
	attr->max_qp_init_rd_atom = l->max_rd_atom;
	attr->atomic_cap = IB_ATOMIC_NONE;
	attr->max_mcast_grp = 1 << 10;
	attr->max_mcast_qp_attach = 1 << 10;
	attr->max_total_mcast_qp_attach = 1 << 20;
	attr->max_ah = 1 << 20;
	if (l->max_srq_wr) {
		attr->max_srq = 1 << 10;
		attr->max_srq_wr = l->max_srq_wr;
		attr->max_srq_sge = l->max_recv_sge;
	}
	attr->max_fast_reg_page_list_len = l->max_mr_pages;
	attr->max_pkeys = VHCA_PKEYS;
	attr->local_ca_ack_delay = 1;
	return 0;
}

static void vhca_get_fw_str(struct ib_device *ib, char *str)
{
	snprintf(str, IB_FW_VERSION_NAME_MAX, "1.0.0");
}

static int vhca_alloc_ucontext(struct ib_ucontext *ctx, struct ib_udata *udata)
{
	return 0;
}

static void vhca_dealloc_ucontext(struct ib_ucontext *ctx)
{
}

/* Empty, but without it removal waits until every process has closed. */
static void vhca_disassociate_ucontext(struct ib_ucontext *ctx)
{
}

static int vhca_alloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	return vhca_fault_verb(pd->device, VHCA_ALLOC_PD);
}

static int vhca_dealloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	return 0;
}

void vhca_set_av(struct vhca_av *av, const struct rdma_ah_attr *attr)
{
	memset(av, 0, sizeof(*av));
	av->dlid = rdma_ah_get_dlid(attr);
	av->sl = rdma_ah_get_sl(attr);
	av->path_bits = rdma_ah_get_path_bits(attr);
	if (rdma_ah_get_ah_flags(attr) & IB_AH_GRH) {
		const struct ib_global_route *grh = rdma_ah_read_grh(attr);

		av->grh = true;
		av->sgid_index = grh->sgid_index;
		av->dgid = grh->dgid;
		av->flow_label = grh->flow_label;
		av->tclass = grh->traffic_class;
		av->hop_limit = grh->hop_limit;
	}
}

void vhca_get_av(const struct vhca_av *av, u32 port, struct rdma_ah_attr *attr)
{
	memset(attr, 0, sizeof(*attr));
	attr->type = RDMA_AH_ATTR_TYPE_IB;
	rdma_ah_set_dlid(attr, av->dlid);
	rdma_ah_set_sl(attr, av->sl);
	rdma_ah_set_path_bits(attr, av->path_bits);
	rdma_ah_set_port_num(attr, port);
	if (av->grh) {
		union ib_gid dgid = av->dgid;

		rdma_ah_set_grh(attr, &dgid, av->flow_label, av->sgid_index,
				av->hop_limit, av->tclass);
	}
}

static int vhca_create_ah(struct ib_ah *ib, struct rdma_ah_init_attr *init,
			  struct ib_udata *udata)
{
	const struct rdma_ah_attr *attr = init->ah_attr;
	struct vhca_dev *dev = to_vdev(ib->device);
	struct vhca_ah *ah = container_of(ib, struct vhca_ah, ib);
	u32 port = rdma_ah_get_port_num(attr);
	int ret = vhca_fault_verb(ib->device, VHCA_CREATE_AH);

	if (ret)
		return ret;
	if (!port || port > dev->nports)
		return -EINVAL;
	if (rdma_ah_get_ah_flags(attr) & IB_AH_GRH &&
	    rdma_ah_read_grh(attr)->sgid_index >= VHCA_GUIDS)
		return -EINVAL;
	vhca_set_av(&ah->av, attr);
	return 0;
}

static int vhca_query_ah(struct ib_ah *ib, struct rdma_ah_attr *attr)
{
	struct vhca_ah *ah = container_of(ib, struct vhca_ah, ib);

	vhca_get_av(&ah->av, rdma_ah_get_port_num(attr), attr);
	return 0;
}

static int vhca_destroy_ah(struct ib_ah *ib, u32 flags)
{
	return 0;
}

/* The memory of queues: what an HCA's own driver would take */

/**
 * vhca_queue_alloc - memory for a queue of zeroes
 * @n: entries
 * @size: bytes of each
 *
 * May sleep.
 *
 * Return: the memory, for vhca_queue_free(), or NULL.
 */
void *vhca_queue_alloc(size_t n, size_t size)
{
	void *mem = kvcalloc(n, size, GFP_KERNEL);

	if (mem)
		atomic64_add(n * size, &vhca.queue_bytes);
	return mem;
}

void vhca_queue_free(void *mem, size_t n, size_t size)
{
	if (mem)
		atomic64_sub(n * size, &vhca.queue_bytes);
	kvfree(mem);
}

/* Completion queues */

static int vhca_do_create_cq(struct ib_cq *ib,
			     const struct ib_cq_init_attr *attr)
{
	struct vhca_dev *dev = to_vdev(ib->device);
	struct vhca_cq *cq = to_vcq(ib);
	int ret = vhca_fault_verb(ib->device, VHCA_CREATE_CQ);

	if (ret)
		return ret;
	if (attr->flags)
		return -EOPNOTSUPP;
	if (!attr->cqe || attr->cqe > dev->limits.max_cqe)
		return -EINVAL;
	cq->ring = vhca_queue_alloc(attr->cqe, sizeof(*cq->ring));
	if (!cq->ring)
		return -ENOMEM;
	spin_lock_init(&cq->lock);
	cq->size = attr->cqe;
	ib->cqe = attr->cqe;
	return 0;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
static int vhca_create_cq(struct ib_cq *ib, const struct ib_cq_init_attr *attr,
			  struct uverbs_attr_bundle *attrs)
#else
static int vhca_create_cq(struct ib_cq *ib, const struct ib_cq_init_attr *attr,
			  struct ib_udata *udata)
#endif
{
	return vhca_do_create_cq(ib, attr);
}

static int vhca_destroy_cq(struct ib_cq *ib, struct ib_udata *udata)
{
	struct vhca_cq *cq = to_vcq(ib);

	/* The engine may be in the middle of telling its owner something. */
	mutex_lock(&vhca.lock);
	mutex_unlock(&vhca.lock);
	vhca_queue_free(cq->ring, cq->size, sizeof(*cq->ring));
	return 0;
}

/* The slots of the queue pair that this completion stood for are free now. */
static void vhca_cqe_release(const struct vhca_cqe *cqe)
{
	struct vhca_rq *rq;
	unsigned long flags;

	if (cqe->send) {
		spin_lock_irqsave(&cqe->qp->sq.lock, flags);
		cqe->qp->sq.tail = cqe->sq_next;
		spin_unlock_irqrestore(&cqe->qp->sq.lock, flags);
		return;
	}
	rq = cqe->srq ? &cqe->srq->rq : &cqe->qp->rq;
	spin_lock_irqsave(&rq->lock, flags);
	rq->unpolled--;
	spin_unlock_irqrestore(&rq->lock, flags);
}

static int vhca_poll_cq(struct ib_cq *ib, int n, struct ib_wc *wc)
{
	struct vhca_cq *cq = to_vcq(ib);
	struct vhca_cqe *cqe;
	unsigned long flags;
	int i;

	spin_lock_irqsave(&cq->lock, flags);
	for (i = 0; i < n && cq->count; i++) {
		cqe = &cq->ring[cq->head];
		wc[i] = cqe->wc;
		vhca_cqe_release(cqe);
		cq->head = (cq->head + 1) % cq->size;
		cq->count--;
	}
	spin_unlock_irqrestore(&cq->lock, flags);
	return i;
}

static int vhca_req_notify_cq(struct ib_cq *ib, enum ib_cq_notify_flags flags)
{
	struct vhca_cq *cq = to_vcq(ib);
	unsigned long irq;
	int ret;

	spin_lock_irqsave(&cq->lock, irq);
	/* Armed for any completion is not weakened by asking for less. */
	if (cq->notify != IB_CQ_NEXT_COMP)
		cq->notify = flags & IB_CQ_SOLICITED_MASK;
	ret = flags & IB_CQ_REPORT_MISSED_EVENTS && cq->count;
	spin_unlock_irqrestore(&cq->lock, irq);
	return ret;
}

/**
 * vhca_cq_event - tell the owner that a completion queue has failed
 * @cq: completion queue
 *
 * Caller holds vhca.lock.
 */
void vhca_cq_event(struct vhca_cq *cq)
{
	struct ib_event event = {
		.device = cq->ib.device,
		.element.cq = &cq->ib,
		.event = IB_EVENT_CQ_ERR,
	};

	if (!cq->ib.event_handler)
		return;
	/* As from an interrupt: a handler that sleeps is a bug. */
	local_bh_disable();
	cq->ib.event_handler(&event, cq->ib.cq_context);
	local_bh_enable();
}

/**
 * vhca_cq_push - add a completion
 * @cq: completion queue
 * @cqe: completion
 * @solicited: it wakes also those who asked for solicited ones only
 *
 * Caller holds vhca.lock and no spinlock: the consumer may be called back.
 *
 * Return: false if there was no room; the completion is lost then.
 */
bool vhca_cq_push(struct vhca_cq *cq, const struct vhca_cqe *cqe,
		  bool solicited)
{
	bool notify, lost, first_loss;
	u32 slot;

	lockdep_assert_held(&vhca.lock);
	spin_lock_irq(&cq->lock);
	lost = cq->overrun || cq->count == cq->size;
	first_loss = lost && !cq->overrun;
	cq->overrun |= lost;
	if (!lost) {
		slot = (cq->head + cq->count++) % cq->size;
		cq->ring[slot] = *cqe;
	}
	notify = !lost && (cq->notify == IB_CQ_NEXT_COMP ||
			   (cq->notify == IB_CQ_SOLICITED && solicited));
	if (notify)
		cq->notify = 0;
	spin_unlock_irq(&cq->lock);

	if (first_loss) {
		dev_err(&cq->ib.device->dev,
			"overrun of a completion queue of %u entries, QP %#x\n",
			cq->size, cqe->qp->ib.qp_num);
		vhca_cq_event(cq);
	}
	if (notify) {
		/*
		 * With bottom halves off, so that polling in softirq context
		 * runs as soon as they are on again.
		 */
		local_bh_disable();
		cq->ib.comp_handler(&cq->ib, cq->ib.cq_context);
		local_bh_enable();
	}
	return !lost;
}

/**
 * vhca_cq_purge - drop the completions of a queue pair that goes away
 * @cq: completion queue
 * @qp: queue pair
 *
 * Return: how many there were.
 */
u32 vhca_cq_purge(struct vhca_cq *cq, struct vhca_qp *qp)
{
	u32 i, kept = 0, dropped;

	spin_lock_irq(&cq->lock);
	for (i = 0; i < cq->count; i++) {
		struct vhca_cqe *cqe = &cq->ring[(cq->head + i) % cq->size];

		if (cqe->qp == qp) {
			vhca_cqe_release(cqe);
			continue;
		}
		cq->ring[(cq->head + kept++) % cq->size] = *cqe;
	}
	dropped = cq->count - kept;
	cq->count = kept;
	spin_unlock_irq(&cq->lock);
	return dropped;
}

/* Receive queues, of a queue pair or shared */

int vhca_rq_init(struct vhca_rq *rq, u32 size, u32 max_sge)
{
	struct vhca_rwqe *rwqe;

	spin_lock_init(&rq->lock);
	rq->size = size;
	rq->max_sge = max_sge;
	rq->stride = struct_size(rwqe, sge, max_sge);
	if (!size)
		return 0;
	rq->mem = vhca_queue_alloc(size, rq->stride);
	return rq->mem ? 0 : -ENOMEM;
}

void vhca_rq_free(struct vhca_rq *rq)
{
	vhca_queue_free(rq->mem, rq->size, rq->stride);
}

/**
 * vhca_rq_post - add one receive buffer
 * @rq: queue
 * @wr: work request
 *
 * From any context.
 *
 * Return: 0, -EINVAL if the request is malformed, -ENOMEM if the queue is full.
 */
int vhca_rq_post(struct vhca_rq *rq, const struct ib_recv_wr *wr)
{
	struct vhca_rwqe *rwqe;
	unsigned long flags;
	int ret = 0;

	if (wr->num_sge < 0 || wr->num_sge > rq->max_sge)
		return -EINVAL;
	spin_lock_irqsave(&rq->lock, flags);
	if (rq->head - rq->exec + rq->unpolled >= rq->size) {
		ret = -ENOMEM;
		goto unlock;
	}
	rwqe = vhca_rq_slot(rq, rq->head++);
	rwqe->wr_id = wr->wr_id;
	rwqe->num_sge = wr->num_sge;
	memcpy(rwqe->sge, wr->sg_list, wr->num_sge * sizeof(*wr->sg_list));
unlock:
	spin_unlock_irqrestore(&rq->lock, flags);
	return ret;
}

/**
 * vhca_rq_take - take the oldest receive buffer out of a queue
 * @rq: queue
 * @rwqe: where to copy it; NULL to only look whether there is one
 *
 * Return: false if there is none.
 */
bool vhca_rq_take(struct vhca_rq *rq, struct vhca_rwqe *rwqe)
{
	struct vhca_rwqe *slot;
	bool any;

	spin_lock_irq(&rq->lock);
	any = rq->head != rq->exec;
	if (any && rwqe) {
		slot = vhca_rq_slot(rq, rq->exec++);
		memcpy(rwqe, slot, struct_size(slot, sge, slot->num_sge));
		rq->unpolled++;
	}
	spin_unlock_irq(&rq->lock);
	return any;
}

static int vhca_create_srq(struct ib_srq *ib, struct ib_srq_init_attr *init,
			   struct ib_udata *udata)
{
	struct vhca_dev *dev = to_vdev(ib->device);
	struct vhca_srq *srq = to_vsrq(ib);
	int ret = vhca_fault_verb(ib->device, VHCA_CREATE_SRQ);

	if (ret)
		return ret;
	if (init->srq_type != IB_SRQT_BASIC || !dev->limits.max_srq_wr)
		return -EOPNOTSUPP;
	if (!init->attr.max_wr || init->attr.max_wr > dev->limits.max_srq_wr ||
	    init->attr.max_sge > dev->limits.max_recv_sge)
		return -EINVAL;
	ret = vhca_rq_init(&srq->rq, init->attr.max_wr, init->attr.max_sge);
	if (ret)
		return ret;
	srq->limit = init->attr.srq_limit;
	ret = xa_alloc_cyclic(&dev->srqs, &srq->num, srq, XA_LIMIT(1, 0xffffff),
			      &dev->next_srqn, GFP_KERNEL);
	if (ret < 0) {
		vhca_rq_free(&srq->rq);
		return ret;
	}
	return 0;
}

static int vhca_modify_srq(struct ib_srq *ib, struct ib_srq_attr *attr,
			   enum ib_srq_attr_mask mask, struct ib_udata *udata)
{
	struct vhca_srq *srq = to_vsrq(ib);

	if (mask & IB_SRQ_MAX_WR)
		return -EOPNOTSUPP;
	if (mask & IB_SRQ_LIMIT) {
		if (attr->srq_limit > srq->rq.size)
			return -EINVAL;
		mutex_lock(&vhca.lock);
		srq->limit = attr->srq_limit;
		vhca_srq_check_limit(srq);
		mutex_unlock(&vhca.lock);
	}
	return 0;
}

static int vhca_query_srq(struct ib_srq *ib, struct ib_srq_attr *attr)
{
	struct vhca_srq *srq = to_vsrq(ib);

	attr->max_wr = srq->rq.size;
	attr->max_sge = srq->rq.max_sge;
	attr->srq_limit = srq->limit;
	return 0;
}

static int vhca_destroy_srq(struct ib_srq *ib, struct ib_udata *udata)
{
	struct vhca_dev *dev = to_vdev(ib->device);
	struct vhca_srq *srq = to_vsrq(ib);

	mutex_lock(&vhca.lock);
	xa_erase(&dev->srqs, srq->num);
	mutex_unlock(&vhca.lock);
	vhca_rq_free(&srq->rq);
	return 0;
}

static int vhca_post_srq_recv(struct ib_srq *ib, const struct ib_recv_wr *wr,
			      const struct ib_recv_wr **bad)
{
	struct vhca_srq *srq = to_vsrq(ib);
	int ret = 0;

	for (; wr; wr = wr->next) {
		ret = READ_ONCE(to_vdev(ib->device)->refuses) ? -EIO :
			vhca_fault_verb(ib->device, VHCA_POST_SRQ_RECV);
		if (!ret)
			ret = vhca_rq_post(&srq->rq, wr);
		if (ret) {
			*bad = wr;
			break;
		}
	}
	return ret;
}

/**
 * vhca_srq_event - raise an event of a shared receive queue
 * @srq: queue
 * @type: IB_EVENT_SRQ_ERR or IB_EVENT_SRQ_LIMIT_REACHED
 *
 * Caller holds vhca.lock.
 */
void vhca_srq_event(struct vhca_srq *srq, enum ib_event_type type)
{
	struct ib_event event = {
		.device = srq->ib.device,
		.element.srq = &srq->ib,
		.event = type,
	};

	if (!srq->ib.event_handler)
		return;
	local_bh_disable();
	srq->ib.event_handler(&event, srq->ib.srq_context);
	local_bh_enable();
}

/* Caller holds vhca.lock. */
void vhca_srq_check_limit(struct vhca_srq *srq)
{
	u32 left = READ_ONCE(srq->rq.head) - srq->rq.exec;

	if (srq->limit && left < srq->limit) {
		srq->limit = 0;
		vhca_srq_event(srq, IB_EVENT_SRQ_LIMIT_REACHED);
	}
}

const struct ib_device_ops vhca_verbs_ops = {
	.query_device = vhca_query_device,
	.get_dev_fw_str = vhca_get_fw_str,
	.alloc_ucontext = vhca_alloc_ucontext,
	.dealloc_ucontext = vhca_dealloc_ucontext,
	.disassociate_ucontext = vhca_disassociate_ucontext,
	.alloc_pd = vhca_alloc_pd,
	.dealloc_pd = vhca_dealloc_pd,
	.create_ah = vhca_create_ah,
	.create_user_ah = vhca_create_ah,
	.query_ah = vhca_query_ah,
	.destroy_ah = vhca_destroy_ah,
	.create_cq = vhca_create_cq,
	.destroy_cq = vhca_destroy_cq,
	.poll_cq = vhca_poll_cq,
	.req_notify_cq = vhca_req_notify_cq,
	.create_srq = vhca_create_srq,
	.modify_srq = vhca_modify_srq,
	.query_srq = vhca_query_srq,
	.destroy_srq = vhca_destroy_srq,
	.post_srq_recv = vhca_post_srq_recv,

	INIT_RDMA_OBJ_SIZE(ib_ucontext, vhca_ucontext, ib),
	INIT_RDMA_OBJ_SIZE(ib_pd, vhca_pd, ib),
	INIT_RDMA_OBJ_SIZE(ib_ah, vhca_ah, ib),
	INIT_RDMA_OBJ_SIZE(ib_cq, vhca_cq, ib),
	INIT_RDMA_OBJ_SIZE(ib_srq, vhca_srq, ib),
};
