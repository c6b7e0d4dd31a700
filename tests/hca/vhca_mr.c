// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual InfiniBand HCA: memory regions, and every access to memory.
 *
 * The device does its "DMA" with the CPU, so a DMA address is a kernel address.
 * Each access is checked against key, protection domain, rights and range when
 * it happens; a fast-registration region has no valid key before its REG_MR
 * has executed nor after its LOCAL_INV has.
 */
#include <linux/mm.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <rdma/ib_umem.h>
#include <linux/version.h>
#include "vhca.h"

/* Memory of a process: it may be something else too from then on. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
#define ib_umem_get_va	ib_umem_get
#endif

#define VHCA_ACCESS	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_READ | \
			 IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_ATOMIC | \
			 IB_ACCESS_MW_BIND | IB_ACCESS_RELAXED_ORDERING)

static int vhca_mr_check_access(int access)
{
	if (access & ~VHCA_ACCESS)
		return -EOPNOTSUPP;
	/* Remote write implies local write. */
	if (access & (IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_ATOMIC) &&
	    !(access & IB_ACCESS_LOCAL_WRITE))
		return -EINVAL;
	return 0;
}

static void vhca_free_mr(struct vhca_mr *mr)
{
	kvfree(mr->pages);
	kvfree(mr->next);
	kfree(mr);
}

static struct vhca_mr *vhca_alloc_mr_pages(u32 max_pages)
{
	struct vhca_mr *mr = kzalloc(sizeof(*mr), GFP_KERNEL);

	if (!mr)
		return NULL;
	if (!max_pages)
		return mr;
	mr->max_pages = max_pages;
	mr->pages = kvcalloc(max_pages, sizeof(*mr->pages), GFP_KERNEL);
	mr->next = kvcalloc(max_pages, sizeof(*mr->next), GFP_KERNEL);
	if (!mr->pages || !mr->next) {
		vhca_free_mr(mr);
		return NULL;
	}
	return mr;
}

/* Give the region its keys; it can be found from now on. */
static int vhca_publish_mr(struct vhca_mr *mr, struct ib_pd *pd)
{
	struct vhca_dev *dev = to_vdev(pd->device);
	int ret;

	mr->ib.pd = pd;
	mr->ib.device = pd->device;
	ret = xa_alloc_cyclic(&dev->mrs, &mr->index, NULL,
			      XA_LIMIT(1, VHCA_DMA_LKEY / 256 - 1),
			      &dev->next_key, GFP_KERNEL);
	if (ret < 0)
		return ret;
	mr->key = mr->index << 8;
	mr->ib.lkey = mr->key;
	mr->ib.rkey = mr->key;
	ret = xa_err(xa_store(&dev->mrs, mr->index, mr, GFP_KERNEL));
	if (ret)
		xa_erase(&dev->mrs, mr->index);
	return ret;
}

static struct ib_mr *vhca_get_dma_mr(struct ib_pd *pd, int access)
{
	struct vhca_mr *mr;
	int ret;

	/* The RDMA core asks for remote rights alone where it has an lkey. */
	if (access & IB_ACCESS_REMOTE_WRITE)
		access |= IB_ACCESS_LOCAL_WRITE;
	ret = vhca_mr_check_access(access);
	if (ret)
		return ERR_PTR(ret);
	mr = vhca_alloc_mr_pages(0);
	if (!mr)
		return ERR_PTR(-ENOMEM);
	mr->dma = true;
	mr->valid = true;
	mr->access = access;
	mr->length = ~0ULL;
	ret = vhca_publish_mr(mr, pd);
	if (ret) {
		vhca_free_mr(mr);
		return ERR_PTR(ret);
	}
	return &mr->ib;
}

static int vhca_collect_umem(struct vhca_mr *mr, struct ib_umem *umem)
{
	struct sg_page_iter iter;

	for_each_sgtable_page(&umem->sgt_append.sgt, &iter, 0) {
		if (mr->npages == mr->max_pages)
			return -EINVAL;
		mr->pages[mr->npages++] =
			(uintptr_t)page_address(sg_page_iter_page(&iter));
	}
	return 0;
}

static struct ib_mr *vhca_do_reg_user_mr(struct ib_pd *pd, u64 start,
					 u64 length, u64 virt, int access)
{
	struct ib_umem *umem;
	struct vhca_mr *mr;
	int ret = vhca_fault_verb(pd->device, VHCA_REG_USER_MR);

	if (!ret)
		ret = vhca_mr_check_access(access);
	if (ret)
		return ERR_PTR(ret);
	umem = ib_umem_get_va(pd->device, start, length, access);
	if (IS_ERR(umem))
		return ERR_CAST(umem);

	ret = -ENOMEM;
	mr = vhca_alloc_mr_pages(ib_umem_num_pages(umem));
	if (!mr)
		goto release;
	ret = vhca_collect_umem(mr, umem);
	if (ret)
		goto free_mr;
	mr->umem = umem;
	mr->valid = true;
	mr->access = access;
	mr->iova = virt;
	mr->length = length;
	mr->offset = ib_umem_offset(umem);
	mr->page_shift = PAGE_SHIFT;
	ret = vhca_publish_mr(mr, pd);
	if (ret)
		goto free_mr;
	return &mr->ib;

free_mr:
	vhca_free_mr(mr);
release:
	ib_umem_release(umem);
	return ERR_PTR(ret);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
static struct ib_mr *vhca_reg_user_mr(struct ib_pd *pd, u64 start, u64 length,
				      u64 virt, int access, struct ib_dmah *dmah,
				      struct ib_udata *udata)
{
	if (dmah)
		return ERR_PTR(-EOPNOTSUPP);
#else
static struct ib_mr *vhca_reg_user_mr(struct ib_pd *pd, u64 start, u64 length,
				      u64 virt, int access,
				      struct ib_udata *udata)
{
#endif
	return vhca_do_reg_user_mr(pd, start, length, virt, access);
}

static struct ib_mr *vhca_alloc_mr(struct ib_pd *pd, enum ib_mr_type type,
				   u32 max_num_sg)
{
	struct vhca_dev *dev = to_vdev(pd->device);
	struct vhca_mr *mr;
	int ret = vhca_fault_verb(pd->device, VHCA_ALLOC_MR);

	if (ret)
		return ERR_PTR(ret);
	if (type != IB_MR_TYPE_MEM_REG || !max_num_sg ||
	    max_num_sg > dev->limits.max_mr_pages)
		return ERR_PTR(-EINVAL);
	mr = vhca_alloc_mr_pages(max_num_sg);
	if (!mr)
		return ERR_PTR(-ENOMEM);
	ret = vhca_publish_mr(mr, pd);
	if (ret) {
		vhca_free_mr(mr);
		return ERR_PTR(ret);
	}
	return &mr->ib;
}

static int vhca_dereg_mr(struct ib_mr *ib, struct ib_udata *udata)
{
	struct vhca_dev *dev = to_vdev(ib->device);
	struct vhca_mr *mr = to_vmr(ib);

	mutex_lock(&vhca.lock);
	xa_erase(&dev->mrs, mr->index);
	mutex_unlock(&vhca.lock);
	if (mr->umem)
		ib_umem_release(mr->umem);
	vhca_free_mr(mr);
	return 0;
}

static int vhca_set_page(struct ib_mr *ib, u64 addr)
{
	struct vhca_mr *mr = to_vmr(ib);

	if (mr->nnext == mr->max_pages)
		return -ENOMEM;
	mr->next[mr->nnext++] = addr;
	return 0;
}

/*
 * Does a region take the beginning of a list only, because that has more entries
 * than the region has pages?  Behind an IOMMU that merges entries fewer of them
 * are longer, and who cuts by their number asks for more pages than there are.
 */
static bool vhca_is_cut(const struct vhca_mr *mr, struct scatterlist *sg,
			int nents)
{
	if ((u32)nents < mr->max_pages)
		return false;
	while (sg && nents--)
		sg = sg_next(sg);
	return sg;
}

/* How deep is the caller? Drivers may wait for memory regions in many ways. */
static void vhca_note_stack(struct vhca_dev *dev)
{
	unsigned long top = (unsigned long)task_stack_page(current) +
			    THREAD_SIZE;
	unsigned long used = top - (unsigned long)__builtin_frame_address(0);

	if (used < THREAD_SIZE && used > dev->deepest)
		dev->deepest = used;
}

static int vhca_map_mr_sg(struct ib_mr *ib, struct scatterlist *sg, int nents,
			  unsigned int *offset)
{
	int ret = vhca_fault_verb(ib->device, VHCA_MAP_MR_SG);

	if (ret)
		return ret;
	if (to_vdev(ib->device)->limits.merge_dma &&
	    vhca_is_cut(to_vmr(ib), sg, nents))
		return -EINVAL;
	vhca_note_stack(to_vdev(ib->device));
	to_vmr(ib)->nnext = 0;
	return ib_sg_to_pages(ib, sg, nents, offset, vhca_set_page);
}

/* A region by its key, if that is valid. Caller holds vhca.lock. */
static struct vhca_mr *vhca_find_mr(struct vhca_dev *dev, u32 key)
{
	struct vhca_mr *mr = xa_load(&dev->mrs, key >> 8);

	lockdep_assert_held(&vhca.lock);
	return mr && mr->valid && mr->key == key ? mr : NULL;
}

static bool vhca_mr_allows(const struct vhca_mr *mr, struct ib_pd *pd, u64 addr,
			   u64 len, int access)
{
	return mr->ib.pd == pd && (mr->access & access) == access &&
	       addr >= mr->iova && len <= mr->length &&
	       addr - mr->iova <= mr->length - len;
}

/* A stray kernel address shall be an error, not an oops. */
static bool vhca_kernel_range_ok(u64 addr, u64 len)
{
	void *first = (void *)(uintptr_t)addr;

	return addr + len > addr && virt_addr_valid(first) &&
	       virt_addr_valid(first + len - 1);
}

static bool vhca_add_seg(struct vhca_sgl *sgl, struct vhca_mr *mr, u64 addr,
			 u32 len)
{
	if (!mr || mr->dma) {
		if (!vhca_kernel_range_ok(addr, len))
			return false;
		mr = NULL;
	}
	sgl->seg[sgl->n++] = (struct vhca_seg) {
		.mr = mr, .addr = addr, .len = len
	};
	sgl->len += len;
	return true;
}

static void vhca_sgl_reset(struct vhca_sgl *sgl)
{
	sgl->cur = 0;
	sgl->n = 0;
	sgl->len = 0;
}

/**
 * vhca_map_sge - check local memory that a work request names
 * @qp: queue pair of the request
 * @sge: the scatter/gather entries
 * @n: how many
 * @access: rights needed
 * @sgl: result
 *
 * Caller holds vhca.lock.
 *
 * Return: completion status.
 */
enum ib_wc_status vhca_map_sge(struct vhca_qp *qp, const struct ib_sge *sge,
			       u32 n, int access, struct vhca_sgl *sgl)
{
	struct vhca_dev *dev = to_vdev(qp->ib.device);
	struct vhca_mr *mr;
	u32 i;

	vhca_sgl_reset(sgl);
	for (i = 0; i < n; i++, sge++) {
		if (!sge->length)
			continue;
		mr = NULL;
		if (sge->lkey != VHCA_DMA_LKEY || qp->user) {
			mr = vhca_find_mr(dev, sge->lkey);
			if (!mr || !vhca_mr_allows(mr, qp->ib.pd, sge->addr,
						   sge->length, access))
				return IB_WC_LOC_PROT_ERR;
		}
		if (!vhca_add_seg(sgl, mr, sge->addr, sge->length))
			return IB_WC_LOC_PROT_ERR;
	}
	return IB_WC_SUCCESS;
}

/**
 * vhca_map_rkey - check memory that the other side names
 * @qp: queue pair that the request arrives at
 * @addr: address
 * @rkey: remote key
 * @len: bytes; with 0 the key is not looked at (IBA C9-88)
 * @access: rights needed
 * @sgl: result
 *
 * Caller holds vhca.lock.
 *
 * Return: whether the access is allowed.
 */
bool vhca_map_rkey(struct vhca_qp *qp, u64 addr, u32 rkey, u64 len, int access,
		   struct vhca_sgl *sgl)
{
	struct vhca_mr *mr;

	vhca_sgl_reset(sgl);
	if (!len)
		return true;
	mr = vhca_find_mr(to_vdev(qp->ib.device), rkey);
	return mr && vhca_mr_allows(mr, qp->ib.pd, addr, len, access) &&
	       vhca_add_seg(sgl, mr, addr, len);
}

/* Kernel address of the next bytes of a list; NULL at its end. */
static void *vhca_sgl_next(struct vhca_sgl *sgl, u64 *len)
{
	struct vhca_seg *seg;
	u64 pos, in_page;

	while (sgl->cur < sgl->n && !sgl->seg[sgl->cur].len)
		sgl->cur++;
	if (sgl->cur == sgl->n)
		return NULL;
	seg = &sgl->seg[sgl->cur];
	if (!seg->mr) {
		*len = min_t(u64, *len, seg->len);
		return (void *)(uintptr_t)seg->addr;
	}
	pos = seg->addr - seg->mr->iova + seg->mr->offset;
	in_page = pos & ((1ULL << seg->mr->page_shift) - 1);
	*len = min3(*len, (u64)seg->len,
		    (1ULL << seg->mr->page_shift) - in_page);
	return (void *)(uintptr_t)(seg->mr->pages[pos >> seg->mr->page_shift] +
				   in_page);
}

static void vhca_sgl_eat(struct vhca_sgl *sgl, u32 len)
{
	sgl->seg[sgl->cur].addr += len;
	sgl->seg[sgl->cur].len -= len;
	sgl->len -= len;
}

/* Copy @len bytes; both lists are at least as long. */
void vhca_copy(struct vhca_sgl *dst, struct vhca_sgl *src, u64 len)
{
	void *to, *from;
	u64 n;

	while (len) {
		n = len;
		to = vhca_sgl_next(dst, &n);
		from = vhca_sgl_next(src, &n);
		if (WARN_ON_ONCE(!to || !from))
			return;
		memmove(to, from, n);
		vhca_sgl_eat(dst, n);
		vhca_sgl_eat(src, n);
		len -= n;
	}
}

/* Copy @len bytes from @buf into a list that is long enough. */
void vhca_copy_in(struct vhca_sgl *dst, const void *buf, u32 len)
{
	void *to;
	u64 n;

	for (; len; len -= n, buf += n) {
		n = len;
		to = vhca_sgl_next(dst, &n);
		if (WARN_ON_ONCE(!to))
			return;
		memcpy(to, buf, n);
		vhca_sgl_eat(dst, n);
	}
}

/* Copy @len bytes to @buf from a list that is long enough. */
void vhca_copy_out(void *buf, struct vhca_sgl *src, u32 len)
{
	void *from;
	u64 n;

	for (; len; len -= n, buf += n) {
		n = len;
		from = vhca_sgl_next(src, &n);
		if (WARN_ON_ONCE(!from))
			return;
		memcpy(buf, from, n);
		vhca_sgl_eat(src, n);
	}
}

/* Leave out @len bytes of a list that is long enough. */
void vhca_skip(struct vhca_sgl *sgl, u32 len)
{
	u64 n;

	for (; len; len -= n) {
		n = len;
		if (WARN_ON_ONCE(!vhca_sgl_next(sgl, &n)))
			return;
		vhca_sgl_eat(sgl, n);
	}
}

/**
 * vhca_exec_reg - execute REG_MR
 * @qp: queue pair
 * @wqe: work request
 *
 * The region must belong to the queue pair's protection domain, have no valid
 * key, and the new key may differ from the old one in its low 8 bits only.
 * Caller holds vhca.lock.
 *
 * Return: completion status.
 */
enum ib_wc_status vhca_exec_reg(struct vhca_qp *qp, struct vhca_swqe *wqe)
{
	struct vhca_mr *mr;
	u32 i;

	mr = xa_load(&to_vdev(qp->ib.device)->mrs, wqe->reg.key >> 8);
	if (!mr || !mr->next || mr->umem || mr->valid ||
	    mr->ib.pd != qp->ib.pd || vhca_mr_check_access(wqe->reg.access))
		return IB_WC_LOC_QP_OP_ERR;
	for (i = 0; i < mr->nnext; i++)
		if (!vhca_kernel_range_ok(mr->next[i],
					  1ULL << wqe->reg.page_shift))
			return IB_WC_LOC_QP_OP_ERR;

	memcpy(mr->pages, mr->next, mr->nnext * sizeof(*mr->pages));
	mr->npages = mr->nnext;
	mr->iova = wqe->reg.iova;
	mr->length = wqe->reg.length;
	mr->page_shift = wqe->reg.page_shift;
	mr->offset = mr->iova & ((1U << mr->page_shift) - 1);
	mr->access = wqe->reg.access;
	mr->key = wqe->reg.key;
	if (mr->offset + mr->length > (u64)mr->npages << mr->page_shift)
		return IB_WC_LOC_QP_OP_ERR;
	mr->valid = true;
	return IB_WC_SUCCESS;
}

/**
 * vhca_invalidate - execute LOCAL_INV, or the invalidation that came with a SEND
 * @qp: queue pair
 * @rkey: key
 *
 * Caller holds vhca.lock.
 *
 * Return: false if there is no such valid fast-registration region here.
 */
bool vhca_invalidate(struct vhca_qp *qp, u32 rkey)
{
	struct vhca_mr *mr = vhca_find_mr(to_vdev(qp->ib.device), rkey);

	if (!mr || !mr->next || mr->umem || mr->ib.pd != qp->ib.pd)
		return false;
	mr->valid = false;
	return true;
}

const struct ib_device_ops vhca_mr_ops = {
	.get_dma_mr = vhca_get_dma_mr,
	.reg_user_mr = vhca_reg_user_mr,
	.alloc_mr = vhca_alloc_mr,
	.map_mr_sg = vhca_map_mr_sg,
	.dereg_mr = vhca_dereg_mr,
};
