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
	setsid dmesg --follow --color=never --notime >>"$klog" 2>/dev/null \
		3>&- </dev/null &
}

# Logs grow to megabytes, and are looked at many times a second: a process reads
# each line once, and keeps those since its mark in $klog_lines. A subshell has a
# place in the file of its own.
klog_lines=()
klog_before=0
klog_rest=''
klog_reader=''

# klog_read: adds what has come to $klog_lines, up to the last end of a line.
klog_read() {
	local new=() known=0

	if [[ $klog_reader != "$BASHPID" ]]; then
		klog_reader=$BASHPID
		klog_rest=''
		known=$((klog_before + ${#klog_lines[@]}))
		exec {klog_fd}<"$klog"
	fi
	mapfile -s "$known" -u "$klog_fd" new
	((${#new[@]})) || return 0
	new[0]=$klog_rest${new[0]}
	klog_rest=''
	if [[ ${new[-1]} != *$'\n' ]]; then
		klog_rest=${new[-1]}
		unset 'new[-1]'
	fi
	klog_lines+=("${new[@]%$'\n'}")
}

# klog_mark: notes the present end of the log; later calls of klog speak of
# what came after it.
klog_mark() {
	klog_sync
	((klog_before += ${#klog_lines[@]}))
	klog_lines=()
}

# klog_forget: empties the log, for all; between scenarios.
klog_forget() {
	klog_sync
	exec {klog_fd}<&-
	: >"$klog"
	klog_lines=()
	klog_before=0
	klog_reader=''
}

# What was printed before this call is in the file when it returns, and in the
# array $klog_lines.
klog_sync() {
	local word="sync $BASHPID-$RANDOM-$EPOCHREALTIME" i from

	echo "test: $word" >/dev/kmsg
	for ((i = 0; i < 200; i++)); do
		klog_read
		((from = ${#klog_lines[@]} > 20 ? ${#klog_lines[@]} - 20 : 0))
		[[ "${klog_lines[*]:from}" == *"$word"* ]] && return
		sleep 0.02
	done
	diag "the kernel's log does not move"
	return 1
}

# klog: the messages since the mark.
klog() {
	local line

	klog_sync
	for line in "${klog_lines[@]}"; do
		[[ $line == 'test: sync'* ]] || printf '%s\n' "$line"
	done
}

# klog_has REGEX / klog_count REGEX: about the messages since the mark.
klog_has() {
	local line

	klog_sync
	for line in "${klog_lines[@]}"; do
		[[ $line =~ $1 ]] && return
	done
	return 1
}

klog_count() { klog | grep -cE -- "$1" || true; }

# expect_klog REGEX: this scenario causes lines on purpose that would fail it
# otherwise.  Use it for the narrowest thing you can.
expect_klog() { echo "$1" >>/run/klog-expected; }

# klog_bad_lines: those of the whole log, without the expected ones.
klog_bad_lines() {
	klog_sync
	grep -E -- "$klog_bad" "$klog" |
		if [[ -s /run/klog-expected ]]; then
			grep -vE -f /run/klog-expected
		else
			cat
		fi
}

# klog_context REGEX: the first line of the log that matches, with what follows
# it; without the guesses of the stack dump.
klog_context() {
	grep -m 1 -A 120 -E -- "$1" "$klog" | sed 's/^/  /' | grep -v ' ? ' |
		head -n 40
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
