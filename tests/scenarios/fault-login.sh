# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: RDMA/CM login: any allocation of it fails; it is refused, the next works
# time: 60
# kernels: um

ready() {
	fault_module && modprobe ib_srp || return
	fault_logins /sys/class/infiniband_srp/srp-rxe0-1/add_target \
		"$(target_string)"
}

# A private queue takes some hundred allocations, all alike.
now_and_then() {
	fault_login_ended || return
	((fault_n % 32)) || fault_login_works
}

# One ACL for all that come from here.
ok "the target can be configured" target_simple -p srpt_srq_size=16 \
	-a use_srq=1 || exit
tpg_acl "$tpg" "$initiator_ip" 0
ok "allocations can be made to fail" ready || exit
unused=$(fault_resources rxe0)
# rdma_accept() rejects by itself when its message cannot be allocated: address
# handle, buffer, and now and then a page for either or a node of an xarray.
mute=4
# What the first login leaves for others is allocated once.
fault_sweep_logins "the first login of an HCA" fault_login_ended $mute
fault_sweep_logins "shared receive queue" fault_login_again $mute
memory=$(memory_settled)
tpg_attr "$tpg" use_srq 0
fault_sweep_logins "private queue" now_and_then $mute
after=$(memory_settled)
# 64 KiB from each of the hundreds refused would be more than this.
at_most $((after - memory)) 8000 "the memory is back (KiB)"
fault_sweep_ends "target logs out"
fault_settled rxe0 "$unused" "after all"
fault_scan
ok "a login with disks" login || exit
ok "verified I/O" verified_io "$(disk "$host")"
ok "logout" logout "$host"
ok "the driver unloads" target_unload
