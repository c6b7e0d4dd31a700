// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual InfiniBand HCA: subnet management agent and performance counters,
 * as much of them as a subnet manager and the diagnostic tools want.
 *
 * The RDMA core offers every MAD that arrives, and every SMP that this node
 * sends to itself, to vhca_process_mad() first.
 */
#include <linux/slab.h>
#include <rdma/ib_pma.h>
#include "vhca.h"

#define VHCA_STATUS_BAD_ATTR	\
	cpu_to_be16(IB_MGMT_MAD_STATUS_UNSUPPORTED_METHOD_ATTRIB)
#define VHCA_STATUS_BAD_VALUE	\
	cpu_to_be16(IB_MGMT_MAD_STATUS_INVALID_ATTRIB_VALUE)
#define VHCA_STATUS_BAD_VERSION	\
	cpu_to_be16(IB_MGMT_MAD_STATUS_BAD_VERSION)

#define VHCA_WIDTH_1X_4X	3
#define VHCA_SPEEDS		7	/* SDR, DDR, QDR */
#define VHCA_SPEED_QDR		4

static void vhca_get_node_desc(struct vhca_port *port, struct ib_smp *smp)
{
	memcpy(smp->data, port->dev->ib.node_desc, IB_DEVICE_NODE_DESC_MAX);
}

static void vhca_get_node_info(struct vhca_port *port, struct ib_smp *smp)
{
	struct ib_node_info *ni = (void *)smp->data;

	ni->base_version = IB_MGMT_BASE_VERSION;
	ni->class_version = 1;
	ni->node_type = 1;	/* channel adapter */
	ni->num_ports = port->dev->nports;
	ni->sys_guid = port->dev->node_guid;
	ni->node_guid = port->dev->node_guid;
	ni->port_guid = port->guid[0];
	ni->partition_cap = cpu_to_be16(VHCA_PKEYS);
	ni->device_id = cpu_to_be16(1);
	ni->revision = cpu_to_be32(1);
	ni->local_port_num = port->num;
	ni->vendor_id[0] = 0x0a;
	ni->vendor_id[1] = 0x00;
	ni->vendor_id[2] = 0xc0;
}

static __be16 vhca_guid_info(struct vhca_port *port, struct ib_smp *smp,
			     bool set)
{
	__be64 *guid = (void *)smp->data;
	bool changed = false;
	u32 i;

	if (be32_to_cpu(smp->attr_mod) >= DIV_ROUND_UP(VHCA_GUIDS, 8))
		return VHCA_STATUS_BAD_VALUE;
	/* Entry 0 is the port GUID and read-only. */
	for (i = 1; set && i < VHCA_GUIDS; i++) {
		changed |= port->guid[i] != guid[i];
		WRITE_ONCE(port->guid[i], guid[i]);
	}
	if (changed)
		vhca_port_event(port, IB_EVENT_GID_CHANGE);
	memcpy(smp->data, port->guid, sizeof(port->guid));
	return 0;
}

static __be16 vhca_pkey_table(struct vhca_port *port, struct ib_smp *smp,
			      bool set)
{
	__be16 *pkey = (void *)smp->data;
	bool changed = false;
	u32 i;

	if (be32_to_cpu(smp->attr_mod) & 0xffff)
		return VHCA_STATUS_BAD_VALUE;
	for (i = 0; i < VHCA_PKEYS; i++) {
		if (set && port->pkey[i] != be16_to_cpu(pkey[i])) {
			changed = true;
			WRITE_ONCE(port->pkey[i], be16_to_cpu(pkey[i]));
		}
		pkey[i] = cpu_to_be16(port->pkey[i]);
	}
	if (changed)
		vhca_port_event(port, IB_EVENT_PKEY_CHANGE);
	return 0;
}

static void vhca_get_port_info(struct vhca_port *port, struct ib_smp *smp)
{
	struct ib_port_info *pi = (void *)smp->data;

	memset(pi, 0, sizeof(*pi));
	pi->mkey = port->mkey;
	pi->gid_prefix = port->gid_prefix;
	pi->lid = cpu_to_be16(port->lid);
	pi->sm_lid = cpu_to_be16(port->sm_lid);
	pi->cap_mask = cpu_to_be32(port->cap_mask);
	pi->mkey_lease_period = cpu_to_be16(port->mkey_lease);
	pi->local_port_num = port->num;
	pi->link_width_enabled = VHCA_WIDTH_1X_4X;
	pi->link_width_supported = VHCA_WIDTH_1X_4X;
	pi->link_width_active = IB_WIDTH_4X;
	pi->linkspeed_portstate = VHCA_SPEEDS << 4 | port->state;
	/* The link goes to polling when it is down. */
	pi->portphysstate_linkdown = port->phys << 4 | 2;
	pi->mkeyprot_resv_lmc = port->mkey_prot << 6 | port->lmc;
	pi->linkspeedactive_enabled = VHCA_SPEED_QDR << 4 | VHCA_SPEEDS;
	pi->neighbormtu_mastersmsl = port->neighbor_mtu << 4 | port->sm_sl;
	pi->vlcap_inittype = 1 << 4;
	pi->inittypereply_mtucap = IB_MTU_4096;
	pi->operationalvl_pei_peo_fpi_fpo = port->oper_vls << 4;
	pi->pkey_violations = cpu_to_be16(port->pkey_viol);
	pi->qkey_violations = cpu_to_be16(port->qkey_viol);
	pi->guid_cap = VHCA_GUIDS;
	pi->clientrereg_resv_subnetto = port->subnet_timeout;
	pi->resv_resptimevalue = 16;
}

/* IBA 14.2.5.6: the subnet manager moves a port on, one step at a time. */
static bool vhca_set_state(struct vhca_port *port, u8 state)
{
	switch (state) {
	case IB_PORT_NOP:
		return true;
	case IB_PORT_DOWN:
		vhca_link_retrain(port);
		return true;
	case IB_PORT_ARMED:
		if (port->state != IB_PORT_INIT && port->state != IB_PORT_ARMED)
			return false;
		port->state = IB_PORT_ARMED;
		return true;
	case IB_PORT_ACTIVE:
		if (port->state == IB_PORT_ACTIVE)
			return true;
		if (port->state != IB_PORT_ARMED)
			return false;
		port->state = IB_PORT_ACTIVE;
		vhca_port_event(port, IB_EVENT_PORT_ACTIVE);
		return true;
	default:
		return false;
	}
}

static bool vhca_set_phys(struct vhca_port *port, u8 phys)
{
	switch (phys) {
	case 0:
		return true;
	case IB_PORT_PHYS_STATE_POLLING:
		port->phys = IB_PORT_PHYS_STATE_POLLING;
		vhca_link_retrain(port);
		return true;
	case IB_PORT_PHYS_STATE_DISABLED:
		port->phys = IB_PORT_PHYS_STATE_DISABLED;
		__vhca_link_update(port);
		return true;
	default:
		return false;
	}
}

static void vhca_set_addresses(struct vhca_port *port,
			       const struct ib_port_info *pi)
{
	u16 lid = be16_to_cpu(pi->lid), sm_lid = be16_to_cpu(pi->sm_lid);
	u8 sm_sl = pi->neighbormtu_mastersmsl & 0xf;
	u8 lmc = pi->mkeyprot_resv_lmc & 7;

	if (port->gid_prefix != pi->gid_prefix) {
		WRITE_ONCE(port->gid_prefix, pi->gid_prefix);
		vhca_port_event(port, IB_EVENT_GID_CHANGE);
	}
	if (port->lid != lid || port->lmc != lmc) {
		port->lid = lid;
		port->lmc = lmc;
		vhca_port_event(port, IB_EVENT_LID_CHANGE);
	}
	if (port->sm_lid != sm_lid || port->sm_sl != sm_sl) {
		port->sm_lid = sm_lid;
		port->sm_sl = sm_sl;
		vhca_port_event(port, IB_EVENT_SM_CHANGE);
	}
}

static __be16 vhca_set_port_info(struct vhca_port *port, struct ib_smp *smp)
{
	struct ib_port_info *pi = (void *)smp->data;
	u16 lid = be16_to_cpu(pi->lid);
	u8 mtu = pi->neighbormtu_mastersmsl >> 4;

	if (!lid || lid >= 0xc000)
		return VHCA_STATUS_BAD_VALUE;
	port->mkey = pi->mkey;
	port->mkey_prot = pi->mkeyprot_resv_lmc >> 6;
	port->mkey_lease = be16_to_cpu(pi->mkey_lease_period);
	port->subnet_timeout = pi->clientrereg_resv_subnetto & 0x1f;
	if (mtu >= IB_MTU_256 && mtu <= IB_MTU_4096)
		port->neighbor_mtu = mtu;
	vhca_set_addresses(port, pi);
	if (pi->clientrereg_resv_subnetto & 0x80)
		vhca_port_event(port, IB_EVENT_CLIENT_REREGISTER);
	if (!vhca_set_phys(port, pi->portphysstate_linkdown >> 4) ||
	    !vhca_set_state(port, pi->linkspeed_portstate & 0xf))
		return VHCA_STATUS_BAD_VALUE;
	return 0;
}

/* Attribute modifier 0 is the port that the SMP came in by, n is port n. */
static __be16 vhca_port_info(struct vhca_port *port, struct ib_smp *smp,
			     bool set)
{
	u32 num = be32_to_cpu(smp->attr_mod) & 0xff;
	struct vhca_port *other = port;
	__be16 status = 0;

	if (num > port->dev->nports)
		return VHCA_STATUS_BAD_VALUE;
	if (num)
		other = &port->dev->port[num - 1];
	if (set)
		status = vhca_set_port_info(other, smp);
	vhca_get_port_info(other, smp);
	/* LocalPortNum is where the SMP came in. */
	((struct ib_port_info *)smp->data)->local_port_num = port->num;
	return status;
}

static bool vhca_mkey_ok(struct vhca_port *port, const struct ib_smp *smp)
{
	if (!port->mkey || smp->mkey == port->mkey)
		return true;
	/* IBA 14.2.4.1: without protection, reading is free. */
	return smp->method == IB_MGMT_METHOD_GET && port->mkey_prot < 2;
}

static __be16 vhca_smp_attr(struct vhca_port *port, struct ib_smp *smp,
			    bool set)
{
	switch (smp->attr_id) {
	case IB_SMP_ATTR_NODE_DESC:
		vhca_get_node_desc(port, smp);
		return 0;
	case IB_SMP_ATTR_NODE_INFO:
		vhca_get_node_info(port, smp);
		return 0;
	case IB_SMP_ATTR_GUID_INFO:
		return vhca_guid_info(port, smp, set);
	case IB_SMP_ATTR_PORT_INFO:
		return vhca_port_info(port, smp, set);
	case IB_SMP_ATTR_PKEY_TABLE:
		return vhca_pkey_table(port, smp, set);
	case IB_SMP_ATTR_SL_TO_VL_TABLE:
	case IB_SMP_ATTR_VL_ARB_TABLE:
		/* One virtual lane: nothing to choose, agree to anything. */
		return 0;
	default:
		return VHCA_STATUS_BAD_ATTR;
	}
}

static int vhca_process_smp(struct vhca_port *port, struct ib_mad *out)
{
	struct ib_smp *smp = (struct ib_smp *)out;
	unsigned long flags;
	__be16 status;

	/* Answers, and all that is for a subnet manager, are not ours. */
	if (smp->attr_id == IB_SMP_ATTR_SM_INFO ||
	    (smp->method != IB_MGMT_METHOD_GET &&
	     smp->method != IB_MGMT_METHOD_SET &&
	     smp->method != IB_MGMT_METHOD_TRAP_REPRESS))
		return IB_MAD_RESULT_SUCCESS;

	spin_lock_irqsave(&vhca.port_lock, flags);
	if (smp->method == IB_MGMT_METHOD_TRAP_REPRESS) {
		vhca_trap_repress(port, be64_to_cpu(smp->tid));
		spin_unlock_irqrestore(&vhca.port_lock, flags);
		return IB_MAD_RESULT_SUCCESS | IB_MAD_RESULT_CONSUMED;
	}
	if (!vhca_mkey_ok(port, smp)) {
		spin_unlock_irqrestore(&vhca.port_lock, flags);
		return IB_MAD_RESULT_SUCCESS | IB_MAD_RESULT_CONSUMED;
	}
	if (smp->class_version != 1)
		status = VHCA_STATUS_BAD_VERSION;
	else
		status = vhca_smp_attr(port, smp,
				       smp->method == IB_MGMT_METHOD_SET);
	spin_unlock_irqrestore(&vhca.port_lock, flags);

	smp->method = IB_MGMT_METHOD_GET_RESP;
	smp->status = status;
	if (smp->mgmt_class == IB_MGMT_CLASS_SUBN_DIRECTED_ROUTE)
		smp->status |= IB_SMP_DIRECTION;
	return IB_MAD_RESULT_SUCCESS | IB_MAD_RESULT_REPLY;
}

/* Performance management */

static u32 vhca_sat32(u64 n)
{
	return min_t(u64, n, U32_MAX);
}

static void vhca_reset_counters(struct vhca_port *port)
{
	port->tx_bytes = port->rx_bytes = 0;
	port->tx_msgs = port->rx_msgs = 0;
	port->link_downed = 0;
}

static void vhca_port_counters(struct vhca_port *port, void *data)
{
	struct ib_pma_portcounters *p = data;
	u8 select = p->port_select;
	__be16 counters = p->counter_select;

	memset(p, 0, sizeof(*p));
	p->port_select = select;
	p->counter_select = counters;
	p->link_downed_counter = min_t(u32, port->link_downed, 255);
	p->port_xmit_data = cpu_to_be32(vhca_sat32(port->tx_bytes / 4));
	p->port_rcv_data = cpu_to_be32(vhca_sat32(port->rx_bytes / 4));
	p->port_xmit_packets = cpu_to_be32(vhca_sat32(port->tx_msgs));
	p->port_rcv_packets = cpu_to_be32(vhca_sat32(port->rx_msgs));
}

static void vhca_port_counters_ext(struct vhca_port *port, void *data)
{
	struct ib_pma_portcounters_ext *p = data;
	u8 select = p->port_select;
	__be16 counters = p->counter_select;

	memset(p, 0, sizeof(*p));
	p->port_select = select;
	p->counter_select = counters;
	p->port_xmit_data = cpu_to_be64(port->tx_bytes / 4);
	p->port_rcv_data = cpu_to_be64(port->rx_bytes / 4);
	p->port_xmit_packets = cpu_to_be64(port->tx_msgs);
	p->port_rcv_packets = cpu_to_be64(port->rx_msgs);
	p->port_unicast_xmit_packets = p->port_xmit_packets;
	p->port_unicast_rcv_packets = p->port_rcv_packets;
}

static void vhca_pma_class_info(void *data)
{
	struct ib_class_port_info *cpi = data;

	memset(cpi, 0, sizeof(*cpi));
	cpi->base_version = IB_MGMT_BASE_VERSION;
	cpi->class_version = 1;
	cpi->capability_mask = IB_PMA_CLASS_CAP_EXT_WIDTH;
	ib_set_cpi_resp_time(cpi, 16);
}

static int vhca_process_pma(struct vhca_port *port, struct ib_mad *out)
{
	struct ib_pma_mad *pma = (struct ib_pma_mad *)out;
	struct ib_mad_hdr *hdr = &pma->mad_hdr;
	bool set = hdr->method == IB_MGMT_METHOD_SET;
	u8 select = pma->data[1];

	if (hdr->method != IB_MGMT_METHOD_GET && !set)
		return IB_MAD_RESULT_SUCCESS;
	hdr->method = IB_MGMT_METHOD_GET_RESP;
	hdr->status = 0;
	if (hdr->attr_id == IB_MGMT_CLASSPORTINFO_ATTR_ID) {
		vhca_pma_class_info(pma->data);
		return IB_MAD_RESULT_SUCCESS | IB_MAD_RESULT_REPLY;
	}
	if (hdr->attr_id != IB_PMA_PORT_COUNTERS &&
	    hdr->attr_id != IB_PMA_PORT_COUNTERS_EXT) {
		hdr->status = VHCA_STATUS_BAD_ATTR;
		return IB_MAD_RESULT_SUCCESS | IB_MAD_RESULT_REPLY;
	}
	if (select && select <= port->dev->nports)
		port = &port->dev->port[select - 1];
	if (set)
		vhca_reset_counters(port);
	if (hdr->attr_id == IB_PMA_PORT_COUNTERS)
		vhca_port_counters(port, pma->data);
	else
		vhca_port_counters_ext(port, pma->data);
	return IB_MAD_RESULT_SUCCESS | IB_MAD_RESULT_REPLY;
}

/*
 * The process_mad of struct ib_device_ops: look at a MAD before anyone else
 * does. What is not for this agent, and every response, is passed on, so that
 * CM, SA, SM and device-management agents get it.
 */
int vhca_process_mad(struct ib_device *ib, int flags, u32 port_num,
		     const struct ib_wc *in_wc, const struct ib_grh *in_grh,
		     const struct ib_mad *in, struct ib_mad *out,
		     size_t *out_size, u16 *out_pkey_index)
{
	struct vhca_port *port = &to_vdev(ib)->port[port_num - 1];

	if (in->mad_hdr.base_version != IB_MGMT_BASE_VERSION)
		return IB_MAD_RESULT_SUCCESS;
	*out = *in;
	switch (in->mad_hdr.mgmt_class) {
	case IB_MGMT_CLASS_SUBN_LID_ROUTED:
	case IB_MGMT_CLASS_SUBN_DIRECTED_ROUTE:
		return vhca_process_smp(port, out);
	case IB_MGMT_CLASS_PERF_MGMT:
		return vhca_process_pma(port, out);
	default:
		return IB_MAD_RESULT_SUCCESS;
	}
}
