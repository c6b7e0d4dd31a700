// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The way into a backstore: on the spot, or by a worker of its own.
 *
 * LIO runs a command in the context of whoever submits it, and much of what it
 * does there may sleep: a block device whose queue is full, files, user space,
 * and everything that LIO does by itself (UNMAP, WRITE SAME, COMPARE AND WRITE,
 * EXTENDED COPY, PERSISTENT RESERVE OUT, SYNCHRONIZE CACHE).  The submitter is
 * a completion callback of a channel, which must not sleep for one backstore
 * while requests for others wait behind it.
 *
 * So a command takes one of two ways:
 *
 *  - On the spot, if it is a plain read or write, a read of moderate length,
 *    fewer commands are in flight at the device than its queue certainly holds,
 *    and the device has not made a submitter wait lately.  Whether it has is
 *    measured, not guessed: a submission that sleeps is a voluntary context
 *    switch.
 *  - Else through a worker that belongs to the device.  Before submission that
 *    is LIO's own submit queue (a list and a work item per device and CPU),
 *    because task management flushes it: a command that LIO has not seen is
 *    not "no such task".  With its data here, and known to LIO, the command is
 *    in a lane of this room.
 *
 * Order.  What a channel has queued goes through the queue of one CPU, its home,
 * and so in the order in which it came; likewise its data.  Commands with task
 * attribute SIMPLE may overtake each other (SAM-5 8.6): they are submitted on
 * the spot whatever is queued.  From the first of another kind on, a channel
 * submits nothing on the spot while the device's queue of its home is not empty.
 *
 * A store exists for each device that a LUN of this fabric exports; commands
 * find it by the device.  It is counted by the LUNs and by the commands in
 * flight, so that it goes after both.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hashtable.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <scsi/scsi_proto.h>
#include <target/target_core_backend.h>

#include "srpt_way.h"

/* How long a device that made a submitter wait is submitted to by a worker. */
#define SRPT_STORE_PENALTY	(10 * HZ)

/* Bytes from which on a command takes longer than to wake a worker for it. */
#define SRPT_STORE_LARGE	(256 << 10)

/* Workers of a device that bring data of writes to it. */
#define SRPT_STORE_LANES	16

/**
 * struct srpt_lane - commands with all of their data, for one worker
 * @cmds: se_cmd_list of commands, the newest first
 * @work: executes them in the order of their coming
 */
struct srpt_lane {
	struct llist_head cmds;
	struct work_struct work;
};

/**
 * struct srpt_store - a LIO device, as commands reach it
 * @node: srpt_stores, under srpt_store_mutex; readers use RCU
 * @rcu: frees it
 * @dev: the device; compared, and followed by commands that hold its LUN
 * @links: LUNs that export it, under srpt_store_mutex
 * @refs: one while there are links, one for each command in flight
 * @direct_max: most of @refs with which a command is submitted on the spot
 * @slept: a submitter had to wait, and not long ago
 * @slept_at: jiffies of that
 * @n_lanes: how many lanes
 * @lanes: for data of writes
 */
struct srpt_store {
	struct hlist_node node;
	struct rcu_head rcu;
	const struct se_device *dev;
	u32 links;
	refcount_t refs;
	u32 direct_max;
	bool slept;
	unsigned long slept_at;
	u32 n_lanes;
	struct srpt_lane lanes[];
};

static DEFINE_MUTEX(srpt_store_mutex);
static DEFINE_HASHTABLE(srpt_stores, 6);

/* Commands that a backend surely executes without the submitter's help. */
static bool srpt_is_plain_io(const u8 *cdb)
{
	switch (cdb[0]) {
	case READ_6:
	case READ_10:
	case READ_12:
	case READ_16:
	case WRITE_6:
	case WRITE_10:
	case WRITE_12:
	case WRITE_16:
		return true;
	default:
		return false;
	}
}

/*
 * Commands in flight with which a submission to @dev does not sleep.  A ramdisk
 * copies; a block device sleeps when its queue is full, and others use that
 * queue too.  Of all others nothing is known.
 */
static u32 srpt_store_limit(const struct se_device *dev)
{
	const char *name = dev->transport->name;

	if (!strcmp(name, "rd_mcp"))
		return U32_MAX / 2;
	if (!strcmp(name, "iblock") || !strcmp(name, "pscsi"))
		return dev->dev_attrib.hw_queue_depth * 3 / 4;
	return 0;
}

static void srpt_lane_work(struct work_struct *work)
{
	struct srpt_lane *lane = container_of(work, struct srpt_lane, work);
	struct llist_node *cmds = llist_reverse_order(llist_del_all(&lane->cmds));
	struct se_cmd *cmd, *next;

	/* the store may go with the last of them */
	llist_for_each_entry_safe(cmd, next, cmds, se_cmd_list)
		target_execute_cmd(cmd);
}

static struct srpt_store *srpt_store_alloc(const struct se_device *dev)
{
	u32 n = min_t(u32, nr_cpu_ids, SRPT_STORE_LANES), i;
	struct srpt_store *store = kzalloc(struct_size(store, lanes, n),
					   GFP_KERNEL);

	if (!store)
		return NULL;
	store->dev = dev;
	store->n_lanes = n;
	store->direct_max = srpt_store_limit(dev);
	refcount_set(&store->refs, 1);
	for (i = 0; i < n; i++) {
		init_llist_head(&store->lanes[i].cmds);
		INIT_WORK(&store->lanes[i].work, srpt_lane_work);
	}
	return store;
}

/* Under RCU or srpt_store_mutex. */
static struct srpt_store *srpt_store_find(const struct se_device *dev)
{
	struct srpt_store *store;

	hash_for_each_possible_rcu(srpt_stores, store, node,
				   (unsigned long)dev,
				   lockdep_is_held(&srpt_store_mutex))
		if (store->dev == dev)
			return store;
	return NULL;
}

/**
 * srpt_store_link - a LUN of this fabric exports a device from now on
 * @dev: the device
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int srpt_store_link(const struct se_device *dev)
{
	struct srpt_store *store;
	int ret = 0;

	mutex_lock(&srpt_store_mutex);
	store = srpt_store_find(dev);
	if (!store) {
		store = srpt_store_alloc(dev);
		if (store)
			hash_add_rcu(srpt_stores, &store->node,
				     (unsigned long)dev);
		else
			ret = -ENOMEM;
	}
	if (store)
		store->links++;
	mutex_unlock(&srpt_store_mutex);
	return ret;
}

/**
 * srpt_store_unlink - a LUN does not export a device any more
 * @dev: the device; commands may still be in flight
 *
 * Context: may sleep.
 */
void srpt_store_unlink(const struct se_device *dev)
{
	struct srpt_store *store;

	mutex_lock(&srpt_store_mutex);
	store = srpt_store_find(dev);
	if (store && !--store->links) {
		hash_del_rcu(&store->node);
		srpt_store_put(store);
	}
	mutex_unlock(&srpt_store_mutex);
}

/* The store of @dev with a reference, or NULL while no LUN is linked to it. */
static struct srpt_store *srpt_store_get(const struct se_device *dev)
{
	struct srpt_store *store;

	rcu_read_lock();
	store = srpt_store_find(dev);
	if (store && !refcount_inc_not_zero(&store->refs))
		store = NULL;
	rcu_read_unlock();
	return store;
}

/**
 * srpt_store_put - a command is not in flight any more
 * @store: what it reached its device through
 *
 * Context: any.
 */
void srpt_store_put(struct srpt_store *store)
{
	if (refcount_dec_and_test(&store->refs))
		kfree_rcu(store, rcu);
}

/* Has a submitter had to wait lately? */
static bool srpt_store_is_slow(struct srpt_store *store)
{
	if (likely(!READ_ONCE(store->slept)))
		return false;
	if (time_before(jiffies, READ_ONCE(store->slept_at) +
			SRPT_STORE_PENALTY))
		return true;
	WRITE_ONCE(store->slept, false);
	return false;
}

/*
 * LIO makes memory for all of a command's data, and clears it; a ramdisk copies
 * it. Other channels of this CPU do not wait for so much of that. Of a write
 * only the memory is made at first, and its data comes in turns of its own.
 */
static bool srpt_is_large(const struct se_cmd *cmd)
{
	return unlikely(cmd->data_length >= SRPT_STORE_LARGE);
}

static bool srpt_store_takes_now(struct srpt_store *store,
				 const struct se_cmd *cmd)
{
	return srpt_is_plain_io(cmd->t_task_cdb) &&
	       refcount_read(&store->refs) <= store->direct_max &&
	       !srpt_store_is_slow(store);
}

/*
 * LIO's submit queue through which a command goes if it is not submitted on the
 * spot: the same for all of its channel.
 */
static struct se_cmd_queue *srpt_store_sq(const struct srpt_send_ioctx *ioctx)
{
	return &ioctx->cmd.se_dev->queues[ioctx->ch->home_cpu].sq;
}

/*
 * Must a command wait for those before it, which may be in the queue still?  What
 * this channel has put there is seen: it was this context that did.
 */
static bool srpt_store_keeps_order(const struct srpt_send_ioctx *ioctx)
{
	return unlikely(ioctx->ch->ordered) &&
	       work_busy(&srpt_store_sq(ioctx)->work);
}

/*
 * What target_submit() does for fabrics that always queue (its function for that
 * is not exported from 6.8 on), on a work queue of our own, which other fabrics
 * cannot fill.
 */
static void srpt_store_queue(struct srpt_send_ioctx *ioctx)
{
	struct se_cmd_queue *sq = srpt_store_sq(ioctx);
	struct se_cmd *cmd = &ioctx->cmd;

	/* LIO does not know the command yet, and takes the CPU from here */
	cmd->cpuid = ioctx->ch->home_cpu;
	llist_add(&cmd->se_cmd_list, &sq->cmd_list);
	queue_work_on(cmd->cpuid, srpt_store_wq, &sq->work);
}

/*
 * Remembers a device that made a submitter wait.  The command may have ended,
 * and its store gone: it is looked for again.
 */
static void srpt_store_slept(const struct se_device *dev)
{
	struct srpt_store *store;

	rcu_read_lock();
	store = srpt_store_find(dev);
	if (store) {
		WRITE_ONCE(store->slept_at, jiffies);
		WRITE_ONCE(store->slept, true);
	}
	rcu_read_unlock();
}

/**
 * srpt_store_submit - give a command to LIO, now or by a worker
 * @ioctx: the command; target_submit_prep() has taken it
 * @fetch: its data must be fetched first: the device sees it later
 *
 * Context: completion context of the channel; sleeps only if a device turns
 * out to be slower than it says.
 */
void srpt_store_submit(struct srpt_send_ioctx *ioctx, bool fetch)
{
	const struct se_device *dev = ioctx->cmd.se_dev;
	struct srpt_store *store = srpt_store_get(dev);
	unsigned long switches = current->nvcsw;
	struct se_cmd *cmd = &ioctx->cmd;

	ioctx->store = store;
	if (!store || srpt_store_keeps_order(ioctx) ||
	    (!fetch && (srpt_is_large(cmd) ||
			!srpt_store_takes_now(store, cmd)))) {
		srpt_store_queue(ioctx);
		return;
	}
	target_submit(cmd);
	if (unlikely(current->nvcsw != switches))
		srpt_store_slept(dev);
}

/**
 * srpt_store_execute - let LIO execute a write whose data is here
 * @ioctx: the command
 *
 * Context: as srpt_store_submit().
 */
void srpt_store_execute(struct srpt_send_ioctx *ioctx)
{
	const struct se_device *dev = ioctx->cmd.se_dev;
	struct srpt_store *store = ioctx->store;
	unsigned long switches = current->nvcsw;
	struct se_cmd *cmd = &ioctx->cmd;
	struct srpt_lane *lane;

	if (store && !srpt_store_takes_now(store, cmd)) {
		lane = &store->lanes[ioctx->ch->home_cpu % store->n_lanes];
		if (llist_add(&cmd->se_cmd_list, &lane->cmds))
			queue_work(srpt_store_wq, &lane->work);
		return;
	}
	target_execute_cmd(cmd);
	if (unlikely(current->nvcsw != switches))
		srpt_store_slept(dev);
}
