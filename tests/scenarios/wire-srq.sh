# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: the same attacks on shared receive queues
# time: 90
# routine: um 6.1

ok "the target can be configured" wire_target -a use_srq=1 || exit
ok "an honest initiator at work" wire_honest || exit
wire --group iu --group credit --case 'desc.imm*' --case 'desc.count*' \
	--case data.imm-512 --case data.imm-4096 --case data.imm-8192 --case 'data.external*' \
	--case 'session.loop*' \
	--case 'rkey.gone*' --case 'rkey.disconnect*' --case login.imm-offset-68
wire_honest_ok
