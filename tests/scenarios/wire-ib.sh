# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: raw logins and attacks over IB/CM, with the 64-byte login request
# time: 60
# routine: um 6.1
# fabric: hca

wire_ib_target() {
	ib_target -n && backstore_ramdisk honest &&
		tpg_lun "$tpg" 1 honest && ib_wire_acl 0 1
}

wire_ib_honest() { ib_login && dev=$(disk "$host" 1) && io_in_bursts "$dev"; }

ok "the InfiniBand fabric comes up" ib_up || exit
ok "the target can be configured" wire_ib_target || exit
ok "an honest initiator at work" wire_ib_honest || exit
wire --group login --group session --case 'iu.length*' \
	--case iu.short-cmd --case iu.unknown-16 --case 'desc.b*' \
	--case data.direct-4k --case data.indirect-255 --case data.imm-4096 \
	--case data.external-257 --case credit.exact --case rkey.read-wrong \
	--case storm.strangers --case storm.fickle --case storm.spurn
io_ok "the honest initiator did not notice anything" 60
ok "logout" logout "$host"
