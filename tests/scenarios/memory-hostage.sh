# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: who waits for a disk that hangs does not keep the buffers that all share
# time: 30
# routine: um 6.12
# fabric: hca

# The one that waits has written that much, as far as it knows.
writes() { grep -o ' write_bytes=[0-9]*' "$debugfs_srpt/channels"; }
writes_wait() { (($(writes | sort -t= -nk2 | tail -n1 | cut -d= -f2) >= 40 * 4096)); }

modprobe target_core_mod
ok "a disk that can hang" nullblk hanging 32 || exit
ok "it does" dm_block hung /dev/hanging
ok "LIO takes it" backstore_block hangs /dev/mapper/hung
ok "the InfiniBand fabric comes up" ib_up || exit
ok "a queue of 32 buffers" \
	ib_target -p srpt_srq_size=32 -a use_srq=1 || exit
ok "a LUN that can hang" tpg_lun "$tpg" 1 hangs || exit
ok "for the initiator" acl_lun "$tpg" "$(port_name_guid vhca0)" 1 || exit
initiator_load ch_count=1 use_imm_data=Y
ok "login" ib_login initiator_ext=0000000000000001 || exit
slow=$(disk "$host" 1)
ok "of a neighbour" ib_login initiator_ext=0000000000000002 || exit
dev=$(disk "$host")
klog_mark
ok "the disk hangs" dm_freeze hung
fio --name=hostage --filename="$slow" --rw=randwrite --bs=4k --direct=1 \
	--ioengine=libaio --iodepth=48 --size=256k --io_size=256k \
	>/run/hostage.out 2>&1 &
hostage=$!
within 20 "40 writes with their data wait for it" writes_wait
returns_within 20 "the neighbour's I/O goes on" \
	verified_io "$dev" --size=256k --iodepth=16
ok "the disk is back" dm_thaw hung
ok "and the writes end" wait "$hostage"
ok "verified I/O there" verified_io "$slow" --size=256k
fails "no connection was lost" klog_has 'connection ends|reconnect'
