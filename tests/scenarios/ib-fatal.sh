# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: SRQ errors and dying HCAs end what they hit, and nothing else
# time: 60

back() { [[ $(rport_state "$host") == running ]] && disk_reads; }
disk_reads() {
	dd if="$(disk_now "$host")" of=/dev/null bs=4k count=1 iflag=direct \
		status=none 2>/dev/null
}

# Logins over soft RoCE and over InfiniBand at the same time: what happens to
# the HCA must not be felt by the other.
ib_up || bail "the fabric comes up"
ok "the target can be configured, with an SRQ" ib_target -a use_srq=1 || exit
ok "and soft RoCE beside it" rxe_up || exit
other=$(port_name_gid rxe0)/tpgt_1
ok "its TPG" tpg_create "$other"
ok "its disk" backstore_ramdisk other
ok "its LUN" tpg_lun "$other" 0 other
ok "its ACL" tpg_acl "$other" "$(initiator_port_id rxe0)" 0
ok "it is enabled" tpg_enable "$other"
ok "it listens" target_listen "$target_port"

ok "login over InfiniBand" ib_login || exit
ib_host=$host
rport_timeouts "$host" 30
ok "login over soft RoCE" login id_ext="$(ib_service)" \
	ioc_guid="$(ib_service)" || exit
rxe_host=$host
host=$ib_host
dev=$(disk "$rxe_host")
mixed_io "$dev"
within 10 "I/O over soft RoCE moves" io_moves

ok "the SRQ fails" ib_ctl vhca1 srq all error
verified_io "$(disk "$ib_host")" --size=256k 3>&- &
sleep 5
if [[ ! ${STOCK:-} ]]; then
	ok "the log says so" klog_has 'shared receive queue'
fi
ok "the SRQ's HCA is exchanged" ib_ctl del vhca1
ib_ctl add vhca1
ib_target_back -a use_srq=1
within 20 "both ports are ACTIVE" ib_all_active
within 60 "the session is back" back

# The connection manager holds on to a dead HCA's connections until it is gone.
ok "the HCA dies without a word" ib_ctl vhca1 fatal silent
if [[ ! ${STOCK:-} ]]; then
	within 8 "its channels drain, although nobody uses them" \
		grep -q 'state=draining acl=0a00' "$debugfs_srpt/channels"
fi
disk_reads 3>&- &
within 30 "its session ends" eval '! rport_is "$ib_host" running'
returns_within 40 "it can be removed" ib_ctl del vhca1
ib_ctl add vhca1
ib_target_back -a use_srq=1
within 20 "both ports are ACTIVE" ib_all_active
within 60 "the session is back" back

ok "an event that means nothing" ib_ctl vhca1 event 1 err
within 20 "the session goes on" back
within 10 "I/O over soft RoCE moves" io_moves
io_ok "verified I/O over soft RoCE from beginning to end"
ok "logout" logout "$ib_host"
ok "logout" logout "$rxe_host"
