# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: commands are aborted while a backstore is slow; others are verified meanwhile
# time: 45

read_block() { dd if="$dev_slow" of=/dev/null bs=4k count="$1" iflag=direct 2>&1; }

modprobe target_core_mod
nullblk nb 16
# The block layer looks for late requests on whole seconds.
dm_slow slow /dev/nb 3500
backstore_block slow /dev/mapper/slow
backstore_ramdisk calm
ok "the target can be configured" target_simple slow || exit
tpg_lun "$tpg" 1 calm && tpg_acl "$tpg" "$(ext_id 1)" 1 || exit
ok "login of one that does not know" login "$(ext 1)" || exit
dev=$(disk "$host" 1)
io_in_bursts "$dev"
ok "login to the slow one" login || exit
initiator=$host
dev_slow=$(wait_for 60 disk_now "$host" >/dev/null; disk_now "$host")
like "$dev_slow" ^/dev/sd "its disk appears" || exit
sys=/sys/block/${dev_slow##*/}

ok "what takes longer than usual is not aborted" read_block 1
is "$(tmfs "$acl")" 0 "so far no task was aborted"
echo 1 >"$sys/device/timeout"
echo 0 >"$sys/device/scsi_disk/${initiator#host}:0:0:0/max_retries"
fails "a read that takes longer than the initiator waits" read_block 1
like "$(tmfs "$acl")" '^[1-9]' "is aborted"
fails "and another" read_block 1
aborted=$(tmfs "$acl")
echo 30 >"$sys/device/timeout"
ok "the disk is well afterwards" read_block 1
is "$(tmfs "$acl")" "$aborted" "without another abort"
echo 1 >"$sys/device/timeout"
for ((i = 0; i < 8; i++)); do
	dd if="$dev_slow" of=/dev/null bs=4k count=1 skip=$i iflag=direct \
		2>/dev/null 3>&- &
done
sleep 1.2
dmsetup suspend --nolockfs slow
dmsetup reload slow --table "0 $(blockdev --getsz /dev/nb) linear /dev/nb 0"
dmsetup resume slow
echo 30 >"$sys/device/timeout"
within 20 "eight more, all aborted at once, come to an end" \
	eval '! pgrep -x dd >/dev/null'
ok "a fast disk again: verified I/O" verified_io "$dev_slow"
ok "both sessions are there" channels_are 2
io_ok "the other one did not notice anything"
