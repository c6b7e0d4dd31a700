# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: descriptors that point where the target may not go; the disk keeps what it had
# time: 40
# routine: um 6.1

ok "the target can be configured" wire_target || exit
ok "an honest initiator at work" wire_honest || exit
wire --group rkey
wire_honest_ok
