// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * I_T nexuses, and the lists that a channel can be found on.
 *
 * A nexus is an initiator port and a target port that talk to each other, by
 * way of an ACL, with all of their channels. It lives from the first channel
 * to the last.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "srpt_life.h"

/* Nexuses of all HCAs, and of those that have gone, in the order of their coming. */
static DEFINE_MUTEX(srpt_nexuses_mutex);
static LIST_HEAD(srpt_nexuses);

static struct srpt_nexus *srpt_find_nexus(struct srpt_device *sdev,
					  const struct srpt_login *lg)
{
	struct srpt_nexus *nexus;

	list_for_each_entry(nexus, &sdev->nexuses, entry)
		if (nexus->sport == lg->sport && nexus->tpg == lg->access.tpg &&
		    !strcmp(nexus->acl_name, lg->access.acl_name) &&
		    !memcmp(nexus->i_port_id, lg->li.i_port_id, 16) &&
		    !memcmp(nexus->t_port_id, lg->li.t_port_id, 16))
			return nexus;
	return NULL;
}

/* Nexuses so far: the last one's number. */
static atomic_t srpt_nexus_count;

static struct srpt_nexus *srpt_new_nexus(struct srpt_device *sdev,
					 const struct srpt_login *lg)
{
	struct srpt_nexus *nexus = kzalloc(sizeof(*nexus), GFP_KERNEL);

	if (!nexus)
		return NULL;
	nexus->latency = srpt_stats_alloc(SRPT_N_LATENCIES);
	if (!nexus->latency) {
		kfree(nexus);
		return NULL;
	}
	nexus->id = atomic_inc_return(&srpt_nexus_count);
	memcpy(nexus->i_port_id, lg->li.i_port_id, 16);
	memcpy(nexus->t_port_id, lg->li.t_port_id, 16);
	nexus->sport = lg->sport;
	nexus->tpg = lg->access.tpg;
	strscpy(nexus->acl_name, lg->access.acl_name, sizeof(nexus->acl_name));
	strscpy(nexus->hca, dev_name(&sdev->ib_dev->dev), sizeof(nexus->hca));
	nexus->since = ktime_get_seconds();
	spin_lock_init(&nexus->lock);
	INIT_LIST_HEAD(&nexus->channels);
	INIT_LIST_HEAD(&nexus->all);
	list_add_tail(&nexus->entry, &sdev->nexuses);
	mutex_lock(&srpt_nexuses_mutex);
	list_add_tail(&nexus->shown, &srpt_nexuses);
	mutex_unlock(&srpt_nexuses_mutex);
	return nexus;
}

/**
 * srpt_ch_enlist - enter a channel into its device and nexus
 * @ch: channel in login; from here on it can be found
 * @lg: the login
 *
 * Context: may sleep; takes sdev->mutex.
 * Return: 0; -ENODEV if the device is being removed or the TPG has been
 * disabled, -EMLINK if the nexus has as many channels as it may, -ENOMEM.
 */
int srpt_ch_enlist(struct srpt_rdma_ch *ch, const struct srpt_login *lg)
{
	struct srpt_device *sdev = ch->sdev;
	struct srpt_nexus *nexus;
	int ret = -ENODEV;

	mutex_lock(&sdev->mutex);
	/* who disables the TPG looks for its channels after that */
	if (sdev->gone || !srpt_tpg_is_enabled(ch->tpg))
		goto unlock;
	nexus = srpt_find_nexus(sdev, lg);
	ret = -EMLINK;
	if (nexus && lg->li.multi && nexus->n_channels >= SRPT_MAX_CHANNELS)
		goto unlock;
	ret = -ENOMEM;
	if (!nexus)
		nexus = srpt_new_nexus(sdev, lg);
	if (!nexus)
		goto unlock;
	ch->nexus = nexus;
	nexus->n_channels++;
	list_add_tail(&ch->entry, &sdev->channels);
	atomic_inc(&ch->sport->channels);
	atomic_inc(&ch->tpg->channels);
	spin_lock_irq(&nexus->lock);
	list_add_tail(&ch->nexus_entry, &nexus->channels);
	list_add_tail(&ch->nexus_all, &nexus->all);
	spin_unlock_irq(&nexus->lock);
	ret = 0;
unlock:
	mutex_unlock(&sdev->mutex);
	return ret;
}

/**
 * srpt_ch_unlist - take a channel off its device and nexus
 * @ch: channel without hardware; may never have been on the lists
 *
 * It still counts as one of its nexus. Wakes who waits for the device.
 *
 * Context: may sleep; takes sdev->mutex.
 */
void srpt_ch_unlist(struct srpt_rdma_ch *ch)
{
	struct srpt_device *sdev = ch->sdev;
	struct srpt_nexus *nexus = ch->nexus;

	mutex_lock(&sdev->mutex);
	list_del_init(&ch->entry);
	if (nexus) {
		spin_lock_irq(&nexus->lock);
		list_del_init(&ch->nexus_entry);
		spin_unlock_irq(&nexus->lock);
		atomic_dec(&ch->sport->channels);
		if (atomic_dec_and_test(&ch->tpg->channels))
			wake_up_var(&ch->tpg->channels);
	}
	mutex_unlock(&sdev->mutex);
	wake_up_all(&sdev->idle);
}

static void srpt_free_nexus(struct srpt_nexus *nexus)
{
	list_del(&nexus->entry);
	mutex_lock(&srpt_nexuses_mutex);
	list_del(&nexus->shown);
	mutex_unlock(&srpt_nexuses_mutex);
	srpt_stats_free(nexus->latency, SRPT_N_LATENCIES);
	kfree(nexus);
}

/**
 * srpt_visit_nexuses - look at every nexus that there is
 * @fn: what to do; must not sleep for long
 * @arg: for @fn
 *
 * Their HCA may be gone. Takes no lock of an HCA, so that an HCA which hangs
 * hides no session.
 *
 * Context: may sleep.
 */
void srpt_visit_nexuses(srpt_nexus_fn fn, void *arg)
{
	struct srpt_nexus *nexus;

	mutex_lock(&srpt_nexuses_mutex);
	list_for_each_entry(nexus, &srpt_nexuses, shown)
		fn(nexus, arg);
	mutex_unlock(&srpt_nexuses_mutex);
}

/**
 * srpt_nexus_leave - a channel and all of its commands are over
 * @ch: channel without hardware and session; may have no nexus
 *
 * The nexus goes with its last channel. Wakes logins that wait for the others.
 *
 * Context: may sleep; takes sdev->mutex.
 */
void srpt_nexus_leave(struct srpt_rdma_ch *ch)
{
	struct srpt_device *sdev = ch->sdev;
	struct srpt_nexus *nexus = ch->nexus;

	if (!nexus)
		return;
	ch->nexus = NULL;
	mutex_lock(&sdev->mutex);
	spin_lock_irq(&nexus->lock);
	list_del(&ch->nexus_all);
	srpt_stats_sum(ch->stats, nexus->past, SRPT_N_COUNTERS);
	spin_unlock_irq(&nexus->lock);
	if (--nexus->n_channels)
		wake_up_var(&nexus->n_channels);
	else
		srpt_free_nexus(nexus);
	mutex_unlock(&sdev->mutex);
}

/**
 * srpt_is_oldest - are all channels of the nexus that came earlier over?
 * @ch: channel with a nexus
 *
 * Context: any.
 */
bool srpt_is_oldest(struct srpt_rdma_ch *ch)
{
	return READ_ONCE(ch->nexus->all.next) == &ch->nexus_all;
}

/**
 * srpt_multi_channel_action - what a login does to its nexus, SRP r16a 6.2
 * @ch: the new channel; if it is not one of several, others end
 *
 * Others are those that asked earlier. Who asked later does the same to us.
 *
 * Context: may sleep; takes sdev->mutex.
 * Return: what the response has to say of it, 6.3 table 15.
 */
u8 srpt_multi_channel_action(struct srpt_rdma_ch *ch)
{
	struct srpt_rdma_ch *other;
	bool any = false, ended = false;

	mutex_lock(&ch->sdev->mutex);
	list_for_each_entry(other, &ch->nexus->channels, nexus_entry) {
		if (other == ch)
			break;
		if (READ_ONCE(other->state) >= SRPT_CH_DISCONNECTING)
			continue;
		any = true;
		if (!ch->multi)
			ended |= srpt_disconnect_ch(other);
	}
	mutex_unlock(&ch->sdev->mutex);
	if (ended)
		return SRP_LOGIN_RSP_MULTICHAN_TERMINATED;
	return any && ch->multi ? SRP_LOGIN_RSP_MULTICHAN_MAINTAINED :
			      SRP_LOGIN_RSP_MULTICHAN_NO_CHAN;
}
