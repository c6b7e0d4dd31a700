# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: a LUN in peripheral, in flat, and in the form that REPORT LUNS gives is one unit
# time: 10
# routine: um

modprobe target_core_mod
for name in first other; do
	backstore_ramdisk "$name" 16
done
ok "the target can be configured" target_simple first || exit
tpg_lun "$tpg" 300 other && tpg_acl "$tpg" "0x$wire_iport" 0 300
for wire_lun in 0 300; do
	diag "LUN $wire_lun"
	wire --group lun
done
ok "the kernel's initiator" login
ok "finds its disk" verified_io "$(disk "$host")" --size=64k
