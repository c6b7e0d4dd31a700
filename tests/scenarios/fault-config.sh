# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: configuration: any allocation fails; it is refused, nothing stays, the next works
# time: 60
# kernels: um

# step TEXT UNDO COMMAND...: COMMAND, a builtin, is refused for any allocation
# of it that fails, in configfs, in LIO or in the driver; UNDO takes back one
# that has worked.  In the end it has worked.
step() {
	what=$1 undo=$2
	shift 2
	command=("$@")
	fault_all "$what" try check "${kinds[@]}"
	ok "$what" "${command[@]}"
}

# LIO makes EINVAL of every failure of its fabrics' callbacks.
refusals='Cannot allocate memory|Invalid argument'

try() {
	fault_me 1
	"${command[@]}" 2>/run/fault.error
	rc=$?
	fault_me 0
}

check() {
	local error

	read -r error </run/fault.error
	if ((rc == 0)); then
		[[ ! $undo ]] || $undo || return
	elif [[ ! $fault_hit || $error != *': '@($refusals) ]]; then
		diag "  failure $fault_n: $what: ${error##*: }"
		return 1
	fi
	[[ $fault_hit ]] || return 0
	if ! "${command[@]}"; then
		diag "  failure $fault_n: $what: the next try"
		return 1
	fi
	[[ ! $undo ]] || $undo
}

# caller FUNCTION...: of the kernel, under one of its names; what is allocated in it
# is meant.
caller() {
	local range

	read -ra range < <(fault_functions "$@")
	ok "the function is there: $*" test "${#range[@]}" -eq 2
	fault_range "${range[@]}" Y
}

ok "the target is loaded" target_load || exit
backstore_ramdisk disk
port=$srpt/$(port_name_gid rxe0)
tpg=${port##*/}/one
dir=$srpt/$tpg
acl=$dir/acls/$(initiator_port_id)

ok "allocations can be made to fail" fault_module || exit
fault_filter "${fault_callers[@]}" Y
kinds=(failslab)
step "listeners" "target_listen $target_port" target_listen 5556
target_listen "$target_port"

caller do_mkdirat filename_mkdirat
step "port" "rmdir $port" mkdir "$port"
step "TPG" "rmdir $dir" mkdir "$dir"
step "LUN" "rmdir $dir/lun/lun_0" mkdir "$dir/lun/lun_0"
step "ACL" "rmdir $acl" mkdir "$acl"
step "LUN of the ACL" "rmdir $acl/lun_0" mkdir "$acl/lun_0"
caller do_symlinkat filename_symlinkat
step "disk of the LUN" "rm $dir/lun/lun_0/disk" \
	ln -s "$(backstore_path disk)" "$dir/lun/lun_0/disk"
step "LUN of the TPG" "rm $acl/lun_0/lun_0" \
	ln -s "$dir/lun/lun_0" "$acl/lun_0/lun_0"
# what is written goes to a page, or to other memory of that size
kinds=(fail_page_alloc)
[[ $(uname -r) == 6.* ]] || kinds=(failslab)
caller configfs_write_iter
for name in srp_max_rdma_size srp_max_rsp_size srp_sq_size use_srq; do
	step "$name" "" tpg_attr "$tpg" "$name" "$(tpg_attr "$tpg" "$name")"
done
step "enable" "tpg_disable $tpg" tpg_enable "$tpg"
ok "login" login || exit
ok "verified I/O" verified_io "$(disk "$host")"
ok "logout" logout "$host"
