# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Saying what holds and what does not, in the Test Anything Protocol.  A
# scenario's TAP goes to descriptor 3; whatever else it prints is shown as
# diagnostics.  There are no todo tests.

tap_count=0
tap_failed=0

diag() {
	local line

	while IFS= read -r line; do
		printf '# %s\n' "$line" >&3
	done <<<"$*"
}

pass() {
	printf 'ok %d - %s\n' $((++tap_count)) "$*" >&3
}

fail() {
	local frame=1

	((++tap_failed))
	printf 'not ok %d - %s\n' $((++tap_count)) "$*" >&3
	while [[ ${BASH_SOURCE[frame]:-} == */tests/lib/* ]]; do
		((++frame))
	done
	[[ ${BASH_SOURCE[frame]:-} ]] &&
		diag "  at ${BASH_SOURCE[frame]##*/}:${BASH_LINENO[frame - 1]}"
	return 0
}

# skip DESCRIPTION WHY: a test that does not apply here.
skip() {
	printf 'ok %d - %s # SKIP %s\n' $((++tap_count)) "$1" "$2" >&3
}

# half N: whether that half of a scenario, 0 or 1, is tried: both, unless one has
# its turn.
half() { [[ ! ${HALF:-} || $HALF == "$1" ]]; }

# bail WHY: the scenario cannot go on.
bail() {
	fail "$*"
	exit 1
}

# ok DESCRIPTION COMMAND...: COMMAND succeeds.
ok() {
	local what=$1 rc=0

	shift
	"$@" || rc=$?
	if ((rc)); then
		fail "$what"
		diag "  command: $*" "(exit status $rc)"
		return 1
	fi
	pass "$what"
}

# fails DESCRIPTION COMMAND...: COMMAND does not succeed.
fails() {
	local what=$1

	shift
	if "$@"; then
		fail "$what"
		diag "  command succeeded: $*"
		return 1
	fi
	pass "$what"
}

# is GOT WANTED DESCRIPTION
is() {
	if [[ "$1" == "$2" ]]; then
		pass "$3"
	else
		fail "$3"
		diag "  got:    '$1'"
		diag "  wanted: '$2'"
		return 1
	fi
}

isnt() {
	if [[ "$1" != "$2" ]]; then
		pass "$3"
	else
		fail "$3"
		diag "  got:    '$1', which it must not be"
		return 1
	fi
}

# like GOT EXTENDED_REGEX DESCRIPTION
like() {
	if [[ "$1" =~ $2 ]]; then
		pass "$3"
	else
		fail "$3"
		diag "  got:    '$1'"
		diag "  wanted: /$2/"
		return 1
	fi
}

unlike() {
	if [[ ! "$1" =~ $2 ]]; then
		pass "$3"
	else
		fail "$3"
		diag "  got:    '$1'"
		diag "  not to match: /$2/"
		return 1
	fi
}

# at_most GOT LIMIT DESCRIPTION, in whole numbers
at_most() {
	if (($1 <= $2)); then
		pass "$3 ($1 <= $2)"
	else
		fail "$3"
		diag "  got:    $1, limit: $2"
		return 1
	fi
}

# now_ms: sets $now, milliseconds.
now_ms() { now=$((${EPOCHREALTIME/./} / 1000)); }

# deadline SECONDS: sets $end; a slow guest gets more time.
deadline() {
	now_ms
	end=$((now + $1 * 1000 * ${SLOW:-1}))
}

# wait_for SECONDS COMMAND...: repeats COMMAND until it succeeds: at first often,
# then, since looking is what costs, five times a second.
wait_for() {
	local end now tries=0

	deadline "$1"
	shift
	until "$@"; do
		now_ms
		((now < end)) || return 1
		if ((++tries < 10)); then
			sleep 0.05
		else
			sleep 0.2
		fi
	done
}

# within SECONDS DESCRIPTION COMMAND...: COMMAND succeeds in that time.
within() {
	local limit=$1 what=$2

	shift 2
	if wait_for "$limit" "$@"; then
		pass "$what"
	else
		fail "$what"
		diag "  not within $limit s (times ${SLOW:-1}): $*"
		return 1
	fi
}

# returns_within SECONDS DESCRIPTION COMMAND...: COMMAND itself ends in that
# time, with whatever exit status; it is killed otherwise.
returns_within() {
	local limit=$1 what=$2 pid rc=0

	shift 2
	"$@" 3>&3 &
	pid=$!
	if wait_for "$limit" not_running "$pid"; then
		wait "$pid" || rc=$?
		pass "$what"
		return "$rc"
	fi
	fail "$what"
	diag "  still running after $limit s (times ${SLOW:-1}): $*"
	diag "$(cat "/proc/$pid/stack" 2>/dev/null)"
	kill -KILL "$pid"
	return 1
}

not_running() {
	local stat

	read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
	[[ ${stat##*) } == [ZX]* ]]
}
