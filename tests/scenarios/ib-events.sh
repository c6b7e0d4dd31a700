# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: LID, SM, GID, P_Key and client re-register events under I/O
# time: 70

# What must hold after whatever has happened.
goes_on() {
	within "${2:-20}" "$1: I/O goes on" io_moves
	ok "$1: another login succeeds" ib_second_login
}

ib_second_login() {
	local first=$host rc=0

	ib_login initiator_ext=0000000000000002 && logout "$host" || rc=$?
	host=$first
	return "$rc"
}

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target || exit
ok "the target admits a second session" \
	tpg_acl "$tpg" "$(initiator_port_id vhca0 0000000000000002)" 0
ok "login" ib_login || exit
dev=$(disk "$host")
steady_io "$dev"
within 10 "I/O moves" io_moves
ok "it has connections" note_connections

for at in vhca1 vhca0; do
	for event in lid sm pkey gid reregister active; do
		ok "$event event at $at" ib_ctl "$at" event 1 "$event"
	done
	goes_on "events without cause at $at"
	ok "over the same connections" connections_stand
done

# The LID of the target's port is changed behind everyone's back: its packets
# are lost until the subnet manager sets it right.
lid=$(ib_lid vhca1)
ib_sm_pause
ok "the LID of the target's port changes" ib_ctl vhca1 lid 1 77
is "$(ib_lid vhca1)" 77 "so the port says"
within 5 "I/O stalls" eval '! io_moves'
ib_sm_go_on
ib_sm_sweep
within 20 "the subnet manager sets the LID right" \
	eval '[[ $(ib_lid vhca1) == "$lid" ]]'
goes_on "LID change"

# The P_Key goes and comes back.
ib_sm_pause
ok "the P_Key of the target's port changes" ib_ctl vhca1 pkey 1 0 0x8123
within 5 "I/O stalls" eval '! io_moves'
ok "the P_Key comes back" ib_ctl vhca1 pkey 1 0 0xffff
ib_sm_go_on
goes_on "P_Key change"

ok "it has connections" note_connections
ok "the subnet manager changes for a moment" ib_ctl vhca1 smlid 1 99
ok "and comes back" ib_ctl vhca1 smlid 1 "$(ib_smlid vhca0)"
goes_on "SM change"

ok "a GID is added" ib_ctl vhca1 guid 1 1 0x0a00c0de000002ff
within 5 "the port has it" eval '[[ $(gid_of vhca1 1 1) == *02ff ]]'
goes_on "GID change"
ok "over the same connections" connections_stand

io_ok "verified I/O from beginning to end"
ok "logout" logout "$host"

# Events that come while the driver is being loaded.
keep_changing() {
	while :; do
		ib_ctl vhca1 event 1 lid
		sleep 0.02
	done
}
ok "the driver unloads" target_unload
keep_changing 3>&- &
changing=$!
backstores_down
ok "it loads while events arrive" ib_target
kill "$changing"
within 20 "and lets in" ib_login
ok "logout" logout "$host"
