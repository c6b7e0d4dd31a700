// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual InfiniBand HCA: the module, its parameters, devices coming and going.
 */
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/vmalloc.h>
#include <rdma/uverbs_ioctl.h>
#include "vhca.h"

struct vhca_fabric vhca;

unsigned int vhca_ndev = 2;
module_param_named(ndev, vhca_ndev, uint, 0444);
MODULE_PARM_DESC(ndev, "HCAs, 1 to 4; HCA 2n is connected to HCA 2n+1 (default 2)");

unsigned int vhca_nport = 1;
module_param_named(nport, vhca_nport, uint, 0444);
MODULE_PARM_DESC(nport, "ports of each HCA, 1 or 2; with ndev=1 port 1 is connected to port 2 (default 1)");

static bool fifo = true;
module_param(fifo, bool, 0444);
MODULE_PARM_DESC(fifo, "run the engine before ordinary tasks (default Y)");

/*
 * One value per HCA: the first is that of vhca0. An HCA without a value, or
 * with value 0, has the default. Read when an HCA is added, so that a test can
 * delete an HCA, change its limits and add it again.
 */
#define VHCA_LIMIT(name, desc)						\
	static uint name[VHCA_MAX_DEVS];				\
	module_param_array(name, uint, NULL, 0644);			\
	MODULE_PARM_DESC(name, desc)

VHCA_LIMIT(max_qp, "queue pairs (default 16384)");
VHCA_LIMIT(max_qp_wr, "work requests in a queue (default 16384)");
VHCA_LIMIT(max_send_sge, "entries of a send work request (default 30)");
VHCA_LIMIT(max_recv_sge, "entries of a receive work request (default 30)");
VHCA_LIMIT(max_sge_rd, "entries of an RDMA READ (default 30)");
VHCA_LIMIT(max_sgl_rd, "entries above which READs shall use an MR (default none)");
VHCA_LIMIT(max_srq_wr, "work requests in an SRQ (default 16384); 4294967295: no SRQ");
VHCA_LIMIT(max_cqe, "entries of a completion queue (default 65536)");
VHCA_LIMIT(max_mr_pages, "pages of a fast-registration region (default 512)");
VHCA_LIMIT(merge_dma, "1: a list cut by its entries fails, as behind an IOMMU (default 0)");
VHCA_LIMIT(max_qp_rd_atom, "RDMA READs in flight (default 16)");
VHCA_LIMIT(num_comp_vectors, "completion vectors (default: processors)");
VHCA_LIMIT(raw, "1: ports for raw packets, without CM, MADs and GIDs (default 0)");

static u32 vhca_limit(const uint *values, u32 index, u32 dflt, u32 max)
{
	return values[index] ? min(values[index], max) : dflt;
}

static void vhca_set_limits(struct vhca_dev *dev)
{
	struct vhca_limits *l = &dev->limits;
	u32 i = dev->index;

	l->max_qp = vhca_limit(max_qp, i, 16384, 1 << 20);
	l->max_qp_wr = vhca_limit(max_qp_wr, i, 16384, 1 << 18);
	l->max_send_sge = vhca_limit(max_send_sge, i, 30, VHCA_MAX_SGE);
	l->max_recv_sge = vhca_limit(max_recv_sge, i, 30, VHCA_MAX_SGE);
	l->max_sge_rd = vhca_limit(max_sge_rd, i, 30, VHCA_MAX_SGE);
	l->max_sgl_rd = vhca_limit(max_sgl_rd, i, 0, 1 << 16);
	l->max_srq_wr = max_srq_wr[i] == ~0U ? 0 :
		vhca_limit(max_srq_wr, i, 16384, 1 << 18);
	l->max_cqe = vhca_limit(max_cqe, i, 65536, 1 << 20);
	l->max_mr_pages = vhca_limit(max_mr_pages, i, 512, 1 << 16);
	l->merge_dma = merge_dma[i];
	l->max_rd_atom = vhca_limit(max_qp_rd_atom, i, 16, 128);
	l->comp_vectors = vhca_limit(num_comp_vectors, i, num_possible_cpus(),
				     1 << 10);
	l->raw = raw[i];
}

static const struct ib_device_ops vhca_dev_ops = {
	.owner = THIS_MODULE,
	/*
	 * libibverbs knows no provider for this device. The one for HFI1, told
	 * ABI version 1, does everything by system calls and maps nothing, so it
	 * serves any device. Nothing in the kernel looks at the number.
	 */
	.driver_id = RDMA_DRIVER_HFI1,
	.uverbs_abi_ver = 1,
	.process_mad = vhca_process_mad,
	.attach_mcast = vhca_attach_mcast,
	.detach_mcast = vhca_detach_mcast,
};

static void vhca_set_ib(struct vhca_dev *dev)
{
	struct ib_device *ib = &dev->ib;

	ib->node_type = RDMA_NODE_IB_CA;
	ib->phys_port_cnt = dev->nports;
	ib->num_comp_vectors = dev->limits.comp_vectors;
	ib->local_dma_lkey = VHCA_DMA_LKEY;
	ib->node_guid = dev->node_guid;
	ib->uverbs_cmd_mask |= BIT_ULL(IB_USER_VERBS_CMD_POLL_CQ) |
			       BIT_ULL(IB_USER_VERBS_CMD_REQ_NOTIFY_CQ) |
			       BIT_ULL(IB_USER_VERBS_CMD_POST_SEND) |
			       BIT_ULL(IB_USER_VERBS_CMD_POST_RECV) |
			       BIT_ULL(IB_USER_VERBS_CMD_POST_SRQ_RECV);
	snprintf(ib->node_desc, sizeof(ib->node_desc), "Virtual HCA vhca%u",
		 dev->index);
	ib_set_device_ops(ib, &vhca_dev_ops);
	ib_set_device_ops(ib, &vhca_verbs_ops);
	ib_set_device_ops(ib, &vhca_mr_ops);
	ib_set_device_ops(ib, &vhca_qp_ops);
	ib_set_device_ops(ib, &vhca_port_ops);
}

/* Make the device known to its neighbour, and the neighbour to it. */
static void vhca_publish(struct vhca_dev *dev, bool present)
{
	u32 i;

	mutex_lock(&vhca.lock);
	spin_lock_irq(&vhca.port_lock);
	vhca.dev[dev->index] = present ? dev : NULL;
	spin_unlock_irq(&vhca.port_lock);
	mutex_unlock(&vhca.lock);

	for (i = 0; i < VHCA_MAX_PORTS; i++)
		vhca_link_update(&dev->port[i]);
}

static void vhca_set_registered(struct vhca_dev *dev, bool registered)
{
	spin_lock_irq(&vhca.port_lock);
	dev->registered = registered;
	spin_unlock_irq(&vhca.port_lock);
}

static void vhca_init_dev(struct vhca_dev *dev, u32 index)
{
	u32 i;

	dev->index = index;
	dev->nports = vhca_nport;
	/*
	 * Locally administered, readable in a log, and not 0x02...: a service id
	 * made of it would be among those that the CM assigns itself.
	 */
	dev->node_guid = cpu_to_be64(0x0a00c0de00000000ULL | (index + 1) << 8);
	xa_init_flags(&dev->qps, XA_FLAGS_ALLOC);
	xa_init_flags(&dev->mrs, XA_FLAGS_ALLOC);
	xa_init_flags(&dev->srqs, XA_FLAGS_ALLOC);
	/* Numbers that differ from HCA to HCA show mix-ups. */
	dev->next_qpn = dev->next_srqn = (index + 1) << 12;
	dev->next_key = (index + 1) << 16;
	dev->delay_op = VHCA_ANY;
	spin_lock_init(&dev->fault_lock);
	vhca_set_limits(dev);
	for (i = 0; i < VHCA_MAX_PORTS; i++)
		vhca_port_init(dev, i + 1);
	vhca_set_ib(dev);
}

static void vhca_free_dev(struct vhca_dev *dev)
{
	u32 i;

	for (i = 0; i < VHCA_MAX_PORTS; i++)
		cancel_delayed_work_sync(&dev->port[i].trap_work);
	WARN_ON(!xa_empty(&dev->qps) || !xa_empty(&dev->mrs) ||
		!xa_empty(&dev->srqs));
	xa_destroy(&dev->qps);
	xa_destroy(&dev->mrs);
	xa_destroy(&dev->srqs);
	ib_dealloc_device(&dev->ib);
}

/**
 * vhca_add_dev - plug in an HCA
 * @index: which
 *
 * May sleep; calls of vhca_add_dev() and vhca_del_dev() must not overlap.
 *
 * Return: 0, -EEXIST if it is there, or a negative errno.
 */
int vhca_add_dev(u32 index)
{
	struct vhca_dev *dev;
	char name[16];
	int ret;

	if (index >= vhca_ndev)
		return -EINVAL;
	if (vhca.dev[index])
		return -EEXIST;

	dev = ib_alloc_device(vhca_dev, ib);
	if (!dev)
		return -ENOMEM;
	vhca_init_dev(dev, index);
	vhca_publish(dev, true);

	snprintf(name, sizeof(name), "vhca%u", index);
	vhca_set_registered(dev, true);
	ret = ib_register_device(&dev->ib, name, NULL);
	if (ret) {
		pr_err("%s: registration failed: %d\n", name, ret);
		vhca_set_registered(dev, false);
		vhca_publish(dev, false);
		vhca_free_dev(dev);
	}
	return ret;
}

/**
 * vhca_del_dev - pull out an HCA
 * @index: which
 *
 * Consumers see it work, or not work if it is dead, until they have let go of
 * it; but it is hung no longer, as nothing would ever complete.
 *
 * Return: 0, or -ENODEV if it is not there.
 */
int vhca_del_dev(u32 index)
{
	struct vhca_dev *dev;

	if (index >= vhca_ndev || !vhca.dev[index])
		return -ENODEV;
	dev = vhca.dev[index];

	mutex_lock(&vhca.lock);
	dev->hung = false;
	if (dev->dead)
		vhca_dev_flush(dev);
	vhca_kick_dev(dev);
	mutex_unlock(&vhca.lock);

	ib_unregister_device(&dev->ib);
	vhca_set_registered(dev, false);
	vhca_publish(dev, false);
	vhca_free_dev(dev);
	return 0;
}

static void vhca_del_all(void)
{
	u32 i;

	for (i = 0; i < VHCA_MAX_DEVS; i++)
		if (vhca.dev[i])
			vhca_del_dev(i);
}

static int vhca_add_all(void)
{
	u32 i;
	int ret;

	for (i = 0; i < vhca_ndev; i++) {
		ret = vhca_add_dev(i);
		if (ret) {
			vhca_del_all();
			return ret;
		}
	}
	return 0;
}

static int __init vhca_init(void)
{
	int ret;

	if (!vhca_ndev || vhca_ndev > VHCA_MAX_DEVS || !vhca_nport ||
	    vhca_nport > VHCA_MAX_PORTS)
		return -EINVAL;

	mutex_init(&vhca.lock);
	spin_lock_init(&vhca.port_lock);
	spin_lock_init(&vhca.ready_lock);
	init_waitqueue_head(&vhca.wait);
	INIT_LIST_HEAD(&vhca.ready);
	INIT_LIST_HEAD(&vhca.sleeping);
	INIT_LIST_HEAD(&vhca.mcast);
	vhca.rwqe = kzalloc(struct_size(vhca.rwqe, sge, VHCA_MAX_SGE),
			    GFP_KERNEL);
	if (!vhca.rwqe)
		return -ENOMEM;

	ret = vhca_engine_start(fifo);
	if (ret)
		goto free_rwqe;
	ret = vhca_add_all();
	if (ret)
		goto stop_engine;
	vhca_ctl_init();
	return 0;

stop_engine:
	vhca_engine_stop();
free_rwqe:
	kfree(vhca.rwqe);
	return ret;
}

static void __exit vhca_exit(void)
{
	vhca_ctl_exit();
	vhca_del_all();
	vhca_engine_stop();
	kfree(vhca.rwqe);
}

module_init(vhca_init);
module_exit(vhca_exit);

MODULE_DESCRIPTION("Virtual InfiniBand HCAs for tests");
MODULE_LICENSE("GPL");
