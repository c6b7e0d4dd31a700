# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: verbs calls fail during login, at load, and in a session
# time: 100
# routine: um

# A login during which that call fails ends; the next one succeeds.
login_survives() {
	local what="$1 fails, call $2"

	ib_ctl vhca1 clear
	ok "$what" ib_ctl vhca1 verb "$1" "$2" 1 12
	returns_within 40 "$what: login ends" ib_login tl_retry_count=2
	! first_host || logout "$host"
	hits=$(ib_hits vhca1)
	ib_ctl vhca1 clear
	ok "$what: the next login succeeds" ib_login || return
	ok "$what: logout" logout "$host"
}

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target -a use_srq=0 || exit
# ib_srp that loses its host with registrations under way uses them after they
# are freed.
initiator_load register_always=N never_register=Y
for call in create_qp:1 modify_qp:1 modify_qp:2 modify_qp:3 create_cq:1 \
	post_recv:1 post_recv:7 alloc_mr:1 post_send:1; do
	login_survives "${call%:*}" "${call#*:}"
	if [[ $call == create_qp:1 || $call == modify_qp:* ]]; then
		is "$hits" 1 "$call: that has happened"
	fi
done

initiator_load
ok "login" ib_login || exit
dev=$(disk "$host")
rport_timeouts "$host" 20
for call in post_send:5 post_send:6 post_recv:5; do
	ok "$call fails in a session" \
		ib_ctl vhca1 verb "${call%:*}" "${call#*:}" 1 12
	verified_io "$dev" --size=1m
	is "$(ib_hits vhca1)" 1 "$call: that has happened"
	ib_ctl vhca1 clear
	within 40 "$call: the session is back" rport_is "$host" running
	within 20 "$call: verified I/O" verified_io "$dev" --size=1m
done
ok "logout" logout "$host"
ok "the driver unloads" target_unload

# What the driver needs when it meets the HCA.
for call in alloc_pd:1 create_srq:1 create_cq:1 create_cq:2; do
	ok "$call fails at load" \
		ib_ctl vhca1 verb "${call%:*}" "${call#*:}" 1 12
	backstores_down
	ib_target -a use_srq=1 || diag "not configured"
	ib_ctl vhca1 clear
	ok "$call: the driver unloads" target_unload
done
backstores_down
ok "the target can be configured" ib_target -a use_srq=1
ok "login" ib_login
