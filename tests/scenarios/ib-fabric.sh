# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: the virtual HCA: subnet management, diagnostics, user verbs
# time: 20

pingpong() {
	local tool=$1 server

	shift
	"$tool" -d vhca1 -n 200 "$@" >/run/server 2>&1 3>&- &
	server=$!
	# It listens at port 18515.
	wait_for 10 grep -qs ':4853 .* 0A ' /proc/net/tcp /proc/net/tcp6
	"$tool" -d vhca0 -n 200 "$@" localhost >/run/client || {
		kill "$server"
		return 1
	}
	wait "$server"
}

# The tools write a GUID without leading zeros.
ib_bare() { ib_guid "$1" | sed 's/^0*//'; }

ip link set lo up
ok "both ports become ACTIVE" ib_up || exit
isnt "$(ib_lid vhca0)" "$(ib_lid vhca1)" "their LIDs differ"
is "$(cat "$(ib_port vhca0)/link_layer")" InfiniBand "the link layer is InfiniBand"
like "$(ibstat vhca1)" 'State: Active.*LinkUp' "ibstat agrees"
like "$(ibv_devinfo -d vhca0)" 'PORT_ACTIVE' "so does ibv_devinfo"
umad=$(ib_umad vhca0)
like "$umad" umad "there is a device for MADs"
net=$(ibnetdiscover -C vhca0)
like "$net" "$(ib_bare vhca0)" "ibnetdiscover finds one HCA"
like "$net" "$(ib_bare vhca1)" "and the other"
like "$(smpquery -C vhca0 portinfo "$(ib_lid vhca1)" 1)" 'LinkState:\.*Active' \
	"smpquery reaches the other port by LID"
like "$(sminfo -C vhca1)" 'SMINFO_MASTER' "the subnet manager is heard there"
like "$(saquery -C vhca0 PR)" 'Path' "the SA answers"
like "$(perfquery -C vhca0 -x "$(ib_lid vhca1)" 1)" 'PortXmitPkts:\.*[1-9]' \
	"the other port counts packets"
ok "user verbs: RC" pingpong ibv_rc_pingpong -s 65536
ok "user verbs: RC with events" pingpong ibv_rc_pingpong -e
ok "user verbs: SRQ" pingpong ibv_srq_pingpong
ok "user verbs: UD" pingpong ibv_ud_pingpong -s 2048

ok "the cable is pulled" ib_ctl vhca1 link 1 down
is "$(ib_state vhca0)" DOWN "one end is down"
is "$(ib_state vhca1)" DOWN "and so is the other"
ok "the cable is put in" ib_ctl vhca1 link 1 up
within 20 "the subnet manager activates the ports again" ib_all_active
fails "a control command that makes no sense is refused" \
	ib_ctl vhca1 link 1 sideways 2>/dev/null
ok "an HCA is removed" ib_ctl del vhca1
fails "and gone" test -e /sys/class/infiniband/vhca1
is "$(ib_state vhca0)" DOWN "the other end is down"
ok "it is put in again" ib_ctl add vhca1
within 20 "and comes up" ib_all_active

ib_down
ok "one HCA with two ports" modprobe vhca ndev=1 nport=2 || exit
ib_sm_start vhca0
within 20 "they become ACTIVE" \
	eval 'ib_is vhca0 ACTIVE 1 && ib_is vhca0 ACTIVE 2'
isnt "$(ib_lid vhca0 1)" "$(ib_lid vhca0 2)" "their LIDs differ"
