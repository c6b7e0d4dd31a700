# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a target's names follow the GID of its port, live
# time: 20

new=0a00:c0de:0000:0299

ib_up || bail "the fabric comes up"
if [[ ${STOCK:-} ]]; then
	skip "names follow the GID" "the kernel's own reads them once"
	return
fi
ok "the target can be configured" ib_target || exit
ok "login" ib_login || exit
ok "logout" logout "$host"

# A second name, of a port that does not exist yet.
ok "a port that is not there can be configured" tpg_create "$new/$new" || exit
ok "with a disk" backstore_ramdisk later 16
ok "as its LUN" tpg_lun "$new/$new" 0 later
ok "for this initiator" tpg_acl "$new/$new" "$(port_name_guid vhca0)" 0
ok "and enabled" tpg_enable "$new/$new"

# The subnet manager does not survive to see a port change its GUID.
ib_sm_stop
ok "the port GUID changes" ib_ctl vhca1 guid 1 0 "0x${new//:/}"
within 5 "the port bears it" eval '[[ $(port_name_guid vhca1) == "$new" ]]'
ib_sm_start vhca0
within 20 "the fabric is whole" ib_all_active
within 20 "the target is reached by the new name" ib_login
is "$(blockdev --getsize64 "$(disk "$host")")" $((16 << 20)) \
	"its disk is the one of the new name"
ok "verified I/O" verified_io "$(disk "$host")"
ok "logout" logout "$host"
ok "the new name is disabled" tpg_disable "$new/$new"
fails "then no login is possible" ib_login
