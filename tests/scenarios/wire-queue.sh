# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: a send queue much smaller than the request limit loses no answer
# time: 40
# routine: um 6.1

ok "the target can be configured" wire_target -a srp_sq_size=4 || exit
ok "an honest initiator at work" wire_honest || exit
wire --group credit --case 'data.indirect*' --case 'data.external*' \
	--case tmf.flood --case session.logout-busy
wire_honest_ok
