# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: ports that nobody can log in through are left alone
# time: 10
# routine: um

# What the driver has of an HCA, as the RDMA core counts it.
objects() { rdma resource show pd dev "$1" 2>/dev/null | grep -c ib_srpt; }

ib_up ndev=3 raw=0,0,1 || bail "the fabric comes up"
klog_mark
ok "the target can be configured" ib_target || exit
ok "it is logged in to" ib_login || exit
ok "verified I/O" verified_io "$(disk "$host")" --size=256k
fails "no complaint about a port without a connection manager" \
	klog_has 'ib_srpt.*vhca2'
isnt "$(objects vhca1)" 0 "the driver uses one HCA"
is "$(objects vhca2)" 0 "and nothing of the other"
ok "events of it mean nothing" ib_ctl vhca2 event 1 pkey
sleep 1
fails "nor later" klog_has 'ib_srpt.*vhca2.*(error|failed)'
returns_within 10 "it can be removed" ib_ctl del vhca2
ok "it is plugged in again" ib_ctl add vhca2
fails "no complaint then either" klog_has 'ib_srpt.*vhca2.*(error|failed)'
ok "logout" logout "$host"
