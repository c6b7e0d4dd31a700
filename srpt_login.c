// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * A login, from request to reply.
 *
 * Checks come first, access second, memory third: until an ACL has matched,
 * an initiator costs nothing that stays. What is refused gets an
 * SRP_LOGIN_REJ with the reason, and one line in the log.
 *
 * A channel that has been allocated is on the list of its device, where
 * disabling and removal find it. They may end it in the middle of the login:
 * the release work waits until the login is through with it.
 *
 * The connection manager calls for one event at a time, of all connections of
 * the machine. So its context serves for what needs no hardware: the checks, and
 * the place among the channels of the nexus, in the order of the requests. The
 * channel is built in a work item; if older channels have to end first, another
 * one waits for that and replies.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <rdma/ib_cache.h>

#include "srpt_life.h"
#include "srpt_trace.h"

/* Both halves of the target port identifier are the service GUID, annex B. */
static bool srpt_is_our_id(const u8 *t_port_id)
{
	u64 guid = srpt_service_guid_get();

	return get_unaligned_be64(t_port_id) == guid &&
	       get_unaligned_be64(t_port_id + 8) == guid;
}

static enum srp_fault srpt_check_login(struct srpt_login *lg, __be16 pkey,
				       const struct srpt_conn_req *req)
{
	struct srpt_port *sport = lg->sport;
	enum srp_fault fault;

	fault = srp_decode_login(req->data, req->len, req->form,
				 srp_max_req_size, &lg->li);
	if (fault)
		return fault;
	if (!srpt_is_our_id(lg->li.t_port_id))
		return SRP_FAULT_TARGET_ID;
	if (req->form == SRP_LOGIN_FORM_IB &&
	    ib_find_cached_pkey(sport->sdev->ib_dev, sport->num,
				be16_to_cpu(pkey), &lg->pkey_index))
		return SRP_FAULT_PKEY;
	return SRP_FAULT_NONE;
}

/* What the peer is, then what it says that it is. */
static enum srp_fault srpt_authorise(struct srpt_login *lg,
				     const struct srpt_conn_req *req)
{
	struct srpt_identity ids[ARRAY_SIZE(req->ids) + 1];
	u32 n = req->n_ids;

	memcpy(ids, req->ids, sizeof(req->ids));
	ids[n].kind = SRPT_ID_PORT;
	memcpy(ids[n].val, lg->li.i_port_id, sizeof(ids[n].val));
	return srpt_find_access(lg->sport, ids, n + 1, &lg->access);
}

/* errno of building a channel in the words of a refusal. */
static enum srp_fault srpt_build_fault(int err)
{
	switch (err) {
	case 0:
		return SRP_FAULT_NONE;
	case -EACCES:
		return SRP_FAULT_NO_ACCESS;
	case -EMLINK:
		return SRP_FAULT_CH_LIMIT;
	case -ENODEV:
		return SRP_FAULT_DISABLED;
	case -ETIMEDOUT:
		return SRP_FAULT_OLD_CHANNEL;
	default:
		return SRP_FAULT_RESOURCES;
	}
}

/*
 * Which receive queue a channel gets: not the shared one on a device that has none,
 * nor with iWARP, where a queue that is empty for a moment ends the connection. It
 * may do so as well for an initiator with soft RoCE, which looks like any other on
 * Ethernet: there somebody has to ask for it.
 */
static enum srpt_use_srq srpt_choose_rq(const struct srpt_rdma_ch *ch,
					const struct srpt_tpg_attrib *attrib)
{
	struct ib_device *ib_dev = ch->sdev->ib_dev;

	if (!ib_dev->attrs.max_srq ||
	    ib_dev->attrs.max_srq_wr < SRPT_SRQ_SIZE_MIN ||
	    rdma_protocol_iwarp(ib_dev, ch->sport->num))
		return SRPT_SRQ_NO;
	if (attrib->use_srq == SRPT_SRQ_BY_LINK &&
	    !rdma_protocol_ib(ib_dev, ch->sport->num))
		return SRPT_SRQ_NO;
	return attrib->use_srq;
}

/* What device, peer and attributes allow; the peer has asked for the rest. */
static void srpt_set_limits(struct srpt_rdma_ch *ch,
			    const struct srpt_login *lg,
			    const struct srpt_conn_req *req)
{
	const struct ib_device_attr *attrs = &ch->sdev->ib_dev->attrs;
	const struct srpt_tpg_attrib *attrib = &lg->access.attrib;

	ch->depth = clamp(attrs->max_qp_wr - SRPT_RX_SLACK - 1,
			  1, (int)SRPT_QUEUE_DEPTH);
	ch->rsp_size = attrib->max_rsp_size;
	ch->max_rdma = attrib->max_rdma_size;
	ch->read_depth = clamp_t(int, req->read_depth, 1,
				 max(attrs->max_qp_init_rd_atom, 1));
	ch->resources = min_t(int, req->resources, attrs->max_qp_rd_atom);
	ch->imm_off = lg->li.imm_off;
	ch->multi = lg->li.multi;
	ch->use_srq = srpt_choose_rq(ch, attrib);
	ch->sq_limit = attrib->sq_size;
}

static int srpt_alloc_ring(struct srpt_rdma_ch *ch)
{
	ch->recv_ring = srpt_alloc_recv_ring(&ch->recv_pool,
					     ch->depth + SRPT_RX_SLACK,
					     ch->it_iu_len, ch->imm_off,
					     ch->sdev->pd->local_dma_lkey,
					     srpt_recv_done);
	return ch->recv_ring ? 0 : -ENOMEM;
}

/*
 * A queue of its own is small at first where nobody minds waiting for buffers; for
 * the others see srpt_choose_rq().
 */
static int srpt_alloc_own(struct srpt_rdma_ch *ch)
{
	if (rdma_protocol_ib(ch->sdev->ib_dev, ch->sport->num))
		return srpt_rq_make_own(ch);
	return srpt_alloc_ring(ch);
}

/* A device may have fewer shared queues than it says: others use them, too. */
static int srpt_alloc_receives(struct srpt_rdma_ch *ch)
{
	int ret;

	if (ch->use_srq == SRPT_SRQ_NO)
		return srpt_alloc_own(ch);
	ret = srpt_srq_join(ch);
	if (ret && ch->use_srq == SRPT_SRQ_BY_LINK)
		return srpt_alloc_own(ch);
	return ret;
}

static int srpt_alloc_queues(struct srpt_rdma_ch *ch)
{
	int ret;

	srpt_cq_choose(ch);
	ch->doing = "allocate receive buffers";
	ret = srpt_alloc_receives(ch);
	if (ret)
		return ret;
	ch->doing = "allocate commands";
	ret = srpt_alloc_cmds(ch);
	if (ret)
		return ret;
	atomic_set(&ch->req_lim, ch->depth);
	return srpt_create_ch_ib(ch, ch->sq_limit);
}

/*
 * Has the removal of the ACL begun before LIO could find our session in it?
 * Then nobody would tell us to end it.
 */
static bool srpt_acl_is_gone(struct se_node_acl *nacl)
{
	bool gone;

	mutex_lock(&nacl->se_tpg->acl_node_mutex);
	gone = list_empty(&nacl->acl_list);
	mutex_unlock(&nacl->se_tpg->acl_node_mutex);
	return gone;
}

/* The session in LIO; the ACL may have gone since it was looked up. */
static int srpt_open_session(struct srpt_rdma_ch *ch)
{
	struct se_session *sess;

	ch->doing = "open a session of LIO";
	sess = target_setup_session(&ch->tpg->se_tpg, 0, 0, TARGET_PROT_NORMAL,
				    ch->acl_name, ch, NULL);
	if (IS_ERR(sess))
		return PTR_ERR(sess);
	mutex_lock(&ch->sdev->mutex);
	ch->sess = sess;
	mutex_unlock(&ch->sdev->mutex);
	if (srpt_acl_is_gone(sess->se_node_acl))
		return -EACCES;
	return srpt_tpg_is_enabled(ch->tpg) ? 0 : -ENODEV;
}

/* A login that has a channel has come so far. */
static void srpt_trace_step(const struct srpt_rdma_ch *ch,
			    enum srpt_login_step step)
{
	trace_srpt_login(ch->peer, ch->nexus->i_port_id, ch->qp_num, step);
}

static int srpt_send_login_rsp(struct srpt_rdma_ch *ch)
{
	struct srp_login_rsp rsp;

	if (READ_ONCE(ch->state) != SRPT_CH_CONNECTING)
		return -ENODEV;
	srp_build_login_rsp(&rsp, ch->tag, ch->depth, ch->it_iu_len,
			    ch->rsp_size, ch->login_flags);
	queue_delayed_work(srpt_wq, &ch->timer, SRPT_LOGIN_TIMEOUT);
	srpt_trace_step(ch, SRPT_LOGIN_REPLY);
	ch->doing = "send the reply";
	return srpt_cm_reply(ch, &rsp, sizeof(rsp));
}

/* Counts a login, and tells the log. */
static void srpt_count_login(const struct srpt_rdma_ch *ch)
{
	atomic64_inc(&ch->sport->accepted);
	pr_info_ratelimited("%s: login to %s by ACL %s (%s), queue depth %u%s%s\n",
			    ch->peer, ch->tpg->tport->name, ch->acl_name,
			    ch->id_name, ch->depth,
			    ch->imm_off ? ", immediate data" : "",
			    srpt_ch_shares_rq(ch) ? ", shared receive queue" : "");
}

static void srpt_log_refusal(const struct srpt_port *sport,
			     const struct srpt_who *who, enum srp_fault fault)
{
	const char *hca = dev_name(&sport->sdev->ib_dev->dev);

	if (who->doing)
		pr_warn_ratelimited("%s: login of 0x%16phN refused on %s port %u: %s: cannot %s: %pe\n",
				    who->addr, who->i_port_id, hca, sport->num,
				    srp_fault_name(fault), who->doing,
				    ERR_PTR(who->error));
	else
		pr_warn_ratelimited("%s: login of 0x%16phN refused on %s port %u: %s\n",
				    who->addr, who->i_port_id, hca, sport->num,
				    srp_fault_name(fault));
}

/* Counts a refusal, keeps it for the view, and tells the log and the peer. */
static void srpt_refuse_login(struct srpt_port *sport,
			      const struct srpt_who *who, u64 tag,
			      enum srp_fault fault, struct ib_cm_id *ib_cm_id,
			      struct rdma_cm_id *rdma_cm_id)
{
	struct srp_login_rej rej;

	srpt_count_reject(sport, fault);
	srpt_note_refusal(sport, who, fault);
	trace_srpt_refused(who->addr, who->i_port_id, sport->num, fault);
	srpt_log_refusal(sport, who, fault);
	srp_build_login_rej(&rej, tag, srp_login_reason(fault));
	srpt_cm_reject(ib_cm_id, rdma_cm_id, &rej, sizeof(rej));
}

/*
 * Waits until what older channels of the nexus had under way is over: an old
 * write must not land on a new one. -ETIMEDOUT: a backend takes its time.
 */
static int srpt_await_older(struct srpt_rdma_ch *ch)
{
	unsigned long until = jiffies + SRPT_SINGLE_TIMEOUT;

	while (!wait_var_event_timeout(&ch->nexus->n_channels,
				       srpt_is_oldest(ch), HZ / 10)) {
		if (READ_ONCE(ch->state) != SRPT_CH_CONNECTING)
			return -ENODEV;
		if (time_after(jiffies, until))
			return -ETIMEDOUT;
	}
	return 0;
}

/* What a login that ended with @err while @doing something is refused for. */
static enum srp_fault srpt_note_error(struct srpt_who *who, const char *doing,
				      int err)
{
	enum srp_fault fault = srpt_build_fault(err);

	if (fault == SRP_FAULT_RESOURCES) {
		who->doing = doing;
		who->error = err;
	}
	return fault;
}

/*
 * Replies to a login whose channel has been built, or refuses it with @err. A
 * channel that was refused goes, with the connection.
 */
static void srpt_end_login(struct srpt_rdma_ch *ch, int err)
{
	struct srpt_who who = {
		.addr = ch->peer,
		.i_port_id = ch->nexus->i_port_id,
		.ids = ch->ids,
		.n_ids = ch->n_ids,
		.rdma_cm = ch->by_rdma_cm,
	};
	enum srp_fault fault;

	srpt_cm_lock(ch);
	if (!err)
		err = srpt_send_login_rsp(ch);
	fault = srpt_note_error(&who, ch->doing, err);
	if (err)
		srpt_refuse_login(ch->sport, &who, ch->tag, fault, ch->cm_id,
				  ch->rdma_cm_id);
	else
		srpt_count_login(ch);
	srpt_cm_unlock(ch);
	if (err)
		srpt_close_ch(ch);
	complete_all(&ch->login_done);
}

/* The rest of a login that has to wait, where it holds up no other. */
static void srpt_reply_work(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(work, struct srpt_rdma_ch,
					       reply_work);

	srpt_end_login(ch, srpt_await_older(ch));
}

/* Everything between the place in the nexus and the reply. */
static int srpt_build_ch(struct srpt_rdma_ch *ch)
{
	int ret = srpt_alloc_queues(ch);

	if (ret)
		return ret;
	srpt_trace_step(ch, SRPT_LOGIN_QUEUES);
	ret = srpt_open_session(ch);
	if (ret)
		return ret;
	ch->doing = "connect the queue pair";
	ret = srpt_ch_qp_rtr(ch, ch->qp);
	if (ret)
		return ret;
	ret = srpt_ch_qp_rts(ch, ch->qp);
	if (ret)
		return ret;
	srpt_trace_step(ch, SRPT_LOGIN_SESSION);
	ch->login_flags = srpt_multi_channel_action(ch);
	if (ch->imm_off)
		ch->login_flags |= SRP_LOGIN_RSP_IMMED_SUPP;
	return 0;
}

static void srpt_login_work(struct work_struct *work)
{
	struct srpt_rdma_ch *ch = container_of(work, struct srpt_rdma_ch,
					       login_work);
	int ret = srpt_build_ch(ch);

	if (ret || ch->multi || srpt_is_oldest(ch)) {
		srpt_end_login(ch, ret);
		return;
	}
	srpt_trace_step(ch, SRPT_LOGIN_WAIT);
	queue_work(srpt_wait_wq, &ch->reply_work);
}

static struct srpt_rdma_ch *srpt_start_ch(const struct srpt_login *lg,
					  const struct srpt_conn_req *req,
					  struct ib_cm_id *ib_cm_id,
					  struct rdma_cm_id *rdma_cm_id)
{
	struct srpt_rdma_ch *ch = srpt_alloc_ch(lg->sport, lg->access.tpg);

	if (!ch)
		return NULL;
	ch->tag = lg->li.tag;
	ch->it_iu_len = lg->li.req_it_iu_len;
	ch->id_name = lg->access.id_name;
	INIT_WORK(&ch->login_work, srpt_login_work);
	INIT_WORK(&ch->reply_work, srpt_reply_work);
	srpt_rsp_init(ch);
	srpt_end_init(ch);
	ch->pkey_index = lg->pkey_index;
	strscpy(ch->peer, lg->src_addr, sizeof(ch->peer));
	strscpy(ch->acl_name, lg->access.acl_name, sizeof(ch->acl_name));
	memcpy(ch->ids, req->ids, sizeof(ch->ids));
	ch->n_ids = req->n_ids;
	ch->by_rdma_cm = rdma_cm_id;
	srpt_set_limits(ch, lg, req);
	srpt_cm_attach(ch, ib_cm_id, rdma_cm_id);
	return ch;
}

/*
 * Gives the login a channel, and the channel the connection. If that fails the
 * release work ends the channel, without the connection, and @who is told why.
 */
static enum srp_fault srpt_admit(const struct srpt_login *lg,
				 const struct srpt_conn_req *req,
				 struct srpt_who *who,
				 struct ib_cm_id *ib_cm_id,
				 struct rdma_cm_id *rdma_cm_id)
{
	struct srpt_rdma_ch *ch = srpt_start_ch(lg, req, ib_cm_id,
						rdma_cm_id);
	int ret;

	if (!ch) {
		srpt_tpg_put(lg->access.tpg);
		return srpt_note_error(who, "allocate a channel", -ENOMEM);
	}
	ret = srpt_ch_enlist(ch, lg);
	if (ret) {
		srpt_cm_detach(ch);
		srpt_close_ch(ch);
		complete_all(&ch->login_done);
		return srpt_note_error(who, "allocate a nexus", ret);
	}
	srpt_cm_defer(ch);
	queue_work(srpt_login_wq, &ch->login_work);
	return SRP_FAULT_NONE;
}

/**
 * srpt_cm_req_recv - deal with a connection request
 * @sdev: HCA that it came in through; the caller holds a reference
 * @ib_cm_id: connection, IB/CM, or NULL
 * @rdma_cm_id: connection, RDMA/CM, or NULL
 * @port_num: port that it came in through
 * @pkey: partition of the request, IB/CM
 * @req: private data, and what the CM knows of the peer
 * @src_addr: GID or IP address of the peer, as text
 *
 * On success the connection belongs to the new channel, which answers it later.
 * Otherwise the request has been rejected, with SRP_LOGIN_REJ, and the caller
 * keeps the connection.
 *
 * Context: connection manager; may sleep, not for hardware.
 * Return: 0 or -ECONNREFUSED.
 */
int srpt_cm_req_recv(struct srpt_device *const sdev, struct ib_cm_id *ib_cm_id,
		     struct rdma_cm_id *rdma_cm_id, u8 port_num, __be16 pkey,
		     const struct srpt_conn_req *req, const char *src_addr)
{
	struct srpt_login lg = {
		.sport = &sdev->ports[port_num - 1],
		.src_addr = src_addr,
	};
	struct srpt_who who = {
		.addr = src_addr,
		.i_port_id = lg.li.i_port_id,
		.ids = req->ids,
		.n_ids = req->n_ids,
		.rdma_cm = rdma_cm_id,
	};
	enum srp_fault fault;

	fault = srpt_check_login(&lg, pkey, req);
	if (!fault) {
		trace_srpt_login(src_addr, lg.li.i_port_id, 0,
				 SRPT_LOGIN_REQUEST);
		fault = srpt_authorise(&lg, req);
	}
	if (!fault) {
		trace_srpt_login(src_addr, lg.li.i_port_id, 0,
				 SRPT_LOGIN_ACCESS);
		fault = srpt_admit(&lg, req, &who, ib_cm_id, rdma_cm_id);
	}
	if (!fault)
		return 0;

	srpt_refuse_login(lg.sport, &who, lg.li.tag, fault, ib_cm_id,
			  rdma_cm_id);
	return -ECONNREFUSED;
}
