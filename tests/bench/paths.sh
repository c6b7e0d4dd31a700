# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # the library's variables; for who sources this
#
# The two ways to a disk that the bench compares, in a guest: SRP to a null
# backstore, over either fabric; NVMe over Fabrics to a null block device, over
# soft RoCE.  Sourced after tests/lib/all.sh; $fabric is ib or rxe.
#
#   NAME_up [ATTRIBUTE=VALUE...]   the target
#   NAME_login N [KEY=VALUE...]    the N-th channel, from 0; sets $dev to its disk

bench_die() { echo "bench: $*"; exit 1; }

# --- SRP ---------------------------------------------------------------------

# One target on the fabric, one disk on a null backstore, an ACL for any channel
# of the initiator; over soft RoCE for four of them.
srp_up() {
	local port initiators=() one

	target_load || return
	if [[ $fabric == ib ]]; then
		port=$(port_name_guid vhca1)
		initiators=("$(port_name_guid vhca0)")
		tpg=$port/bench
	else
		port=$(port_name_gid rxe0)
		for one in 0 1 2 3; do
			initiators+=("$(ext_id "$one")")
		done
		tpg=$port/tpgt_1
	fi
	backstore_null bench 1024 && tpg_create "$tpg" || return
	for one; do
		tpg_attr "$tpg" "${one%%=*}" "${one#*=}" || return
	done
	tpg_lun "$tpg" 0 bench || return
	for one in "${initiators[@]}"; do
		tpg_acl "$tpg" "$one" 0 || return
	done
	tpg_enable "$tpg" && initiator_load
}

# Channel N is an initiator port of its own: with one processor ib_srp opens one
# channel a session.
srp_login() {
	local n=$1

	shift
	if [[ $fabric == ib ]]; then
		ib_login "initiator_ext=$(printf %016x "$n")" tl_retry_count=7 "$@"
	else
		login "$(ext "$n")" "$@"
	fi && dev=$(disk "$host") || return
	# the search for partitions
	wait_for 5 disks_idle "$host"
}

# --- NVMe over Fabrics -------------------------------------------------------

nvmet=/sys/kernel/config/nvmet

# A namespace that answers at once, and a port that it is to be had at. The disk
# is that of one path, without what chooses among several.
nvmet_up() {
	local subsystem=$nvmet/subsystems/bench port=$nvmet/ports/1

	modprobe nvme-core multipath=N &&
		modprobe -aq nvmet nvmet-rdma nvme-rdma &&
		nullblk bench 1024 memory_backed=0 irqmode=0 || return
	mkdir "$subsystem" "$subsystem/namespaces/1" "$port" || return
	echo 1 >"$subsystem/attr_allow_any_host" &&
		echo /dev/bench >"$subsystem/namespaces/1/device_path" &&
		echo 1 >"$subsystem/namespaces/1/enable" &&
		echo rdma >"$port/addr_trtype" && echo ipv4 >"$port/addr_adrfam" &&
		echo "$target_ip" >"$port/addr_traddr" &&
		echo 4420 >"$port/addr_trsvcid" &&
		ln -s "$subsystem" "$port/subsystems/bench"
}

# What the program nvme would write there.
nvmet_login() {
	local d

	echo "transport=rdma,traddr=$target_ip,trsvcid=4420,nqn=bench,\
host_traddr=$initiator_ip,nr_io_queues=1,duplicate_connect" >/dev/nvme-fabrics || return
	for d in /sys/class/nvme/nvme*; do
		dev=/dev/${d##*/}n1
	done
	wait_for 20 test -b "$dev"
}
