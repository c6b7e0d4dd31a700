# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: few and many descriptors in a command
# time: 25

ok "the target can be configured" target_simple || exit
initiator_load register_always=N never_register=Y
for n in 1 2 12 128 255; do
	ok "login with cmd_sg_entries=$n" login cmd_sg_entries=$n \
		sg_tablesize=$n || exit
	dev=$(disk "$host")
	ok "verified I/O" verified_io "$dev" --bsrange=512-512k \
		--blockalign=512 --size=1m
	ok "scattered buffers" "$lib/vector-io" "$dev" $n
	ok "logout" logout "$host"
done
