# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: an idle channel takes little memory, and gives back what it took when it was busy
# time: 75

limit=$((64 * 65536))

# where writes take a while, so that their requests are kept
slow_disk() {
	nullblk nb 64 && dm_slow slow /dev/nb 200 && backstore_block slow /dev/mapper/slow &&
		tpg_lun "$tpg" 2 slow && acl_lun "$tpg" "0x$wire_iport" 2
}

ok "the target can be configured" eval 'wire_target -a use_srq=1 \
	-a generate_node_acls=1 -a demo_mode_write_protect=0 && slow_disk' || exit
crowd_begins wake --lun 2 || exit
within 60 "64 channels log in, with all credits" crowd_said "all are in"
crowd_per_channel 64 "in"
idle=$(crowd_taken)
at_most "$idle" $limit "64 KiB each are enough for them, in bytes"
crowd_step
within 60 "they wake up all at once" crowd_said "all have their answers"
crowd_per_channel 64 "busy"
within 60 "what that took is back within a minute" crowd_takes_at_most "$idle"
crowd_per_channel 64 "quiet again"
crowd_goes 30
