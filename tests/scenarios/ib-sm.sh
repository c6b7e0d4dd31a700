# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: another subnet manager takes over, and back, under I/O
# time: 60

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target || exit
ok "login" ib_login || exit
dev=$(disk "$host")
steady_io "$dev"
within 10 "I/O moves" io_moves
ok "over connections" note_connections

first=$ib_sm_pid
is "$(ib_smlid vhca1)" "$(ib_lid vhca0)" "the first manager rules"
ib_osm_log=/run/opensm.second.log ib_sm_start vhca1
second=$ib_sm_pid
within 20 "a second one stands by" \
	grep -qs STANDBY /run/opensm.second.log
kill "$first"
within 40 "it takes over when the first ends" \
	eval '[[ $(ib_smlid vhca0) == "$(ib_lid vhca1)" ]]'
within 10 "I/O goes on" io_moves
ib_sm_start vhca0
sleep 3
kill "$second"
within 40 "and hands back" \
	eval '[[ $(ib_smlid vhca1) == "$(ib_lid vhca0)" ]]'
within 10 "I/O goes on" io_moves
ok "over the same connections" connections_stand
io_ok "verified I/O from beginning to end"
ok "logout" logout "$host"
ok "login under the new manager" ib_login
