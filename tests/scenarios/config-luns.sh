# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: LUNs are added and removed while an initiator is logged in, under I/O
# time: 20

add_lun() { tpg_lun "$tpg" 1 second && acl_lun "$tpg" "$acl" 1; }

backstore_remove_lun() { acl_lun_remove "$tpg" "$acl" 1 && tpg_lun_remove "$tpg" 1; }

ok "the target can be configured" target_simple || exit
backstore_ramdisk second 16
ok "login" login || exit
dev=$(disk "$host")
ok "one disk" no_disk "$host" 1
steady_io "$dev"
for round in first second; do
	returns_within 5 "a LUN is added, the $round time" add_lun
	rescan "$host"
	new=$(disk "$host" 1)
	like "$new" ^/dev/sd "its disk appears" || exit
	ok "verified I/O to it" verified_io "$new"
	doomed_io "$new"
	sleep 0.5
	returns_within 10 "it is removed under I/O" backstore_remove_lun
	within 20 "that I/O ends" doomed_over
	echo 1 >"/sys/block/${new##*/}/device/delete"
	within 10 "the other disk is at work" io_moves
done
ok "what was exported can be removed" backstore_remove second
io_ok "the other disk did not notice anything"
