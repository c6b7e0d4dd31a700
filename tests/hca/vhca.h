/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtual InfiniBand HCAs, connected back to back in memory.
 *
 * A test fixture for RDMA consumers: link layer InfiniBand, run by the stock
 * subnet manager, strict about everything a consumer can do wrong, and with
 * faults that can be switched on from debugfs.
 *
 * How it works
 * ------------
 * One kernel thread, the engine, plays all the hardware: it takes queue pairs
 * from a ready list and executes their send work requests one at a time, each
 * as one copy from the sender's to the receiver's memory. There are no packets,
 * so nothing can be reordered; what can be lost is a whole message.
 *
 * Locks, outermost first
 * ----------------------
 * vhca.lock (mutex): held by the engine while it executes, and by every verb
 *	that takes something away from it (modify_qp, destroy_qp, dereg_mr, ...).
 *	So once such a verb returns, no more memory is touched on behalf of the
 *	QP or key. Nothing is allocated while it is held: an allocation may wait
 *	for a disk that waits for the engine.
 * vhca.port_lock (spinlock): what the subnet manager can see or set in a port,
 *	and the table of devices. Port events are raised with it held, so that
 *	they cannot meet a device that is being removed.
 * qp->sq.lock, rq->lock, cq->lock (spinlocks): the queues, because work is
 *	posted and polled from any context.
 * vhca.ready_lock, dev->fault_lock (spinlocks): innermost.
 */
#ifndef VHCA_H
#define VHCA_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <rdma/ib_mad.h>
#include <rdma/ib_smi.h>
#include <rdma/ib_verbs.h>

#define VHCA_MAX_DEVS		4
#define VHCA_MAX_PORTS		2
#define VHCA_PKEYS		32
#define VHCA_GUIDS		8
#define VHCA_MAX_SGE		32
#define VHCA_MAX_RULES		16
#define VHCA_MAX_MSG		(1U << 30)
#define VHCA_MTU		4096

/*
 * The key for "any address that the DMA API gave me". Not zero, so that a work
 * request whose lkey was never set fails.
 */
#define VHCA_DMA_LKEY		0xfffffe00U

struct seq_file;
struct vhca_dev;

/**
 * struct vhca_limits - what a device admits to; from module parameters
 * @max_qp: queue pairs
 * @max_qp_wr: work requests in a send or receive queue
 * @max_send_sge: scatter/gather entries of a send work request
 * @max_recv_sge: scatter/gather entries of a receive work request
 * @max_sge_rd: scatter/gather entries of an RDMA READ
 * @max_sgl_rd: entries above which the RDMA READ/WRITE helpers use a memory
 *	region; 0 for no such wish
 * @max_srq_wr: work requests in a shared receive queue; 0 for no SRQ at all
 * @max_cqe: entries of a completion queue
 * @max_mr_pages: pages of a fast-registration memory region
 * @merge_dma: a list of more entries than a region has pages does not fit, as
 *	behind an IOMMU that merges entries
 * @max_rd_atom: RDMA READs in flight, as requester and as responder
 * @comp_vectors: completion vectors; all are told by the same thread
 * @raw: the ports carry raw packets: no connection manager, no MADs, no GIDs
 */
struct vhca_limits {
	u32 max_qp;
	u32 max_qp_wr;
	u32 max_send_sge;
	u32 max_recv_sge;
	u32 max_sge_rd;
	u32 max_sgl_rd;
	u32 max_srq_wr;
	u32 max_cqe;
	u32 max_mr_pages;
	bool merge_dma;
	u32 max_rd_atom;
	u32 comp_vectors;
	bool raw;
};

/**
 * struct vhca_port - one port; everything but @qp under vhca.port_lock
 * @dev: device that the port belongs to
 * @num: port number, from 1
 * @state: logical state: DOWN, INIT, ARMED, ACTIVE
 * @phys: physical state: IB_PORT_PHYS_STATE_*
 * @cable: cleared by the test: the cable is pulled at this end
 * @gid_prefix: subnet prefix of the port's GIDs
 * @mkey, @mkey_prot, @mkey_lease: management key, stored for the SM
 * @guid: GUID table; entry 0 is the port GUID and belongs to the hardware
 * @pkey: P_Key table
 * @lid, @lmc, @sm_lid, @sm_sl: as the SM set them
 * @subnet_timeout: as the SM set it
 * @cap_mask: PortInfo capability mask
 * @neighbor_mtu, @oper_vls: stored for the SM
 * @pkey_viol, @qkey_viol: violations seen
 * @link_downed: times the link went down
 * @tx_bytes, @rx_bytes, @tx_msgs, @rx_msgs: traffic
 * @rx_mads, @tx_mads: MADs by management class (low 7 bits)
 * @trap_tid: transaction id of the trap not yet repressed, 0 for none
 * @trap_tries: transmissions of that trap still allowed
 * @trap_work: sends it
 * @qp: QP0 and QP1; under vhca.lock
 */
struct vhca_port {
	struct vhca_dev *dev;
	u32 num;
	enum ib_port_state state;
	u8 phys;
	bool cable;
	__be64 gid_prefix;
	__be64 mkey;
	u8 mkey_prot;
	u16 mkey_lease;
	__be64 guid[VHCA_GUIDS];
	u16 pkey[VHCA_PKEYS];
	u16 lid;
	u8 lmc;
	u16 sm_lid;
	u8 sm_sl;
	u8 subnet_timeout;
	u32 cap_mask;
	u8 neighbor_mtu;
	u8 oper_vls;
	u16 pkey_viol;
	u16 qkey_viol;
	u32 link_downed;
	u64 tx_bytes, rx_bytes;
	u64 tx_msgs, rx_msgs;
	u32 rx_mads[128], tx_mads[128];
	u64 trap_tid;
	u32 trap_tries;
	struct delayed_work trap_work;
	struct vhca_qp *qp[2];
};

/* The verbs that can be made to fail; the first ones sleep, vhca_verb_sleeps() */
enum vhca_verb {
	VHCA_CREATE_QP, VHCA_CREATE_CQ, VHCA_CREATE_SRQ, VHCA_ALLOC_PD,
	VHCA_ALLOC_MR, VHCA_MODIFY_PORT, VHCA_REG_USER_MR, VHCA_CREATE_AH,
	VHCA_MODIFY_QP,
	VHCA_QUERY_QP, VHCA_MAP_MR_SG, VHCA_POST_SEND, VHCA_POST_RECV,
	VHCA_POST_SRQ_RECV, VHCA_VERBS,
};

enum vhca_fault_kind {
	VHCA_FAULT_NONE,
	VHCA_FAULT_WR,		/* a work request completes with an error */
	VHCA_FAULT_RNR,		/* an arriving message finds no buffer */
	VHCA_FAULT_MAD,		/* a MAD is lost or doubled when sent */
	VHCA_FAULT_VERB,	/* a verbs call returns an error */
	VHCA_FAULT_SLOW,	/* a verbs call takes its time */
};

#define VHCA_ANY		(~0U)
#define VHCA_SEL_RECV		0x1000	/* VHCA_FAULT_WR: receives */
#define VHCA_MAD_DROP		1
#define VHCA_MAD_DUP		2

/**
 * struct vhca_rule - one fault to inject; under dev->fault_lock
 * @kind: what it applies to
 * @sel: work request opcode, management class or verb; VHCA_ANY for all
 * @attr: MAD attribute; VHCA_ANY for all
 * @skip: occurrences to let pass first
 * @count: occurrences to hit after that; 0 for all
 * @value: completion status, MAD action, errno or milliseconds
 * @hits: occurrences hit
 */
struct vhca_rule {
	enum vhca_fault_kind kind;
	u32 sel;
	u32 attr;
	u32 skip;
	u32 count;
	int value;
	u32 hits;
};

/**
 * struct vhca_dev - one HCA
 * @ib: the RDMA core's device
 * @index: place in vhca.dev[]
 * @nports: ports used
 * @port: the ports; port n is port[n - 1]
 * @limits: what the device admits to
 * @node_guid: node GUID
 * @qps: queue pairs by number, except QP0 and QP1
 * @mrs: memory regions by key >> 8
 * @srqs: shared receive queues by number
 * @next_qpn, @next_key, @next_srqn: cursors, so that numbers are not reused soon
 * @registered: events may be dispatched; under vhca.port_lock
 * @dead: had a fatal error; under vhca.lock
 * @refuses: takes no work requests any more, as a device in internal error;
 *	read without a lock
 * @flush_now, @flush_ms: of the work of a queue pair in error so many requests
 *	complete at once, the rest that much later; under vhca.lock
 * @deepest: most of its stack, in bytes, that a thread of the kernel had in use
 *	when it mapped a memory region; racy, a lost one is no harm
 * @rnr_naks: messages that found no receive buffer here; under vhca.lock
 * @undrained: RC queue pairs destroyed before all their completions were
 *	polled; under vhca.lock
 * @hung: executes nothing until resumed; under vhca.lock
 * @delay_us: time that each RC work request takes; under vhca.lock
 * @delay_op: opcode to which @delay_us applies, or VHCA_ANY
 * @fault_lock: guards @rule
 * @nrules: rules in use; read without the lock to keep the fast path fast
 * @rule: faults to inject
 */
struct vhca_dev {
	struct ib_device ib;
	u32 index;
	u32 nports;
	struct vhca_port port[VHCA_MAX_PORTS];
	struct vhca_limits limits;
	__be64 node_guid;
	struct xarray qps;
	struct xarray mrs;
	struct xarray srqs;
	u32 next_qpn, next_key, next_srqn;
	bool registered;
	bool dead;
	bool refuses;
	bool hung;
	u32 flush_now;
	u32 flush_ms;
	u32 deepest;
	u32 rnr_naks;
	u32 undrained;
	u32 delay_us;
	u32 delay_op;
	spinlock_t fault_lock;
	u32 nrules;
	struct vhca_rule rule[VHCA_MAX_RULES];
};

struct vhca_pd {
	struct ib_pd ib;
};

struct vhca_ucontext {
	struct ib_ucontext ib;
};

/**
 * struct vhca_av - address vector, copied into each work request that uses it
 * @dlid, @sl, @path_bits: local route
 * @grh: a global route header is sent
 * @sgid_index, @dgid, @flow_label, @tclass, @hop_limit: its content
 */
struct vhca_av {
	u16 dlid;
	u8 sl;
	u8 path_bits;
	bool grh;
	u8 sgid_index;
	union ib_gid dgid;
	u32 flow_label;
	u8 tclass;
	u8 hop_limit;
};

struct vhca_ah {
	struct ib_ah ib;
	struct vhca_av av;
};

/**
 * struct vhca_mr - memory region
 * @ib: the RDMA core's region; lkey/rkey there are the consumer's wish for the
 *	next registration, @key is what counts
 * @index: upper 24 bits of all keys of this region
 * @key: valid key; only if @valid; under vhca.lock
 * @valid: accesses are allowed; under vhca.lock
 * @dma: all memory, address = kernel address
 * @access: access rights
 * @iova: address of the first byte as consumers name it
 * @length: bytes
 * @offset: of the first byte in the first page
 * @page_shift: log2 of the size of the pages in @pages
 * @npages: pages in use
 * @max_pages: room in @pages and @next
 * @pages: kernel addresses of the pages
 * @nnext: pages collected by the last map_mr_sg
 * @next: those pages; they count once REG_MR has executed
 * @umem: pinned user memory
 */
struct vhca_mr {
	struct ib_mr ib;
	u32 index;
	u32 key;
	bool valid;
	bool dma;
	int access;
	u64 iova;
	u64 length;
	u32 offset;
	u32 page_shift;
	u32 npages;
	u32 max_pages;
	u64 *pages;
	u32 nnext;
	u64 *next;
	struct ib_umem *umem;
};

/**
 * struct vhca_cqe - a completion
 * @wc: what the consumer gets
 * @qp: queue pair, whose queue slots are freed when this is polled
 * @srq: shared receive queue, likewise; NULL if none was used
 * @send: completion of a send
 * @sq_next: for sends: first slot still in use after this one is polled
 */
struct vhca_cqe {
	struct ib_wc wc;
	struct vhca_qp *qp;
	struct vhca_srq *srq;
	bool send;
	u32 sq_next;
};

/**
 * struct vhca_cq - completion queue
 * @ib: the RDMA core's queue
 * @lock: guards everything below
 * @ring: the entries
 * @size: how many
 * @head, @count: oldest entry, entries in use
 * @notify: IB_CQ_SOLICITED or IB_CQ_NEXT_COMP while armed, else 0
 * @overrun: had no room once; takes nothing any more
 */
struct vhca_cq {
	struct ib_cq ib;
	spinlock_t lock;
	struct vhca_cqe *ring;
	u32 size;
	u32 head, count;
	u32 notify;
	bool overrun;
};

/**
 * struct vhca_rwqe - a posted receive buffer
 */
struct vhca_rwqe {
	u64 wr_id;
	u32 num_sge;
	struct ib_sge sge[];
};

/**
 * struct vhca_rq - receive queue, of a QP or shared
 * @lock: guards everything
 * @mem: the slots
 * @stride: bytes from slot to slot
 * @size: slots, exactly as many as were asked for
 * @max_sge: entries of a slot
 * @head: next slot to be filled; runs freely
 * @exec: next slot to be used by the engine; runs freely
 * @unpolled: used slots whose completion was not polled yet: as on real
 *	hardware those are not free
 */
struct vhca_rq {
	spinlock_t lock;
	void *mem;
	u32 stride;
	u32 size;
	u32 max_sge;
	u32 head, exec;
	u32 unpolled;
};

/**
 * struct vhca_srq - shared receive queue
 * @limit: raise IB_EVENT_SRQ_LIMIT_REACHED below so many buffers; 0 for never
 * @error: failed; gives no more buffers
 */
struct vhca_srq {
	struct ib_srq ib;
	struct vhca_rq rq;
	u32 num;
	u32 limit;
	bool error;
};

/**
 * struct vhca_swqe - a posted send work request
 * @av, @remote_qpn, @remote_qkey, @pkey_index: UD
 * @remote_addr, @rkey: RDMA
 * @key, @access, @iova, @length, @page_shift: REG_MR, as they were when
 *	it was posted
 */
struct vhca_swqe {
	u64 wr_id;
	enum ib_wr_opcode opcode;
	int flags;
	union {
		__be32 imm;
		u32 inv_rkey;
	};
	union {
		struct {
			struct vhca_av av;
			u32 remote_qpn;
			u32 remote_qkey;
			u16 pkey_index;
		} ud;
		struct {
			u64 addr;
			u32 rkey;
		} rdma;
		struct {
			u32 key;
			int access;
			u64 iova;
			u64 length;
			u32 page_shift;
		} reg;
	};
	u32 num_sge;
	struct ib_sge sge[];
};

/**
 * struct vhca_sq - send queue
 * @lock: guards everything
 * @head: next slot to be filled; runs freely
 * @exec: slot that the engine executes next
 * @tail: oldest slot not yet freed by polling
 * @reads: RDMA READs between @exec and @head
 */
struct vhca_sq {
	spinlock_t lock;
	void *mem;
	u32 stride;
	u32 size;
	u32 max_sge;
	u32 head, exec, tail;
	u32 reads;
};

/**
 * struct vhca_qp - queue pair; all but the queues under vhca.lock
 * @ib: the RDMA core's queue pair
 * @port: port in use, from INIT on
 * @state: its state; also read without the lock by post_*
 * @attr: attributes in force
 * @av: path of an RC queue pair
 * @sq_sig_all: all sends are signalled
 * @user: belongs to a process: kernel-only work and keys are refused
 * @comm_est: COMM_EST was raised
 * @last_wqe: LAST_WQE_REACHED was raised
 * @tries, @rnr_tries: transmissions of the current work request so far
 * @sq_psn, @rq_psn: next packet number to send, to expect
 * @delayed: the current work request has waited for its delay
 * @flushed: work requests flushed, up to the pause in the middle
 * @paused: that pause has begun
 * @wake: when to go on, while on vhca.sleeping
 * @ready: entry in vhca.ready
 * @sleep: entry in vhca.sleeping
 * @init: as created, for query_qp
 */
struct vhca_qp {
	struct ib_qp ib;
	struct vhca_port *port;
	enum ib_qp_state state;
	struct ib_qp_attr attr;
	struct vhca_av av;
	bool sq_sig_all;
	bool user;
	bool comm_est;
	bool last_wqe;
	u32 tries, rnr_tries;
	u32 sq_psn, rq_psn;
	bool delayed;
	u32 flushed;
	bool paused;
	ktime_t wake;
	struct list_head ready;
	struct list_head sleep;
	struct vhca_sq sq;
	struct vhca_rq rq;
	struct ib_qp_init_attr init;
};

/**
 * struct vhca_seg - a checked piece of memory
 * @mr: region; NULL if @addr is a kernel address
 * @addr: address in terms of the region
 * @len: bytes
 */
struct vhca_seg {
	struct vhca_mr *mr;
	u64 addr;
	u32 len;
};

/**
 * struct vhca_sgl - list of checked pieces of memory, eaten up by copying
 * @cur: first piece not yet used up
 * @n: pieces
 * @len: bytes in all of them
 * @seg: the pieces
 */
struct vhca_sgl {
	u32 cur;
	u32 n;
	u64 len;
	struct vhca_seg seg[VHCA_MAX_SGE];
};

/**
 * struct vhca_pkt - a UD message on the wire
 */
struct vhca_pkt {
	u16 slid, dlid;
	u8 sl;
	u16 pkey;
	u32 qkey;
	u32 src_qpn, dst_qpn;
	bool has_grh, has_imm, solicited;
	struct ib_grh grh;
	__be32 imm;
	u32 len;
	u8 data[VHCA_MTU];
};

/* A QP attached to a multicast group. */
struct vhca_mcast {
	struct list_head entry;
	union ib_gid gid;
	struct vhca_qp *qp;
};

/**
 * struct vhca_fabric - all devices and the engine that drives them
 * @lock: see above
 * @port_lock: see above
 * @dev: the devices; changed with both locks held
 * @engine: the thread
 * @wait: where it sleeps
 * @ready_lock: guards @ready
 * @ready: queue pairs with something to do
 * @sleeping: queue pairs that wait for a time; under @lock
 * @mcast: attached groups; under @lock
 * @src, @dst, @pkt, @rwqe: scratch space of the engine; under @lock
 * @queue_bytes: what all queues take, of work requests and of completions
 */
struct vhca_fabric {
	struct mutex lock;
	spinlock_t port_lock;
	struct vhca_dev *dev[VHCA_MAX_DEVS];
	struct task_struct *engine;
	wait_queue_head_t wait;
	spinlock_t ready_lock;
	struct list_head ready;
	struct list_head sleeping;
	struct list_head mcast;
	struct vhca_sgl src, dst;
	struct vhca_pkt pkt;
	struct vhca_rwqe *rwqe;
	atomic64_t queue_bytes;
};

extern struct vhca_fabric vhca;
extern unsigned int vhca_ndev, vhca_nport;

static inline struct vhca_dev *to_vdev(struct ib_device *ib)
{
	return container_of(ib, struct vhca_dev, ib);
}

static inline struct vhca_qp *to_vqp(struct ib_qp *ib)
{
	return container_of(ib, struct vhca_qp, ib);
}

static inline struct vhca_cq *to_vcq(struct ib_cq *ib)
{
	return container_of(ib, struct vhca_cq, ib);
}

static inline struct vhca_srq *to_vsrq(struct ib_srq *ib)
{
	return ib ? container_of(ib, struct vhca_srq, ib) : NULL;
}

static inline struct vhca_mr *to_vmr(struct ib_mr *ib)
{
	return container_of(ib, struct vhca_mr, ib);
}

static inline struct vhca_swqe *vhca_sq_slot(struct vhca_sq *sq, u32 i)
{
	return sq->mem + (size_t)(i % sq->size) * sq->stride;
}

static inline struct vhca_rwqe *vhca_rq_slot(struct vhca_rq *rq, u32 i)
{
	return rq->mem + (size_t)(i % rq->size) * rq->stride;
}

static inline struct vhca_rq *vhca_qp_rq(struct vhca_qp *qp)
{
	return qp->ib.srq ? &to_vsrq(qp->ib.srq)->rq : &qp->rq;
}

static inline bool vhca_qp_special(const struct vhca_qp *qp)
{
	return qp->ib.qp_type == IB_QPT_SMI || qp->ib.qp_type == IB_QPT_GSI;
}

/* vhca_main.c */
int vhca_add_dev(u32 index);
int vhca_del_dev(u32 index);

/* vhca_verbs.c */
extern const struct ib_device_ops vhca_verbs_ops;
int vhca_query_device(struct ib_device *ib, struct ib_device_attr *attr,
		      struct ib_udata *udata);
void vhca_set_av(struct vhca_av *av, const struct rdma_ah_attr *attr);
void vhca_get_av(const struct vhca_av *av, u32 port, struct rdma_ah_attr *attr);
bool vhca_cq_push(struct vhca_cq *cq, const struct vhca_cqe *cqe,
		  bool solicited);
u32 vhca_cq_purge(struct vhca_cq *cq, struct vhca_qp *qp);
void *vhca_queue_alloc(size_t n, size_t size);
void vhca_queue_free(void *mem, size_t n, size_t size);
int vhca_rq_init(struct vhca_rq *rq, u32 size, u32 max_sge);
void vhca_rq_free(struct vhca_rq *rq);
int vhca_rq_post(struct vhca_rq *rq, const struct ib_recv_wr *wr);
bool vhca_rq_take(struct vhca_rq *rq, struct vhca_rwqe *rwqe);
void vhca_srq_event(struct vhca_srq *srq, enum ib_event_type type);
void vhca_srq_check_limit(struct vhca_srq *srq);
void vhca_cq_event(struct vhca_cq *cq);

/* vhca_mr.c */
extern const struct ib_device_ops vhca_mr_ops;
enum ib_wc_status vhca_map_sge(struct vhca_qp *qp, const struct ib_sge *sge,
			       u32 n, int access, struct vhca_sgl *sgl);
bool vhca_map_rkey(struct vhca_qp *qp, u64 addr, u32 rkey, u64 len, int access,
		   struct vhca_sgl *sgl);
void vhca_copy(struct vhca_sgl *dst, struct vhca_sgl *src, u64 len);
void vhca_copy_in(struct vhca_sgl *dst, const void *buf, u32 len);
void vhca_copy_out(void *buf, struct vhca_sgl *src, u32 len);
void vhca_skip(struct vhca_sgl *sgl, u32 len);
enum ib_wc_status vhca_exec_reg(struct vhca_qp *qp, struct vhca_swqe *wqe);
bool vhca_invalidate(struct vhca_qp *qp, u32 rkey);

/* vhca_qp.c */
extern const struct ib_device_ops vhca_qp_ops;
void vhca_qp_set_error(struct vhca_qp *qp);
void vhca_qp_event(struct vhca_qp *qp, enum ib_event_type type);
void vhca_qp_flush(struct vhca_qp *qp);
struct vhca_swqe *vhca_sq_peek(struct vhca_qp *qp);
void vhca_complete_send(struct vhca_qp *qp, struct vhca_swqe *wqe,
			enum ib_wc_status status, u32 len);
void vhca_complete_recv(struct vhca_qp *qp, struct vhca_rwqe *rwqe,
			struct ib_wc *wc, bool solicited);
void vhca_dev_flush(struct vhca_dev *dev);

/* vhca_engine.c */
int vhca_engine_start(bool fifo);
void vhca_engine_stop(void);
void vhca_qp_kick(struct vhca_qp *qp);
void vhca_qp_sleep(struct vhca_qp *qp, u64 ns);
void vhca_qp_unlink(struct vhca_qp *qp);
void vhca_kick_dev(struct vhca_dev *dev);

/* vhca_rc.c */
bool vhca_rc_step(struct vhca_qp *qp, struct vhca_swqe *wqe);

/* vhca_ud.c */
void vhca_ud_step(struct vhca_qp *qp, struct vhca_swqe *wqe);
void vhca_send_smp(struct vhca_port *port, u16 dlid, const void *smp);
int vhca_attach_mcast(struct ib_qp *ib, union ib_gid *gid, u16 lid);
int vhca_detach_mcast(struct ib_qp *ib, union ib_gid *gid, u16 lid);
void vhca_mcast_purge(struct vhca_qp *qp);

/* vhca_port.c */
extern const struct ib_device_ops vhca_port_ops;
void vhca_port_init(struct vhca_dev *dev, u32 num);
void vhca_port_event(struct vhca_port *port, enum ib_event_type type);
struct vhca_port *vhca_port_peer(struct vhca_port *port);
void __vhca_link_update(struct vhca_port *port);
void vhca_link_update(struct vhca_port *port);
void vhca_link_retrain(struct vhca_port *port);
struct vhca_port *vhca_route(struct vhca_port *port, u16 dlid, bool smp);
bool vhca_pkey_match(u16 a, u16 b);
u16 vhca_get_pkey(struct vhca_port *port, u32 index);
union ib_gid vhca_get_gid(struct vhca_port *port, u32 index);
void vhca_port_traffic(struct vhca_port *from, struct vhca_port *to, u64 len);
void vhca_trap_repress(struct vhca_port *port, u64 tid);

/* vhca_sma.c */
int vhca_process_mad(struct ib_device *ib, int flags, u32 port_num,
		     const struct ib_wc *in_wc, const struct ib_grh *in_grh,
		     const struct ib_mad *in, struct ib_mad *out,
		     size_t *out_size, u16 *out_pkey_index);

/* vhca_fault.c */
int vhca_fault(struct vhca_dev *dev, enum vhca_fault_kind kind, u32 sel,
	       u32 attr);
int vhca_parse_opcode(const char *arg, u32 *opcode);
int vhca_fault_verb(struct ib_device *ib, enum vhca_verb verb);
int vhca_fault_add(struct vhca_dev *dev, char **argv, int argc);
void vhca_fault_clear(struct vhca_dev *dev);
void vhca_fault_show(struct vhca_dev *dev, struct seq_file *m);

/* vhca_ctl.c */
void vhca_ctl_init(void);
void vhca_ctl_exit(void);

#endif /* VHCA_H */
