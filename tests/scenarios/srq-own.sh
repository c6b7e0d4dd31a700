# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: a receive queue of a channel's own is small until it is used, and loses no connection
# time: 40
# fabric: hca

count=64
limit=$((count * 65536))
said() { grep -q "^# $1" /run/crowd.out; }
step() { echo >&"$crowd"; }
taken() { echo $(($(<"$debugfs_srpt/memory") - before)); }
bytes_at_most() { (($(taken) <= $1)); }

# buffers: sets $posted and $total, the sums of all channels.
buffers() {
	local line

	posted=0 total=0
	while read -r line; do
		[[ $line =~ \ srq=0\ rq=([0-9]+)/([0-9]+)\  ]] || continue
		((posted += BASH_REMATCH[1], total += BASH_REMATCH[2]))
	done <"$debugfs_srpt/channels"
}
nothing_idle() { buffers && ((total && total - posted <= $1)); }

ok "the InfiniBand fabric comes up" ib_up || exit
ok "the target can be configured" ib_target -a use_srq=0 \
	-a generate_node_acls=1 -a demo_mode_write_protect=0 || exit
initiator_load ch_count=1
ok "login" ib_login || exit
dev=$(disk "$host")
ok "the disk is quiet" wait_for 5 disks_idle "$host"
buffers
diag "after the login: $posted/$total"
at_most "$total" 16 "a login needs few buffers"
klog_mark
ok "verified I/O" verified_io "$dev" --iodepth=64 --size=8m
fails "no connection was lost" klog_has 'connection ends|reconnect'
within 40 "what nobody misses goes" nothing_idle 16
ok "logout" logout "$host"
within 10 "all are out" no_channels

ok "srp-wire can be built" wire_program || exit
before=$(<"$debugfs_srpt/memory")
wire_options+=(--addr "$(gid_of vhca1)" --src "$(gid_of vhca0)" --lun 0
	--sid "$(ib_service)" --guid "$(ib_service)")
mkfifo /run/crowd
wire_run --case crowd.wake --count $count </run/crowd >/run/crowd.out &
crowd_pid=$!
exec {crowd}>/run/crowd
within 60 "$count channels log in, with all credits" said "all are in"
diag "$(($(taken) / count)) bytes per channel"
at_most "$(taken)" $limit "64 KiB each are enough for them, in bytes"
step
within 60 "they wake up all at once" said "all have their answers"
buffers
diag "$(($(taken) / count)) bytes per channel, $posted/$total buffers"
ok "the HCA has more now" test "$posted" -ge $((4 * count))
within 60 "what the HCA does not have goes within a minute" nothing_idle $((4 * count))
diag "$(($(taken) / count)) bytes per channel, $posted/$total buffers"
step
within 30 "and work as before" said "all are well"
step
exec {crowd}>&-
wait "$crowd_pid"
like "$(</run/crowd.out)" $'\nok 1 ' "srp-wire found nothing amiss"
within 20 "they are gone" no_channels
within 10 "and so is their memory" bytes_at_most 0
