# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a task is aborted through another channel of its session
# time: 20
# routine: um 6.12

modprobe target_core_mod
nullblk nb 16
dm_slow slow /dev/nb 1500
backstore_block slow /dev/mapper/slow
ok "the target can be configured" target_simple slow || exit
ok "for the raw initiator, too" tpg_acl "$tpg" "0x$wire_iport" 0
wire --case tmf.abort-across-slow --lun 0
