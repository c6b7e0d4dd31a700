/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the life of devices, logins and channels offers; for the files of that
 * storey alone. Below, it is known by pointers to functions that are set up
 * here: work items, completions, callbacks of LIO. Each function is described
 * where it is defined.
 */
#ifndef SRPT_LIFE_H
#define SRPT_LIFE_H

#include "srpt_way.h"

/* Bounds of waiting. */
#define SRPT_LOGIN_TIMEOUT	(20 * HZ)	/* REP to RTU */
#define SRPT_PROBE_INTERVAL	(15 * HZ)	/* idle channel to probe */
#define SRPT_LOGOUT_TIMEOUT	(1 * HZ)	/* SRP_T_LOGOUT to disconnect */
#define SRPT_DISABLE_TIMEOUT	(5 * HZ)	/* disabling waits for channels */
#define SRPT_DRAIN_TIMEOUT	(10 * HZ)	/* no completion: dead hardware */
#define SRPT_SINGLE_TIMEOUT	(15 * HZ)	/* login waits for older channels */
#define SRPT_LAST_WQE_TIMEOUT	(HZ / 2)	/* for HCAs without the event */

/**
 * struct srpt_conn_req - a connection request of either CM
 * @form: layout of the private data
 * @data: private data
 * @len: its length in bytes
 * @ids: what is known of the peer apart from what it says: address, GUID, GID
 * @n_ids: how many of those
 * @read_depth: RDMA READs that the peer lets us have in flight
 * @resources: RDMA READs that the peer wants to have in flight
 */
struct srpt_conn_req {
	enum srp_login_form form;
	const void *data;
	u32 len;
	struct srpt_identity ids[SRPT_MAX_IDS];
	u32 n_ids;
	u8 read_depth;
	u8 resources;
};

/**
 * struct srpt_who - whose login is refused
 * @addr: address of the peer, in words
 * @i_port_id: what it calls itself
 * @ids: what it is, as its connection shows it
 * @n_ids: how many of those
 * @rdma_cm: it came by RDMA/CM, otherwise by IB/CM
 * @doing: what could not be done for it, "make a queue pair"; NULL: it is not that
 * @error: -errno of that
 */
struct srpt_who {
	const char *addr;
	const u8 *i_port_id;
	const struct srpt_identity *ids;
	u32 n_ids;
	bool rdma_cm;
	const char *doing;
	int error;
};

/**
 * struct srpt_login - a login in progress
 * @li: the request
 * @sport: port that it came in through
 * @access: who let it in
 * @pkey_index: partition, IB/CM
 * @src_addr: the peer, for the log
 */
struct srpt_login {
	struct srp_login_info li;
	struct srpt_port *sport;
	struct srpt_access access;
	u16 pkey_index;
	const char *src_addr;
};

/**
 * struct srpt_refusal - a peer that was refused for a reason
 * @entry: srpt_refusals, under srpt_refusals_mutex, as is all else
 * @count: how often; 0: the place is free
 * @first: when, seconds since 1970
 * @last: likewise, for the last time; so is all that follows
 * @hca: name of the HCA
 * @port: number of its port
 * @rdma_cm: by RDMA/CM, otherwise by IB/CM
 * @peer: address of the peer, in words
 * @ids: its identities in the order of trying: what its connection shows, then
 *	what it calls itself
 * @n_ids: how many of those
 * @fault: why
 * @doing: what could not be done, see struct srpt_who
 * @error: -errno of that
 * @names: what they were looked up in
 */
struct srpt_refusal {
	struct list_head entry;
	u32 count;
	time64_t first;
	time64_t last;
	char hca[IB_DEVICE_NAME_MAX];
	u32 port;
	bool rdma_cm;
	char peer[64];
	struct srpt_identity ids[SRPT_MAX_IDS + 1];
	u32 n_ids;
	enum srp_fault fault;
	const char *doing;
	int error;
	char names[320];
};

/* ib_srpt.c: queues of logins and of their ends */
extern struct workqueue_struct *srpt_login_wq;
extern struct workqueue_struct *srpt_wait_wq;
extern struct workqueue_struct *srpt_end_wq;

/* srpt_fabric.c: LIO and configfs */
int srpt_fabric_register(void);
void srpt_fabric_unregister(void);

/* srpt_port.c: HCAs and ports */
extern struct ib_client srpt_client;
typedef void (*srpt_ch_fn)(struct srpt_rdma_ch *ch, void *arg);
struct srpt_device *srpt_device_find(struct ib_device *dev);
void srpt_visit_channels(srpt_ch_fn fn, void *arg);
typedef void (*srpt_port_fn)(struct srpt_port *sport, void *arg);
void srpt_visit_ports(srpt_port_fn fn, void *arg);
void srpt_refresh_all(void);

/* srpt_mad.c: device management */
int srpt_register_mad_agent(struct srpt_port *sport);
void srpt_unregister_mad_agent(struct srpt_device *sdev);

/* srpt_cm.c: connections */
void srpt_cm_attach(struct srpt_rdma_ch *ch, struct ib_cm_id *ib_cm_id,
		    struct rdma_cm_id *rdma_cm_id);
void srpt_cm_detach(struct srpt_rdma_ch *ch);
void srpt_cm_defer(struct srpt_rdma_ch *ch);
int srpt_cm_reply(struct srpt_rdma_ch *ch, const void *data, u8 len);
void srpt_cm_reject(struct ib_cm_id *ib_cm_id, struct rdma_cm_id *rdma_cm_id,
		    const struct srp_login_rej *rej, u8 len);
void srpt_cm_disconnect(struct srpt_rdma_ch *ch);
void srpt_cm_destroy(struct srpt_rdma_ch *ch);
void srpt_cm_lock(struct srpt_rdma_ch *ch);
void srpt_cm_unlock(struct srpt_rdma_ch *ch);
int srpt_cm_listen(struct srpt_device *sdev);
void srpt_cm_unlisten(struct srpt_device *sdev);
int srpt_cm_set_port(u16 port);
u16 srpt_cm_get_port(void);

/* srpt_login.c: logins */
int srpt_cm_req_recv(struct srpt_device *const sdev, struct ib_cm_id *ib_cm_id,
		     struct rdma_cm_id *rdma_cm_id, u8 port_num, __be16 pkey,
		     const struct srpt_conn_req *req, const char *src_addr);

/* srpt_nexus.c: I_T nexuses */
int srpt_ch_enlist(struct srpt_rdma_ch *ch, const struct srpt_login *lg);
void srpt_ch_unlist(struct srpt_rdma_ch *ch);
typedef void (*srpt_nexus_fn)(struct srpt_nexus *nexus, void *arg);
void srpt_visit_nexuses(srpt_nexus_fn fn, void *arg);
void srpt_nexus_leave(struct srpt_rdma_ch *ch);
bool srpt_is_oldest(struct srpt_rdma_ch *ch);
u8 srpt_multi_channel_action(struct srpt_rdma_ch *ch);

/* srpt_qp.c: queues of a channel */
int srpt_create_ch_ib(struct srpt_rdma_ch *ch, u32 sq_limit);
int srpt_ch_qp_rtr(struct srpt_rdma_ch *ch, struct ib_qp *qp);
int srpt_ch_qp_rts(struct srpt_rdma_ch *ch, struct ib_qp *qp);
int srpt_ch_qp_err(struct srpt_rdma_ch *ch);

/* srpt_rq.c: buffers of a receive queue */
void srpt_rq_put(struct srpt_rq *rq);
void srpt_rq_kick(struct srpt_rq *rq, struct delayed_work *work,
		  unsigned long delay);
int srpt_rq_grow(struct srpt_rq *rq);
void srpt_rq_is_low(struct srpt_rq *rq);
void srpt_rq_close(struct srpt_rq *rq);
struct srpt_rq *srpt_rq_alloc(struct srpt_device *sdev, u32 size, u32 most);
int srpt_rq_make_own(struct srpt_rdma_ch *ch);
int srpt_rq_open(struct srpt_rdma_ch *ch);

/* srpt_srq.c: shared receive queues */
void srpt_srq_init(struct srpt_device *sdev);
int srpt_srq_join(struct srpt_rdma_ch *ch);
void srpt_srq_leave(struct srpt_rdma_ch *ch);

/* srpt_channel.c: life of a channel */
void srpt_qp_event(struct ib_event *event, void *ptr);
bool srpt_disconnect_ch(struct srpt_rdma_ch *ch);
struct srpt_rdma_ch *srpt_alloc_ch(struct srpt_port *sport,
				   struct srpt_tpg *tpg);

/* srpt_end.c: the end of a channel */
void srpt_end_init(struct srpt_rdma_ch *ch);
void srpt_visit_every(srpt_ch_fn fn, void *arg);

/* srpt_views.c: sessions in configfs */
ssize_t srpt_show_sessions(struct se_node_acl *nacl, char *page);

/* srpt_refusals.c: the last logins that were refused */
void srpt_note_refusal(struct srpt_port *sport, const struct srpt_who *who,
		       enum srp_fault fault);
typedef void (*srpt_refusal_fn)(const struct srpt_refusal *r, void *arg);
void srpt_visit_refusals(srpt_refusal_fn fn, void *arg);

/* srpt_debugfs.c: what can be seen in debugfs */
void srpt_debugfs_init(void);
void srpt_debugfs_exit(void);

#endif /* SRPT_LIFE_H */
