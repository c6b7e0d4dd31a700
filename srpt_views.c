// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Sessions of an ACL in configfs, in the format that rtslib reads.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "srpt_life.h"

/* Bytes of a page that are kept for telling how much did not fit. */
#define SRPT_INFO_TAIL	64

/**
 * struct srpt_info - a page of session information being written
 * @nacl: the ACL
 * @page: the page
 * @len: bytes written
 * @cid: number of the next channel
 * @full: a record found no room: nothing follows
 * @left: channels that are not shown for that reason
 * @last: id of the session that was shown last; 0: none
 * @next: id of the next one; 0: none
 * @best: of the states of its channels, that which can do most
 */
struct srpt_info {
	struct se_node_acl *nacl;
	char *page;
	int len;
	u32 cid;
	bool full;
	u32 left;
	u32 last;
	u32 next;
	enum srpt_ch_state best;
};

/* The words of LIO's iSCSI target, which rtslib looks for. */
static const char *srpt_conn_state(enum srpt_ch_state state)
{
	switch (state) {
	case SRPT_CH_CONNECTING:	return "IN_LOGIN";
	case SRPT_CH_LIVE:		return "LOGGED_IN";
	default:			return "IN_LOGOUT";
	}
}

/* Whole records only: rtslib does not survive half of one. */
static __printf(2, 3) void srpt_add_record(struct srpt_info *info,
					   const char *fmt, ...)
{
	int room = PAGE_SIZE - SRPT_INFO_TAIL - info->len, n;
	va_list args;

	va_start(args, fmt);
	n = vsnprintf(info->page + info->len, room, fmt, args);
	va_end(args);
	if (n >= room)
		info->full = true;
	if (!info->full)
		info->len += n;
}

static bool srpt_is_shown(const struct srpt_info *info,
			  const struct srpt_rdma_ch *ch)
{
	return ch->sess && ch->sess->se_node_acl == info->nacl && ch->nexus;
}

/* Looks for the session that comes next, and the best of its channels. */
static void srpt_seek_session(struct srpt_rdma_ch *ch, void *arg)
{
	struct srpt_info *info = arg;
	u32 id;

	if (!srpt_is_shown(info, ch))
		return;
	id = ch->nexus->id;
	if (id <= info->last || (info->next && id > info->next))
		return;
	if (id != info->next || ch->state < info->best)
		info->best = ch->state;
	info->next = id;
}

/* The alias has no colons: rtslib would cut it there. */
static void srpt_show_session(struct srpt_info *info, struct srpt_rdma_ch *ch)
{
	const u8 *id = ch->nexus->i_port_id;

	srpt_add_record(info,
			"InitiatorName: %s\nInitiatorAlias: 0x%16phN\n"
			"LIO Session ID: %u   ISID: 0x%16phN   TSIH: 0   SessionType: Normal\n"
			"Session State: TARG_SESS_STATE_%s\n",
			ch->acl_name, id, info->next, id,
			info->best <= SRPT_CH_LIVE ? "LOGGED_IN" : "FAILED");
}

static u64 srpt_cmds_of(const struct srpt_rdma_ch *ch)
{
	return srpt_stats_read(ch->stats, SRPT_N_NODATA) +
	       srpt_stats_read(ch->stats, SRPT_N_WRITES) +
	       srpt_stats_read(ch->stats, SRPT_N_READS);
}

static void srpt_show_channel(struct srpt_rdma_ch *ch, void *arg)
{
	struct srpt_info *info = arg;

	if (!srpt_is_shown(info, ch) || ch->nexus->id != info->next)
		return;
	if (info->last != info->next)
		srpt_show_session(info, ch);
	/* its head is there */
	info->last = info->next;
	srpt_add_record(info,
			"CID: %u  Connection State: TARG_CONN_STATE_%s\n"
			"   Address %s %s  QP %u  depth %u  commands %llu\n",
			info->cid++, srpt_conn_state(ch->state), ch->peer,
			ch->rdma_cm_id ? "RDMA/CM" : "IB/CM", ch->qp_num,
			ch->depth, srpt_cmds_of(ch));
	info->left += info->full;
}

/**
 * srpt_show_sessions - the file info of an ACL
 * @nacl: the ACL
 * @page: where to write
 *
 * In the format that rtslib reads, so that targetcli shows sessions. It knows
 * one for each ACL, the last: that which logged in last.
 *
 * Context: may sleep.
 * Return: bytes written.
 */
ssize_t srpt_show_sessions(struct se_node_acl *nacl, char *page)
{
	struct srpt_info info = { .nacl = nacl, .page = page };

	do {
		info.next = 0;
		srpt_visit_every(srpt_seek_session, &info);
		srpt_visit_every(srpt_show_channel, &info);
		/* it may have gone in between */
		info.last = max(info.last, info.next);
	} while (info.next);
	if (!info.len)
		return sysfs_emit(page, "No active SRP session for initiator: %s\n",
				  nacl->initiatorname);
	if (info.left)
		info.len += sysfs_emit_at(page, info.len,
					  "(%u more in debugfs)\n", info.left);
	return info.len;
}
