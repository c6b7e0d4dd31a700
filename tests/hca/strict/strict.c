// SPDX-License-Identifier: GPL-2.0
/*
 * Does the virtual HCA notice what a consumer does wrong? User verbs on vhca0
 * and vhca1, which must be ACTIVE. Prints the Test Anything Protocol.
 *
 *	cc -o strict strict.c -libverbs && ./strict
 */
#include <errno.h>
#include <infiniband/verbs.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUF_SIZE	8192
#define DEPTH		4
#define ACCESS		(IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_READ | \
			 IBV_ACCESS_REMOTE_WRITE)

/* One side of a connection. */
struct end {
	struct ibv_context *ctx;
	struct ibv_pd *pd, *other_pd;
	struct ibv_cq *cq;
	struct ibv_qp *qp;
	struct ibv_mr *mr, *ro, *foreign;
	struct ibv_port_attr port;
	char *buf;
};

/* What a case may change before the two sides are connected. */
struct setup {
	int access;
	int psn_error;
	int max_rd;
	int dest_rd;
};

static const struct setup usual = {
	.access = ACCESS, .max_rd = 4, .dest_rd = 4,
};

static struct end a, b;
static int count, failed;

static void result(bool good, const char *what)
{
	failed += !good;
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, what);
}

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(2);
}

static struct ibv_context *open_device(const char *name)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	int i;

	for (i = 0; list && list[i]; i++)
		if (!strcmp(ibv_get_device_name(list[i]), name))
			return ibv_open_device(list[i]);
	return NULL;
}

static void open_end(struct end *e, const char *name)
{
	e->ctx = open_device(name);
	if (!e->ctx)
		die(name);
	e->buf = calloc(2, BUF_SIZE);
	e->pd = ibv_alloc_pd(e->ctx);
	e->other_pd = ibv_alloc_pd(e->ctx);
	if (!e->buf || !e->pd || !e->other_pd)
		die("protection domains");
	e->mr = ibv_reg_mr(e->pd, e->buf, BUF_SIZE, ACCESS);
	e->ro = ibv_reg_mr(e->pd, e->buf, BUF_SIZE, 0);
	e->foreign = ibv_reg_mr(e->other_pd, e->buf, BUF_SIZE, ACCESS);
	if (!e->mr || !e->ro || !e->foreign)
		die("memory regions");
	if (ibv_query_port(e->ctx, 1, &e->port))
		die("port");
}

static void make_qp(struct end *e)
{
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RC,
		.cap = { .max_send_wr = DEPTH, .max_recv_wr = DEPTH,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};

	e->cq = ibv_create_cq(e->ctx, 4 * DEPTH, NULL, NULL, 0);
	if (!e->cq)
		die("completion queue");
	init.send_cq = e->cq;
	init.recv_cq = e->cq;
	e->qp = ibv_create_qp(e->pd, &init);
	if (!e->qp)
		die("queue pair");
}

static void connect_end(struct end *e, const struct end *peer,
			const struct setup *s, int psn)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_INIT, .port_num = 1,
		.qp_access_flags = s->access,
	};

	if (ibv_modify_qp(e->qp, &attr, IBV_QP_STATE | IBV_QP_PKEY_INDEX |
			  IBV_QP_PORT | IBV_QP_ACCESS_FLAGS))
		die("INIT");
	attr = (struct ibv_qp_attr) {
		.qp_state = IBV_QPS_RTR, .path_mtu = IBV_MTU_1024,
		.dest_qp_num = peer->qp->qp_num, .rq_psn = 100,
		.max_dest_rd_atomic = s->dest_rd, .min_rnr_timer = 1,
		.ah_attr = { .dlid = peer->port.lid, .port_num = 1 },
	};
	if (ibv_modify_qp(e->qp, &attr, IBV_QP_STATE | IBV_QP_AV |
			  IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN |
			  IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER))
		die("RTR");
	attr = (struct ibv_qp_attr) {
		.qp_state = IBV_QPS_RTS, .timeout = 8, .retry_cnt = 2,
		.rnr_retry = 2, .sq_psn = psn, .max_rd_atomic = s->max_rd,
	};
	if (ibv_modify_qp(e->qp, &attr, IBV_QP_STATE | IBV_QP_TIMEOUT |
			  IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY | IBV_QP_SQ_PSN |
			  IBV_QP_MAX_QP_RD_ATOMIC))
		die("RTS");
}

static void setup(const struct setup *s)
{
	make_qp(&a);
	make_qp(&b);
	connect_end(&a, &b, s, 100 + s->psn_error);
	connect_end(&b, &a, s, 100);
	memset(a.buf, 'a', BUF_SIZE);
	memset(b.buf, 'b', BUF_SIZE);
}

static void teardown(void)
{
	if (ibv_destroy_qp(a.qp) || ibv_destroy_qp(b.qp) ||
	    ibv_destroy_cq(a.cq) || ibv_destroy_cq(b.cq))
		die("teardown");
}

/* The next completion; -1 if there is none within 5 seconds. */
static int next(struct end *e, struct ibv_wc *wc)
{
	struct timespec pause = { .tv_nsec = 2000000 };
	int i;

	for (i = 0; i < 2500; i++) {
		if (ibv_poll_cq(e->cq, 1, wc) == 1)
			return wc->status;
		nanosleep(&pause, NULL);
	}
	return -1;
}

static int status_of(struct end *e)
{
	struct ibv_wc wc;

	return next(e, &wc);
}

static enum ibv_qp_state state_of(struct end *e)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;

	if (ibv_query_qp(e->qp, &attr, IBV_QP_STATE, &init))
		die("query");
	return attr.qp_state;
}

static int post_recv(struct end *e, uint32_t lkey, uint32_t len)
{
	struct ibv_sge sge = { (uintptr_t)e->buf, len, lkey };
	struct ibv_recv_wr wr = { .sg_list = &sge, .num_sge = 1 }, *bad;

	return ibv_post_recv(e->qp, &wr, &bad);
}

static int post(struct end *e, enum ibv_wr_opcode opcode, uint32_t lkey,
		uint32_t len, uint64_t addr, uint32_t rkey)
{
	struct ibv_sge sge = { (uintptr_t)e->buf, len, lkey };
	struct ibv_send_wr wr = {
		.sg_list = &sge, .num_sge = 1, .opcode = opcode,
		.send_flags = IBV_SEND_SIGNALED,
		.wr.rdma = { addr, rkey },
	}, *bad;

	return ibv_post_send(e->qp, &wr, &bad);
}

static int send_len(uint32_t len)
{
	return post(&a, IBV_WR_SEND, a.mr->lkey, len, 0, 0);
}

static int rdma(enum ibv_wr_opcode opcode, int64_t offset, uint32_t rkey,
		uint32_t len)
{
	return post(&a, opcode, a.mr->lkey, len,
		    (uintptr_t)b.buf + offset, rkey);
}

static void good_work(void)
{
	setup(&usual);
	post_recv(&b, b.mr->lkey, 4096);
	send_len(4096);
	result(!status_of(&a) && !status_of(&b) &&
	       !memcmp(a.buf, b.buf, 4096) && b.buf[4096] == 'b',
	       "a SEND arrives, and not a byte more");
	rdma(IBV_WR_RDMA_WRITE, 5000, b.mr->rkey, 100);
	result(!status_of(&a) && b.buf[5000] == 'a' && b.buf[5100] == 'b' &&
	       b.buf[4999] == 'b', "so does an RDMA WRITE");
	rdma(IBV_WR_RDMA_READ, 6000, b.mr->rkey, 7);
	result(!status_of(&a) && !memcmp(a.buf, "bbbbbbba", 8),
	       "and an RDMA READ");
	teardown();
}

static void bad_remote(const char *what, enum ibv_wr_opcode opcode,
		       int64_t offset, uint32_t rkey, int access, int want)
{
	struct setup s = usual;
	char text[100];

	s.access = access;
	setup(&s);
	rdma(opcode, offset, rkey, 64);
	snprintf(text, sizeof(text), "%s: %s", what, ibv_wc_status_str(want));
	result(status_of(&a) == want, text);
	snprintf(text, sizeof(text), "%s: both ends fail, nothing is moved",
		 what);
	result(state_of(&a) == IBV_QPS_ERR && state_of(&b) == IBV_QPS_ERR &&
	       a.buf[0] == 'a' && b.buf[0] == 'b', text);
	teardown();
}

static void remote_access(void)
{
	const enum ibv_wr_opcode wr = IBV_WR_RDMA_WRITE, rd = IBV_WR_RDMA_READ;

	bad_remote("WRITE, wrong key", wr, 0, b.mr->rkey ^ 1, ACCESS,
		   IBV_WC_REM_ACCESS_ERR);
	bad_remote("WRITE, key of another PD", wr, 0, b.foreign->rkey, ACCESS,
		   IBV_WC_REM_ACCESS_ERR);
	bad_remote("WRITE, read-only region", wr, 0, b.ro->rkey, ACCESS,
		   IBV_WC_REM_ACCESS_ERR);
	bad_remote("WRITE, one byte too far", wr, BUF_SIZE - 63, b.mr->rkey,
		   ACCESS, IBV_WC_REM_ACCESS_ERR);
	bad_remote("WRITE, before the region", wr, -1, b.mr->rkey, ACCESS,
		   IBV_WC_REM_ACCESS_ERR);
	bad_remote("READ, wrong key", rd, 0, b.mr->rkey + 256, ACCESS,
		   IBV_WC_REM_ACCESS_ERR);
	bad_remote("READ, region without the right", rd, 0, b.ro->rkey, ACCESS,
		   IBV_WC_REM_ACCESS_ERR);
	bad_remote("WRITE, QP without the right", wr, 0, b.mr->rkey,
		   IBV_ACCESS_REMOTE_READ, IBV_WC_REM_INV_REQ_ERR);
	bad_remote("READ, QP without the right", rd, 0, b.mr->rkey,
		   IBV_ACCESS_REMOTE_WRITE, IBV_WC_REM_INV_REQ_ERR);
}

static void bad_local(const char *what, enum ibv_wr_opcode opcode,
		      uint32_t lkey, uint32_t len)
{
	setup(&usual);
	post_recv(&b, b.mr->lkey, 64);
	post(&a, opcode, lkey, len, (uintptr_t)b.buf, b.mr->rkey);
	result(status_of(&a) == IBV_WC_LOC_PROT_ERR && b.buf[0] == 'b' &&
	       state_of(&b) == IBV_QPS_RTS, what);
	teardown();
}

static void local_access(void)
{
	bad_local("SEND, wrong lkey", IBV_WR_SEND, a.mr->lkey + 1, 64);
	bad_local("SEND, lkey 0", IBV_WR_SEND, 0, 64);
	bad_local("SEND, the kernel's lkey", IBV_WR_SEND, 0xfffffe00, 64);
	bad_local("SEND, lkey of another PD", IBV_WR_SEND, a.foreign->lkey, 64);
	bad_local("SEND, too long for the region", IBV_WR_SEND, a.mr->lkey,
		  BUF_SIZE + 1);
	bad_local("READ into a read-only region", IBV_WR_RDMA_READ,
		  a.ro->lkey, 64);
}

static void receive_errors(void)
{
	setup(&usual);
	post_recv(&b, b.mr->lkey, 63);
	send_len(64);
	result(status_of(&a) == IBV_WC_REM_INV_REQ_ERR &&
	       status_of(&b) == IBV_WC_LOC_LEN_ERR, "buffer too short");
	teardown();

	setup(&usual);
	post_recv(&b, b.ro->lkey, 64);
	send_len(64);
	result(status_of(&a) == IBV_WC_REM_OP_ERR &&
	       status_of(&b) == IBV_WC_LOC_PROT_ERR && b.buf[0] == 'b',
	       "buffer not writable");
	teardown();

	setup(&usual);
	send_len(64);
	result(status_of(&a) == IBV_WC_RNR_RETRY_EXC_ERR, "no buffer");
	teardown();
}

static void connection_errors(void)
{
	struct setup s = usual;

	s.psn_error = 1;
	setup(&s);
	post_recv(&b, b.mr->lkey, 64);
	send_len(64);
	result(status_of(&a) == IBV_WC_RETRY_EXC_ERR, "packet numbers differ");
	teardown();

	s = usual;
	s.dest_rd = 1;
	setup(&s);
	rdma(IBV_WR_RDMA_READ, 0, b.mr->rkey, 64);
	result(!status_of(&a), "one READ to a peer that takes one");
	teardown();

	s.dest_rd = 0;
	setup(&s);
	rdma(IBV_WR_RDMA_READ, 0, b.mr->rkey, 64);
	result(status_of(&a) == IBV_WC_REM_INV_REQ_ERR,
	       "a READ to a peer that takes none");
	teardown();

	s = usual;
	s.max_rd = 0;
	setup(&s);
	rdma(IBV_WR_RDMA_READ, 0, b.mr->rkey, 64);
	result(status_of(&a) == IBV_WC_LOC_QP_OP_ERR,
	       "a READ from a QP that must not");
	teardown();
}

/* A slot is free when its completion has been polled, and not before. */
static void queue_limits(void)
{
	struct timespec pause = { .tv_nsec = 300000000 };
	struct ibv_wc wc;
	int i, ret = 0;

	setup(&usual);
	for (i = 0; i < DEPTH; i++)
		ret |= post_recv(&b, b.mr->lkey, 64);
	result(!ret && post_recv(&b, b.mr->lkey, 64) == ENOMEM,
	       "one receive too many");
	for (i = 0; i < DEPTH; i++)
		ret |= send_len(64);
	nanosleep(&pause, NULL);
	result(!ret && send_len(64) == ENOMEM, "one send too many");
	result(post_recv(&b, b.mr->lkey, 64) == ENOMEM,
	       "a receive that was used but not polled still counts");
	result(!next(&a, &wc) && !next(&b, &wc) && !send_len(64) &&
	       !post_recv(&b, b.mr->lkey, 64), "a polled one does not");
	teardown();
}

static void states(void)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_RTS };
	struct ibv_wc wc;

	make_qp(&a);
	make_qp(&b);
	result(send_len(64) == EINVAL, "SEND in RESET");
	result(post_recv(&a, a.mr->lkey, 64) == EINVAL, "receive in RESET");
	result(ibv_modify_qp(a.qp, &attr, IBV_QP_STATE), "RESET to RTS");
	teardown();

	setup(&usual);
	post_recv(&a, a.mr->lkey, 64);
	attr.qp_state = IBV_QPS_ERR;
	ibv_modify_qp(a.qp, &attr, IBV_QP_STATE);
	result(next(&a, &wc) == IBV_WC_WR_FLUSH_ERR, "ERR flushes");
	result(!send_len(64) && next(&a, &wc) == IBV_WC_WR_FLUSH_ERR,
	       "what is posted in ERR is flushed");
	post_recv(&b, b.mr->lkey, 64);
	post(&b, IBV_WR_SEND, b.mr->lkey, 64, 0, 0);
	result(next(&b, &wc) == IBV_WC_RETRY_EXC_ERR,
	       "a peer in ERR does not answer");
	teardown();
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_end(&a, "vhca0");
	open_end(&b, "vhca1");
	good_work();
	remote_access();
	local_access();
	receive_errors();
	connection_errors();
	queue_limits();
	states();
	printf("1..%d\n", count);
	return failed > 0;
}
