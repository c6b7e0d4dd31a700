# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: an idle channel takes little memory, and gives back what it took when it was busy
# time: 75

limit=$((64 * 65536))
said() { grep -q "^# $1" /run/crowd.out; }
step() { echo >&"$crowd"; }
taken() { echo $(($(<"$debugfs_srpt/memory") - before)); }
bytes_at_most() { (($(taken) <= $1)); }
per_channel() { diag "$1: $(($(taken) / 64)) bytes per channel"; }

# where writes take a while, so that their requests are kept
slow_disk() {
	nullblk nb 64 && dm_slow slow /dev/nb 200 && backstore_block slow /dev/mapper/slow &&
		tpg_lun "$tpg" 2 slow && acl_lun "$tpg" "0x$wire_iport" 2
}

ok "the target can be configured" eval 'wire_target -a use_srq=1 \
	-a generate_node_acls=1 -a demo_mode_write_protect=0 && slow_disk' || exit
ok "srp-wire can be built" wire_program || exit
before=$(<"$debugfs_srpt/memory")
mkfifo /run/crowd
wire_run --lun 2 --case crowd.wake </run/crowd >/run/crowd.out &
crowd_pid=$!
exec {crowd}>/run/crowd
within 60 "64 channels log in, with all credits" said "all are in"
per_channel "in"
idle=$(taken)
at_most "$idle" $limit "64 KiB each are enough for them, in bytes"
step
within 60 "they wake up all at once" said "all have their answers"
per_channel "busy"
within 60 "what that took is back within a minute" bytes_at_most "$idle"
per_channel "quiet again"
step
within 30 "and work as before" said "all are well"
step
exec {crowd}>&-
wait "$crowd_pid"
like "$(</run/crowd.out)" $'\nok 1 ' "srp-wire found nothing amiss"
diag "$(grep took /run/crowd.out)"
within 10 "they are gone" channels_now_are 0
within 10 "and so is their memory" bytes_at_most 0
