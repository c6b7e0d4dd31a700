/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of srpt_cq.c: completions of sends that are told, or not.
 *
 * USERS contexts post, each something that is waited for (srpt_cq_watch()) or
 * an answer that is not (srpt_cq_reap_soon()).  The hardware completes what was
 * posted at any moment, and tells if it has been asked to.  The work deals with
 * what has completed.  What must hold: when all is quiet all entries are back,
 * and no next request was needed for that (the end of the last process).
 *
 * Each statement is one step that others see at once, as full barriers between
 * them make it in the driver.
 *
 * With MUTANT defined to a number a rule of the driver is broken; then the
 * model must fail, or it says nothing:
 *
 *  1  whether sends are watched is looked at before the entry is taken
 *  2  who ends the watch looks at the entries before, not afterwards
 *  3  who waits asks for one completion, and leaves no word that more are to
 *     be told
 *  4  what has completed before it was asked for is not looked for
 *  5  the work that reaps does not begin a watch
 */
#ifndef MUTANT
#define MUTANT 0
#endif
#define USERS	3

short avail = USERS;
byte posted, completed, idle_users;
bool armed, work, watch, pending;

/* srpt_cq_arm(), and the work if there are some already */
inline arm()
{
	atomic {
		armed = true;
		missed = completed > 0
	}
#if MUTANT != 4
	if
	:: missed -> work = true
	:: else
	fi
#endif
}

proctype user()
{
	bool missed, watched;

	if
	:: true ->
		/* somebody waits */
		avail--;
#if MUTANT != 3
		watch = true;
#endif
		arm()
	:: true ->
#if MUTANT == 1
		watched = watch;
		avail--;
#else
		avail--;
		watched = watch;
#endif
		if
		:: !watched && !pending -> pending = true
		:: else
		fi
	fi;
	posted++;
	idle_users++
}

proctype hardware()
{
end:	do
	:: atomic {
		posted ->
		posted--;
		completed++;
		if
		:: armed ->
			armed = false;
			work = true
		:: else
		fi
	   }
	od
}

/* srpt_cq_reap() */
proctype reap()
{
end:	do
	:: pending ->
		pending = false;
#if MUTANT != 5
		watch = true;
#endif
		work = true
	od
}

/*
 * srpt_cq_work(). A turn that receives alone have filled queues itself again and
 * does nothing about sends: as if it had not been, so it is left out.
 */
proctype worker()
{
	bool missed;
	byte n;

end:	do
	:: work ->
		work = false;
		atomic {
			n = completed;
			completed = 0
		}
		avail = avail + n;
		if
		:: watch ->
#if MUTANT == 2
			if
			:: avail == USERS -> watch = false
			:: else -> arm()
			fi
#else
			watch = false;
			if
			:: avail == USERS
			:: else ->
				watch = true;
				arm()
			fi
#endif
		:: else
		fi
	od
}

init {
	byte i;

	atomic {
		run hardware();
		run reap();
		run worker();
		do
		:: i < USERS -> run user(); i++
		:: else -> break
		od
	}
	idle_users == USERS && avail == USERS
}
