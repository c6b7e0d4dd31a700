/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Device management attributes on the wire: IBA volume 1, 16.3, and SRP r16a
 * annex B. Like srp_iu.h this room knows no kernel object.
 */
#ifndef SRP_DM_H
#define SRP_DM_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include "srp_user.h"
#endif

/* Attributes of the device management class, IBA 16.3.3 table 297. */
enum {
	DM_ATTR_CLASS_PORT_INFO	= 0x0001,
	DM_ATTR_IOU_INFO	= 0x0010,
	DM_ATTR_IOC_PROFILE	= 0x0011,
	DM_ATTR_SVC_ENTRIES	= 0x0012,
};

/* Status of a response: common, IBA 13.4.7, and of the class, 16.3.2. */
enum {
	DM_STATUS_OK			= 0x0000,
	DM_STATUS_UNSUP_METHOD		= 0x0008,
	DM_STATUS_UNSUP_METHOD_ATTR	= 0x000c,
	DM_STATUS_INVALID_FIELD		= 0x001c,
	DM_STATUS_NO_IOC		= 0x0100,
};

/* Four-bit entries of the controller list, IBA 16.3.3.3. */
enum {
	DM_IOC_ABSENT		= 0,
	DM_IOC_PRESENT		= 1,
};

enum {
	/* Slots that this I/O unit has; the first holds the controller. */
	DM_MAX_CONTROLLERS	= 16,
	DM_SRP_SLOT		= 1,
	/* Service entries of the controller. */
	DM_SVC_ENTRIES		= 1,
	/* Entries that one MAD can carry, IBA 16.3.3.5. */
	DM_SVC_PER_MAD		= 4,
	/* Response time of 4.096 us * 2^18: about a second, IBA 13.4.8.1. */
	DM_RESP_TIME		= 18,
};

/* I/O class, subclass and protocol of an SRP controller, annex B table B.7. */
enum {
	DM_SRP_IO_CLASS		= 0x0100,
	DM_SRP_IO_SUBCLASS	= 0x609e,
	DM_SRP_PROTOCOL		= 0x0108,
	DM_SRP_PROTOCOL_VERSION	= 0x0001,
};

/* Controller capabilities, IBA 16.3.3.4: which operations it uses or takes. */
enum {
	DM_CAP_SEND_TO		= 1 << 0,
	DM_CAP_SEND_FROM	= 1 << 1,
	DM_CAP_RDMA_READ_FROM	= 1 << 3,
	DM_CAP_RDMA_WRITE_FROM	= 1 << 5,
};

#define DM_MAD_DATA	192

/**
 * struct ib_dm_mad - a datagram of the device management class, IBA 16.3.1
 * @base_version: 1
 * @mgmt_class: 6
 * @class_version: 1
 * @method: Get, Set or their response
 * @status: DM_STATUS_*
 * @class_specific: reserved
 * @tid: belongs to the requester
 * @attr_id: DM_ATTR_*
 * @resv: reserved
 * @attr_mod: attribute modifier
 * @reserved: not used by the class
 * @data: the attribute
 */
struct ib_dm_mad {
	u8 base_version;
	u8 mgmt_class;
	u8 class_version;
	u8 method;
	__be16 status;
	__be16 class_specific;
	__be64 tid;
	__be16 attr_id;
	__be16 resv;
	__be32 attr_mod;
	u8 reserved[40];
	u8 data[DM_MAD_DATA];
};

/**
 * struct dm_iou_info - IOUnitInfo, IBA 16.3.3.3
 * @change_id: counts changes of the list
 * @max_controllers: slots
 * @flags: diagnostics and option ROM; none here
 * @controller_list: two slots a byte, the odd one in the high half
 */
struct dm_iou_info {
	__be16 change_id;
	u8 max_controllers;
	u8 flags;
	u8 controller_list[128];
};

/**
 * struct dm_ioc_profile - IOControllerProfile, IBA 16.3.3.4
 * @guid: of the controller
 * @vendor_id: IEEE identifier in the upper 24 bits
 * @device_id: of the vendor's choice
 * @device_version: likewise
 * @reserved1: 0
 * @subsys_vendor_id: like @vendor_id
 * @subsys_device_id: like @device_id
 * @io_class: annex B
 * @io_subclass: annex B
 * @protocol: annex B
 * @protocol_version: annex B
 * @service_conn: reserved
 * @initiators: reserved
 * @send_queue_depth: requests that a channel may have outstanding
 * @reserved2: 0
 * @rdma_read_depth: RDMA READs that the controller has in flight
 * @send_size: longest message that it takes, in bytes
 * @rdma_size: longest RDMA transfer that it starts, in bytes
 * @op_cap: DM_CAP_*
 * @svc_cap: of services; none
 * @svc_entries: entries that ServiceEntries has
 * @reserved3: 0
 * @id_string: name of the controller, UTF-8
 */
struct dm_ioc_profile {
	__be64 guid;
	__be32 vendor_id;
	__be32 device_id;
	__be16 device_version;
	__be16 reserved1;
	__be32 subsys_vendor_id;
	__be32 subsys_device_id;
	__be16 io_class;
	__be16 io_subclass;
	__be16 protocol;
	__be16 protocol_version;
	__be16 service_conn;
	__be16 initiators;
	__be16 send_queue_depth;
	u8 reserved2;
	u8 rdma_read_depth;
	__be32 send_size;
	__be32 rdma_size;
	u8 op_cap;
	u8 svc_cap;
	u8 svc_entries;
	u8 reserved3[9];
	u8 id_string[64];
};

/**
 * struct dm_svc_entry - one of ServiceEntries, IBA 16.3.3.5
 * @name: zero padded
 * @id: service identifier to connect to
 */
struct dm_svc_entry {
	u8 name[40];
	__be64 id;
};

/**
 * struct dm_ioc_facts - what a controller has to say of itself
 * @guid: of the controller, host order; also its service identifier
 * @present: a target port group is enabled on the port
 * @change_id: how often @present has changed
 * @vendor_id: IEEE identifier, 24 bits
 * @device_id: of the HCA
 * @device_version: of the HCA
 * @queue_depth: requests per channel
 * @read_depth: RDMA READs in flight
 * @send_size: longest IU that is taken, in bytes
 * @rdma_size: longest RDMA transfer that is started, in bytes
 */
struct dm_ioc_facts {
	u64 guid;
	bool present;
	u16 change_id;
	u32 vendor_id;
	u32 device_id;
	u16 device_version;
	u16 queue_depth;
	u8 read_depth;
	u32 send_size;
	u32 rdma_size;
};

void srpt_set_ioc(u8 *c_list, u32 slot, u8 value);
void srpt_get_class_port_info(struct ib_dm_mad *mad);
void srpt_get_iou(const struct dm_ioc_facts *facts, struct ib_dm_mad *mad);
void srpt_get_svc_entries(u64 ioc_guid, u16 slot, u8 hi, u8 lo,
			  struct ib_dm_mad *mad);
void srp_dm_ioc_profile(const struct dm_ioc_facts *facts, u32 slot,
			struct ib_dm_mad *mad);

#endif /* SRP_DM_H */
