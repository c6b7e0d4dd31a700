# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: the cable is out for 3 seconds, and until both sides have given up
# time: 90

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target || exit
ok "login" ib_login tl_retry_count=7 || exit
dev=$(disk "$host")
rport_timeouts "$host" 60
steady_io "$dev"
within 10 "I/O moves" io_moves
ok "over connections" note_connections

ok "the cable is out" ib_ctl vhca1 link 1 down
sleep 3
ok "the cable is in" ib_ctl vhca1 link 1 up
within 20 "both ports are ACTIVE" ib_all_active
within 30 "I/O goes on" io_moves
ok "over the same connections" connections_stand
io_ok "verified I/O over 3 seconds without cable"
ok "logout" logout "$host"

# One that has nothing to do waits beside the one that works: nobody tells the
# target of either.
ok "login of one that stays idle" ib_login "$(ext 1)" || exit
idle=$host
disk "$idle" >/dev/null
ok "login" ib_login || exit
dev=$(disk "$host")
rport_timeouts "$host" 5
steady_io "$dev"
within 10 "I/O moves" io_moves
ok "both sessions are there" channels_are 2
ok "the cable is out" ib_ctl vhca1 link 1 down
within 25 "the initiator gives up" rport_is "$host" fail-fast
ok "I/O fails instead of hanging" eval '! io_wait 20'
within 60 "the target notices, of the idle session as well" channels_are 0
ok "the cable is in" ib_ctl vhca1 link 1 up
within 20 "both ports are ACTIVE" ib_all_active
within 40 "the initiator has come back" rport_is "$host" running
within 20 "verified I/O after so long without cable" verified_io "$dev"
ok "logout" logout "$host"
logout "$idle"
ok "the driver unloads" target_unload
