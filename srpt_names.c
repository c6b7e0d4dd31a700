// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Names, and who may log in.
 *
 * Names are compared by value. The spelling that the administrator has chosen
 * is kept for him; in here a name is a kind and some bytes.
 *
 * Target ports exist by name only (struct srpt_tport). Which HCA port bears a
 * name is found out when somebody asks, so that configuration and hardware may
 * come and go in any order.
 *
 * The target as a whole is called by its service GUID.
 *
 * The order of access
 * -------------------
 * For each identity of the initiator - its IP address, the GUID and the GID of
 * its port, its initiator port identifier - every enabled TPG of every name of
 * the port is looked at, oldest first. The first ACL that matches decides.
 *
 * An ACL of 32 digits is a GID or an initiator port identifier. Only the
 * connection says what GID a peer has: an identifier that looks like a GID here
 * opens nothing.
 *
 * Who has no ACL at all is let in by the first TPG in demo mode, if there is one:
 * LIO makes an ACL for the initiator port identifier, for as long as there are
 * sessions of it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/inet.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait_bit.h>
#include <net/net_namespace.h>
#include <net/ipv6.h>
#include <rdma/ib_cache.h>

#include "ib_srpt.h"

/* Zero until it is given at load time, or the first HCA has been found. */
u64 srpt_service_guid;

/* Target ports, oldest first, and all of their TPGs. */
static DEFINE_MUTEX(srpt_names_mutex);
static LIST_HEAD(srpt_tports);

static const char *const srpt_id_names[] = {
	[SRPT_ID_NONE] = "no identity",
	[SRPT_ID_GUID] = "port GUID",
	[SRPT_ID_PORT] = "initiator port id",
	[SRPT_ID_IPV4] = "IPv4 address",
	[SRPT_ID_IPV6] = "IPv6 address",
	[SRPT_ID_GID] = "GID",
};

/* Likewise, in the views. */
static const char *const srpt_id_keys[] = {
	[SRPT_ID_NONE] = "none",
	[SRPT_ID_GUID] = "guid",
	[SRPT_ID_PORT] = "port_id",
	[SRPT_ID_IPV4] = "ipv4",
	[SRPT_ID_IPV6] = "ipv6",
	[SRPT_ID_GID] = "gid",
};

/**
 * srpt_parse_i_port_id - parse a 128-bit identifier
 * @i_port_id: out: its bytes
 * @name: 32 hexadecimal digits, with or without 0x
 *
 * Return: 0 or -EINVAL.
 */
static int srpt_parse_i_port_id(u8 i_port_id[16], const char *name)
{
	if (!strncasecmp(name, "0x", 2))
		name += 2;
	if (strlen(name) != 32)
		return -EINVAL;
	return hex2bin(i_port_id, name, 16) ? -EINVAL : 0;
}

/**
 * srpt_parse_guid - parse a port GUID
 * @guid: out: its bytes
 * @name: four groups of four hexadecimal digits with colons between them
 *
 * Return: 0 or -EINVAL.
 */
static int srpt_parse_guid(u8 guid[8], const char *name)
{
	int i;

	if (strlen(name) != 19)
		return -EINVAL;
	for (i = 0; i < 4; i++, name += 5) {
		if (i < 3 && name[4] != ':')
			return -EINVAL;
		if (hex2bin(guid + 2 * i, name, 2))
			return -EINVAL;
	}
	return 0;
}

static int srpt_parse_ip(struct srpt_identity *id, const char *name)
{
	struct in6_addr in6;
	const char *end;

	if (in4_pton(name, -1, id->val, -1, &end) == 1 && !*end) {
		id->kind = SRPT_ID_IPV4;
		return 0;
	}
	memset(id->val, 0, sizeof(id->val));
	/* a zone (fe80::1%eth0) says where we are, not who the peer is */
	if (in6_pton(name, -1, in6.s6_addr, strchr(name, '%') ? '%' : -1,
		     &end) != 1 || (*end && *end != '%'))
		return -EINVAL;
	if (ipv6_addr_v4mapped(&in6)) {
		id->kind = SRPT_ID_IPV4;
		memcpy(id->val, &in6.s6_addr32[3], 4);
	} else {
		id->kind = SRPT_ID_IPV6;
		memcpy(id->val, &in6, 16);
	}
	return 0;
}

/**
 * srpt_parse_initiator - parse the name of an ACL
 * @id: out: the name by value
 * @name: port GUID, GID, initiator port identifier, IPv4 or IPv6 address
 *
 * Return: 0, or -EINVAL for what no initiator could ever be called.
 */
int srpt_parse_initiator(struct srpt_identity *id, const char *name)
{
	memset(id, 0, sizeof(*id));
	if (!srpt_parse_guid(id->val, name)) {
		id->kind = SRPT_ID_GUID;
		return 0;
	}
	memset(id->val, 0, sizeof(id->val));
	if (!srpt_parse_i_port_id(id->val, name)) {
		id->kind = SRPT_ID_PORT;
		return 0;
	}
	memset(id->val, 0, sizeof(id->val));
	return srpt_parse_ip(id, name);
}

/**
 * srpt_parse_target - parse the name of a target port
 * @id: out: the name by value
 * @name: port GUID, or GID as 0x and 32 digits
 *
 * Return: 0 or -EINVAL.
 */
int srpt_parse_target(struct srpt_identity *id, const char *name)
{
	memset(id, 0, sizeof(*id));
	if (!srpt_parse_guid(id->val, name)) {
		id->kind = SRPT_ID_GUID;
		return 0;
	}
	memset(id->val, 0, sizeof(id->val));
	if (strncasecmp(name, "0x", 2) || srpt_parse_i_port_id(id->val, name))
		return -EINVAL;
	id->kind = SRPT_ID_PORT;
	return 0;
}

static bool srpt_same_id(const struct srpt_identity *a,
			 const struct srpt_identity *b)
{
	return a->kind == b->kind && a->kind != SRPT_ID_NONE &&
	       !memcmp(a->val, b->val, sizeof(a->val));
}

/**
 * srpt_names_add - enter a target port
 * @tport: the target port, its name parsed
 *
 * Return: 0, or -EEXIST if the name is there already in another spelling.
 */
int srpt_names_add(struct srpt_tport *tport)
{
	struct srpt_tport *other;
	int ret = 0;

	mutex_lock(&srpt_names_mutex);
	list_for_each_entry(other, &srpt_tports, entry)
		if (srpt_same_id(&other->id, &tport->id))
			ret = -EEXIST;
	if (!ret)
		list_add_tail(&tport->entry, &srpt_tports);
	mutex_unlock(&srpt_names_mutex);
	return ret;
}

/**
 * srpt_names_del - forget a target port
 * @tport: the target port; it has no TPG left
 */
void srpt_names_del(struct srpt_tport *tport)
{
	mutex_lock(&srpt_names_mutex);
	list_del(&tport->entry);
	mutex_unlock(&srpt_names_mutex);
}

/**
 * srpt_names_add_tpg - enter a TPG of a target port
 * @tpg: the TPG, not enabled
 */
void srpt_names_add_tpg(struct srpt_tpg *tpg)
{
	mutex_lock(&srpt_names_mutex);
	list_add_tail(&tpg->entry, &tpg->tport->tpgs);
	mutex_unlock(&srpt_names_mutex);
}

/**
 * srpt_names_del_tpg - forget a TPG
 * @tpg: the TPG; when this returns no login finds it any more
 */
void srpt_names_del_tpg(struct srpt_tpg *tpg)
{
	mutex_lock(&srpt_names_mutex);
	tpg->enabled = false;
	list_del(&tpg->entry);
	mutex_unlock(&srpt_names_mutex);
}

/**
 * srpt_names_enable - let logins into a TPG, or do not
 * @tpg: the TPG
 * @enable: which
 *
 * Return: true if that is a change.
 */
bool srpt_names_enable(struct srpt_tpg *tpg, bool enable)
{
	bool change;

	mutex_lock(&srpt_names_mutex);
	change = tpg->enabled != enable;
	tpg->enabled = enable;
	mutex_unlock(&srpt_names_mutex);
	return change;
}

/**
 * srpt_tpg_is_enabled - does a TPG let logins in?
 * @tpg: the TPG; the caller is counted in its users
 *
 * Return: whether it does at this moment.
 */
bool srpt_tpg_is_enabled(struct srpt_tpg *tpg)
{
	return READ_ONCE(tpg->enabled);
}

/*
 * The GUID of a port: the lower half of its GID. That of an iWARP port has its
 * MAC address in the upper half, and nothing in the other.
 */
static const void *srpt_gid_guid(const struct srpt_port *sport,
				 const union ib_gid *gid)
{
	if (rdma_protocol_iwarp(sport->sdev->ib_dev, sport->num))
		return &gid->global.subnet_prefix;
	return &gid->global.interface_id;
}

/*
 * The two names of a port, by value. The GID cache is ahead of us: what the
 * connection manager works with is there before the event has reached us.
 */
static void srpt_port_names(struct srpt_port *sport,
			    struct srpt_identity names[2])
{
	union ib_gid gid;

	if (rdma_query_gid(sport->sdev->ib_dev, sport->num, 0, &gid)) {
		spin_lock_irq(&sport->lock);
		gid = sport->gid;
		spin_unlock_irq(&sport->lock);
	}
	memset(names, 0, 2 * sizeof(names[0]));
	names[0].kind = SRPT_ID_GUID;
	memcpy(names[0].val, srpt_gid_guid(sport, &gid), 8);
	names[1].kind = SRPT_ID_PORT;
	memcpy(names[1].val, gid.raw, 16);
}

static bool srpt_bears_name(const struct srpt_identity names[2],
			    const struct srpt_tport *tport)
{
	return srpt_same_id(&names[0], &tport->id) ||
	       srpt_same_id(&names[1], &tport->id);
}

/**
 * srpt_names_announce - is there something that initiators should find?
 * @sport: HCA port
 * @max_rdma: out: largest srp_max_rdma_size of the enabled TPGs, in bytes
 *
 * Return: true if a TPG of one of the port's names is enabled.
 */
bool srpt_names_announce(struct srpt_port *sport, u32 *max_rdma)
{
	struct srpt_identity names[2];
	struct srpt_tport *tport;
	struct srpt_tpg *tpg;
	bool any = false;

	*max_rdma = 0;
	srpt_port_names(sport, names);
	mutex_lock(&srpt_names_mutex);
	list_for_each_entry(tport, &srpt_tports, entry) {
		if (!srpt_bears_name(names, tport))
			continue;
		list_for_each_entry(tpg, &tport->tpgs, entry) {
			if (!tpg->enabled)
				continue;
			any = true;
			*max_rdma = max(*max_rdma, tpg->attrib.max_rdma_size);
		}
	}
	mutex_unlock(&srpt_names_mutex);
	return any;
}

/* Does an ACL name this initiator? */
static bool srpt_acl_is(const struct srpt_identity *acl,
			const struct srpt_identity *id)
{
	if (id->kind == SRPT_ID_GID)
		return acl->kind == SRPT_ID_PORT &&
		       !memcmp(acl->val, id->val, sizeof(acl->val));
	return srpt_same_id(acl, id);
}

/*
 * Does an initiator port identifier claim to be a GID: of the port's subnet, of
 * its link, or that of an IPv4 address?  A port without a GID, whose prefix is
 * zero as that of usual identifiers, has no subnet.
 */
static bool srpt_claims_gid(const struct srpt_identity names[2],
			    const struct srpt_identity *id)
{
	static const u8 link_local[8] = { 0xfe, 0x80 };
	struct in6_addr gid;

	if (id->kind != SRPT_ID_PORT)
		return false;
	memcpy(&gid, id->val, sizeof(gid));
	return (memchr_inv(names[1].val, 0, 8) &&
		!memcmp(id->val, names[1].val, 8)) ||
	       !memcmp(id->val, link_local, 8) || ipv6_addr_v4mapped(&gid);
}

/* Copies the name of the ACL of @tpg for @id; false if there is none. */
static bool srpt_find_acl(struct srpt_tpg *tpg, const struct srpt_identity *id,
			  char *acl_name)
{
	struct se_portal_group *se_tpg = &tpg->se_tpg;
	struct se_node_acl *nacl;
	bool found = false;

	mutex_lock(&se_tpg->acl_node_mutex);
	list_for_each_entry(nacl, &se_tpg->acl_node_list, acl_list) {
		struct srpt_node_acl *acl = container_of(nacl,
							 struct srpt_node_acl,
							 nacl);

		if (!srpt_acl_is(&acl->id, id))
			continue;
		strscpy(acl_name, nacl->initiatorname, TRANSPORT_IQN_LEN);
		found = true;
		break;
	}
	mutex_unlock(&se_tpg->acl_node_mutex);
	return found;
}

/* Lets a login into a TPG. */
static void srpt_let_in(struct srpt_access *access, struct srpt_tpg *tpg,
			const char *id_name)
{
	atomic_inc(&tpg->users);
	access->tpg = tpg;
	access->attrib = tpg->attrib;
	access->id_name = id_name;
}

/*
 * One identity against one target port. @enabled: something is, @shut: an ACL
 * matches, but its TPG is not enabled.
 */
static bool srpt_try_tport(struct srpt_tport *tport,
			   const struct srpt_identity *id,
			   struct srpt_access *access, bool *enabled,
			   bool *shut)
{
	struct srpt_tpg *tpg;

	list_for_each_entry(tpg, &tport->tpgs, entry) {
		bool match = srpt_find_acl(tpg, id, access->acl_name);

		*enabled |= tpg->enabled;
		*shut |= match && !tpg->enabled;
		if (!match || !tpg->enabled)
			continue;
		srpt_let_in(access, tpg, srpt_id_names[id->kind]);
		return true;
	}
	return false;
}

/* One without an ACL against one target port: is it in demo mode? */
static bool srpt_try_demo(struct srpt_tport *tport,
			  const struct srpt_identity *id,
			  struct srpt_access *access)
{
	struct srpt_tpg *tpg;

	list_for_each_entry(tpg, &tport->tpgs, entry) {
		if (!tpg->enabled || !READ_ONCE(tpg->attrib.demo))
			continue;
		snprintf(access->acl_name, sizeof(access->acl_name), "0x%16phN",
			 id->val);
		srpt_let_in(access, tpg, "demo mode");
		return true;
	}
	return false;
}

/* All identities against all target ports of a port, for an ACL. */
static bool srpt_try_acls(const struct srpt_identity names[2],
			  const struct srpt_identity *ids, u32 n,
			  struct srpt_access *access, bool *enabled, bool *shut)
{
	struct srpt_tport *tport;
	u32 i;

	for (i = 0; i < n; i++) {
		struct srpt_identity id = ids[i];

		if (srpt_claims_gid(names, &id))
			id.kind = SRPT_ID_NONE;
		list_for_each_entry(tport, &srpt_tports, entry)
			if (srpt_bears_name(names, tport) &&
			    srpt_try_tport(tport, &id, access, enabled, shut))
				return true;
	}
	return false;
}

/*
 * The initiator port identifier against all of them, for demo mode. One that
 * looks like a GID would be given the ACL of who has that GID.
 */
static bool srpt_try_demos(const struct srpt_identity names[2],
			   const struct srpt_identity *id,
			   struct srpt_access *access)
{
	struct srpt_tport *tport;

	if (id->kind != SRPT_ID_PORT || srpt_claims_gid(names, id))
		return false;
	list_for_each_entry(tport, &srpt_tports, entry)
		if (srpt_bears_name(names, tport) &&
		    srpt_try_demo(tport, id, access))
			return true;
	return false;
}

/**
 * srpt_find_access - may an initiator log in, and where?
 * @sport: HCA port that it uses
 * @ids: what it is called; the last one is its port identifier
 * @n: how many names that are
 * @access: out: the permission
 *
 * The order is told at the top of this file.
 *
 * Context: may sleep.
 * Return: SRP_FAULT_NONE, with a count in access->tpg->users that the caller
 * gives back with srpt_tpg_put(); SRP_FAULT_DISABLED if nothing is enabled on
 * the port, or not what matches; SRP_FAULT_NO_ACCESS if nothing matches.
 */
enum srp_fault srpt_find_access(struct srpt_port *sport,
				const struct srpt_identity *ids, u32 n,
				struct srpt_access *access)
{
	struct srpt_identity names[2];
	bool enabled = false, shut = false, found;

	srpt_port_names(sport, names);
	mutex_lock(&srpt_names_mutex);
	found = srpt_try_acls(names, ids, n, access, &enabled, &shut) ||
		(!shut && srpt_try_demos(names, &ids[n - 1], access));
	mutex_unlock(&srpt_names_mutex);
	if (found)
		return SRP_FAULT_NONE;
	return enabled && !shut ? SRP_FAULT_NO_ACCESS : SRP_FAULT_DISABLED;
}

/**
 * srpt_id_key - what an identity is, in one word
 * @kind: its kind
 *
 * Return: a string constant.
 */
const char *srpt_id_key(enum srpt_id_kind kind)
{
	return srpt_id_keys[kind];
}

/**
 * srpt_tell_id - an identity as it is written in configfs
 * @buf: out: the text
 * @size: bytes of @buf
 * @id: the identity
 *
 * Return: length of the text.
 */
u32 srpt_tell_id(char *buf, u32 size, const struct srpt_identity *id)
{
	switch (id->kind) {
	case SRPT_ID_GUID:
		return scnprintf(buf, size, "%04x:%04x:%04x:%04x",
				 get_unaligned_be16(id->val),
				 get_unaligned_be16(id->val + 2),
				 get_unaligned_be16(id->val + 4),
				 get_unaligned_be16(id->val + 6));
	case SRPT_ID_IPV4:
		return scnprintf(buf, size, "%pI4", id->val);
	case SRPT_ID_IPV6:
		return scnprintf(buf, size, "%pI6c", id->val);
	default:
		return scnprintf(buf, size, "0x%16phN", id->val);
	}
}

/**
 * srpt_tpg_name - the name of a TPG
 * @tpg: the TPG; the caller is counted in its users, or holds what keeps it
 *
 * Return: as it was given to mkdir.
 */
const char *srpt_tpg_name(struct srpt_tpg *tpg)
{
	return config_item_name(&tpg->se_tpg.tpg_group.cg_item);
}

/**
 * srpt_tell_names - what a login through a port is looked up in, in words
 * @sport: HCA port
 * @buf: out: the names of the port, then each target port that has one of them
 *	with its TPGs; "..." at its end if that is not all
 * @size: bytes of @buf
 *
 * Context: may sleep.
 */
void srpt_tell_names(struct srpt_port *sport, char *buf, u32 size)
{
	struct srpt_identity names[2];
	struct srpt_tport *tport;
	struct srpt_tpg *tpg;
	u32 len;

	srpt_port_names(sport, names);
	len = srpt_tell_id(buf, size, &names[0]);
	len += scnprintf(buf + len, size - len, ",");
	len += srpt_tell_id(buf + len, size - len, &names[1]);
	mutex_lock(&srpt_names_mutex);
	list_for_each_entry(tport, &srpt_tports, entry) {
		if (!srpt_bears_name(names, tport))
			continue;
		list_for_each_entry(tpg, &tport->tpgs, entry)
			len += scnprintf(buf + len, size - len, " %s/%s(%s)",
					 tport->name, srpt_tpg_name(tpg),
					 tpg->enabled ? "enabled" : "disabled");
	}
	mutex_unlock(&srpt_names_mutex);
	if (len == size - 1)
		strscpy(buf + size - 4, "...", 4);
}

/**
 * srpt_tpg_put - a channel or a login does not refer to a TPG any more
 * @tpg: the TPG; may be gone afterwards
 */
void srpt_tpg_put(struct srpt_tpg *tpg)
{
	if (atomic_dec_and_test(&tpg->users))
		wake_up_var(&tpg->users);
}

/**
 * srpt_service_guid_get - the GUID that initiators connect to
 *
 * It is the service identifier of IB/CM, the GUID of the I/O controller, and
 * both halves of the target port identifier.
 *
 * Return: the GUID in host order; 0 before the first HCA.
 */
u64 srpt_service_guid_get(void)
{
	return READ_ONCE(srpt_service_guid);
}

/**
 * srpt_service_guid_default - choose the service GUID if nobody has
 * @guid: node GUID of an HCA, host order
 *
 * The first HCA decides for as long as the module is loaded. Service
 * identifiers that begin with 02 belong to the communication manager, IBA
 * A3.2.3.3: a GUID that does so, because it was assigned locally, loses that
 * bit.
 */
void srpt_service_guid_default(u64 guid)
{
	if (guid >> 56 == 0x02)
		guid &= ~(0x02ULL << 56);
	cmpxchg64(&srpt_service_guid, 0, guid);
}
