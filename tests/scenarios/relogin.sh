# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: logout and login, 100 times; the memory is back where it was
# time: 60

rounds() {
	local i

	for ((i = 0; i < $1; i++)); do
		login || return
		disk "$host" >/dev/null || return
		logout "$host" || return
	done
}

ok "the target can be configured" target_simple || exit
# The logout may meet the search for partitions: see initiator_hasty.
initiator_load register_always=N never_register=Y
ok "the first ten logins" rounds 10 || exit
before=$(memory_settled)
ok "a hundred more" rounds 100
after=$(memory_settled)
diag "$before KiB before, $after KiB after"
# A channel has 128 receive buffers of 8 KiB: what ten lost ones would take
# is more than this.
at_most $((after - before)) 6000 "the memory is back (KiB)"
