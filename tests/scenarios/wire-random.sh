# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: 100,000 mutated information units; all answered, or the channel closed
# time: 300
# kernels: um

ok "the target can be configured" wire_target || exit
wire_settled
ok "an honest initiator at work" wire_honest || exit
wire --random "${WIRE_UNITS:-100000}" --seed "${WIRE_SEED:-20}"
wire_honest_ok
wire_memory_back 3000
