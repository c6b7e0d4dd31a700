# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a disk that cannot sleep is given its commands on the spot, any other by a worker
# time: 15
# routine: um 6.12

# hops COMMAND...: work items that took commands to a disk meanwhile, in $hops.
hops() {
	local lines line event=$trace/events/workqueue/workqueue_queue_work

	echo >"$trace/trace"
	echo 1 >"$event/enable"
	"$@"
	echo 0 >"$event/enable"
	mapfile -t lines <"$trace/trace"
	hops=0
	for line in "${lines[@]}"; do
		[[ ! $line =~ workqueue=(target_submission|ib_srpt_store)' ' ]] ||
			((++hops))
	done
}

modprobe target_core_mod
mountpoint -q "$trace" || mount -t tracefs none "$trace"
backstore_ramdisk memory
ok "a disk that is a file" backstore_file file 8 || exit
ok "the target can be configured" target_simple memory file || exit
# all data of a write comes with its request
initiator_load use_imm_data=Y ch_count=1
ok "login" login || exit
memory=$(disk "$host" 0)
file=$(disk "$host" 1)
hops verified_io "$memory" --size=256k --bs=4k
is "$hops" 0 "reads and writes of memory are submitted on the spot"
hops verified_io "$memory" --size=1m --bs=64k
is "$hops" 0 "those with data to be fetched as well"
hops verified_io "$file" --size=128k --bs=4k --iodepth=1
at_most 64 "$hops" "those of a file go through a worker, each of them"
hops sg_sync "$memory"
at_most 1 "$hops" "so does what LIO executes itself, in memory too"
