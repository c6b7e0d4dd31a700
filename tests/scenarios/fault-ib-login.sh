# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: IB/CM login: any allocation of it fails; it is refused, the next works
# time: 60
# kernels: um
# fabric: hca

ready() {
	fault_module && modprobe ib_srp || return
	fault_logins /sys/class/infiniband_srp/srp-vhca0-1/add_target \
		"$(ib_login_string)"
}

# Small queues, so that there is not too much of the same.
ib_up max_qp_wr=0,32 || bail "the fabric comes up"
ok "the target can be configured" ib_target -p srpt_srq_size=16 \
	-a use_srq=1 || exit
ok "allocations can be made to fail" ready || exit
unused=$(fault_resources vhca1)
fault_sweep_logins "the first login of an HCA" fault_login_ended
fault_sweep_logins "shared receive queue" fault_login_again
tpg_attr "$tpg" use_srq 0
fault_sweep_logins "private queue" fault_login_again
fault_sweep_ends "target logs out"
fault_settled vhca1 "$unused" "after all"
fault_scan
ok "a login with disks" ib_login || exit
ok "verified I/O" verified_io "$(disk "$host")"
ok "logout" logout "$host"
ok "the driver unloads" target_unload
