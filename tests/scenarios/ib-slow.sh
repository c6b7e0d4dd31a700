# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: the target's HCA is slow, hangs for a while, or is out of buffers
# time: 60

# The disk has been looked at, and nothing is under way: ib_srp looks at freed
# memory if its host ends with a command on the way to an HCA that hung.
# shellcheck disable=SC2154 # channels_each
new_login() {
	klog_mark
	ib_login && wait_for 20 klog_has 'Attached SCSI disk'
}
no_reconnect() {
	echo off >"/sys/class/srp_remote_ports/port-${1#host}:1/reconnect_delay"
}

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target -a use_srq=0 || exit
ok "login" ib_login tl_retry_count=7 || exit
dev=$(disk "$host")

ok "each work request takes 2 ms" ib_ctl vhca1 delay 2000
ok "verified I/O" verified_io "$dev" --size=512k
ok "only RDMA READs take 5 ms" ib_ctl vhca1 delay 5000 read
ok "verified I/O, 64k" verified_io "$dev" --bs=64k --size=2m
ib_ctl vhca1 clear

steady_io "$dev"
within 10 "I/O moves" io_moves
ok "the HCA hangs" ib_ctl vhca1 hang
within 5 "I/O stalls" eval '! io_moves'
sleep 3
ok "the HCA works again" ib_ctl vhca1 resume
within 20 "I/O goes on" io_moves
# Each is sent again after less than a millisecond.
ok "40 messages find no buffer" ib_ctl vhca1 rnr 10 40
within 8 "that is soon over" eval '(($(ib_hits vhca1) == 40))'
within 20 "I/O goes on" io_moves
io_ok "verified I/O from beginning to end"
ok "logout" logout "$host"

if [[ ${STOCK:-} ]]; then
	skip "channels that take long to end" "the kernel's own does not show any"
	return
fi
ok "another login" new_login || exit
rport_timeouts "$host" 20
ok "each work request takes 300 ms" ib_ctl vhca1 delay 300000
returns_within 5 "its TPG is disabled" tpg_disable "$tpg"
ok "no channel is left then" channels_are 0
ib_ctl vhca1 clear
ok "the TPG is enabled" tpg_enable "$tpg"
within 20 "the initiator comes back" channels_are 1
ok "logout" logout "$host"

# These two do not try to come back: ib_srp does not survive being logged out
# while it tries.
ok "another login" new_login || exit
no_reconnect "$host"
ok "the HCA hangs" ib_ctl vhca1 hang
klog_mark
returns_within 8 "its TPG can be disabled nevertheless" tpg_disable "$tpg"
ok "the administrator reads why that has taken long" \
	klog_has 'some of its channels have not ended yet'
ok "the HCA works again" ib_ctl vhca1 resume
within 20 "the channels end" channels_are 0
ok "the TPG is enabled" tpg_enable "$tpg"
within 20 "the initiator can be logged out" logout "$host"

# A queue that is to be shared: who needs it waits until it is made. Nobody else
# does, although the connection manager calls for one event at a time.
raw_login() {
	wire_run --iport "7769726500000000000000000000000$1" \
		--addr "$(gid_of vhca1)" --src "$(gid_of vhca0)" --lun 0 \
		--sid "$(ib_service)" --guid "$(ib_service)" \
		--case login.imm-offset-68
}
ok "another login" new_login || exit
first=$host
ok "srp-wire can be built" wire_program || exit
ok "somebody wants a shared receive queue" tpg_attr "$tpg" use_srq 1
mras() { cat "$(ib_port vhca1)/cm_tx_msgs/mra"; }
before=$(mras)
ok "which takes 9 s to make" ib_ctl vhca1 slow create_srq 1 1 9000
raw_login 2 >/run/raw.2 &
second=$!
within 10 "it is being made" eval '(($(ib_hits vhca1) == 1))'
raw_login 3 >/run/raw.3 &
third=$!
within 2 "somebody else needs it too" channels_now_are $((channels_each + 2))
ok "but not everybody" tpg_attr "$tpg" use_srq 0
returns_within 3 "others are let in" ib_login initiator_ext=0000000000000004
within 1 "at once" channels_now_are $((2 * channels_each + 2))
returns_within 3 "channels can be looked at" cat "$debugfs_srpt/channels"
returns_within 5 "the first initiator logs out" logout "$first"
fails "the queue is not made by then" not_running "$second"
fails "who needs it is not in" not_running "$third"
ok "the one login" wait "$second"
ok "the other" wait "$third"
wire_tell </run/raw.2
wire_tell </run/raw.3
is "$(ib_hits vhca1)" 1 "one queue was made for both"
ok "who asked again was told to wait" [ "$(mras)" -gt "$before" ]
logout_all
