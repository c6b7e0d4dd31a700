/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Every difference between kernel versions, and nothing else. The sources are
 * written for the newest interface; older kernels are brought up to it here.
 */
#ifndef SRPT_COMPAT_H
#define SRPT_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* hex2bin() has moved; the new place is older than the move. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/hex.h>
#else
#include <linux/kernel.h>
#endif

/*
 * Commands are executed where they are submitted (6.8 made that a choice of
 * the fabric driver; before it was the rule).
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define SRPT_SUBMIT_OPS				\
	.default_submit_type = TARGET_DIRECT_SUBMIT,	\
	.direct_submit_supp = 1,
#else
#define SRPT_SUBMIT_OPS
#endif

/*
 * Commands are completed where their backstore completes them, maybe in an
 * interrupt (7.2 made that a choice; before it was a work item).
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0)
#define SRPT_COMPL_OPS				\
	.default_compl_type = TARGET_DIRECT_COMPL,	\
	.direct_compl_supp = 1,
#else
#define SRPT_COMPL_OPS
#endif

/*
 * The work queue of completions. Where LIO completes commands by work items those
 * are of ordinary priority, and two pools would take turns for one command;
 * where it does not, nobody has to be waited for.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0)
#define SRPT_CQ_WQ_PRIO	WQ_HIGHPRI
#else
#define SRPT_CQ_WQ_PRIO	0
#endif

/* 6.17 wants to be told what used to be the default. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define SRPT_WQ_PERCPU	WQ_PERCPU
#else
#define SRPT_WQ_PERCPU	0
#endif

/* The wire formats are compiled in user space too: what follows is not for them. */
#ifdef __KERNEL__
#include <linux/overflow.h>
#include <rdma/ib_cm.h>
#include <target/target_core_base.h>

#ifdef IB_CM_MRA_FLAG_DELAY
/**
 * ib_prepare_cm_mra - a peer that asks again is told that an answer takes a while
 * @cm_id: the connection, a request that has not been answered
 *
 * Kernels that have the flag want it said with each MRA, and how long it takes:
 * 4.096 us << 24, 69 s.
 *
 * Context: any.
 * Return: 0 or -errno.
 */
static inline int ib_prepare_cm_mra(struct ib_cm_id *cm_id)
{
	return ib_send_cm_mra(cm_id, 24 | IB_CM_MRA_FLAG_DELAY, NULL, 0);
}
#endif

/**
 * srpt_rsp_in_irq - may LIO want a response in an interrupt?
 *
 * From 7.2 on, because this driver says that it can.
 *
 * Return: whether it may.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0)
static inline bool srpt_rsp_in_irq(void)
{
	return true;
}
#else
static inline bool srpt_rsp_in_irq(void)
{
	return false;
}
#endif

/* Stable releases of 6.1 have got it meanwhile: what is there counts. */
#ifndef struct_size_t
#define struct_size_t(type, member, count)	\
	struct_size((type *)NULL, member, count)
#endif

/**
 * srpt_uncount_order - take a command out of what LIO's ORDERED commands wait for
 * @cmd: the command; its device has counted it, and is about to forget it
 *
 * 6.16 made a percpu_ref of the counter, and lets go who waits when that is
 * zero. An ORDERED command, and what had to wait for one, is no part of it.
 *
 * Context: any, no lock of the device held.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
static inline void srpt_uncount_order(struct se_cmd *cmd)
{
	struct se_device *dev = cmd->se_dev;
	unsigned long flags;

	if (!(cmd->se_cmd_flags & SCF_TASK_ORDERED_SYNC)) {
		if (cmd->sam_task_attr == TCM_SIMPLE_TAG)
			percpu_ref_put(&dev->non_ordered);
		return;
	}
	spin_lock_irqsave(&dev->delayed_cmd_lock, flags);
	dev->ordered_sync_in_progress = false;
	if (list_empty(&dev->delayed_cmd_list))
		percpu_ref_resurrect(&dev->non_ordered);
	else
		schedule_work(&dev->delayed_cmd_work);
	spin_unlock_irqrestore(&dev->delayed_cmd_lock, flags);
}
#else
static inline void srpt_uncount_order(struct se_cmd *cmd)
{
	struct se_device *dev = cmd->se_dev;

	if (cmd->sam_task_attr == TCM_ORDERED_TAG) {
		spin_lock(&dev->delayed_cmd_lock);
		dev->ordered_sync_in_progress = false;
		spin_unlock(&dev->delayed_cmd_lock);
	} else {
		atomic_dec_mb(&dev->non_ordered);
	}
	if (atomic_read(&dev->delayed_cmd_count) > 0)
		schedule_work(&dev->delayed_cmd_work);
}
#endif
#endif /* __KERNEL__ */

#endif /* SRPT_COMPAT_H */
