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
	{ "credit", credit_cases },
	{ "storm", storm_cases },
	{ "random", random_cases },
};

static const struct wire_case *chosen[512];
static unsigned int num_chosen;

static void usage(FILE *to)
{
	fputs(
"usage: srp-wire --addr A [options] {--case NAME | --group G | --all}...\n"
"       srp-wire --list\n"
"  --addr A        the target's IP address; with --sid: its GID as IPv6\n"
"  --port P        its RDMA/CM port (5555)\n"
"  --src A         own address\n"
"  --sid X         log in over IB/CM to this service ID\n"
"  --pkey X        partition key for IB/CM (ffff)\n"
"  --guid X        service GUID (the node GUID of the device used)\n"
"  --iport X       own initiator port id, 32 hex digits; must have an ACL\n"
"  --stranger X    initiator port id without an ACL\n"
"  --lun N         LUN to work on (0)\n"
"  --lba N         first block that may be overwritten (0)\n"
"  --blocks N      how many blocks may be (all from --lba on)\n"
"  --max-req N     srp_max_req_size of the target (8276)\n"
"  --rsp-size N    srp_max_rsp_size of the target (256)\n"
"  --count N       repetitions in loops, instead of each case's own\n"
"  --seconds N     how long cases that take time go on (10)\n"
"  --reason X      reject reason that login.refused expects (00010003)\n"
"  --random N      the same as --case random.units --number N\n"
"  --number N      information units in random mode (100000)\n"
"  --seed N        for random mode and identifiers (1)\n"
"  --verbose       show every unit in hex\n"
"A name ending in * chooses all cases that begin so.\n", to);
}

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
			if (prefix ? !strncmp(k->name, name, len - 1) :
			    !strcmp(k->name, name)) {
				chosen[num_chosen++] = k;
				any = true;
			}
	if (!any) {
		fprintf(stderr, "srp-wire: no case %s\n", name);
		exit(2);
	}
}

static void list(void)
{
	for (size_t g = 0; g < ARRAY_SIZE(groups); g++)
		for (const struct wire_case *k = groups[g].cases; k->name; k++)
			printf("%s%s\n", k->name, k->manual ? " (manual)" : "");
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

enum {
	O_ADDR = 256, O_PORT, O_SRC, O_SID, O_PKEY, O_GUID, O_IPORT,
	O_STRANGER, O_LUN, O_LBA, O_BLOCKS, O_MAX_REQ, O_RSP_SIZE, O_COUNT,
	O_SECONDS, O_REASON, O_RANDOM, O_NUMBER, O_SEED, O_VERBOSE, O_CASE,
	O_GROUP, O_ALL, O_LIST, O_HELP,
};

static const struct option options[] = {
	{ "addr", 1, NULL, O_ADDR }, { "port", 1, NULL, O_PORT },
	{ "src", 1, NULL, O_SRC }, { "sid", 1, NULL, O_SID },
	{ "pkey", 1, NULL, O_PKEY }, { "guid", 1, NULL, O_GUID },
	{ "iport", 1, NULL, O_IPORT }, { "stranger", 1, NULL, O_STRANGER },
	{ "lun", 1, NULL, O_LUN }, { "lba", 1, NULL, O_LBA },
	{ "blocks", 1, NULL, O_BLOCKS }, { "max-req", 1, NULL, O_MAX_REQ },
	{ "rsp-size", 1, NULL, O_RSP_SIZE }, { "count", 1, NULL, O_COUNT },
	{ "seconds", 1, NULL, O_SECONDS }, { "reason", 1, NULL, O_REASON },
	{ "random", 1, NULL, O_RANDOM }, { "number", 1, NULL, O_NUMBER },
	{ "seed", 1, NULL, O_SEED }, { "verbose", 0, NULL, O_VERBOSE },
	{ "case", 1, NULL, O_CASE }, { "group", 1, NULL, O_GROUP },
	{ "all", 0, NULL, O_ALL }, { "list", 0, NULL, O_LIST },
	{ "help", 0, NULL, O_HELP }, { NULL, 0, NULL, 0 },
};

static void set_target(int o, const char *arg)
{
	switch (o) {
	case O_ADDR:
		env.addr = arg;
		break;
	case O_PORT:
		env.port = arg;
		break;
	case O_SRC:
		env.src = arg;
		break;
	case O_SID:
		env.sid = strtoull(arg, NULL, 16);
		break;
	case O_PKEY:
		env.pkey = strtoul(arg, NULL, 16);
		break;
	case O_GUID:
		env.guid = strtoull(arg, NULL, 16);
		break;
	case O_IPORT:
		parse_id(arg, env.iport);
		break;
	case O_STRANGER:
		parse_id(arg, env.stranger);
		break;
	}
}

static void set_number(int o, const char *arg)
{
	switch (o) {
	case O_LUN:
		env.lun = strtoull(arg, NULL, 0);
		break;
	case O_LBA:
		env.lba = strtoull(arg, NULL, 0);
		break;
	case O_BLOCKS:
		env.blocks = strtoul(arg, NULL, 0);
		break;
	case O_MAX_REQ:
		env.max_req = strtoul(arg, NULL, 0);
		break;
	case O_RSP_SIZE:
		env.rsp_size = strtoul(arg, NULL, 0);
		break;
	case O_COUNT:
		env.count = strtoul(arg, NULL, 0);
		break;
	case O_SECONDS:
		env.seconds = strtoul(arg, NULL, 0);
		break;
	case O_REASON:
		env.reason = strtoul(arg, NULL, 16);
		break;
	case O_NUMBER:
	case O_RANDOM:
		env.number = strtoull(arg, NULL, 0);
		break;
	case O_SEED:
		env.seed = strtoull(arg, NULL, 0);
		break;
	}
}

static void set_option(int o, const char *arg)
{
	set_target(o, arg);
	set_number(o, arg);
	switch (o) {
	case O_RANDOM:
		choose("random.units");
		break;
	case O_CASE:
		choose(arg);
		break;
	case O_GROUP:
		choose_all(arg);
		break;
	case O_ALL:
		choose_all(NULL);
		break;
	case O_VERBOSE:
		env.verbose++;
		break;
	case O_LIST:
		list();
		exit(0);
	case O_HELP:
		usage(stdout);
		exit(0);
	case '?':
		usage(stderr);
		exit(2);
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

static int run_all(void)
{
	unsigned int bad = 0;
	int64_t start;

	printf("TAP version 13\n1..%u\n", num_chosen);
	for (unsigned int i = 0; i < num_chosen; i++) {
		env.failed = 0;
		env.skipped = NULL;
		start = now_ms();
		chosen[i]->run(chosen[i]);
		bad += env.failed != 0;
		verdict(i + 1, chosen[i]->name, now_ms() - start);
	}
	return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	int o;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	memset(env.stranger, 0xee, sizeof(env.stranger));
	memset(env.iport, 0x11, sizeof(env.iport));
	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1)
		set_option(o, optarg);
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
