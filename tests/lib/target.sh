# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The target under test, and its configuration through configfs.

srpt=/sys/kernel/config/target/srpt
target_port=5555

# target_load [PARAMETER=VALUE...]: loads the driver and listens for RDMA/CM.
target_load() {
	[[ -e /sys/module/target_core_mod ]] || modprobe target_core_mod || return
	modprobe ib_srpt "$@" || return
	mkdir -p "$srpt" && target_listen "$target_port"
}

target_loaded() { [[ -e /sys/module/ib_srpt ]]; }

target_listen() { echo "$1" >"$srpt/discovery_auth/rdma_cm_port"; }

# lio_unload: LIO itself and its backstores; nothing of it is configured any more, but
# for the empty folders of other fabrics that targetcli has made in this guest.
lio_unload() {
	local d

	for d in "${srpt%/*}"/*/; do
		[[ $d == */core/ ]] || rmdir "$d" || return
	done
	# shellcheck disable=SC2046 # words
	modprobe -ra $(ls /sys/module/target_core_mod/holders) && modprobe -r target_core_mod
}

# target_unload: everything configured, then the driver.
target_unload() {
	target_clear
	target_loaded || return 0
	modprobe -r ib_srpt
}

# writes FILE VALUE: the value is taken.
writes() { echo "$2" 2>/dev/null >"$1"; }

# The first argument of most functions below is a TPG: PORT_NAME/TPG_NAME.

# tpg_create TPG
tpg_create() {
	mkdir -p "$srpt/${1%/*}" && mkdir "$srpt/$1"
}

# tpg_lun TPG NUMBER BACKSTORE
tpg_lun() {
	mkdir -p "$srpt/$1/lun/lun_$2" &&
		ln -s "$core"/*_0/"$3" "$srpt/$1/lun/lun_$2/$3"
}

# unlink_all DIRECTORY: its symbolic links.
unlink_all() {
	local f

	for f in "$1"/*; do
		[[ ! -L $f ]] || rm "$f"
	done
}

tpg_lun_remove() {
	unlink_all "$srpt/$1/lun/lun_$2"
	rmdir "$srpt/$1/lun/lun_$2"
}

# tpg_acl TPG NAME [LUN...]: the LUNs keep their numbers.
tpg_acl() {
	local tpg=$1 acl=$srpt/$1/acls/$2 lun

	mkdir "$acl" || return
	shift 2
	for lun; do
		acl_lun "$tpg" "${acl##*/}" "$lun"
	done
}

# acl_lun TPG NAME LUN
acl_lun() {
	local dir=$srpt/$1/acls/$2/lun_$3

	mkdir -p "$dir" && ln -s "$srpt/$1/lun/lun_$3" "$dir/lun_$3"
}

acl_lun_remove() {
	unlink_all "$srpt/$1/acls/$2/lun_$3"
	rmdir "$srpt/$1/acls/$2/lun_$3"
}

tpg_acl_remove() {
	local d

	for d in "$srpt/$1/acls/$2"/lun_*; do
		[[ -d $d ]] || continue
		unlink_all "$d"
		rmdir "$d"
	done
	rmdir "$srpt/$1/acls/$2"
}

# tpg_attr TPG NAME [VALUE]: reads or writes an attribute.
tpg_attr() {
	if (($# > 2)); then
		echo "$3" >"$srpt/$1/attrib/$2"
	else
		echo "$(<"$srpt/$1/attrib/$2")"
	fi
}

tpg_enable() { echo 1 >"$srpt/$1/enable"; }
tpg_disable() { echo 0 >"$srpt/$1/enable"; }

tpg_remove() {
	local d

	echo 0 >"$srpt/$1/enable" 2>/dev/null
	for d in "$srpt/$1/acls"/*; do
		[[ -d $d ]] && tpg_acl_remove "$1" "${d##*/}"
	done
	for d in "$srpt/$1/lun"/lun_*; do
		[[ -d $d ]] && tpg_lun_remove "$1" "${d##*/lun_}"
	done
	rmdir "$srpt/$1"
}

port_remove() {
	local d

	for d in "$srpt/$1"/*; do
		[[ -d $d/acls ]] && tpg_remove "$1/${d##*/}"
	done
	rmdir "$srpt/$1"
}

# target_clear: removes all that is configured.
target_clear() {
	local d

	[[ -d $srpt ]] || return 0
	echo 0 >"$srpt/discovery_auth/rdma_cm_port"
	for d in "$srpt"/*; do
		[[ -d $d && $d != */discovery_auth ]] && port_remove "${d##*/}"
	done
	rmdir "$srpt"
}

# target_simple [-p PARAMETER=VALUE]... [-a ATTRIBUTE=VALUE]... [BACKSTORE...]
# All at once: loads the driver; one TPG ($tpg) of the port's GID name; the
# backstores as LUN 0, 1, ... (default: a ramdisk "disk"); an ACL ($acl) for
# the initiator's port id; enabled.
target_simple() {
	local params=() attrs=() opt lun=0 luns=() b OPTIND=1

	while getopts p:a: opt; do
		case $opt in
		p) params+=("$OPTARG") ;;
		a) attrs+=("$OPTARG") ;;
		*) return 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	target_load "${params[@]}" || return
	tpg=$(port_name_gid rxe0)/tpgt_1
	acl=$(initiator_port_id)
	tpg_create "$tpg" || return
	for b in "${attrs[@]}"; do
		tpg_attr "$tpg" "${b%%=*}" "${b#*=}" || return
	done
	if ((!$#)); then
		backstore_ramdisk disk || return
		set -- disk
	fi
	for b; do
		tpg_lun "$tpg" "$lun" "$b" || return
		luns+=("$lun")
		((++lun))
	done
	tpg_acl "$tpg" "$acl" "${luns[@]}" && tpg_enable "$tpg"
}
