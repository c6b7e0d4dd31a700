// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The last logins that were refused: who, when, why, and what was looked at.
 *
 * There is room for SRPT_N_REFUSALS. Who is refused again for the same reason
 * takes no other place: a stranger who tries all day hides nobody else. The
 * one that was seen longest ago goes first.
 *
 * Nothing is allocated for a stranger.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>

#include "srpt_life.h"

#define SRPT_N_REFUSALS	32

static DEFINE_MUTEX(srpt_refusals_mutex);	/* protects all below */
static struct srpt_refusal srpt_places[SRPT_N_REFUSALS];
static u32 srpt_n_places;
/* Those in use, the last one first. */
static LIST_HEAD(srpt_refusals);

static bool srpt_is_same_refusal(const struct srpt_refusal *r,
				 const struct srpt_port *sport,
				 const struct srpt_who *who,
				 enum srp_fault fault)
{
	return r->fault == fault && r->port == sport->num &&
	       r->rdma_cm == who->rdma_cm && !strcmp(r->peer, who->addr) &&
	       !strcmp(r->hca, dev_name(&sport->sdev->ib_dev->dev));
}

/* The place of such a refusal, or else a free one. */
static struct srpt_refusal *srpt_refusal_place(const struct srpt_port *sport,
					       const struct srpt_who *who,
					       enum srp_fault fault)
{
	struct srpt_refusal *r;

	list_for_each_entry(r, &srpt_refusals, entry)
		if (srpt_is_same_refusal(r, sport, who, fault))
			return r;
	if (srpt_n_places < SRPT_N_REFUSALS) {
		r = &srpt_places[srpt_n_places++];
		list_add(&r->entry, &srpt_refusals);
	} else {
		r = list_last_entry(&srpt_refusals, struct srpt_refusal, entry);
	}
	r->count = 0;
	return r;
}

static void srpt_fill_refusal(struct srpt_refusal *r, struct srpt_port *sport,
			      const struct srpt_who *who, enum srp_fault fault)
{
	r->last = ktime_get_real_seconds();
	if (!r->count++)
		r->first = r->last;
	strscpy(r->hca, dev_name(&sport->sdev->ib_dev->dev), sizeof(r->hca));
	r->port = sport->num;
	r->rdma_cm = who->rdma_cm;
	strscpy(r->peer, who->addr, sizeof(r->peer));
	memcpy(r->ids, who->ids, who->n_ids * sizeof(r->ids[0]));
	r->ids[who->n_ids].kind = SRPT_ID_PORT;
	memcpy(r->ids[who->n_ids].val, who->i_port_id, 16);
	r->n_ids = who->n_ids + 1;
	r->fault = fault;
	r->doing = who->doing;
	r->error = who->error;
	srpt_tell_names(sport, r->names, sizeof(r->names));
}

/**
 * srpt_note_refusal - keep a refusal for those who ask
 * @sport: port that the login came in through
 * @who: whose login
 * @fault: why
 *
 * Context: may sleep.
 */
void srpt_note_refusal(struct srpt_port *sport, const struct srpt_who *who,
		       enum srp_fault fault)
{
	struct srpt_refusal *r;

	mutex_lock(&srpt_refusals_mutex);
	r = srpt_refusal_place(sport, who, fault);
	srpt_fill_refusal(r, sport, who, fault);
	list_move(&r->entry, &srpt_refusals);
	mutex_unlock(&srpt_refusals_mutex);
}

/**
 * srpt_visit_refusals - look at all refusals that are kept, the last one first
 * @fn: what to do; must not sleep for long
 * @arg: for @fn
 *
 * Context: may sleep.
 */
void srpt_visit_refusals(srpt_refusal_fn fn, void *arg)
{
	const struct srpt_refusal *r;

	mutex_lock(&srpt_refusals_mutex);
	list_for_each_entry(r, &srpt_refusals, entry)
		fn(r, arg);
	mutex_unlock(&srpt_refusals_mutex);
}
