# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: work requests of the target complete with errors; QPs and SRQs fail
# time: 90
# routine: um

# survives WHAT COMMAND...: the session breaks, comes back, and serves I/O.
survives() {
	local what=$1

	shift
	mixed_io "$dev"
	wait_for 10 io_moves
	ok "$what" "$@"
	within 10 "$what: that has happened" fault_happened
	ib_ctl vhca1 clear
	# once: fio does not survive being told twice
	kill -INT "$io_pid" 2>/dev/null
	within 40 "$what: the session is back" back
	io_wait 60
	ok "$what: verified I/O" verified_io "$dev"
}

fault_happened() {
	! grep -q '^  rule' "$ib_status" || (($(ib_hits vhca1) > 0))
}

# fio may see an error or a delay; the disk must work again.
back() {
	rport_is "$host" running &&
		dd if="$dev" of=/dev/null bs=4k count=1 iflag=direct status=none
}

# fails_once "CALL ERROR": one of these work requests of the target.
fails_once() {
	survives "use_srq=$srq $1" ib_ctl vhca1 wr "${1% *}" 20 1 "${1#* }"
}

# Nobody tells the target, because its initiator has nothing to do.
idle_ends() {
	klog_mark
	ok "$1: an idle queue pair fails" ib_ctl vhca1 qp all error
	within 5 "$1: its channel ends" klog_has 'channel closed'
	within 40 "$1: the session is back" back
}

ib_up || bail "the fabric comes up"
for srq in 0 1; do
	ok "use_srq=$srq: the target can be configured" \
		ib_target -a use_srq=$srq || exit
	ok "use_srq=$srq: login" ib_login || exit
	dev=$(disk "$host")
	rport_timeouts "$host" 20
	idle_ends "use_srq=$srq"
	# Each at every commit, with both kinds of queues at two in a row.
	n=$srq
	for wr in "send rem_inv_req" "send retry_exc" "send loc_prot" \
		"write rem_access" "write loc_qp_op" "read rem_access" \
		"read rem_op" "read fatal"; do
		! half $((n++ % 2)) || fails_once "$wr"
	done
	fails_once "recv loc_len"
	fails_once "recv loc_prot"
	survives "use_srq=$srq QP fatal at the target" ib_ctl vhca1 qp all fatal
	survives "use_srq=$srq QP error at the target" ib_ctl vhca1 qp all error
	survives "use_srq=$srq QP fatal at the initiator" \
		ib_ctl vhca0 qp all fatal
	ok "use_srq=$srq: logout" logout "$host"
	target_clear
	backstores_down
	ok "use_srq=$srq: the driver unloads" target_unload
done
