// SPDX-License-Identifier: GPL-2.0
/*
 * What happens on a channel: events of the CM, completions, sending and
 * receiving of information units, credits.
 *
 * Received units wait in a list until somebody takes them. Credits are
 * counted on arrival, whoever takes the unit later; requests that the target
 * itself makes (credit, asynchronous event) are answered on arrival too,
 * unless the case wants to be rude.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define TX_FLAG (1ull << 32)

static void login_accepted(struct wire_conn *c, const void *data, size_t len)
{
	struct wire_login_rsp rsp = { 0 };

	memcpy(&rsp, data, len < sizeof(rsp) ? len : sizeof(rsp));
	c->credits = be32toh(rsp.req_lim_delta);
	c->limit = c->credits;
	c->max_it = be32toh(rsp.max_it_iu_len);
	c->max_ti = be32toh(rsp.max_ti_iu_len);
	c->result = rsp.flags;
	if (c->answer) {
		c->answer->outcome = LOGIN_OK;
		c->answer->rsp = rsp;
	}
}

static void login_refused(struct wire_conn *c, const void *data, size_t len,
			  int status)
{
	struct wire_answer *a = c->answer;

	if (!a)
		return;
	a->cm_status = status;
	a->outcome = LOGIN_CM_REJECTED;
	if (len < sizeof(a->rej))
		return;
	memcpy(&a->rej, data, sizeof(a->rej));
	if (a->rej.opcode != OP_LOGIN_REJ)
		return;
	a->outcome = LOGIN_REJECTED;
	a->reason = be32toh(a->rej.reason);
}

static void cm_event(struct wire_conn *c, const struct rdma_cm_event *ev)
{
	const struct rdma_conn_param *p = &ev->param.conn;

	if (env.verbose)
		note("CM: %s, status %d", rdma_event_str(ev->event),
		     ev->status);
	switch (ev->event) {
	case RDMA_CM_EVENT_ADDR_RESOLVED:
	case RDMA_CM_EVENT_ROUTE_RESOLVED:
		c->resolved = true;
		break;
	case RDMA_CM_EVENT_ESTABLISHED:
		c->established = true;
		/* fall through */
	case RDMA_CM_EVENT_CONNECT_RESPONSE:
		login_accepted(c, p->private_data, p->private_data_len);
		c->answered = true;
		break;
	case RDMA_CM_EVENT_REJECTED:
		login_refused(c, p->private_data, p->private_data_len,
			      ev->status);
		c->answered = true;
		c->disconnected = true;
		break;
	case RDMA_CM_EVENT_DISCONNECTED:
		c->disconnected = true;
		break;
	case RDMA_CM_EVENT_TIMEWAIT_EXIT:
		c->timewait = true;
		break;
	default:
		note("CM: %s, status %d", rdma_event_str(ev->event),
		     ev->status);
		c->answered = true;
		if (c->answer)
			c->answer->cm_status = ev->status;
		c->disconnected = true;
	}
}

static bool pump_cm(struct wire_conn *c)
{
	struct rdma_cm_event *ev;
	bool any = false;

	while (!rdma_get_cm_event(c->ec, &ev)) {
		cm_event(c, ev);
		rdma_ack_cm_event(ev);
		any = true;
	}
	return any;
}

static bool post_recv(struct wire_conn *c, unsigned int slot)
{
	struct ibv_sge sge = {
		.addr = (uintptr_t)c->rx + (size_t)slot * WIRE_RX_MAX,
		.length = WIRE_RX_MAX,
		.lkey = c->rx_mr->lkey,
	};
	struct ibv_recv_wr wr = { .wr_id = slot, .sg_list = &sge,
				  .num_sge = 1 }, *bad;

	return !ibv_post_recv(c->id->qp, &wr, &bad);
}

bool conn_post_recvs(struct wire_conn *c)
{
	for (unsigned int i = 0; i < c->slots; i++)
		if (!post_recv(c, i)) {
			note("ibv_post_recv: %s", strerror(errno));
			return false;
		}
	return true;
}

/* A request of the target: 16 bytes with its tag are the whole answer. */
static void answer_target(struct wire_conn *c, const struct wire_iu *iu)
{
	struct wire_head h = { .tag = iu->head.tag };

	if (iu->head.opcode == OP_CRED_REQ) {
		c->cred_reqs++;
		h.opcode = OP_CRED_RSP;
	} else {
		c->aer_reqs++;
		h.opcode = OP_AER_RSP;
	}
	if (!c->keep_silent)
		conn_send(c, &h, sizeof(h));
}

/* Takes note of what a unit means for the channel; false: it is used up. */
static bool account(struct wire_conn *c, const struct wire_iu *iu)
{
	int32_t delta;

	if (iu->len < sizeof(iu->head))
		return true;
	delta = (int32_t)be32toh(iu->head.req_lim_delta);
	switch (iu->head.opcode) {
	case OP_RSP:
		c->credits += delta;
		return true;
	case OP_CRED_REQ:
	case OP_AER_REQ:
		/* spent ones coming back: the target's limit is a fixed one */
		c->credits += delta;
		answer_target(c, iu);
		return false;
	case OP_T_LOGOUT:
		c->t_logout = true;
		return false;
	default:
		return true;
	}
}

static void received(struct wire_conn *c, const struct ibv_wc *wc)
{
	struct wire_iu *iu = calloc(1, sizeof(*iu));

	if (!iu)
		abort();
	iu->len = wc->byte_len;
	memcpy(iu->bytes, c->rx + wc->wr_id * WIRE_RX_MAX, iu->len);
	post_recv(c, wc->wr_id);
	if (env.verbose)
		dump("<-", iu->bytes, iu->len);
	if (!account(c, iu)) {
		free(iu);
		return;
	}
	if (c->last)
		c->last->next = iu;
	else
		c->first = iu;
	c->last = iu;
}

static void completed(struct wire_conn *c, const struct ibv_wc *wc)
{
	bool tx = wc->wr_id & TX_FLAG;

	if (env.verbose && (tx || wc->status))
		note("%s: %s", tx ? "sent" : "receive",
		     ibv_wc_status_str(wc->status));

	if (tx && (wc->wr_id & ~TX_FLAG) < c->slots) {
		c->tx_busy[wc->wr_id & ~TX_FLAG] = false;
		c->tx_free++;
	}
	if (wc->status != IBV_WC_SUCCESS) {
		if (!c->broken)
			c->wc_status = wc->status;
		c->broken = true;
		return;
	}
	if (!tx)
		received(c, wc);
}

static bool pump_cq(struct wire_conn *c)
{
	struct ibv_wc wc[16];
	bool any = false;
	int n;

	while ((n = ibv_poll_cq(c->cq, ARRAY_SIZE(wc), wc)) > 0) {
		for (int i = 0; i < n; i++)
			completed(c, &wc[i]);
		any = true;
	}
	return any;
}

static void rearm(struct wire_conn *c)
{
	struct ibv_cq *cq;
	void *context;

	while (!ibv_get_cq_event(c->cc, &cq, &context))
		ibv_ack_cq_events(cq, 1);
	ibv_req_notify_cq(c->cq, 0);
}

/**
 * wire_pump - let the channel make progress
 * @ms: how long to wait for something to happen; 0: do not wait
 *
 * Return: whether anything happened.
 */
bool wire_pump(struct wire_conn *c, int ms)
{
	struct pollfd fds[2] = { { .fd = c->ec->fd, .events = POLLIN } };
	bool any = pump_cm(c);

	if (c->cq) {
		any |= pump_cq(c);
		if (any)
			return true;
		rearm(c);
		if (pump_cq(c))
			return true;
		fds[1] = (struct pollfd){ .fd = c->cc->fd, .events = POLLIN };
	}
	if (any || ms <= 0)
		return any;
	poll(fds, c->cq ? 2 : 1, ms);
	any = pump_cm(c);
	if (c->cq)
		any |= pump_cq(c);
	return any;
}

bool conn_closed(const struct wire_conn *c)
{
	return c->disconnected;
}

/**
 * conn_wait_closed - wait until the target has ended the channel
 *
 * What counts is the CM's word: a queue pair that broke without a
 * disconnect leaves the peer with a channel that nobody serves.
 */
bool conn_wait_closed(struct wire_conn *c, int ms)
{
	int64_t end = now_ms() + ms;

	while (!c->disconnected && now_ms() < end)
		wire_pump(c, end - now_ms());
	return c->disconnected;
}

static int free_slot(struct wire_conn *c)
{
	int64_t end = now_ms() + ANSWER_MS;

	while (!c->tx_free && now_ms() < end && !c->broken)
		wire_pump(c, end - now_ms());
	for (unsigned int i = 0; i < c->slots; i++)
		if (!c->tx_busy[i])
			return i;
	return -1;
}

static bool is_request(const void *bytes, size_t len)
{
	uint8_t op = len ? *(const uint8_t *)bytes : 0;

	return op != OP_CRED_RSP && op != OP_AER_RSP;
}

/**
 * conn_send_many - hand several units to the device with one call
 *
 * One list of work requests: the closest that a program comes to sending
 * them all before the first answer.
 *
 * Return: whether the device took them. Credits may become negative.
 */
bool conn_send_many(struct wire_conn *c, const void *const *bytes,
		    const size_t *len, unsigned int n)
{
	struct ibv_send_wr wr[WIRE_SLOTS] = { 0 }, *bad;
	struct ibv_sge sge[WIRE_SLOTS];
	int slot;

	for (unsigned int i = 0; i < n; i++) {
		slot = free_slot(c);
		if (slot < 0 || len[i] > WIRE_IU_MAX)
			return false;
		c->tx_busy[slot] = true;
		c->tx_free--;
		memcpy(c->tx + (size_t)slot * WIRE_IU_MAX, bytes[i], len[i]);
		sge[i] = (struct ibv_sge){
			.addr = (uintptr_t)c->tx + (size_t)slot * WIRE_IU_MAX,
			.length = len[i],
			.lkey = c->tx_mr->lkey,
		};
		wr[i].wr_id = TX_FLAG | slot;
		wr[i].sg_list = &sge[i];
		wr[i].num_sge = len[i] ? 1 : 0;
		wr[i].opcode = IBV_WR_SEND;
		wr[i].send_flags = IBV_SEND_SIGNALED;
		wr[i].next = i + 1 < n ? &wr[i + 1] : NULL;
		if (is_request(bytes[i], len[i]))
			c->credits--;
		if (env.verbose)
			dump("->", bytes[i], len[i]);
	}
	return !ibv_post_send(c->id->qp, wr, &bad);
}

bool conn_send(struct wire_conn *c, const void *bytes, size_t len)
{
	const void *one[] = { bytes };

	return conn_send_many(c, one, &len, 1);
}

/**
 * conn_flood - send the same unit many times at once, whatever is allowed
 * @n: how often; at most what c->flood was when the queue pair was made
 *
 * Return: whether the device took them.
 */
bool conn_flood(struct wire_conn *c, const void *bytes, size_t len,
		unsigned int n)
{
	struct ibv_send_wr *wr = calloc(n, sizeof(*wr)), *bad;
	struct ibv_sge sge = {
		.addr = (uintptr_t)c->tx,
		.length = len,
		.lkey = c->tx_mr->lkey,
	};
	bool ok;

	if (!wr)
		abort();
	memcpy(c->tx, bytes, len);
	for (unsigned int i = 0; i < n; i++) {
		wr[i].wr_id = TX_FLAG | c->slots;
		wr[i].sg_list = &sge;
		wr[i].num_sge = 1;
		wr[i].opcode = IBV_WR_SEND;
		wr[i].next = i + 1 < n ? &wr[i + 1] : NULL;
	}
	ok = !ibv_post_send(c->id->qp, wr, &bad);
	free(wr);
	return ok;
}

static struct wire_iu *unlink_after(struct wire_conn *c, struct wire_iu *prev)
{
	struct wire_iu *iu = prev ? prev->next : c->first;

	if (!iu)
		return NULL;
	if (prev)
		prev->next = iu->next;
	else
		c->first = iu->next;
	if (c->last == iu)
		c->last = prev;
	iu->next = NULL;
	return iu;
}

struct wire_iu *conn_take_any(struct wire_conn *c)
{
	return unlink_after(c, NULL);
}

struct wire_iu *conn_take(struct wire_conn *c, uint8_t opcode, uint64_t tag)
{
	struct wire_iu *prev = NULL;

	for (struct wire_iu *iu = c->first; iu; prev = iu, iu = iu->next)
		if (iu->len >= sizeof(iu->head) && iu->head.opcode == opcode &&
		    iu->head.tag == tag)
			return unlink_after(c, prev);
	return NULL;
}
