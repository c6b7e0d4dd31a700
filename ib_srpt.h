/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * ib_srpt: SCSI RDMA Protocol target for LIO - the objects, and the ground that
 * everything stands on.
 *
 * Who owns what
 * -------------
 * struct srpt_device and its ports live from srpt_add_one() to
 * srpt_remove_one(); channels and SRQs that outlive the hardware keep the
 * memory (not the hardware) by its kref.
 *
 * struct srpt_tport, srpt_tpg and srpt_node_acl belong to configfs. They know
 * no hardware: a target port is a name, and a login looks up who bears it.
 *
 * struct srpt_rdma_ch belongs to its release work, which srpt_close_ch()
 * starts exactly once. The work first returns everything that is hardware
 * (QP, CQ, CM id, DMA mappings) and then, when the last command has left LIO,
 * the session and the memory.
 *
 * struct srpt_send_ioctx is a command. Its state says who owns it at the
 * moment: LIO, the hardware, or the free list of its channel.
 *
 * Locks, outermost first
 * ----------------------
 *	srpt_devices_mutex	list of devices
 *	srpt_srq_slot::mutex	making of a shared receive queue
 *	srpt_device::mutex	channels and nexuses of a device, its SRQs
 *	srpt_nexuses_mutex	nexuses, to be shown
 *	srpt_held_lock		(spin) answers to task management that wait
 *	srpt_nexus::lock	(spin) channels of a nexus, for task management
 *
 *	srpt_refusals_mutex	refusals, to be shown
 *	srpt_names_mutex	names, TPGs, enable
 *	se_portal_group::acl_node_mutex	ACLs of a TPG (LIO's)
 *
 * and, each taken alone: srpt_listen_mutex (RDMA/CM listeners),
 * srpt_ending_mutex (channels that wait for backstores), srpt_store_mutex (list
 * of stores), srpt_port::lock (spin; what a refresh changes), srpt_rq::lock
 * (spin; a shared queue's verbs object), srpt_rdma_ch::lock (spin; @parked).
 */
#ifndef IB_SRPT_H
#define IB_SRPT_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>
#include <linux/socket.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <rdma/ib_cm.h>
#include <rdma/ib_mad.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_cm.h>
#include <rdma/rw.h>

#include <target/target_core_base.h>
#include <target/target_core_fabric.h>

#include "srp_dm.h"
#include "srp_iu.h"
#include "srpt_cmd.h"
#include "srpt_compat.h"
#include "srpt_pool.h"
#include "srpt_stats.h"

#define SRPT_NAME	"ib_srpt"
#define SRPT_FABRIC	"srpt"

enum {
	/* Longest IU from an initiator, bytes (parameter srp_max_req_size). */
	SRPT_REQ_SIZE_MIN	= 996,
	SRPT_REQ_SIZE_DEFAULT	= 8276,
	SRPT_REQ_SIZE_MAX	= 65536,
	/* Buffers of an HCA's shared receive queues (srpt_srq_size). */
	SRPT_SRQ_SIZE_MIN	= 4,
	SRPT_SRQ_SIZE_DEFAULT	= 4095,
	SRPT_SRQ_SIZE_MAX	= 65535,
	/* RDMA transfers, bytes (attribute srp_max_rdma_size). */
	SRPT_RDMA_SIZE_MIN	= 65536,
	SRPT_RDMA_SIZE_DEFAULT	= 65536,
	SRPT_RDMA_SIZE_MAX	= 16777216,
	/* Longest IU to an initiator, bytes (attribute srp_max_rsp_size). */
	SRPT_RSP_SIZE_MIN	= SRP_MIN_TI_IU,
	SRPT_RSP_SIZE_DEFAULT	= 256,
	SRPT_RSP_SIZE_MAX	= 1024,
	/* One of so many commands is timed (srpt_latency_sample); 0: none. */
	SRPT_LATENCY_SAMPLE_MIN	= 0,
	SRPT_LATENCY_SAMPLE_DEFAULT = 16,
	SRPT_LATENCY_SAMPLE_MAX	= 65536,
	/* Send queue, work requests (attribute srp_sq_size). */
	SRPT_SQ_SIZE_MIN	= 4,
	SRPT_SQ_SIZE_DEFAULT	= 4096,
	SRPT_SQ_SIZE_MAX	= 65535,
};

enum {
	/* Requests that an initiator may have outstanding on a channel. */
	SRPT_QUEUE_DEPTH	= 128,
	/* Receives beyond the queue depth: responses to what the target asks. */
	SRPT_RX_SLACK		= 4,
	/* Commands beyond it: responses that the wire has not confirmed yet. */
	SRPT_TX_SLACK		= 8,
	/* Commands that an idle channel keeps. */
	SRPT_TX_RESERVE		= 4,
	/* Send queue entries for drain marks and IUs that no request caused. */
	SRPT_SQ_CONTROL		= 4,
	/* The smallest send queue that any command gets through. */
	SRPT_SQ_FLOOR		= 16,
	/* Identities that the connection of a peer shows. */
	SRPT_MAX_IDS		= 3,
	/* Channels of one nexus. */
	SRPT_MAX_CHANNELS	= 64,
	/* Shared queues of an HCA, at most, and buffers that make one worth it. */
	SRPT_MAX_SRQS		= 8,
	SRPT_SRQ_SHARE		= 256,
	/* Buffers of an HCA's shared queues that are posted, and one for each
	 * channel; in one queue never more than the second.
	 */
	SRPT_SRQ_QUIET		= 80,
	SRPT_SRQ_POSTED		= 1024,
	/* Buffers of a channel's own queue that are posted before it is used. */
	SRPT_OWN_QUIET		= 2,
	/* Those that a queue has posted under a load that goes on. */
	SRPT_RQ_BUSY		= 128,
	/* Idle ones, which replace those that are filled. */
	SRPT_RQ_STOCK		= 16,
	/* Offset of immediate data that shared receive buffers suit. */
	SRPT_SRQ_IMM_OFF	= 68,
	/* Microseconds until who finds no buffer tries again, for each channel
	 * that its port has.
	 */
	SRPT_RNR_EACH		= 20,
};

/**
 * enum srpt_id_kind - what an identity is made of
 * @SRPT_ID_NONE: not set
 * @SRPT_ID_GUID: port GUID, 8 bytes
 * @SRPT_ID_PORT: 16 bytes: SRP initiator port id, or the GID of a target port
 * @SRPT_ID_IPV4: 4 bytes
 * @SRPT_ID_IPV6: 16 bytes
 * @SRPT_ID_GID: 16 bytes: that of a peer, as its connection shows it
 */
enum srpt_id_kind {
	SRPT_ID_NONE,
	SRPT_ID_GUID,
	SRPT_ID_PORT,
	SRPT_ID_IPV4,
	SRPT_ID_IPV6,
	SRPT_ID_GID,
};

/**
 * struct srpt_identity - a name, by value
 * @kind: how many bytes of @val count, and what they are
 * @val: network order, the rest zero
 */
struct srpt_identity {
	enum srpt_id_kind kind;
	u8 val[16];
};

/**
 * enum srpt_ch_state - life of a channel; it only ever moves down this list
 * @SRPT_CH_CONNECTING: reply sent, or about to be
 * @SRPT_CH_LIVE: both sides know that the connection stands
 * @SRPT_CH_DISCONNECTING: the target says goodbye (SRP_T_LOGOUT)
 * @SRPT_CH_DRAINING: QP in error; the release work runs
 * @SRPT_CH_DISCONNECTED: nothing of the hardware is left
 */
enum srpt_ch_state {
	SRPT_CH_CONNECTING,
	SRPT_CH_LIVE,
	SRPT_CH_DISCONNECTING,
	SRPT_CH_DRAINING,
	SRPT_CH_DISCONNECTED,
};

/**
 * enum srpt_ch_wait - what the end of a channel waits for
 * @SRPT_WAIT_NOTHING: it is not ending, or goes on
 * @SRPT_WAIT_LOGIN: its login is still at work
 * @SRPT_WAIT_TRANSFERS: transfers that are under way
 * @SRPT_WAIT_RECEIVES: the last receive
 * @SRPT_WAIT_SENDS: the last send
 * @SRPT_WAIT_CALLBACK: a completion callback that is at work
 * @SRPT_WAIT_HARDWARE: the connection manager and the driver of the HCA
 * @SRPT_WAIT_BACKSTORE: commands that are in a backstore
 * @SRPT_WAIT_TMFS: task management functions between channels of the nexus
 */
enum srpt_ch_wait {
	SRPT_WAIT_NOTHING,
	SRPT_WAIT_LOGIN,
	SRPT_WAIT_TRANSFERS,
	SRPT_WAIT_RECEIVES,
	SRPT_WAIT_SENDS,
	SRPT_WAIT_CALLBACK,
	SRPT_WAIT_HARDWARE,
	SRPT_WAIT_BACKSTORE,
	SRPT_WAIT_TMFS,
};

/**
 * enum srpt_login_step - how far a login has come, for traces
 * @SRPT_LOGIN_REQUEST: the request is well formed
 * @SRPT_LOGIN_ACCESS: an ACL, or demo mode, lets it in
 * @SRPT_LOGIN_QUEUES: it has its queues
 * @SRPT_LOGIN_SESSION: it has a session in LIO, and a queue pair that is ready
 * @SRPT_LOGIN_WAIT: it waits for older channels of its nexus
 * @SRPT_LOGIN_REPLY: the reply is sent
 */
enum srpt_login_step {
	SRPT_LOGIN_REQUEST,
	SRPT_LOGIN_ACCESS,
	SRPT_LOGIN_QUEUES,
	SRPT_LOGIN_SESSION,
	SRPT_LOGIN_WAIT,
	SRPT_LOGIN_REPLY,
};

/**
 * enum srpt_use_srq - which receive queue a channel has, if the device lets it choose
 * @SRPT_SRQ_NO: its own
 * @SRPT_SRQ_YES: that of the HCA
 * @SRPT_SRQ_BY_LINK: that of the HCA on InfiniBand, unless there is none to be had;
 *	its own on Ethernet
 */
enum srpt_use_srq {
	SRPT_SRQ_NO,
	SRPT_SRQ_YES,
	SRPT_SRQ_BY_LINK,
};

/**
 * struct srpt_rdma_ch - a channel: one connection of an I_T nexus
 * @qp: queue pair; may be gone before the channel is off its lists
 * @cq: completion queue of receives
 * @send_cq: completion queue of all that is sent
 * @cq_work: deals with completions of both, one at a time
 * @reap: sees to sends that have completed without a word
 * @cq_stopped: no callback runs any more, see srpt_cq_stop()
 * @cq_count: completions dealt with; by @cq_work only
 * @wcs: those that it has before it, @n_wcs of them
 * @send_wcs: likewise, of @send_cq; by @cq_work only
 * @n_wcs: of @wcs; by @cq_work only
 * @wc_next: the next of them; by @cq_work only
 * @recv_run: receives dealt with since sends were; by @cq_work only
 * @turn_bytes: data of the commands that have come in this turn; by @cq_work
 *	only
 * @vector: completion vector of @cq
 * @ordered: it has sent a command that is not SIMPLE; completion context only
 * @home_cpu: CPU whose queues its commands go through, see srpt_store.c
 * @state: see enum srpt_ch_state; only srpt_set_ch_state() changes it
 * @state_since: when it did so last, ktime_get_seconds()
 * @waits: what its end waits for, see enum srpt_ch_wait
 * @req_lim: requests that the initiator may still send
 * @withheld: credits of commands that ended without a response
 * @sq_avail: send queue entries that are free
 * @free_list: free commands; one consumer, the completion context
 * @waiting: @wait_list has something on it
 * @wait_list: requests without a command yet; completion context only
 * @rsp_list: responses that wait for @rsp_work
 * @deferred: those, and the ones that it is sending: no response to a SCSI command
 *	overtakes them
 * @rsp_work: sends them, and lets parked commands go, where that may sleep
 * @lock: protects @parked
 * @parked: commands that wait for send queue space, first come first served
 * @rx_count: requests received; completion context only
 * @rx_seen: @rx_count at the last probe; timer only
 * @imm_off: offset of immediate data in a request; 0: not agreed on
 * @multi: the login said that older channels stay
 * @use_srq: which receive queue is to be used
 * @sq_limit: attribute srp_sq_size at login, entries
 * @it_iu_len: longest request that the initiator may send, bytes
 * @max_rdma: attribute srp_max_rdma_size at login, bytes
 * @max_sge: entries of a segment's scatterlist
 * @max_seg: bytes of a segment
 * @easy: RDMA WRITE from one piece of memory takes one work request
 * @rsp_size: bytes of a response
 * @depth: requests that the initiator may have outstanding
 * @read_depth: RDMA READs that the target may have in flight
 * @resources: RDMA READs that the initiator may have in flight
 * @n_send: places in @send_ring
 * @n_cmds: commands that there are; changed by the completion context
 * @sq_size: send queue entries for commands
 * @sess: LIO session; set before REP, NULL when it has been removed
 * @stats: counters
 * @untimed: commands since the last that was timed; completion context only
 * @send_ring: all commands, and empty places, see srpt_ctx.c
 * @recv_ring: receive buffers; NULL with @rq
 * @recv_pool: their memory
 * @rq: receive queue, shared or its own, that grows and shrinks; or NULL
 * @spare: command for SRP_CRED_REQ
 * @logout: command for SRP_T_LOGOUT
 * @flags: SRPT_CHF_*
 * @mark_cqe: callback of zero-length writes
 * @drain_cqe: callback of the last of them
 * @recv_mark_cqe: callback of the last receive
 * @drain_wait: the release work waits for what completions bring about
 * @sdev: device; a reference on its memory
 * @sport: port of @sdev
 * @tpg: target port group that let it in; counted in tpg->users
 * @nexus: I_T nexus; set before REP, until the session has gone
 * @entry: channels of @sdev, under sdev->mutex; then those that wait for their
 *	backstores, under srpt_ending_mutex
 * @nexus_entry: channels of @nexus, under nexus->lock
 * @nexus_all: all of @nexus, under nexus->lock
 * @cm_id: connection, IB/CM; NULL with RDMA/CM
 * @rdma_cm_id: connection, RDMA/CM; NULL with IB/CM
 * @pkey_index: partition, IB/CM
 * @start_psn: first packet sequence number of the initiator, IB/CM
 * @login_done: the login has ended; the release work waits for that
 * @id_name: which identity of the initiator matched, in words
 * @doing: what the login is about, "make a queue pair"; for the login alone
 * @login_work: builds the channel
 * @reply_work: replies to a login that must wait for older channels
 * @login_flags: SRP_LOGIN_RSP_* of the reply
 * @timer: login, probe and logout bounds
 * @release_work: ends the hardware of the channel
 * @end_work: ends its session and its memory
 * @tmf_elsewhere: own task management functions that run in another session
 * @sess_users: those of other channels that run in this one's
 * @qp_num: number of @qp, for the log; 0 as long as there was none
 * @peer: address of the initiator, in words
 * @acl_name: the ACL that matched
 * @ids: what the initiator is, as its connection shows it
 * @n_ids: how many of those
 * @since: when it was allocated, ktime_get_seconds()
 * @by_rdma_cm: it came by RDMA/CM, otherwise by IB/CM; also when that is gone
 * @tag: tag of the login
 */
struct srpt_rdma_ch {
	struct ib_qp *qp;
	struct ib_cq *cq;
	struct ib_cq *send_cq;
	struct work_struct cq_work;
	struct delayed_work reap;
	bool cq_stopped;
	u32 cq_count;
	struct ib_wc wcs[16];
	struct ib_wc send_wcs[8];
	u32 n_wcs;
	u32 wc_next;
	u32 recv_run;
	u32 turn_bytes;
	u32 vector;
	bool ordered;
	u32 home_cpu;
	enum srpt_ch_state state;
	u32 state_since;
	enum srpt_ch_wait waits;
	atomic_t req_lim;
	atomic_t withheld;
	atomic_t sq_avail;
	struct llist_head free_list;
	bool waiting;
	struct list_head wait_list;
	struct llist_head rsp_list;
	atomic_t deferred;
	struct work_struct rsp_work;
	spinlock_t lock;	/* protects parked */
	struct list_head parked;
	u32 rx_count;
	u32 rx_seen;
	u16 imm_off;
	bool multi;
	enum srpt_use_srq use_srq;
	u32 sq_limit;
	u32 it_iu_len;
	u32 max_rdma;
	u32 max_sge;
	u32 max_seg;
	bool easy;
	u32 rsp_size;
	u32 depth;
	u8 read_depth;
	u8 resources;
	u32 n_send;
	u32 n_cmds;
	u32 sq_size;
	struct se_session *sess;
	struct srpt_stats __percpu *stats;
	u32 untimed;

	struct srpt_send_ioctx **send_ring;
	struct srpt_recv_ioctx **recv_ring;
	struct srpt_pool recv_pool;
	struct srpt_rq *rq;
	struct srpt_send_ioctx *spare;
	struct srpt_send_ioctx *logout;
	unsigned long flags;
	struct ib_cqe mark_cqe;
	struct ib_cqe drain_cqe;
	struct ib_cqe recv_mark_cqe;
	wait_queue_head_t drain_wait;

	struct srpt_device *sdev;
	struct srpt_port *sport;
	struct srpt_tpg *tpg;
	struct srpt_nexus *nexus;
	struct list_head entry;
	struct list_head nexus_entry;
	struct list_head nexus_all;
	struct ib_cm_id *cm_id;
	struct rdma_cm_id *rdma_cm_id;
	u16 pkey_index;
	u32 start_psn;
	struct completion login_done;
	const char *id_name;
	const char *doing;
	struct work_struct login_work;
	struct work_struct reply_work;
	u8 login_flags;
	struct delayed_work timer;
	struct work_struct release_work;
	struct work_struct end_work;
	atomic_t tmf_elsewhere;
	atomic_t sess_users;
	u32 qp_num;
	char peer[64];
	char acl_name[TRANSPORT_IQN_LEN];
	struct srpt_identity ids[SRPT_MAX_IDS];
	u32 n_ids;
	u32 since;
	bool by_rdma_cm;
	u64 tag;
};

/* Bits of srpt_rdma_ch::flags. */
enum {
	SRPT_CHF_CRED_BUSY,	/* an SRP_CRED_REQ is on its way */
	SRPT_CHF_CRED_ASKED,	/* one has not been answered */
	SRPT_CHF_MARK_BUSY,	/* a zero-length write is on its way */
	SRPT_CHF_ERROR_SEEN,	/* the first error has been logged */
	SRPT_CHF_PEER_LEFT,	/* no DREQ is needed any more */
	SRPT_CHF_ACCEPTED,	/* REP was sent */
	SRPT_CHF_RTU_LATE,	/* the peer uses the connection without RTU */
	SRPT_CHF_RTU_MISSED,	/* and the CM has been told */
	SRPT_CHF_QP_INIT,	/* the queue pair takes work: it can be flushed */
	SRPT_CHF_RQ_DRAINED,	/* the hardware takes no receive any more */
	SRPT_CHF_SQ_DRAINED,	/* the last zero-length write has completed */
	SRPT_CHF_WATCH,		/* somebody waits for sends to complete */
	SRPT_CHF_SQ_RUNNING,	/* somebody lets parked commands go */
	SRPT_CHF_SQ_AGAIN,	/* and has to look once more */
	SRPT_CHF_TRIM,		/* commands that are not used shall go */
};

/**
 * struct srpt_nexus - an I_T nexus
 * @entry: nexuses of the device, under sdev->mutex
 * @shown: srpt_nexuses, under srpt_nexuses_mutex
 * @id: its number, from 1
 * @since: when its first channel came, ktime_get_seconds()
 * @hca: name of the HCA, which may go first
 * @i_port_id: initiator port identifier
 * @t_port_id: target port identifier
 * @tpg: target port group that let the initiator in; its channels are counted
 *	there
 * @acl_name: the ACL that matched: nobody else gets into the nexus
 * @sport: port of the HCA
 * @lock: protects @channels, @all, @past
 * @channels: those that have hardware; changed under sdev->mutex too
 * @n_channels: all, those in login and those whose last commands are still in
 *	a backstore included; changed under sdev->mutex
 * @all: those that @n_channels counts
 * @past: sums of the counters of channels that are over, by enum srpt_counter
 * @latency: histograms, one for each of enum srp_dir
 */
struct srpt_nexus {
	struct list_head entry;
	struct list_head shown;
	u32 id;
	u32 since;
	char hca[IB_DEVICE_NAME_MAX];
	u8 i_port_id[16];
	u8 t_port_id[16];
	struct srpt_tpg *tpg;
	char acl_name[TRANSPORT_IQN_LEN];
	struct srpt_port *sport;
	spinlock_t lock;	/* protects channels, all, past */
	struct list_head channels;
	u32 n_channels;
	struct list_head all;
	u64 past[SRPT_N_COUNTERS];
	struct srpt_stats __percpu *latency;
};

/**
 * struct srpt_port - a port of an HCA
 * @sdev: the HCA
 * @num: port number, from 1
 * @channels: channels that have hardware; sdev->idle is woken at 0
 * @has_cm: logins can come in; otherwise the port is left alone
 * @is_ib: link layer and CM of InfiniBand: it has a LID, MADs and IB/CM
 * @gid: GID at index 0, under @lock
 * @lid: local identifier; 0: none
 * @sm_lid: that of the subnet manager
 * @lock: protects what refresh changes
 * @mad_agent: answers device-management MADs; refresh work and removal only
 * @accepted: logins that were let in
 * @refused: those that were not, by reason
 * @announced: capability bit is set; refresh work and removal only
 * @retry: jiffies until a refresh that failed is tried again; 0: it did not
 * @present: a TPG of one of its names is enabled; under @lock
 * @change_id: counts changes of @present; under @lock
 * @refresh: looks at the port again; delayed only after a failure
 */
struct srpt_port {
	struct srpt_device *sdev;
	u32 num;
	atomic_t channels;
	bool has_cm;
	bool is_ib;
	union ib_gid gid;
	u16 lid;
	u16 sm_lid;
	spinlock_t lock;	/* protects gid, present, change_id */
	struct ib_mad_agent *mad_agent;
	atomic64_t accepted;
	atomic64_t refused[SRP_FAULT_COUNT];
	bool announced;
	unsigned long retry;
	bool present;
	u16 change_id;
	struct delayed_work refresh;
};

/**
 * struct srpt_srq_slot - for a shared receive queue of an HCA
 * @rq: the queue that new channels get, or NULL; under sdev->mutex
 * @mutex: one at a time makes @rq; taken before sdev->mutex
 */
struct srpt_srq_slot {
	struct srpt_rq *rq;
	struct mutex mutex;	/* one at a time makes rq */
};

/**
 * struct srpt_device - an HCA
 * @ib_dev: the HCA; not to be touched once @gone and no channel is left
 * @kref: the ib_client, and every channel and SRQ
 * @entry: srpt_devices, under srpt_devices_mutex
 * @pd: protection domain
 * @cm_id: IB/CM listener, made under @mutex; NULL without an InfiniBand port
 * @event_handler: asynchronous events
 * @fatal_work: ends all channels when the HCA has died
 * @mutex: protects channels, nexuses, queues of @srqs, gone, making of cm_id
 * @channels: all channels that have hardware
 * @nexuses: all I_T nexuses
 * @idle: woken when @channels has become empty
 * @n_srqs: how many shared receive queues there may be, see srpt_srq_init()
 * @srqs: for them
 * @gone: being removed: no new channel
 * @next_vector: spreads channels over completion vectors
 * @port_cnt: number of ports
 * @ports: port number 1 is the first
 */
struct srpt_device {
	struct ib_device *ib_dev;
	struct kref kref;
	struct list_head entry;
	struct ib_pd *pd;
	struct ib_cm_id *cm_id;
	struct ib_event_handler event_handler;
	struct work_struct fatal_work;
	struct mutex mutex;	/* protects channels, nexuses, srqs, gone */
	struct list_head channels;
	struct list_head nexuses;
	wait_queue_head_t idle;
	u32 n_srqs;
	struct srpt_srq_slot srqs[SRPT_MAX_SRQS];
	bool gone;
	atomic_t next_vector;
	u32 port_cnt;
	struct srpt_port ports[];
};

/**
 * struct srpt_tport - a target port as configfs has it: a name
 * @wwn: LIO's view
 * @entry: srpt_tports, under srpt_names_mutex
 * @id: the name by value: GUID, or GID (SRPT_ID_PORT)
 * @tpgs: its TPGs, oldest first, under srpt_names_mutex
 * @name: as it was given to mkdir
 */
struct srpt_tport {
	struct se_wwn wwn;
	struct list_head entry;
	struct srpt_identity id;
	struct list_head tpgs;
	char name[];
};

/**
 * struct srpt_tpg_attrib - attributes of a TPG; a login reads them once
 * @max_rdma_size: longest RDMA transfer, bytes
 * @max_rsp_size: longest response, bytes
 * @sq_size: most send queue entries
 * @use_srq: receive through the shared queue of the HCA: enum srpt_use_srq
 * @demo: who has no ACL is let in, too
 * @demo_ro: ... and may not write to disks
 */
struct srpt_tpg_attrib {
	u32 max_rdma_size;
	u32 max_rsp_size;
	u32 sq_size;
	u32 use_srq;
	bool demo;
	bool demo_ro;
};

/**
 * struct srpt_tpg - a target port group
 * @se_tpg: LIO's view
 * @tport: the name that it belongs to
 * @entry: tport->tpgs, under srpt_names_mutex
 * @enabled: logins are let in, under srpt_names_mutex
 * @channels: those on a device's list; woken at 0 (wait_var_event)
 * @users: channels and logins that refer to it; woken at 0 (wait_var_event)
 * @attrib: attributes, each read and written as a whole
 */
struct srpt_tpg {
	struct se_portal_group se_tpg;
	struct srpt_tport *tport;
	struct list_head entry;
	bool enabled;
	atomic_t channels;
	atomic_t users;
	struct srpt_tpg_attrib attrib;
};

/**
 * struct srpt_node_acl - an initiator that is let in
 * @nacl: LIO's view
 * @id: its name by value; SRPT_ID_NONE until it has been parsed
 */
struct srpt_node_acl {
	struct se_node_acl nacl;
	struct srpt_identity id;
};

/**
 * struct srpt_access - the permission to log in
 * @tpg: target port group that gives it; counted in tpg->users
 * @attrib: its attributes at that moment
 * @acl_name: name of the ACL that matched
 * @id_name: which identity of the initiator it matched, in words
 */
struct srpt_access {
	struct srpt_tpg *tpg;
	struct srpt_tpg_attrib attrib;
	char acl_name[TRANSPORT_IQN_LEN];
	const char *id_name;
};

/*
 * What the ground floor offers; described where it is defined. Above it are
 * srpt_way.h and srpt_life.h. First what ib_srpt.c sets up before all else.
 */
extern unsigned int srp_max_req_size;
extern unsigned int srpt_srq_size;
extern struct workqueue_struct *srpt_wq;
extern struct workqueue_struct *srpt_cq_wq;
extern struct workqueue_struct *srpt_store_wq;
extern struct workqueue_struct *srpt_release_wq;

/* srpt_names.c: names and access */
extern u64 srpt_service_guid;
int srpt_parse_initiator(struct srpt_identity *id, const char *name);
int srpt_parse_target(struct srpt_identity *id, const char *name);
int srpt_names_add(struct srpt_tport *tport);
void srpt_names_del(struct srpt_tport *tport);
void srpt_names_add_tpg(struct srpt_tpg *tpg);
void srpt_names_del_tpg(struct srpt_tpg *tpg);
bool srpt_names_enable(struct srpt_tpg *tpg, bool enable);
bool srpt_tpg_is_enabled(struct srpt_tpg *tpg);
bool srpt_names_announce(struct srpt_port *sport, u32 *max_rdma);
enum srp_fault srpt_find_access(struct srpt_port *sport,
				const struct srpt_identity *ids, u32 n,
				struct srpt_access *access);
const char *srpt_id_key(enum srpt_id_kind kind);
u32 srpt_tell_id(char *buf, u32 size, const struct srpt_identity *id);
const char *srpt_tpg_name(struct srpt_tpg *tpg);
void srpt_tell_names(struct srpt_port *sport, char *buf, u32 size);
void srpt_tpg_put(struct srpt_tpg *tpg);
u64 srpt_service_guid_get(void);
void srpt_service_guid_default(u64 guid);

/* srpt_state.c: states, references, counters */
extern atomic_t srpt_rejects[SRP_FAULT_COUNT];
const char *srpt_ch_state_name(enum srpt_ch_state state);
const char *srpt_ch_wait_name(const struct srpt_rdma_ch *ch);
bool srpt_set_ch_state(struct srpt_rdma_ch *ch, enum srpt_ch_state new);
bool srpt_close_ch(struct srpt_rdma_ch *ch);
void srpt_ch_wc_error(struct srpt_rdma_ch *ch, const struct ib_wc *wc,
		      const char *what);
void srpt_rtu_is_late(struct srpt_rdma_ch *ch);
void srpt_device_put(struct srpt_device *sdev);
void srpt_count_reject(struct srpt_port *sport, enum srp_fault fault);

#endif /* IB_SRPT_H */
