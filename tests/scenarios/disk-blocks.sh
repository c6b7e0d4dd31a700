# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: data on block devices that want whole blocks: 4 KiB, encrypted, compressed, loop
# time: 40
# routine: um

modprobe target_core_mod
nullblk small 20 max_sectors=32768
nullblk big 20 blocksize=4096
nullblk base 20 max_sectors=32768
ok "an encrypted disk" dm_vault vault /dev/base
ok "a compressed one" zram_disk packed 20
truncate -s 20M /dev/shm/loop.img
ok "a loop device" loop_disk ring /dev/shm/loop.img
for name in small big packed ring; do
	ok "LIO takes $name" backstore_block $name /dev/$name
done
ok "LIO takes vault" backstore_block vault /dev/mapper/vault
ok "the target can be configured" kinds small "big=$kinds_small_4k" \
	"vault=$kinds_small_4k" "packed=$kinds_small_4k" ring || exit
kinds_everywhere
