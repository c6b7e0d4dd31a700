// SPDX-License-Identifier: GPL-2.0
/*
 * A descriptor table that was fetched from the initiator. Input: the announced
 * total (4), alignment (1), descriptors.
 */
#include "fuzz.h"

/* What the descriptors are, counted by other means. */
struct facts {
	unsigned __int128 sum;
	bool empty;
	bool wraps;
};

static struct facts look(const u8 *p, u32 n)
{
	struct facts f = {};
	u32 i;

	for (i = 0; i < n; i++, p += DESC_LEN) {
		unsigned __int128 end = get64(p);

		end += get32(p + 12);
		f.empty |= !get32(p + 12);
		f.wraps |= end >> 64 != 0;
		f.sum += get32(p + 12);
	}
	return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	u32 total = take(&in, 4), shift = take(&in, 1) % 2 * 4;
	u32 n = in.left / DESC_LEN, len = n * DESC_LEN;
	static u8 room[WIRE_MAX + 8];
	struct facts f;
	u8 *p;

	if (len > WIRE_MAX)
		return -1;
	if (len)
		memcpy(room + shift, in.p, len);
	p = exact_copy(room, len + shift) + shift;
	f = look(in.p, n);
	switch (srp_check_table((void *)p, n, total)) {
	case SRP_FAULT_NONE:
		PROMISE(!f.empty && !f.wraps && f.sum == total);
		break;
	case SRP_FAULT_DESC_ZERO:
		PROMISE(f.empty);
		break;
	case SRP_FAULT_DESC_RANGE:
		PROMISE(f.wraps);
		break;
	case SRP_FAULT_DESC_SUM:
		PROMISE(!f.empty && !f.wraps && f.sum != total);
		break;
	default:
		PROMISE(!"a fault of a table");
	}
	return 0;
}
