# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: demo mode lets in who has no ACL, read-only unless told otherwise, and nobody under a name that is another's
# time: 25
# routine: um 6.12

demo() { tpg_attr "$tpg" generate_node_acls "$1"; }
read_only() { is "$(blockdev --getro "$1")" "$2" "$3"; }
write_block() { dd if=/dev/zero of="$1" bs=4k count=1 oflag=direct 2>/dev/null; }

ok "the driver loads" target_load || exit
backstore_ramdisk disk
tpg=$(port_name_gid rxe0)/tpgt_1
tpg_create "$tpg" && tpg_lun "$tpg" 0 disk
gid=$(gid_of rxe0)
gid=${gid//:/}
# Who has that GID, it says; nobody who only claims it.
ok "an ACL for a GID" tpg_acl "$tpg" "0x$gid" 0
ok "one for a port identifier" tpg_acl "$tpg" "$(ext_id 1)" 0
tpg_enable "$tpg"
other=${tpg%/*}/other
tpg_create "$other" && tpg_lun "$other" 0 disk &&
	tpg_acl "$other" "$(ext_id 3)" 0
refused 0x00010003 "it is off: who has no ACL is refused" "$(ext 2)"

klog_mark
ok "it is switched on" demo 1
ok "and the log says what that means" klog_has 'demo mode: any initiator may log in and read all LUNs'
klog_mark
ok "who has no ACL is let in" login "$(ext 2)" || exit
ok "and the log says why" klog_has "by ACL $(ext_id 2) .demo mode."
dev=$(disk "$host")
read_only "$dev" 1 "the disk is read-only"
ok "it is read" dd if="$dev" of=/dev/null bs=64k count=4 iflag=direct
fails "and not written" write_block "$dev"
ok "logout" logout "$host"
ok "it can have an ACL then" tpg_acl "$tpg" "$(ext_id 2)" 0
ok "and comes in by that" login "$(ext 2)"
read_only "$(disk "$host")" 0 "and writes"
ok "logout" logout "$host"
ok "the ACL goes" tpg_acl_remove "$tpg" "$(ext_id 2)"

klog_mark
ok "who has an ACL comes by that" login "$(ext 1)"
ok "as ever" klog_has "by ACL $(ext_id 1) .initiator port id."
read_only "$(disk "$host")" 0 "with its rights"
ok "logout" logout "$host"
refused 0x00010003 "a name that is a GID opens nothing" \
	"initiator_ext=${gid:0:16}"
refused 0x00010000 "an ACL of a TPG that is not enabled keeps out" "$(ext 3)"

klog_mark
tpg_attr "$tpg" demo_mode_write_protect 0
ok "what it may do now is told" klog_has 'log in and read and write all LUNs'
ok "login" login "$(ext 2)" || exit
dev=$(disk "$host")
ok "verified I/O" verified_io "$dev" --size=64k
ok "it is switched off" demo 0
ok "the session goes on" verified_io "$dev" --size=64k
refused 0x00010003 "nobody else comes" "$(ext 4)"
tpg_acl_remove "$tpg" "0x$gid"
tpg_acl_remove "$tpg" "$(ext_id 1)"
ok "a LUN goes" tpg_lun_remove "$tpg" 0
returns_within 20 "the TPG can be removed with a session" tpg_remove "$tpg"
within 10 "which has ended" channels_now_are 0
