# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: logins through a partition, and what happens when the port leaves it
# time: 40

second=0x8123

printf '%s\n' 'Default=0x7fff, ipoib : ALL=full;' \
	'Second=0x0123 : ALL=full;' >/run/partitions.conf
ib_up || bail "the fabric comes up"
ib_sm_stop
ib_sm_start vhca0 -P /run/partitions.conf
within 15 "both ports are in a second partition" \
	grep -q "$second" "$(ib_port vhca0)/pkeys/1" "$(ib_port vhca1)/pkeys/1"
within 10 "and ACTIVE" ib_all_active
ok "the target can be configured" ib_target || exit

ok "login through the second partition" ib_login pkey=8123 || exit
other=$host
ok "verified I/O through it" verified_io "$(disk "$other")"
ib_timeouts "$other"
ok "the target's port leaves the partition" ib_ctl vhca1 pkey 1 1 0
fails "then no login through it is possible" ib_login pkey=8123 \
	initiator_ext=0000000000000002 2>/dev/null
within 30 "and the session is cut" eval '! ib_rport_is "$other" running'
ok "login through the default partition" ib_login \
	initiator_ext=0000000000000003 || ib_login
ok "verified I/O" verified_io "$(disk "$host")"
ok "logout" logout "$host"
ok "the target's port is in the partition again" ib_ctl vhca1 pkey 1 1 $second
within 30 "and the session is back" ib_rport_is "$other" running
ok "verified I/O through it" verified_io "$(disk "$other")"
ok "logout" logout "$other"
