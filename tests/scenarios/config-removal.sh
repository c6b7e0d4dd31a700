# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: ACL, LUN, TPG and port are removed in any order, with sessions and I/O
# time: 40

unlink_lun() { rm "$srpt/$tpg/lun/lun_0/disk"; }
remove_acl() { tpg_acl_remove "$tpg" "$acl"; }
remove_lun() { tpg_lun_remove "$tpg" 0; }
remove_tpg() { rmdir "$srpt/$tpg"; }
remove_port() { rmdir "$srpt/${tpg%/*}"; }
disable() { tpg_disable "$tpg"; }

# round STEP...: those steps, with a session at work.
round() {
	local step

	port_for_all || { fail "it can be configured again"; return; }
	ok "login" login "initiator_ext=${acl:2:16}" || exit
	doomed_io "$(disk "$host")"
	sleep 0.5
	for step; do
		returns_within 10 "$step, in the order: $*" "$step"
	done
	within 10 "the session is gone" channels_are 1
	within 30 "its I/O ends" doomed_over
	initiator=$host
	within 30 "and the initiator gives up" host_gone "$initiator"
	within 10 "others do not notice" io_moves
}

port_for_all() {
	tpg_create "$tpg" && tpg_lun "$tpg" 0 disk &&
		tpg_acl "$tpg" "$acl" 0 && tpg_enable "$tpg"
}

ok "the driver loads" target_load || exit
backstore_ramdisk other
calm=$(port_name_guid rxe0)/tpgt_1
tpg_create "$calm" && tpg_lun "$calm" 0 other &&
	tpg_acl "$calm" "$(ext_id 2)" 0 && tpg_enable "$calm"
backstore_ramdisk disk
tpg=$(port_name_gid rxe0)/tpgt_1
acl=$(ext_id 1)
initiator_hasty
ok "login to the port's other name" login "$(ext 2)" || exit
dev=$(disk "$host")
steady_io "$dev"
round remove_acl remove_lun remove_tpg remove_port
round unlink_lun remove_acl remove_lun remove_tpg remove_port
round disable remove_acl remove_lun remove_tpg remove_port
io_ok "the session by the other name did not notice anything"
