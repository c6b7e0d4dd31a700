/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SRP on the wire, as far as an initiator that wants to lie needs it.
 *
 * This header is written from the standard (SRP r16a, clause 6) and shares
 * nothing with the driver on purpose: a mistake in one must not be repeated
 * in the other, or the tests would agree with it.
 *
 * Every multi-byte field is big endian; tags are opaque.
 */
#ifndef SRP_WIRE_H
#define SRP_WIRE_H

#include <endian.h>
#include <stdint.h>

#define WIRE_PACKED __attribute__((packed))

enum {
	OP_LOGIN_REQ	= 0x00,
	OP_TSK_MGMT	= 0x01,
	OP_CMD		= 0x02,
	OP_I_LOGOUT	= 0x03,
	OP_CRED_RSP	= 0x41,
	OP_AER_RSP	= 0x42,
	OP_T_LOGOUT	= 0x80,
	OP_CRED_REQ	= 0x81,
	OP_AER_REQ	= 0x82,
	OP_LOGIN_RSP	= 0xc0,
	OP_RSP		= 0xc1,
	OP_LOGIN_REJ	= 0xc2,
};

/* Buffer formats: as bits in a login, as numbers in a command. */
enum {
	LOGIN_FMT_DIRECT   = 0x0002,
	LOGIN_FMT_INDIRECT = 0x0004,
	LOGIN_FMT_BOTH	   = LOGIN_FMT_DIRECT | LOGIN_FMT_INDIRECT,
};

enum {
	FMT_NONE	= 0,
	FMT_DIRECT	= 1,
	FMT_INDIRECT	= 2,
	FMT_IMM		= 3,
};

/* Login request flags and login response flags. */
enum {
	LOGIN_SINGLE	= 0x00,
	LOGIN_MULTI	= 0x01,
	LOGIN_IMM	= 0x80,
	RESULT_NO_CHAN	  = 0x00,
	RESULT_TERMINATED = 0x01,
	RESULT_MAINTAINED = 0x02,
	RESULT_IMM	  = 0x80,
};

/* Login reject reasons. */
enum {
	REJ_UNABLE	= 0x00010000,
	REJ_RESOURCES	= 0x00010001,
	REJ_IU_TOO_LONG	= 0x00010002,
	REJ_ASSOCIATE	= 0x00010003,
	REJ_FORMAT	= 0x00010004,
	REJ_MULTICHAN	= 0x00010005,
	REJ_CHANNELS	= 0x00010006,
};

/* SRP_RSP flags and response codes (r16a 6.9). */
enum {
	RSP_RSPVALID	= 0x01,
	RSP_SNSVALID	= 0x02,
	RSP_DOOVER	= 0x04,
	RSP_DOUNDER	= 0x08,
	RSP_DIOVER	= 0x10,
	RSP_DIUNDER	= 0x20,
};

enum {
	CODE_OK		 = 0x00,
	CODE_FIELDS	 = 0x02,
	CODE_UNSUPPORTED = 0x04,
	CODE_FAILED	 = 0x05,
};

enum {
	TMF_ABORT_TASK	   = 0x01,
	TMF_ABORT_TASK_SET = 0x02,
	TMF_CLEAR_TASK_SET = 0x04,
	TMF_LUN_RESET	   = 0x08,
	TMF_CLEAR_ACA	   = 0x40,
};

/* Task attributes. */
enum {
	TASK_SIMPLE	= 0,
	TASK_HEAD	= 1,
	TASK_ORDERED	= 2,
	TASK_ACA	= 4,
};

/* The login request as RDMA/CM carries it: what fits in 56 bytes. */
struct wire_login_rdma {
	uint64_t tag;
	uint16_t buf_fmt;
	uint8_t flags;
	uint8_t opcode;
	uint32_t it_iu_len;
	uint8_t iport[16];
	uint8_t tport[16];
	uint16_t imm_offset;
	uint8_t reserved[6];
} WIRE_PACKED;

/* The login request as IB/CM carries it. */
struct wire_login_ib {
	uint8_t opcode;
	uint8_t reserved1[7];
	uint64_t tag;
	uint32_t it_iu_len;
	uint8_t reserved2[4];
	uint16_t buf_fmt;
	uint8_t flags;
	uint8_t reserved3;
	uint16_t imm_offset;
	uint8_t reserved4[2];
	uint8_t iport[16];
	uint8_t tport[16];
} WIRE_PACKED;

struct wire_login_rsp {
	uint8_t opcode;
	uint8_t reserved1[3];
	uint32_t req_lim_delta;
	uint64_t tag;
	uint32_t max_it_iu_len;
	uint32_t max_ti_iu_len;
	uint16_t buf_fmt;
	uint8_t flags;
	uint8_t reserved2[25];
} WIRE_PACKED;

struct wire_login_rej {
	uint8_t opcode;
	uint8_t reserved1[3];
	uint32_t reason;
	uint64_t tag;
	uint8_t reserved2[8];
	uint16_t buf_fmt;
	uint8_t reserved3[6];
} WIRE_PACKED;

/* What all information units begin with; also a complete SRP_I_LOGOUT. */
struct wire_head {
	uint8_t opcode;
	uint8_t sol_not;
	uint8_t reserved[2];
	uint32_t req_lim_delta;
	uint64_t tag;
} WIRE_PACKED;

struct wire_tmf {
	uint8_t opcode;
	uint8_t sol_not;
	uint8_t reserved1[6];
	uint64_t tag;
	uint8_t reserved2[4];
	uint8_t lun[8];
	uint8_t reserved3[2];
	uint8_t function;
	uint8_t reserved4;
	uint64_t task_tag;
	uint8_t reserved5[8];
} WIRE_PACKED;

struct wire_cmd {
	uint8_t opcode;
	uint8_t sol_not;
	uint8_t reserved1[3];
	uint8_t buf_fmt;
	uint8_t out_cnt;
	uint8_t in_cnt;
	uint64_t tag;
	uint8_t reserved2[4];
	uint8_t lun[8];
	uint8_t reserved3;
	uint8_t task_attr;
	uint8_t reserved4;
	uint8_t add_cdb_len;
	uint8_t cdb[16];
} WIRE_PACKED;

struct wire_desc {
	uint64_t va;
	uint32_t key;
	uint32_t len;
} WIRE_PACKED;

struct wire_table {
	struct wire_desc table;
	uint32_t len;
} WIRE_PACKED;

struct wire_rsp {
	uint8_t opcode;
	uint8_t sol_not;
	uint8_t reserved1[2];
	uint32_t req_lim_delta;
	uint64_t tag;
	uint8_t reserved2[2];
	uint8_t flags;
	uint8_t status;
	uint32_t out_res;
	uint32_t in_res;
	uint32_t sense_len;
	uint32_t resp_len;
} WIRE_PACKED;

_Static_assert(sizeof(struct wire_login_rdma) == 56, "RDMA/CM login");
_Static_assert(sizeof(struct wire_login_ib) == 64, "IB/CM login");
_Static_assert(sizeof(struct wire_login_rsp) == 52, "login response");
_Static_assert(sizeof(struct wire_login_rej) == 32, "login reject");
_Static_assert(sizeof(struct wire_head) == 16, "head");
_Static_assert(sizeof(struct wire_tmf) == 48, "task management");
_Static_assert(sizeof(struct wire_cmd) == 48, "command");
_Static_assert(sizeof(struct wire_desc) == 16, "descriptor");
_Static_assert(sizeof(struct wire_table) == 20, "table");
_Static_assert(sizeof(struct wire_rsp) == 36, "response");

#endif
