# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: immediate data of any length lies on block boundaries for a block device
# time: 30
# routine: um 6.12

modprobe target_core_mod
nullblk nb 16
backstore_block block /dev/nb
ok "the target can be configured" target_simple block || exit
for size in 8192 5000; do
	initiator_load max_imm_data=$size
	for srq in 0 1; do
		tpg_attr "$tpg" use_srq $srq
		ok "login, at most $size bytes, use_srq=$srq" login || exit
		dev=$(disk "$host")
		for bs in 512 4096; do
			ok "verified I/O in pieces of $bs bytes" \
				verified_io "$dev" --size=128k --bs=$bs
		done
		ok "logout" logout "$host"
	done
done
