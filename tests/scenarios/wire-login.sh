# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: what a login may say, what it must not, and the reason it is told
# time: 30

ok "the target can be configured" wire_target || exit
ok "an honest initiator at work" wire_honest || exit
wire --group login
wire_honest_ok
