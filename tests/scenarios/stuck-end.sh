# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: sessions end while their disk holds up those who submit to it: they wait, are seen, and go with the last command
# routine: um
# time: 75

# seen ACL [STATE]: the target still has a channel of that ACL, in that state.
seen() { grep -q "${2:+ state=$2} acl=$1 " "$debugfs_srpt/channels"; }
gone() { ! seen "$1"; }
sessions_wait() {
	[[ ! ${STOCK:-} ]] || return 0
	# a callback of the one sleeps: it has its queues still
	seen "$acl" draining && seen "$(ext_id 1)" waiting-for-backstore
}
none_seen() { channels_now_are 0; }
# few NAME: the disk has a short queue from now on.
few() {
	echo 4 >"/sys/block/$(basename "$(realpath "/dev/$1")")/queue/nr_requests"
}

# What is none of theirs goes all the same: another fabric with a backstore of its
# own, another HCA, another TPG, a unit beside the stuck one.
loop=${srpt%/*}/loopback
loop_tpg=$loop/naa.6001405000000001/tpgt_1
loop_comes() {
	modprobe tcm_loop && backstore_ramdisk spare 4 &&
		mkdir -p "$loop_tpg/lun/lun_0" &&
		ln -s "$core"/*_0/spare "$loop_tpg/lun/lun_0/spare"
}
loop_goes() {
	rm "$loop_tpg/lun/lun_0/spare" && rmdir "$loop_tpg/lun/lun_0" \
		"$loop_tpg" "${loop_tpg%/*}" "$loop" &&
		modprobe -r tcm_loop && backstore_remove spare
}
another_tpg() {
	tpg_create "$other" && tpg_lun "$other" 0 calm &&
		tpg_acl "$other" "$(ext_id 3)" 0 && tpg_enable "$other" &&
		tpg_disable "$other" && tpg_remove "$other"
}

modprobe target_core_mod
nullblk below 64
fs_make fs /dev/below
truncate -s 16M /run/fs/fs/ring.img /run/fs/fs/trap.img
ok "a disk that its file system can stop" loop_disk ring /run/fs/fs/ring.img || exit
ok "and another" loop_disk trap /run/fs/fs/trap.img || exit
# LIO knows the queue of one to be short, and takes the other's for a long one: there
# it is the completion callback of a channel that sleeps.
few ring
backstore_block ring /dev/ring
backstore_block trap /dev/trap
few trap
backstore_ramdisk calm
ok "the target can be configured" target_simple trap || exit
left=$(port_name_guid rxe0)/left
other=$(port_name_guid rxe0)/other
tpg_create "$left" && tpg_lun "$left" 0 ring && tpg_lun "$left" 1 calm &&
	tpg_acl "$left" "$(ext_id 1)" 0 && tpg_acl "$left" "$(ext_id 2)" 1 &&
	tpg_enable "$left"

initiator_hasty
ok "login of one whose TPG will be disabled" login || exit
disabled=$(disk "$host")
ok "of one that will lose its ACL" login "$(ext 1)" || exit
barred=$(disk "$host")
ok "of one that has nothing to do with it" login "$(ext 2)" || exit
calm=$host
for dev in "$disabled" "$barred"; do
	echo 600 >"/sys/block/${dev##*/}/device/timeout"
done

fs_freeze fs
for dev in "$disabled" "$barred"; do
	pour write "$dev" 8
done
sleep 1
frozen=$SECONDS
returns_within 10 "who has nothing to do with it logs out" logout "$calm"
returns_within 10 "the TPG is disabled" tpg_disable "$tpg"
tpg_acl_remove "$left" "$(ext_id 1)" &
removal=$!
ok "somebody else comes" login "$(ext 2)"
ok "and reads" dd if="$(disk "$host" 1)" of=/dev/null bs=64k count=4 iflag=direct
returns_within 10 "and goes" logout "$host"
ok "another fabric comes, with a disk" loop_comes
ok "and an HCA" other_rxe_up
returns_within 10 "the fabric goes, and its module" loop_goes
fails "it is gone" test -e /sys/module/tcm_loop
returns_within 10 "so does the HCA" other_rxe_down
returns_within 10 "a TPG comes and goes" another_tpg
fails "it is gone" test -e "$srpt/$other"
returns_within 5 "who would unload the driver has an answer" modprobe -r ib_srpt
ok "it is in use, and stays" target_loaded
# Longer than all that the driver waits for, one after the other.
while ((SECONDS < frozen + 42)); do
	sleep 1
done
fails "the removal of an ACL waits for its session" not_running "$removal"
ok "those sessions that wait for their disk are seen" sessions_wait

fs_thaw fs
within 30 "the disk is free: all writes end" poured_over
within 20 "and the sessions go" none_seen
within 10 "the ACL goes" not_running "$removal"
ok "and can be made again" tpg_acl "$left" "$(ext_id 1)" 0
ok "the TPG is enabled again" tpg_enable "$tpg"
for who in 0 1; do
	ok "login of who was stuck" login "$(ext $who)" || continue
	ok "verified I/O" verified_io "$(disk "$host")" --size=256k
	ok "logout" logout "$host"
done
returns_within 20 "all can be removed" target_clear
ok "the driver can be unloaded" modprobe -r ib_srpt
