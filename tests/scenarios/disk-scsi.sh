# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: data on SCSI disks with blocks of 4 KiB or with protection information, through LIO and passed through
# time: 60

modprobe target_core_mod
for form in sector_size=4096 'dif=1 dix=1'; do
	options=''
	[[ $form != *4096 ]] || options=$kinds_small_4k
	# shellcheck disable=SC2086 # words
	ok "disks with $form" scsi_debug_load add_host=2 $form || exit
	ok "one for LIO" backstore_block block "$(scsi_block "${scsi_debug[0]}")"
	ok "one passed through" backstore_pscsi passed "${scsi_debug[1]}"
	ok "the target can be configured" \
		kinds "block=$options" "passed=$options" || exit
	kinds_everywhere
	target_unload
	backstores_down
done
