# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: HCAs are removed under I/O, the target's and the initiator's, and back
# time: 90

start_io() {
	dev=$(disk "$host")
	rport_timeouts "$host"
	mixed_io "$dev"
	within 10 "$1: I/O moves" io_moves
}

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target || exit

# The stock initiator that loses its own HCA uses registrations after they are
# freed; without any, it does not.
initiator_load register_always=N never_register=Y

for how in alive dead; do
	what="target's HCA, $how"
	ok "$what: login" ib_login || exit
	start_io "$what"
	if [[ $how == dead ]]; then
		ok "$what: fatal error" ib_ctl vhca1 fatal
		ok "$what: I/O fails" eval '! io_wait 40'
	fi
	returns_within 30 "$what: removal returns" ib_ctl del vhca1
	[[ $how == dead ]] || ok "$what: I/O fails" eval '! io_wait 40'
	ok "$what: it is plugged in again" ib_ctl add vhca1
	ib_target_back
	within 20 "$what: both ports are ACTIVE" ib_all_active
	within 40 "$what: the initiator has come back" \
		rport_is "$host" running
	within 20 "$what: verified I/O" verified_io "$dev"
	ok "$what: logout" logout "$host"
done

for how in alive dead; do
	what="initiator's HCA, $how"
	ok "$what: login" ib_login || exit
	start_io "$what"
	# ib_srp does not survive the end of a host whose attempt to reconnect
	# failed for want of a queue pair: sends are completed twice.
	echo off >"/sys/class/srp_remote_ports/port-${host#host}:1/reconnect_delay"
	[[ $how == alive ]] ||
		ok "$what: fatal error" ib_ctl vhca0 fatal
	returns_within 60 "$what: removal returns" ib_ctl del vhca0
	ok "$what: I/O fails" eval '! io_wait 40'
	within 20 "$what: the host is gone" eval '! first_host'
	ok "$what: it is plugged in again" ib_ctl add vhca0
	ib_sm_stop
	ib_sm_start vhca0
	within 20 "$what: both ports are ACTIVE" ib_all_active
	within 20 "$what: login" ib_login
	ok "$what: verified I/O" verified_io "$(disk "$host")"
	ok "$what: logout" logout "$host"
done
ok "the driver unloads" target_unload
