# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: many writes share a few memory regions: all done, in the order they came
# time: 15
# routine: um

# The HCA wants a memory region for whatever is fetched to more than one place,
# and the smallest send queue has four of them.
ib_up max_sgl_rd=0,1 || bail "the fabric comes up"
ok "the target can be configured, with a tiny send queue" \
	ib_target -n -a srp_sq_size=4 || exit
ok "for the raw initiator" ib_wire_acl || exit
wire --case credit.order --case credit.order-large
ok "what is fetched takes 20 ms" ib_ctl vhca1 delay 20000 read
wire --case credit.order-slowly
ok "no delay" ib_ctl vhca1 clear

ok "login" ib_login queue_size=128 max_cmd_per_lun=128 || exit
ok "verified writes, 128 at a time" verified_io "$(disk "$host")" \
	--rw=randwrite --bs=16k --size=8m --iodepth=128 --ioengine=libaio
ok "logout" logout "$host"

# Who waits is served in a row, not each in a call inside the other's: a hundred
# of those are more than there is of a stack.
deepest=$(ib_count vhca1 "deepest stack")
isnt "$deepest" 0 "memory regions were used"
at_most "$deepest" 8192 "bytes of the stack of who served them"
