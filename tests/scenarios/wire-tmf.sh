# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: task management of everything, at the worst moment
# time: 40

ok "the target can be configured" wire_target || exit
ok "an honest initiator at work" wire_honest || exit
wire --group tmf
wire_honest_ok
