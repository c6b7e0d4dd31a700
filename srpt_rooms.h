/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the rooms of the driver offer each other; included by ib_srpt.h. Each
 * function is described where it is defined.
 */
#ifndef SRPT_ROOMS_H
#define SRPT_ROOMS_H

/* ib_srpt.c: the module */
extern unsigned int srp_max_req_size;
extern unsigned int srpt_srq_size;
extern struct workqueue_struct *srpt_wq;
extern struct workqueue_struct *srpt_end_wq;
u64 srpt_service_guid_get(void);
void srpt_service_guid_default(u64 guid);

/* srpt_fabric.c: LIO and configfs */
int srpt_fabric_register(void);
void srpt_fabric_unregister(void);
bool srpt_tpg_is_enabled(struct srpt_tpg *tpg);
struct se_portal_group *srpt_make_tpg(struct se_wwn *wwn, const char *name);
void srpt_drop_tpg(struct se_portal_group *tpg);
struct se_wwn *srpt_make_tport(struct target_fabric_configfs *tf,
			       struct config_group *group, const char *name);
void srpt_drop_tport(struct se_wwn *wwn);
void srpt_close_session(struct se_session *se_sess);
u32 srpt_sess_get_index(struct se_session *se_sess);

/* srpt_names.c: names and access */
int srpt_parse_i_port_id(u8 i_port_id[16], const char *name);
int srpt_parse_guid(u8 guid[8], const char *name);
int srpt_parse_initiator(struct srpt_identity *id, const char *name);
int srpt_parse_target(struct srpt_identity *id, const char *name);
int srpt_names_add(struct srpt_tport *tport);
void srpt_names_del(struct srpt_tport *tport);
void srpt_names_add_tpg(struct srpt_tpg *tpg);
void srpt_names_del_tpg(struct srpt_tpg *tpg);
bool srpt_names_enable(struct srpt_tpg *tpg, bool enable);
bool srpt_names_announce(struct srpt_port *sport, u32 *max_rdma);
enum srp_fault srpt_find_access(struct srpt_port *sport,
				const struct srpt_identity *ids, u32 n,
				struct srpt_access *access);
void srpt_tpg_put(struct srpt_tpg *tpg);

/* srpt_port.c: HCAs and ports */
extern struct ib_client srpt_client;
struct srpt_device *srpt_device_find(struct ib_device *dev);
void srpt_device_put(struct srpt_device *sdev);
typedef void (*srpt_ch_fn)(struct srpt_rdma_ch *ch, void *arg);
void srpt_visit_channels(srpt_ch_fn fn, void *arg);
void srpt_refresh_all(void);
int srpt_refresh_port(struct srpt_port *sport);
int srpt_release_sport(struct srpt_port *sport);
int srpt_add_one(struct ib_device *device);
void srpt_remove_one(struct ib_device *device, void *client_data);
void srpt_event_handler(struct ib_event_handler *handler,
			struct ib_event *event);
void srpt_port_facts(struct srpt_port *sport, struct dm_ioc_facts *facts);

/* srpt_mad.c: device management */
int srpt_register_mad_agent(struct srpt_port *sport);
void srpt_unregister_mad_agent(struct srpt_device *sdev);
void srpt_get_ioc(struct srpt_port *sport, u32 slot, struct ib_dm_mad *mad);
void srpt_mgmt_method_get(struct srpt_port *sp, struct ib_mad *rq_mad,
			  struct ib_dm_mad *rsp_mad);
void srpt_mad_send_handler(struct ib_mad_agent *mad_agent,
			   struct ib_mad_send_wc *mad_wc);
void srpt_mad_recv_handler(struct ib_mad_agent *mad_agent,
			   struct ib_mad_send_buf *send_buf,
			   struct ib_mad_recv_wc *mad_wc);

/* srpt_cm.c: connections */
int srpt_cm_handler(struct ib_cm_id *cm_id, const struct ib_cm_event *event);
void srpt_cm_rtu_recv(struct srpt_rdma_ch *ch);
void srpt_cm_attach(struct srpt_rdma_ch *ch, struct ib_cm_id *ib_cm_id,
		    struct rdma_cm_id *rdma_cm_id);
void srpt_cm_detach(struct srpt_rdma_ch *ch);
int srpt_cm_qp_attr(struct srpt_rdma_ch *ch, struct ib_qp_attr *attr,
		    int *mask);
void srpt_cm_notify(struct srpt_rdma_ch *ch);
int srpt_cm_reply(struct srpt_rdma_ch *ch, const void *data, u8 len);
void srpt_cm_reject(struct ib_cm_id *ib_cm_id, struct rdma_cm_id *rdma_cm_id,
		    const struct srp_login_rej *rej, u8 len);
void srpt_cm_disconnect(struct srpt_rdma_ch *ch);
void srpt_cm_destroy(struct srpt_rdma_ch *ch);
int srpt_cm_listen(struct srpt_device *sdev);
void srpt_cm_unlisten(struct srpt_device *sdev);
int srpt_cm_set_port(u16 port);
u16 srpt_cm_get_port(void);

/* srpt_login.c: logins */
int srpt_cm_req_recv(struct srpt_device *const sdev, struct ib_cm_id *ib_cm_id,
		     struct rdma_cm_id *rdma_cm_id, u8 port_num, __be16 pkey,
		     const struct srpt_conn_req *req, const char *src_addr);
void srpt_ch_unlist(struct srpt_rdma_ch *ch);

/* srpt_channel.c: life of a channel */
const char *srpt_ch_state_name(enum srpt_ch_state state);
bool srpt_set_ch_state(struct srpt_rdma_ch *ch, enum srpt_ch_state new);
struct srpt_rdma_ch *srpt_alloc_ch(struct srpt_port *sport,
				   struct srpt_tpg *tpg);
bool srpt_close_ch(struct srpt_rdma_ch *ch);
bool srpt_disconnect_ch(struct srpt_rdma_ch *ch);
int srpt_zerolength_write(struct srpt_rdma_ch *ch);
void srpt_qp_event(struct ib_event *event, void *ptr);
void srpt_ch_wc_error(struct srpt_rdma_ch *ch, const struct ib_wc *wc,
		      const char *what);

/* srpt_qp.c: queues of a channel */
int srpt_create_ch_ib(struct srpt_rdma_ch *ch, u32 sq_limit);
int srpt_init_ch_qp(struct srpt_rdma_ch *ch, struct ib_qp *qp);
int srpt_ch_qp_rtr(struct srpt_rdma_ch *ch, struct ib_qp *qp);
int srpt_ch_qp_rts(struct srpt_rdma_ch *ch, struct ib_qp *qp);
int srpt_ch_qp_err(struct srpt_rdma_ch *ch);

/* srpt_cmd.c: the way of a request */
struct srpt_send_ioctx *srpt_get_send_ioctx(struct srpt_rdma_ch *ch);
void srpt_put_send_ioctx(struct srpt_send_ioctx *ioctx);
void srpt_unhold_recv(struct srpt_send_ioctx *ioctx);
enum srp_fault srpt_get_desc_tbl(struct srpt_send_ioctx *ioctx,
				 struct srpt_recv_ioctx *recv,
				 struct srp_cmd_info *ci);
void srpt_handle_cmd(struct srpt_rdma_ch *ch,
		     struct srpt_recv_ioctx *recv_ioctx,
		     struct srpt_send_ioctx *send_ioctx);
void srpt_handle_tsk_mgmt(struct srpt_rdma_ch *ch,
			  struct srpt_recv_ioctx *recv_ioctx,
			  struct srpt_send_ioctx *send_ioctx);
bool srpt_handle_new_iu(struct srpt_rdma_ch *ch,
			struct srpt_recv_ioctx *recv_ioctx);
int srpt_write_pending(struct se_cmd *cmd);
void srpt_recv_done(struct ib_cq *cq, struct ib_wc *wc);
void srpt_mark_done(struct ib_cq *cq, struct ib_wc *wc);
void srpt_drain_done(struct ib_cq *cq, struct ib_wc *wc);
void srpt_recv_mark_done(struct ib_cq *cq, struct ib_wc *wc);

/* srpt_rdma.c: the way of the data */
bool srpt_ch_enter(struct srpt_rdma_ch *ch);
void srpt_ch_exit(struct srpt_rdma_ch *ch);
void srpt_sq_give(struct srpt_rdma_ch *ch, u32 n);
void srpt_sq_run(struct srpt_rdma_ch *ch);
int srpt_xfer_move(struct srpt_send_ioctx *ioctx, u32 len,
		   void (*done)(struct srpt_send_ioctx *ioctx, int err));
int srpt_xfer_start(struct srpt_send_ioctx *ioctx);
void srpt_xfer_end_batch(struct srpt_send_ioctx *ioctx);
void srpt_xfer_free(struct srpt_send_ioctx *ioctx);
void srpt_rdma_read_done(struct ib_cq *cq, struct ib_wc *wc);

/* srpt_rsp.c: the way of the answer */
int srpt_build_cmd_rsp(struct srpt_rdma_ch *ch, struct srpt_send_ioctx *ioctx,
		       u64 tag, int status);
int srpt_build_tskmgmt_rsp(struct srpt_rdma_ch *ch,
			   struct srpt_send_ioctx *ioctx, u8 rsp_code, u64 tag);
int srpt_queue_response(struct se_cmd *cmd);
int srpt_queue_data_in(struct se_cmd *cmd);
int srpt_queue_status(struct se_cmd *cmd);
void srpt_queue_tm_rsp(struct se_cmd *cmd);
void srpt_aborted_task(struct se_cmd *cmd);
int srpt_abort_cmd(struct srpt_send_ioctx *ioctx);
void srpt_answer(struct srpt_send_ioctx *ioctx, enum srp_rsp_code code);
void srpt_refuse(struct srpt_send_ioctx *ioctx, u64 tag);
void srpt_rsp_failed(struct srpt_send_ioctx *ioctx, int err);
void srpt_send_done(struct ib_cq *cq, struct ib_wc *wc);
void srpt_send_credits(struct srpt_rdma_ch *ch);
int srpt_send_logout(struct srpt_rdma_ch *ch);

/* srpt_srq.c: shared receive queues */
int srpt_srq_join(struct srpt_rdma_ch *ch);
void srpt_srq_leave(struct srpt_rdma_ch *ch);
void srpt_srq_put(struct srpt_srq *srq);
void srpt_srq_event(struct ib_event *event, void *ctx);

/* srpt_ioctx.c: contexts and their memory */
void srpt_pool_init(struct srpt_pool *pool, struct ib_device *dev,
		    enum dma_data_direction dir);
void srpt_pool_unmap(struct srpt_pool *pool);
void srpt_pool_free(struct srpt_pool *pool);
struct srpt_ioctx *srpt_alloc_ioctx(struct srpt_pool *pool, int ioctx_size,
				    int dma_size);
void srpt_free_ioctx(struct srpt_ioctx *ioctx);
struct srpt_ioctx **srpt_alloc_ioctx_ring(struct srpt_pool *pool,
					  int ring_size, int ioctx_size,
					  int dma_size);
void srpt_free_ioctx_ring(struct srpt_ioctx **ring, struct srpt_pool *pool,
			  int ring_size);
int srpt_post_recv(struct srpt_device *sdev, struct srpt_rdma_ch *ch,
		   struct srpt_recv_ioctx *ioctx);
enum srpt_command_state srpt_set_cmd_state(struct srpt_send_ioctx *ioctx,
					   enum srpt_command_state new);
bool srpt_test_and_set_cmd_state(struct srpt_send_ioctx *ioctx,
				 enum srpt_command_state old,
				 enum srpt_command_state new);

/* srpt_stats.c: what is going on */
void srpt_count_reject(enum srp_fault fault);
ssize_t srpt_show_sessions(struct se_node_acl *nacl, char *page);
void srpt_stats_init(void);
void srpt_stats_exit(void);

#endif /* SRPT_ROOMS_H */
