# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: an ORDERED command comes after all before it and before all after it, on disks that are given work on the spot, by workers, or both
# processors: parallel
# time: 20
# routine: um 6.12

modprobe target_core_mod
nullblk nb 16 irqmode=2 completion_nsec=20000000 hw_queue_depth=64
backstore_block block /dev/nb
# fewer than LIO believes: of seven commands that wait for a worker it sleeps in
# the fifth, and the others have not begun
echo 4 >/sys/block/nb/queue/nr_requests
backstore_file paper 16
ok "the target can be configured" target_simple block paper || exit
ok "for the raw initiator, too" tpg_acl "$tpg" "0x$wire_iport" 0 1
diag "a block device: reads and writes on the spot, all else by a worker"
wire --case order.ordered --lun 0
diag "a file: workers on all processors"
wire --case order.ordered --lun 1
