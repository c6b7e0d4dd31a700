// SPDX-License-Identifier: GPL-2.0
/*
 * What the target sends, for anything that it may have to say. Input: room
 * (1), fields, sense data.
 */
#include "fuzz.h"

static struct srp_rsp_info take_info(struct input *in)
{
	struct srp_rsp_info ri = {
		.tag = take(in, 8),
		.delta = take(in, 4),
		.status = take(in, 1),
		.sol = take(in, 1) & 1,
		.dir = take(in, 1) % 3,
	};
	u32 sign = take(in, 1);

	ri.residual = take(in, 4);
	if (sign & 1)
		ri.residual = -ri.residual;
	ri.sense_len = in->left;
	ri.sense = in->left ? exact_copy(in->p, in->left) : NULL;
	return ri;
}

/* A count stands in the field of its direction, with one flag. */
static void check_residual(const u8 *b, const struct srp_rsp_info *ri)
{
	u32 over = ri->dir == SRP_DIR_OUT ? 0x04 : 0x10;
	s64 out = get32(b + RSP_OUT_RES), in = get32(b + RSP_IN_RES);
	s64 count = ri->dir == SRP_DIR_OUT ? out : in;

	if (ri->dir == SRP_DIR_NONE || !ri->residual) {
		PROMISE(!(b[RSP_FLAGS] & 0x3c) && !out && !in);
		return;
	}
	PROMISE(!(ri->dir == SRP_DIR_OUT ? in : out));
	if (b[RSP_FLAGS] & over)
		PROMISE(count == ri->residual);
	else
		PROMISE(-count == ri->residual);
	PROMISE((b[RSP_FLAGS] & 0x3c) == (ri->residual > 0 ? over : over << 1));
}

/* As much of the sense data as fits, and no other byte. */
static void check_sense(const u8 *b, u32 len, u32 size,
			const struct srp_rsp_info *ri)
{
	u32 sense_len = get32(b + RSP_SENSE_LEN);

	PROMISE(len <= size && len == RSP_FIXED + sense_len);
	PROMISE(get32(b + RSP_RESP_LEN) == 0 && !(b[RSP_FLAGS] & 1));
	PROMISE(!(b[RSP_FLAGS] & 2) == !sense_len);
	PROMISE(sense_len <= ri->sense_len);
	PROMISE(!sense_len || !memcmp(b + RSP_FIXED, ri->sense, sense_len));
	if (sense_len < ri->sense_len)
		PROMISE(sense_len % 4 == 0 && size - len < 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	u32 room = SRP_MIN_TI_IU + take(&in, 1), len;
	struct srp_rsp_info ri = take_info(&in);
	u8 *b = malloc(room);

	memset(b, 0xff, room);
	len = srp_build_rsp(b, room, &ri);
	PROMISE(b[0] == OP_RSP && b[RSP_SOL_NOT] == ri.sol && !b[2] && !b[3]);
	PROMISE(get32(b + 4) == ri.delta && !memcmp(b + 8, &ri.tag, 8));
	PROMISE(!b[16] && !b[17] && b[RSP_STATUS] == ri.status);
	check_residual(b, &ri);
	check_sense(b, len, room, &ri);
	while (len < room)
		PROMISE(b[len++] == 0xff);
	free(b);
	return 0;
}
