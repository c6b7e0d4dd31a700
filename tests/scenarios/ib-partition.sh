# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: logins through a partition, and what happens when the port leaves it
# time: 60

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
for ext in 2 3; do
	tpg_acl "$tpg" "$(initiator_port_id vhca0 000000000000000$ext)" 0
done

ok "login through the second partition" ib_login pkey=8123 || exit
other=$host
ok "verified I/O through it" verified_io "$(disk "$other")"
rport_timeouts "$other"
ok "the target's port leaves the partition" ib_ctl vhca1 pkey 1 1 0
ok "login through the default partition" \
	ib_login initiator_ext=0000000000000003 || exit
ok "verified I/O" verified_io "$(disk "$host")"
ok "logout" logout "$host"
dd if="$(disk "$other")" of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null 3>&- &
within 40 "the session of the other partition is cut" \
	eval '! rport_is "$other" running'

# Its REQ is lost until the port is back.
before=$(srp_hosts)
ib_login pkey=8123 initiator_ext=0000000000000002 3>&- &
login=$!
sleep 3
is "$(srp_hosts)" "$before" "a login through that partition does not succeed"
ok "the target's port is in the partition again" ib_ctl vhca1 pkey 1 1 $second
within 40 "and the session is back" rport_is "$other" running
ok "verified I/O through it" verified_io "$(disk "$other")"
within 40 "and so is the login" not_running "$login"
isnt "$(srp_hosts)" "$before" "which has succeeded"
ok "logout" logout_all
