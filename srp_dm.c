// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Device management attributes, built field by field (see srp_dm.h).
 *
 * An I/O unit of 16 slots with one SRP controller in the first. Each function
 * fills the data of a response that starts as all zeroes, and its status.
 */
#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/string.h>
#endif
#include "srp_dm.h"

/**
 * srpt_set_ioc - enter a controller into a controller list
 * @c_list: two slots a byte, the first in the upper half of byte 0
 * @slot: which one; the first slot is number 1
 * @value: DM_IOC_*; its low four bits count
 *
 * IBA 16.3.3.3. The neighbour in the same byte keeps its value.
 */
void srpt_set_ioc(u8 *c_list, u32 slot, u8 value)
{
	u32 at = slot - 1;
	u8 shift = at % 2 ? 0 : 4;

	c_list[at / 2] &= ~(0xf << shift);
	c_list[at / 2] |= (value & 0xf) << shift;
}

/**
 * srpt_get_class_port_info - answer DM_ATTR_CLASS_PORT_INFO
 * @mad: the response; only its data is written
 *
 * IBA 13.4.8.1 and 16.3.3.1: versions and response time; no redirection, no
 * traps, no optional capability.
 */
void srpt_get_class_port_info(struct ib_dm_mad *mad)
{
	mad->data[0] = 1;		/* BaseVersion */
	mad->data[1] = 1;		/* ClassVersion */
	mad->data[7] = DM_RESP_TIME;	/* low five bits of the second word */
}

/**
 * srpt_get_iou - answer DM_ATTR_IOU_INFO
 * @facts: of the one controller
 * @mad: the response; only its data is written
 *
 * IBA 16.3.3.3, SRP r16a annex B table B.6. The controller is in the list
 * while it would accept a login.
 */
void srpt_get_iou(const struct dm_ioc_facts *facts, struct ib_dm_mad *mad)
{
	struct dm_iou_info *iou = (void *)mad->data;

	iou->change_id = cpu_to_be16(facts->change_id);
	iou->max_controllers = DM_MAX_CONTROLLERS;
	srpt_set_ioc(iou->controller_list, DM_SRP_SLOT,
		     facts->present ? DM_IOC_PRESENT : DM_IOC_ABSENT);
}

/* IBA 16.3.3.4: slots are counted from 1; a slot may be empty. */
static u16 srp_dm_slot_status(u32 slot)
{
	if (!slot || slot > DM_MAX_CONTROLLERS)
		return DM_STATUS_INVALID_FIELD;
	return slot == DM_SRP_SLOT ? DM_STATUS_OK : DM_STATUS_NO_IOC;
}

/**
 * srp_dm_ioc_profile - write an IOControllerProfile
 * @facts: of the controller
 * @slot: which slot was asked for, host order
 * @mad: the response; its data and status are written
 *
 * IBA 16.3.3.4, SRP r16a annex B table B.7.
 */
void srp_dm_ioc_profile(const struct dm_ioc_facts *facts, u32 slot,
			struct ib_dm_mad *mad)
{
	struct dm_ioc_profile *ioc = (void *)mad->data;
	u16 status = srp_dm_slot_status(slot);

	if (!status && !facts->present)
		status = DM_STATUS_NO_IOC;
	mad->status = cpu_to_be16(status);
	if (status)
		return;

	ioc->guid = cpu_to_be64(facts->guid);
	ioc->vendor_id = cpu_to_be32(facts->vendor_id << 8);
	ioc->device_id = cpu_to_be32(facts->device_id);
	ioc->device_version = cpu_to_be16(facts->device_version);
	ioc->subsys_vendor_id = cpu_to_be32(facts->vendor_id << 8);
	ioc->io_class = cpu_to_be16(DM_SRP_IO_CLASS);
	ioc->io_subclass = cpu_to_be16(DM_SRP_IO_SUBCLASS);
	ioc->protocol = cpu_to_be16(DM_SRP_PROTOCOL);
	ioc->protocol_version = cpu_to_be16(DM_SRP_PROTOCOL_VERSION);
	ioc->send_queue_depth = cpu_to_be16(facts->queue_depth);
	ioc->rdma_read_depth = facts->read_depth;
	ioc->send_size = cpu_to_be32(facts->send_size);
	ioc->rdma_size = cpu_to_be32(facts->rdma_size);
	ioc->op_cap = DM_CAP_SEND_TO | DM_CAP_SEND_FROM |
		      DM_CAP_RDMA_READ_FROM | DM_CAP_RDMA_WRITE_FROM;
	ioc->svc_entries = DM_SVC_ENTRIES;
	memcpy(ioc->id_string, "Linux SRP target", sizeof("Linux SRP target"));
}

/**
 * srpt_get_svc_entries - answer DM_ATTR_SVC_ENTRIES
 * @ioc_guid: of the controller, host order
 * @slot: which controller was asked for
 * @hi: last entry that was asked for, counted from 0
 * @lo: first entry that was asked for
 * @mad: the response; its data and status are written
 *
 * IBA 16.3.3.5, SRP r16a annex B table B.8. The name of the service carries
 * the extension of the target port identifier, which is the GUID here too.
 */
void srpt_get_svc_entries(u64 ioc_guid, u16 slot, u8 hi, u8 lo,
			  struct ib_dm_mad *mad)
{
	struct dm_svc_entry *entry = (void *)mad->data;
	u16 status = srp_dm_slot_status(slot);

	if (!status && (lo > hi || hi >= DM_SVC_ENTRIES))
		status = DM_STATUS_INVALID_FIELD;
	mad->status = cpu_to_be16(status);
	if (status)
		return;

	snprintf((char *)entry->name, sizeof(entry->name),
		 "SRP.T10:%016llx", (unsigned long long)ioc_guid);
	entry->id = cpu_to_be64(ioc_guid);
}
