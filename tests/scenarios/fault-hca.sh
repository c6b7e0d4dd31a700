# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: an HCA is found: any allocation fails; it is used or not, never half
# time: 60
# kernels: um
# fabric: hca

plug() { ib_ctl add vhca1; }

# The subnet manager is told of a target that can be found.
announced() { ib_has_dm vhca1; }

# The driver has a protection domain on it.
used() { [[ $(rdma resource show pd dev vhca1) == *ib_srpt* ]]; }

# It is used in full after a while, or not at all.  However it ended, it can be
# pulled out, and the next time it is used.
plugged() {
	if used && ! wait_for 5 announced; then
		diag "  failure $fault_n: used, but not announced"
		return 1
	fi
	ib_ctl del vhca1 2>/dev/null
	[[ $fault_hit ]] || return 0
	ib_ctl add vhca1 && wait_for 5 announced && ib_ctl del vhca1 && return
	diag "  failure $fault_n: the next time"
	return 1
}

# What the module does when it is loaded, in the process that loads it.
load() {
	(
		fault_me 1
		exec insmod "$driver"
	) 2>/dev/null
}

loaded() {
	local rc=0

	if target_loaded; then
		modprobe -r ib_srpt || rc=1
	fi
	[[ $rc == 0 && ! -e /sys/module/ib_srpt ]] && return
	diag "  failure $fault_n: the module cannot be unloaded"
	return 1
}

# answered: discovery finds the target, if it has to ask twice.
discover() { ibsrpdm -c -d "$(ib_umad vhca0)" >/run/found 2>/dev/null; }
discovered() {
	[[ -s /run/found ]] && return
	discover
	[[ -s /run/found ]] && return
	diag "  failure $fault_n: discovery finds nothing"
	return 1
}

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target || exit
ok "allocations can be made to fail" fault_module || exit
within 5 "the target is announced" announced
fault_all "device management is answered" discover discovered failslab
ok "the HCA is pulled out" ib_ctl del vhca1
# Nothing else happens to the port then.
ib_sm_stop
fault_all "an HCA comes" plug plugged failslab
ib_sm_start vhca0

# Nobody shall find what cannot be logged in to.
read -ra range < <(fault_functions srpt_cm_listen)
ok "what listening takes can be made to fail" fault_range "${range[@]}"
fault_for_good failslab
ok "an HCA comes that cannot be listened at" plug
within 15 "ports ACTIVE" ib_all_active
ok "it is used" used
fails "it is not announced in vain" wait_for 3 announced
fault_off failslab
within 5 "it is as soon as logins can come" announced
ok "login" ib_login || exit
ok "verified I/O" verified_io "$(disk "$host")"
ok "logout" logout "$host"
driver=$(modinfo -F filename ib_srpt)
ok "the driver unloads" target_unload

read -ra range < <(fault_functions do_one_initcall)
ok "allocations of a module that loads can be made to fail" \
	fault_range "${range[@]}" Y
fault_all "the module is loaded" load loaded failslab
backstores_down
ok "the target can be configured" ib_target || exit
ok "login" ib_login || exit
ok "verified I/O" verified_io "$(disk "$host")"
