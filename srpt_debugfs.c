// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * What the driver tells about itself in debugfs: all channels with their
 * counters (ib_srpt/channels, ib_srpt/rejects, ib_srpt/memory).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "srpt_life.h"

static struct dentry *srpt_debugfs;

static void srpt_print_channel(struct srpt_rdma_ch *ch, void *arg)
{
	const struct srpt_ch_stats *st = &ch->stats;
	struct seq_file *m = arg;

	seq_printf(m, "%s qp=%u state=%s acl=%s depth=%u req_lim=%d withheld=%d sq=%d/%u srq=%d imm=%u\n",
		   ch->peer, ch->qp_num, srpt_ch_state_name(ch->state),
		   ch->acl_name, ch->depth,
		   atomic_read(&ch->req_lim), atomic_read(&ch->withheld),
		   atomic_read(&ch->sq_avail), ch->sq_size, !!ch->srq,
		   ch->imm_off);
	seq_printf(m, "  cmds=%llu tmfs=%llu refused=%llu immediate=%llu waited=%llu parked=%llu read_bytes=%llu write_bytes=%llu\n",
		   st->cmds, st->tmfs, st->refused, st->imm, st->waited,
		   st->parked, st->read_bytes, st->write_bytes);
}

static int srpt_channels_show(struct seq_file *m, void *unused)
{
	srpt_visit_every(srpt_print_channel, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(srpt_channels);

static int srpt_rejects_show(struct seq_file *m, void *unused)
{
	int i;

	for (i = SRP_FAULT_NONE + 1; i < SRP_FAULT_COUNT; i++)
		if (atomic_read(&srpt_rejects[i]))
			seq_printf(m, "%d %s\n", atomic_read(&srpt_rejects[i]),
				   srp_fault_name(i));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(srpt_rejects);

static int srpt_memory_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%ld\n", atomic_long_read(&srpt_bytes));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(srpt_memory);

/**
 * srpt_debugfs_init - make the files in debugfs
 */
void srpt_debugfs_init(void)
{
	srpt_debugfs = debugfs_create_dir(SRPT_NAME, NULL);
	debugfs_create_file("channels", 0400, srpt_debugfs, NULL,
			    &srpt_channels_fops);
	debugfs_create_file("rejects", 0400, srpt_debugfs, NULL,
			    &srpt_rejects_fops);
	debugfs_create_file("memory", 0400, srpt_debugfs, NULL,
			    &srpt_memory_fops);
}

/**
 * srpt_debugfs_exit - remove the files in debugfs
 */
void srpt_debugfs_exit(void)
{
	debugfs_remove_recursive(srpt_debugfs);
}
