// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual InfiniBand HCA: ports, the links between them, routing, traps.
 */
#include <linux/slab.h>
#include "vhca.h"

/* A trap is repeated until the SM represses it, but not for ever. */
#define VHCA_TRAP_TRIES		8
#define VHCA_TRAP_INTERVAL	HZ

static void vhca_trap_work(struct work_struct *work);

/**
 * vhca_port_init - a port as it leaves the factory
 * @dev: its device
 * @num: its number
 */
void vhca_port_init(struct vhca_dev *dev, u32 num)
{
	struct vhca_port *port = &dev->port[num - 1];

	port->dev = dev;
	port->num = num;
	port->state = IB_PORT_DOWN;
	port->phys = IB_PORT_PHYS_STATE_POLLING;
	port->cable = true;
	port->gid_prefix = cpu_to_be64(0xfe80000000000000ULL);
	port->guid[0] = cpu_to_be64(be64_to_cpu(dev->node_guid) + num);
	port->pkey[0] = IB_DEFAULT_PKEY_FULL;
	port->neighbor_mtu = IB_MTU_4096;
	port->oper_vls = 1;
	port->subnet_timeout = 18;
	port->cap_mask = IB_PORT_TRAP_SUP | IB_PORT_SYS_IMAGE_GUID_SUP |
			 IB_PORT_CLIENT_REG_SUP | IB_PORT_CAP_MASK_NOTICE_SUP;
	INIT_DELAYED_WORK(&port->trap_work, vhca_trap_work);
}

/**
 * vhca_port_event - raise an event of a port
 * @port: port
 * @type: event
 *
 * Caller holds vhca.port_lock.
 */
void vhca_port_event(struct vhca_port *port, enum ib_event_type type)
{
	struct ib_event event = {
		.device = &port->dev->ib,
		.element.port_num = port->num,
		.event = type,
	};

	lockdep_assert_held(&vhca.port_lock);
	if (port->dev->registered && !port->dev->dead)
		ib_dispatch_event(&event);
}

/**
 * vhca_port_peer - the other end of the cable
 * @port: this end
 *
 * Caller holds vhca.port_lock or vhca.lock.
 *
 * Return: the port there, NULL if there is no HCA.
 */
struct vhca_port *vhca_port_peer(struct vhca_port *port)
{
	struct vhca_dev *dev = port->dev;
	u32 num = port->num;

	if (vhca_ndev > 1) {
		if ((dev->index ^ 1) >= VHCA_MAX_DEVS)
			return NULL;
		dev = vhca.dev[dev->index ^ 1];
	} else {
		num = 3 - num;
	}
	return dev && num <= dev->nports ? &dev->port[num - 1] : NULL;
}

static bool vhca_port_present(struct vhca_port *port)
{
	return port && vhca.dev[port->dev->index] == port->dev &&
	       port->num <= port->dev->nports && port->cable &&
	       !port->dev->dead && port->phys != IB_PORT_PHYS_STATE_DISABLED;
}

static void vhca_port_up(struct vhca_port *port)
{
	if (port->state != IB_PORT_DOWN)
		return;
	port->state = IB_PORT_INIT;
	port->phys = IB_PORT_PHYS_STATE_LINK_UP;
}

static void vhca_port_down(struct vhca_port *port)
{
	bool was_active = port->state == IB_PORT_ACTIVE;

	if (port->state == IB_PORT_DOWN)
		return;
	port->state = IB_PORT_DOWN;
	if (port->phys != IB_PORT_PHYS_STATE_DISABLED)
		port->phys = IB_PORT_PHYS_STATE_POLLING;
	port->link_downed++;
	if (was_active)
		vhca_port_event(port, IB_EVENT_PORT_ERR);
}

/**
 * __vhca_link_update - train or drop a link after something has changed
 * @port: either end
 *
 * Caller holds vhca.port_lock.
 */
void __vhca_link_update(struct vhca_port *port)
{
	struct vhca_port *peer = vhca_port_peer(port);

	lockdep_assert_held(&vhca.port_lock);
	if (vhca_port_present(port) && vhca_port_present(peer)) {
		vhca_port_up(port);
		vhca_port_up(peer);
		return;
	}
	vhca_port_down(port);
	if (peer)
		vhca_port_down(peer);
}

/* The same, without the lock. */
void vhca_link_update(struct vhca_port *port)
{
	unsigned long flags;

	spin_lock_irqsave(&vhca.port_lock, flags);
	__vhca_link_update(port);
	spin_unlock_irqrestore(&vhca.port_lock, flags);
}

/**
 * vhca_link_retrain - drop a link and train it again
 * @port: either end
 *
 * Caller holds vhca.port_lock.
 */
void vhca_link_retrain(struct vhca_port *port)
{
	struct vhca_port *peer = vhca_port_peer(port);

	vhca_port_down(port);
	if (peer)
		vhca_port_down(peer);
	__vhca_link_update(port);
}

static bool vhca_lid_is(const struct vhca_port *port, u16 lid)
{
	return port->lid && !((lid ^ port->lid) & ~((1U << port->lmc) - 1));
}

/**
 * vhca_route - find where a packet arrives
 * @port: port that sends it
 * @dlid: destination LID
 * @smp: it is a subnet management packet, which also passes links that are
 *	not active, and by the permissive LID always goes to the other end
 *
 * Caller holds vhca.lock.
 *
 * Return: the port, NULL if the packet is lost.
 */
struct vhca_port *vhca_route(struct vhca_port *port, u16 dlid, bool smp)
{
	struct vhca_port *peer, *to = NULL;
	unsigned long flags;

	spin_lock_irqsave(&vhca.port_lock, flags);
	peer = vhca_port_peer(port);
	if (!smp && port->state != IB_PORT_ACTIVE)
		goto unlock;
	if (vhca_lid_is(port, dlid)) {
		to = port;
		goto unlock;
	}
	if (!peer || port->state == IB_PORT_DOWN)
		goto unlock;
	if (smp ? dlid == 0xffff || vhca_lid_is(peer, dlid) :
		  peer->state >= IB_PORT_ARMED && vhca_lid_is(peer, dlid))
		to = peer;
unlock:
	spin_unlock_irqrestore(&vhca.port_lock, flags);
	return to;
}

/* Same partition, and at least one full member. */
bool vhca_pkey_match(u16 a, u16 b)
{
	return a & 0x7fff && (a & 0x7fff) == (b & 0x7fff) && (a | b) & 0x8000;
}

u16 vhca_get_pkey(struct vhca_port *port, u32 index)
{
	return index < VHCA_PKEYS ? READ_ONCE(port->pkey[index]) : 0;
}

/**
 * vhca_get_gid - an entry of the GID table
 * @port: port
 * @index: entry; an empty one has the prefix, too, as the RDMA core learns the
 *	prefix from the last one
 */
union ib_gid vhca_get_gid(struct vhca_port *port, u32 index)
{
	union ib_gid gid = {
		.global.subnet_prefix = READ_ONCE(port->gid_prefix),
	};

	if (index < VHCA_GUIDS)
		gid.global.interface_id = READ_ONCE(port->guid[index]);
	return gid;
}

/* Count a message. Caller holds vhca.lock. */
void vhca_port_traffic(struct vhca_port *from, struct vhca_port *to, u64 len)
{
	from->tx_msgs++;
	from->tx_bytes += len;
	to->rx_msgs++;
	to->rx_bytes += len;
}

/* Traps */

static void vhca_build_trap(struct vhca_port *port, struct ib_smp *smp)
{
	struct ib_mad_notice_attr *ntc = (void *)smp->data;

	memset(smp, 0, sizeof(*smp));
	smp->base_version = IB_MGMT_BASE_VERSION;
	smp->mgmt_class = IB_MGMT_CLASS_SUBN_LID_ROUTED;
	smp->class_version = 1;
	smp->method = IB_MGMT_METHOD_TRAP;
	smp->tid = cpu_to_be64(port->trap_tid);
	smp->attr_id = IB_SMP_ATTR_NOTICE;
	ntc->generic_type = 0x80 | 4;	/* generic, informational */
	ntc->prod_type_lsb = IB_NOTICE_PROD_CA;
	ntc->trap_num = IB_NOTICE_TRAP_CAP_MASK_CHG;
	ntc->issuer_lid = cpu_to_be16(port->lid);
	ntc->details.ntc_144.lid = cpu_to_be16(port->lid);
	ntc->details.ntc_144.new_cap_mask = cpu_to_be32(port->cap_mask);
}

static void vhca_trap_work(struct work_struct *work)
{
	struct vhca_port *port = container_of(to_delayed_work(work),
					      struct vhca_port, trap_work);
	struct ib_smp smp;
	bool send;
	u16 sm_lid;

	spin_lock_irq(&vhca.port_lock);
	send = port->trap_tid && port->trap_tries && port->sm_lid &&
	       port->state == IB_PORT_ACTIVE && port->dev->registered;
	if (send) {
		port->trap_tries--;
		vhca_build_trap(port, &smp);
	}
	sm_lid = port->sm_lid;
	spin_unlock_irq(&vhca.port_lock);

	if (send) {
		vhca_send_smp(port, sm_lid, &smp);
		schedule_delayed_work(&port->trap_work, VHCA_TRAP_INTERVAL);
	}
}

/* The capability mask has changed: tell the SM. Holds vhca.port_lock. */
static void vhca_trap_144(struct vhca_port *port)
{
	static u64 tid;

	port->trap_tid = ++tid;
	port->trap_tries = VHCA_TRAP_TRIES;
	mod_delayed_work(system_wq, &port->trap_work, 0);
}

/* The SM has the trap @tid. Caller holds vhca.port_lock. */
void vhca_trap_repress(struct vhca_port *port, u64 tid)
{
	if (port->trap_tid == tid)
		port->trap_tid = 0;
}

/* Verbs */

static int vhca_query_port(struct ib_device *ib, u32 num,
			   struct ib_port_attr *attr)
{
	struct vhca_port *port = &to_vdev(ib)->port[num - 1];
	unsigned long flags;

	spin_lock_irqsave(&vhca.port_lock, flags);
	attr->state = port->state;
	attr->phys_state = port->phys;
	attr->max_mtu = IB_MTU_4096;
	attr->active_mtu = port->neighbor_mtu;
	attr->gid_tbl_len = to_vdev(ib)->limits.raw ? 0 : VHCA_GUIDS;
	attr->pkey_tbl_len = VHCA_PKEYS;
	attr->port_cap_flags = port->cap_mask;
	attr->max_msg_sz = VHCA_MAX_MSG;
	attr->bad_pkey_cntr = port->pkey_viol;
	attr->qkey_viol_cntr = port->qkey_viol;
	attr->lid = port->lid;
	attr->lmc = port->lmc;
	attr->sm_lid = port->sm_lid;
	attr->sm_sl = port->sm_sl;
	attr->max_vl_num = 1;
	attr->subnet_timeout = port->subnet_timeout;
	attr->active_width = IB_WIDTH_4X;
	attr->active_speed = IB_SPEED_QDR;
	spin_unlock_irqrestore(&vhca.port_lock, flags);
	return 0;
}

static int vhca_port_immutable(struct ib_device *ib, u32 num,
			       struct ib_port_immutable *imm)
{
	imm->pkey_tbl_len = VHCA_PKEYS;
	if (to_vdev(ib)->limits.raw) {
		imm->core_cap_flags = RDMA_CORE_PORT_RAW_PACKET;
		return 0;
	}
	imm->gid_tbl_len = VHCA_GUIDS;
	imm->core_cap_flags = RDMA_CORE_PORT_IBA_IB;
	imm->max_mad_size = IB_MGMT_MAD_SIZE;
	return 0;
}

static enum rdma_link_layer vhca_link_layer(struct ib_device *ib, u32 num)
{
	return IB_LINK_LAYER_INFINIBAND;
}

static int vhca_query_gid(struct ib_device *ib, u32 num, int index,
			  union ib_gid *gid)
{
	if (index < 0 || index >= VHCA_GUIDS)
		return -EINVAL;
	*gid = vhca_get_gid(&to_vdev(ib)->port[num - 1], index);
	return 0;
}

static int vhca_query_pkey(struct ib_device *ib, u32 num, u16 index, u16 *pkey)
{
	if (index >= VHCA_PKEYS)
		return -EINVAL;
	*pkey = vhca_get_pkey(&to_vdev(ib)->port[num - 1], index);
	return 0;
}

static int vhca_modify_port(struct ib_device *ib, u32 num, int mask,
			    struct ib_port_modify *props)
{
	struct vhca_port *port = &to_vdev(ib)->port[num - 1];
	int ret = vhca_fault_verb(ib, VHCA_MODIFY_PORT);
	unsigned long flags;
	u32 caps;

	if (ret)
		return ret;
	spin_lock_irqsave(&vhca.port_lock, flags);
	caps = (port->cap_mask | props->set_port_cap_mask) &
	       ~props->clr_port_cap_mask;
	if (caps != port->cap_mask) {
		port->cap_mask = caps;
		vhca_trap_144(port);
	}
	if (mask & IB_PORT_RESET_QKEY_CNTR)
		port->qkey_viol = 0;
	if (mask & IB_PORT_SHUTDOWN) {
		port->phys = IB_PORT_PHYS_STATE_DISABLED;
		__vhca_link_update(port);
	}
	spin_unlock_irqrestore(&vhca.port_lock, flags);
	return 0;
}

static int vhca_modify_device(struct ib_device *ib, int mask,
			      struct ib_device_modify *modify)
{
	if (mask & ~IB_DEVICE_MODIFY_NODE_DESC)
		return -EOPNOTSUPP;
	if (mask & IB_DEVICE_MODIFY_NODE_DESC)
		memcpy(ib->node_desc, modify->node_desc,
		       IB_DEVICE_NODE_DESC_MAX);
	return 0;
}

const struct ib_device_ops vhca_port_ops = {
	.query_port = vhca_query_port,
	.get_port_immutable = vhca_port_immutable,
	.get_link_layer = vhca_link_layer,
	.query_gid = vhca_query_gid,
	.query_pkey = vhca_query_pkey,
	.modify_port = vhca_modify_port,
	.modify_device = vhca_modify_device,
};
