# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# I/O through a disk: that ends by itself, that goes on in the background, that
# is meant to fail; SCSI commands by hand.

# fio starts faster with these, if they were made: see scripts/fio-stubs.
fio_libs=''
[[ ! -e $lib/../../build/fio/complete ]] ||
	fio_libs=$lib/../../build/fio

# Past the page cache, by a thread; what is read is what was written. The clock is
# named, or fio tries at each start whether it can be trusted.
fio_direct=(--direct=1 --ioengine=libaio --thread --clocksource=cpu)
fio_verify=(--verify=crc32c --verify_fatal=1 --verify_state_save=0 --randrepeat=1)

# fio_args DISK [OPTION...]: sets $fio_args: verified I/O, to be changed by fio
# options.
fio_args() {
	local dev=$1

	shift
	fio_args=(--name=io --filename="$dev" "${fio_direct[@]}"
		"${fio_verify[@]}" --do_verify=1 --iodepth=16 --rw=randwrite
		--bs=4k --size=1m --group_reporting=1 --output-format=normal
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

# fio_start OPTION...: fio in the background; sets $io_pid.
fio_start() {
	LD_LIBRARY_PATH=$fio_libs fio "$@" >/run/fio.background 2>&1 3>&- &
	io_pid=$!
	wait_for 30 fio_listens
}

# io_start DISK [FIO_OPTION...]: as verified_io, in the background, until io_stop
# or until it ends by itself.
io_start() {
	fio_args "$@"
	fio_start "${fio_args[@]}"
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

io_stop() {
	kill -TERM "$io_pid" 2>/dev/null
	io_wait "${1:-30}"
}

# --- I/O that must survive something -----------------------------------------

# mixed_io DISK [FIO_OPTION...]: verified I/O in the background for 600 s or
# until io_ok, mixed, small and large.
mixed_io() {
	local dev=$1

	[[ -b $dev ]] || bail "a disk for I/O"
	shift
	fio_start --name=io --filename="$dev" "${fio_direct[@]}" \
		"${fio_verify[@]}" --verify_backlog=32 --rw=randrw \
		--bsrange=4k-64k --iodepth=8 --size=8m --time_based \
		--runtime=600 "$@"
}

# steady_io DISK [FIO_OPTION...]: the same, with a pause after each 16 blocks; for who
# only looks whether it goes on. Without, it takes most of the processor.
steady_io() { mixed_io "$@" --thinktime=50ms --thinktime_blocks=16; }

# io_in_bursts DISK: the same, and leaves nearly all of the processor to others.
io_in_bursts() { mixed_io "$1" --thinktime=400ms --thinktime_blocks=16; }

# io_moves: I/O gets through at this moment.
io_moves() {
	local f=/sys/class/block/${dev##*/}/stat before now

	read -ra before 2>/dev/null <"$f" || return
	sleep 0.3
	read -ra now 2>/dev/null <"$f" || return
	((now[0] + now[4] > before[0] + before[4]))
}

# io_ok DESCRIPTION [SECONDS]: nothing went wrong so far; ends it in that time.
io_ok() {
	local rc=0

	if not_running "$io_pid"; then
		wait "$io_pid"
		io_not_ok "$1"
		return 1
	fi
	kill -INT "$io_pid" 2>/dev/null
	io_wait "${2:-30}" || rc=$?
	# Interrupted, fio ends with 128; what it says of its job counts.
	if ((rc != 0 && rc != 128)) || ! grep -q 'err= 0' /run/fio.background; then
		io_not_ok "$1"
		return 1
	fi
	pass "$1"
}

# io_not_ok DESCRIPTION: fails, with what fio, the target and soft RoCE have to
# say.
io_not_ok() {
	local counters=/sys/class/infiniband/rxe0/ports/1/hw_counters

	fail "$1"
	diag "$(tail -n 15 /run/fio.background)"
	[[ ${STOCK:-} ]] || diag "$(<"$debugfs_srpt/channels")"
	[[ ! -e $counters ]] || diag "$(cd "$counters" && grep . ./*)"
}

# --- other I/O ---------------------------------------------------------------

# doomed_io DISK: I/O in the background that may fail; doomed_over: it has.
doomed_io() {
	LD_LIBRARY_PATH=$fio_libs fio --name=doomed --filename="$1" \
		"${fio_direct[@]}" --rw=randrw --bs=16k --iodepth=8 --size=4m \
		--time_based --runtime=600 --allow_file_create=0 \
		>/run/fio.doomed 2>&1 3>&- &
	doomed_pid=$!
	wait_for 10 test -e "/proc/$doomed_pid"
}
doomed_over() { not_running "$doomed_pid"; }

# scsi DISK: SCSI commands from standard input, see lib/sg-io; each answer is
# an element of the array $answers.
scsi() {
	mapfile -t answers < <("$lib/sg-io" "$1")
}
