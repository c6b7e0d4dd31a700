# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a backstore that does not answer at all: aborts, reset, reconnect, recovery
# processors: parallel
# time: 50
# every: one

modprobe target_core_mod
nullblk nb 16
dm_block frozen /dev/nb
backstore_block frozen /dev/mapper/frozen
backstore_ramdisk calm
ok "the target can be configured" target_simple frozen || exit
tpg_lun "$tpg" 1 calm && tpg_acl "$tpg" "$(ext_id 1)" 1 || exit
initiator_stubborn
ok "login of one that does not know" login "$(ext 1)" || exit
dev=$(disk "$host" 1)
io_in_bursts "$dev"
ok "login to what will be stuck" login || exit
stuck=$(disk "$host")
echo 2 >"/sys/block/${stuck##*/}/device/timeout"

dm_freeze frozen
klog_mark
dd if="$stuck" of=/dev/null bs=4k count=4 iflag=direct 2>/dev/null 3>&- &
reader=$!
within 40 "after abort and reset have no answer, it is not let in beside its old commands" \
	klog_has 'refused.*an earlier channel of this initiator has not ended'
within 10 "the other one is at work" io_moves
ok "a third one is let in" tpg_acl "$tpg" "$(ext_id 2)" 1
ok "meanwhile" login "$(ext 2)"
ok "and does I/O" verified_io "$(disk "$host" 1)" --offset=16m
logout "$host"
dm_thaw frozen
within 60 "thawed, the reader comes to an end" not_running "$reader"
within 60 "and the initiator is back" klog_has 'login to .* by ACL '"$acl"
echo 30 >"/sys/block/${stuck##*/}/device/timeout"
echo running >"/sys/block/${stuck##*/}/device/state" 2>/dev/null
ok "the disk is well: verified I/O" verified_io "$stuck"
within 10 "what was left of the old connection is gone" channels_are 2
io_ok "the other one did not notice anything"
