# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: data on block devices made of others: RAID 5, thin, NVMe
# time: 55
# routine: um

modprobe target_core_mod
for name in a b c pool meta space; do
	nullblk $name 20
done
ok "RAID 5" md_raid5 raid /dev/a /dev/b /dev/c
ok "a thin disk" dm_thin thin /dev/pool /dev/meta
names=(raid)
# (Debian's 6.1 has no NVMe over a loop.)
if [[ $KERNEL != 6.1 ]]; then
	ok "an NVMe namespace" nvme_disk flash /dev/space
	names+=(flash)
fi
for name in "${names[@]}"; do
	ok "LIO takes $name" backstore_block "$name" "/dev/$name"
done
ok "LIO takes thin" backstore_block thin /dev/mapper/thin
ok "the target can be configured" kinds thin "${names[@]}" || exit
kinds_everywhere
