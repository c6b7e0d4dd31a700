# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: log in over IPv6, find the disk, do verified I/O, log out
# time: 5
# every: 6.12 6.1

ok "the target can be configured" target_simple || exit
ok "login over IPv6" login "dest=[$target_ip6]:$target_port" || exit
dev=$(disk "$host")
like "$dev" '^/dev/sd' "the disk is there"
ok "verified I/O" verified_io "$dev"
ok "logout" logout "$host"
ok "the driver unloads" target_unload
