# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: a thousand channels get in with all credits by default, take 64 MiB while they are idle, and all wake up at once
# time: 120
# fabric: hca

count=1000
# the debug kernel has no room for both ends of more
[[ $KERNEL != um ]] || count=400
limit=$((count * 65536))

ok "the InfiniBand fabric comes up" ib_up || exit
ok "the target can be configured" ib_target -n || exit
is "$(tpg_attr "$tpg" use_srq)" 2 "with the receive queue that it takes by itself"
tpg_attr "$tpg" generate_node_acls 1
tpg_attr "$tpg" demo_mode_write_protect 0
ok "the TPG is enabled" tpg_enable "$tpg" || exit
ib_wire 0
# two files for each connection
ulimit -n 4096
crowd_begins wake --count $count || exit
within 300 "$count channels log in, with all credits" crowd_said "all are in"
ok "all of them" channels_now_are $count || exit
crowd_per_channel $count "now"
at_most "$(crowd_taken)" $limit "64 KiB each are enough for them, in bytes"
crowd_step
within 200 "they wake up all at once" crowd_said "all have their answers"
crowd_per_channel $count "now"
within 60 "what that took is back within a minute" crowd_takes_at_most $limit
crowd_goes 60
