# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: COMPARE AND WRITE stays one at a time after one whose data never came
# time: 20
# routine: um

modprobe target_core_mod
nullblk nb 16
dm_slow slow /dev/nb 400
backstore_block slow /dev/mapper/slow
ok "the target can be configured" target_simple slow || exit
ok "for the raw initiator, too" tpg_acl "$tpg" "0x$wire_iport" 0
# What one has spoilt the next would find spoilt: the first failure counts.
for how in '' -sum -wrong -gone; do
	wire --case "rkey.caw$how" --lun 0
done
