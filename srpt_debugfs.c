// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * What the driver tells about itself in debugfs, below ib_srpt.
 *
 * A line is a thing, its words are KEY=VALUE; a value has no blank, and a line
 * that begins with blanks goes on with the thing of the line before. The first
 * line is the version of that: a new key does not change it.
 *
 * Who reads sees one moment of each channel, and holds up no end of one for
 * longer than a line takes to write: what is freed is taken off the lists before,
 * and only memory of the channel is looked at, never its queue pair, which goes
 * first.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "srpt_life.h"

/* A command that has been in the target for so long is stalled. */
#define SRPT_STALLED	(5 * HZ)

static struct dentry *srpt_debugfs;

/**
 * struct srpt_view - a file being written
 * @m: the file
 * @n: sums of counters, by enum srpt_counter
 * @latency: histograms of a session
 * @active: commands that the target has
 * @stalled: those of them that it has had for SRPT_STALLED
 * @oldest: jiffies that it has had the oldest of them
 */
struct srpt_view {
	struct seq_file *m;
	u64 n[SRPT_N_COUNTERS];
	u64 latency[SRPT_N_LATENCIES];
	u32 active;
	u32 stalled;
	u32 oldest;
};

/* The first line of a file. */
static void srpt_print_version(struct seq_file *m)
{
	seq_puts(m, "version 1\n");
}

/* Identities, each with its kind. */
static void srpt_print_ids(struct seq_file *m, const struct srpt_identity *ids,
			   u32 n)
{
	char text[48];
	u32 i;

	for (i = 0; i < n; i++) {
		srpt_tell_id(text, sizeof(text), &ids[i]);
		seq_printf(m, " %s=%s", srpt_id_key(ids[i].kind), text);
	}
}

/* A name that somebody has given: a blank in it becomes \040. */
static void srpt_print_name(struct seq_file *m, const char *key,
			    const char *name)
{
	seq_printf(m, " %s=", key);
	seq_escape(m, name, " \t\n\\");
}

/* Seconds since then, a value of ktime_get_seconds(). */
static u32 srpt_seconds(u32 since)
{
	return (u32)ktime_get_seconds() - since;
}

/* Where a session belongs, for lines of sessions and channels. */
static void srpt_print_place(struct seq_file *m, struct srpt_nexus *nexus)
{
	seq_printf(m, " session=%u hca=%s port=%u target=%s", nexus->id,
		   nexus->hca, nexus->sport->num, nexus->tpg->tport->name);
	srpt_print_name(m, "tpg", srpt_tpg_name(nexus->tpg));
}

static void srpt_print_counters(struct srpt_view *view)
{
	const u64 *n = view->n;
	u32 i;

	seq_printf(view->m, "  cmds=%llu", n[SRPT_N_NODATA] +
		   n[SRPT_N_WRITES] + n[SRPT_N_READS]);
	for (i = 0; i < SRPT_N_COUNTERS; i++)
		seq_printf(view->m, " %s=%llu", srpt_counter_name(i), n[i]);
	seq_putc(view->m, '\n');
}

/* What let the initiator in: words, with dashes between them. */
static void srpt_print_reason(struct seq_file *m, const char *words)
{
	seq_puts(m, " by=");
	for (; *words; words++)
		seq_putc(m, *words == ' ' ? '-' : *words);
}

/* What a channel is, and what of it is in use. */
static void srpt_print_queues(struct seq_file *m, struct srpt_rdma_ch *ch)
{
	u32 ring = ch->depth + SRPT_RX_SLACK;

	seq_printf(m, "%s qp=%u state=%s acl=%s depth=%u req_lim=%d withheld=%d sq=%d/%u srq=%d rq=%u/%u imm=%u",
		   ch->peer, ch->qp_num, srpt_ch_state_name(ch->state),
		   ch->acl_name, ch->depth, atomic_read(&ch->req_lim),
		   atomic_read(&ch->withheld), atomic_read(&ch->sq_avail),
		   ch->sq_size, srpt_ch_shares_rq(ch),
		   ch->rq ? READ_ONCE(ch->rq->posted) : ring,
		   ch->rq ? READ_ONCE(ch->rq->total) : ring, ch->imm_off);
	seq_printf(m, " cm=%s vector=%u cpu=%u age=%u commands=%u",
		   ch->by_rdma_cm ? "RDMA" : "IB", ch->vector, ch->home_cpu,
		   srpt_seconds(ch->since), READ_ONCE(ch->n_cmds));
}

static void srpt_print_channel(struct srpt_rdma_ch *ch, void *arg)
{
	struct srpt_view *view = arg;
	struct seq_file *m = view->m;

	/* one that has not been entered into a nexus ends at once */
	if (!ch->nexus)
		return;
	srpt_print_queues(m, ch);
	srpt_print_place(m, ch->nexus);
	srpt_print_reason(m, ch->id_name);
	srpt_print_ids(m, ch->ids, ch->n_ids);
	seq_printf(m, " port_id=0x%16phN\n", ch->nexus->i_port_id);
	memset(view->n, 0, sizeof(view->n));
	srpt_stats_sum(ch->stats, view->n, SRPT_N_COUNTERS);
	srpt_print_counters(view);
}

static int srpt_with_view(struct seq_file *m,
			  void (*show)(struct srpt_view *view))
{
	struct srpt_view *view = kzalloc(sizeof(*view), GFP_KERNEL);

	if (!view)
		return -ENOMEM;
	view->m = m;
	srpt_print_version(m);
	show(view);
	kfree(view);
	return 0;
}

static void srpt_show_channels(struct srpt_view *view)
{
	srpt_visit_every(srpt_print_channel, view);
}

static int srpt_channels_show(struct seq_file *m, void *unused)
{
	return srpt_with_view(m, srpt_show_channels);
}
DEFINE_SHOW_ATTRIBUTE(srpt_channels);

/* Looks at the commands of a channel; its nexus->lock is held, none goes. */
static void srpt_look_at_cmds(struct srpt_view *view,
			      const struct srpt_rdma_ch *ch)
{
	const struct srpt_send_ioctx *ioctx;
	enum srpt_command_state state;
	s32 age;
	u32 i;

	/* one in login has no commands, and maybe no ring yet */
	if (READ_ONCE(ch->state) == SRPT_CH_CONNECTING)
		return;
	for (i = 0; i < ch->n_send; i++) {
		ioctx = READ_ONCE(ch->send_ring[i]);
		if (!ioctx)
			continue;
		/* pairs with srpt_get_send_ioctx(): the rest is of that command */
		state = smp_load_acquire(&ioctx->state);
		if (state == SRPT_STATE_DONE)
			continue;
		age = max_t(s32, (u32)jiffies - READ_ONCE(ioctx->since), 0);
		view->active++;
		view->stalled += age >= SRPT_STALLED;
		view->oldest = max_t(u32, view->oldest, age);
	}
}

/* All that a session has done, and what it is doing; returns its channels. */
static u32 srpt_sum_session(struct srpt_view *view, struct srpt_nexus *nexus)
{
	struct srpt_rdma_ch *ch;
	u32 channels = 0;

	view->active = 0;
	view->stalled = 0;
	view->oldest = 0;
	spin_lock_irq(&nexus->lock);
	memcpy(view->n, nexus->past, sizeof(view->n));
	list_for_each_entry(ch, &nexus->all, nexus_all) {
		channels++;
		srpt_stats_sum(ch->stats, view->n, SRPT_N_COUNTERS);
		srpt_look_at_cmds(view, ch);
	}
	spin_unlock_irq(&nexus->lock);
	return channels;
}

static void srpt_print_session(struct srpt_nexus *nexus, void *arg)
{
	struct srpt_view *view = arg;
	struct seq_file *m = view->m;
	u32 channels = srpt_sum_session(view, nexus);

	seq_puts(m, "session");
	srpt_print_place(m, nexus);
	seq_printf(m, " acl=%s port_id=0x%16phN channels=%u age=%u active=%u stalled=%u oldest=%u\n",
		   nexus->acl_name, nexus->i_port_id, channels,
		   srpt_seconds(nexus->since), view->active, view->stalled,
		   jiffies_to_msecs(view->oldest));
	srpt_print_counters(view);
}

static void srpt_show_sums(struct srpt_view *view)
{
	srpt_visit_nexuses(srpt_print_session, view);
}

static int srpt_sessions_show(struct seq_file *m, void *unused)
{
	return srpt_with_view(m, srpt_show_sums);
}
DEFINE_SHOW_ATTRIBUTE(srpt_sessions);

/* One histogram: how many commands took less than so many microseconds. */
static void srpt_print_histogram(struct seq_file *m, const u64 *slots)
{
	u32 i;

	for (i = 0; i < SRPT_LATENCY_SLOTS - 1; i++)
		seq_printf(m, " lt%u=%llu", 1U << i, slots[i]);
	seq_printf(m, " more=%llu\n", slots[i]);
}

static void srpt_print_latency(struct srpt_nexus *nexus, void *arg)
{
	static const char *const dirs[] = { "none", "write", "read" };
	struct srpt_view *view = arg;
	u32 i;

	memset(view->latency, 0, sizeof(view->latency));
	srpt_stats_sum(nexus->latency, view->latency, SRPT_N_LATENCIES);
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		seq_printf(view->m, "latency session=%u dir=%s", nexus->id,
			   dirs[i]);
		srpt_print_histogram(view->m, view->latency +
				     i * SRPT_LATENCY_SLOTS);
	}
}

static void srpt_show_latency(struct srpt_view *view)
{
	srpt_visit_nexuses(srpt_print_latency, view);
}

static int srpt_latency_show(struct seq_file *m, void *unused)
{
	return srpt_with_view(m, srpt_show_latency);
}
DEFINE_SHOW_ATTRIBUTE(srpt_latency);

static void srpt_print_ending(struct srpt_rdma_ch *ch, void *arg)
{
	struct srpt_view *view = arg;

	if (!ch->nexus || READ_ONCE(ch->state) < SRPT_CH_DISCONNECTING)
		return;
	view->active = 0;
	spin_lock_irq(&ch->nexus->lock);
	srpt_look_at_cmds(view, ch);
	spin_unlock_irq(&ch->nexus->lock);
	seq_printf(view->m, "%s qp=%u session=%u state=%s since=%u waits=%s active=%u sq=%d/%u\n",
		   ch->peer, ch->qp_num, ch->nexus->id,
		   srpt_ch_state_name(ch->state),
		   srpt_seconds(READ_ONCE(ch->state_since)),
		   srpt_ch_wait_name(ch), view->active,
		   atomic_read(&ch->sq_avail), ch->sq_size);
}

static void srpt_show_ending(struct srpt_view *view)
{
	srpt_visit_every(srpt_print_ending, view);
}

static int srpt_ending_show(struct seq_file *m, void *unused)
{
	return srpt_with_view(m, srpt_show_ending);
}
DEFINE_SHOW_ATTRIBUTE(srpt_ending);

static void srpt_print_port(struct srpt_port *sport, void *arg)
{
	const char *hca = dev_name(&sport->sdev->ib_dev->dev);
	struct seq_file *m = arg;
	u64 n;
	u32 i;

	seq_printf(m, "port hca=%s port=%u channels=%d accepted=%lld\n", hca,
		   sport->num, atomic_read(&sport->channels),
		   atomic64_read(&sport->accepted));
	for (i = SRP_FAULT_NONE + 1; i < SRP_FAULT_COUNT; i++) {
		n = atomic64_read(&sport->refused[i]);
		if (n)
			seq_printf(m, "  refusals=%llu why=%s\n", n,
				   srp_fault_name(i));
	}
}

static int srpt_ports_show(struct seq_file *m, void *unused)
{
	srpt_print_version(m);
	srpt_visit_ports(srpt_print_port, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(srpt_ports);

static void srpt_print_refusal(const struct srpt_refusal *r, void *arg)
{
	struct seq_file *m = arg;

	seq_printf(m, "count=%u first=%lld last=%lld hca=%s port=%u cm=%s peer=%s",
		   r->count, r->first, r->last, r->hca, r->port,
		   r->rdma_cm ? "RDMA" : "IB", r->peer);
	srpt_print_ids(m, r->ids, r->n_ids);
	seq_printf(m, "\n  why=%s\n", srp_fault_name(r->fault));
	if (r->doing)
		seq_printf(m, "  error=%pe cannot=%s\n", ERR_PTR(r->error),
			   r->doing);
	seq_printf(m, "  looked_at=%s\n", r->names);
}

static int srpt_refusals_show(struct seq_file *m, void *unused)
{
	srpt_print_version(m);
	srpt_visit_refusals(srpt_print_refusal, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(srpt_refusals);

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
 * struct srpt_wish - a session that shall end
 * @id: its number
 * @found: it has a channel that was not ending yet
 */
struct srpt_wish {
	u64 id;
	bool found;
};

static void srpt_close_if_wished(struct srpt_rdma_ch *ch, void *arg)
{
	struct srpt_wish *wish = arg;

	if (ch->nexus && ch->nexus->id == wish->id)
		wish->found |= srpt_disconnect_ch(ch);
}

/* Does not wait for the end. */
static int srpt_close_set(void *unused, u64 id)
{
	struct srpt_wish wish = { .id = id };

	srpt_visit_channels(srpt_close_if_wished, &wish);
	if (!wish.found)
		return -ENOENT;
	pr_info("session %llu is closed by hand\n", id);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(srpt_close_fops, NULL, srpt_close_set, "%llu\n");

static const struct {
	const char *name;
	umode_t mode;
	const struct file_operations *fops;
} srpt_files[] = {
	{ "sessions", 0400, &srpt_sessions_fops },
	{ "channels", 0400, &srpt_channels_fops },
	{ "ending", 0400, &srpt_ending_fops },
	{ "latency", 0400, &srpt_latency_fops },
	{ "ports", 0400, &srpt_ports_fops },
	{ "refusals", 0400, &srpt_refusals_fops },
	{ "rejects", 0400, &srpt_rejects_fops },
	{ "memory", 0400, &srpt_memory_fops },
	{ "close", 0200, &srpt_close_fops },
};

/**
 * srpt_debugfs_init - make the files in debugfs
 */
void srpt_debugfs_init(void)
{
	u32 i;

	srpt_debugfs = debugfs_create_dir(SRPT_NAME, NULL);
	for (i = 0; i < ARRAY_SIZE(srpt_files); i++)
		debugfs_create_file(srpt_files[i].name, srpt_files[i].mode,
				    srpt_debugfs, NULL, srpt_files[i].fops);
}

/**
 * srpt_debugfs_exit - remove the files in debugfs
 */
void srpt_debugfs_exit(void)
{
	debugfs_remove_recursive(srpt_debugfs);
}
