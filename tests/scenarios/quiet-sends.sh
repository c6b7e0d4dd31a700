# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: what has been sent is given back at once on a quiet channel, too: without a next request
# time: 8

# What has completed without a word is looked for after a jiffy.
all_sent() {
	local line free size

	while read -r line; do
		[[ $line =~ \ sq=([0-9]+)/([0-9]+)\  ]] || continue
		free=${BASH_REMATCH[1]} size=${BASH_REMATCH[2]}
		((free == size)) || return
	done <"$debugfs_srpt/channels"
	[[ ${size:-} ]]
}

# one DIRECTION BYTES
one() {
	local from=/dev/zero to=$dev flags=(oflag=direct)

	[[ $1 == write ]] || from=$dev to=/dev/null flags=(iflag=direct)
	dd if="$from" of="$to" bs="$2" count=1 "${flags[@]}" status=none
}

ok "the target can be configured" target_simple || exit
initiator_load use_imm_data=Y
ok "login" login || exit
dev=$(disk "$host")
ok "the disk is quiet" wait_for 5 disks_idle "$host"
for bytes in 512 4096 8192 65536; do
	for direction in write read; do
		ok "a $direction of $bytes bytes" one "$direction" "$bytes"
		within 1 "it has left nothing in the send queue" all_sent
	done
done
ok "a rescan" rescan "$host"
within 5 "answers that are no data have left nothing either" all_sent
ok "verified I/O" verified_io "$dev"
within 1 "nor have many together" all_sent
ok "logout" logout "$host"
