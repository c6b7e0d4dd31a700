// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual InfiniBand HCA: datagrams, with QP0, QP1 and multicast.
 *
 * A datagram that cannot be delivered is lost without notice to its sender.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <rdma/ib_hdrs.h>
#include <rdma/ib_pack.h>
#include "vhca.h"

#define VHCA_LID_MCAST		0xc000
#define VHCA_LID_PERMISSIVE	0xffff
#define VHCA_QPN_MCAST		0xffffff

static bool vhca_is_mcast(u16 lid)
{
	return lid >= VHCA_LID_MCAST && lid != VHCA_LID_PERMISSIVE;
}

static void vhca_fill_grh(struct vhca_pkt *pkt, struct vhca_port *port,
			  const struct vhca_av *av)
{
	pkt->has_grh = av->grh;
	if (!av->grh)
		return;
	pkt->grh.version_tclass_flow =
		cpu_to_be32(IB_GRH_VERSION << IB_GRH_VERSION_SHIFT |
			    (u32)av->tclass << IB_GRH_TCLASS_SHIFT |
			    (av->flow_label & IB_GRH_FLOWLABEL_MASK));
	pkt->grh.paylen = cpu_to_be16(pkt->len + IB_BTH_BYTES +
				      IB_DETH_BYTES + 4);
	pkt->grh.next_hdr = IB_GRH_NEXT_HDR;
	pkt->grh.hop_limit = av->hop_limit;
	pkt->grh.sgid = vhca_get_gid(port, av->sgid_index);
	pkt->grh.dgid = av->dgid;
}

static enum ib_wc_status vhca_fill_pkt(struct vhca_qp *qp,
				       struct vhca_swqe *wqe,
				       struct vhca_pkt *pkt)
{
	struct vhca_port *port = qp->port;
	u16 index = qp->ib.qp_type == IB_QPT_GSI ? wqe->ud.pkey_index :
						   qp->attr.pkey_index;
	enum ib_wc_status status;

	status = vhca_map_sge(qp, wqe->sge, wqe->num_sge, 0, &vhca.src);
	if (status)
		return status;
	if (vhca.src.len > VHCA_MTU)
		return IB_WC_LOC_LEN_ERR;

	pkt->len = vhca.src.len;
	vhca_copy_out(pkt->data, &vhca.src, pkt->len);
	pkt->slid = port->lid | wqe->ud.av.path_bits;
	/* IBA 14.2.2: a directed route begins and ends at the permissive LID. */
	if (qp->ib.qp_type == IB_QPT_SMI &&
	    wqe->ud.av.dlid == VHCA_LID_PERMISSIVE)
		pkt->slid = VHCA_LID_PERMISSIVE;
	pkt->dlid = wqe->ud.av.dlid;
	pkt->sl = wqe->ud.av.sl;
	pkt->src_qpn = qp->ib.qp_num;
	pkt->dst_qpn = wqe->ud.remote_qpn;
	/* The high bit asks for the queue pair's own Q_Key. */
	pkt->qkey = wqe->ud.remote_qkey & IB_QP_SET_QKEY ? qp->attr.qkey :
							   wqe->ud.remote_qkey;
	pkt->pkey = vhca_get_pkey(port, index);
	pkt->has_imm = wqe->opcode == IB_WR_SEND_WITH_IMM;
	pkt->imm = wqe->imm;
	pkt->solicited = wqe->flags & IB_SEND_SOLICITED;
	vhca_fill_grh(pkt, port, &wqe->ud.av);
	return IB_WC_SUCCESS;
}

/* Index of a P_Key of @port that matches @pkey, or -1. */
static int vhca_find_pkey(struct vhca_port *port, u16 pkey)
{
	u32 i;

	for (i = 0; i < VHCA_PKEYS; i++)
		if (vhca_pkey_match(pkey, vhca_get_pkey(port, i)))
			return i;
	return -1;
}

/* Partition and Q_Key check. Returns the P_Key index, or -1 to drop. */
static int vhca_check_keys(struct vhca_qp *qp, const struct vhca_pkt *pkt)
{
	int index = qp->attr.pkey_index;

	if (qp->ib.qp_type == IB_QPT_SMI)
		return 0;
	if (qp->ib.qp_type == IB_QPT_GSI)
		index = vhca_find_pkey(qp->port, pkt->pkey);
	else if (!vhca_pkey_match(pkt->pkey, vhca_get_pkey(qp->port, index)))
		index = -1;
	if (index < 0) {
		qp->port->pkey_viol++;
		return -1;
	}
	if (pkt->qkey != qp->attr.qkey) {
		qp->port->qkey_viol++;
		return -1;
	}
	return index;
}

static void vhca_count_mad(u32 *counters, const struct vhca_pkt *pkt)
{
	counters[pkt->data[1] & 0x7f]++;
}

/* Hand a datagram to one queue pair. */
static void vhca_deliver(struct vhca_qp *qp, const struct vhca_pkt *pkt)
{
	struct ib_wc wc = {
		.opcode = IB_WC_RECV,
		.byte_len = pkt->len + sizeof(struct ib_grh),
		.src_qp = pkt->src_qpn,
		.slid = pkt->slid,
		.sl = pkt->sl,
		.dlid_path_bits = pkt->dlid & ((1U << qp->port->lmc) - 1),
		.port_num = qp->port->num,
		.network_hdr_type = RDMA_NETWORK_IB,
	};
	int index = vhca_check_keys(qp, pkt);

	if (index < 0 || (qp->state != IB_QPS_RTR && qp->state != IB_QPS_RTS &&
			  qp->state != IB_QPS_SQD && qp->state != IB_QPS_SQE))
		return;
	wc.pkey_index = index;
	if (!vhca_rq_take(vhca_qp_rq(qp), vhca.rwqe))
		return;
	wc.status = vhca_map_sge(qp, vhca.rwqe->sge, vhca.rwqe->num_sge,
				 IB_ACCESS_LOCAL_WRITE, &vhca.dst);
	if (!wc.status && vhca.dst.len < wc.byte_len)
		wc.status = IB_WC_LOC_LEN_ERR;
	if (wc.status) {
		vhca_complete_recv(qp, vhca.rwqe, &wc, true);
		vhca_qp_set_error(qp);
		return;
	}

	if (pkt->has_grh) {
		wc.wc_flags |= IB_WC_GRH;
		vhca_copy_in(&vhca.dst, &pkt->grh, sizeof(pkt->grh));
	} else {
		vhca_skip(&vhca.dst, sizeof(pkt->grh));
	}
	vhca_copy_in(&vhca.dst, pkt->data, pkt->len);
	if (pkt->has_imm) {
		wc.wc_flags |= IB_WC_WITH_IMM;
		wc.ex.imm_data = pkt->imm;
	}
	if (vhca_qp_special(qp))
		vhca_count_mad(qp->port->rx_mads, pkt);
	vhca_complete_recv(qp, vhca.rwqe, &wc, pkt->solicited);
}

static void vhca_send_mcast(struct vhca_port *port, struct vhca_qp *sender,
			    const struct vhca_pkt *pkt)
{
	struct vhca_port *peer = vhca_port_peer(port);
	struct vhca_mcast *m;

	if (!pkt->has_grh)
		return;
	list_for_each_entry(m, &vhca.mcast, entry) {
		if (m->qp == sender || !m->qp->port ||
		    memcmp(&m->gid, &pkt->grh.dgid, sizeof(m->gid)))
			continue;
		if (m->qp->port != port &&
		    (m->qp->port != peer || peer->state != IB_PORT_ACTIVE))
			continue;
		vhca_port_traffic(port, m->qp->port, pkt->len);
		vhca_deliver(m->qp, pkt);
	}
}

static struct vhca_qp *vhca_ud_find(struct vhca_port *port, u32 qpn)
{
	struct vhca_qp *qp;

	if (qpn < 2)
		return port->qp[qpn];
	qp = xa_load(&port->dev->qps, qpn);
	return qp && qp->ib.qp_type == IB_QPT_UD && qp->port == port ? qp :
								       NULL;
}

static void vhca_send_unicast(struct vhca_port *port,
			      const struct vhca_pkt *pkt)
{
	bool smp = !pkt->src_qpn;
	struct vhca_port *to = vhca_route(port, pkt->dlid, smp);
	struct vhca_qp *qp;

	if (!to || to->dev->dead || to->dev->hung)
		return;
	/* QP0 talks to QP0 only. */
	if (smp != !pkt->dst_qpn)
		return;
	qp = vhca_ud_find(to, pkt->dst_qpn);
	if (!qp)
		return;
	vhca_port_traffic(port, to, pkt->len);
	vhca_deliver(qp, pkt);
}

/* What an injected fault says about this MAD. */
static int vhca_mad_fault(struct vhca_port *port, const struct vhca_pkt *pkt)
{
	const struct ib_mad_hdr *hdr = (const void *)pkt->data;

	return vhca_fault(port->dev, VHCA_FAULT_MAD, hdr->mgmt_class,
			  be16_to_cpu(hdr->attr_id));
}

/**
 * vhca_ud_step - execute the current send work request of a datagram QP
 * @qp: queue pair in RTS
 * @wqe: the work request
 *
 * Caller holds vhca.lock.
 */
void vhca_ud_step(struct vhca_qp *qp, struct vhca_swqe *wqe)
{
	struct vhca_pkt *pkt = &vhca.pkt;
	struct vhca_port *port = qp->port;
	enum ib_wc_status status = vhca_fill_pkt(qp, wqe, pkt);
	int i, copies = 1;

	if (!status && vhca_qp_special(qp)) {
		int fault = vhca_mad_fault(port, pkt);

		copies = fault == VHCA_MAD_DROP ? 0 :
			 fault == VHCA_MAD_DUP ? 2 : 1;
		vhca_count_mad(port->tx_mads, pkt);
	}
	for (i = 0; !status && i < copies; i++) {
		if (vhca_is_mcast(pkt->dlid))
			vhca_send_mcast(port, qp, pkt);
		else
			vhca_send_unicast(port, pkt);
	}
	vhca_complete_send(qp, wqe, status, 0);
}

/**
 * vhca_send_smp - send an SMP that the hardware makes itself: a trap
 * @port: from here
 * @dlid: to QP0 there
 * @smp: 256 bytes
 *
 * May sleep.
 */
void vhca_send_smp(struct vhca_port *port, u16 dlid, const void *smp)
{
	struct vhca_pkt *pkt;

	mutex_lock(&vhca.lock);
	pkt = &vhca.pkt;
	memset(pkt, 0, offsetof(struct vhca_pkt, data));
	pkt->slid = port->lid;
	pkt->dlid = dlid;
	pkt->len = IB_MGMT_MAD_SIZE;
	memcpy(pkt->data, smp, pkt->len);
	if (!port->dev->dead && !port->dev->hung && !vhca_mad_fault(port, pkt))
		vhca_send_unicast(port, pkt);
	vhca_count_mad(port->tx_mads, pkt);
	mutex_unlock(&vhca.lock);
}

int vhca_attach_mcast(struct ib_qp *ib, union ib_gid *gid, u16 lid)
{
	struct vhca_mcast *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	m->gid = *gid;
	m->qp = to_vqp(ib);
	mutex_lock(&vhca.lock);
	list_add(&m->entry, &vhca.mcast);
	mutex_unlock(&vhca.lock);
	return 0;
}

int vhca_detach_mcast(struct ib_qp *ib, union ib_gid *gid, u16 lid)
{
	struct vhca_mcast *m;
	int ret = -EINVAL;

	mutex_lock(&vhca.lock);
	list_for_each_entry(m, &vhca.mcast, entry) {
		if (m->qp == to_vqp(ib) && !memcmp(&m->gid, gid, sizeof(*gid))) {
			list_del(&m->entry);
			kfree(m);
			ret = 0;
			break;
		}
	}
	mutex_unlock(&vhca.lock);
	return ret;
}

/* Leave all groups; caller holds vhca.lock. */
void vhca_mcast_purge(struct vhca_qp *qp)
{
	struct vhca_mcast *m, *tmp;

	list_for_each_entry_safe(m, tmp, &vhca.mcast, entry) {
		if (m->qp == qp) {
			list_del(&m->entry);
			kfree(m);
		}
	}
}
