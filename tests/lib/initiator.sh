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

# shellcheck disable=SC2154 # the addresses are the fabric's
# target_string [KEY=VALUE...]: prints what add_target takes.  Defaults: over
# RDMA/CM to the target's IPv4 address from the initiator's; values given here
# win, and KEY= (empty) leaves a key out.  make_target_string: sets
# $target_string to it.
target_string() {
	local target_string

	make_target_string "$@" && echo "$target_string"
}
make_target_string() {
	local -A value
	local keys=(id_ext ioc_guid dest src) word key out='' guid

	guid=${service_guid:-}
	[[ $guid ]] || read -r guid </sys/class/infiniband/rxe0/node_guid
	guid=${guid//:/}
	value=([id_ext]=$guid [ioc_guid]=$guid
		[dest]=$target_ip:$target_port [src]=$initiator_ip)
	for word; do
		key=${word%%=*}
		[[ -v value[$key] ]] || keys+=("$key")
		value[$key]=${word#*=}
	done
	if [[ ${value[dest]} == \[* && ${value[src]} == "$initiator_ip" ]]; then
		value[src]=[$initiator_ip6]
	fi
	for key in "${keys[@]}"; do
		[[ ! ${value[$key]} ]] || out+=",$key=${value[$key]}"
	done
	target_string=${out#,}
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
	for line in "${klog_lines[@]:${klog_from:-0}}"; do
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

# --- I/O ---------------------------------------------------------------------

# fio starts faster with these, if they were made: see scripts/fio-stubs.
fio_libs=''
[[ ! -e $lib/../../build/fio/complete ]] ||
	fio_libs=$lib/../../build/fio

# fio_args DISK [OPTION...]: sets $fio_args: verified I/O, to be changed by fio
# options.
fio_args() {
	local dev=$1

	shift
	fio_args=(--name=io --filename="$dev" --direct=1 --verify=crc32c
		--verify_fatal=1 --do_verify=1 --ioengine=libaio --iodepth=16
		--thread --rw=randwrite --bs=4k --size=1m --randrepeat=1
		--verify_state_save=0 --group_reporting=1 --output-format=normal
		"$@")
}

# verified_io DISK [FIO_OPTION...]: writes, reads back, compares.
verified_io() {
	local out=/run/fio.$BASHPID rc=0

	fio_args "$@"
	LD_LIBRARY_PATH=$fio_libs fio "${fio_args[@]}" >"$out" 2>&1 || rc=$?
	((rc == 0)) || cat "$out"
	return "$rc"
}

# fio_listens: it has come so far that it takes signals; until then it ignores
# SIGINT, as it was told to by a shell that started it in the background.
fio_listens() {
	local key value

	while read -r key value; do
		[[ $key == SigCgt: ]] && ((0x$value & 2)) && return
	done 2>/dev/null <"/proc/$io_pid/status"
	not_running "$io_pid"
}

# io_start DISK [FIO_OPTION...]: the same in the background, until io_stop or
# until it ends by itself; sets $io_pid.
io_start() {
	fio_args "$@"
	LD_LIBRARY_PATH=$fio_libs fio "${fio_args[@]}" >/run/fio.background 2>&1 3>&- &
	io_pid=$!
	wait_for 30 fio_listens
}

# io_stands_still: what there is to know of I/O that does not go on: a command
# that nobody answers, or none that may be sent.
io_stands_still() {
	! not_running "$io_pid" || diag "fio has ended: $(tail -n 15 /run/fio.background)"
	diag "$(grep -H . /sys/class/scsi_host/*/{req_lim,zero_req_lim,state} \
		/sys/block/sd*/{inflight,device/state,device/device_blocked})"
	for _ in 1 2 3; do
		diag "$(cat "$debugfs_srpt/channels" /sys/block/sd*/stat)"
		diag "$(grep . /sys/class/infiniband/*/ports/1/hw_counters/*)"
		sleep 2
	done
	diag "$(rdma resource show qp)"
	diag "$(grep -H . "/proc/$io_pid/task"/*/{comm,stack})"
}

# io_wait [SECONDS]: fio ends in that time; its exit status is returned.
io_wait() {
	local rc=0

	if ! wait_for "${1:-30}" not_running "$io_pid"; then
		diag "fio still runs"
		io_stands_still 2>/dev/null
		return 124
	fi
	wait "$io_pid" || rc=$?
	return "$rc"
}

io_output() { cat /run/fio.background; }

io_stop() {
	kill -TERM "$io_pid" 2>/dev/null
	io_wait "${1:-30}"
}
