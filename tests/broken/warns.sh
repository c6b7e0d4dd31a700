# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: the kernel warns
# time: 1

echo "WARNING: CPU: 0 PID: 1 at nowhere.c:1" >/dev/kmsg
pass "no test of its own fails"
