# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The kernel's messages, and the kernel's memory.

klog=/run/klog

# Lines that no scenario may cause.
klog_bad='WARNING:|BUG[: ]|Oops|Kernel panic|KASAN|UBSAN|ODEBUG|DEBUG_LOCKS_WARN'
klog_bad+='|possible recursive locking|possible circular locking'
klog_bad+='|inconsistent lock state|possible irq lock inversion|bad unlock balance'
klog_bad+='|suspicious RCU usage|held lock freed|lock held when returning'
klog_bad+='|trying to register non-static key|[Ii]nvalid wait context'
klog_bad+='|sleeping function called|scheduling while atomic|Voluntary context'
klog_bad+='|blocked for more than|soft lockup|hard LOCKUP|workqueue lockup'
klog_bad+='|rcu.*(stall|detected stalls)|general protection fault'
klog_bad+='|unable to handle|invalid opcode|refcount_t:|list_(add|del) corruption'
klog_bad+='|Objects remaining|corrupted stack|double free|use-after-free'
klog_bad+='|new suspected memory leaks|Badness|nobody cared|segfault'

klog_start() {
	[[ -e $klog ]] && return
	: >"$klog"
	setsid dmesg --follow --color=never --notime >"$klog" 2>/dev/null \
		3>&- </dev/null &
}

# klog_mark: notes the present end of the log; later calls of klog speak of
# what came after it.
klog_mark() {
	klog_sync
	klog_from=${#klog_lines[@]}
}

# What was printed before this call is in the file when it returns, and in the
# array $klog_lines.
klog_sync() {
	local word="sync $BASHPID-$RANDOM-$EPOCHREALTIME" i

	echo "test: $word" >/dev/kmsg
	for ((i = 0; i < 200; i++)); do
		mapfile -t klog_lines <"$klog"
		[[ "${klog_lines[*]: -20}" == *"$word"* ]] && return
		sleep 0.02
	done
	diag "the kernel's log does not move"
	return 1
}

# klog: the messages since the mark.
klog() {
	local line

	klog_sync
	for line in "${klog_lines[@]:${klog_from:-0}}"; do
		[[ $line == 'test: sync'* ]] || printf '%s\n' "$line"
	done
}

# klog_has REGEX / klog_count REGEX: about the messages since the mark.
klog_has() {
	local line

	klog_sync
	for line in "${klog_lines[@]:${klog_from:-0}}"; do
		[[ $line =~ $1 ]] && return
	done
	return 1
}

klog_count() { klog | grep -cE -- "$1" || true; }

# expect_klog REGEX: this scenario causes lines on purpose that would fail it
# otherwise.  Use it for the narrowest thing you can.
expect_klog() { echo "$1" >>/run/klog-expected; }

# The bad lines since line $1 of the log, without the expected ones.
klog_bad_since() {
	local all

	klog_sync
	all="${klog_lines[*]:$1}"
	[[ $all =~ $klog_bad ]] || return 0
	printf '%s\n' "${klog_lines[@]:$1}" | grep -E -- "$klog_bad" |
		if [[ -s /run/klog-expected ]]; then
			grep -vE -f /run/klog-expected
		else
			cat
		fi
}

# klog_context LINE_NUMBER REGEX: the first line since then that matches, with
# what follows it; without the guesses of the stack dump.
klog_context() {
	local i

	for ((i = $1; i < ${#klog_lines[@]}; i++)); do
		[[ ${klog_lines[i]} =~ $2 ]] || continue
		printf '  %s\n' "${klog_lines[@]:i:120}" | grep -v ' ? ' |
			head -n 40
		return
	done
}

# --- memory ------------------------------------------------------------------

meminfo() { sed -n "s/^$1: *\([0-9]*\) kB/\1/p" /proc/meminfo; }

# memory_settled: KiB that the kernel holds and would not give back.  The free
# pages that it keeps for each processor would count as in use: it shall keep few.
memory_settled() {
	local key value held

	echo 100000 >/proc/sys/vm/percpu_pagelist_high_fraction
	echo 3 >/proc/sys/vm/drop_caches
	sleep 0.3
	echo 3 >/proc/sys/vm/drop_caches
	while read -r key value _; do
		case $key in
		MemTotal:) held=$value ;;
		MemFree: | Buffers: | Cached: | SReclaimable: | AnonPages:)
			((held -= value)) ;;
		esac
	done </proc/meminfo
	echo "$held"
}

# slab_objects NAME: active objects of that cache (0 when there is none).
slab_info=/proc/slabinfo
slab_objects() {
	local lines=() line name active sum=0

	mapfile -t lines <"$slab_info"
	for line in "${lines[@]}"; do
		read -r name active _ <<<"$line"
		[[ $name != "$1" ]] || ((sum += active))
	done
	echo "$sum"
}

# --- the debug kernel's leak detector ----------------------------------------

have_kmemleak() { [[ -w /sys/kernel/debug/kmemleak ]]; }

kmemleak_clear() { have_kmemleak && echo clear >/sys/kernel/debug/kmemleak; }

# kmemleak_scan: prints what leaked; an object counts once it is 5 s old and
# two scans saw it.
kmemleak_scan() {
	sleep 5
	echo scan >/sys/kernel/debug/kmemleak
	sleep 1
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak
}
