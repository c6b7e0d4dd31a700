# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: a target that is off, or has no ACL, says so with the right reason
# time: 10
# routine: um 6.1

ok "the target can be configured" wire_target || exit
wire --case login.plain
tpg_disable "$tpg"
wire --case login.refused --reason 00010000
tpg_enable "$tpg"
wire --case login.plain
ok "the ACL can be removed" tpg_acl_remove "$tpg" "0x$wire_iport" || exit
wire --case login.refused --reason 00010003
