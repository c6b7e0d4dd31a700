# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: iWARP: ports with names of their own, logins, verified I/O, removal
# time: 15
# kernels: um            Debian has no soft iWARP

# A GID is an Ethernet address and zeroes there: the upper half is the name.
iwarp_name() {
	local gid

	read_gid "$1" && echo "${gid:0:19}"
}

# The second network comes with a second soft RoCE device; both make room.
ok "a second network" other_rxe_up || exit
other_rxe_down && rxe_down
modprobe siw || bail "soft iWARP"
ok "an iWARP device" rdma link add siw0 type siw netdev d0 || exit
ok "and another" rdma link add siw1 type siw netdev d2 || exit
isnt "$(iwarp_name siw0)" "$(iwarp_name siw1)" "their GIDs differ"

klog_mark
ok "the driver loads" target_load || exit
fails "without a complaint" klog_has 'ib_srpt.*(error|failed)'
declare -A target=([siw0]=$target_ip [siw1]=$other_ip)
declare -A initiator=([siw0]=$initiator_ip [siw1]=$other_initiator_ip)
declare -A tpgs hosts
for dev in siw0 siw1; do
	tpgs[$dev]=$(iwarp_name $dev)/$(iwarp_name $dev)
	backstore_ramdisk "disk-$dev"
	ok "$dev: a target port named after it" tpg_create "${tpgs[$dev]}" ||
		exit
	tpg_lun "${tpgs[$dev]}" 0 "disk-$dev"
	ok "$dev: an ACL" tpg_acl "${tpgs[$dev]}" "${initiator[$dev]}" 0
	ok "$dev: it is enabled" tpg_enable "${tpgs[$dev]}"
done
service_guid=$(ib_service)
for dev in siw0 siw1; do
	hca=$dev-1
	klog_mark
	ok "$dev: login over RDMA/CM" login src="${initiator[$dev]}" \
		dest="${target[$dev]}:$target_port" || exit
	hosts[$dev]=$host
	ok "$dev: to its own port" klog_has "login to ${tpgs[$dev]%/*} "
	ok "$dev: verified I/O" verified_io "$(disk "$host")"
	ok "$dev: verified I/O, large" verified_io "$(disk "$host")" \
		--bs=256k --size=2m
done
ok "logout" logout "${hosts[siw0]}"

# Whoever accepts must not be the first to send: what comes with the reply is
# an error to the initiator, if it has not looked at the reply by then.
again() {
	login src="${initiator[siw0]}" dest="${target[siw0]}:$target_port" "$@"
}
hca=siw0-1
for i in {1..6}; do
	ok "login, once more ($i)" again || exit
	ok "logout" logout "$host"
done

# Data that is fetched needs a memory region. Here those run out before the
# entries of the send queue do.
ok "a tiny send queue, four memory regions" \
	tpg_attr "${tpgs[siw0]}" srp_sq_size 4
ok "login" again queue_size=128 max_cmd_per_lun=128 || exit
ok "verified writes, 128 at a time" verified_io "$(disk "$host")" \
	--rw=randwrite --bs=16k --size=8m --iodepth=128 --ioengine=libaio
ok "logout" logout "$host"
returns_within 20 "the other can be removed in a session" \
	rdma link delete siw1
within 10 "its session has ended" channels_now_are 0
ok "logout" logout "${hosts[siw1]}"
