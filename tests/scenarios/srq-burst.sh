# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: who uses all credits at once waits little, and under a load not at all
# time: 45
# routine: um
# fabric: hca

# naks: how many messages have found no buffer.
naks() { ib_count vhca1 "without a receive buffer"; }
times_said() { (($(grep -c "^# $1" /run/crowd.out) >= $2)); }

# burst: all credits, as fast as no HCA is; sets $waits to how often there was no
# buffer for it, $count to how many bursts there were.
burst() {
	((++count))
	waits=$(naks)
	ib_ctl vhca0 hang
	crowd_step
	wait_for 10 times_said posted "$count" || return
	ib_ctl vhca0 resume
	crowd_step
	wait_for 10 times_said ready $((count + 1)) || return
	waits=$(($(naks) - waits))
}

# bursts N: sets $sum to how often there was no buffer for all of them.
bursts() {
	local i all=''

	sum=0
	for ((i = 0; i < $1; i++)); do
		burst || return
		((sum += waits))
		all+=" $waits"
	done
	diag "tries:$all"
}

# buffers: how many the HCA has.
buffers() { grep -oE ' rq=[0-9]+' "$debugfs_srpt/channels" | grep -oE '[0-9]+'; }

# Bursts that are rare are no load; the HCA gives a buffer back when it has filled it.
burst_leaves() {
	sleep 4
	burst && (($(buffers) <= $1))
}

ib_up || bail "the fabric comes up"
echo "0,8" >/sys/module/vhca/parameters/num_comp_vectors
ok "an HCA with 8 vectors" ib_ctl del vhca1
ib_ctl add vhca1
ok "the target can be configured" ib_target -n || exit
ib_target_back
within 15 "ports ACTIVE" ib_all_active
tpg_attr "$tpg" generate_node_acls 1
ok "the TPG is enabled" tpg_enable "$tpg" || exit
ib_wire 0
crowd_begins bursts || exit
count=0
within 20 "one logs in" times_said ready 1 || exit
quiet=$(buffers)
at_most "$quiet" 16 "few buffers are enough for one who is idle"
ok "three bursts of all credits" bursts 3
ok "it is asked soon whether there are buffers again" test "$sum" -ge 90
is "$(buffers)" "$quiet" "a burst leaves nothing behind"
ok "a load of bursts" bursts 25
ok "more of them" bursts 3
is "$sum" 0 "none finds too few buffers"
at_most "$(buffers)" 128 "there are enough for one who uses all credits"
within 30 "what the load needed goes with it" burst_leaves "$quiet"
crowd_ends
