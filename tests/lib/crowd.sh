# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Channels of srp-wire (its cases crowd.*), led by steps, and the memory that they take
# in the target.

# crowd_begins CASE [OPTION OF srp-wire...]: they log in; the memory of now is the
# beginning.
crowd_begins() {
	ok "srp-wire can be built" wire_program || return
	crowd_before=$(<"$debugfs_srpt/memory")
	rm -f /run/crowd
	mkfifo /run/crowd || return
	wire_run --case "crowd.$1" "${@:2}" </run/crowd >/run/crowd.out &
	crowd_pid=$!
	exec {crowd}>/run/crowd
}

crowd_said() { grep -q "^# $1" /run/crowd.out; }
crowd_step() { echo >&"$crowd"; }

# crowd_taken: bytes of the target's memory since the beginning.
crowd_taken() { echo $(($(<"$debugfs_srpt/memory") - crowd_before)); }
crowd_takes_at_most() { (($(crowd_taken) <= $1)); }

# crowd_per_channel NUMBER WHEN
crowd_per_channel() { diag "$2: $(($(crowd_taken) / $1)) bytes per channel"; }

# crowd_goes SECONDS: each works as before, and leaves nothing behind.
crowd_goes() {
	crowd_step
	within "$1" "and work as before" crowd_said "all are well"
	crowd_step
	crowd_ends
}

# crowd_ends: there are no more steps.
crowd_ends() {
	exec {crowd}>&-
	wait "$crowd_pid"
	like "$(</run/crowd.out)" $'\nok 1 ' "srp-wire found nothing amiss"
	diag "$(grep took /run/crowd.out)"
	within 60 "they are gone" channels_now_are 0
	within 10 "and so is their memory" crowd_takes_at_most 0
}
