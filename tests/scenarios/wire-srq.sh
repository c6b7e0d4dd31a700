# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: the same attacks on shared receive queues
# time: 90
# routine: um 6.1

# A queue that is short of buffers makes the HCA of an initiator send some requests
# later: commands must take longer than that to be too many at a time.
slow_disk() {
	nullblk nb 16 && dm_slow slow /dev/nb 1000 && backstore_block slow /dev/mapper/slow &&
		tpg_lun "$tpg" 2 slow && acl_lun "$tpg" "0x$wire_iport" 2
}

ok "the target can be configured" eval 'wire_target -a use_srq=1 && slow_disk' || exit
ok "an honest initiator at work" wire_honest || exit
wire --lun 2 --case 'credit.overdraw*'
wire --group iu --case credit.exact --case 'credit.window*' --case credit.refused \
	--case 'desc.imm*' --case 'desc.count*' \
	--case data.imm-512 --case data.imm-4096 --case data.imm-8192 --case 'data.external*' \
	--case 'session.loop*' \
	--case 'rkey.gone*' --case 'rkey.disconnect*' --case login.imm-offset-68
wire_honest_ok
