/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Memory of requests and answers: contexts, their buffers, and the queue that
 * channels share. Part of ib_srpt.h.
 */
#ifndef SRPT_POOL_H
#define SRPT_POOL_H

#include <linux/atomic.h>
#include <linux/dma-direction.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <rdma/ib_verbs.h>

struct srpt_device;

/* A receive buffer that has been idle for that long, at most twice, is freed. */
#define SRPT_RQ_TRIM	(10 * HZ)

/**
 * struct srpt_pool - DMA-mapped memory that buffers are cut from
 * @dev: device that it is mapped for; NULL once it is unmapped
 * @dir: direction that it is mapped for
 * @stride: bytes from one buffer to the next; 0: as long as they are
 * @chunks: struct srpt_chunk, the one that is cut from first
 *
 * Grows while a ring is allocated, goes away as a whole. One thread at a time.
 */
struct srpt_pool {
	struct ib_device *dev;
	enum dma_data_direction dir;
	u32 stride;
	struct list_head chunks;
};

/**
 * struct srpt_ioctx - what receive and send contexts have in common
 * @cqe: completion callback of the receive, or of the response
 * @buf: the buffer
 * @dma: bus address of @buf
 * @index: place in the ring
 * @size: bytes of a buffer of its own; 0: it is of a pool
 */
struct srpt_ioctx {
	struct ib_cqe cqe;
	void *buf;
	dma_addr_t dma;
	u32 index;
	u32 size;
};

/**
 * struct srpt_recv_ioctx - a receive buffer
 * @ioctx: buffer and callback
 * @entry: wait_list of its channel, in the completion context only; idle list
 *	of its shared queue
 * @all: buffers of its shared queue
 * @wr: gives it to the hardware; made once
 * @sge: likewise
 * @rq: receive queue that it belongs to; NULL: to the ring of a channel
 * @len: bytes received
 * @pad: offset of the IU in the buffer: puts immediate data at the beginning
 *	of a page
 */
struct srpt_recv_ioctx {
	struct srpt_ioctx ioctx;
	struct list_head entry;
	struct list_head all;
	struct ib_recv_wr wr;
	struct ib_sge sge;
	struct srpt_rq *rq;
	u32 len;
	u16 pad;
};

/**
 * struct srpt_rq - a receive queue and its pool of buffers
 * @kref: memory: the device while it hands out a shared one, and each channel
 * @lock: protects what follows, but for @shared, @sdev, @slot,
 *	@iu_len, @imm_off, @size, @most, @users and @armed
 * @srq: the hardware of a shared one; NULL once it is gone
 * @qp: that of a channel's own, while @open
 * @open: the hardware takes buffers
 * @shared: channels share it
 * @sdev: its device
 * @slot: which of the shared queues of @sdev it is
 * @iu_len: bytes of the longest request
 * @imm_off: offset of immediate data in a request
 * @all: every buffer
 * @idle: those that neither the hardware nor a request has
 * @size: how many buffers there may be
 * @most: how many of them may be posted at once
 * @users: channels whose hardware uses it, under sdev->mutex
 * @stock: how many should be idle
 * @total: buffers in @all
 * @n_idle: buffers in @idle
 * @least: fewest that were in @idle since the last trim
 * @posted: given to the hardware, and no completion of theirs has been seen
 * @quiet: how many should be, as long as completions are seen soon
 * @want: how many should be now
 * @taken: counts completions
 * @low_at: @taken when the hardware last said that it had few
 * @low: it has said so, and nobody has looked why
 * @low_since: jiffies when it last said so
 * @lows: how many times in a row, with no reason but that it is busy
 * @armed: the hardware has been asked to say so; of the work @refill alone
 * @waits: memory was missing, or the hardware took nothing: @refill tries again
 *	after a while, not at each request
 * @trim_at: jiffies of the next trim
 * @trim_taken: @taken at the last one
 * @refill: posts what is missing, and allocates it
 * @look: looks whether @want is right, and trims
 */
struct srpt_rq {
	struct kref kref;
	spinlock_t lock;	/* protects srq, qp, buffers and counts */
	struct ib_srq *srq;
	struct ib_qp *qp;
	bool open;
	bool shared;
	struct srpt_device *sdev;
	u32 slot;
	u32 iu_len;
	u32 imm_off;
	struct list_head all;
	struct list_head idle;
	u32 size;
	u32 most;
	u32 users;
	u32 stock;
	u32 total;
	u32 n_idle;
	u32 least;
	u32 posted;
	u32 quiet;
	u32 want;
	u32 taken;
	u32 low_at;
	bool low;
	unsigned long low_since;
	u32 lows;
	bool armed;
	bool waits;
	unsigned long trim_at;
	u32 trim_taken;
	struct delayed_work refill;
	struct delayed_work look;
};

/* srpt_pool.c: contexts and their memory */
extern atomic_long_t srpt_bytes;
struct srpt_ioctx *srpt_alloc_ioctx(struct ib_device *dev, int ioctx_size,
				    int dma_size, enum dma_data_direction dir,
				    gfp_t gfp);
void srpt_unmap_ioctx(struct ib_device *dev, struct srpt_ioctx *ioctx,
		      enum dma_data_direction dir);
void srpt_free_ioctx(struct srpt_ioctx *ioctx);
void srpt_pool_init(struct srpt_pool *pool, struct ib_device *dev,
		    enum dma_data_direction dir);
void srpt_pool_unmap(struct srpt_pool *pool);
struct srpt_recv_ioctx **
srpt_alloc_recv_ring(struct srpt_pool *pool, u32 n, u32 iu_len, u32 imm_off,
		     u32 lkey, void (*done)(struct ib_cq *cq, struct ib_wc *wc));
struct srpt_recv_ioctx *
srpt_alloc_recv(struct ib_device *dev, u32 iu_len, u32 imm_off, u32 lkey,
		void (*done)(struct ib_cq *cq, struct ib_wc *wc));
void srpt_free_ioctx_ring(struct srpt_ioctx **ring, struct srpt_pool *pool,
			  int ring_size);

#endif /* SRPT_POOL_H */
