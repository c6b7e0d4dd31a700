// SPDX-License-Identifier: GPL-2.0
/*
 * Logins in masses: half open, without an ACL, begun and dropped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

#define MANY 1000
#define AT_ONCE 50

static unsigned int how_many(const struct wire_case *self)
{
	return env.count ? env.count : self->num;
}

static void login_as(struct wire_login *l, unsigned int i)
{
	uint32_t be = htobe32(i);

	login_init(l);
	l->flags = LOGIN_MULTI;
	if (i)
		memcpy(l->iport + 12, &be, 4);
}

/* A connection without a queue pair: the REP will find no RTU. */
static struct wire_conn *half_open(bool stranger)
{
	struct wire_conn *c = conn_new();
	struct wire_login l;

	if (!c)
		return NULL;
	login_as(&l, 0);
	if (stranger) {
		memcpy(l.iport, env.stranger, 16);
		rnd_fill(l.iport + 8, 8);
	}
	if (conn_resolve(c) || conn_request(c, &l)) {
		conn_free(c);
		return NULL;
	}
	return c;
}

struct tally {
	unsigned int accepted, rejected, other;
	uint32_t last_reason;
};

static void settle(struct wire_conn *c, struct tally *t)
{
	struct wire_answer a;

	switch (conn_answer(c, &a, ANSWER_MS)) {
	case LOGIN_OK:
		t->accepted++;
		break;
	case LOGIN_REJECTED:
		t->rejected++;
		t->last_reason = a.reason;
		break;
	default:
		t->other++;
	}
}

static void report(const struct tally *t)
{
	note("%u accepted, %u rejected (last reason 0x%08x), %u without answer",
	     t->accepted, t->rejected, t->last_reason, t->other);
}

/*
 * A thousand logins that are answered and then left alone. The target may
 * refuse some for want of resources, must serve others meanwhile, and is
 * itself again when they are gone.
 */
static void run_half_open(const struct wire_case *self)
{
	unsigned int n = how_many(self), made = 0;
	struct wire_conn **all = calloc(n, sizeof(*all));
	struct wire_conn *honest = session();
	struct tally t = { 0 };

	while (all && honest && made < n) {
		all[made] = half_open(false);
		if (!CHECK(all[made], "connection %u", made))
			break;
		settle(all[made], &t);
		made++;
		if (made % 100 == 0 && !session_healthy(honest))
			break;
	}
	report(&t);
	CHECK(t.accepted, "none was accepted");
	CHECK(!t.other, "%u logins without an answer", t.other);
	if (honest)
		session_healthy(honest);
	while (made--)
		conn_free(all[made]);
	free(all);
	session_end(honest);
	still_serving();
}

/* Left alone for good: the target must give up first. */
static void run_abandoned(const struct wire_case *self)
{
	int64_t end = now_ms() + (env.seconds + 60) * 1000ll;
	struct wire_conn *all[AT_ONCE];
	unsigned int made = 0, gone = 0;
	struct tally t = { 0 };

	for (; made < AT_ONCE && made < self->num; made++) {
		all[made] = half_open(false);
		if (!CHECK(all[made], "connection %u", made))
			break;
		settle(all[made], &t);
	}
	report(&t);
	for (unsigned int i = 0; i < made; i++) {
		while (!all[i]->disconnected && now_ms() < end)
			wire_pump(all[i], end - now_ms());
		gone += all[i]->disconnected;
	}
	CHECK(gone == made, "%u of %u half-open logins are still held",
	      made - gone, made);
	for (unsigned int i = 0; i < made; i++)
		conn_free(all[i]);
	still_serving();
}

/* Strangers knock all day, several at a time. */
static void run_strangers(const struct wire_case *self)
{
	unsigned int n = how_many(self);
	struct wire_conn *c[AT_ONCE];
	struct wire_conn *honest = session();
	struct tally t = { 0 };

	for (unsigned int done = 0; honest && done < n; done += AT_ONCE) {
		for (int i = 0; i < AT_ONCE; i++)
			c[i] = half_open(true);
		for (int i = 0; i < AT_ONCE; i++) {
			if (c[i])
				settle(c[i], &t);
			conn_free(c[i]);
		}
		if (!session_healthy(honest))
			break;
	}
	report(&t);
	CHECK(!t.accepted && !t.other, "a stranger was not refused");
	CHECK(t.last_reason == REJ_ASSOCIATE, "reason 0x%08x", t.last_reason);
	session_end(honest);
}

/* Asked, and gone before the answer. */
static void run_fickle(const struct wire_case *self)
{
	unsigned int n = how_many(self);
	struct wire_conn *honest = session();
	struct wire_conn *c;

	while (honest && n--) {
		c = half_open(n % 5 == 0);
		if (!CHECK(c, "connection %u", n))
			break;
		if (n % 3 == 0)
			usleep(rnd() % 3000);
		conn_free(c);
		if (n % 100 == 0 && !session_healthy(honest))
			break;
	}
	session_end(honest);
	still_serving();
}

/* The target's REP is answered with a reject. */
static void run_spurn(const struct wire_case *self)
{
	unsigned int n = how_many(self);
	static const char why[] = "changed my mind";
	struct wire_conn *c;
	struct tally t = { 0 };

	while (n--) {
		c = half_open(false);
		if (!CHECK(c, "connection %u", n))
			break;
		settle(c, &t);
		rdma_reject(c->id, why, n % 2 ? sizeof(why) : 0);
		conn_free(c);
	}
	report(&t);
	CHECK(t.accepted, "none was accepted");
	still_serving();
}

const struct wire_case storm_cases[] = {
	{ "storm.half-open", .run = run_half_open, .num = MANY },
	{ "storm.abandoned", .run = run_abandoned, .num = AT_ONCE },
	{ "storm.strangers", .run = run_strangers, .num = MANY },
	{ "storm.fickle", .run = run_fickle, .num = 300 },
	{ "storm.spurn", .run = run_spurn, .num = 100 },
	{ .name = NULL },
};
