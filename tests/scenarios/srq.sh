# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: shared receive queues on and off
# time: 15
# every: 6.12 6.1

ok "the target can be configured" target_simple || exit
for value in 1 0; do
	ok "use_srq can be set to $value" tpg_attr "$tpg" use_srq $value
	is "$(tpg_attr "$tpg" use_srq)" $value "and reads back as $value"
	ok "login" login || exit
	ok "verified I/O" verified_io "$(disk "$host")" --iodepth=64
	ok "logout" logout "$host"
done
