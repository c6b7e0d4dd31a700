/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of srpt_sq.c: send queue entries as space and as a gate.
 *
 * USERS commands are posted by as many contexts, completions give entries back
 * in one, and the release work ends the channel at any moment.  What must hold:
 *
 *  - whoever uses the queue pair finds it there (assert(qp));
 *  - every command ends, be it by its completion or by a refusal: none is left
 *    on the parked list when all is quiet (the end of the last process).
 *
 * Each statement is one step that others see at once, as full barriers between
 * them make it in the driver: where it says "pairs with", the model has a
 * boundary between two statements.
 *
 * With MUTANT defined to a number a rule of the driver is broken; then the
 * model must fail, or it says nothing:
 *
 *  1  the state is looked at before the entry is taken
 *  2  who parks a command does not look at the state afterwards
 *  3  the release work does not wait for entries
 *  4  who finds another at work on the list leaves no word
 *  5  who has tried in vain, and kept an entry from others meanwhile, goes to wait
 *     without a look at those who wait
 */
#ifndef MUTANT
#define MUTANT 0
#endif
#define USERS	2
#define SIZE	1

short avail = SIZE;
bool draining, qp = true, stopped, gone;
bool running, again;
byte parked, inflight, ended, idle_users;

/* srpt_xfer_go() for a command whose entry is taken */
inline post()
{
	if
	:: draining ->
		avail++;
		ended++
	:: else ->
		assert(qp);
		inflight++
	fi
}

/* srpt_sq_run() */
inline let_go()
{
#if MUTANT != 4
	again = true;
#else
	if
	:: !running -> again = true
	:: else
	fi;
#endif
	do
	:: again ->
		if
		:: atomic { !running -> running = true }
			again = false;
			do
			:: parked ->
				/* srpt_unpark(), under the lock */
				atomic {
					if
					:: parked && (avail > 0 || draining) ->
						avail--;
						parked--;
						took = true
					:: else ->
						took = false
					fi
				}
				if
				:: took -> post()
				:: else -> break
				fi
			:: else -> break
			od;
			running = false
		:: else -> break
		fi
	:: else -> break
	od
}

/* srpt_sq_give() */
inline give()
{
	avail++;
	if
	:: !draining && parked -> let_go()
	:: else
	fi
}

/* srpt_xfer_try(): what it gives back nobody looks after here */
inline try_first()
{
	if
	:: !parked ->
		avail--;
		if
		:: draining -> avail++
		:: else ->
			if
			:: avail >= 0 ->
				assert(qp);
				inflight++;
				posted = true
			:: else -> avail++
			fi
		fi
	:: else
	fi
}

/* A context that starts a transfer: at once, else by srpt_xfer_start(). */
proctype user()
{
	bool took, ok, posted;

	try_first();
	if
	:: posted -> goto done
	:: else
	fi;
#if MUTANT == 5
	parked++;
	goto done;
#endif
#if MUTANT == 1
	ok = !draining;
	avail--;
#else
	avail--;
	ok = !draining;
#endif
	if
	:: !ok ->
		give();
		ended++
	:: ok && !parked && avail >= 0 ->
#if MUTANT == 1
		assert(qp);
		inflight++
#else
		post()
#endif
	:: ok && (parked || avail < 0) ->
		parked++;
#if MUTANT != 2
		if
		:: draining -> let_go()
		:: else
		fi;
#endif
		give()
	fi;
done:
	idle_users++
}

/* The completion context: srpt_cq_stop() ends it. */
proctype completions()
{
	bool took;

end:	do
	:: atomic { inflight -> inflight-- }
		ended++;
		give()
	:: stopped && !inflight -> break
	od;
	gone = true
}

proctype release()
{
	bool took;

	draining = true;
	let_go();
#if MUTANT != 3
	avail == SIZE;
#endif
	stopped = true;
	gone;
	qp = false
}

init {
	byte i;

	atomic {
		run completions();
		run release();
		do
		:: i < USERS -> run user(); i++
		:: else -> break
		od
	}
	/* all contexts are through: nothing may be left */
	idle_users == USERS && !qp && gone && !inflight && avail == SIZE;
	assert(ended == USERS && !parked)
}
