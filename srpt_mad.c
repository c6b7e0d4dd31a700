// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The device-management agent: how initiators on InfiniBand find the target.
 *
 * An agent per port answers Get of four attributes (srp_dm.c knows their
 * contents). A response owes nothing to the request but the header fields
 * that name it. MADs are received in process context, one at a time a port.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "srpt_life.h"

/**
 * srpt_port_facts - what a port has to say of itself to initiators
 * @sport: the port
 * @facts: out
 *
 * Context: may sleep.
 */
static void srpt_port_facts(struct srpt_port *sport, struct dm_ioc_facts *facts)
{
	const struct ib_device_attr *attrs = &sport->sdev->ib_dev->attrs;

	memset(facts, 0, sizeof(*facts));
	facts->present = srpt_names_announce(sport, &facts->rdma_size);
	spin_lock_irq(&sport->lock);
	facts->change_id = sport->change_id;
	spin_unlock_irq(&sport->lock);
	facts->guid = srpt_service_guid_get();
	facts->vendor_id = attrs->vendor_id;
	facts->device_id = attrs->vendor_part_id;
	facts->device_version = attrs->hw_ver;
	facts->queue_depth = min_t(u32, SRPT_QUEUE_DEPTH,
				   attrs->max_qp_wr - SRPT_RX_SLACK - 1);
	facts->read_depth = attrs->max_qp_init_rd_atom;
	facts->send_size = srp_max_req_size;
}

/**
 * srpt_get_ioc - answer DM_ATTR_IOC_PROFILE
 * @sport: port that was asked
 * @slot: slot that was asked for, from 1
 * @mad: the response
 *
 * Context: may sleep.
 */
static void srpt_get_ioc(struct srpt_port *sport, u32 slot,
			 struct ib_dm_mad *mad)
{
	struct dm_ioc_facts facts;

	srpt_port_facts(sport, &facts);
	srp_dm_ioc_profile(&facts, slot, mad);
}

/* A service exists while the controller does. */
static void srpt_get_services(struct srpt_port *sport, u32 modifier,
			      struct ib_dm_mad *mad)
{
	struct dm_ioc_facts facts;

	srpt_port_facts(sport, &facts);
	if (facts.present || modifier >> 16 != DM_SRP_SLOT)
		srpt_get_svc_entries(facts.guid, modifier >> 16,
				     modifier >> 8, modifier, mad);
	else
		mad->status = cpu_to_be16(DM_STATUS_NO_IOC);
}

/**
 * srpt_mgmt_method_get - answer a Get, IBA 16.3.3
 * @sp: port that was asked
 * @rq_mad: the request
 * @rsp_mad: the response; its header is complete, its data zero
 *
 * Context: may sleep.
 */
static void srpt_mgmt_method_get(struct srpt_port *sp, struct ib_mad *rq_mad,
				 struct ib_dm_mad *rsp_mad)
{
	u32 modifier = be32_to_cpu(rq_mad->mad_hdr.attr_mod);
	struct dm_ioc_facts facts;

	switch (be16_to_cpu(rq_mad->mad_hdr.attr_id)) {
	case DM_ATTR_CLASS_PORT_INFO:
		srpt_get_class_port_info(rsp_mad);
		break;
	case DM_ATTR_IOU_INFO:
		srpt_port_facts(sp, &facts);
		srpt_get_iou(&facts, rsp_mad);
		break;
	case DM_ATTR_IOC_PROFILE:
		srpt_get_ioc(sp, modifier, rsp_mad);
		break;
	case DM_ATTR_SVC_ENTRIES:
		srpt_get_services(sp, modifier, rsp_mad);
		break;
	default:
		rsp_mad->status = cpu_to_be16(DM_STATUS_UNSUP_METHOD_ATTR);
	}
}

/* The header of a response: what names the request, and no more. */
static void srpt_start_mad(const struct ib_mad_hdr *rq, struct ib_dm_mad *rsp)
{
	memset(rsp, 0, sizeof(*rsp));
	rsp->base_version = rq->base_version;
	rsp->mgmt_class = rq->mgmt_class;
	rsp->class_version = rq->class_version;
	rsp->method = IB_MGMT_METHOD_GET_RESP;
	rsp->tid = rq->tid;
	rsp->attr_id = rq->attr_id;
	rsp->attr_mod = rq->attr_mod;
}

static void srpt_answer_mad(struct srpt_port *sport, struct ib_mad *rq,
			    struct ib_dm_mad *rsp)
{
	srpt_start_mad(&rq->mad_hdr, rsp);
	switch (rq->mad_hdr.method) {
	case IB_MGMT_METHOD_GET:
		srpt_mgmt_method_get(sport, rq, rsp);
		break;
	case IB_MGMT_METHOD_SET:
		/* no attribute of ours can be set, IBA 16.3.3 table 297 */
		rsp->status = cpu_to_be16(DM_STATUS_UNSUP_METHOD_ATTR);
		break;
	default:
		rsp->status = cpu_to_be16(DM_STATUS_UNSUP_METHOD);
	}
}

/**
 * srpt_mad_send_handler - a response has been sent, or not
 * @mad_agent: ours
 * @mad_wc: completion
 *
 * Context: may sleep.
 */
static void srpt_mad_send_handler(struct ib_mad_agent *mad_agent,
				  struct ib_mad_send_wc *mad_wc)
{
	rdma_destroy_ah(mad_wc->send_buf->ah, RDMA_DESTROY_AH_SLEEPABLE);
	ib_free_send_mad(mad_wc->send_buf);
}

/* A response on its way back to where the request came from. */
static struct ib_mad_send_buf *
srpt_alloc_mad(struct ib_mad_agent *agent, struct ib_mad_recv_wc *mad_wc)
{
	struct ib_mad_send_buf *buf;
	struct ib_ah *ah;

	ah = ib_create_ah_from_wc(agent->qp->pd, mad_wc->wc,
				  mad_wc->recv_buf.grh, agent->port_num);
	if (IS_ERR(ah))
		return ERR_CAST(ah);
	buf = ib_create_send_mad(agent, mad_wc->wc->src_qp,
				 mad_wc->wc->pkey_index, 0, IB_MGMT_DEVICE_HDR,
				 IB_MGMT_DEVICE_DATA, GFP_KERNEL,
				 IB_MGMT_BASE_VERSION);
	if (IS_ERR(buf))
		rdma_destroy_ah(ah, RDMA_DESTROY_AH_SLEEPABLE);
	else
		buf->ah = ah;
	return buf;
}

/**
 * srpt_mad_recv_handler - a request has come
 * @mad_agent: ours
 * @send_buf: not used: we send no requests
 * @mad_wc: the request
 *
 * Without memory for a response there is none; initiators ask again.
 *
 * Context: may sleep.
 */
static void srpt_mad_recv_handler(struct ib_mad_agent *mad_agent,
				  struct ib_mad_send_buf *send_buf,
				  struct ib_mad_recv_wc *mad_wc)
{
	struct srpt_port *sport = mad_agent->context;
	struct ib_mad_send_buf *rsp;

	rsp = srpt_alloc_mad(mad_agent, mad_wc);
	if (!IS_ERR(rsp)) {
		srpt_answer_mad(sport, mad_wc->recv_buf.mad, rsp->mad);
		if (ib_post_send_mad(rsp, NULL)) {
			rdma_destroy_ah(rsp->ah, RDMA_DESTROY_AH_SLEEPABLE);
			ib_free_send_mad(rsp);
		}
	}
	ib_free_recv_mad(mad_wc);
}

/**
 * srpt_register_mad_agent - take device-management requests on a port
 * @sport: InfiniBand port; may have an agent already
 *
 * Context: may sleep; refresh work.
 * Return: 0 or -errno.
 */
int srpt_register_mad_agent(struct srpt_port *sport)
{
	struct ib_mad_reg_req req = {
		.mgmt_class = IB_MGMT_CLASS_DEVICE_MGMT,
		.mgmt_class_version = IB_MGMT_BASE_VERSION,
	};
	struct ib_mad_agent *agent;

	if (sport->mad_agent)
		return 0;
	set_bit(IB_MGMT_METHOD_GET, req.method_mask);
	set_bit(IB_MGMT_METHOD_SET, req.method_mask);
	agent = ib_register_mad_agent(sport->sdev->ib_dev, sport->num,
				      IB_QPT_GSI, &req, 0,
				      srpt_mad_send_handler,
				      srpt_mad_recv_handler, sport, 0);
	if (IS_ERR(agent))
		return PTR_ERR(agent);
	sport->mad_agent = agent;
	return 0;
}

/**
 * srpt_unregister_mad_agent - take no more device-management requests
 * @sdev: the HCA; no refresh runs, and none will
 *
 * The capability is withdrawn first. Safe to call again.
 *
 * Context: may sleep.
 */
void srpt_unregister_mad_agent(struct srpt_device *sdev)
{
	struct ib_port_modify modify = {
		.clr_port_cap_mask = IB_PORT_DEVICE_MGMT_SUP,
	};
	u32 i;

	for (i = 0; i < sdev->port_cnt; i++) {
		struct srpt_port *sport = &sdev->ports[i];

		if (sport->announced)
			ib_modify_port(sdev->ib_dev, sport->num, 0, &modify);
		sport->announced = false;
		if (sport->mad_agent)
			ib_unregister_mad_agent(sport->mad_agent);
		sport->mad_agent = NULL;
	}
}
