// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the seed corpus: one file for each kind of request that a target has
 * to know, from which the fuzzers start. usage: seeds FOLDER
 */
#include <errno.h>
#include <sys/stat.h>
#include "fuzz.h"

static const char *folder;
static struct wire w;
static u8 cdb[268] = { 0x28 };

/* One seed: what the target takes first, then the request in w. */
static void seed(const char *target, const char *name, const void *front,
		 u32 front_len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, target);
	if (mkdir(path, 0777) && errno != EEXIST)
		exit(1);
	snprintf(path, sizeof(path), "%s/%s/%s", folder, target, name);
	f = fopen(path, "w");
	if (!f)
		exit(1);
	fwrite(front, 1, front_len, f);
	fwrite(w.b, 1, w.len, f);
	if (fclose(f))
		exit(1);
}

static void seed_login(const char *name, enum srp_login_form form, u32 iu_len,
		       u16 fmt, u16 imm_off, u8 flags)
{
	/* The default of srp_max_req_size above the least possible one. */
	const u8 front[3] = { form, (8276 - 64) >> 8, (8276 - 64) & 0xff };
	struct srp_login_info li = {
		.tag = wire_tag("loginreq"),
		.req_it_iu_len = iu_len,
		.buf_fmt = fmt,
		.imm_off = imm_off,
		.i_port_id = { 0x11, 0x22 },
		.t_port_id = { 0x33, 0x44 },
	};

	wire_login(&w, form, &li, flags);
	seed("login", name, front, 3);
}

static void seed_logins(void)
{
	seed_login("ib", SRP_LOGIN_FORM_IB, 260, 6, 0, 0);
	seed_login("ib-multi-imm", SRP_LOGIN_FORM_IB, 8260, 6, 68, 0x81);
	seed_login("rdma", SRP_LOGIN_FORM_RDMA, 260, 2, 0, 0);
	seed_login("rdma-multi-imm", SRP_LOGIN_FORM_RDMA, 8260, 6, 80, 0x81);
	seed_login("action", SRP_LOGIN_FORM_RDMA, 260, 6, 0, 3);
	seed_login("small", SRP_LOGIN_FORM_IB, 63, 6, 0, 0);
	seed_login("large", SRP_LOGIN_FORM_IB, 8277, 6, 0, 0);
	seed_login("formats", SRP_LOGIN_FORM_RDMA, 64, 1, 0, 0);
	seed_login("opcode", SRP_LOGIN_FORM_IB, 64, 6, 0, 0);
	w.b[0] = 0xc1;
	seed("login", "opcode", "\0\40\24", 3);
	w.len = 63;
	seed("login", "short", "\0\40\24", 3);
}

static void seed_cmd(const char *name)
{
	seed("cmd", name, "\5", 1);		/* 48 + 5 * 4 = 68 */
}

static void seed_plain_cmds(void)
{
	wire_cmd(&w, cdb, 16);
	seed_cmd("none");
	wire_formats(&w, 1, 1);
	seed_cmd("bidi");
	wire_formats(&w, 0, 7);
	seed_cmd("format");
	wire_cmd(&w, cdb, 32);
	w.b[CMD_CDB] = 0x7f;
	w.b[CMD_CDB + 7] = 24;
	seed_cmd("variable-length");
	w.b[CMD_CDB + 7] = 25;
	seed_cmd("variable-length-cut");
	w.b[CMD_CDB + 7] = 24;
	wire_formats(&w, 0, 1);
	wire_desc(&w, 0x1000, 0x42, 4096);
	seed_cmd("direct-long-cdb");
	wire_cmd(&w, cdb, 16);
	wire_formats(&w, 1, 0);
	wire_desc(&w, 0x1000, 0x42, 512);
	seed_cmd("direct");
	wire_cmd(&w, cdb, 16);
	wire_formats(&w, 3, 0);
	wire_imm(&w, 68, 64, 64);
	seed_cmd("imm");
	seed("cmd", "imm-unasked", "", 1);
	put32(w.b + CMD_FIXED, 0xffffffff);
	seed_cmd("imm-range");
}

/* @count of @entries descriptors in the request. */
static void seed_table(const char *name, u32 entries, u32 count, u32 total)
{
	u32 i;

	wire_cmd(&w, cdb, 16);
	wire_formats(&w, 0, 2);
	w.b[CMD_IN_COUNT] = count;
	wire_table(&w, 0x7000, 0x1234, entries * DESC_LEN, total);
	for (i = 0; i < count; i++)
		wire_desc(&w, i * 0x10000, i, 512);
	seed_cmd(name);
}

static void seed_tables(void)
{
	seed_table("table-0", 0, 0, 0);
	seed_table("table-1", 1, 1, 512);
	seed_table("table-3", 3, 3, 3 * 512);
	seed_table("table-255", 255, 255, 255 * 512);
	seed_table("table-sum", 3, 3, 3 * 512 - 1);
	seed_table("table-count", 2, 3, 3 * 512);
	seed_table("external", 100, 0, 100 * 512);
	seed_table("external-partial", 256, 12, 256 * 512);
	seed_table("external-510", 510, 255, 510 * 512);
	seed_table("external-long", 4097, 0, 4097 * 512);
}

static void seed_tmfs(void)
{
	static const u8 opcodes[] = { 0x00, 0x03, 0x41, 0x42, 0x80, 0xc1,
		0x7f };
	char name[16];
	u32 i;

	wire_tmf(&w, 0x01);
	seed("tmf", "abort", NULL, 0);
	wire_tmf(&w, 0x08);
	seed("tmf", "lun-reset", NULL, 0);
	wire_tmf(&w, 0x99);
	seed("tmf", "function", NULL, 0);
	w.len = 47;
	seed("tmf", "short", NULL, 0);
	w.len = 16;
	for (i = 0; i < sizeof(opcodes); i++) {
		w.b[0] = opcodes[i];
		snprintf(name, sizeof(name), "opcode-%02x", opcodes[i]);
		seed("tmf", name, NULL, 0);
	}
}

static void seed_check_tables(void)
{
	static const u8 front[5] = { 0, 0, 6, 0, 0 };	/* 3 * 512 in all */
	u32 i;

	w.len = 0;
	seed("table", "none", "\0\0\0\0\0", 5);
	for (i = 0; i < 3; i++)
		wire_desc(&w, i << 16, i, 512);
	seed("table", "good", front, 5);
	put32(w.b + 12, 513);
	seed("table", "sum", front, 5);
	put32(w.b + 12, 0);
	seed("table", "zero", front, 5);
	put32(w.b + 12, 512);
	put64(w.b, ~0ULL - 100);
	seed("table", "range", front, 5);
	w.len = 0;
	for (i = 0; i < 256; i++)
		wire_desc(&w, i << 16, i, 16);
	seed("table", "256", "\0\0\20\0\0", 5);
}

static void seed_dms(void)
{
	static const u32 slots[] = { 0, 1, 2, 16, 17, 0xffffffff };
	char name[16];
	u32 i;

	for (i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		memset(w.b, 0x5a, 39);
		w.b[8] = 1;				/* present */
		put32(w.b + 31, slots[i]);
		put16(w.b + 35, i == 3 ? 0x0301 : 0);	/* hi and lo */
		w.len = 39;
		snprintf(name, sizeof(name), "slot-%x", slots[i]);
		seed("dm", name, NULL, 0);
	}
}

static void seed_rsps(void)
{
	memset(w.b, 0, 128);
	memcpy(w.b + 1, "tagofrsp", 8);
	w.b[0] = 220;			/* room */
	w.len = 21;
	seed("rsp", "good", NULL, 0);
	w.b[15] = SRP_DIR_IN;
	put32(w.b + 17, 4096);
	seed("rsp", "overflow", NULL, 0);
	w.b[16] = 1;			/* sign */
	w.b[13] = 2;			/* CHECK CONDITION */
	w.b[21] = 0x70;
	w.len = 21 + 18;
	seed("rsp", "underflow-sense", NULL, 0);
	w.b[0] = 3;
	w.b[15] = SRP_DIR_OUT;
	seed("rsp", "sense-cut", NULL, 0);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	folder = argv[1];
	seed_logins();
	seed_plain_cmds();
	seed_tables();
	seed_tmfs();
	seed_check_tables();
	seed_dms();
	seed_rsps();
	return 0;
}
