// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Memory of commands: as much as a channel makes use of.
 *
 * A channel begins with SRPT_TX_RESERVE commands, and with the two that carry
 * what the target itself has to say. When all are in use the next request gets
 * a new one, allocated where it is taken, in the completion context, which may
 * sleep. Where there is no memory the request waits, in order, until one of
 * those that exist comes back: no progress needs memory.
 *
 * The timer of the channel asks now and then for what has not been used since
 * it last did: that is freed. The free list is a stack, so that a channel that
 * uses few always uses the same.
 *
 * send_ring has a place for each command that can be wanted. Only the completion
 * context changes it. Who looks for a task in that of another channel holds
 * nexus->lock, and so does who empties a place.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>

#include "srpt_way.h"

/* A command, in a place of the ring that is empty. */
static struct srpt_send_ioctx *srpt_make_cmd(struct srpt_rdma_ch *ch,
					     u32 index, gfp_t gfp)
{
	struct srpt_send_ioctx *ioctx = (struct srpt_send_ioctx *)
		srpt_alloc_ioctx(ch->sdev->ib_dev, sizeof(*ioctx),
				 ch->rsp_size, DMA_TO_DEVICE, gfp);

	if (!ioctx)
		return NULL;
	ioctx->ioctx.index = index;
	ioctx->ch = ch;
	ioctx->state = SRPT_STATE_DONE;
	ioctx->ioctx.cqe.done = srpt_send_done;
	ioctx->rdma_cqe.done = srpt_rdma_read_done;
	ioctx->send_wr.wr_cqe = &ioctx->ioctx.cqe;
	ioctx->send_wr.opcode = IB_WR_SEND;
	ioctx->send_wr.sg_list = &ioctx->send_sge;
	ioctx->send_wr.num_sge = 1;
	ioctx->send_sge.addr = ioctx->ioctx.dma;
	ioctx->send_sge.lkey = ch->sdev->pd->local_dma_lkey;
	ioctx->xfer.segs = &ioctx->xfer.seg;
	sg_init_table(&ioctx->xfer.one, 1);
	INIT_LIST_HEAD(&ioctx->park);
	/* who sees it in the ring sees that it is DONE */
	smp_store_release(&ch->send_ring[index], ioctx);
	WRITE_ONCE(ch->n_cmds, ch->n_cmds + 1);
	return ioctx;
}

/**
 * srpt_alloc_cmds - the commands that a channel begins with
 * @ch: channel in login; depth and rsp_size have been set
 *
 * Context: may sleep. What was allocated is freed with the channel.
 * Return: 0 or -ENOMEM.
 */
int srpt_alloc_cmds(struct srpt_rdma_ch *ch)
{
	u32 n = ch->depth + SRPT_TX_SLACK, i;
	struct srpt_send_ioctx *ioctx;

	ch->send_ring = kvcalloc(n + 2, sizeof(*ch->send_ring), GFP_KERNEL);
	if (!ch->send_ring)
		return -ENOMEM;
	ch->n_send = n + 2;
	for (i = 0; i < min_t(u32, n, SRPT_TX_RESERVE); i++) {
		ioctx = srpt_make_cmd(ch, i, GFP_KERNEL);
		if (!ioctx)
			return -ENOMEM;
		llist_add(&ioctx->free, &ch->free_list);
	}
	ch->logout = srpt_make_cmd(ch, n, GFP_KERNEL);
	ch->spare = srpt_make_cmd(ch, n + 1, GFP_KERNEL);
	return ch->logout && ch->spare ? 0 : -ENOMEM;
}

/**
 * srpt_add_cmd - one more command, because all are in use
 * @ch: channel
 *
 * Does not try hard: those in use will come back.
 *
 * Context: completion context of @ch.
 * Return: the command, or NULL: there are as many as can be wanted, or there
 * is no memory.
 */
struct srpt_send_ioctx *srpt_add_cmd(struct srpt_rdma_ch *ch)
{
	u32 i;

	if (ch->n_cmds == ch->n_send)
		return NULL;
	for (i = 0; ch->send_ring[i]; i++)
		;
	return srpt_make_cmd(ch, i, GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
}

/**
 * srpt_add_page - give a command a page for the data of short reads
 * @ioctx: the command, without one
 *
 * Does not try hard: LIO will.
 *
 * Context: completion context of the channel.
 * Return: 0 or -ENOMEM.
 */
int srpt_add_page(struct srpt_send_ioctx *ioctx)
{
	struct ib_device *dev = ioctx->ch->sdev->ib_dev;
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO |
				       __GFP_NORETRY | __GFP_NOWARN);

	if (!page)
		return -ENOMEM;
	ioctx->page_dma = ib_dma_map_page(dev, page, 0, PAGE_SIZE,
					  DMA_TO_DEVICE);
	if (ib_dma_mapping_error(dev, ioctx->page_dma)) {
		__free_page(page);
		return -ENOMEM;
	}
	ioctx->page = page;
	atomic_long_add(PAGE_SIZE, &srpt_bytes);
	return 0;
}

/* Nobody has the command; LIO may, and what it does with the page is lost. */
static void srpt_unmap_page(struct srpt_send_ioctx *ioctx)
{
	if (ioctx->page)
		ib_dma_unmap_page(ioctx->ch->sdev->ib_dev, ioctx->page_dma,
				  PAGE_SIZE, DMA_TO_DEVICE);
}

static void srpt_free_page(struct srpt_send_ioctx *ioctx)
{
	if (!ioctx->page)
		return;
	__free_page(ioctx->page);
	ioctx->page = NULL;
	atomic_long_sub(PAGE_SIZE, &srpt_bytes);
}

static void srpt_free_cmd(struct srpt_send_ioctx *ioctx)
{
	srpt_unmap_page(ioctx);
	srpt_free_page(ioctx);
	srpt_unmap_ioctx(ioctx->ch->sdev->ib_dev, &ioctx->ioctx, DMA_TO_DEVICE);
	srpt_free_ioctx(&ioctx->ioctx);
}

/* Empties the places of commands that nobody has. */
static void srpt_forget_cmds(struct srpt_rdma_ch *ch, struct llist_node *idle)
{
	struct srpt_send_ioctx *ioctx;

	spin_lock_irq(&ch->nexus->lock);
	llist_for_each_entry(ioctx, idle, free) {
		WRITE_ONCE(ch->send_ring[ioctx->ioctx.index], NULL);
		WRITE_ONCE(ch->n_cmds, ch->n_cmds - 1);
	}
	spin_unlock_irq(&ch->nexus->lock);
}

/**
 * srpt_trim_cmds - free the commands that have not been used lately
 * @ch: channel
 *
 * That is since the last call. SRPT_TX_RESERVE stay.
 *
 * Context: completion context of @ch, which alone takes from the free list.
 */
void srpt_trim_cmds(struct srpt_rdma_ch *ch)
{
	struct llist_node *node = llist_del_all(&ch->free_list);
	struct srpt_send_ioctx *ioctx, *next;
	LLIST_HEAD(idle);
	u32 kept = 0;

	/* the one that was used last is to be the first again */
	node = llist_reverse_order(node);
	llist_for_each_entry_safe(ioctx, next, node, free) {
		if (ioctx->used || kept < SRPT_TX_RESERVE) {
			if (!ioctx->used) {
				srpt_unmap_page(ioctx);
				srpt_free_page(ioctx);
			}
			ioctx->used = false;
			kept++;
			llist_add(&ioctx->free, &ch->free_list);
		} else {
			llist_add(&ioctx->free, &idle);
		}
	}
	if (llist_empty(&idle))
		return;
	srpt_forget_cmds(ch, idle.first);
	llist_for_each_entry_safe(ioctx, next, idle.first, free)
		srpt_free_cmd(ioctx);
}

/**
 * srpt_unmap_cmds - take the commands of a channel away from its device
 * @ch: channel; the device does not use them any more, LIO may
 */
void srpt_unmap_cmds(struct srpt_rdma_ch *ch)
{
	struct srpt_send_ioctx *ioctx;
	u32 i;

	for (i = 0; i < ch->n_send; i++) {
		ioctx = ch->send_ring[i];
		if (!ioctx)
			continue;
		srpt_unmap_page(ioctx);
		srpt_unmap_ioctx(ch->sdev->ib_dev, &ioctx->ioctx,
				 DMA_TO_DEVICE);
	}
}

/**
 * srpt_free_cmds - free the commands of a channel
 * @ch: channel; nobody has any of them, and they are not mapped
 */
void srpt_free_cmds(struct srpt_rdma_ch *ch)
{
	u32 i;

	for (i = 0; i < ch->n_send; i++) {
		if (!ch->send_ring[i])
			continue;
		srpt_free_page(ch->send_ring[i]);
		srpt_free_ioctx(&ch->send_ring[i]->ioctx);
	}
	kvfree(ch->send_ring);
}
