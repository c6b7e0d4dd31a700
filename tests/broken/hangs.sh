# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: it never ends
# time: 0 (it has 30 s)

pass "it begins"
sleep 1000
