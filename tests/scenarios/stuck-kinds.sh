# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a disk that holds up those who submit to it holds up nobody else: many kinds of such disks
# processors: counted
# time: 120
# kernels: 6.12          (on 6.1 with that clock, see stuck-kinds-one)

# LUNs of who is stuck: the backstores in this order.
stuck_luns=(narrow asleep slow file ring late user)

login_other() { login "$(ext 2)" && logout "$host"; }
acl_again() {
	tpg_acl_remove "$tpg" "$(ext_id 2)" && tpg_acl "$tpg" "$(ext_id 2)" "$calm"
}
tpg_again() {
	tpg_remove "$other" && tpg_create "$other" &&
		tpg_lun "$other" 0 calm && tpg_acl "$other" "$(ext_id 2)" 0 &&
		tpg_enable "$other"
}

# beside WHAT: all that others do meanwhile, then the end of it.
beside() {
	rates_keep "$1"
	returns_within 8 "$1: others log in and out" login_other
	returns_within 5 "$1: their ACL goes and comes" acl_again
	returns_within 5 "$1: so does their TPG" tpg_again
	fails "$1: the disk is stuck still" poured_over
}
free_again() {
	within 40 "$1: it comes to an end" poured_over
	note_rates
}

modprobe target_core_mod
nullblk quick 16
nullblk tight 16 queue_mode=2 submit_queues=1 hw_queue_depth=1 irqmode=2 \
	completion_nsec=1200000000 discard=1
nullblk below 64
nullblk under 16
dm_block narrow /dev/quick
dm_block asleep /dev/under
modprobe dm_delay
dmsetup create slow --table "0 $(blockdev --getsz /dev/under) delay /dev/under 0 8000"
dmsetup mknodes
fs_make fs /dev/below
truncate -s 16M /run/fs/fs/ring.img
loop_disk ring /run/fs/fs/ring.img
echo 4 >"/sys/block/$(basename "$(realpath /dev/ring)")/queue/nr_requests"
scsi_debug_load max_queue=1
for name in narrow asleep slow; do
	backstore_block $name /dev/mapper/$name
done
backstore_fs_file file fs 16 ,fd_buffered_io=1
backstore_block ring /dev/ring
backstore_block late "$(scsi_block "${scsi_debug[0]}")"
user_disks_up && backstore_user user
# where LIO keeps registrations that outlive it
kept=$(</sys/kernel/config/target/dbroot)/pr
mkdir -p /run/fs/fs/pr "$kept" && mount --bind /run/fs/fs/pr "$kept" &&
	undo umount "$kept"
head -c 1024 /dev/zero >/run/caw
backstore_ramdisk calm
backstore_file paper
ok "the target can be configured" target_simple "${stuck_luns[@]}" calm paper ||
	exit
calm=${#stuck_luns[@]}
paper=$((calm + 1))
tpg_acl "$tpg" "$(ext_id 1)" "$calm" "$paper" &&
	tpg_acl "$tpg" "$(ext_id 2)" "$calm"
other=$(port_name_guid rxe0)/other
tpg_create "$other" && tpg_lun "$other" 0 calm &&
	tpg_acl "$other" "$(ext_id 2)" 0 && tpg_enable "$other"
ok "login of one that does not know" login "$(ext 1)" || exit
free_io "$(disk "$host" "$calm")" "$(disk "$host" "$paper")"
ok "login of one that will be stuck" login || exit
for i in "${!stuck_luns[@]}"; do
	declare -n of=${stuck_luns[i]}
	of=$(disk "$host" "$i")
	# no part of it is read more than once
	echo 600 >"/sys/block/${of##*/}/device/timeout"
done
note_rates

dm_switch narrow /dev/tight
pour read "$narrow" 10
sleep 0.5
beside "one tag, reads"
free_again "one tag, reads"

pour write "$narrow" 6
also sg_sync "$narrow"
also sg_write_same --lba=64 --num=8 "$narrow"
also sg_write_same --unmap --lba=128 --num=8 "$narrow"
also sg_unmap --lba=256 --num=8 "$narrow"
also sg_compare_and_write --in=/run/caw --lba=64 --num=1 "$narrow"
sleep 1
beside "one tag, writes and the rest"
free_again "one tag, writes and the rest"

dm_freeze asleep
pour read "$asleep" 4
pour write "$asleep" 4
also sg_sync "$asleep"
sleep 0.5
beside "suspended"
dm_thaw asleep
free_again "suspended"

pour read "$slow" 8
also sg_write_same --lba=64 --num=8 "$slow"
sleep 0.5
beside "slow"
free_again "slow"

fs_freeze fs
pour write "$file" 24
also sg_sync "$file"
also sg_persist --out --register --param-sark=1 --param-aptpl "$file"
also sg_write_same --lba=64 --num=8 "$file"
sleep 1
beside "a file that cannot be written"
fs_thaw fs
free_again "a file that cannot be written"

fs_freeze fs
pour write "$ring" 12
sleep 1
beside "a loop device over such a file"
fs_thaw fs
free_again "a loop device over such a file"

echo 900000000 >/sys/bus/pseudo/drivers/scsi_debug/ndelay
pour read "$late" 16
pour write "$late" 8
sleep 0.5
beside "a SCSI disk that answers late"
free_again "a SCSI disk that answers late"
echo 0 >/sys/bus/pseudo/drivers/scsi_debug/ndelay

user_disks_stop
pour read "$user" 8
pour write "$user" 4
also sg_sync "$user"
sleep 0.5
beside "a disk in user space whose daemon does not answer"
user_disks_go
free_again "a disk in user space whose daemon does not answer"

fails "the one that did not know is at work" not_running "$io_pid"
kill "$io_pid"
