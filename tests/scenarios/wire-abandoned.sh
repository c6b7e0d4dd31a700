# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: half-open logins that nobody comes back to are given up
# time: 60
# routine: um 6.1

ok "the target can be configured" wire_target || exit
wire --case storm.abandoned
