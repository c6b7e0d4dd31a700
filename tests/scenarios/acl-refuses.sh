# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: nearly the right ACL does not let in; what no initiator can be called is refused
# time: 15

ok "the driver loads" target_load || exit
backstore_ramdisk disk
tpg=$(port_name_gid rxe0)/tpgt_1
tpg_create "$tpg" && tpg_lun "$tpg" 0 disk && tpg_enable "$tpg"
id=$(initiator_port_id)
v6="dest=[$target_ip6]:$target_port"

# Not the peer's address but the one that it comes to.
tpg_acl "$tpg" "$target_ip" 0 && tpg_acl "$tpg" "$target_ip6" 0
refused 0x00010003 "the target's own IPv4 address is no permission"
refused 0x00010003 "nor is its IPv6 address" "$v6"
ok "but it lets in who has it" login "src=$target_ip"
logout "$host"

for name in "$(ext_id 1)" "0x${id:18}${id:2:16}" 10.77.0.3 10.77.2.0 \
	fd77::3 "::$initiator_ip" fe80::2 0000:0000:0a4d:0002 \
	ffff:0000:0a4d:0002; do
	ok "ACL $name can be made" tpg_acl "$tpg" "$name" 0
done
refused 0x00010003 "none of these lets in over IPv4"
refused 0x00010003 "nor over IPv6" "$v6"
like "$(<"$debugfs_srpt/rejects")" '[1-9][0-9]* no ACL for this initiator' \
	"the refusals are counted by reason"

for name in foo 0x 0x12 "${id%?}" "${id}0" "0x$id" "${id%?}g" 1:2:3:4 \
	0000:ffff:0a4d 0000:ffff:0a4d:0002: 0000:ffff:0a4d:000g 10.77.0.256 \
	10.77.0 fd77::2::3 "[fd77::2]" "$initiator_ip:5555"; do
	klog_mark
	fails "ACL $name is refused" mkdir "$srpt/$tpg/acls/$name"
	ok "and the log says why" klog_has "ACL \"${name//[\[\]]/.}\": not a"
done
ok "none of that keeps the right one from being made" \
	tpg_acl "$tpg" "$id" 0
ok "and from letting in" login
