# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: who claims the identifiers of another initiator does not get at its session
# time: 15
# routine: um 6.12

ok "the target can be configured" wire_target || exit
tpg_acl "$tpg" "$target_ip" "$wire_lun" || exit
initiator_load ch_count=1
ok "an initiator at work, let in by its identifier" wire_honest || exit
is "$(channels_now)" 1 "has one channel"
klog_mark
wire_options+=(--src "$target_ip" --iport "${acl#0x}")
wire --case login.plain --case session.single --case data.direct-4k
ok "another was let in, by its address" \
	klog_has "^.*$target_ip: login to .* by ACL $target_ip "
fails "the first has not had to log in again" \
	klog_has "login to .* by ACL $acl "

# The GID of an address that nobody has: who says that it is his is not believed.
gid=00000000000000000000ffff0a4d0063
ok "no ACL for its address any more" tpg_acl_remove "$tpg" "$target_ip"
ok "an ACL may be the GID of an IPv4 address" tpg_acl "$tpg" "0x$gid" "$wire_lun"
wire --iport "$gid" --case login.refused --reason 00010003
wire_honest_ok
