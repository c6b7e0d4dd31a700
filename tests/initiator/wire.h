/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The building blocks of srp-wire: channels, information units, memory,
 * answers, and the table of cases.
 *
 * One thread, no locks. Every wait goes through wire_pump() and has a limit.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <infiniband/verbs.h>
#include <rdma/rdma_cma.h>

#include "srp_wire.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define WIRE_IU_MAX	9216	/* longest unit this program sends */
#define WIRE_RX_MAX	2048	/* longest unit it is ready to receive */
#define WIRE_SLOTS	192	/* most work requests a channel, each way */

/* How long the target may take, in milliseconds. */
#define ANSWER_MS	15000
#define CLOSE_MS	20000
#define QUIET_MS	300

/* ---- options and results ------------------------------------------------ */

struct wire_env {
	const char *addr;	/* target: IP address, or GID with --sid */
	const char *port;	/* target: RDMA/CM port */
	const char *src;	/* own address, or NULL */
	uint64_t sid;		/* IB/CM service ID; 0: RDMA/CM */
	uint16_t pkey;
	uint64_t guid;		/* service GUID; 0: node GUID of the device */
	uint8_t iport[16];	/* own identity, has an ACL */
	uint8_t stranger[16];	/* an identity without an ACL */
	uint32_t max_req;	/* srp_max_req_size of the target */
	uint32_t rsp_size;	/* srp_max_rsp_size of the target */
	uint64_t lun;
	uint64_t lba;		/* first block that may be overwritten */
	uint32_t blocks;	/* how many of them */
	uint32_t count;		/* repetitions, for the cases that repeat */
	uint32_t each;		/* channels of one initiator, or 0 */
	uint32_t reason;	/* what login.refused expects */
	uint32_t seconds;	/* for the cases that go on for a while */
	uint64_t seed;
	uint64_t number;	/* units to send in random mode */
	int verbose;

	struct ibv_pd *pd;	/* made with the first channel */
	uint32_t block_size;	/* learnt from READ CAPACITY */
	uint64_t capacity;	/* in blocks */
	int failed;		/* checks failed in the current case */
	const char *skipped;	/* why the current case was not run */
};

extern struct wire_env env;

bool wire_check(bool ok, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
#define CHECK(ok, ...) wire_check(ok, __FILE__, __LINE__, __VA_ARGS__)
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void dump(const char *what, const void *bytes, size_t len);
int64_t now_ms(void);
int64_t now_us(void);
uint64_t rnd(void);
void rnd_seed(uint64_t seed);
void rnd_fill(void *to, size_t len);

struct wire_conn;

struct wire_case {
	const char *name;
	/* Opens channels itself; or NULL. */
	void (*run)(const struct wire_case *self);
	/* Works on a session that is opened, looked at, and ended for it. */
	void (*on)(struct wire_conn *c, const struct wire_case *self);
	unsigned long num;
	const void *arg;
	uint16_t imm_offset;	/* of that session; 0: no immediate data */
	bool lost;		/* that session ends; the next must work */
	bool manual;		/* runs only when named */
};

extern const struct wire_case login_cases[];
extern const struct wire_case session_cases[];
extern const struct wire_case iu_cases[];
extern const struct wire_case desc_cases[];
extern const struct wire_case rkey_cases[];
extern const struct wire_case data_cases[];
extern const struct wire_case tmf_cases[];
extern const struct wire_case lun_cases[];
extern const struct wire_case credit_cases[];
extern const struct wire_case storm_cases[];
extern const struct wire_case crowd_cases[];
extern const struct wire_case order_cases[];
extern const struct wire_case random_cases[];

/* ---- login -------------------------------------------------------------- */

struct wire_login {
	uint8_t opcode;
	uint64_t tag;		/* as it lies in memory: opaque */
	uint32_t it_iu_len;
	uint16_t buf_fmt;
	uint8_t flags;
	uint16_t imm_offset;
	uint8_t iport[16];
	uint8_t tport[16];
	int raw_len;		/* < 0: encode all; else cut or pad to this */
};

enum wire_outcome {
	LOGIN_OK,
	LOGIN_REJECTED,		/* with an SRP_LOGIN_REJ */
	LOGIN_CM_REJECTED,	/* by the CM, without one */
	LOGIN_SILENT,		/* no answer in time */
	LOGIN_ERROR,		/* could not even ask */
};

struct wire_answer {
	enum wire_outcome outcome;
	int cm_status;
	struct wire_login_rsp rsp;
	struct wire_login_rej rej;
	uint32_t reason;
};

void login_init(struct wire_login *l);
size_t login_encode(const struct wire_login *l, uint8_t *to, bool ib);
const char *outcome_name(enum wire_outcome o);

/* ---- channels ----------------------------------------------------------- */

struct wire_iu {
	struct wire_iu *next;
	size_t len;
	union {
		uint8_t bytes[WIRE_RX_MAX];
		struct wire_head head;
		struct wire_rsp rsp;
	};
};

struct wire_mem {
	uint8_t *p;
	size_t len;
	struct ibv_mr *mr;
};

struct wire_conn {
	struct rdma_event_channel *ec;
	struct rdma_cm_id *id;
	struct ibv_comp_channel *cc;
	struct ibv_cq *cq;
	struct ibv_mr *rx_mr, *tx_mr;
	uint8_t *rx, *tx;
	bool tx_busy[WIRE_SLOTS];
	unsigned int slots;	/* WIRE_SLOTS, or less for a light channel */
	unsigned int flood;	/* sends beyond those, for conn_flood() */
	unsigned int tx_free;
	struct wire_iu *first, *last;	/* received, not yet asked for */

	struct wire_answer *answer;	/* where the reply to a login goes */
	bool answered;
	bool resolved;		/* address or route, whichever was asked for */
	bool established;
	bool disconnected;	/* the CM says so */
	bool timewait;
	bool broken;		/* a work request failed */
	enum ibv_wc_status wc_status;
	bool t_logout;
	bool keep_silent;	/* do not answer CRED_REQ and AER_REQ */

	uint64_t next_tag;
	int credits;		/* requests that may be sent now */
	int limit;		/* all credits there are */
	uint32_t max_it, max_ti;
	uint16_t imm_offset;	/* 0: not negotiated */
	uint8_t result;
	unsigned int aer_reqs, cred_reqs;

	struct wire_mem mem;	/* see conn_mem() */
};

struct wire_conn *conn_new(void);
int conn_resolve(struct wire_conn *c);
int conn_make_qp(struct wire_conn *c);
int conn_request(struct wire_conn *c, const struct wire_login *l);
enum wire_outcome conn_answer(struct wire_conn *c, struct wire_answer *a,
			      int ms);
enum wire_outcome conn_login(struct wire_conn *c, const struct wire_login *l,
			     struct wire_answer *a);
bool conn_post_recvs(struct wire_conn *c);
void conn_disconnect(struct wire_conn *c);
void conn_free(struct wire_conn *c);
bool conn_mem(struct wire_conn *c, size_t len);
bool conn_closed(const struct wire_conn *c);
bool wire_pump(struct wire_conn *c, int ms);
bool conn_wait_closed(struct wire_conn *c, int ms);

bool conn_send(struct wire_conn *c, const void *bytes, size_t len);
bool conn_send_many(struct wire_conn *c, const void *const *bytes,
		    const size_t *len, unsigned int n);
bool conn_flood(struct wire_conn *c, const void *bytes, size_t len,
		unsigned int n);
struct wire_iu *conn_take(struct wire_conn *c, uint8_t opcode, uint64_t tag);
struct wire_iu *conn_take_any(struct wire_conn *c);

/* A session: a channel that logged in as an honest initiator does. */
struct wire_conn *session(void);
struct wire_conn *session_as(uint8_t flags);
struct wire_conn *session_imm(uint16_t offset);
struct wire_conn *session_with(const struct wire_login *l);
bool session_healthy(struct wire_conn *c);
void session_end(struct wire_conn *c);
bool still_serving(void);

/* ---- information units -------------------------------------------------- */

struct wire_req {
	union {
		uint8_t bytes[WIRE_IU_MAX];
		struct wire_cmd cmd;
		struct wire_tmf tmf;
		struct wire_head head;
	};
	size_t len;
	uint64_t tag;
};

void req_cmd(struct wire_conn *c, struct wire_req *r, const uint8_t *cdb,
	     size_t cdb_len);
void req_tmf(struct wire_conn *c, struct wire_req *r, uint8_t function,
	     uint64_t task_tag);
void req_head(struct wire_conn *c, struct wire_req *r, uint8_t opcode,
	      size_t len);
void req_lun(struct wire_req *r, uint64_t lun);
void req_direct(struct wire_req *r, bool out, uint64_t va, uint32_t key,
		uint32_t len);
void req_table(struct wire_req *r, bool out, uint64_t va, uint32_t key,
	       uint32_t entries, uint32_t total, const struct wire_desc *d,
	       unsigned int inline_cnt);
bool req_imm(struct wire_conn *c, struct wire_req *r, const void *data,
	     uint32_t len);
void req_mem(struct wire_conn *c, struct wire_req *r, bool out, uint32_t len);
void set_desc(struct wire_desc *d, uint64_t va, uint32_t key, uint32_t len);

/* ---- memory that the target reaches ------------------------------------- */

#define POISON 0xa5

bool mem_get(struct wire_mem *m, size_t len);
bool mem_get_access(struct wire_mem *m, size_t len, int access);
void mem_put(struct wire_mem *m);
bool mem_is_poison(const struct wire_mem *m, size_t from, size_t to);
void fill_pattern(void *p, size_t len, uint64_t salt);
size_t pattern_differs(const void *p, size_t len, uint64_t salt);

static inline uint64_t mem_va(const struct wire_mem *m)
{
	return (uintptr_t)m->p;
}

/* ---- answers ------------------------------------------------------------ */

struct wire_result {
	uint8_t flags, status;
	int32_t delta;
	uint32_t out_res, in_res, sense_len, resp_len;
	uint8_t resp[4];
	uint8_t sense[256];
	uint8_t key, asc, ascq;
};

bool wait_rsp(struct wire_conn *c, uint64_t tag, int ms,
	      struct wire_result *r);
bool run_req(struct wire_conn *c, const struct wire_req *q,
	     struct wire_result *r);
bool want_good(struct wire_conn *c, const struct wire_req *q,
	       const char *what);
bool want_refused(struct wire_conn *c, const struct wire_req *q,
		  const char *what);
bool want_code(struct wire_conn *c, const struct wire_req *q, uint8_t code,
	       const char *what);
bool want_closed(struct wire_conn *c, const char *what);
bool want_silence(struct wire_conn *c, const char *what);
bool is_refusal(const struct wire_result *r);
void print_result(const struct wire_result *r);

/* ---- SCSI --------------------------------------------------------------- */

void cdb_inquiry(uint8_t *cdb, uint16_t len);
void cdb_rw10(uint8_t *cdb, bool write, uint32_t lba, uint16_t blocks);
void cdb_rw16(uint8_t *cdb, bool write, uint64_t lba, uint32_t blocks);
void cdb_report_luns(uint8_t *cdb, uint32_t len);
void req_tur(struct wire_conn *c, struct wire_req *r);
void req_rw(struct wire_conn *c, struct wire_req *r, bool write,
	    uint64_t block, uint32_t blocks);
bool learn_capacity(struct wire_conn *c);
bool clear_attention(struct wire_conn *c);

#endif
