# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a few buffers serve many: each has all credits, and no connection is lost
# time: 25
# fabric: hca

# Who finds no buffer tries again. Soft RoCE cannot do that if it has to go back
# beyond the registration of a memory region.
has_credits() { [[ $(<"/sys/class/scsi_host/$host/req_lim") == 128 ]]; }

ok "the InfiniBand fabric comes up" ib_up || exit
ok "a queue of 32 buffers" \
	ib_target -p srpt_srq_size=32 -a use_srq=1 || exit
initiator_load ch_count=1
disks=() pids=()
for i in 1 2 3 4; do
	ok "login $i" ib_login initiator_ext=000000000000000$i || exit
	disks+=("$(disk "$host")")
	within 10 "with all credits" has_credits
done
klog_mark
for dev in "${disks[@]}"; do
	verified_io "$dev" --iodepth=64 --size=512k --offset=$((${#pids[@]} * 512))k &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	ok "verified I/O, all at once" wait "$pid"
done
fails "no connection is lost" klog_has 'connection ends|reconnect'
