# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: I/O: any allocation on its way fails; data is right, the next I/O works
# time: 60
# kernels: um

# io BYTES PIECES: one write and one read of that; sets $said.
io() {
	echo "$1 $2" >&"${checked[1]}"
	read -r -t 60 said <&"${checked[0]}" || said=nothing
}
try() { io "$bytes" "$pieces"; }

# An error must be one that the disk has told; the next try must work.
check() {
	case $said in
	ok) ((++retried)) ;;
	'error Input/output error' | 'error Remote I/O error') ((++told)) ;;
	*) diag "  failure $fault_n: $said"; return 1 ;;
	esac
	[[ $fault_hit ]] || return 0
	said=''
	try
	[[ $said == ok ]] && return
	diag "  failure $fault_n: the next try: $said"
	return 1
}

# ours TEXT BYTES PIECES KIND...: what the driver allocates for the way of the
# data, LIO's memory left aside: nobody sees an error.
ours() {
	local range

	read -ra range < <(fault_functions srpt_xfer_move srpt_xfer_start \
		srpt_sq_run srpt_rdma_read_done)
	fault_range "${range[@]}"
	sweep "$1, way of the data" "${@:2}"
	is "$told" 0 "$1: nobody is told of it"
	fault_module
}

# sweep TEXT BYTES PIECES [KIND...]
sweep() {
	local what=$1

	bytes=$2 pieces=$3 retried=0 told=0
	shift 3
	fault_all "$what" try check "$@"
	diag "$what: $told answered with an error, $((retried - 2)) retried or done without"
	[[ $said == ok ]]
}

# session TEXT LOGIN_KEY...: logs in and starts the program that does I/O.
session() {
	local what=$1

	shift
	ok "$what: login" login "$@" || return
	dev=$(disk "$host")
	coproc checked { exec "$lib/checked-io" "$dev" 2>&1; }
	io 4096 1
	is "$said" ok "$what: I/O"
}

session_over() {
	local pid=$checked_PID

	echo >&"${checked[1]}"
	wait "$pid"
	ok "$1: verified I/O" verified_io "$dev"
	ok "$1: logout" logout "$host"
}

ok "the target can be configured" target_simple || exit
ok "allocations can be made to fail" fault_module || exit

initiator_load use_imm_data=Y
session "registered memory" || exit
sweep "immediate data" 8192 1
sweep "several segments" 73728 1
ours "several segments" 73728 1 failslab
session_over "registered memory"

initiator_load register_always=N never_register=Y indirect_sg_entries=256
session "descriptors" cmd_sg_entries=12 sg_tablesize=12 || exit
sweep "a table in the request" 49152 12
ours "a table in the request" 49152 12 failslab
session_over "descriptors"
session "fetched" cmd_sg_entries=1 allow_ext_sg=1 sg_tablesize=128 || exit
sweep "a table that is fetched" 65536 16
ours "a table that is fetched" 65536 16 failslab
session_over "fetched"
ok "the driver unloads" target_unload
