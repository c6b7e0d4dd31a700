# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# srp-wire, the raw initiator (tests/initiator), against the target under test.

wire_iport=77697265000000000000000000000001
wire_lun=1
wire_top=${lib%/tests/lib*}
wire_options=()

# wire_program: sets $wire to the program, building it in the guest if nobody
# has outside (make -C tests/initiator O=build/initiator).
wire_program() {
	local src

	wire=$wire_top/build/initiator/srp-wire
	for src in "$wire_top"/tests/{srp_wire.h,initiator/*.[ch]}; do
		[[ ! $src -nt $wire ]] || wire=''
	done
	[[ ! $wire ]] || return 0
	wire=/run/srp-wire/srp-wire
	[[ -x $wire ]] || make -s -C "$wire_top/tests/initiator" \
		O=/run/srp-wire CFLAGS=-O1 >&2
}

# wire_target [ARGUMENT OF target_simple...]: a target with a disk each for
# the honest initiator (LUN 0, ib_srp) and for srp-wire (LUN 1).
wire_target() {
	modprobe target_core_mod && backstore_ramdisk honest &&
		backstore_ramdisk wired 16 || return
	target_simple "$@" honest || return
	tpg_lun "$tpg" "$wire_lun" wired &&
		tpg_acl "$tpg" "0x$wire_iport" "$wire_lun"
}

# wire_honest: notes how much memory is in use, logs in with ib_srp, and starts
# verified I/O that goes on until wire_honest_ok.
wire_honest() {
	wire_settled && login && dev=$(disk "$host") && io_in_bursts "$dev"
}

# wire_honest_ok [KIB]: it did not notice anything, and memory is back but for
# that much.
wire_honest_ok() {
	io_ok "the honest initiator did not notice anything" 60
	logout "$host"
	wire_memory_back "${1:-3000}"
}

# wire ARGUMENT...: runs srp-wire; each of its cases becomes a test here.
wire() {
	wire_program || { fail "srp-wire can be built"; return 1; }
	wire_tell < <(wire_run "$@")
}

# wire_tell: the tests of what wire_run has said, from standard input.
wire_tell() {
	local line what

	while IFS= read -r line; do
		case $line in
		'ok '* | 'not ok '*)
			what=${line#* - }
			what=${what%% # *}
			if [[ $line == *'# SKIP '* ]]; then
				skip "$what" "${line#*# SKIP }"
			elif [[ $line == ok* ]]; then
				pass "$what"
			else
				fail "$what"
			fi
			;;
		'Bail out!'*) fail "$line" ;;
		'# '*) diag "  ${line#\# }" ;;
		esac
	done
}

# wire_run ARGUMENT...: the same without the tests. What the program says last
# is how it ended, if it did not end by itself.
wire_run() {
	local rc=0

	"$wire" --addr "$target_ip" --port "$target_port" \
		--src "$initiator_ip" --iport "$wire_iport" \
		--lun "$wire_lun" "${wire_options[@]}" "$@" || rc=$?
	((rc < 2)) || echo "Bail out! srp-wire ended with status $rc"
}

# wire_settled: notes how much memory the kernel holds once all that is loaded
# and made at the first login is there. Free pages that the kernel keeps for each
# processor would count as in use: it shall keep few.
wire_settled() {
	echo 100000 >/proc/sys/vm/percpu_pagelist_high_fraction
	wire_program || return
	wire_run --case login.plain | grep '^ok' >/dev/null || return
	login && verified_io "$(disk "$host")" --size=1m || return
	logout "$host"
	wire_before=$(memory_settled)
}

# wire_memory_back KIB: the kernel holds at most that much more than at
# wire_settled. Ends of connections linger for a while.
wire_memory_back() {
	local limit=$1 now=0 i

	((limit += $(wire_quarantine)))
	for ((i = 0; i < 20; i++)); do
		now=$(memory_settled)
		((now - wire_before > limit)) || break
		sleep 1
	done
	at_most $((now - wire_before)) "$limit" \
		"memory is back where it was, in KiB"
}

# What kernels keep of what was freed, in KiB at most: the debug kernel has a
# quarantine; the others keep slabs that are partly used, more on some runs than
# on others (2.4 to 4.2 MiB after the same attacks, which make many sessions of
# as much each).  To the byte it is kmemleak that tells, in the debug kernel.
wire_quarantine() {
	if [[ $KERNEL == um ]]; then
		echo $(($(meminfo MemTotal) / 32))
	else
		echo 3000
	fi
}

# wire_watch: looks from now on, several times a second, how many channels the
# target has, and how much memory the kernel uses.  wire_watch_end: sets
# $wire_channels to the most that were seen, $wire_memory to how many KiB more
# than at the beginning there were at most, less the debug kernel's quarantine.
wire_watch() {
	: >/run/wire.watch
	wire_watching >/run/wire.watched 3>&- &
	wire_watcher=$!
}

wire_watch_end() {
	rm /run/wire.watch
	wait "$wire_watcher"
	read -r wire_channels wire_memory </run/wire.watched
	diag "at most $wire_channels channels and $wire_memory KiB"
	[[ $KERNEL != um ]] || ((wire_memory -= $(wire_quarantine)))
}

wire_watching() {
	local lines line key value n now first='' channels=0 most=0

	while [[ -e /run/wire.watch ]]; do
		n=0
		mapfile -t lines </sys/kernel/debug/ib_srpt/channels
		for line in "${lines[@]}"; do
			[[ $line != *' qp='* ]] || ((++n))
		done
		while read -r key value _; do
			case $key in
			MemTotal:) now=$value ;;
			MemFree: | Buffers: | Cached: | SReclaimable: | AnonPages:)
				((now -= value)) ;;
			esac
		done </proc/meminfo
		: "${first:=$now}"
		((n <= channels)) || channels=$n
		((now - first <= most)) || most=$((now - first))
		sleep 0.1
	done
	echo "$channels $most"
}
