# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: data in files, through the page cache and past it, in memory, and in user space
# time: 40
# routine: um

modprobe target_core_mod
nullblk below 64
ok "a file system" fs_make fs /dev/below || exit
ok "a file, written through" backstore_fs_file through fs 17
ok "one in the page cache" backstore_fs_file cached fs 17 ,fd_buffered_io=1
ok "one past it" backstore_fs_file past fs 17 ,fd_async_io=1
ok "memory" backstore_ramdisk memory 20
ok "the daemon of disks in user space" user_disks_up || exit
ok "a disk of it" backstore_user user 17
ok "the target can be configured" kinds through cached past memory user || exit
kinds_everywhere
