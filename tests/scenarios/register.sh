# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: every way in which the initiator can offer its memory
# time: 18
# every: 6.12 6.1

ok "the target can be configured" target_simple || exit
for params in register_always=Y register_always=N \
	"register_always=N never_register=Y"; do
	# shellcheck disable=SC2086 # words
	initiator_load $params
	ok "login with $params" login || exit
	dev=$(disk "$host")
	ok "verified I/O" verified_io "$dev" --bsrange=512-256k \
		--blockalign=512 --size=1m
	ok "scattered buffers" "$lib/vector-io" "$dev"
	ok "logout" logout "$host"
done
