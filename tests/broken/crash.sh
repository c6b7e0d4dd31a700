# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: the guest dies
# time: 1

pass "alive"
echo c >/proc/sysrq-trigger
pass "still alive"
