# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: a write for whose data there is no memory can be aborted
# time: 15
# kernels: um

ok "the target can be configured" wire_target || exit
ok "login" login || exit
ok "logout" logout "$host"
read -ra range < <(fault_functions srpt_xfer_move)
ok "the function that finds no memory is known" test "${range[0]:-}" || exit
ok "it is chosen" fault_range "${range[@]}" || exit
times=$fault_debugfs/failslab/times
many=2000000000
for how in abort reset; do
	fault_for_good failslab
	# as good as for good, and it can be seen
	echo "$many" >"$times"
	wire --case "tmf.unfed-$how"
	read -r left <"$times"
	fault_off failslab
	ok "$how: there was no memory" test "$left" -lt "$many"
done
ok "login" login || exit
ok "verified I/O" verified_io "$(disk "$host")" --size=256k
ok "logout" logout "$host"
