// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * What the way of a command and the life of a channel have in common: states
 * of channels, a way to end, references, counters, tracepoints.
 *
 * A state says how far a channel has come; that of a command, srpt_cmd.h, who
 * owns it. It is changed atomically, and only who made the change acts on it.
 * Nothing in here knows what the action is: srpt_close_ch() queues a work item
 * that somebody has set, whatever it does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/slab.h>

#include "ib_srpt.h"

/* How long an RTU is waited for when the peer has sent something else. */
#define SRPT_RTU_GRACE	(HZ / 10)

#define CREATE_TRACE_POINTS
#include "srpt_trace.h"

/* Refused logins, by reason. */
atomic_t srpt_rejects[SRP_FAULT_COUNT];

static const char *const srpt_ch_states[] = {
	[SRPT_CH_CONNECTING] = "connecting",
	[SRPT_CH_LIVE] = "live",
	[SRPT_CH_DISCONNECTING] = "disconnecting",
	[SRPT_CH_DRAINING] = "draining",
	[SRPT_CH_DISCONNECTED] = "waiting-for-backstore",
};

/**
 * srpt_ch_state_name - the word for a state
 * @state: of a channel
 *
 * Return: a string constant.
 */
const char *srpt_ch_state_name(enum srpt_ch_state state)
{
	return state < ARRAY_SIZE(srpt_ch_states) ? srpt_ch_states[state] :
						    "unknown";
}

static const char *const srpt_ch_waits[] = {
	[SRPT_WAIT_NOTHING] = "nothing",
	[SRPT_WAIT_LOGIN] = "login",
	[SRPT_WAIT_TRANSFERS] = "transfers",
	[SRPT_WAIT_RECEIVES] = "receives",
	[SRPT_WAIT_SENDS] = "sends",
	[SRPT_WAIT_CALLBACK] = "callback",
	[SRPT_WAIT_HARDWARE] = "hardware",
	[SRPT_WAIT_BACKSTORE] = "backstore",
	[SRPT_WAIT_TMFS] = "task-management",
};

/**
 * srpt_ch_wait_name - the word for what the end of a channel waits for
 * @ch: channel
 *
 * Return: a string constant.
 */
const char *srpt_ch_wait_name(const struct srpt_rdma_ch *ch)
{
	if (READ_ONCE(ch->state) == SRPT_CH_DISCONNECTING)
		return "logout";
	return srpt_ch_waits[READ_ONCE(ch->waits)];
}

/**
 * srpt_set_ch_state - move a channel on
 * @ch: channel
 * @new: next state
 *
 * States only grow. The caller acts on the change only if it won.
 *
 * Context: any. A full memory barrier when it returns true.
 * Return: true if this call has made the change.
 */
bool srpt_set_ch_state(struct srpt_rdma_ch *ch, enum srpt_ch_state new)
{
	enum srpt_ch_state old = READ_ONCE(ch->state);

	do {
		if (old >= new)
			return false;
	} while (!try_cmpxchg(&ch->state, &old, new));
	WRITE_ONCE(ch->state_since, (u32)ktime_get_seconds());
	trace_srpt_ch_state(ch, old, new);
	return true;
}

/**
 * srpt_close_ch - end a channel
 * @ch: channel
 *
 * From here on nothing is posted for it, and the release work does the rest.
 *
 * Context: any.
 * Return: true if this call has ended it, false if it was ending already.
 */
bool srpt_close_ch(struct srpt_rdma_ch *ch)
{
	if (!srpt_set_ch_state(ch, SRPT_CH_DRAINING))
		return false;
	queue_work(srpt_release_wq, &ch->release_work);
	return true;
}

/**
 * srpt_ch_wc_error - a work request of a channel has failed
 * @ch: channel
 * @wc: its completion
 * @what: what it was to do, for the log
 *
 * The first error that is not a flush is logged; the channel ends.
 *
 * Context: completion.
 */
void srpt_ch_wc_error(struct srpt_rdma_ch *ch, const struct ib_wc *wc,
		      const char *what)
{
	trace_srpt_wc_error(ch, wc);
	if (wc->status != IB_WC_WR_FLUSH_ERR)
		srpt_count(ch->stats, SRPT_N_WC_ERRORS, 1);
	if (wc->status != IB_WC_WR_FLUSH_ERR &&
	    !test_and_set_bit(SRPT_CHF_ERROR_SEEN, &ch->flags))
		pr_warn_ratelimited("%s: %s failed: %s (vendor error 0x%x)\n",
				    ch->peer, what, ib_wc_status_msg(wc->status),
				    wc->vendor_err);
	srpt_close_ch(ch);
}

/**
 * srpt_rtu_is_late - the peer has sent something, and no RTU
 * @ch: channel that has not seen one
 *
 * It may have been lost, and is not waited for beyond SRPT_RTU_GRACE: then the
 * timer of the channel tells the CM that the connection stands, IBA 12.9.6.
 * Not at once: a CM that has been told, and then hears of the end before it has
 * taken note, goes on to repeat its REP for a minute and keeps the connection.
 *
 * Context: any.
 */
void srpt_rtu_is_late(struct srpt_rdma_ch *ch)
{
	if (!test_and_set_bit(SRPT_CHF_RTU_LATE, &ch->flags))
		mod_delayed_work(srpt_wq, &ch->timer, SRPT_RTU_GRACE);
}

static void srpt_device_free(struct kref *kref)
{
	kfree(container_of(kref, struct srpt_device, kref));
}

/**
 * srpt_device_put - give back a reference on the memory of an HCA
 * @sdev: the HCA
 */
void srpt_device_put(struct srpt_device *sdev)
{
	kref_put(&sdev->kref, srpt_device_free);
}

/**
 * srpt_count_reject - a login was refused
 * @sport: port that it came in through
 * @fault: why
 *
 * Context: any.
 */
void srpt_count_reject(struct srpt_port *sport, enum srp_fault fault)
{
	atomic64_inc(&sport->refused[fault]);
	atomic_inc(&srpt_rejects[fault]);
}
