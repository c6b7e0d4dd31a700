# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: srp_daemon notices a target that is enabled later, and logs in again
# time: 30

disk_now_any() { first_host && dev=$(disk_now "$host"); }

if [[ ${STOCK:-} ]]; then
	skip "a target enabled later" "the kernel's own announces it too early"
	return
fi
ib_up || bail "the fabric comes up"
ok "the target is configured, but not enabled" ib_target -n || exit
fails "its port does not announce device management" ib_has_dm vhca1
# It also looks around every 8 s: its ear for traps is not always open.
srpd_start -R 8 || bail "srp_daemon starts"
within 20 "srp_daemon asks the subnet manager for news" \
	eval 'saquery -C vhca0 IIR | grep -q Subscriber'
fails "but finds nothing" first_host
traps=$(grep -c 'trap.*144\|num:144\|Trap 144' "$ib_osm_log")
ok "the target is enabled" tpg_enable "$tpg"
within 10 "its port announces device management" ib_has_dm vhca1
within 6 "srp_daemon logs in without being asked" disk_now_any || exit
isnt "$(grep -c 'trap.*144\|num:144\|Trap 144' "$ib_osm_log")" "$traps" \
	"because a trap reached the subnet manager"
ok "verified I/O" verified_io "$dev"
ok "the target is disabled" tpg_disable "$tpg"
within 10 "its port does not announce device management any more" \
	eval '! ib_has_dm vhca1'
ok "logout" logout_all
fails "nothing is left" first_host
ok "the target is enabled again" tpg_enable "$tpg"
within 30 "srp_daemon logs in again" disk_now_any
ok "verified I/O again" verified_io "$dev"
