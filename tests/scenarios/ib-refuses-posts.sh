# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: an HCA in internal error refuses posts; its channels are drained all the same
# time: 30
# routine: um

# How many queue pairs of the target's HCA went before their work was seen to
# have ended.
undrained() { ib_count vhca1 "destroyed undrained"; }
back() {
	rport_is "$host" running &&
		dd if="$dev" of=/dev/null bs=4k count=1 iflag=direct status=none
}
no_channels() { ! grep -q ' qp=' "$debugfs_srpt/channels"; }

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target || exit
before=''
for srq in 0 1; do
	ok "use_srq=$srq is asked for" tpg_attr "$tpg" use_srq $srq
	ok "use_srq=$srq: login" ib_login || exit
	dev=$(disk "$host")
	rport_timeouts "$host" 20
	mixed_io "$dev"
	within 10 "use_srq=$srq: I/O moves" io_moves
	# some of the flush comes at once, the rest while nothing can be posted
	ok "use_srq=$srq: flushes are slow" ib_ctl vhca1 flush 5 1500
	ok "use_srq=$srq: the HCA fails and refuses posts" \
		ib_ctl vhca1 fatal refuse
	kill -INT "$io_pid" 2>/dev/null
	within 12 "use_srq=$srq: its channels end" no_channels
	is "$(undrained)" 0 "use_srq=$srq: they had seen the end of all work"
	returns_within 10 "use_srq=$srq: the HCA can be removed" \
		ib_ctl del vhca1
	ok "use_srq=$srq: it is plugged in again" ib_ctl add vhca1
	ib_target_back -a use_srq=$srq
	within 20 "use_srq=$srq: both ports are ACTIVE" ib_all_active
	# it would notice by itself, after all its retries
	ib_ctl vhca0 qp all error
	within 40 "use_srq=$srq: the session is back" back
	io_wait 60
	ok "use_srq=$srq: verified I/O" verified_io "$dev" --size=256k
	ok "use_srq=$srq: logout" logout "$host"
	within 10 "use_srq=$srq: the channels end" no_channels
	# the first round has made what stays
	[[ $before ]] || before=$(memory_settled)
done
at_most $(($(memory_settled) - before)) \
	$((2000 + $(wire_quarantine))) "memory is back, in KiB"
