# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a peer that dies without a word: its channels are gone within a minute
# time: 70
# routine: um
# fabric: hca

ok "the InfiniBand fabric comes up" ib_up || exit
ok "the target can be configured" ib_target || exit
ok "login" ib_login tl_retry_count=7 || exit
dev=$(disk "$host")
ok "verified I/O" verified_io "$dev" --size=256k
ok "its channels are there" channels_are 1

# The last request was a moment ago, so that the first look at the channel does
# not probe yet: what takes longest.
ok "the initiator's HCA stops" ib_ctl vhca0 hang
dead=$SECONDS
sleep 5
ok "five seconds later they are there still" channels_are 1
within 55 "they are gone" channels_are 0
diag "gone after $((SECONDS - dead)) s"
ok "the HCA works again" ib_ctl vhca0 resume
within 60 "the initiator comes back" rport_is "$host" running
within 20 "verified I/O" verified_io "$dev" --size=256k
ok "logout" logout "$host"
