# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: descriptor tables that the target has to fetch (2048 entries)
# time: 20

ok "the target can be configured" target_simple || exit
initiator_load register_always=N never_register=Y indirect_sg_entries=2048
for n in 1 12; do
	ok "login with cmd_sg_entries=$n allow_ext_sg=1" login \
		cmd_sg_entries=$n allow_ext_sg=1 sg_tablesize=2048 \
		max_sect=16384 || exit
	dev=$(disk "$host")
	limit=/sys/block/${dev##*/}/queue
	is "$(<"$limit/max_segments")" 2048 "a command may have 2048 pieces"
	echo "$(<"$limit/max_hw_sectors_kb")" >"$limit/max_sectors_kb"
	ok "scattered buffers" "$lib/vector-io" "$dev" $n
	ok "verified I/O up to 1 MiB" verified_io "$dev" \
		--bsrange=512-1m --blockalign=512 --size=8m
	ok "verified I/O of 8 MiB" verified_io "$dev" --rw=write --bs=8m \
		--iodepth=2 --size=16m
	ok "logout" logout "$host"
done
