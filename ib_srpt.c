// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * ib_srpt - SCSI RDMA Protocol target: the module.
 *
 * Parameters, and the order in which the parts are registered and taken back.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/moduleparam.h>

#include "srpt_life.h"

MODULE_AUTHOR("The ib_srpt developers");
MODULE_DESCRIPTION("SCSI RDMA Protocol (SRP) target");
MODULE_VERSION("1.0");
MODULE_LICENSE("Dual BSD/GPL");

unsigned int srp_max_req_size = SRPT_REQ_SIZE_DEFAULT;
module_param(srp_max_req_size, uint, 0444);
MODULE_PARM_DESC(srp_max_req_size,
		 "Longest SRP request that is accepted, in bytes (996..65536)");

unsigned int srpt_srq_size = SRPT_SRQ_SIZE_DEFAULT;
module_param(srpt_srq_size, uint, 0444);
MODULE_PARM_DESC(srpt_srq_size,
		 "Buffers of the shared receive queues of an HCA (4..65535)");

struct workqueue_struct *srpt_wq;
struct workqueue_struct *srpt_login_wq;
struct workqueue_struct *srpt_wait_wq;
struct workqueue_struct *srpt_cq_wq;
struct workqueue_struct *srpt_store_wq;
struct workqueue_struct *srpt_release_wq;
struct workqueue_struct *srpt_end_wq;

/*
 * A queue for each kind of work that may have to wait for something else: any
 * of them can be full of work that hangs, and the others go on. In the order in
 * which they are emptied: a work queues others only further down.
 */
static const struct {
	struct workqueue_struct **wq;
	const char *name;
	unsigned int flags;
} srpt_wqs[] = {
	/* timers and refreshes: end by themselves */
	{ &srpt_wq, "ib_srpt", WQ_UNBOUND | WQ_MEM_RECLAIM },
	/* logins: wait for the hardware of channels to be made */
	{ &srpt_login_wq, "ib_srpt_login", WQ_UNBOUND },
	/* those that wait for the end of older channels too */
	{ &srpt_wait_wq, "ib_srpt_wait", WQ_UNBOUND },
	/* hardware of channels: waits for callbacks, and for dead hardware */
	{ &srpt_release_wq, "ib_srpt_release", WQ_UNBOUND },
	/* sessions: wait for backends */
	{ &srpt_end_wq, "ib_srpt_end", WQ_UNBOUND },
	/* completions; where a guess was wrong they wait for a backend */
	{ &srpt_cq_wq, "ib_srpt_cq",
	  SRPT_WQ_PERCPU | WQ_MEM_RECLAIM | SRPT_CQ_WQ_PRIO },
	/* submission to backends: waits for them, or takes long */
	{ &srpt_store_wq, "ib_srpt_store",
	  SRPT_WQ_PERCPU | WQ_CPU_INTENSIVE | WQ_MEM_RECLAIM },
};

static int srpt_set_latency_sample(const char *buf,
				   const struct kernel_param *kp)
{
	return param_set_uint_minmax(buf, kp, SRPT_LATENCY_SAMPLE_MIN,
				     SRPT_LATENCY_SAMPLE_MAX);
}

static const struct kernel_param_ops srpt_latency_sample_ops = {
	.set = srpt_set_latency_sample,
	.get = param_get_uint,
};

module_param_cb(srpt_latency_sample, &srpt_latency_sample_ops,
		&srpt_latency_sample, 0644);
MODULE_PARM_DESC(srpt_latency_sample,
		 "One of so many commands is timed (0..65536); 0: none");

static int srpt_set_service_guid(const char *buf, const struct kernel_param *kp)
{
	return kstrtou64(buf, 16, &srpt_service_guid);
}

static int srpt_show_service_guid(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "0x%016llx\n", srpt_service_guid_get());
}

static const struct kernel_param_ops srpt_service_guid_ops = {
	.set = srpt_set_service_guid,
	.get = srpt_show_service_guid,
};

module_param_cb(srpt_service_guid, &srpt_service_guid_ops, NULL, 0444);
MODULE_PARM_DESC(srpt_service_guid,
		 "Service and I/O controller GUID, hexadecimal; default: node GUID of the first HCA");

static int __init srpt_check_parameters(void)
{
	if (srp_max_req_size < SRPT_REQ_SIZE_MIN ||
	    srp_max_req_size > SRPT_REQ_SIZE_MAX) {
		pr_err("srp_max_req_size=%u is not in the range %u..%u\n",
		       srp_max_req_size, SRPT_REQ_SIZE_MIN, SRPT_REQ_SIZE_MAX);
		return -EINVAL;
	}
	if (srpt_srq_size < SRPT_SRQ_SIZE_MIN ||
	    srpt_srq_size > SRPT_SRQ_SIZE_MAX) {
		pr_err("srpt_srq_size=%u is not in the range %u..%u\n",
		       srpt_srq_size, SRPT_SRQ_SIZE_MIN, SRPT_SRQ_SIZE_MAX);
		return -EINVAL;
	}
	return 0;
}

static void srpt_destroy_wqs(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(srpt_wqs) && *srpt_wqs[i].wq; i++)
		destroy_workqueue(*srpt_wqs[i].wq);
}

static int srpt_alloc_wqs(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(srpt_wqs); i++) {
		*srpt_wqs[i].wq = alloc_workqueue("%s", srpt_wqs[i].flags,
						  WQ_MAX_ACTIVE,
						  srpt_wqs[i].name);
		if (*srpt_wqs[i].wq)
			continue;
		srpt_destroy_wqs();
		return -ENOMEM;
	}
	return 0;
}

/**
 * srpt_init_module - load the driver
 *
 * LIO has to know the fabric before HCAs appear: a login, which can follow at
 * once, makes a session.
 *
 * Return: 0 or -errno.
 */
static int __init srpt_init_module(void)
{
	int ret = srpt_check_parameters();

	if (ret)
		return ret;
	ret = srpt_alloc_wqs();
	if (ret)
		return ret;
	srpt_debugfs_init();
	ret = srpt_fabric_register();
	if (ret)
		goto destroy_wqs;
	ret = ib_register_client(&srpt_client);
	if (ret)
		goto unregister_fabric;
	return 0;

unregister_fabric:
	srpt_fabric_unregister();
destroy_wqs:
	srpt_debugfs_exit();
	srpt_destroy_wqs();
	return ret;
}

static void __exit srpt_cleanup_module(void)
{
	srpt_cm_set_port(0);
	ib_unregister_client(&srpt_client);
	srpt_fabric_unregister();
	srpt_debugfs_exit();
	srpt_destroy_wqs();
}

module_init(srpt_init_module);
module_exit(srpt_cleanup_module);
