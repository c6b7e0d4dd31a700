// SPDX-License-Identifier: GPL-2.0
/*
 * SRP_TSK_MGMT, and information units of any other kind: each has a name and
 * can be answered to its tag. Input: the unit.
 */
#include "fuzz.h"

static void check_tmf(const u8 *iu, u32 len, const struct srp_tmf_info *ti)
{
	static struct wire w;
	struct srp_tmf_info again;

	PROMISE(!memcmp(&ti->task_tag, iu + TMF_TASK_TAG, 8));
	wire_tmf(&w, ti->func);
	w.b[TMF_SOL_NOT] = ti->sol_not;
	memcpy(w.b + TMF_TAG, &ti->tag, 8);
	memcpy(w.b + TMF_TASK_TAG, &ti->task_tag, 8);
	wire_lun(w.b + TMF_LUN, ti->lun);
	PROMISE(w.len <= len);
	PROMISE(srp_decode_tmf(w.b, w.len, &again) == SRP_FAULT_NONE);
	PROMISE(again.tag == ti->tag && again.task_tag == ti->task_tag);
	PROMISE(again.func == ti->func && again.sol_not == ti->sol_not);
	PROMISE(again.lun == ti->lun);
}

/* The answer to what cannot be done has the tag of who asked. */
static void check_answer(u64 tag, const u8 *iu)
{
	u8 *rsp = malloc(SRP_MIN_TI_IU);

	memset(rsp, 0xff, SRP_MIN_TI_IU);
	PROMISE(!srp_build_rsp_code(rsp, SRP_MIN_TI_IU - 1, tag, 1, false,
				    SRP_RSP_FIELDS_INVALID));
	PROMISE(srp_build_rsp_code(rsp, SRP_MIN_TI_IU, tag, 1, false,
				   SRP_RSP_FIELDS_INVALID) == 40);
	PROMISE(!memcmp(rsp + 8, iu + 8, 8));
	PROMISE(get32(rsp + RSP_RESP_LEN) == 4);
	PROMISE(get32(rsp + RSP_FIXED) == SRP_RSP_FIELDS_INVALID);
	free(rsp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const u8 *iu = exact_request(data, size);
	struct srp_tmf_info ti;
	enum srp_fault fault;

	if (size)
		PROMISE(strlen(srp_opcode_name(iu[0])) > 5);
	fault = srp_decode_tmf(iu, size, &ti);
	PROMISE((fault == SRP_FAULT_SHORT) == (size < TMF_LEN));
	PROMISE(size < 16 ? !ti.tag : !memcmp(&ti.tag, data + 8, 8));
	if (size >= 16)
		check_answer(ti.tag, data);
	if (fault == SRP_FAULT_NONE)
		check_tmf(iu, size, &ti);
	else
		PROMISE(has_words(fault) && fault == SRP_FAULT_SHORT);
	return 0;
}
