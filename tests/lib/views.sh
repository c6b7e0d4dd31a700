# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The driver's files in debugfs: things and what they say of themselves; and its
# tracepoints.

# value_of KEY RECORD: what it says there, in $value.
value_of() {
	value=''
	[[ ! " ${2//$'\n'/ } " =~ [[:space:]]$1=([^[:space:]]*) ]] ||
		value=${BASH_REMATCH[1]}
	[[ $value ]]
}

# record FILE TEXT...: the first thing in FILE that has all these texts, with the
# lines that go on with it, in $record.
record() {
	local lines line text all='' file=$1

	shift
	mapfile -t lines <"/sys/kernel/debug/ib_srpt/$file"
	record=''
	for line in "${lines[@]:1}" ''; do
		if [[ $line == ' '* ]]; then
			all+=$'\n'$line
			continue
		fi
		[[ ! $all ]] || record=$all
		for text in "$@"; do
			[[ " ${record//$'\n'/ } " == *" $text "* ]] || record=''
		done
		[[ ! $record ]] || return 0
		all=$line
	done
	return 1
}

# of FILE KEY TEXT...: that value of that thing, printed.
of() {
	local record value file=$1 key=$2

	shift 2
	record "$file" "$@" && value_of "$key" "$record" && echo "$value"
}

# histogram SESSION DIR: how many commands it has, printed.
histogram() {
	local record word sum=0

	record latency "session=$1" "dir=$2" || return
	for word in $record; do
		[[ ! $word =~ ^(lt[0-9]+|more)=([0-9]+)$ ]] ||
			((sum += BASH_REMATCH[2]))
	done
	echo "$sum"
}

trace=/sys/kernel/tracing

# trace_on [EVENT], trace_off: the driver's tracepoints, all or one.
trace_on() {
	mountpoint -q $trace || mount -t tracefs none $trace
	echo 1 >"$trace/events/ib_srpt/${1:+$1/}enable"
	forget
}
trace_off() {
	echo 0 >$trace/events/ib_srpt/enable
	forget
}
forget() { echo >$trace/trace; }

# story REGEX: name and words of the events that match, in order, in $story.
story() {
	local lines line

	story=''
	mapfile -t lines <$trace/trace
	for line in "${lines[@]}"; do
		[[ ! $line =~ :\ srpt_ || ! $line =~ $1 ]] ||
			story+=${line#*: }$'\n'
	done
	[[ $story ]]
}
