# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The RDMA network of the guest: a soft RoCE device rxe0 on one end of a veth
# pair.  Initiator and target both use it; they differ in their addresses.

rxe_mac=02:00:00:00:77:01
target_ip=10.77.0.1
target_ip6=fd77::1
initiator_ip=10.77.0.2
initiator_ip6=fd77::2

fabric_up() {
	rxe_link_up
	rxe_up
}

rxe_link_up() {
	[[ -e /sys/class/net/d0 ]] && return
	ip link add d0 address "$rxe_mac" type veth peer name d1
	sysctl -qw net.ipv6.conf.d0.accept_dad=0 net.ipv6.conf.d1.disable_ipv6=1
	ip link set d0 mtu 4200 up
	ip link set d1 mtu 4200 up
	ip address add "$target_ip/24" dev d0
	ip address add "$initiator_ip/24" dev d0
	ip address add "$target_ip6/64" dev d0 nodad
	ip address add "$initiator_ip6/64" dev d0 nodad
}

# rxe_up / rxe_down: plugs and unplugs the HCA.
rxe_up() {
	[[ -e /sys/class/infiniband/rxe0 ]] && return
	# No udev is here to load what a disk needs.
	modprobe -aq sd_mod sg
	modprobe rdma_rxe && modprobe rdma_cm && modprobe rdma_ucm &&
		modprobe ib_umad || return
	rdma link add rxe0 type rxe netdev d0 || return
	wait_for 10 rxe_active
}

rxe_down() { rdma link delete rxe0; }

# other_rxe_up / other_rxe_down: a second HCA rxe1, on a network of its own.
other_ip=10.78.0.1
other_initiator_ip=10.78.0.2
other_rxe_up() {
	if [[ ! -e /sys/class/net/d2 ]]; then
		ip link add d2 type veth peer name d3
		sysctl -qw net.ipv6.conf.d2.accept_dad=0 \
			net.ipv6.conf.d3.disable_ipv6=1
		ip link set d2 mtu 4200 up
		ip link set d3 mtu 4200 up
		ip address add "$other_ip/24" dev d2
		ip address add "$other_initiator_ip/24" dev d2
	fi
	rdma link add rxe1 type rxe netdev d2 && wait_for 10 other_rxe_active
}
other_rxe_active() { [[ $(gid_of rxe1) != 0000:* ]]; }
other_rxe_down() { rdma link delete rxe1; }
other_rxe_gone() {
	[[ ! -e /sys/class/infiniband/rxe1 ]] || other_rxe_down
	[[ ! -e /sys/class/net/d2 ]] || ip link delete d2
}
reset_hooks+=(other_rxe_gone)

# Soft iWARP devices of a scenario go with it.
siw_gone() {
	local d

	for d in /sys/class/infiniband/siw*; do
		[[ ! -e $d ]] || rdma link delete "${d##*/}"
	done
	[[ ! -e /sys/module/siw ]] || modprobe -r siw
}
reset_hooks+=(siw_gone)

# other_hcas: prints the names of all HCAs but rxe0.
other_hcas() {
	local d

	for d in /sys/class/infiniband/*; do
		[[ ! -e $d || $d == */rxe0 ]] || echo "${d##*/}"
	done
}

rxe_active() {
	local gid

	[[ $(</sys/class/infiniband/rxe0/ports/1/state) == *ACTIVE* ]] &&
		read_gid rxe0 && [[ $gid != 0000:* ]]
}

# read_gid DEVICE [PORT [INDEX]]: sets the caller's $gid: 8 groups of 4 digits.
read_gid() {
	read -r gid 2>/dev/null \
		<"/sys/class/infiniband/$1/ports/${2:-1}/gids/${3:-0}"
}
gid_of() {
	local gid

	read_gid "$@" && echo "$gid"
}

# The two names of a target port.
port_name_guid() {
	local gid

	read_gid "$@" && echo "${gid#*:*:*:*:}"
}
port_name_gid() {
	local gid

	read_gid "$@" && echo "0x${gid//:/}"
}

# The service GUID that the driver uses unless told otherwise: the node GUID
# of the first HCA, as 16 digits.
service_guid() {
	local guid

	read -r guid <"/sys/class/infiniband/${1:-rxe0}/node_guid" &&
		echo "${guid//:/}"
}

# The 128-bit port id of the initiator on that port: its extension (0 unless
# initiator_ext= was given at login), then the port's GUID.
initiator_port_id() {
	local gid

	read_gid "${1:-rxe0}" || return
	gid=${gid//:/}
	echo "0x${2:-0000000000000000}${gid:16}"
}

# peer_guid: the GUID of the initiator on an IPv4 connection over RoCE: the
# lower half of the GID that its address makes.
peer_guid() {
	local IFS=.

	# shellcheck disable=SC2086 # words
	printf '0000:ffff:%02x%02x:%02x%02x\n' $initiator_ip
}

# upper TEXT: in capitals, but for the x of 0x.
upper() {
	local text=${1^^}

	echo "${text/#0X/0x}"
}
