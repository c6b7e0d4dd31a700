# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: honest raw I/O; every byte that should move does, and no other
# time: 30

ok "the target can be configured" wire_target || exit
wire --group data

# the same disk by many numbers: their list is longer than a page
many_luns() {
	local acl=$srpt/$tpg/acls/0x$wire_iport i

	for ((i = 1000; i < 1600; i++)); do
		mkdir "$acl/lun_$i" &&
			ln -s "$srpt/$tpg/lun/lun_$wire_lun" "$acl/lun_$i/" || return
	done
}
ok "the initiator has many LUNs" many_luns && wire --case data.long-list
