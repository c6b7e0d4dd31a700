# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a disk whose queue is full for long holds up nobody who does not use it
# time: 30
# routine: um

modprobe target_core_mod
nullblk narrow 16 queue_mode=2 submit_queues=1 hw_queue_depth=1 irqmode=2 \
	completion_nsec=1500000000
backstore_block full /dev/narrow
backstore_ramdisk free
ok "the target can be configured" target_simple full || exit
tpg_lun "$tpg" 1 free && tpg_acl "$tpg" "$(ext_id 1)" 1
ok "login of one who uses the free disk" login "$(ext 1)" || exit
free=$(disk "$host" 1)
ok "login of one who uses the full disk" login || exit
full=$(disk "$host")
for i in {1..12}; do
	dd if="$full" of=/dev/null bs=4k skip="$i" count=1 iflag=direct \
		2>/dev/null 3>&- &
done
sleep 2
worst=0
for i in {1..6}; do
	t=${EPOCHREALTIME/./}
	dd if="$free" of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null
	ms=$(((${EPOCHREALTIME/./} - t) / 1000))
	((ms > worst)) && worst=$ms
done
# (In the full one's queue it would be 18 s.)
at_most "$worst" $((${SLOW:-1} < 6 ? ${SLOW:-1} * 1000 : 6000)) \
	"slowest read of the free disk, ms"
wait
