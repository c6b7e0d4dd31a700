# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: verified I/O from 512 bytes to 8 MiB, and from scattered buffers
# time: 20
# every: 6.12 6.1 7.x

initiator_load indirect_sg_entries=2048
ok "the target can be configured" target_simple || exit
ok "login with room for large commands" \
	login max_sect=16384 cmd_sg_entries=64 allow_ext_sg=1 \
	sg_tablesize=2048 || exit
dev=$(disk "$host")
limit=/sys/block/${dev##*/}/queue
echo "$(<"$limit/max_hw_sectors_kb")" >"$limit/max_sectors_kb"
is "$(<"$limit/max_sectors_kb")" 8192 "a command may carry 8 MiB"

ok "I/O of 512 bytes" verified_io "$dev" --bs=512 --size=128k
ok "I/O of 4 KiB, many at once" verified_io "$dev" --iodepth=64
ok "I/O of 128 KiB" verified_io "$dev" --bs=128k --size=4m
ok "I/O of all sizes to 1 MiB" verified_io "$dev" \
	--bsrange=512-1m --blockalign=512 --size=8m
ok "I/O of 8 MiB" verified_io "$dev" --rw=write --bs=8m --iodepth=2 --size=16m
ok "scattered buffers" "$lib/vector-io" "$dev"
ok "what several wrote at once can all be read" verified_io "$dev" \
	--numjobs=4 --size=256k --offset_increment=4m
