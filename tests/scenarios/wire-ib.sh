# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: raw logins and attacks over IB/CM, with the 64-byte login request
# time: 60
# routine: um 6.1
# fabric: hca

# Initiators are known by their port ids alone: an ACL for the GUID of the port
# that they share would let strangers in as well.
wire_ib_target() {
	ib_target -n && tpg_acl_remove "$tpg" "$(port_name_guid vhca0)" &&
		backstore_ramdisk honest && tpg_lun "$tpg" 1 honest &&
		tpg_acl "$tpg" "0x$wire_iport" 0 &&
		tpg_acl "$tpg" "$(initiator_port_id vhca0)" 1 &&
		tpg_enable "$tpg"
}

wire_ib_honest() {
	ib_login && dev=$(disk "$host" 1) &&
		ib_io "$dev" --thinktime=400ms --thinktime_blocks=16
}

ok "the InfiniBand fabric comes up" ib_up || exit
ok "the target can be configured" wire_ib_target || exit
ok "an honest initiator at work" wire_ib_honest || exit
# A GID with its colons is an IPv6 address to those who parse it.
wire_options+=(--addr "$(gid_of vhca1)" --src "$(gid_of vhca0)" --lun 0
	--sid "$(ib_service)" --guid "$(ib_service)")
wire --group login --group session --case 'iu.length*' \
	--case iu.short-cmd --case iu.unknown-16 --case 'desc.b*' \
	--case data.direct-4k --case data.indirect-255 --case data.imm-4096 \
	--case data.external-257 --case credit.exact --case rkey.read-wrong \
	--case storm.strangers --case storm.fickle --case storm.spurn
ok "the honest initiator did not notice anything" wire_honest_end
ok "logout" logout "$host"
