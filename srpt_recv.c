// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The receive side: from the completion to whoever deals with the request.
 *
 * Everything in here that belongs to one channel runs in the context of its
 * completion queue, one at a time: the list of waiting requests and the
 * consumer side of the free list need no lock for that reason.
 *
 * A request waits while the channel is not live yet (the RTU may come behind
 * the first request, IBA 12.9.6) and while all commands are in use. Order is
 * kept: nothing passes a waiting request. Whoever makes the channel live or
 * frees a command posts a zero-length write, and its completion, in this
 * context, goes on with the list.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "srpt_way.h"

/* An IU that is a request, but none that an initiator sends in a session. */
static noinline void srpt_handle_unknown(struct srpt_rdma_ch *ch,
					 struct srpt_recv_ioctx *recv,
					 struct srpt_send_ioctx *ioctx)
{
	const struct srp_i_logout *iu = srpt_iu(recv);

	pr_warn_ratelimited("%s: unexpected %s (0x%02x) of %u bytes\n",
			    ch->peer, srp_opcode_name(iu->opcode), iu->opcode,
			    recv->len);
	srpt_count(ch->stats, SRPT_N_REFUSED, 1);
	ioctx->cmd.tag = get_unaligned(&iu->tag);
	srpt_set_cmd_state(ioctx, SRPT_STATE_MGMT);
	srpt_answer(ioctx, SRP_RSP_FIELDS_INVALID);
	srpt_repost(ch, recv);
}

/* Answers to what the target has asked; they take no credit. */
static bool srpt_is_answer(u8 opcode)
{
	return opcode == SRP_CRED_RSP || opcode == SRP_AER_RSP;
}

static void srpt_handle_answer(struct srpt_rdma_ch *ch,
			       struct srpt_recv_ioctx *recv)
{
	const struct srp_cred_rsp *iu = srpt_iu(recv);

	if (iu->opcode == SRP_CRED_RSP &&
	    test_and_clear_bit(SRPT_CHF_CRED_ASKED, &ch->flags))
		srpt_send_credits(ch);
	srpt_repost(ch, recv);
}

/**
 * srpt_handle_new_iu - deal with a request
 * @ch: channel that it came in through
 * @recv_ioctx: the request; its length and credit have been checked
 *
 * Context: completion context of @ch.
 * Return: false if it must wait: the caller keeps it. True if it has been
 * dealt with.
 */
static bool srpt_handle_new_iu(struct srpt_rdma_ch *ch,
			       struct srpt_recv_ioctx *recv_ioctx)
{
	const struct srp_i_logout *iu = srpt_iu(recv_ioctx);
	struct srpt_send_ioctx *ioctx;

	if (unlikely(READ_ONCE(ch->state) == SRPT_CH_CONNECTING))
		return false;
	if (iu->opcode == SRP_I_LOGOUT) {
		pr_info_ratelimited("%s: initiator logs out\n", ch->peer);
		srpt_repost(ch, recv_ioctx);
		srpt_close_ch(ch);
		return true;
	}
	ioctx = srpt_get_send_ioctx(ch);
	if (unlikely(!ioctx))
		return false;

	switch (iu->opcode) {
	case SRP_CMD:
		srpt_handle_cmd(ch, recv_ioctx, ioctx);
		break;
	case SRP_TSK_MGMT:
		srpt_handle_tsk_mgmt(ch, recv_ioctx, ioctx);
		break;
	default:
		srpt_handle_unknown(ch, recv_ioctx, ioctx);
	}
	return true;
}

/**
 * srpt_run_wait_list - go on with requests that wait
 * @ch: channel
 *
 * In order. On a channel that is ending they are dropped: the initiator has
 * lost the connection, and knows.
 *
 * Context: completion context of @ch, or when that has stopped for good.
 */
void srpt_run_wait_list(struct srpt_rdma_ch *ch)
{
	struct srpt_recv_ioctx *recv, *tmp;

	list_for_each_entry_safe(recv, tmp, &ch->wait_list, entry) {
		list_del(&recv->entry);
		if (READ_ONCE(ch->state) >= SRPT_CH_DRAINING) {
			srpt_return_recv(ch, recv);
		} else if (!srpt_handle_new_iu(ch, recv)) {
			list_add(&recv->entry, &ch->wait_list);
			break;
		}
	}
	WRITE_ONCE(ch->waiting, !list_empty(&ch->wait_list));
}

/*
 * Buffers that wait with an unfinished login are lost to all others: not if
 * there are few left.
 */
static void srpt_wait_for_rtu(struct srpt_rdma_ch *ch,
			      const struct srpt_rq *rq)
{
	if (rq && srpt_rq_is_short(rq))
		srpt_close_ch(ch);
	else
		srpt_rtu_is_late(ch);
}

/* A request that cannot be dealt with now. */
static void srpt_let_wait(struct srpt_rdma_ch *ch, struct srpt_recv_ioctx *recv)
{
	srpt_count(ch->stats, SRPT_N_WAITED, 1);
	list_add_tail(&recv->entry, &ch->wait_list);
	WRITE_ONCE(ch->waiting, true);
	/*
	 * Either we see the command that was freed, or the state that has
	 * changed, or they see us waiting.
	 */
	smp_mb();
	if (READ_ONCE(ch->state) == SRPT_CH_CONNECTING)
		srpt_wait_for_rtu(ch, recv->rq);
	else if (!llist_empty(&ch->free_list))
		srpt_run_wait_list(ch);
	else
		srpt_cq_watch(ch);
}

/**
 * srpt_mark_done - completion of a zero-length write
 * @cq: completion queue
 * @wc: completion; wr_cqe is mark_cqe of the channel
 *
 * Context: completion context of the channel.
 */
void srpt_mark_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct srpt_rdma_ch *ch = container_of(wc->wr_cqe, struct srpt_rdma_ch,
					       mark_cqe);

	if (wc->status != IB_WC_SUCCESS)
		srpt_ch_wc_error(ch, wc, "probing the connection");
	else if (test_and_clear_bit(SRPT_CHF_TRIM, &ch->flags))
		srpt_trim_cmds(ch);
	srpt_run_wait_list(ch);
	clear_bit(SRPT_CHF_MARK_BUSY, &ch->flags);
	/* pairs with srpt_put_send_ioctx(): a command may have come back */
	smp_mb__after_atomic();
	if (READ_ONCE(ch->waiting) && !llist_empty(&ch->free_list))
		srpt_run_wait_list(ch);
}

/* Is there enough of it to tell what it is? */
static bool srpt_is_whole(struct srpt_rdma_ch *ch, struct srpt_recv_ioctx *recv)
{
	if (likely(recv->len >= SRP_IU_HEADER))
		return true;
	pr_warn_ratelimited("%s: information unit of %u bytes, channel closed\n",
			    ch->peer, recv->len);
	return false;
}

/* Counts a request against the credits; false: the initiator has none. */
static bool srpt_charge(struct srpt_rdma_ch *ch)
{
	if (likely(atomic_dec_return(&ch->req_lim) >= 0))
		return true;
	pr_warn_ratelimited("%s: more requests than credits, channel closed\n",
			    ch->peer);
	return false;
}

static void srpt_recv_iu(struct srpt_rdma_ch *ch, struct srpt_recv_ioctx *recv)
{
	ib_dma_sync_single_for_cpu(ch->sdev->ib_dev, recv->sge.addr, recv->len,
				   DMA_FROM_DEVICE);
	ch->rx_count++;
	if (unlikely(!srpt_is_whole(ch, recv)))
		goto bad;
	if (unlikely(srpt_is_answer(*(u8 *)srpt_iu(recv)))) {
		srpt_handle_answer(ch, recv);
		return;
	}
	if (unlikely(!srpt_charge(ch)))
		goto bad;
	if (unlikely(ch->waiting) || !srpt_handle_new_iu(ch, recv))
		srpt_let_wait(ch, recv);
	return;
bad:
	srpt_repost(ch, recv);
	srpt_close_ch(ch);
}

/**
 * srpt_recv_done - completion of a receive
 * @cq: completion queue
 * @wc: completion; wr_cqe is that of the buffer
 *
 * Context: completion context of the channel (workqueue).
 */
void srpt_recv_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct srpt_recv_ioctx *recv = container_of(wc->wr_cqe,
						    struct srpt_recv_ioctx,
						    ioctx.cqe);
	struct srpt_rdma_ch *ch = cq->cq_context;

	recv->len = wc->status == IB_WC_SUCCESS ? wc->byte_len : 0;
	if (recv->rq) {
		if (unlikely(wc->status != IB_WC_SUCCESS))
			srpt_rq_shut(recv->rq);
		srpt_rq_taken(recv->rq, ch->recv_run);
	}
	if (unlikely(wc->status != IB_WC_SUCCESS)) {
		srpt_ch_wc_error(ch, wc, "receiving");
		if (recv->rq)
			srpt_repost(ch, recv);
		return;
	}
	if (unlikely(READ_ONCE(ch->state) >= SRPT_CH_DRAINING)) {
		srpt_return_recv(ch, recv);
		return;
	}
	srpt_recv_iu(ch, recv);
}
