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
ok "an NVMe namespace" nvme_disk flash /dev/space
for name in raid flash; do
	ok "LIO takes $name" backstore_block $name /dev/$name
done
ok "LIO takes thin" backstore_block thin /dev/mapper/thin
ok "the target can be configured" kinds raid thin flash || exit
kinds_everywhere
