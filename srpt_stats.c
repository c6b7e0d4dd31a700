// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Counters: their memory, their sums, their names.
 *
 * A counter only ever grows. Who reads adds up what each CPU has; a sum may miss
 * what happens meanwhile, and is never less than one that was read before.
 *
 * Not every command is timed: reading a clock twice costs more than all
 * counters together. One of srpt_latency_sample is, which makes the same
 * percentiles.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/percpu.h>
#include <scsi/scsi_proto.h>

#include "ib_srpt.h"

unsigned int srpt_latency_sample = SRPT_LATENCY_SAMPLE_DEFAULT;

static const char *const srpt_counter_names[SRPT_N_COUNTERS] = {
	[SRPT_N_NODATA] = "nodata",
	[SRPT_N_WRITES] = "writes",
	[SRPT_N_READS] = "reads",
	[SRPT_N_WRITE_BYTES] = "write_bytes",
	[SRPT_N_READ_BYTES] = "read_bytes",
	[SRPT_N_IMM] = "immediate",
	[SRPT_N_TMFS] = "tmfs",
	[SRPT_N_REFUSED] = "refused",
	[SRPT_N_WAITED] = "waited",
	[SRPT_N_PARKED] = "parked",
	[SRPT_N_ABORTED] = "aborted",
	[SRPT_N_CHECKS] = "check_conditions",
	[SRPT_N_BUSY] = "busy",
	[SRPT_N_CONFLICTS] = "conflicts",
	[SRPT_N_ODD] = "other_status",
	[SRPT_N_WC_ERRORS] = "wc_errors",
	[SRPT_N_CRED_REQS] = "cred_reqs",
};

/**
 * srpt_counter_name - the word for a counter
 * @which: which
 *
 * Return: a string constant.
 */
const char *srpt_counter_name(enum srpt_counter which)
{
	return srpt_counter_names[which];
}

/* Bytes that they take on each CPU. */
static size_t srpt_stats_size(u32 n)
{
	return struct_size_t(struct srpt_stats, n, n);
}

/**
 * srpt_stats_alloc - counters, all of them 0
 * @n: how many
 *
 * Context: may sleep.
 * Return: the counters, or NULL.
 */
struct srpt_stats __percpu *srpt_stats_alloc(u32 n)
{
	struct srpt_stats __percpu *stats;
	int cpu;

	stats = __alloc_percpu(srpt_stats_size(n), __alignof__(u64));
	if (!stats)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(stats, cpu)->sync);
	atomic_long_add(srpt_stats_size(n) * num_possible_cpus(), &srpt_bytes);
	return stats;
}

/**
 * srpt_stats_free - free counters
 * @stats: nobody counts any more; may be NULL
 * @n: how many they are
 *
 * Context: any.
 */
void srpt_stats_free(struct srpt_stats __percpu *stats, u32 n)
{
	if (!stats)
		return;
	free_percpu(stats);
	atomic_long_sub(srpt_stats_size(n) * num_possible_cpus(), &srpt_bytes);
}

static u64 srpt_stats_read_cpu(const struct srpt_stats *st, u32 which)
{
	unsigned int start;
	u64 n;

	do {
		start = u64_stats_fetch_begin(&st->sync);
		n = READ_ONCE(st->n[which]);
	} while (u64_stats_fetch_retry(&st->sync, start));
	return n;
}

/**
 * srpt_stats_read - one counter of a channel
 * @stats: counters of the channel
 * @which: which
 *
 * Context: any.
 * Return: its value.
 */
u64 srpt_stats_read(const struct srpt_stats __percpu *stats,
		    enum srpt_counter which)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += srpt_stats_read_cpu(per_cpu_ptr(stats, cpu), which);
	return sum;
}

/**
 * srpt_stats_sum - add counters to others
 * @stats: the counters
 * @sums: as many sums
 * @n: how many they are
 *
 * Context: any.
 */
void srpt_stats_sum(const struct srpt_stats __percpu *stats, u64 *sums, u32 n)
{
	u32 i;
	int cpu;

	for_each_possible_cpu(cpu)
		for (i = 0; i < n; i++)
			sums[i] += srpt_stats_read_cpu(per_cpu_ptr(stats, cpu),
						       i);
}

/**
 * srpt_count_status - a command has ended with a status that is not GOOD
 * @stats: counters of its channel
 * @status: the status, SAM-5 5.3
 *
 * Context: any.
 */
void srpt_count_status(struct srpt_stats __percpu *stats, u8 status)
{
	switch (status) {
	case SAM_STAT_CHECK_CONDITION:
		srpt_count(stats, SRPT_N_CHECKS, 1);
		break;
	case SAM_STAT_BUSY:
	case SAM_STAT_TASK_SET_FULL:
		srpt_count(stats, SRPT_N_BUSY, 1);
		break;
	case SAM_STAT_RESERVATION_CONFLICT:
		srpt_count(stats, SRPT_N_CONFLICTS, 1);
		break;
	default:
		srpt_count(stats, SRPT_N_ODD, 1);
	}
}

/**
 * srpt_count_latency - a command that was timed has its answer
 * @latency: histograms of its session
 * @since: when it came in
 * @dir: where its data goes
 *
 * Context: any.
 */
void srpt_count_latency(struct srpt_stats __percpu *latency, ktime_t since,
			enum srp_dir dir)
{
	u64 us = ktime_us_delta(ktime_get(), since);
	u32 slot = min_t(u32, fls64(us), SRPT_LATENCY_SLOTS - 1);

	srpt_count(latency, dir * SRPT_LATENCY_SLOTS + slot, 1);
}
