// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual InfiniBand HCA: reliable connections.
 *
 * A work request is executed as a whole. What a responder would answer in a
 * NAK is the return value of the function that plays it.
 */
#include <linux/mm.h>
#include "vhca.h"

/* Outcomes besides completion statuses. */
enum {
	VHCA_NO_ANSWER = -1,	/* message or acknowledgement was lost */
	VHCA_RNR_NAK = -2,	/* no receive buffer */
};

/* IBA table 45: RNR NAK timer field, in units of 10 microseconds. */
static const u32 vhca_rnr_10us[32] = {
	65536, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192,
	256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288,
	16384, 24576, 32768, 49152
};

static bool vhca_is_send(enum ib_wr_opcode opcode)
{
	return opcode == IB_WR_SEND || opcode == IB_WR_SEND_WITH_IMM ||
	       opcode == IB_WR_SEND_WITH_INV;
}

static bool vhca_grh_reaches(const struct vhca_av *av, struct vhca_port *port)
{
	union ib_gid gid;
	u32 i;

	if (!av->grh)
		return true;
	for (i = 0; i < VHCA_GUIDS; i++) {
		gid = vhca_get_gid(port, i);
		if (!memcmp(&gid, &av->dgid, sizeof(gid)))
			return true;
	}
	return false;
}

static bool vhca_state_receives(enum ib_qp_state state)
{
	return state == IB_QPS_RTR || state == IB_QPS_RTS ||
	       state == IB_QPS_SQD;
}

/*
 * The queue pair that hears what @qp sends, or NULL. An RC queue pair hears
 * only its peer: by LID, number, partition and packet number.
 */
static struct vhca_qp *vhca_rc_peer(struct vhca_qp *qp)
{
	struct vhca_port *port = vhca_route(qp->port, qp->av.dlid, false);
	struct vhca_qp *peer;
	u16 lmc_mask;

	if (!port || port->dev->dead || port->dev->hung ||
	    !vhca_grh_reaches(&qp->av, port))
		return NULL;
	peer = xa_load(&port->dev->qps, qp->attr.dest_qp_num);
	if (!peer || peer->ib.qp_type != IB_QPT_RC || peer->port != port ||
	    !vhca_state_receives(peer->state) ||
	    peer->attr.dest_qp_num != qp->ib.qp_num)
		return NULL;
	lmc_mask = ~((1U << qp->port->lmc) - 1);
	if ((peer->av.dlid ^ qp->port->lid) & lmc_mask)
		return NULL;
	if (!vhca_pkey_match(vhca_get_pkey(qp->port, qp->attr.pkey_index),
			     vhca_get_pkey(port, peer->attr.pkey_index)))
		return NULL;
	return qp->sq_psn == peer->rq_psn ? peer : NULL;
}

/* Both ends agree that a message of @len bytes has passed. */
static void vhca_advance_psn(struct vhca_qp *qp, struct vhca_qp *peer, u64 len)
{
	u32 mtu = ib_mtu_enum_to_int(qp->attr.path_mtu);
	u32 packets = max_t(u64, 1, DIV_ROUND_UP_ULL(len, mtu));

	qp->sq_psn = (qp->sq_psn + packets) & 0xffffff;
	peer->rq_psn = qp->sq_psn;
	vhca_port_traffic(qp->port, peer->port, len);
}

static void vhca_note_arrival(struct vhca_qp *peer)
{
	if (peer->state == IB_QPS_RTR && !peer->comm_est) {
		peer->comm_est = true;
		vhca_qp_event(peer, IB_EVENT_COMM_EST);
	}
}

/* An SRQ in error takes along who asks it for a buffer. */
static bool vhca_srq_failed(struct vhca_qp *peer)
{
	if (!peer->ib.srq || !to_vsrq(peer->ib.srq)->error)
		return false;
	vhca_qp_set_error(peer);
	return true;
}

static bool vhca_have_recv(struct vhca_qp *peer)
{
	if (vhca_fault(to_vdev(peer->ib.device), VHCA_FAULT_RNR, VHCA_ANY, 0))
		return false;
	return vhca_rq_take(vhca_qp_rq(peer), NULL);
}

/* Take the receive buffer that vhca_have_recv() saw. */
static void vhca_take_recv(struct vhca_qp *peer)
{
	vhca_rq_take(vhca_qp_rq(peer), vhca.rwqe);
	if (peer->ib.srq)
		vhca_srq_check_limit(to_vsrq(peer->ib.srq));
}

static void vhca_fail_peer(struct vhca_qp *peer, enum ib_wc_status status)
{
	struct ib_wc wc = { .status = status, .opcode = IB_WC_RECV };

	vhca_complete_recv(peer, vhca.rwqe, &wc, true);
	vhca_qp_set_error(peer);
}

/* The message is in the peer's buffer: complete its receive request. */
static void vhca_tell_peer(struct vhca_qp *qp, struct vhca_qp *peer,
			   struct vhca_swqe *wqe, u64 len)
{
	struct ib_wc wc = {
		.opcode = IB_WC_RECV,
		.byte_len = len,
		.src_qp = qp->ib.qp_num,
		.slid = qp->port->lid | qp->av.path_bits,
		.sl = qp->av.sl,
		.pkey_index = peer->attr.pkey_index,
		.port_num = peer->port->num,
	};

	if (wqe->opcode == IB_WR_RDMA_WRITE_WITH_IMM)
		wc.opcode = IB_WC_RECV_RDMA_WITH_IMM;
	if (wqe->opcode == IB_WR_SEND_WITH_INV) {
		wc.wc_flags |= IB_WC_WITH_INVALIDATE;
		wc.ex.invalidate_rkey = wqe->inv_rkey;
	} else if (wqe->opcode != IB_WR_SEND) {
		wc.wc_flags |= IB_WC_WITH_IMM;
		wc.ex.imm_data = wqe->imm;
	}
	vhca_complete_recv(peer, vhca.rwqe, &wc,
			   wqe->flags & IB_SEND_SOLICITED);
}

/* Deliver to the buffer in vhca.rwqe what is in vhca.src. */
static int vhca_rc_deliver(struct vhca_qp *qp, struct vhca_qp *peer,
			   struct vhca_swqe *wqe)
{
	u64 len = vhca.src.len;
	enum ib_wc_status status, injected;

	status = vhca_map_sge(peer, vhca.rwqe->sge, vhca.rwqe->num_sge,
			      IB_ACCESS_LOCAL_WRITE, &vhca.dst);
	if (status) {
		vhca_fail_peer(peer, status);
		return IB_WC_REM_OP_ERR;
	}
	injected = vhca_fault(to_vdev(peer->ib.device), VHCA_FAULT_WR,
			      VHCA_SEL_RECV, 0);
	if (injected) {
		vhca_fail_peer(peer, injected);
		return IB_WC_REM_OP_ERR;
	}
	if (len > vhca.dst.len) {
		vhca_fail_peer(peer, IB_WC_LOC_LEN_ERR);
		return IB_WC_REM_INV_REQ_ERR;
	}
	if (wqe->opcode == IB_WR_SEND_WITH_INV &&
	    !vhca_invalidate(peer, wqe->inv_rkey)) {
		vhca_fail_peer(peer, IB_WC_LOC_ACCESS_ERR);
		return IB_WC_REM_ACCESS_ERR;
	}
	vhca_copy(&vhca.dst, &vhca.src, len);
	vhca_advance_psn(qp, peer, len);
	vhca_tell_peer(qp, peer, wqe, len);
	return IB_WC_SUCCESS;
}

static int vhca_rc_send(struct vhca_qp *qp, struct vhca_qp *peer,
			struct vhca_swqe *wqe)
{
	if (vhca_srq_failed(peer))
		return IB_WC_REM_OP_ERR;
	if (!vhca_have_recv(peer))
		return VHCA_RNR_NAK;
	vhca_take_recv(peer);
	return vhca_rc_deliver(qp, peer, wqe);
}

/* The remote side refuses an access: its queue pair fails, too. */
static int vhca_refuse_access(struct vhca_qp *peer, enum ib_wc_status status)
{
	vhca_qp_set_error(peer);
	vhca_qp_event(peer, status == IB_WC_REM_ACCESS_ERR ?
		      IB_EVENT_QP_ACCESS_ERR : IB_EVENT_QP_REQ_ERR);
	return status;
}

static int vhca_rc_write(struct vhca_qp *qp, struct vhca_qp *peer,
			 struct vhca_swqe *wqe)
{
	bool imm = wqe->opcode == IB_WR_RDMA_WRITE_WITH_IMM;
	u64 len = vhca.src.len;

	if (!(peer->attr.qp_access_flags & IB_ACCESS_REMOTE_WRITE))
		return vhca_refuse_access(peer, IB_WC_REM_INV_REQ_ERR);
	if (!vhca_map_rkey(peer, wqe->rdma.addr, wqe->rdma.rkey, len,
			   IB_ACCESS_REMOTE_WRITE, &vhca.dst))
		return vhca_refuse_access(peer, IB_WC_REM_ACCESS_ERR);
	if (imm && vhca_srq_failed(peer))
		return IB_WC_REM_OP_ERR;
	if (imm && !vhca_have_recv(peer))
		return VHCA_RNR_NAK;
	vhca_copy(&vhca.dst, &vhca.src, len);
	vhca_advance_psn(qp, peer, len);
	if (imm) {
		vhca_take_recv(peer);
		vhca_tell_peer(qp, peer, wqe, len);
	}
	return IB_WC_SUCCESS;
}

static int vhca_rc_read(struct vhca_qp *qp, struct vhca_qp *peer,
			struct vhca_swqe *wqe)
{
	u64 len = vhca.dst.len;
	u32 depth;

	/*
	 * A responder takes so many READs at a time; a requester that is allowed
	 * more, and has them, would overrun it.
	 */
	depth = min_t(u32, READ_ONCE(qp->sq.reads), qp->attr.max_rd_atomic);
	if (!(peer->attr.qp_access_flags & IB_ACCESS_REMOTE_READ) ||
	    depth > peer->attr.max_dest_rd_atomic)
		return vhca_refuse_access(peer, IB_WC_REM_INV_REQ_ERR);
	if (!vhca_map_rkey(peer, wqe->rdma.addr, wqe->rdma.rkey, len,
			   IB_ACCESS_REMOTE_READ, &vhca.src))
		return vhca_refuse_access(peer, IB_WC_REM_ACCESS_ERR);
	vhca_copy(&vhca.dst, &vhca.src, len);
	vhca_advance_psn(qp, peer, len);
	return IB_WC_SUCCESS;
}

/* Check the requester's own memory. */
static enum ib_wc_status vhca_rc_local(struct vhca_qp *qp,
				       struct vhca_swqe *wqe)
{
	bool read = wqe->opcode == IB_WR_RDMA_READ;
	struct vhca_sgl *sgl = read ? &vhca.dst : &vhca.src;
	enum ib_wc_status status;

	if (read && !qp->attr.max_rd_atomic)
		return IB_WC_LOC_QP_OP_ERR;
	status = vhca_map_sge(qp, wqe->sge, wqe->num_sge,
			      read ? IB_ACCESS_LOCAL_WRITE : 0, sgl);
	if (!status && sgl->len > VHCA_MAX_MSG)
		status = IB_WC_LOC_LEN_ERR;
	return status;
}

static int vhca_rc_execute(struct vhca_qp *qp, struct vhca_swqe *wqe, u32 *len,
			   struct vhca_qp **peer)
{
	int status;

	if (wqe->opcode == IB_WR_REG_MR)
		return vhca_exec_reg(qp, wqe);
	if (wqe->opcode == IB_WR_LOCAL_INV)
		return vhca_invalidate(qp, wqe->inv_rkey) ?
			IB_WC_SUCCESS : IB_WC_LOC_QP_OP_ERR;

	status = vhca_rc_local(qp, wqe);
	if (status)
		return status;
	*peer = vhca_rc_peer(qp);
	if (!*peer)
		return VHCA_NO_ANSWER;
	vhca_note_arrival(*peer);
	if (vhca_is_send(wqe->opcode))
		return vhca_rc_send(qp, *peer, wqe);
	if (wqe->opcode == IB_WR_RDMA_READ) {
		*len = vhca.dst.len;
		return vhca_rc_read(qp, *peer, wqe);
	}
	return vhca_rc_write(qp, *peer, wqe);
}

/* Nothing came back. Returns false if there will be another try. */
static bool vhca_rc_timeout(struct vhca_qp *qp, struct vhca_swqe *wqe)
{
	/* Timeout 0 is for ever: look again now and then. */
	u64 ns = qp->attr.timeout ? 4096ULL << qp->attr.timeout : NSEC_PER_SEC;

	if (qp->attr.timeout && qp->tries++ > qp->attr.retry_cnt) {
		vhca_complete_send(qp, wqe, IB_WC_RETRY_EXC_ERR, 0);
		return true;
	}
	vhca_qp_sleep(qp, ns);
	return false;
}

/* No buffer there. Returns false if there will be another try. */
static bool vhca_rc_rnr(struct vhca_qp *qp, struct vhca_qp *peer,
			struct vhca_swqe *wqe)
{
	u32 timer = peer->attr.min_rnr_timer & 31;

	to_vdev(peer->ib.device)->rnr_naks++;
	if (qp->attr.rnr_retry != 7 && qp->rnr_tries++ >= qp->attr.rnr_retry) {
		vhca_complete_send(qp, wqe, IB_WC_RNR_RETRY_EXC_ERR, 0);
		return true;
	}
	vhca_qp_sleep(qp, vhca_rnr_10us[timer] * 10ULL * NSEC_PER_USEC);
	return false;
}

/* Whether the work request is still to be delayed. */
static bool vhca_rc_delay(struct vhca_qp *qp, struct vhca_swqe *wqe)
{
	struct vhca_dev *dev = to_vdev(qp->ib.device);

	if (!dev->delay_us || qp->delayed ||
	    (dev->delay_op != VHCA_ANY && dev->delay_op != wqe->opcode))
		return false;
	qp->delayed = true;
	vhca_qp_sleep(qp, (u64)dev->delay_us * NSEC_PER_USEC);
	return true;
}

/**
 * vhca_rc_step - execute the current send work request of an RC queue pair
 * @qp: queue pair in RTS
 * @wqe: the work request
 *
 * Caller holds vhca.lock.
 *
 * Return: false if the queue pair must wait before it can go on.
 */
bool vhca_rc_step(struct vhca_qp *qp, struct vhca_swqe *wqe)
{
	struct vhca_qp *peer = NULL;
	u32 len = 0;
	int status;

	if (vhca_rc_delay(qp, wqe))
		return false;
	/* Only the first try counts as an occurrence. */
	status = qp->tries || qp->rnr_tries ? 0 :
		vhca_fault(to_vdev(qp->ib.device), VHCA_FAULT_WR, wqe->opcode,
			   0);
	if (!status)
		status = vhca_rc_execute(qp, wqe, &len, &peer);
	if (status == VHCA_NO_ANSWER)
		return vhca_rc_timeout(qp, wqe);
	if (status == VHCA_RNR_NAK)
		return vhca_rc_rnr(qp, peer, wqe);
	vhca_complete_send(qp, wqe, status, len);
	return true;
}
