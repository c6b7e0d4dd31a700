# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a disk that cannot sleep is given its commands on the spot, any other by a worker; answers go on the spot too where LIO can
# time: 20
# routine: um 6.12 7.x

# works QUEUES COMMAND...: work items queued there meanwhile, in $hops.
works() {
	local lines line event=$trace/events/workqueue/workqueue_queue_work
	local regex="workqueue=($1) "

	shift
	echo >"$trace/trace"
	echo 1 >"$event/enable"
	"$@"
	echo 0 >"$event/enable"
	mapfile -t lines <"$trace/trace"
	hops=0
	for line in "${lines[@]}"; do
		[[ ! $line =~ $regex ]] || ((++hops))
	done
}
# Those that take commands to a disk, and those that take answers from it.
hops() { works 'target_submission|ib_srpt_store' "$@"; }
back() { works target_completion "$@"; }
# answered TEXT COMMAND...: answers are sent where the disk gives them, if LIO can
# do that in this kernel; else work items do it.
answered() {
	local text=$1

	shift
	back "$@"
	if ((direct)); then
		is "$hops" 0 "answers are sent on the spot: $text"
	else
		isnt "$hops" 0 "answers are sent by work items: $text"
	fi
}

# What the initiator asks a new disk, some of it after the login, LIO executes itself.
looked_at() { (($(klog_count 'Attached SCSI disk') == 3)); }

modprobe target_core_mod
mountpoint -q "$trace" || mount -t tracefs none "$trace"
backstore_ramdisk memory
ok "a disk that is a file" backstore_file file 8 || exit
nullblk nb 16 irqmode=2 completion_nsec=100000
backstore_block block /dev/nb
ok "the target can be configured" target_simple memory file block || exit
direct=$(cat /sys/kernel/config/target/srpt/*/param/direct_complete_supported \
	2>/dev/null)
# all data of a write comes with its request; 512 KiB are one command, however
# scattered they are
initiator_load use_imm_data=Y ch_count=1 cmd_sg_entries=128
ok "login" login || exit
memory=$(disk "$host" 0)
file=$(disk "$host" 1)
block=$(disk "$host" 2)
within 20 "all disks have been looked at" looked_at || exit
# a busy initiator would make one command of neighbours, which asks for much
echo 2 >"/sys/block/${memory##*/}/queue/nomerges"
hops verified_io "$memory" --size=256k --bs=4k
is "$hops" 0 "reads and writes of memory are submitted on the spot"
hops verified_io "$memory" --size=1m --bs=64k
is "$hops" 0 "those with data to be fetched as well"
hops verified_io "$memory" --size=4m --bs=512k --iodepth=1
at_most 8 "$hops" "reads of much by a worker, which may take its time"
hops verified_io "$file" --size=128k --bs=4k --iodepth=1
at_most 64 "$hops" "those of a file go through a worker, each of them"
hops sg_sync "$memory"
at_most 1 "$hops" "so does what LIO executes itself, in memory too"
answered "memory" verified_io "$memory" --size=256k --bs=4k
answered "a disk that interrupts" verified_io "$block" --size=256k --bs=4k
ok "those that need memory for that too" verified_io "$block" --size=8m --bs=1m \
	--iodepth=8
ok "and those of many kinds" verified_io "$block" --size=4m --bsrange=512-64k \
	--iodepth=16
if ((direct)); then
	echo 2 >/sys/kernel/config/target/core/rd_mcp_0/memory/attrib/complete_type
	back verified_io "$memory" --size=64k --bs=4k
	isnt "$hops" 0 "a disk can be told to leave its answers to work items"
fi
