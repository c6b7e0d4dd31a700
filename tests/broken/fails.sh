# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: one test fails, and shows what it printed
# time: 1

echo "some words of output"
is 1 2 "one is two"
