# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: what is aborted while its disk takes no writes is not written when the disk does again
# processors: parallel
# time: 50
# routine: um

# thaw_later SECONDS
thaw_later() {
	sleep "$1"
	fs_thaw fs
}
# stuck LUN SECONDS CASE [OPTION...]: what the case sends waits at least until
# that many seconds have gone by.
stuck() {
	local seconds=$2

	wire_lun=$1
	shift 2
	fs_freeze fs
	thaw_later $((seconds + 2)) 3>&- &
	wire --seconds "$seconds" --case "$@"
	wait $!
}

modprobe target_core_mod
nullblk below 64
ok "a file system" fs_make fs /dev/below || exit
truncate -s 16M /run/fs/fs/ring.img
loop_disk ring /run/fs/fs/ring.img
echo 4 >"/sys/block/$(basename "$(realpath /dev/ring)")/queue/nr_requests"
backstore_fs_file file fs 16 ,fd_buffered_io=1
backstore_block ring /dev/ring
backstore_ramdisk calm
ok "the target can be configured" target_simple calm file ring || exit
tpg_acl "$tpg" "0x$wire_iport" 1 2
wire_program
wire_run --case login.plain

diag "a file"
stuck 1 3 tmf.stuck-abort
diag "a block device that makes its submitters wait"
stuck 2 3 tmf.stuck-abort-imm
stuck 2 3 tmf.stuck-reset
ok "the kernel's initiator" login
ok "verified I/O" verified_io "$(disk "$host")" --size=64k
