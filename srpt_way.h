/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the way of a command offers, from the receive completion to the
 * completion of the response. Stands on ib_srpt.h alone: what these files have
 * to know of the life of a channel is its state. Each function is described
 * where it is defined.
 */
#ifndef SRPT_WAY_H
#define SRPT_WAY_H

#include "ib_srpt.h"

/**
 * srpt_iu - the request inside its buffer
 * @recv: the buffer
 *
 * Return: its first byte.
 */
static inline void *srpt_iu(const struct srpt_recv_ioctx *recv)
{
	return recv->ioctx.buf + recv->pad;
}

/* srpt_buf.c: receive buffers */
int srpt_post_recv(struct srpt_device *sdev, struct srpt_rdma_ch *ch,
		   struct srpt_recv_ioctx *ioctx);
void srpt_repost(struct srpt_rdma_ch *ch, struct srpt_recv_ioctx *recv);
void srpt_return_recv(struct srpt_rdma_ch *ch, struct srpt_recv_ioctx *recv);
void srpt_unhold_recv(struct srpt_send_ioctx *ioctx);
/* Does a channel share its receive queue? */
static inline bool srpt_ch_shares_rq(const struct srpt_rdma_ch *ch)
{
	return ch->rq && ch->rq->shared;
}

/* Sets how many buffers should be posted; with the lock of the queue. */
static inline void srpt_rq_set_want(struct srpt_rq *rq, u32 want)
{
	rq->want = want;
	if (!rq->shared)
		rq->stock = min_t(u32, want / 4, SRPT_RQ_STOCK);
}

int srpt_rq_fill(struct srpt_rq *rq);
void srpt_rq_taken(struct srpt_rq *rq, u32 run);
void srpt_rq_shut(struct srpt_rq *rq);
bool srpt_rq_is_short(const struct srpt_rq *rq);

/* srpt_ctx.c: memory of commands */
int srpt_alloc_cmds(struct srpt_rdma_ch *ch);
int srpt_add_page(struct srpt_send_ioctx *ioctx);
struct srpt_send_ioctx *srpt_add_cmd(struct srpt_rdma_ch *ch);
void srpt_trim_cmds(struct srpt_rdma_ch *ch);
void srpt_unmap_cmds(struct srpt_rdma_ch *ch);
void srpt_free_cmds(struct srpt_rdma_ch *ch);

/* srpt_recv.c: the receive side */
void srpt_run_wait_list(struct srpt_rdma_ch *ch);
void srpt_mark_done(struct ib_cq *cq, struct ib_wc *wc);
void srpt_recv_done(struct ib_cq *cq, struct ib_wc *wc);

/* srpt_cmd.c: commands */
struct srpt_send_ioctx *srpt_get_send_ioctx(struct srpt_rdma_ch *ch);
void srpt_put_send_ioctx(struct srpt_send_ioctx *ioctx);
void srpt_handle_cmd(struct srpt_rdma_ch *ch,
		     struct srpt_recv_ioctx *recv_ioctx,
		     struct srpt_send_ioctx *send_ioctx);
int srpt_write_pending(struct se_cmd *cmd);

/* srpt_tmf.c: task management */
void srpt_handle_tsk_mgmt(struct srpt_rdma_ch *ch,
			  struct srpt_recv_ioctx *recv_ioctx,
			  struct srpt_send_ioctx *send_ioctx);
void srpt_tmf_look(void);
void srpt_queue_tm_rsp(struct se_cmd *cmd);

extern atomic_t srpt_epoch;
extern atomic_t srpt_n_held;

/**
 * srpt_tmf_epoch - what a command keeps of the moment that it came in
 *
 * Return: a number for srpt_send_ioctx::epoch.
 */
static inline u32 srpt_tmf_epoch(void)
{
	return atomic_read(&srpt_epoch);
}

/**
 * srpt_tmf_kick - a command, or a channel, is over: does an answer wait for it?
 *
 * Between what the caller has changed and this call there is a full barrier.
 * It pairs with srpt_tmf_hold(): we see the answer or it sees the end.
 *
 * Context: any.
 */
static inline void srpt_tmf_kick(void)
{
	if (unlikely(atomic_read(&srpt_n_held)))
		srpt_tmf_look();
}

/* srpt_store.c: the way into a backstore */
int srpt_store_link(const struct se_device *dev);
void srpt_store_unlink(const struct se_device *dev);
void srpt_store_put(struct srpt_store *store);
void srpt_store_submit(struct srpt_send_ioctx *ioctx, bool fetch);
void srpt_store_execute(struct srpt_send_ioctx *ioctx);

/* srpt_lio.c: what LIO needs help with */
void srpt_settle_order(struct se_cmd *cmd);
void srpt_fail_cmd(struct srpt_send_ioctx *ioctx, sense_reason_t reason);
bool srpt_wants_pi(const struct se_cmd *cmd);
void srpt_free_acl_name(struct se_node_acl *nacl);

/* srpt_cq.c: completion queues of a channel */
void srpt_cq_choose(struct srpt_rdma_ch *ch);
int srpt_cq_create(struct srpt_rdma_ch *ch, u32 receives, u32 sends);
void srpt_cq_watch(struct srpt_rdma_ch *ch);
void srpt_cq_reap_soon(struct srpt_rdma_ch *ch);
bool srpt_cq_busy(struct srpt_rdma_ch *ch);
void srpt_cq_stop(struct srpt_rdma_ch *ch);
void srpt_cq_destroy(struct srpt_rdma_ch *ch);

/* srpt_sq.c: the send queue and its gate */
bool srpt_ch_enter(struct srpt_rdma_ch *ch);
void srpt_ch_exit(struct srpt_rdma_ch *ch);
int srpt_post_nothing(struct srpt_rdma_ch *ch, struct ib_cqe *cqe);
int srpt_zerolength_write(struct srpt_rdma_ch *ch);
void srpt_sq_run(struct srpt_rdma_ch *ch);
bool srpt_xfer_try(struct srpt_send_ioctx *ioctx);
int srpt_xfer_start(struct srpt_send_ioctx *ioctx);
void srpt_xfer_end_batch(struct srpt_send_ioctx *ioctx);

/* srpt_rdma.c: the way of the data */
bool srpt_xfer_is_easy(struct srpt_send_ioctx *ioctx, u32 len);
struct ib_send_wr *srpt_xfer_own(struct srpt_send_ioctx *ioctx,
				 struct ib_send_wr *next);
void srpt_xfer_unprepare(struct srpt_send_ioctx *ioctx);
void srpt_xfer_free(struct srpt_send_ioctx *ioctx);
int srpt_xfer_prepare(struct srpt_send_ioctx *ioctx);
void srpt_xfer_fail(struct srpt_send_ioctx *ioctx, int err);
int srpt_xfer_move(struct srpt_send_ioctx *ioctx, u32 len,
		   void (*done)(struct srpt_send_ioctx *ioctx, int err));
void srpt_rdma_read_done(struct ib_cq *cq, struct ib_wc *wc);

/* srpt_rsp.c: the way of the answer */
void srpt_rsp_init(struct srpt_rdma_ch *ch);
int srpt_queue_data_in(struct se_cmd *cmd);
int srpt_queue_status(struct se_cmd *cmd);
void srpt_answer(struct srpt_send_ioctx *ioctx, enum srp_rsp_code code);
void srpt_refuse(struct srpt_send_ioctx *ioctx, u64 tag);
void srpt_aborted_task(struct se_cmd *cmd);
int srpt_abort_cmd(struct srpt_send_ioctx *ioctx);
void srpt_send_done(struct ib_cq *cq, struct ib_wc *wc);
void srpt_send_credits(struct srpt_rdma_ch *ch);
int srpt_send_logout(struct srpt_rdma_ch *ch);

#endif /* SRPT_WAY_H */
