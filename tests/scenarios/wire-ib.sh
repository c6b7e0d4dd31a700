# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: raw logins and attacks over IB/CM, with the 64-byte login request
# time: 60
# fabric: hca

# The raw initiator is known by its port id alone: an ACL for its port's GUID
# would let strangers in as well.
wire_ib_target() {
	ib_target -n && tpg_acl_remove "$tpg" "$(port_name_guid vhca0)" &&
		tpg_acl "$tpg" "0x$wire_iport" 0 && tpg_enable "$tpg"
}

ok "the InfiniBand fabric comes up" ib_up || exit
ok "the target can be configured" wire_ib_target || exit
# A GID with its colons is an IPv6 address to those who parse it.
wire_options+=(--addr "$(gid_of vhca1)" --src "$(gid_of vhca0)" --lun 0
	--sid "$(ib_service)" --guid "$(ib_service)")
wire --group login --group session --case 'iu.length*' \
	--case iu.short-cmd --case iu.unknown-16 --case 'desc.b*' \
	--case data.direct-4k --case data.indirect-255 --case data.imm-4096 \
	--case data.external-257 --case credit.exact --case rkey.read-wrong \
	--case storm.strangers --case storm.fickle --case storm.spurn
