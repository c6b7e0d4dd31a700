# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: more writes wait for a disk than may be at work at once: those that are aborted are not written
# processors: parallel
# time: 75
# routine: um

# thaw_later SECONDS
thaw_later() {
	sleep "$1"
	fs_thaw fs
}

modprobe target_core_mod
nullblk below 64
ok "a file system" fs_make fs /dev/below || exit
backstore_fs_file file fs 16 ,fd_buffered_io=1
backstore_ramdisk calm
ok "the target can be configured" target_simple calm file || exit
tpg_acl "$tpg" "0x$wire_iport" 1
wire_program
wire_lun=1
wire_run --case login.plain
fs_freeze fs
thaw_later 32 3>&- &
thawing=$!
# Six channels full: wherever the limit is, the last commands are nowhere yet.
wire --seconds 30 --count 6 --case tmf.stuck-abort-imm
wait "$thawing"
ok "the kernel's initiator" login
ok "verified I/O" verified_io "$(disk "$host")" --size=64k
