// SPDX-License-Identifier: GPL-2.0
/*
 * One unit, several ways to write its number (SAM-5 4.7): what is below 16384
 * may come in peripheral form (below 256) or in flat form, at the initiator's
 * choice, and in whatever form REPORT LUNS gives.
 */
#include <stdio.h>
#include <string.h>

#include "io.h"

#define NO_SUCH_TAG 0xdeadbeefcafe0002ull

enum form {
	FORM_OWN,		/* as this program writes it elsewhere */
	FORM_FLAT,		/* method 01b */
	FORM_REPORTED,
	NUM_FORMS
};

static uint8_t *lun_of(struct wire_req *q)
{
	return q->head.opcode == OP_TSK_MGMT ? q->tmf.lun : q->cmd.lun;
}

/* What is in the answer to REPORT LUNS for the unit of this run. */
static bool reported(struct wire_conn *c, uint8_t *lun)
{
	struct wire_result r;
	struct wire_req q;
	uint8_t cdb[16];
	uint32_t len;

	if (!conn_mem(c, 8192))
		return false;
	cdb_report_luns(cdb, 4096);
	req_cmd(c, &q, cdb, sizeof(cdb));
	req_mem(c, &q, false, 4096);
	if (!CHECK(run_req(c, &q, &r) && !r.status, "no list of units"))
		return false;
	memcpy(&len, c->mem.p, 4);
	len = be32toh(len);
	for (uint32_t at = 8; at < len + 8 && at < 4096; at += 8) {
		memcpy(lun, c->mem.p + at, 8);
		if (((lun[0] & 0x3fu) << 8 | lun[1]) == env.lun)
			return true;
	}
	return CHECK(false, "REPORT LUNS does not tell of LUN %llu",
		     (unsigned long long)env.lun);
}

static void set_form(struct wire_req *q, enum form form, const uint8_t *told)
{
	if (form == FORM_FLAT)
		lun_of(q)[0] |= 0x40;
	else if (form == FORM_REPORTED)
		memcpy(lun_of(q), told, 8);
}

/* What is written through one form is read through another. */
static void on_forms(struct wire_conn *c, const struct wire_case *self)
{
	uint8_t told[8];
	struct wire_io *io;
	struct wire_req q;

	if (!reported(c, told))
		return;
	note("REPORT LUNS gives %02x%02x", told[0], told[1]);
	for (unsigned int w = 0; w < NUM_FORMS; w++) {
		unsigned int r = (w + self->num) % NUM_FORMS;

		io = io_new(2, 8 * env.block_size);
		if (!io)
			return;
		io_fill(io, 0x6c756e00 + w);
		io_req(c, &q, io, true, 8, 2);
		set_form(&q, w, told);
		want_good(c, &q, "WRITE");
		memset(io->data.p, POISON, io->data.len);
		io_req(c, &q, io, false, 8, 2);
		set_form(&q, r, told);
		if (want_good(c, &q, "READ"))
			io_check(io, 0x6c756e00 + w, io->total);
		if (env.failed)
			note("written in form %u, read in form %u", w, r);
		io_free(io);
	}
}

/* A reset is one of that unit, and says so to the others of its nexus. */
static void on_reset(struct wire_conn *c, const struct wire_case *self)
{
	uint8_t told[8];
	struct wire_req q;

	if (!reported(c, told))
		return;
	for (unsigned int f = 0; f < NUM_FORMS; f++) {
		req_tmf(c, &q, self->num, NO_SUCH_TAG);
		set_form(&q, f, told);
		want_code(c, &q, CODE_OK, f == FORM_FLAT ? "flat form" :
			  f == FORM_OWN ? "own form" : "reported form");
		clear_attention(c);
	}
}

/* A command that came in one form is aborted in another. */
static void on_abort(struct wire_conn *c, const struct wire_case *self)
{
	struct wire_result r;
	struct wire_req q, t;
	uint8_t told[8];

	if (!reported(c, told) || !conn_mem(c, 65536))
		return;
	for (unsigned int i = 0; i < 4 * NUM_FORMS; i++) {
		req_rw(c, &q, true, 0, 65536 / env.block_size);
		req_mem(c, &q, true, 65536);
		set_form(&q, i % NUM_FORMS, told);
		CHECK(conn_send(c, q.bytes, q.len), "cannot send");
		req_tmf(c, &t, TMF_ABORT_TASK, q.tag);
		set_form(&t, i / NUM_FORMS % NUM_FORMS, told);
		want_code(c, &t, CODE_OK, "ABORT TASK");
		if (wait_rsp(c, q.tag, 0, &r))
			CHECK(!r.status, "WRITE: status 0x%02x sense %x %02x",
			      r.status, r.key, r.asc);
		if (!clear_attention(c))
			break;
	}
}

/*
 * Forms that name something else: LUN 0 is not reached through them (or every
 * initiator that asks for a well known unit would find a disk there).
 */
static void on_others(struct wire_conn *c, const struct wire_case *self)
{
	static const uint8_t others[][8] = {
		{ 0xc1, 0x01 },			/* REPORT LUNS, well known */
		{ 0xc1, 0x02 },			/* ACCESS CONTROLS */
		{ 0x80, 0x00 },			/* behind another port */
		{ 0xd2, 0x00, 0x00, 0x00 },	/* long flat */
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		{ 0x00, 0x00, 0x00, 0x01 },	/* a second level */
		{ 0x40, 0x00, 0x40, 0x01 },
		{ 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01 },
	};
	struct wire_result r;
	struct wire_req q;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		req_tur(c, &q);
		memcpy(q.cmd.lun, others[i], 8);
		if (!CHECK(run_req(c, &q, &r), "no answer"))
			return;
		CHECK(r.status == 2 && r.key == 5 && r.asc == 0x25,
		      "%zu: status 0x%02x sense %x %02x/%02x", i, r.status,
		      r.key, r.asc, r.ascq);
		req_tmf(c, &q, TMF_LUN_RESET, NO_SUCH_TAG);
		memcpy(q.tmf.lun, others[i], 8);
		want_code(c, &q, CODE_FAILED, "LUN RESET of no such unit");
	}
	clear_attention(c);
}

const struct wire_case lun_cases[] = {
	{ "lun.same-form", .on = on_forms },
	{ "lun.other-form", .on = on_forms, .num = 1 },
	{ "lun.third-form", .on = on_forms, .num = 2 },
	{ "lun.reset", .on = on_reset, .num = TMF_LUN_RESET },
	{ "lun.abort-none", .on = on_reset, .num = TMF_ABORT_TASK },
	{ "lun.abort", .on = on_abort },
	{ "lun.other-units", .on = on_others },
	{ .name = NULL },
};
