# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: a receive queue of a channel's own is small until it is used, and loses no connection
# time: 40
# fabric: hca

count=64
limit=$((count * 65536))

# buffers: sets $posted and $total, the sums of all channels.
buffers() {
	local line

	posted=0 total=0
	while read -r line; do
		[[ $line =~ \ srq=0\ rq=([0-9]+)/([0-9]+)\  ]] || continue
		((posted += BASH_REMATCH[1], total += BASH_REMATCH[2]))
	done <"$debugfs_srpt/channels"
}
nothing_idle() { sleep 2; buffers && ((total && total == posted)); }

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
ok "logout" logout "$host"
within 10 "all are out" no_channels

ib_wire 0
crowd_begins wake --count $count || exit
within 60 "$count channels log in, with all credits" crowd_said "all are in"
crowd_per_channel $count "now"
at_most "$(crowd_taken)" $limit "64 KiB each are enough for them, in bytes"
mapfile -t timers < <(sed -n '/^vhca1:/,/^vhca/s/.*: RC RTS .* rnr \([0-9]*\).*/\1/p' \
	"$ib_status" | sort -un)
is "${timers[*]}" "4 5 6 7 8 9 10 11 12" \
	"who finds no buffer tries again, later than those before it"
crowd_step
within 60 "they wake up all at once" crowd_said "all have their answers"
buffers
crowd_per_channel $count "$posted/$total buffers"
ok "the HCA has more now" test "$posted" -gt $((2 * count))
within 60 "what the HCA does not have goes within a minute" nothing_idle
crowd_per_channel $count "$posted/$total buffers"
crowd_goes 30
