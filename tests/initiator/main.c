// SPDX-License-Identifier: GPL-2.0
/*
 * srp-wire: an SRP initiator that says exactly what a test wants said.
 *
 * It logs in over RDMA/CM (or IB/CM, given a GID and a service ID) from user
 * space, sends information units byte by byte, and checks that the target's
 * answer is the documented one. Output is TAP, one line a case.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

struct wire_env env = {
	.port = "5555",
	.pkey = 0xffff,
	.max_req = 8276,
	.rsp_size = 256,
	.count = 0,
	.seconds = 10,
	.seed = 1,
	.number = 100000,
	.reason = REJ_ASSOCIATE,
};

static const struct {
	const char *name;
	const struct wire_case *cases;
} groups[] = {
	{ "login", login_cases },
	{ "session", session_cases },
	{ "iu", iu_cases },
	{ "desc", desc_cases },
	{ "rkey", rkey_cases },
	{ "data", data_cases },
	{ "tmf", tmf_cases },
	{ "lun", lun_cases },
	{ "credit", credit_cases },
	{ "storm", storm_cases },
	{ "crowd", crowd_cases },
	{ "order", order_cases },
	{ "random", random_cases },
};

static const struct wire_case *chosen[512];
static unsigned int num_chosen;

static void choose_all(const char *group)
{
	bool any = false;

	for (size_t g = 0; g < ARRAY_SIZE(groups); g++) {
		if (group && strcmp(group, groups[g].name))
			continue;
		any = true;
		for (const struct wire_case *k = groups[g].cases; k->name; k++)
			if (!k->manual)
				chosen[num_chosen++] = k;
	}
	if (!any) {
		fprintf(stderr, "srp-wire: no group %s\n", group);
		exit(2);
	}
}

static void choose(const char *name)
{
	size_t len = strlen(name);
	bool prefix = len && name[len - 1] == '*';
	bool any = false;

	for (size_t g = 0; g < ARRAY_SIZE(groups); g++)
		for (const struct wire_case *k = groups[g].cases; k->name; k++)
			if (prefix ? !k->manual &&
				     !strncmp(k->name, name, len - 1) :
			    !strcmp(k->name, name)) {
				chosen[num_chosen++] = k;
				any = true;
			}
	if (!any) {
		fprintf(stderr, "srp-wire: no case %s\n", name);
		exit(2);
	}
}

static void choose_random(const char *number)
{
	choose("random.units");
}

static void list(const char *unused)
{
	for (size_t g = 0; g < ARRAY_SIZE(groups); g++)
		for (const struct wire_case *k = groups[g].cases; k->name; k++)
			printf("%s%s\n", k->name, k->manual ? " (manual)" : "");
	exit(0);
}

enum kind { FLAG, TEXT, HEX16, HEX32, HEX64, NUM32, NUM64, ID, CALL };

/* The letter is what the help calls the argument. */
static const struct {
	const char *name, *arg, *help;
	enum kind kind;
	void *to;
	void (*call)(const char *arg);
} opts[] = {
	{ "addr", "A", "the target's IP address; with --sid: its GID as IPv6",
	  TEXT, &env.addr },
	{ "port", "P", "its RDMA/CM port (5555)", TEXT, &env.port },
	{ "src", "A", "own address", TEXT, &env.src },
	{ "sid", "X", "log in over IB/CM to this service ID", HEX64, &env.sid },
	{ "pkey", "X", "partition key for IB/CM (ffff)", HEX16, &env.pkey },
	{ "guid", "X", "service GUID (the node GUID of the device used)",
	  HEX64, &env.guid },
	{ "iport", "X", "own initiator port id, 32 digits; must have an ACL",
	  ID, env.iport },
	{ "stranger", "X", "initiator port id without an ACL", ID,
	  env.stranger },
	{ "lun", "N", "LUN to work on (0)", NUM64, &env.lun },
	{ "lba", "N", "first block that may be overwritten (0)", NUM64,
	  &env.lba },
	{ "blocks", "N", "how many blocks may be (all from --lba on)", NUM32,
	  &env.blocks },
	{ "max-req", "N", "srp_max_req_size of the target (8276)", NUM32,
	  &env.max_req },
	{ "rsp-size", "N", "srp_max_rsp_size of the target (256)", NUM32,
	  &env.rsp_size },
	{ "count", "N", "repetitions in loops, instead of each case's own",
	  NUM32, &env.count },
	{ "each", "N", "channels of an initiator, where there are many (1)",
	  NUM32, &env.each },
	{ "seconds", "N", "how long cases that take time go on (10)", NUM32,
	  &env.seconds },
	{ "reason", "X", "what login.refused expects (00010003)", HEX32,
	  &env.reason },
	{ "random", "N", "random mode, with so many information units", NUM64,
	  &env.number, choose_random },
	{ "seed", "N", "for random mode and identifiers (1)", NUM64,
	  &env.seed },
	{ "case", "NAME", "a case; NAME* is all but manual ones that begin so",
	  CALL, NULL, choose },
	{ "group", "NAME", "all cases of a group", CALL, NULL, choose_all },
	{ "all", NULL, "all cases", CALL, NULL, choose_all },
	{ "list", NULL, "tell their names", CALL, NULL, list },
	{ "verbose", NULL, "show every unit in hex", FLAG, &env.verbose },
};

static void usage(FILE *to)
{
	fputs("usage: srp-wire --addr A [OPTION...] {--case NAME | --group "
	      "NAME | --all | --random N}...\n", to);
	for (size_t i = 0; i < ARRAY_SIZE(opts); i++)
		fprintf(to, "  --%-8s %-5s %s\n", opts[i].name,
			opts[i].arg ? opts[i].arg : "", opts[i].help);
}

static void parse_id(const char *text, uint8_t *id)
{
	if (!strncmp(text, "0x", 2))
		text += 2;
	if (strlen(text) != 32) {
		fprintf(stderr, "srp-wire: not 32 hex digits: %s\n", text);
		exit(2);
	}
	for (int i = 0; i < 16; i++)
		sscanf(text + 2 * i, "%2hhx", &id[i]);
}

static void set_option(size_t i, const char *arg)
{
	void *to = opts[i].to;

	switch (opts[i].kind) {
	case FLAG:
		*(int *)to = 1;
		break;
	case TEXT:
		*(const char **)to = arg;
		break;
	case HEX16:
		*(uint16_t *)to = strtoul(arg, NULL, 16);
		break;
	case HEX32:
	case NUM32:
		*(uint32_t *)to = strtoul(arg, NULL,
					  opts[i].kind == HEX32 ? 16 : 0);
		break;
	case HEX64:
	case NUM64:
		*(uint64_t *)to = strtoull(arg, NULL,
					   opts[i].kind == HEX64 ? 16 : 0);
		break;
	case ID:
		parse_id(arg, to);
		break;
	case CALL:
		break;
	}
	if (opts[i].call)
		opts[i].call(arg);
}

static void read_options(int argc, char **argv)
{
	struct option long_opts[ARRAY_SIZE(opts) + 1] = { 0 };
	int i;

	for (size_t k = 0; k < ARRAY_SIZE(opts); k++)
		long_opts[k] = (struct option){ opts[k].name, !!opts[k].arg,
						NULL, 256 + k };
	while ((i = getopt_long(argc, argv, "", long_opts, NULL)) != -1) {
		if (i == '?') {
			usage(stderr);
			exit(2);
		}
		set_option(i - 256, optarg);
	}
}

/* The device and its GUID, before the first case asks for them. */
static bool find_target(void)
{
	struct wire_conn *c = conn_new();
	bool ok = c && !conn_resolve(c);

	if (ok) {
		env.pd = ibv_alloc_pd(c->id->verbs);
		note("target %s, device %s, service GUID %016llx", env.addr,
		     ibv_get_device_name(c->id->verbs->device),
		     (unsigned long long)env.guid);
	}
	conn_free(c);
	return ok && env.pd;
}

static void verdict(unsigned int n, const char *name, int64_t ms)
{
	printf("%sok %u - %s # ", env.failed ? "not " : "", n, name);
	if (env.skipped)
		printf("SKIP %s\n", env.skipped);
	else
		printf("%lld ms\n", (long long)ms);
}

static void run_on_session(const struct wire_case *k)
{
	struct wire_conn *c = k->imm_offset ? session_imm(k->imm_offset) :
					      session();

	if (c && learn_capacity(c)) {
		k->on(c, k);
		if (!k->lost)
			session_healthy(c);
	}
	session_end(c);
	if (k->lost)
		still_serving();
}

static int run_all(void)
{
	unsigned int bad = 0;
	int64_t start;

	printf("TAP version 13\n1..%u\n", num_chosen);
	for (unsigned int i = 0; i < num_chosen; i++) {
		env.failed = 0;
		env.skipped = NULL;
		start = now_ms();
		if (chosen[i]->run)
			chosen[i]->run(chosen[i]);
		else
			run_on_session(chosen[i]);
		bad += env.failed != 0;
		verdict(i + 1, chosen[i]->name, now_ms() - start);
	}
	return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	memset(env.stranger, 0xee, sizeof(env.stranger));
	memset(env.iport, 0x11, sizeof(env.iport));
	read_options(argc, argv);
	if (!env.addr || !num_chosen) {
		usage(stderr);
		return 2;
	}
	rnd_seed(env.seed);
	if (!find_target()) {
		printf("Bail out! no way to the target %s\n", env.addr);
		return 2;
	}
	return run_all();
}
