// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * What LIO and the administrator see: the fabric "srpt" and its configfs tree.
 *
 *	/sys/kernel/config/target/srpt/
 *		discovery_auth/rdma_cm_port
 *		PORT/TPG/enable
 *		PORT/TPG/attrib/{srp_max_rdma_size,srp_max_rsp_size,
 *				 srp_sq_size,use_srq,rdma_cm_port}
 *		PORT/TPG/acls/INITIATOR/info
 *
 * Objects in here refer to no hardware. Whatever has to happen to channels is
 * done by looking through the channels of all HCAs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "srpt_life.h"

static struct srpt_tpg *to_srpt_tpg(struct se_portal_group *se_tpg)
{
	return container_of(se_tpg, struct srpt_tpg, se_tpg);
}

static char *srpt_get_wwn(struct se_portal_group *se_tpg)
{
	return to_srpt_tpg(se_tpg)->tport->name;
}

/* All TPGs of a port are one relative port to the outside, as ever. */
static u16 srpt_get_tag(struct se_portal_group *se_tpg)
{
	return 1;
}

static int srpt_false(struct se_portal_group *se_tpg)
{
	return 0;
}

/* Is who has no ACL let in? Then LIO makes one, which goes with its sessions. */
static int srpt_demo_mode(struct se_portal_group *se_tpg)
{
	return READ_ONCE(to_srpt_tpg(se_tpg)->attrib.demo);
}

static int srpt_demo_write_protect(struct se_portal_group *se_tpg)
{
	return READ_ONCE(to_srpt_tpg(se_tpg)->attrib.demo_ro);
}

static u32 srpt_inst_index(struct se_portal_group *se_tpg)
{
	return 1;
}

/**
 * srpt_sess_get_index - scsiAttIntrPortIndex of a session, RFC 4455
 * @se_sess: LIO session
 *
 * SRP initiator ports have no number of their own.
 *
 * Return: 0.
 */
static u32 srpt_sess_get_index(struct se_session *se_sess)
{
	return 0;
}

static void srpt_set_default_node_attributes(struct se_node_acl *nacl)
{
}

static int srpt_get_cmd_state(struct se_cmd *cmd)
{
	return container_of(cmd, struct srpt_send_ioctx, cmd)->state;
}

/* Drops LIO's reference; ours goes with the completion of the response. */
static int srpt_check_stop_free(struct se_cmd *cmd)
{
	return target_put_sess_cmd(cmd);
}

static void srpt_release_cmd(struct se_cmd *cmd)
{
	srpt_put_send_ioctx(container_of(cmd, struct srpt_send_ioctx, cmd));
}

static void srpt_close_if_sess(struct srpt_rdma_ch *ch, void *se_sess)
{
	/* @se_sess may be freed memory: it is compared, not followed */
	if (ch->sess == se_sess)
		srpt_disconnect_ch(ch);
}

/**
 * srpt_close_session - LIO callback: end a session
 * @se_sess: the session; LIO holds no reference on it
 *
 * Called for each session of an ACL that is being removed. LIO waits until
 * they are gone.
 *
 * Context: may sleep.
 */
static void srpt_close_session(struct se_session *se_sess)
{
	srpt_visit_channels(srpt_close_if_sess, se_sess);
}

static void srpt_close_if_tpg(struct srpt_rdma_ch *ch, void *tpg)
{
	if (ch->tpg == tpg)
		srpt_disconnect_ch(ch);
}

/*
 * Waits until the channels of a disabled TPG have gone. Then no request is on
 * its way to LIO any more, and LUNs and ACLs can be taken away without LIO
 * answering in the place of a unit: an initiator would believe it. What hangs
 * in a backend is not waited for, what hangs in hardware for a while only.
 */
static void srpt_await_tpg_idle(struct srpt_tpg *tpg)
{
	if (!wait_var_event_timeout(&tpg->channels,
				    !atomic_read(&tpg->channels),
				    SRPT_DISABLE_TIMEOUT))
		pr_warn("target port %s: disabled, but some of its channels have not ended yet\n",
			tpg->tport->name);
}

static int srpt_enable_tpg(struct se_portal_group *se_tpg, bool enable)
{
	struct srpt_tpg *tpg = to_srpt_tpg(se_tpg);

	if (!srpt_names_enable(tpg, enable))
		return 0;
	if (!enable)
		srpt_visit_channels(srpt_close_if_tpg, tpg);
	srpt_refresh_all();
	if (!enable)
		srpt_await_tpg_idle(tpg);
	return 0;
}

static int srpt_post_link(struct se_portal_group *se_tpg, struct se_lun *lun)
{
	return srpt_store_link(rcu_dereference_raw(lun->lun_se_dev));
}

static void srpt_pre_unlink(struct se_portal_group *se_tpg, struct se_lun *lun)
{
	srpt_store_unlink(rcu_dereference_raw(lun->lun_se_dev));
}

static int srpt_init_nodeacl(struct se_node_acl *nacl, const char *name)
{
	struct srpt_node_acl *acl = container_of(nacl, struct srpt_node_acl,
						 nacl);
	struct srpt_identity id;

	if (srpt_parse_initiator(&id, name)) {
		pr_err("ACL \"%s\": not a port GUID, an initiator port id (32 hexadecimal digits) or an IP address\n",
		       name);
		srpt_free_acl_name(nacl);
		return -EINVAL;
	}
	mutex_lock(&nacl->se_tpg->acl_node_mutex);
	acl->id = id;
	mutex_unlock(&nacl->se_tpg->acl_node_mutex);
	return 0;
}

/**
 * srpt_make_tport - configfs callback: mkdir of a target port
 * @tf: the fabric
 * @group: directory above
 * @name: port GUID, or GID with 0x
 *
 * The HCA may come later, or never.
 *
 * Return: the target port; -EINVAL if no port could have that name, -EEXIST if
 * it is there in another spelling.
 */
static struct se_wwn *srpt_make_tport(struct target_fabric_configfs *tf,
				      struct config_group *group,
				      const char *name)
{
	size_t size = strlen(name) + 1;
	struct srpt_identity id;
	struct srpt_tport *tport;
	int ret;

	if (srpt_parse_target(&id, name)) {
		pr_err("target port \"%s\": not xxxx:xxxx:xxxx:xxxx or 0x and 32 hexadecimal digits\n",
		       name);
		return ERR_PTR(-EINVAL);
	}
	tport = kzalloc(struct_size(tport, name, size), GFP_KERNEL);
	if (!tport)
		return ERR_PTR(-ENOMEM);
	memcpy(tport->name, name, size);
	tport->id = id;
	INIT_LIST_HEAD(&tport->tpgs);
	ret = srpt_names_add(tport);
	if (ret) {
		pr_err("target port \"%s\" exists in another spelling\n", name);
		kfree(tport);
		return ERR_PTR(ret);
	}
	return &tport->wwn;
}

/**
 * srpt_drop_tport - configfs callback: rmdir of a target port
 * @wwn: the target port; its TPGs are gone
 */
static void srpt_drop_tport(struct se_wwn *wwn)
{
	struct srpt_tport *tport = container_of(wwn, struct srpt_tport, wwn);

	srpt_names_del(tport);
	kfree(tport);
}

/**
 * srpt_make_tpg - configfs callback: mkdir of a target port group
 * @wwn: target port
 * @name: any
 *
 * Return: the TPG, not enabled, or an error pointer.
 */
static struct se_portal_group *srpt_make_tpg(struct se_wwn *wwn,
					     const char *name)
{
	struct srpt_tpg *tpg = kzalloc(sizeof(*tpg), GFP_KERNEL);
	int ret;

	if (!tpg)
		return ERR_PTR(-ENOMEM);
	tpg->tport = container_of(wwn, struct srpt_tport, wwn);
	tpg->attrib.max_rdma_size = SRPT_RDMA_SIZE_DEFAULT;
	tpg->attrib.max_rsp_size = SRPT_RSP_SIZE_DEFAULT;
	tpg->attrib.sq_size = SRPT_SQ_SIZE_DEFAULT;
	tpg->attrib.use_srq = SRPT_SRQ_BY_LINK;
	tpg->attrib.demo_ro = true;
	/* one count for configfs, given back by srpt_drop_tpg() */
	atomic_set(&tpg->users, 1);
	ret = core_tpg_register(wwn, &tpg->se_tpg, SCSI_PROTOCOL_SRP);
	if (ret) {
		kfree(tpg);
		return ERR_PTR(ret);
	}
	srpt_names_add_tpg(tpg);
	return &tpg->se_tpg;
}

/**
 * srpt_drop_tpg - configfs callback: rmdir of a target port group
 * @tpg: the TPG; its ACLs and with them its sessions are gone
 *
 * A login that was let in may still be on its way out: it is waited for.
 */
static void srpt_drop_tpg(struct se_portal_group *tpg)
{
	struct srpt_tpg *srpt_tpg = to_srpt_tpg(tpg);

	srpt_names_del_tpg(srpt_tpg);
	srpt_visit_channels(srpt_close_if_tpg, srpt_tpg);
	srpt_refresh_all();
	srpt_tpg_put(srpt_tpg);
	wait_var_event(&srpt_tpg->users, !atomic_read(&srpt_tpg->users));
	core_tpg_deregister(tpg);
	kfree(srpt_tpg);
}

static int srpt_parse_attrib(const char *page, const char *name, u32 min,
			     u32 max, u32 *val)
{
	if (kstrtou32(page, 0, val) || *val < min || *val > max) {
		pr_err("%s: \"%.*s\" is not a number from %u to %u\n", name,
		       (int)strcspn(page, "\n"), page, min, max);
		return -EINVAL;
	}
	return 0;
}

/* A TPG attribute: a number in a range; logins that follow get it. */
#define SRPT_TPG_SHOW(_name, _field)					\
static ssize_t srpt_tpg_attrib_##_name##_show(struct config_item *item,	\
					      char *page)		\
{									\
	struct srpt_tpg *tpg = to_srpt_tpg(attrib_to_tpg(item));	\
									\
	return sysfs_emit(page, "%u\n", READ_ONCE(tpg->attrib._field));	\
}

#define SRPT_TPG_STORE(_name, _field, _min, _max)			\
static ssize_t srpt_tpg_attrib_##_name##_store(struct config_item *item,\
					       const char *page,	\
					       size_t count)		\
{									\
	struct srpt_tpg *tpg = to_srpt_tpg(attrib_to_tpg(item));	\
	u32 val;							\
	int ret = srpt_parse_attrib(page, #_name, _min, _max, &val);	\
									\
	if (ret)							\
		return ret;						\
	WRITE_ONCE(tpg->attrib._field, val);				\
	return count;							\
}

SRPT_TPG_SHOW(srp_max_rdma_size, max_rdma_size)
SRPT_TPG_STORE(srp_max_rdma_size, max_rdma_size, SRPT_RDMA_SIZE_MIN,
	       SRPT_RDMA_SIZE_MAX)
CONFIGFS_ATTR(srpt_tpg_attrib_, srp_max_rdma_size);

SRPT_TPG_SHOW(srp_max_rsp_size, max_rsp_size)
SRPT_TPG_STORE(srp_max_rsp_size, max_rsp_size, SRPT_RSP_SIZE_MIN,
	       SRPT_RSP_SIZE_MAX)
CONFIGFS_ATTR(srpt_tpg_attrib_, srp_max_rsp_size);

SRPT_TPG_SHOW(srp_sq_size, sq_size)
SRPT_TPG_STORE(srp_sq_size, sq_size, SRPT_SQ_SIZE_MIN, SRPT_SQ_SIZE_MAX)
CONFIGFS_ATTR(srpt_tpg_attrib_, srp_sq_size);

SRPT_TPG_SHOW(use_srq, use_srq)
SRPT_TPG_STORE(use_srq, use_srq, SRPT_SRQ_NO, SRPT_SRQ_BY_LINK)
CONFIGFS_ATTR(srpt_tpg_attrib_, use_srq);

/* What demo mode means is told whenever it, or what it allows, changes. */
static ssize_t srpt_store_demo(struct srpt_tpg *tpg, const char *name,
			       bool *attrib, const char *page, size_t count)
{
	u32 val;
	int ret = srpt_parse_attrib(page, name, 0, 1, &val);

	if (ret)
		return ret;
	WRITE_ONCE(*attrib, val);
	if (READ_ONCE(tpg->attrib.demo))
		pr_info("target port %s: demo mode: any initiator may log in and %s all LUNs of this TPG\n",
			tpg->tport->name, READ_ONCE(tpg->attrib.demo_ro) ?
			"read" : "read and write");
	return count;
}

SRPT_TPG_SHOW(generate_node_acls, demo)
static ssize_t srpt_tpg_attrib_generate_node_acls_store(struct config_item *item,
							const char *page,
							size_t count)
{
	struct srpt_tpg *tpg = to_srpt_tpg(attrib_to_tpg(item));

	return srpt_store_demo(tpg, "generate_node_acls", &tpg->attrib.demo,
			       page, count);
}

CONFIGFS_ATTR(srpt_tpg_attrib_, generate_node_acls);

SRPT_TPG_SHOW(demo_mode_write_protect, demo_ro)
static ssize_t
srpt_tpg_attrib_demo_mode_write_protect_store(struct config_item *item,
					      const char *page, size_t count)
{
	struct srpt_tpg *tpg = to_srpt_tpg(attrib_to_tpg(item));

	return srpt_store_demo(tpg, "demo_mode_write_protect",
			       &tpg->attrib.demo_ro, page, count);
}

CONFIGFS_ATTR(srpt_tpg_attrib_, demo_mode_write_protect);

static ssize_t srpt_cm_port_show(char *page)
{
	return sysfs_emit(page, "%u\n", srpt_cm_get_port());
}

static ssize_t srpt_cm_port_store(const char *page, size_t count)
{
	u16 port;
	int ret = kstrtou16(page, 0, &port);

	if (!ret)
		ret = srpt_cm_set_port(port);
	return ret ?: count;
}

/* There is one port number for all: here it is saved by rtslib. */
static ssize_t srpt_tpg_attrib_rdma_cm_port_show(struct config_item *item,
						 char *page)
{
	return srpt_cm_port_show(page);
}

static ssize_t srpt_tpg_attrib_rdma_cm_port_store(struct config_item *item,
						  const char *page,
						  size_t count)
{
	return srpt_cm_port_store(page, count);
}

CONFIGFS_ATTR(srpt_tpg_attrib_, rdma_cm_port);

static struct configfs_attribute *srpt_tpg_attribs[] = {
	&srpt_tpg_attrib_attr_srp_max_rdma_size,
	&srpt_tpg_attrib_attr_srp_max_rsp_size,
	&srpt_tpg_attrib_attr_srp_sq_size,
	&srpt_tpg_attrib_attr_use_srq,
	&srpt_tpg_attrib_attr_rdma_cm_port,
	&srpt_tpg_attrib_attr_generate_node_acls,
	&srpt_tpg_attrib_attr_demo_mode_write_protect,
	NULL,
};

static ssize_t srpt_nacl_info_show(struct config_item *item, char *page)
{
	return srpt_show_sessions(acl_to_nacl(item), page);
}

CONFIGFS_ATTR_RO(srpt_nacl_, info);

static struct configfs_attribute *srpt_nacl_attrs[] = {
	&srpt_nacl_attr_info,
	NULL,
};

/* SRP has no authentication; rtslib asks every fabric. */
static ssize_t srpt_nacl_auth_authenticate_target_show(struct config_item *item,
						       char *page)
{
	return sysfs_emit(page, "0\n");
}

CONFIGFS_ATTR_RO(srpt_nacl_auth_, authenticate_target);

static struct configfs_attribute *srpt_nacl_auth_attrs[] = {
	&srpt_nacl_auth_attr_authenticate_target,
	NULL,
};

static ssize_t srpt_discovery_rdma_cm_port_show(struct config_item *item,
						char *page)
{
	return srpt_cm_port_show(page);
}

static ssize_t srpt_discovery_rdma_cm_port_store(struct config_item *item,
						 const char *page, size_t count)
{
	return srpt_cm_port_store(page, count);
}

CONFIGFS_ATTR(srpt_discovery_, rdma_cm_port);

static struct configfs_attribute *srpt_discovery_attrs[] = {
	&srpt_discovery_attr_rdma_cm_port,
	NULL,
};

static ssize_t srpt_wwn_version_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "\n");
}

CONFIGFS_ATTR_RO(srpt_wwn_, version);

static struct configfs_attribute *srpt_wwn_attrs[] = {
	&srpt_wwn_attr_version,
	NULL,
};

static const struct target_core_fabric_ops srpt_template = {
	.module				= THIS_MODULE,
	.fabric_name			= SRPT_FABRIC,
	.node_acl_size			= sizeof(struct srpt_node_acl),
	.tpg_get_wwn			= srpt_get_wwn,
	.tpg_get_tag			= srpt_get_tag,
	.tpg_check_demo_mode		= srpt_demo_mode,
	.tpg_check_demo_mode_cache	= srpt_false,
	.tpg_check_demo_mode_write_protect = srpt_demo_write_protect,
	.tpg_check_prod_mode_write_protect = srpt_false,
	.tpg_get_inst_index		= srpt_inst_index,
	.check_stop_free		= srpt_check_stop_free,
	.release_cmd			= srpt_release_cmd,
	.close_session			= srpt_close_session,
	.sess_get_index			= srpt_sess_get_index,
	.write_pending			= srpt_write_pending,
	.set_default_node_attributes	= srpt_set_default_node_attributes,
	.get_cmd_state			= srpt_get_cmd_state,
	.queue_data_in			= srpt_queue_data_in,
	.queue_status			= srpt_queue_status,
	.queue_tm_rsp			= srpt_queue_tm_rsp,
	.aborted_task			= srpt_aborted_task,
	.fabric_make_wwn		= srpt_make_tport,
	.fabric_drop_wwn		= srpt_drop_tport,
	.fabric_make_tpg		= srpt_make_tpg,
	.fabric_enable_tpg		= srpt_enable_tpg,
	.fabric_drop_tpg		= srpt_drop_tpg,
	.fabric_post_link		= srpt_post_link,
	.fabric_pre_unlink		= srpt_pre_unlink,
	.fabric_init_nodeacl		= srpt_init_nodeacl,
	/* what one command may move: LIO announces it in VPD page B0h */
	.max_data_sg_nents		= SRP_MAX_DATA / PAGE_SIZE,
	.tfc_discovery_attrs		= srpt_discovery_attrs,
	.tfc_wwn_attrs			= srpt_wwn_attrs,
	.tfc_tpg_attrib_attrs		= srpt_tpg_attribs,
	.tfc_tpg_nacl_base_attrs	= srpt_nacl_attrs,
	.tfc_tpg_nacl_auth_attrs	= srpt_nacl_auth_attrs,
	SRPT_SUBMIT_OPS
	SRPT_COMPL_OPS
};

/**
 * srpt_fabric_register - make the fabric known to LIO
 *
 * Return: 0 or -errno.
 */
int srpt_fabric_register(void)
{
	return target_register_template(&srpt_template);
}

/**
 * srpt_fabric_unregister - take the fabric back
 */
void srpt_fabric_unregister(void)
{
	target_unregister_template(&srpt_template);
}
