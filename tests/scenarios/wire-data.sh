# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: honest raw I/O; every byte that should move does, and no other
# time: 30

ok "the target can be configured" wire_target || exit
wire --group data
