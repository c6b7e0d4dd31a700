# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: the target's HCA is slow, hangs for a while, or is out of buffers
# time: 60

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target || exit
ok "login" ib_login tl_retry_count=7 || exit
dev=$(disk "$host")

ok "each work request takes 2 ms" ib_ctl vhca1 delay 2000
ok "verified I/O" verified_io "$dev" --size=512k
ok "only RDMA READs take 5 ms" ib_ctl vhca1 delay 5000 read
ok "verified I/O, 64k" verified_io "$dev" --bs=64k --size=2m
ib_ctl vhca1 clear

ib_io "$dev"
within 10 "I/O moves" ib_moves
ok "the HCA hangs" ib_ctl vhca1 hang
within 5 "I/O stalls" eval '! ib_moves'
sleep 3
ok "the HCA works again" ib_ctl vhca1 resume
within 20 "I/O goes on" ib_moves
ok "3 messages find no buffer" ib_ctl vhca1 rnr 10 3
within 20 "that has happened" eval '(($(ib_hits vhca1) == 3))'
within 20 "I/O goes on" ib_moves
ib_io_ok "verified I/O from beginning to end"
ok "logout" logout "$host"
