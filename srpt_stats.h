/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Counters of channels and sessions. Part of ib_srpt.h.
 *
 * They count for each CPU apart, so that counting costs an addition and shares
 * nothing. A channel has those of enum srpt_counter; its session keeps the sums
 * of channels that are over, and has the histograms, which are large.
 */
#ifndef SRPT_STATS_H
#define SRPT_STATS_H

#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

#include "srp_iu.h"

/* Slots of a histogram of microseconds: 0, then 1, 2..3, 4..7, ... */
#define SRPT_LATENCY_SLOTS	24
/* Those of a session: a histogram for each of enum srp_dir. */
#define SRPT_N_LATENCIES	((SRP_DIR_IN + 1) * SRPT_LATENCY_SLOTS)

/**
 * enum srpt_counter - what is counted
 * @SRPT_N_NODATA: SRP_CMD without data, and malformed ones; first of three in
 *	the order of enum srp_dir
 * @SRPT_N_WRITES: SRP_CMD with data from the initiator
 * @SRPT_N_READS: SRP_CMD with data to it
 * @SRPT_N_WRITE_BYTES: taken from the initiator
 * @SRPT_N_READ_BYTES: sent to it
 * @SRPT_N_IMM: commands with immediate data
 * @SRPT_N_TMFS: SRP_TSK_MGMT
 * @SRPT_N_REFUSED: requests answered with a refusal
 * @SRPT_N_WAITED: requests that waited for a free command
 * @SRPT_N_PARKED: times that a command waited for send queue space
 * @SRPT_N_ABORTED: commands that ended without a response
 * @SRPT_N_CHECKS: responses with status CHECK CONDITION
 * @SRPT_N_BUSY: with BUSY or TASK SET FULL
 * @SRPT_N_CONFLICTS: with RESERVATION CONFLICT
 * @SRPT_N_ODD: with another status that is not GOOD
 * @SRPT_N_WC_ERRORS: work requests that failed, and were not just flushed
 * @SRPT_N_CRED_REQS: SRP_CRED_REQ sent
 * @SRPT_N_COUNTERS: how many there are
 */
enum srpt_counter {
	SRPT_N_NODATA,
	SRPT_N_WRITES,
	SRPT_N_READS,
	SRPT_N_WRITE_BYTES,
	SRPT_N_READ_BYTES,
	SRPT_N_IMM,
	SRPT_N_TMFS,
	SRPT_N_REFUSED,
	SRPT_N_WAITED,
	SRPT_N_PARKED,
	SRPT_N_ABORTED,
	SRPT_N_CHECKS,
	SRPT_N_BUSY,
	SRPT_N_CONFLICTS,
	SRPT_N_ODD,
	SRPT_N_WC_ERRORS,
	SRPT_N_CRED_REQS,
	SRPT_N_COUNTERS,
};

/**
 * struct srpt_stats - counters on one CPU
 * @sync: makes readers see both halves of a counter on 32 bits
 * @n: they only ever grow
 */
struct srpt_stats {
	struct u64_stats_sync sync;
	u64 n[];
};

/**
 * srpt_count - something has happened
 * @stats: counters
 * @which: what, enum srpt_counter for those of a channel
 * @by: how often, or how much of it
 *
 * On 64 bits one addition, which neither an interrupt nor another CPU can come
 * into; readers read words. On 32 bits they are told when to look again.
 *
 * Context: any.
 */
static inline void srpt_count(struct srpt_stats __percpu *stats,
			      u32 which, u64 by)
{
#if BITS_PER_LONG == 64
	this_cpu_add(stats->n[which], by);
#else
	struct srpt_stats *st = get_cpu_ptr(stats);
	unsigned long flags = u64_stats_update_begin_irqsave(&st->sync);

	st->n[which] += by;
	u64_stats_update_end_irqrestore(&st->sync, flags);
	put_cpu_ptr(stats);
#endif
}

/* srpt_stats.c: counters */
extern unsigned int srpt_latency_sample;
struct srpt_stats __percpu *srpt_stats_alloc(u32 n);
void srpt_stats_free(struct srpt_stats __percpu *stats, u32 n);
u64 srpt_stats_read(const struct srpt_stats __percpu *stats,
		    enum srpt_counter which);
void srpt_stats_sum(const struct srpt_stats __percpu *stats, u64 *sums, u32 n);
const char *srpt_counter_name(enum srpt_counter which);
void srpt_count_status(struct srpt_stats __percpu *stats, u8 status);
void srpt_count_latency(struct srpt_stats __percpu *latency, ktime_t since,
			enum srp_dir dir);

#endif /* SRPT_STATS_H */
