# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: two LUNs at work at once, a ramdisk and a file; each keeps its data
# time: 8

backstore_ramdisk ram 16
backstore_file file 16
ok "the target can be configured" target_simple ram file || exit
ok "login" login || exit
a=$(disk "$host" 0)
b=$(disk "$host" 1)
like "$(<"/sys/block/${a##*/}/device/model")" RAMDISK "LUN 0 is the ramdisk"
like "$(<"/sys/block/${b##*/}/device/model")" FILEIO "LUN 1 is the file"
io_start "$a" --bs=16k
ok "verified I/O to the file" verified_io "$b" --bs=16k
ok "verified I/O to the ramdisk meanwhile" io_wait
ok "what was written to the disk is in the file" cmp -n 1048576 "$b" \
	/dev/shm/file.img
