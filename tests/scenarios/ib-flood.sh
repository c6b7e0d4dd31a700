# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: who floods a shared receive queue ends alone
# time: 20
# routine: um

ib_up || bail "the fabric comes up"
# What the completion queue has room for beyond receives would do otherwise.
ok "the target can be configured, with a huge SRQ" ib_target -n \
	-p srpt_srq_size=16000 -a use_srq=1 -a srp_sq_size=16 || exit
ok "a disk of the raw initiator's own" backstore_ramdisk wired 16 || exit
ok "its LUN" tpg_lun "$tpg" 1 wired || exit
ok "its ACL" ib_wire_acl 1 || exit
ok "a neighbour logs in" ib_login || exit
dev=$(disk "$host")
io_in_bursts "$dev"
within 10 "its I/O moves" io_moves
ok "it has connections" note_connections
# The initiator's HCA is stopped while the requests are handed to it.
ok "srp-wire can be built" wire_program
channels=$(channels_now)
wire_run --seconds 2 --case credit.flood >/run/flood.out &
flood=$!
within 10 "somebody else logs in" eval '(($(channels_now) > channels))'
ok "nothing is sent for a moment" ib_ctl vhca0 hang
sleep 4
ok "all is sent at once" ib_ctl vhca0 resume
within 10 "the channel of who sent it ends" channels_now_are "$channels"
fails "no completion queue was overrun" klog_has 'overrun' || exit
wait "$flood"
like "$(</run/flood.out)" $'\nok 1 ' "the target serves the next one"
within 10 "the neighbour's I/O moves" io_moves
ok "over the same connections" connections_stand
io_ok "verified I/O from beginning to end"
ok "logout" logout "$host"
