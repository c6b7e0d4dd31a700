// SPDX-License-Identifier: GPL-2.0
/*
 * Connections: from an address to a channel, and the end of it.
 *
 * A channel owns its CM id, CQ and rings. The protection domain is shared by
 * all channels of a run, so that one memory region serves them all, and one
 * channel may lend its keys to another.
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>
#include <infiniband/ib.h>

#include "wire.h"

#define RESOLVE_MS 5000

const char *outcome_name(enum wire_outcome o)
{
	static const char * const names[] = {
		[LOGIN_OK] = "accepted",
		[LOGIN_REJECTED] = "rejected with SRP_LOGIN_REJ",
		[LOGIN_CM_REJECTED] = "rejected without SRP_LOGIN_REJ",
		[LOGIN_SILENT] = "no answer",
		[LOGIN_ERROR] = "local error",
	};

	return names[o];
}

static void nonblocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

struct wire_conn *conn_new(void)
{
	struct wire_conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->slots = WIRE_SLOTS;
	c->next_tag = 0x5741000000000000ull | (rnd() & 0xffffffff) << 16;
	c->ec = rdma_create_event_channel();
	if (!c->ec)
		goto free_conn;
	nonblocking(c->ec->fd);
	if (rdma_create_id(c->ec, &c->id, c,
			   env.sid ? RDMA_PS_IB : RDMA_PS_TCP))
		goto free_channel;
	return c;

free_channel:
	rdma_destroy_event_channel(c->ec);
free_conn:
	note("cannot make a CM id: %s", strerror(errno));
	free(c);
	return NULL;
}

/* Only the target's address has a service; any does for one's own. */
static bool ib_address(const char *text, uint64_t sid, struct sockaddr_ib *to)
{
	memset(to, 0, sizeof(*to));
	to->sib_family = AF_IB;
	to->sib_pkey = htobe16(env.pkey);
	to->sib_sid = htobe64(sid);
	to->sib_sid_mask = sid ? htobe64(~0ull) : 0;
	return inet_pton(AF_INET6, text, &to->sib_addr) == 1;
}

static bool ip_address(const char *text, const char *port,
		       struct sockaddr_storage *to)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST,
				  .ai_socktype = SOCK_STREAM }, *ai;

	if (getaddrinfo(text, port, &hints, &ai))
		return false;
	memcpy(to, ai->ai_addr, ai->ai_addrlen);
	freeaddrinfo(ai);
	return true;
}

static bool address(const char *text, bool target, struct sockaddr_storage *to)
{
	if (env.sid)
		return ib_address(text, target ? env.sid : 0,
				  (struct sockaddr_ib *)to);
	return ip_address(text, target ? env.port : NULL, to);
}

static bool wait_resolved(struct wire_conn *c)
{
	int64_t end = now_ms() + RESOLVE_MS;

	while (!c->resolved && !c->answered && now_ms() < end)
		wire_pump(c, end - now_ms());
	if (!c->resolved)
		note("address or route does not resolve");
	return c->resolved;
}

/**
 * conn_resolve - find the way to the target
 *
 * Learns the device's node GUID as the service GUID where none was given:
 * right whenever initiator and target share a machine.
 *
 * Return: 0, or -1 with a note on what failed.
 */
int conn_resolve(struct wire_conn *c)
{
	struct sockaddr_storage dst, src;

	if (!address(env.addr, true, &dst) ||
	    (env.src && !address(env.src, false, &src))) {
		note("not an address: %s", env.addr);
		return -1;
	}
	if (rdma_resolve_addr(c->id, env.src ? (struct sockaddr *)&src : NULL,
			      (struct sockaddr *)&dst, RESOLVE_MS)) {
		note("rdma_resolve_addr: %s", strerror(errno));
		return -1;
	}
	if (!wait_resolved(c))
		return -1;
	c->resolved = false;
	if (rdma_resolve_route(c->id, RESOLVE_MS) || !wait_resolved(c)) {
		note("no route: %s", strerror(errno));
		return -1;
	}
	if (!env.guid)
		env.guid = be64toh(ibv_get_device_guid(c->id->verbs->device));
	return 0;
}

static int make_pd(struct wire_conn *c)
{
	if (!env.pd)
		env.pd = ibv_alloc_pd(c->id->verbs);
	return env.pd && env.pd->context == c->id->verbs ? 0 : -1;
}

static int make_cq(struct wire_conn *c)
{
	c->cc = ibv_create_comp_channel(c->id->verbs);
	if (!c->cc)
		return -1;
	nonblocking(c->cc->fd);
	c->cq = ibv_create_cq(c->id->verbs, 2 * c->slots + 2 + c->flood, c,
			      c->cc, 0);
	if (!c->cq)
		return -1;
	return ibv_req_notify_cq(c->cq, 0);
}

static int make_rings(struct wire_conn *c)
{
	size_t rx = (size_t)c->slots * WIRE_RX_MAX;
	size_t tx = (size_t)c->slots * WIRE_IU_MAX;

	c->rx = calloc(1, rx);
	c->tx = calloc(1, tx);
	if (!c->rx || !c->tx)
		return -1;
	c->rx_mr = ibv_reg_mr(env.pd, c->rx, rx, IBV_ACCESS_LOCAL_WRITE);
	c->tx_mr = ibv_reg_mr(env.pd, c->tx, tx, 0);
	c->tx_free = c->slots;
	return c->rx_mr && c->tx_mr ? 0 : -1;
}

/**
 * conn_make_qp - give a resolved connection its queue pair and rings
 *
 * Return: 0, or -1 with a note on what failed.
 */
int conn_make_qp(struct wire_conn *c)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.sq_sig_all = 1,
		.cap = {
			.max_send_wr = c->slots + c->flood,
			.max_recv_wr = c->slots,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
	};

	if (make_pd(c) || make_cq(c) || make_rings(c)) {
		note("no verbs objects: %s", strerror(errno));
		return -1;
	}
	attr.send_cq = c->cq;
	attr.recv_cq = c->cq;
	if (rdma_create_qp(c->id, env.pd, &attr)) {
		note("rdma_create_qp: %s", strerror(errno));
		return -1;
	}
	return conn_post_recvs(c) ? 0 : -1;
}

/*
 * A number that no queue pair has: if one did, or a connection that has just
 * ended, the connection managers would take this one for its successor, and end
 * the older.
 */
static uint32_t no_qp(void)
{
	static uint32_t n;

	if (!n)
		n = getpid() * 4096;
	return 0x800000 | (n++ & 0x7fffff);
}

/**
 * conn_request - send the login, do not wait
 *
 * Without a queue pair the connection stays half open: the target's reply is
 * reported, but no RTU goes out.
 */
int conn_request(struct wire_conn *c, const struct wire_login *l)
{
	uint8_t bytes[256];
	struct rdma_conn_param p = {
		.private_data = bytes,
		.private_data_len = login_encode(l, bytes, env.sid != 0),
		.responder_resources = 4,
		.initiator_depth = 4,
		.retry_count = 7,
		.rnr_retry_count = 7,
		.qp_num = c->id->qp ? c->id->qp->qp_num : no_qp(),
	};

	if (!rdma_connect(c->id, &p))
		return 0;
	note("rdma_connect: %s", strerror(errno));
	return -1;
}

/**
 * conn_answer - wait for what becomes of a login
 * @a: is filled in
 * @ms: time limit
 */
enum wire_outcome conn_answer(struct wire_conn *c, struct wire_answer *a,
			      int ms)
{
	int64_t end = now_ms() + ms;

	memset(a, 0, sizeof(*a));
	a->outcome = LOGIN_SILENT;
	c->answer = a;
	while (!c->answered && now_ms() < end)
		wire_pump(c, end - now_ms());
	c->answer = NULL;
	return a->outcome;
}

enum wire_outcome conn_login(struct wire_conn *c, const struct wire_login *l,
			     struct wire_answer *a)
{
	memset(a, 0, sizeof(*a));
	a->outcome = LOGIN_ERROR;
	if (conn_resolve(c) || conn_make_qp(c) || conn_request(c, l))
		return LOGIN_ERROR;
	return conn_answer(c, a, ANSWER_MS);
}

/* The end as seen from here, without a word in SRP before it. */
void conn_disconnect(struct wire_conn *c)
{
	if (!c)
		return;
	if (c->established)
		rdma_disconnect(c->id);
	c->established = false;
}

static void free_verbs(struct wire_conn *c)
{
	if (c->id->qp)
		rdma_destroy_qp(c->id);
	if (c->cq)
		ibv_destroy_cq(c->cq);
	if (c->cc)
		ibv_destroy_comp_channel(c->cc);
	if (c->rx_mr)
		ibv_dereg_mr(c->rx_mr);
	if (c->tx_mr)
		ibv_dereg_mr(c->tx_mr);
}

/* Poisoned memory for the target, in c->mem; it goes with the channel. */
bool conn_mem(struct wire_conn *c, size_t len)
{
	return mem_get(&c->mem, len);
}

/* Drops everything at once; the kernel tells the peer what it must. */
void conn_free(struct wire_conn *c)
{
	struct wire_iu *iu;

	if (!c)
		return;
	while ((iu = conn_take_any(c)))
		free(iu);
	free_verbs(c);
	mem_put(&c->mem);
	rdma_destroy_id(c->id);
	rdma_destroy_event_channel(c->ec);
	free(c->rx);
	free(c->tx);
	free(c);
}
