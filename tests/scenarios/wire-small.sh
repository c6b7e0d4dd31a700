# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: the smallest request and response sizes are kept to
# time: 40
# routine: um 6.1

ok "the target can be configured" \
	wire_target -p srp_max_req_size=996 -a srp_max_rsp_size=40 || exit
wire_options+=(--max-req 996 --rsp-size 40)
wire --case login.plain --case login.iu-len-max --case login.iu-len-over \
	--group iu --case 'desc.cut*' --case 'desc.count*' \
	--case 'desc.shifted*' --case 'tmf.abort-*' --case tmf.unknown-functions \
	--case data.direct-4k --case data.indirect-16 --case data.imm-512 \
	--case credit.exact --case credit.window-write
