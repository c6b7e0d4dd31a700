# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: RDMA/CM login over IPoIB
# time: 30
# kernels: 6.12 6.1
# every: one

in_ns() { nsenter --net=/run/netns/initiator "$@"; }

# ipoib_of HCA: its network interface.
ipoib_of() { ls "/sys/class/infiniband/$1/device/net" 2>/dev/null; }

ib_up || bail "the fabric comes up"
ok "IPoIB" modprobe ib_ipoib || exit
within 10 "the interfaces are there" test -e /sys/class/net/ib1 || exit
# The addresses are apart, or the kernel would take the short way.
ip netns add initiator
ip link set ib0 netns initiator
in_ns ip address add 10.78.0.2/24 dev ib0
in_ns ip link set lo up
in_ns ip link set ib0 up
ip address add 10.78.0.1/24 dev ib1
ip link set ib1 up
within 20 "the link is up" eval 'grep -q 1 /sys/class/net/ib1/carrier'
ok "the target can be configured" ib_target || exit
ok "and listens" target_listen 5555
service_guid=$(ib_service)
modprobe ib_srp
connect() {
	in_ns bash -c "echo $(target_string dest=10.78.0.1:5555 src=) \
		>/sys/class/infiniband_srp/srp-vhca0-1/add_target"
}
within 20 "login over IPoIB" connect || exit
ok "there is a SCSI host" first_host || exit
ok "verified I/O" verified_io "$(disk "$host")"
ok "logout" logout "$host"
ip netns delete initiator
