# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: commands that end without an answer, by another's reset, give their credits back
# time: 20
# routine: um 6.12

req_lim() { cat "/sys/class/scsi_host/$1/req_lim"; }
req_lim_is() { [[ $(req_lim "$1") == "$2" ]]; }
req_lim_above() { (($(req_lim "$1") > $2)); }
readers_over() {
	local pid

	for pid in "${readers[@]}"; do
		not_running "$pid" || return
	done
}

modprobe target_core_mod
nullblk nb 16
dm_block frozen /dev/nb
backstore_block frozen /dev/mapper/frozen
# the initiator of an aborted command is told nothing
backstore_attr frozen emulate_tas 0
# an HCA with so few work requests that a session has 27 credits
ib_up max_qp_wr=0,32 || bail "the fabric comes up"
ok "the target can be configured" ib_target || exit
ok "a disk that can be held up" tpg_lun "$tpg" 1 frozen || exit
ok "for the initiator" acl_lun "$tpg" "$(port_name_guid vhca0)" 1 || exit
initiator_load ch_count=1
ok "login of one that resets" ib_login initiator_ext=0000000000000001 || exit
other=$(sg_of "$(disk "$host" 1)")
ok "login" ib_login || exit
dev=$(disk "$host" 1)
echo 8 >"/sys/block/${dev##*/}/device/timeout"
all=$(req_lim "$host")
is "$all" 27 "it has 27 credits"

trace_on srpt_aborted
dm_freeze frozen
readers=()
for ((i = 0; i < all - 1; i++)); do
	dd if="$dev" of=/dev/null bs=4k count=1 skip=$i iflag=direct \
		2>/dev/null 3>&- &
	readers+=("$!")
done
within 10 "all but one are in use" req_lim_is "$host" 1
sg_reset -d -N "$other" >/dev/null 2>&1 3>&- &
sleep 0.5
dm_thaw frozen
# Some come at once, since it has hardly any; the others with the next response.
within 4 "after the other's reset there are some again" req_lim_above "$host" 1
ok "their end without a response is seen" story 'srpt_aborted: .* state '
trace_off
at_most 1 "$(of sessions aborted "port_id=$(initiator_port_id vhca0)")" "and counted"
within 40 "the readers come to an end" readers_over
ok "verified I/O" verified_io "$dev" --size=256k
within 4 "all credits are back" req_lim_is "$host" "$all"
logout_all
