# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# Sessions and channels, as the target shows them in configfs and debugfs.

debugfs_srpt=/sys/kernel/debug/ib_srpt

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

