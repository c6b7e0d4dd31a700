# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: task management finds no memory: it is answered all the same, and works the next time
# time: 15
# kernels: um

# The initiator waits 5 s for an answer, and says no more than that it failed.
reset() {
	local start=${EPOCHREALTIME/.}

	said=ok
	sg_reset -d -N "$dev" >/dev/null 2>&1 || said=failed
	took=$(((${EPOCHREALTIME/.} - start) / 1000))
}

answered() {
	local first=$said

	if ((took > 3000)); then
		diag "  failure $fault_n: no answer in $took ms"
		return 1
	fi
	[[ $fault_hit ]] || { [[ $said == ok ]]; return; }
	[[ $first == ok ]] || ((++refused))
	reset
	[[ $said == ok ]] && ((took <= 3000)) && return
	diag "  failure $fault_n: the next reset: $said after $took ms"
	return 1
}

ok "the target can be configured" target_simple || exit
ok "login" login || exit
dev=$(disk "$host")
reset
is "$said" ok "a LUN reset"
ok "allocations can be made to fail" fault_module || exit
refused=0
fault_all "a LUN reset" reset answered failslab
isnt "$refused" 0 "the initiator was told"
ok "verified I/O" verified_io "$dev"
ok "logout" logout "$host"
