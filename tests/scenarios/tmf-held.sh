# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: after "function complete" no byte and no answer of the task comes
# time: 45
# routine: um

# The table of a command is fetched slowly; then, its pieces are written slowly,
# a few at a time.
ib_up || bail "the fabric comes up"
ok "the target can be configured, with a tiny send queue" \
	ib_target -n -a srp_sq_size=4 || exit
ok "for the raw initiator" ib_wire_acl || exit
ok "what is fetched takes 2 s" ib_ctl vhca1 delay 2000000 read
wire --case tmf.held-table-abort --case tmf.held-table-reset \
	--case tmf.held-table-write --case tmf.held-table-same
ok "each piece takes 10 ms" ib_ctl vhca1 delay 10000
wire --case tmf.held-pieces-abort --case tmf.held-pieces-reset \
	--case tmf.held-pieces-write
ok "no delay" ib_ctl vhca1 clear
