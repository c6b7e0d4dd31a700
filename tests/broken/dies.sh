# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: it ends too early
# time: 1

pass "it begins"
echo "$nobody_set_this"
pass "it ends"
