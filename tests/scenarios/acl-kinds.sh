# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: every kind of ACL in every spelling lets its initiator in, and the log says which
# time: 30

# admits NAME [KEY=VALUE...]: that ACL alone is enough for that login.
admits() {
	local name=$1

	shift
	tpg_acl "$tpg" "$name" 0 || { fail "ACL $name can be made"; return; }
	if ok "ACL $name lets in" login "$@"; then
		like "$(sessions_of "$tpg" "$name")" LOGGED_IN "and has the session"
		logout "$host"
	fi
	ok "ACL $name can be removed" tpg_acl_remove "$tpg" "$name"
}

ok "the driver loads" target_load || exit
backstore_ramdisk disk
tpg=$(port_name_gid rxe0)/tpgt_1
tpg_create "$tpg" && tpg_lun "$tpg" 0 disk && tpg_enable "$tpg"
id=$(initiator_port_id)
refused 0x00010003 "nobody is let in without an ACL"

klog_mark
tpg_acl "$tpg" "$initiator_ip" 0 && tpg_acl "$tpg" "$id" 0
ok "login of an initiator with two ACLs" login
ok "the address comes before what it says of itself" \
	klog_has " by ACL $initiator_ip \(IPv4 address\)"
like "$(disk "$host")" ^/dev/sd "and the disk is there"
logout "$host"
tpg_acl_remove "$tpg" "$initiator_ip" && tpg_acl_remove "$tpg" "$id"

admits "$id"
admits "${id#0x}"
admits "$(upper "$id")"
admits "$(upper "${id#0x}")"
admits "$(ext_id 0xabcdef)" "$(ext 0xabcdef)"

admits "$initiator_ip"
admits "::ffff:$initiator_ip"
admits "::FFFF:0a4d:0002"
v6="dest=[$target_ip6]:$target_port"
admits "$initiator_ip6" "$v6"
admits "$(upper "$initiator_ip6")" "$v6"
admits fd77:0000:0000:0000:0000:0000:0000:0002 "$v6"
admits fd77:0:0:0::0.0.0.2 "$v6"

admits "$(peer_guid)"
admits "$(upper "$(peer_guid)")"

guid=$(peer_guid)
admits "0x0000000000000000${guid//:/}"
if [[ ! ${STOCK:-} ]]; then
	posed=0xfe80000000000000${id: -16}
	ok "an ACL for a GID can be made" tpg_acl "$tpg" "$posed" 0
	refused 0x00010003 "who only says that it is his gets nowhere" \
		initiator_ext=fe80000000000000
fi
