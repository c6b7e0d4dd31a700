# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The stock initiator, ib_srp, and I/O through it.

# initiator_load [PARAMETER=VALUE...]
# shellcheck disable=SC2120 # scenarios pass them
initiator_load() {
	initiator_unload || return
	modprobe ib_srp "$@" || bail "ib_srp can be loaded with $*"
}

initiator_unload() {
	logout_all
	[[ ! -e /sys/module/ib_srp ]] || modprobe -r ib_srp
}

# initiator_stubborn / initiator_hasty: after a lost connection the initiator
# tries once a second; for ever, or until it gives up after 3 seconds, more where
# many guests share the machine: a target that is back must be found in it.  (With
# fast_io_fail_tmo=off the first attempt in vain would fail its I/O.)  The
# hasty one registers no memory: ib_srp that loses its host with registrations
# under way uses them after they are freed.
initiator_stubborn() {
	initiator_load dev_loss_tmo=off fast_io_fail_tmo=600 \
		reconnect_delay=1 "$@"
}
initiator_hasty() {
	initiator_load reconnect_delay=1 fast_io_fail_tmo=1 \
		dev_loss_tmo=$((${SLOW:-1} > 3 ? ${SLOW:-1} + 1 : 3)) \
		register_always=N never_register=Y "$@"
}

# join_target KEY=VALUE...: sets $target_string to what add_target takes: of a key
# that comes twice the last value counts, and KEY= (empty) leaves a key out.
join_target() {
	local -A value
	local keys=() word key

	for word; do
		key=${word%%=*}
		[[ -v value[$key] ]] || keys+=("$key")
		value[$key]=${word#*=}
	done
	target_string=''
	for key in "${keys[@]}"; do
		[[ ! ${value[$key]} ]] || target_string+=",$key=${value[$key]}"
	done
	target_string=${target_string#,}
}

# shellcheck disable=SC2154 # the addresses are the fabric's
# target_string [KEY=VALUE...]: prints what add_target takes.  Defaults: over
# RDMA/CM to the target's IPv4 address from the initiator's (IPv6 if dest= is such);
# values given here win.  make_target_string: sets $target_string to it.
target_string() {
	local target_string

	make_target_string "$@" && echo "$target_string"
}
make_target_string() {
	local guid=${service_guid:-} src=$initiator_ip

	[[ $guid ]] || read -r guid </sys/class/infiniband/rxe0/node_guid
	guid=${guid//:/}
	[[ " $*" != *' dest=['* ]] || src=[$initiator_ip6]
	join_target "id_ext=$guid" "ioc_guid=$guid" \
		"dest=$target_ip:$target_port" "src=$src" "$@"
}

srp_hosts() {
	local d

	for d in /sys/class/srp_host/host*; do
		[[ -e $d ]] && echo "${d##*/}"
	done
}

# add_target FILE STRING: ib_srp forgets a target some time after its SCSI host
# has gone, and calls the next login a duplicate (EEXIST) until then.
add_target() {
	local error deadline=$((SECONDS + 10 * ${SLOW:-1}))

	until { echo "$2" >"$1"; } 2>"/run/add-target.$BASHPID"; do
		error=$(<"/run/add-target.$BASHPID")
		if [[ $error != *'File exists'* ]] || ((SECONDS >= deadline)); then
			echo "$error" >&2
			return 1
		fi
		sleep 0.1
	done
}

# note_hosts ARRAY: its elements become the hosts' names, by what tells a new one
# from an old one of the same number.
note_hosts() {
	local -n into=$1
	local d
	local -A st

	into=()
	for d in /sys/class/srp_host/host*; do
		stat -A st "$d" 2>/dev/null && into[st[inode]]=${d##*/}
	done
}

# login_at FILE STRING: writes STRING to that add_target, sets $host to the SCSI
# host that comes of it.
# shellcheck disable=SC2034 # $host is for the scenario
login_at() {
	local before after id

	[[ -e /sys/module/ib_srp ]] || modprobe ib_srp
	wait_for 5 test -e "$1" || return
	note_hosts before
	host=''
	add_target "$1" "$2" || return
	note_hosts after
	for id in "${!after[@]}"; do
		[[ ${before[id]:-} == "${after[id]}" ]] || host=${after[id]}
	done
	[[ $host ]]
}

# login [KEY=VALUE...]: logs in, sets $host to the SCSI host's name.  The HCA
# is rxe0 unless $hca says otherwise (DEVICE-PORT).
login() {
	local target_string

	make_target_string "$@" &&
		login_at "/sys/class/infiniband_srp/srp-${hca:-rxe0-1}/add_target" \
			"$target_string"
}

# login_reason: why the last login was refused, as the initiator printed it:
# 0x00010003, say.
login_reason() {
	local line reason=''

	klog_sync
	for line in "${klog_lines[@]}"; do
		[[ ! $line =~ ib_srp:.*[Rr][Ee][Jj].*reason\ (0x[0-9a-f]+) ]] ||
			reason=${BASH_REMATCH[1]}
	done
	echo "$reason"
}

# refused REASON DESCRIPTION [KEY=VALUE...]: that login fails for that reason.
refused() {
	local reason=$1 what=$2

	shift 2
	klog_mark
	if login "$@" 2>/dev/null; then
		fail "$what"
		diag "  the login succeeded"
		logout "$host"
		return 1
	fi
	is "$(login_reason)" "$reason" "$what"
}

# first_host: sets $host once there is one.
first_host() {
	for host in /sys/class/srp_host/host*; do
		host=${host##*/}
		[[ $host == 'host*' ]] || return 0
	done
	host=''
	return 1
}

# disks_idle HOST: none of its disks has anything to do.
disks_idle() {
	local file reads writes

	for file in "/sys/bus/scsi/devices/${1#host}":*/block/*/inflight; do
		[[ -e $file ]] || continue
		read -r reads writes <"$file"
		((reads + writes == 0)) || return
	done
}

# logout HOST: not while its disks are searched for partitions, if possible:
# see initiator_hasty.
logout() {
	local d

	wait_for 1 disks_idle "$1"
	for d in "/sys/class/srp_remote_ports/port-${1#host}":*; do
		[[ -e $d/delete ]] && echo 1 >"$d/delete"
	done
	wait_for 20 test ! -e "/sys/class/scsi_host/$1"
}

logout_all() {
	local h

	for h in /sys/class/srp_host/host*; do
		[[ ! -e $h ]] || logout "${h##*/}" || return
	done
}

# channels HOST: how many connections it has at work.
channels() { echo "$(<"/sys/class/scsi_host/$1/ch_count")"; }

# disk_now HOST [LUN]: the disk's device; fails when there is none.
disk_now() {
	local d

	for d in "/sys/bus/scsi/devices/${1#host}":*:*:"${2:-0}/block"/*; do
		[[ -b /dev/${d##*/} ]] && echo "/dev/${d##*/}" && return
	done
	return 1
}

# disk HOST [LUN]: waits for that disk, prints its device.
disk() {
	wait_for 20 disk_now "$@" && return
	echo "no disk at LUN ${2:-0} of $1" >&2
	return 1
}

no_disk() { ! disk_now "$@" >/dev/null; }

rescan() { echo "- - -" >"/sys/class/scsi_host/$1/scan"; }

# sg_of DISK: the generic device of a disk.
sg_of() { echo "/dev/$(ls "/sys/block/${1##*/}/device/scsi_generic")"; }

# host_gone HOST: the initiator has given up on it.
host_gone() { [[ ! -e /sys/class/scsi_host/$1 ]]; }

# rport_timeouts HOST: the initiator gives up and comes back within seconds.
rport_timeouts() {
	local d=/sys/class/srp_remote_ports/port-${1#host}:1

	echo off >"$d/dev_loss_tmo" && echo "${2:-3}" >"$d/fast_io_fail_tmo" &&
		echo 2 >"$d/reconnect_delay"
}

rport_state() { cat "/sys/class/srp_remote_ports/port-${1#host}:1/state"; }
rport_is() {
	local state

	read -r state 2>/dev/null \
		<"/sys/class/srp_remote_ports/port-${1#host}:1/state" &&
		[[ $state == "$2" ]]
}

# ext N: login keys of another initiator port of this machine, and its id.
ext() { printf 'initiator_ext=%016x\n' "$1"; }
ext_id() { initiator_port_id rxe0 "$(printf %016x "$1")"; }
