# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: mutated information units: each is answered, or the channel closed
# time: 100
# routine: um 6.1

declare -A units=([um]=100000 [6.12]=20000 [6.1]=20000 [7.x]=20000)
declare -A seed=([um]=20 [6.12]=21 [6.1]=22 [7.x]=23)

ok "the target can be configured" wire_target || exit
ok "an honest initiator at work" wire_honest || exit
wire --random "${WIRE_UNITS:-${units[$KERNEL]}}" \
	--seed "${WIRE_SEED:-${seed[$KERNEL]}}"
wire_honest_ok
