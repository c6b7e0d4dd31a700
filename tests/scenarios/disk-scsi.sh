# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: data on SCSI disks with blocks of 4 KiB, through LIO and passed through
# time: 30
# routine: um

modprobe target_core_mod
ok "two disks" scsi_debug_load add_host=2 sector_size=4096 || exit
ok "one for LIO" backstore_block block "$(scsi_block "${scsi_debug[0]}")"
ok "one passed through" backstore_pscsi passed "${scsi_debug[1]}"
ok "the target can be configured" \
	kinds "block=$kinds_small_4k" "passed=$kinds_small_4k" || exit
kind_kb=4096
kinds_everywhere
ok "login with the disk passed through" passed_large 1
