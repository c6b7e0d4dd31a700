// SPDX-License-Identifier: GPL-2.0
/*
 * Device management: every attribute for any facts, slot and range. Input:
 * facts, slot (4), range (2), a list entry (2).
 */
#include "fuzz.h"
#include "srp_dm.h"

static struct dm_ioc_facts take_facts(struct input *in)
{
	struct dm_ioc_facts facts = {
		.guid = take(in, 8),
		.present = take(in, 1) & 1,
		.change_id = take(in, 2),
		.vendor_id = take(in, 3),
		.device_id = take(in, 4),
		.device_version = take(in, 2),
		.queue_depth = take(in, 2),
		.read_depth = take(in, 1),
		.send_size = take(in, 4),
		.rdma_size = take(in, 4),
	};

	return facts;
}

static struct ib_dm_mad *fresh_mad(void)
{
	static const struct ib_dm_mad nothing;

	return exact_copy(&nothing, sizeof(nothing));
}

static bool all_zero(const void *p, u32 len)
{
	const u8 *b = p;

	while (len && !*b)
		len--, b++;
	return !len;
}

static u32 status_of(const struct ib_dm_mad *mad)
{
	return get16((const u8 *)mad + 4);
}

/* Nothing but status and data is written; a refusal has no data. */
static void check_frame(const struct ib_dm_mad *mad, u32 slot)
{
	u32 status = status_of(mad);

	PROMISE(all_zero(mad, 4));
	PROMISE(all_zero((const u8 *)mad + 6, 58));
	PROMISE(status == 0 || status == 0x001c || status == 0x0100);
	PROMISE(!status || all_zero(mad->data, 192));
	if (slot < 1 || slot > 16)
		PROMISE(status == 0x001c);
	else if (slot > 1)
		PROMISE(status == 0x0100);
}

static void check_profile(const struct dm_ioc_facts *facts, u32 slot)
{
	struct ib_dm_mad *mad = fresh_mad();
	const u8 *d = mad->data;

	srp_dm_ioc_profile(facts, slot, mad);
	check_frame(mad, slot);
	if (status_of(mad))
		return;
	PROMISE(slot == 1 && facts->present);
	PROMISE(get64(d) == facts->guid);
	PROMISE(get32(d + 8) == facts->vendor_id << 8);
	PROMISE(get32(d + 12) == facts->device_id);
	PROMISE(get16(d + 16) == facts->device_version);
	PROMISE(get32(d + 20) == facts->vendor_id << 8 && !get32(d + 24));
	PROMISE(get64(d + 28) == 0x0100609e01080001);
	PROMISE(get16(d + 40) == facts->queue_depth);
	PROMISE(d[43] == facts->read_depth);
	PROMISE(get32(d + 44) == facts->send_size);
	PROMISE(get32(d + 48) == facts->rdma_size);
	PROMISE(d[52] == 0x2b && d[53] == 0 && d[54] == 1);
	PROMISE(all_zero(d + 55, 9));
	PROMISE(!d[127] && all_zero(d + 128, 64));
}

static void check_services(u64 guid, u16 slot, u8 hi, u8 lo)
{
	struct ib_dm_mad *mad = fresh_mad();
	char name[40];

	srpt_get_svc_entries(guid, slot, hi, lo, mad);
	check_frame(mad, slot);
	if (status_of(mad))
		return;
	PROMISE(slot == 1 && hi == 0 && lo == 0);
	snprintf(name, sizeof(name), "SRP.T10:%08x%08x", (u32)(guid >> 32),
		 (u32)guid);
	PROMISE(!strcmp((const char *)mad->data, name));
	PROMISE(get64(mad->data + 40) == guid);
	PROMISE(all_zero(mad->data + 48, 144));
}

static void check_unit(const struct dm_ioc_facts *facts)
{
	struct ib_dm_mad *mad = fresh_mad();
	const u8 *d = mad->data;

	srpt_get_iou(facts, mad);
	PROMISE(all_zero(mad, 64));
	PROMISE(get16(d) == facts->change_id && d[2] == 16 && d[3] == 0);
	PROMISE(d[4] == (facts->present ? 0x10 : 0x00));
	PROMISE(all_zero(d + 5, 187));
}

static void check_class(void)
{
	struct ib_dm_mad *mad = fresh_mad();

	srpt_get_class_port_info(mad);
	PROMISE(all_zero(mad, 64));
	PROMISE(get64(mad->data) == 0x0101000000000012);
	PROMISE(all_zero(mad->data + 8, 184));
}

/* Only the four bits of the slot change, whatever was there. */
static void check_list(u32 slot, u8 value, u8 before)
{
	u8 *list = (u8 *)fresh_mad();
	u32 i, at = (slot - 1) / 2;
	u8 want;

	memset(list, before, 128);
	srpt_set_ioc(list, slot, value);
	if (slot % 2)
		want = (value & 0xf) << 4 | (before & 0xf);
	else
		want = (before & 0xf0) | (value & 0xf);
	for (i = 0; i < 128; i++)
		PROMISE(list[i] == (i == at ? want : before));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct dm_ioc_facts facts = take_facts(&in);
	u32 slot = take(&in, 4);
	u8 hi = take(&in, 1), lo = take(&in, 1);

	check_profile(&facts, slot);
	check_services(facts.guid, slot, hi, lo);
	check_unit(&facts);
	check_class();
	check_list(1 + slot % 256, take(&in, 1), take(&in, 1));
	return 0;
}
