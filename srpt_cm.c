// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The two connection managers, made to look like one.
 *
 * IB/CM: a listener per HCA, on the service identifier. RDMA/CM: one listener
 * for all HCAs, IPv4 and IPv6, on a port number that can be changed at any
 * time. Either ends in srpt_cm_req_recv(), and for a channel only three
 * things can happen afterwards: it is established, the peer leaves, or
 * something has gone wrong.
 *
 * Handlers never wait for a channel. They are given a channel that exists:
 * the release work destroys the CM id, which waits for handlers, before the
 * channel goes.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/inet.h>
#include <net/ipv6.h>
#include <rdma/ib_cache.h>

#include "srpt_life.h"

#define SRPT_BACKLOG	128

/* The RDMA/CM listeners and their port number; 0: there are none. */
static DEFINE_MUTEX(srpt_listen_mutex);
static struct rdma_cm_id *srpt_listeners[2];
static u16 srpt_listen_port;

/**
 * srpt_cm_attach - give a connection to a channel
 * @ch: channel in login
 * @ib_cm_id: connection, IB/CM, or NULL
 * @rdma_cm_id: connection, RDMA/CM, or NULL
 */
void srpt_cm_attach(struct srpt_rdma_ch *ch, struct ib_cm_id *ib_cm_id,
		    struct rdma_cm_id *rdma_cm_id)
{
	ch->cm_id = ib_cm_id;
	ch->rdma_cm_id = rdma_cm_id;
	if (ib_cm_id)
		ib_cm_id->context = ch;
	if (rdma_cm_id)
		rdma_cm_id->context = ch;
}

/**
 * srpt_cm_detach - take the connection away from a channel whose login failed
 * @ch: channel
 *
 * The CM destroys it when the handler returns; no event comes any more.
 */
void srpt_cm_detach(struct srpt_rdma_ch *ch)
{
	ch->cm_id = NULL;
	ch->rdma_cm_id = NULL;
}

/**
 * srpt_cm_defer - a connection request will be answered later
 * @ch: channel that it has been given to
 *
 * The peer is told so (MRA, IBA 12.6.6) if it asks again. RDMA/CM does that
 * by itself.
 *
 * Context: CM handler.
 */
void srpt_cm_defer(struct srpt_rdma_ch *ch)
{
	/* if the peer has given up already, an event will say so */
	if (ch->cm_id)
		ib_prepare_cm_mra(ch->cm_id);
}

static int srpt_ib_reply(struct srpt_rdma_ch *ch, const void *data, u8 len)
{
	struct ib_cm_rep_param rep = {
		.qp_num = ch->qp->qp_num,
		.starting_psn = ch->start_psn,
		.private_data = data,
		.private_data_len = len,
		.responder_resources = ch->resources,
		.initiator_depth = ch->read_depth,
		.flow_control = 1,
		.rnr_retry_count = 7,
		.srq = srpt_ch_shares_rq(ch),
	};

	return ib_send_cm_rep(ch->cm_id, &rep);
}

static int srpt_rdma_reply(struct srpt_rdma_ch *ch, const void *data, u8 len)
{
	struct rdma_conn_param param = {
		.private_data = data,
		.private_data_len = len,
		.responder_resources = ch->resources,
		.initiator_depth = ch->read_depth,
		.flow_control = 1,
		.rnr_retry_count = 7,
		.srq = srpt_ch_shares_rq(ch),
		.qp_num = ch->qp->qp_num,
	};

	return rdma_accept(ch->rdma_cm_id, &param);
}

/**
 * srpt_cm_reply - accept a connection
 * @ch: channel, its queue pair ready to send
 * @data: SRP_LOGIN_RSP
 * @len: its length in bytes
 *
 * Context: may sleep; between srpt_cm_lock() and srpt_cm_unlock().
 * Return: 0 or -errno.
 */
int srpt_cm_reply(struct srpt_rdma_ch *ch, const void *data, u8 len)
{
	int ret;

	set_bit(SRPT_CHF_ACCEPTED, &ch->flags);
	ret = ch->rdma_cm_id ? srpt_rdma_reply(ch, data, len) :
			       srpt_ib_reply(ch, data, len);
	if (ret)
		clear_bit(SRPT_CHF_ACCEPTED, &ch->flags);
	return ret;
}

/**
 * srpt_cm_reject - refuse a connection
 * @ib_cm_id: connection, IB/CM, or NULL
 * @rdma_cm_id: connection, RDMA/CM, or NULL
 * @rej: SRP_LOGIN_REJ
 * @len: its length in bytes
 *
 * Context: CM handler, or as srpt_cm_reply().
 */
void srpt_cm_reject(struct ib_cm_id *ib_cm_id, struct rdma_cm_id *rdma_cm_id,
		    const struct srp_login_rej *rej, u8 len)
{
	if (rdma_cm_id)
		rdma_reject(rdma_cm_id, rej, len, IB_CM_REJ_CONSUMER_DEFINED);
	else
		ib_send_cm_rej(ib_cm_id, IB_CM_REJ_CONSUMER_DEFINED, NULL, 0,
			       rej, len);
}

/**
 * srpt_cm_disconnect - tell the peer that the connection ends
 * @ch: channel that drains
 *
 * Nothing is sent if the connection was never accepted, or if the peer was
 * first. Does not wait for an answer.
 *
 * Context: may sleep.
 */
void srpt_cm_disconnect(struct srpt_rdma_ch *ch)
{
	if (!test_bit(SRPT_CHF_ACCEPTED, &ch->flags))
		return;
	if (ch->rdma_cm_id) {
		rdma_disconnect(ch->rdma_cm_id);
	} else if (ch->cm_id && !test_bit(SRPT_CHF_PEER_LEFT, &ch->flags)) {
		if (ib_send_cm_dreq(ch->cm_id, NULL, 0))
			ib_send_cm_drep(ch->cm_id, NULL, 0);
	}
}

/**
 * srpt_cm_destroy - destroy the connection of a channel
 * @ch: channel
 *
 * When it returns no handler runs for the channel, and none will.
 *
 * Context: may sleep; not from a CM handler.
 */
void srpt_cm_destroy(struct srpt_rdma_ch *ch)
{
	if (ch->rdma_cm_id)
		rdma_destroy_id(ch->rdma_cm_id);
	if (ch->cm_id)
		ib_destroy_cm_id(ch->cm_id);
	srpt_cm_detach(ch);
}

/**
 * srpt_cm_lock - answer a connection request from outside its handler
 * @ch: channel
 *
 * RDMA/CM wants to be told; no handler runs until srpt_cm_unlock().
 *
 * Context: may sleep.
 */
void srpt_cm_lock(struct srpt_rdma_ch *ch)
{
	if (ch->rdma_cm_id)
		rdma_lock_handler(ch->rdma_cm_id);
}

/**
 * srpt_cm_unlock - the connection request has been answered
 * @ch: channel
 */
void srpt_cm_unlock(struct srpt_rdma_ch *ch)
{
	if (ch->rdma_cm_id)
		rdma_unlock_handler(ch->rdma_cm_id);
}

/**
 * srpt_cm_rtu_recv - the connection of a channel is established
 * @ch: channel
 *
 * Requests that came before have been waiting; the completion of a
 * zero-length write gets them going in the right context. Only if there are
 * some: over iWARP the side that accepts must not be the first to send
 * (RFC 5044 7.1.4).
 *
 * Context: CM handler.
 */
static void srpt_cm_rtu_recv(struct srpt_rdma_ch *ch)
{
	int ret;

	if (!srpt_set_ch_state(ch, SRPT_CH_LIVE))
		return;
	mod_delayed_work(srpt_wq, &ch->timer, SRPT_PROBE_INTERVAL);
	/* the state, then this; pairs with srpt_let_wait() */
	if (!READ_ONCE(ch->waiting) || !srpt_ch_enter(ch))
		return;
	ret = srpt_zerolength_write(ch);
	/* if one is on its way already, that one will do */
	if (ret && ret != -EBUSY)
		srpt_close_ch(ch);
	srpt_ch_exit(ch);
}

/* The peer is gone, or will be: nothing has to be said to it. */
static void srpt_cm_peer_left(struct srpt_rdma_ch *ch, const char *why)
{
	set_bit(SRPT_CHF_PEER_LEFT, &ch->flags);
	if (srpt_close_ch(ch))
		pr_info_ratelimited("%s: connection ends: %s\n", ch->peer,
				    why);
}

/* The peer's port: its GUID, the lower half of its GID, and all of that. */
static void srpt_add_gid(struct srpt_conn_req *req, const union ib_gid *gid)
{
	struct srpt_identity *id = &req->ids[req->n_ids];

	id[0].kind = SRPT_ID_GUID;
	memcpy(id[0].val, &gid->global.interface_id, 8);
	id[1].kind = SRPT_ID_GID;
	memcpy(id[1].val, gid->raw, 16);
	req->n_ids += 2;
}

static int srpt_ib_cm_request(struct ib_cm_id *cm_id,
			      const struct ib_cm_event *event)
{
	const struct ib_cm_req_event_param *param = &event->param.req_rcvd;
	struct srpt_device *sdev = cm_id->context;
	struct srp_login_req data;
	struct srpt_conn_req req = {
		.form = SRP_LOGIN_FORM_IB,
		.data = &data,
		.len = sizeof(data),
		.read_depth = param->initiator_depth,
		.resources = param->responder_resources,
	};
	char src_addr[40];

	memcpy(&data, event->private_data, sizeof(data));
	srpt_add_gid(&req, &param->primary_path->dgid);
	snprintf(src_addr, sizeof(src_addr), "%pI6c",
		 param->primary_path->dgid.raw);
	return srpt_cm_req_recv(sdev, cm_id, NULL, param->port,
				param->primary_path->pkey, &req, src_addr);
}

/**
 * srpt_cm_handler - IB/CM callback
 * @cm_id: connection, or a new one with IB_CM_REQ_RECEIVED
 * @event: what happened
 *
 * Context: connection manager; may sleep.
 * Return: nonzero makes the CM destroy @cm_id; only for a request that was
 * refused, because otherwise the channel destroys it. Whatever brings a new
 * @cm_id along must be one of these: nobody else would ever destroy it.
 */
static int srpt_cm_handler(struct ib_cm_id *cm_id,
			   const struct ib_cm_event *event)
{
	struct srpt_rdma_ch *ch = cm_id->context;

	switch (event->event) {
	case IB_CM_REQ_RECEIVED:
		return srpt_ib_cm_request(cm_id, event);
	case IB_CM_SIDR_REQ_RECEIVED:
		/* nothing here for datagrams; the CM says so, and forgets it */
		return -EOPNOTSUPP;
	case IB_CM_RTU_RECEIVED:
	case IB_CM_USER_ESTABLISHED:
		srpt_cm_rtu_recv(ch);
		break;
	case IB_CM_DREQ_RECEIVED:
		ib_send_cm_drep(cm_id, NULL, 0);
		srpt_cm_peer_left(ch, "initiator disconnects");
		break;
	case IB_CM_REJ_RECEIVED:
		srpt_cm_peer_left(ch, "rejected by the initiator");
		break;
	case IB_CM_REP_ERROR:
		srpt_cm_peer_left(ch, "no answer to the login response");
		break;
	case IB_CM_DREQ_ERROR:
	case IB_CM_DREP_RECEIVED:
	case IB_CM_TIMEWAIT_EXIT:
		srpt_cm_peer_left(ch, "disconnected");
		break;
	default:
		pr_debug("%s: CM event %d\n", ch->peer, event->event);
	}
	return 0;
}

/* The address of the peer: on the passive side it is the destination. */
static void srpt_add_address(struct srpt_conn_req *req,
			     const struct sockaddr *addr)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)addr;
	const struct sockaddr_in *sin = (const struct sockaddr_in *)addr;
	struct srpt_identity *id = &req->ids[req->n_ids];

	if (addr->sa_family == AF_INET) {
		id->kind = SRPT_ID_IPV4;
		memcpy(id->val, &sin->sin_addr, 4);
	} else if (addr->sa_family != AF_INET6) {
		return;
	} else if (ipv6_addr_v4mapped(&sin6->sin6_addr)) {
		id->kind = SRPT_ID_IPV4;
		memcpy(id->val, &sin6->sin6_addr.s6_addr32[3], 4);
	} else {
		id->kind = SRPT_ID_IPV6;
		memcpy(id->val, &sin6->sin6_addr, 16);
	}
	req->n_ids++;
}

static int srpt_rdma_cm_request(struct rdma_cm_id *cm_id,
				const struct rdma_cm_event *event)
{
	const struct rdma_conn_param *param = &event->param.conn;
	const struct sockaddr *peer =
		(const struct sockaddr *)&cm_id->route.addr.dst_addr;
	struct srp_login_req_rdma data = {};
	struct srpt_conn_req req = {
		.form = SRP_LOGIN_FORM_RDMA,
		.data = &data,
		.len = min_t(u32, param->private_data_len, sizeof(data)),
		.read_depth = param->initiator_depth,
		.resources = param->responder_resources,
	};
	struct srpt_device *sdev;
	char src_addr[64];
	union ib_gid gid;
	int ret;

	sdev = srpt_device_find(cm_id->device);
	if (!sdev)
		return -ECONNREFUSED;
	if (req.len)
		memcpy(&data, param->private_data, req.len);
	srpt_add_address(&req, peer);
	if (!rdma_protocol_iwarp(cm_id->device, cm_id->port_num)) {
		rdma_addr_get_dgid(&cm_id->route.addr.dev_addr, &gid);
		srpt_add_gid(&req, &gid);
	}
	snprintf(src_addr, sizeof(src_addr), "%pISc", peer);
	ret = srpt_cm_req_recv(sdev, NULL, cm_id, cm_id->port_num, 0, &req,
			       src_addr);
	srpt_device_put(sdev);
	return ret;
}

/* RDMA/CM callback; the same three outcomes as srpt_cm_handler(). */
static int srpt_rdma_cm_handler(struct rdma_cm_id *cm_id,
				struct rdma_cm_event *event)
{
	struct srpt_rdma_ch *ch = cm_id->context;

	switch (event->event) {
	case RDMA_CM_EVENT_CONNECT_REQUEST:
		return srpt_rdma_cm_request(cm_id, event);
	case RDMA_CM_EVENT_ESTABLISHED:
		srpt_cm_rtu_recv(ch);
		break;
	case RDMA_CM_EVENT_ADDR_CHANGE:
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		/* the address says nothing; removal comes by srpt_remove_one */
		break;
	default:
		/* a listener has no channel; it is told of removal only */
		if (ch)
			srpt_cm_peer_left(ch, rdma_event_msg(event->event));
	}
	return 0;
}

/**
 * srpt_cm_listen - take IB/CM logins on an HCA
 * @sdev: HCA with an InfiniBand port and without a listener
 *
 * Context: may sleep; sdev->mutex is held.
 * Return: 0 or -errno.
 */
int srpt_cm_listen(struct srpt_device *sdev)
{
	struct ib_cm_id *cm_id;
	int ret;

	cm_id = ib_create_cm_id(sdev->ib_dev, srpt_cm_handler, sdev);
	if (IS_ERR(cm_id))
		return PTR_ERR(cm_id);
	ret = ib_cm_listen(cm_id, cpu_to_be64(srpt_service_guid_get()));
	if (ret) {
		ib_destroy_cm_id(cm_id);
		return ret;
	}
	sdev->cm_id = cm_id;
	return 0;
}

/**
 * srpt_cm_unlisten - take no more IB/CM logins
 * @sdev: HCA; may have no listener, and no refresh makes one any more
 *
 * When it returns no request is being dealt with.
 *
 * Context: may sleep.
 */
void srpt_cm_unlisten(struct srpt_device *sdev)
{
	if (sdev->cm_id)
		ib_destroy_cm_id(sdev->cm_id);
	sdev->cm_id = NULL;
}

static struct rdma_cm_id *srpt_rdma_listen(struct sockaddr *addr)
{
	struct rdma_cm_id *id;
	int ret;

	id = rdma_create_id(&init_net, srpt_rdma_cm_handler, NULL, RDMA_PS_TCP,
			    IB_QPT_RC);
	if (IS_ERR(id))
		return id;
	/* one listener a family, so that both can have the port */
	ret = rdma_set_afonly(id, 1);
	if (!ret)
		ret = rdma_bind_addr(id, addr);
	if (!ret)
		ret = rdma_listen(id, SRPT_BACKLOG);
	if (ret) {
		rdma_destroy_id(id);
		return ERR_PTR(ret);
	}
	return id;
}

static void srpt_destroy_listeners(struct rdma_cm_id **ids)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (!IS_ERR_OR_NULL(ids[i]))
			rdma_destroy_id(ids[i]);
		ids[i] = NULL;
	}
}

/* IPv4 must work; a kernel without IPv6 is fine. */
static int srpt_create_listeners(u16 port, struct rdma_cm_id **ids)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_ANY),
		.sin_port = htons(port),
	};
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_ANY_INIT,
		.sin6_port = htons(port),
	};
	int ret;

	ids[0] = srpt_rdma_listen((struct sockaddr *)&sin);
	if (IS_ERR(ids[0]))
		return PTR_ERR(ids[0]);
	ids[1] = srpt_rdma_listen((struct sockaddr *)&sin6);
	if (!IS_ERR(ids[1]))
		return 0;
	ret = PTR_ERR(ids[1]);
	ids[1] = NULL;
	if (ret == -EAFNOSUPPORT || ret == -EADDRNOTAVAIL)
		return 0;
	srpt_destroy_listeners(ids);
	return ret;
}

/**
 * srpt_cm_set_port - choose the port number for RDMA/CM logins
 * @port: the number; 0: take none
 *
 * The new listeners stand before the old ones go; if they cannot, the old
 * ones stay. Channels are not touched.
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int srpt_cm_set_port(u16 port)
{
	struct rdma_cm_id *ids[2] = {};
	int ret = 0;

	mutex_lock(&srpt_listen_mutex);
	if (port == srpt_listen_port)
		goto unlock;
	if (port)
		ret = srpt_create_listeners(port, ids);
	if (ret) {
		pr_err("cannot listen on RDMA/CM port %u: error %d\n", port,
		       ret);
		goto unlock;
	}
	if (port && srpt_listen_port)
		pr_info("RDMA/CM logins at port %u, no more at %u\n", port,
			srpt_listen_port);
	srpt_destroy_listeners(srpt_listeners);
	memcpy(srpt_listeners, ids, sizeof(ids));
	srpt_listen_port = port;
unlock:
	mutex_unlock(&srpt_listen_mutex);
	return ret;
}

/**
 * srpt_cm_get_port - the port number for RDMA/CM logins
 *
 * Return: the number, or 0.
 */
u16 srpt_cm_get_port(void)
{
	return READ_ONCE(srpt_listen_port);
}
