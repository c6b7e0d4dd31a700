# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: it leaves something that cannot be taken down
# time: 3

ok "a target is there" target_simple
ok "login" login
dev=$(disk "$host")
setsid setsid sleep 600 8<"$dev" 3>&- &
sleep 0.3
