# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a command stuck in a backstore holds up nobody but who must wait for it
# processors: parallel
# time: 50
# every: one

read_stuck() {
	dd if="$1" of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null 3>&- &
	reader=$!
	sleep 0.5
}
get_in() { login "$@" && logout "$host"; }
# Of one session: ib_srp makes a channel a processor.
connected_is_one() {
	(($(grep -c ' qp=' "$debugfs_srpt/channels") -
		$(grep -c waiting-for-backstore "$debugfs_srpt/channels") ==
		$(nproc)))
}
# ib_srp gives up a target that was away for dev_loss_tmo.
is_back() {
	[[ $(sessions_of "$tpg" "$(ext_id 1)") == *LOGGED_IN* ]] ||
		login "$(ext 1)" 2>/dev/null
}
acl_away() { tpg_acl_remove "$tpg" "$acl"; }

modprobe target_core_mod
nullblk nb 16
dm_block frozen /dev/nb
backstore_block frozen /dev/mapper/frozen
backstore_ramdisk calm
ok "the target can be configured" target_simple frozen || exit
tpg_lun "$tpg" 1 calm && tpg_acl "$tpg" "$(ext_id 1)" 1
other=${tpg%/*}/other
backstore_ramdisk elsewhere
tpg_create "$other" && tpg_lun "$other" 0 elsewhere &&
	tpg_acl "$other" "$(ext_id 2)" 0 && tpg_enable "$other"
initiator_hasty
ok "login of one that will be stuck" login || exit
stuck=$(disk "$host")
dm_freeze frozen
read_stuck "$stuck"

ok "another LUN of the TPG can be used" login "$(ext 1)"
ok "and written to" verified_io "$(disk "$host" 1)" --size=64k
ok "another TPG" login "$(ext 2)"
ok "as well" verified_io "$(disk "$host")" --size=64k
refused 0x00010003 "a stranger is refused at once" "$(ext 3)"
returns_within 5 "attributes can be set" tpg_attr "$tpg" use_srq 1
returns_within 5 "the port changed" target_listen 5600
returns_within 5 "and back" target_listen "$target_port"
returns_within 5 "the TPG disabled" tpg_disable "$tpg"
within 10 "its connections end" connected_is_one
ok "who waits for the backstore is seen" \
	grep -q 'state=waiting-for-backstore' "$debugfs_srpt/channels"
returns_within 5 "and enabled again" tpg_enable "$tpg"
# (The one that is stuck may come back too.)
within 30 "its other initiator comes back" is_back
returns_within 20 "the HCA removed" rxe_down
within 20 "the reader gets an error" not_running "$reader"
ok "the HCA comes back" rxe_up
ok "another TPG lets in again" get_in "$(ext 2)"
ok "the same TPG too" get_in "$(ext 1)"

acl_away &
removal=$!
sleep 1
fails "the ACL of who is stuck waits for the backstore" not_running "$removal"
ok "but nobody waits for the ACL: another TPG" get_in "$(ext 2)"
refused 0x00010003 "a stranger is refused" "$(ext 3)"
returns_within 5 "the other TPG can be disabled" tpg_disable "$other"
dm_thaw frozen
within 10 "thawed, the ACL is gone" not_running "$removal"
ok "without an error" wait "$removal"
ok "it can be made again" tpg_acl "$tpg" "$acl" 0
ok "login of who was stuck" login
ok "verified I/O" verified_io "$(disk "$host")"
logout_all
returns_within 20 "all can be removed" target_clear
ok "the driver can be unloaded" modprobe -r ib_srpt
