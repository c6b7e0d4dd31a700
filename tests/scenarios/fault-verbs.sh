# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: every verbs call of a login, of an end and of a new HCA fails, one at a time
# time: 60
# kernels: um
# fabric: hca

# sweep TEXT CALL TRY CHECK: as fault_sweep, for calls of the target's HCA.
sweep() {
	local what="$1: $2" try=$3 check=$4

	reached=0
	for ((fault_n = 1; fault_n < 500; fault_n++)); do
		ib_ctl vhca1 clear
		ib_ctl vhca1 verb "$2" "$fault_n" 1 12
		"$try"
		fault_hit=$(ib_hits vhca1)
		((fault_hit)) || break
		ib_ctl vhca1 clear
		if ! "$check"; then
			fail "$what: any of them"
			return
		fi
		reached=$fault_n
	done
	ib_ctl vhca1 clear
	"$check"
	diag "$what failed at $reached places"
	isnt "$reached" 0 "$what: any of them"
}

logins() {
	local call

	for call; do
		sweep "$what" "$call" fault_login fault_login_again
	done
}

# What a login alone does not send, the end of a session by the target's will does.
ends() {
	ok "$what: login" fault_login || return
	sweep "$what" post_send fault_disable fault_disabled
	fault_logout
}

# told CALL N WHAT: from its Nth time on that call fails, and a login with it; the
# log and the view name what could not be done. (Errors have no names in the debug
# kernel.)
told() {
	ib_ctl vhca1 verb "$1" "$2" 0 12
	klog_mark
	fails "$1 fails, and the login with it" fault_login
	ib_ctl vhca1 clear
	ok "the log says what and why" klog_has \
		"refused on vhca1 .*out of memory or queue pairs: cannot $3: -12"
	ok "so does the view" record refusals error=-12 "cannot=$3" \
		"why=out of memory or queue pairs" ||
		diag "$(<"$debugfs_srpt/refusals")"
}

load() { modprobe ib_srpt; }
loaded() { target_loaded && modprobe -r ib_srpt; }

ready() {
	modprobe ib_srp || return
	fault_logins /sys/class/infiniband_srp/srp-vhca0-1/add_target \
		"$(ib_login_string)"
}

ib_up max_qp_wr=0,32 || bail "the fabric comes up"
ok "the target can be configured" ib_target -p srpt_srq_size=16 \
	-a use_srq=1 || exit
ok "logins" ready || exit
unused=$(fault_resources vhca1)
told create_srq 1 "allocate receive buffers"
told create_cq 1 "make a completion queue"
told create_qp 1 "make a queue pair"
told modify_qp 1 "prepare the queue pair"
told modify_qp 2 "connect the queue pair"
klog_mark
what="shared receive queue"
sweep "$what" create_cq fault_login fault_login_ended
logins create_srq create_qp modify_qp post_srq_recv
ends
tpg_attr "$tpg" use_srq 0
what="private queue"
logins create_qp modify_qp post_recv
ends
fault_settled vhca1 "$unused" "after all"

# Another kind of HCA moves data through memory regions.
echo 0,2 >/sys/module/vhca/parameters/max_sgl_rd
ok "another HCA" ib_ctl del vhca1
ib_ctl add vhca1
within 15 "ports ACTIVE" ib_all_active
what="memory regions"
logins alloc_mr
fault_scan
ok "the driver unloads" target_unload
backstores_down
sweep "the module is loaded" alloc_pd load loaded
ok "the target can be configured" ib_target || exit
ok "login" ib_login || exit
ok "verified I/O" verified_io "$(disk "$host")"
