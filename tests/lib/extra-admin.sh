# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# What scenarios about administration share: I/O that is meant to fail or to
# be held up, an initiator that gives up soon or never, SCSI commands by hand.

debugfs_srpt=/sys/kernel/debug/ib_srpt

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
		register_always=N never_register=Y
}

# doomed_io DISK: I/O in the background that may fail; doomed_over: it has.
doomed_io() {
	LD_LIBRARY_PATH=$fio_libs fio --name=doomed --filename="$1" --direct=1 --ioengine=libaio \
		--thread --rw=randrw --bs=16k --iodepth=8 --size=4m \
		--time_based --runtime=600 --allow_file_create=0 \
		>/run/fio.doomed 2>&1 3>&- &
	doomed_pid=$!
	wait_for 10 test -e "/proc/$doomed_pid"
}
doomed_over() { not_running "$doomed_pid"; }

# host_gone HOST: the initiator has given up on it.
host_gone() { [[ ! -e /sys/class/scsi_host/$1 ]]; }

# upper TEXT: in capitals, but for the x of 0x.
upper() {
	local text=${1^^}

	echo "${text/#0X/0x}"
}

# peer_guid: the GUID of the initiator on an IPv4 connection over RoCE: the
# lower half of the GID that its address makes.
peer_guid() {
	local IFS=.

	# shellcheck disable=SC2086 # words
	printf '0000:ffff:%02x%02x:%02x%02x\n' $initiator_ip
}

# ext N: login keys of another initiator port of this machine, and its id.
ext() { printf 'initiator_ext=%016x\n' "$1"; }
ext_id() { initiator_port_id rxe0 "$(printf %016x "$1")"; }

# writes FILE VALUE: the value is taken.
writes() { echo "$2" 2>/dev/null >"$1"; }

# sessions_of TPG ACL: the file info.
sessions_of() { echo "$(<"$srpt/$1/acls/$2/info")"; }
no_session() { [[ $(<"$srpt/$1/acls/$2/info") == 'No active'* ]]; }

# note_connections: the target's channels at this moment; connections_stand: they
# are there still, and not others that an initiator has made since. The kernel's
# own target does not tell.
note_connections() {
	[[ ! ${STOCK:-} ]] || return 0
	connections=$(grep -o 'qp=[0-9]* state=live' "$debugfs_srpt/channels")
	[[ $connections ]]
}
connections_stand() {
	local one

	[[ ! ${STOCK:-} ]] || return 0
	while IFS= read -r one; do
		grep -q " $one " "$debugfs_srpt/channels" || return
	done <<<"$connections"
}

# What a channel shows whose last commands are still in a backstore.
no_hardware=state=waiting-for-backstore

# channels_now: how many channels have hardware at this moment; count_channels
# sets $channels to it.
channels_now() {
	local channels

	count_channels && echo "$channels"
}
count_channels() {
	local lines=() line

	channels=0
	mapfile -t lines 2>/dev/null <"$debugfs_srpt/channels"
	for line in "${lines[@]}"; do
		[[ $line != *' qp='* || $line == *"$no_hardware"* ]] ||
			((++channels))
	done
	return 0
}

channels_now_are() {
	local channels

	count_channels
	((channels == $1))
}

# channels_are N: they are those of N sessions; ib_srp makes one a processor.
channels_are() {
	: "${channels_each:=$(nproc)}"
	channels_now_are $(($1 * channels_each))
}

# tmfs ACL: task management functions that its channels have seen.
tmfs() {
	local lines=() line on='' sum=0

	mapfile -t lines <"$debugfs_srpt/channels"
	for line in "${lines[@]}"; do
		if [[ $line == *" acl=$1 "* ]]; then
			on=1
		elif [[ $on && $line =~ tmfs=([0-9]+) ]]; then
			((sum += BASH_REMATCH[1]))
			on=''
		fi
	done
	echo "$sum"
}

# scsi DISK: SCSI commands from standard input, see lib/sg-io; each answer is
# an element of the array $answers.
scsi() {
	mapfile -t answers < <("$lib/sg-io" "$1")
}
