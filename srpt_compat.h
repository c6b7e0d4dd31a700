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

/* 6.17 wants to be told what used to be the default. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define SRPT_WQ_PERCPU	WQ_PERCPU
#else
#define SRPT_WQ_PERCPU	0
#endif

#endif /* SRPT_COMPAT_H */
