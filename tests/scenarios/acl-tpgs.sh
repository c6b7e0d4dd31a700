# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: two TPGs of a port share nothing: enable, ACLs, LUNs, attributes, sessions
# time: 20

# tpg_with N MIB: TPG number N, with a disk and an ACL of its own.
tpg_with() {
	backstore_ramdisk "disk$1" "$2" && tpg_create "$port/tpg$1" &&
		tpg_lun "$port/tpg$1" 0 "disk$1" &&
		tpg_acl "$port/tpg$1" "$(ext_id "$1")" 0
}
sectors() { cat "/sys/block/${1##*/}/size"; }

ok "the driver loads" target_load || exit
port=$(port_name_gid rxe0)
ok "a TPG" tpg_with 1 16 || exit
ok "a second" tpg_with 2 24 || exit
refused 0x00010000 "with both off nobody is let in" "$(ext 1)"
refused 0x00010000 "whatever its ACL" "$(ext 2)"

initiator_load ch_count=1
tpg_enable "$port/tpg1"
ok "the first is enabled: its initiator is let in" login "$(ext 1)" || exit
host1=$host
fails "the other's is not" login "$(ext 2)"
tpg_attr "$port/tpg2" use_srq 1
tpg_enable "$port/tpg2"
ok "the second is enabled: its initiator is let in" login "$(ext 2)" || exit
host2=$host
is "$(grep -c ' srq=1' "$debugfs_srpt/channels")" 1 \
	"one of them has a shared receive queue"
like "$(grep ' srq=1' "$debugfs_srpt/channels")" " acl=$(ext_id 2) " \
	"the second, as its attributes say"
dev1=$(disk "$host1")
dev=$(disk "$host2")
is "$(sectors "$dev1")" $((16 << 11)) "the first sees its disk"
is "$(sectors "$dev")" $((24 << 11)) "the second sees its own"
ok "no disk but that" no_disk "$host2" 1

steady_io "$dev"
ok "I/O in the first" verified_io "$dev1"
klog_mark
returns_within 5 "the first can be disabled" tpg_disable "$port/tpg1"
within 10 "its session ends" no_session "$port/tpg1" "$(ext_id 1)"
is "$(cat "$srpt/$port/tpg2/enable")" 1 "the second is still enabled"
like "$(sessions_of "$port/tpg2" "$(ext_id 2)")" LOGGED_IN \
	"and its session goes on"
within 10 "its I/O moves" io_moves
io_ok "and did not notice"
