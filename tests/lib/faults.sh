# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# Allocations that fail: the first one that the driver makes, directly or in
# whatever it calls, then the second, until there is no n-th any more.  Only
# the debug kernel can do that.
#
# The kernel's fault attributes are told to look at the stack: one of the
# innermost 32 callers must lie in the text of the module.  An attribute has
# no "fail the n-th", but with times=1 and probability=100 it fails when its
# hidden count of candidates reaches a multiple of its interval.  The count
# moves only while a failure is due, so that it can be followed: after a
# failure it is equal to the interval.  It is kept below /run because it lives
# as long as the guest.

fault_debugfs=/sys/kernel/debug
fault_kinds=(failslab fail_page_alloc)
# Set it to 2 to have the stack of each failure in the kernel's log.
fault_verbose=0

# fault_functions NAME...: from the first to the end of the last of these
# functions, of the kernel or of one module.  Addresses have all their digits and
# are compared as text: what an awk takes for a number differs ("6e12").
fault_symbols=/proc/kallsyms
fault_functions() {
	awk -v names=" $* " '
		{ at = "x" $1 }
		index(names, " " $3 " ") && $2 ~ /[Tt]/ {
			if (first == "" || at < first) first = at
			if (at > last) last = at
			where = "in " $4
		}
		{ address[NR] = at; module[NR] = "in " $4 }
		END {
			for (i in address)
				if (address[i] > last && module[i] == where &&
				    (end == "" || address[i] < end))
					end = address[i]
			if (first != "")
				print "0" first, "0" end
		}' "$fault_symbols"
}

# fault_filter START END [TASK]: who must be among the callers; with TASK=Y, in
# a process that has asked for it (fault_me) only.
fault_filter() {
	local kind d

	for kind in "${fault_kinds[@]}"; do
		d=$fault_debugfs/$kind
		echo 0 >"$d/probability" && echo "$1" >"$d/require-start" &&
			echo "$2" >"$d/require-end" || return
		echo "${3:-N}" >"$d/task-filter"
	done
	fault_callers=("$@")
}

# fault_range START END [TASK]: as fault_filter, and all else is set too.
fault_range() {
	local kind d own

	# The leak detector's own bookkeeping is not meant.
	if [[ ! ${fault_own:-} ]]; then
		fault_own=$(fault_functions __alloc_object)
	fi
	read -ra own <<<"$fault_own"
	for kind in "${fault_kinds[@]}"; do
		d=$fault_debugfs/$kind
		[[ ! ${own[*]} ]] || { echo "${own[0]}" >"$d/reject-start" &&
			echo "${own[1]}" >"$d/reject-end"; } || return
		echo 32 >"$d/stacktrace-depth"
		echo "$fault_verbose" >"$d/verbose"
		# those that may sleep too, and single pages
		echo N >"$d/ignore-gfp-wait"
	done
	d=$fault_debugfs/fail_page_alloc
	echo 0 >"$d/min-order"
	echo N >"$d/ignore-gfp-highmem"
	fault_filter "$@"
}

# fault_me 0|1: this process, and what it starts, asks for failures.
fault_me() { echo "$1" >/proc/self/make-it-fail; }

# fault_module [NAME]: from now on, that module must be among the callers.
fault_module() {
	local name=${1:-ib_srpt} start size

	read -r start <"/sys/module/$name/sections/.text" || return
	size=$(readelf -SW "$(modinfo -F filename "$name")" | sed -n \
		's/.* \.text  *PROGBITS  *[0-9a-f]* [0-9a-f]* \([0-9a-f]*\) .*/\1/p')
	[[ $size ]] || return
	fault_range "$start" "$(printf '0x%x' $((start + 0x$size)))"
}

# fault_arm KIND N: the N-th candidate from now on fails.
fault_arm() {
	local count=0

	[[ ! -e /run/fault.$1 ]] || read -r count <"/run/fault.$1"
	fault_interval=$((count + $2))
	echo "$fault_interval" >"$fault_debugfs/$1/interval"
	echo 1 >"$fault_debugfs/$1/times"
	echo 100 >"$fault_debugfs/$1/probability"
}

# fault_for_good KIND: every candidate fails until fault_off.
fault_for_good() {
	fault_interval=1
	echo 1 >"$fault_debugfs/$1/interval"
	echo -1 >"$fault_debugfs/$1/times"
	echo 100 >"$fault_debugfs/$1/probability"
}

# fault_off KIND: nothing fails any more.  Sets $fault_hit to 1 if something
# has failed since fault_arm, to nothing otherwise.
fault_off() {
	local times

	echo 0 >"$fault_debugfs/$1/probability"
	read -r times <"$fault_debugfs/$1/times"
	fault_hit=
	((times)) || fault_hit=1
	# an interval of 1 is not counted
	[[ ! $fault_hit || $fault_interval == 1 ]] ||
		echo "$fault_interval" >"/run/fault.$1"
}

# fault_settle KIND: a failure is left that nothing met; something harmless of this
# process meets it, so that the count is known again.
fault_settle() {
	local callers=("${fault_callers[@]}") i range times

	# shellcheck disable=SC2086 # a word for each function
	read -ra range < <(fault_functions ${fault_harmless[$1]})
	fault_filter "${range[@]}" Y
	echo 100 >"$fault_debugfs/$1/probability"
	fault_me 1
	for ((i = 0; i < 2000; i++)); do
		"fault_meets_$1"
		read -r times <"$fault_debugfs/$1/times"
		((times)) || break
	done
	fault_me 0
	fault_off "$1"
	fault_filter "${callers[@]}"
	[[ $fault_hit ]]
}
# The functions that allocate (their names differ between kernels), and what gets
# there: a text that the kernel makes, the first page of a pipe.
declare -A fault_harmless=([failslab]=seq_read_iter
	[fail_page_alloc]="pipe_write anon_pipe_write fifo_pipe_write")
fault_meets_failslab() {
	local line

	read -r line 2>/dev/null </proc/self/limits
}
fault_meets_fail_page_alloc() {
	local pipe

	[[ -p /run/fault.pipe ]] || mkfifo /run/fault.pipe
	exec {pipe}<>/run/fault.pipe
	{ echo >&"$pipe"; } 2>/dev/null
	exec {pipe}>&-
}

# fault_sweep KIND TRY CHECK: runs TRY with its first candidate failing, then
# CHECK with nothing failing; then TRY with its second; until TRY gets by
# without a failure.  CHECK finds $fault_n and $fault_hit, and ends the sweep
# by failing.  Sets $fault_reached, how many candidates there were.
fault_sweep() {
	fault_reached=0
	for ((fault_n = 1; fault_n < 2000; fault_n++)); do
		fault_arm "$1" "$fault_n"
		"$2"
		fault_off "$1"
		"$3" || return
		[[ $fault_hit ]] || break
		fault_reached=$fault_n
	done
	((fault_n == 1)) || fault_settle "$1"
}

# fault_all WHAT TRY CHECK [KIND...]: sweeps these kinds, or all, and says how
# far that went.
fault_all() {
	local what=$1 try=$2 check=$3 kinds kind t=$SECONDS

	shift 3
	kinds=("$@")
	(($#)) || kinds=("${fault_kinds[@]}")
	for kind in "${kinds[@]}"; do
		ok "$what: any failure of $kind" \
			fault_sweep "$kind" "$try" "$check"
		isnt "$fault_reached" 0 "$what: $kind has failed"
		diag "$what: $kind failed at $fault_reached places"
	done
	diag "$what: $((SECONDS - t)) s"
}

# --- logins ------------------------------------------------------------------

# fault_logins FILE STRING: from now on fault_login logs in so.  Disks are not
# looked for, and each login is another initiator port: that is quick.
fault_logins() {
	fault_add=$1
	fault_string=$2
	fault_serial=0
	fault_refused=0
	echo none >/sys/module/scsi_mod/parameters/scan
	wait_for 5 test -e "$fault_add"
}

# Disks are looked for again.
fault_scan() { echo sync >/sys/module/scsi_mod/parameters/scan; }
reset_hooks+=(fault_scan)

# fault_login: logs in; sets $host, or $fault_error to the initiator's errno in
# words.
fault_login() {
	local d id

	host=''
	printf -v id %016x $((++fault_serial))
	{ echo "$fault_string,initiator_ext=$id" >"$fault_add"; } 2>/run/fault.error
	read -r fault_error </run/fault.error
	fault_error=${fault_error##*: }
	[[ $fault_error ]] && return 1
	for d in /sys/class/srp_host/host*; do
		host=${d##*/}
	done
	[[ -e $d ]]
}

# fault_logout: as logout, with less waiting.
fault_logout() {
	local d tries=2000

	for d in "/sys/class/srp_remote_ports/port-${host#host}":*; do
		echo 1 >"$d/delete"
	done
	while [[ -e /sys/class/scsi_host/$host ]]; do
		((tries--)) || return
		sleep 0.01
	done
}

# fault_login_ended: the login has worked, or was refused; leaves nothing.
fault_login_ended() {
	if [[ ! $fault_error ]]; then
		fault_logout && wait_for 5 no_channels
	elif [[ $fault_error == 'Connection reset by peer' ]]; then
		((++fault_refused))
	else
		diag "  failure $fault_n: login: $fault_error"
		return 1
	fi
}

# fault_login_works: one that nothing happens to.
fault_login_works() {
	fault_login && fault_logout && wait_for 5 no_channels && return
	diag "  failure $fault_n: the next login: $fault_error"
	return 1
}

# fault_login_again: the login has ended well, and the next one works.
fault_login_again() { fault_login_ended && fault_login_works; }

# fault_reasons TEXT [N]: since the mark of the log, every refusal came with a
# reason on the wire, lack of resources; but for N at most that the connection
# manager rejected by itself, as rdma_accept() does when it fails.
fault_reasons() {
	local all ours theirs

	all=$(klog | grep -E 'scsi host.*(REJECTED|REJ reason)')
	ours=$(grep -c 'REJECTED, reason 0x00010001' <<<"$all")
	theirs=$(grep -c 'REJ reason: IB_CM_REJ_CONSUMER_DEFINED' <<<"$all")
	is "$ours + $theirs" "$((fault_refused - theirs)) + $theirs" \
		"$1: $fault_refused refusals, all for lack of resources" ||
		diag "$(grep -v 'reason 0x00010001' <<<"$all")"
	at_most "$theirs" "${2:-0}" "$1: refusals without a word from us"
}

# fault_resources HCA: what the RDMA core counts there.
# The queues that the core shares between its users stay.
fault_resources() { rdma resource show "$1" | sed 's/ cq [0-9]*//'; }

# fault_settled HCA WANTED TEXT: and it is what it was.
fault_settled() {
	within 10 "$3: no queue, connection or domain is left over" \
		fault_resources_are "$1" "$2" ||
		diag "  before: $2" "  now:    $(fault_resources "$1")"
}
fault_resources_are() { [[ $(fault_resources "$1") == "$2" ]]; }

# fault_sweep_logins TEXT CHECK [N]: all of a login; N as in fault_reasons.
fault_sweep_logins() {
	klog_mark
	fault_refused=0
	fault_all "$1" fault_login "$2"
	fault_reasons "$1" "${3:-0}"
	ok "$1: the next login" fault_login_works
}

# fault_sweep_ends TEXT: all of the end of a session by the target's will.
fault_sweep_ends() {
	ok "$1: login" fault_login || return
	fault_all "$1" fault_disable fault_disabled failslab
	fault_logout
}
fault_disable() { tpg_disable "$tpg"; }

# The channel goes, also if the initiator could not be told; the next login
# works. What could not be posted the hardware may have all the same: the target
# waits for it, up to twice 10 s, on the fastest machine too.
fault_disabled() {
	if ! wait_for 15 no_channels; then
		diag "  failure $fault_n: $(</sys/kernel/debug/ib_srpt/channels)"
		return 1
	fi
	fault_logout && tpg_enable "$tpg" && fault_login && return
	diag "  failure $fault_n: the next login: $fault_error"
	return 1
}
no_channels() { [[ $(</sys/kernel/debug/ib_srpt/channels) != *" qp="* ]]; }
