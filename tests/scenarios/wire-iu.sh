# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: information units too short, too long, unknown or unasked for
# time: 40

ok "the target can be configured" wire_target || exit
ok "an honest initiator at work" wire_honest || exit
wire --group iu
wire_honest_ok
