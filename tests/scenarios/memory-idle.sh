# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: an idle channel takes little memory, and gives back what it took when it was busy
# time: 90

said() { grep -q "^# $1" /run/crowd.out; }
step() { echo >&"$crowd"; }
bytes_at_most() { (($(<"$debugfs_srpt/memory") - before <= $1)); }
per_channel() {
	local now

	now=$(<"$debugfs_srpt/memory")
	diag "$1: $(((now - before) / 64)) bytes per channel"
}

ok "the target can be configured" wire_target -a generate_node_acls=1 \
	-a demo_mode_write_protect=0 || exit
ok "srp-wire can be built" wire_program || exit
before=$(<"$debugfs_srpt/memory")
mkfifo /run/crowd
wire_run --case crowd.wake </run/crowd >/run/crowd.out &
exec {crowd}>/run/crowd
within 60 "64 channels log in" said "all are in"
per_channel "in"
idle=$(($(<"$debugfs_srpt/memory") - before))
step
within 60 "they wake up all at once" said "all have their answers"
per_channel "busy"
within 60 "what that took is back within a minute" bytes_at_most "$idle"
per_channel "quiet again"
step
within 30 "and work as before" said "all are well"
step
exec {crowd}>&-
wait
like "$(</run/crowd.out)" $'\nok 1 ' "srp-wire found nothing amiss"
within 10 "they are gone" channels_now_are 0
within 10 "and so is their memory" bytes_at_most 0
