// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * I/O contexts and the memory behind them.
 *
 * A context has a buffer of its own, mapped for DMA, and comes and goes alone:
 * commands are such, and receive buffers of a shared queue.
 *
 * Or it belongs to a ring, an array of them. Those buffers are cut from chunks of
 * whole pages which are mapped once: a login makes a few mappings instead of one
 * for each buffer, nothing is lost to rounding up to slab sizes, and a backend
 * may take references on the pages of immediate data.
 *
 * Buffers of a ring stay until the pool goes. The mapping may go first: when
 * an HCA is removed while a backend still reads immediate data, the memory
 * outlives the device.
 *
 * Everything here may sleep, but for allocation as gfp flags say.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/align.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "ib_srpt.h"

/* Bytes of contexts, of their buffers, and of channels; for who looks. */
atomic_long_t srpt_bytes;

/* Chunks of 64 KiB lose at most one buffer's worth and are still easy to get. */
#define SRPT_CHUNK_ORDER	4

/**
 * struct srpt_chunk - pages of a pool
 * @entry: chunks of the pool
 * @pages: the memory
 * @dma: its bus address while it is mapped
 * @size: its size in bytes
 * @used: bytes that have been cut off
 */
struct srpt_chunk {
	struct list_head entry;
	struct page *pages;
	dma_addr_t dma;
	u32 size;
	u32 used;
};

/**
 * srpt_pool_init - prepare an empty pool
 * @pool: the pool
 * @dev: device to map it for
 * @dir: what the device does: DMA_FROM_DEVICE writes the buffers
 */
void srpt_pool_init(struct srpt_pool *pool, struct ib_device *dev,
		    enum dma_data_direction dir)
{
	pool->dev = dev;
	pool->dir = dir;
	INIT_LIST_HEAD(&pool->chunks);
}

/* Pages for at least @want bytes: more if they come easily. */
static struct page *srpt_chunk_pages(u32 want, u32 *size)
{
	gfp_t gfp = GFP_KERNEL | __GFP_COMP | __GFP_ZERO | __GFP_NOWARN;
	unsigned int order = get_order(want);
	struct page *pages = NULL;

	if (order < SRPT_CHUNK_ORDER) {
		*size = PAGE_SIZE << SRPT_CHUNK_ORDER;
		pages = alloc_pages(gfp | __GFP_NORETRY, SRPT_CHUNK_ORDER);
	}
	if (!pages) {
		*size = PAGE_SIZE << order;
		pages = alloc_pages(gfp, order);
	}
	return pages;
}

static struct srpt_chunk *srpt_pool_grow(struct srpt_pool *pool, u32 want)
{
	struct srpt_chunk *chunk = kzalloc(sizeof(*chunk), GFP_KERNEL);

	if (!chunk)
		return NULL;
	chunk->pages = srpt_chunk_pages(want, &chunk->size);
	if (!chunk->pages)
		goto free_chunk;
	chunk->dma = ib_dma_map_page(pool->dev, chunk->pages, 0, chunk->size,
				     pool->dir);
	if (ib_dma_mapping_error(pool->dev, chunk->dma))
		goto free_pages;
	list_add(&chunk->entry, &pool->chunks);
	atomic_long_add(chunk->size, &srpt_bytes);
	return chunk;

free_pages:
	__free_pages(chunk->pages, get_order(chunk->size));
free_chunk:
	kfree(chunk);
	return NULL;
}

/*
 * Cuts @size bytes off; zeroed, so that no old memory ever leaves by them. The
 * next buffer begins a stride further on, be it that what one has behind its
 * data lies where the next has only padding.
 */
static int srpt_pool_cut(struct srpt_pool *pool, u32 size,
			 struct srpt_ioctx *ioctx)
{
	struct srpt_chunk *chunk;

	chunk = list_first_entry_or_null(&pool->chunks, struct srpt_chunk,
					 entry);
	if (!chunk || chunk->size < chunk->used + size) {
		chunk = srpt_pool_grow(pool, size);
		if (!chunk)
			return -ENOMEM;
	}
	ioctx->buf = page_address(chunk->pages) + chunk->used;
	ioctx->dma = chunk->dma + chunk->used;
	chunk->used += pool->stride ?: size;
	return 0;
}

/**
 * srpt_pool_unmap - take a pool away from its device
 * @pool: the pool; its memory stays readable
 *
 * The device must not use the buffers any more. Safe to call again.
 */
void srpt_pool_unmap(struct srpt_pool *pool)
{
	struct srpt_chunk *chunk;

	if (!pool->dev)
		return;
	list_for_each_entry(chunk, &pool->chunks, entry)
		ib_dma_unmap_page(pool->dev, chunk->dma, chunk->size,
				  pool->dir);
	pool->dev = NULL;
}

/**
 * srpt_pool_free - free the memory of a pool
 * @pool: the pool; unmapped if it still is mapped
 */
static void srpt_pool_free(struct srpt_pool *pool)
{
	struct srpt_chunk *chunk, *tmp;

	srpt_pool_unmap(pool);
	list_for_each_entry_safe(chunk, tmp, &pool->chunks, entry) {
		list_del(&chunk->entry);
		atomic_long_sub(chunk->size, &srpt_bytes);
		__free_pages(chunk->pages, get_order(chunk->size));
		kfree(chunk);
	}
}

/* Buffers of a page and more are pages: a backend may take references. */
static void *srpt_alloc_buf(u32 size, gfp_t gfp)
{
	if (size < PAGE_SIZE)
		return kzalloc(size, gfp);
	return (void *)__get_free_pages(gfp | __GFP_COMP | __GFP_ZERO,
					get_order(size));
}

static void srpt_free_buf(void *buf, u32 size)
{
	if (size < PAGE_SIZE)
		kfree(buf);
	else
		free_pages((unsigned long)buf, get_order(size));
}

static long srpt_ioctx_bytes(const struct srpt_ioctx *ioctx)
{
	u32 size = ioctx->size;

	return ksize(ioctx) + (size < PAGE_SIZE ? ksize(ioctx->buf) :
			       PAGE_SIZE << get_order(size));
}

/**
 * srpt_alloc_ioctx - allocate one I/O context with a buffer of its own
 * @dev: the HCA
 * @ioctx_size: size of the context in bytes; it starts with a
 *	struct srpt_ioctx and the rest is zeroed
 * @dma_size: size of the buffer in bytes; rounded up to a cache line
 * @dir: what the device does with it
 * @gfp: how hard to try
 *
 * Context: as @gfp says.
 * Return: the context, mapped, or NULL without memory.
 */
struct srpt_ioctx *srpt_alloc_ioctx(struct ib_device *dev, int ioctx_size,
				    int dma_size, enum dma_data_direction dir,
				    gfp_t gfp)
{
	struct srpt_ioctx *ioctx = kzalloc(ioctx_size, gfp);

	if (!ioctx)
		return NULL;
	ioctx->size = L1_CACHE_ALIGN(dma_size);
	ioctx->buf = srpt_alloc_buf(ioctx->size, gfp);
	if (!ioctx->buf)
		goto free_ioctx;
	ioctx->dma = ib_dma_map_single(dev, ioctx->buf, ioctx->size, dir);
	if (ib_dma_mapping_error(dev, ioctx->dma))
		goto free_buf;
	atomic_long_add(srpt_ioctx_bytes(ioctx), &srpt_bytes);
	return ioctx;

free_buf:
	srpt_free_buf(ioctx->buf, ioctx->size);
free_ioctx:
	kfree(ioctx);
	return NULL;
}

/**
 * srpt_unmap_ioctx - take an I/O context away from its device
 * @dev: the HCA; it does not use the buffer any more
 * @ioctx: the context, of srpt_alloc_ioctx()
 * @dir: as it was allocated
 */
void srpt_unmap_ioctx(struct ib_device *dev, struct srpt_ioctx *ioctx,
		      enum dma_data_direction dir)
{
	ib_dma_unmap_single(dev, ioctx->dma, ioctx->size, dir);
}

/**
 * srpt_free_ioctx - free an I/O context and its buffer
 * @ioctx: the context, of srpt_alloc_ioctx(), not mapped any more
 */
void srpt_free_ioctx(struct srpt_ioctx *ioctx)
{
	atomic_long_sub(srpt_ioctx_bytes(ioctx), &srpt_bytes);
	srpt_free_buf(ioctx->buf, ioctx->size);
	kfree(ioctx);
}

/* A context whose buffer is cut from a pool. */
static struct srpt_ioctx *srpt_cut_ioctx(struct srpt_pool *pool,
					 int ioctx_size, int dma_size)
{
	struct srpt_ioctx *ioctx = kzalloc(ioctx_size, GFP_KERNEL);

	if (!ioctx)
		return NULL;
	if (srpt_pool_cut(pool, dma_size, ioctx)) {
		kfree(ioctx);
		return NULL;
	}
	atomic_long_add(ksize(ioctx), &srpt_bytes);
	return ioctx;
}

/**
 * srpt_alloc_ioctx_ring - allocate contexts and buffers of a queue
 * @pool: where the buffers come from; initialised, empty
 * @ring_size: number of contexts
 * @ioctx_size: size of a context in bytes
 * @dma_size: size of a buffer in bytes; rounded up to a cache line
 *
 * Context: may sleep.
 * Return: the ring, or NULL without memory; the pool may have grown then.
 */
static struct srpt_ioctx **srpt_alloc_ioctx_ring(struct srpt_pool *pool,
						 int ring_size, int ioctx_size,
						 int dma_size)
{
	struct srpt_ioctx **ring;
	int i;

	ring = kvcalloc(ring_size, sizeof(*ring), GFP_KERNEL);
	if (!ring)
		return NULL;
	for (i = 0; i < ring_size; i++) {
		ring[i] = srpt_cut_ioctx(pool, ioctx_size,
					 L1_CACHE_ALIGN(dma_size));
		if (!ring[i])
			goto free_ring;
		ring[i]->index = i;
	}
	return ring;

free_ring:
	srpt_free_ioctx_ring(ring, pool, i);
	return NULL;
}

/**
 * srpt_free_ioctx_ring - free contexts and buffers of a queue
 * @ring: what srpt_alloc_ioctx_ring() returned, or NULL
 * @pool: memory of the buffers
 * @ring_size: number of contexts
 *
 * Neither the device nor a backend may use any of it.
 */
void srpt_free_ioctx_ring(struct srpt_ioctx **ring, struct srpt_pool *pool,
			  int ring_size)
{
	int i;

	for (i = 0; ring && i < ring_size; i++) {
		atomic_long_sub(ksize(ring[i]), &srpt_bytes);
		kfree(ring[i]);
	}
	kvfree(ring);
	srpt_pool_free(pool);
}

/* What is in front of a request: immediate data begins with a page. */
static u32 srpt_recv_pad(u32 imm_off)
{
	return imm_off ? PAGE_SIZE - imm_off : 0;
}

/* A work request for @iu_len bytes, @pad bytes into the buffer. */
static void srpt_make_recv_wr(struct srpt_recv_ioctx *recv, u32 pad, u32 iu_len,
			      u32 lkey)
{
	recv->pad = pad;
	recv->sge.addr = recv->ioctx.dma + pad;
	recv->sge.length = iu_len;
	recv->sge.lkey = lkey;
	recv->wr.wr_cqe = &recv->ioctx.cqe;
	recv->wr.sg_list = &recv->sge;
	recv->wr.num_sge = 1;
}

/**
 * srpt_alloc_recv - allocate a receive buffer that comes and goes alone
 * @dev: the HCA
 * @iu_len: bytes of the longest request
 * @imm_off: offset of immediate data in a request
 * @lkey: local key of the protection domain
 * @done: its completion callback
 *
 * Context: may sleep; does not try hard.
 * Return: the buffer, or NULL without memory.
 */
struct srpt_recv_ioctx *
srpt_alloc_recv(struct ib_device *dev, u32 iu_len, u32 imm_off, u32 lkey,
		void (*done)(struct ib_cq *cq, struct ib_wc *wc))
{
	u32 pad = srpt_recv_pad(imm_off);
	struct srpt_recv_ioctx *recv = (struct srpt_recv_ioctx *)
		srpt_alloc_ioctx(dev, sizeof(*recv), pad + iu_len,
				 DMA_FROM_DEVICE,
				 GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);

	if (!recv)
		return NULL;
	recv->ioctx.cqe.done = done;
	srpt_make_recv_wr(recv, pad, iu_len, lkey);
	return recv;
}

/**
 * srpt_alloc_recv_ring - allocate receive buffers
 * @pool: where they come from; initialised, empty
 * @n: how many
 * @iu_len: bytes of the longest request
 * @imm_off: offset of immediate data in a request; 0: there is none
 * @lkey: local key of the protection domain
 * @done: their completion callback
 *
 * Immediate data begins at the beginning of a page: a backend may want whole
 * blocks, and each of them inside a page. Of the page in front of it only the
 * end is used, by the request, and the next buffer's request may begin in the
 * page in which this one's data ends.
 *
 * Context: may sleep.
 * Return: the ring, or NULL without memory; the pool may have grown then.
 */
struct srpt_recv_ioctx **
srpt_alloc_recv_ring(struct srpt_pool *pool, u32 n, u32 iu_len, u32 imm_off,
		     u32 lkey, void (*done)(struct ib_cq *cq, struct ib_wc *wc))
{
	u32 pad = srpt_recv_pad(imm_off);
	u32 size = L1_CACHE_ALIGN(pad + iu_len);
	struct srpt_recv_ioctx **ring;
	u32 i;

	if (imm_off)
		pool->stride = size % PAGE_SIZE <= pad ?
			       ALIGN_DOWN(size, PAGE_SIZE) :
			       ALIGN(size, PAGE_SIZE);
	ring = (struct srpt_recv_ioctx **)
		srpt_alloc_ioctx_ring(pool, n, sizeof(**ring), size);
	if (!ring)
		return NULL;
	for (i = 0; i < n; i++) {
		ring[i]->ioctx.cqe.done = done;
		srpt_make_recv_wr(ring[i], pad, iu_len, lkey);
	}
	return ring;
}
