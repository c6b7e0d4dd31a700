# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: everything at once for half a minute, against verified I/O: then all is well
# time: 90

seconds=${STORM_SECONDS:-30}

# until_end COMMAND...: over and over, whatever becomes of it.
until_end() {
	while [[ ! -e /run/storm.over ]]; do
		"$@" >/dev/null 2>&1
	done 3>&-
}

all_ended() {
	local pid

	for pid in "${busy[@]}"; do
		not_running "$pid" || return
	done
}

# Two of these run at a time, and login takes the host that is new for its own:
# one login after the other.
come_and_go() {
	{
		flock 9 && login "$(ext "${1:-2}")" 9>&-
	} 9>/run/login.lock && logout "$host"
	sleep 0.2
}
switch_tpg() {
	tpg_disable "$stormy"
	sleep 0.3
	tpg_enable "$stormy"
	sleep 1.2
}
switch_acl() {
	tpg_acl_remove "$stormy" "$(ext_id 2)"
	sleep 0.2
	tpg_acl "$stormy" "$(ext_id 2)" 0
	sleep 1
}
switch_port() {
	target_listen 5600
	sleep 0.2
	target_listen "$target_port"
	sleep 1
}
switch_srq() {
	tpg_attr "$stormy" use_srq 1
	sleep 0.7
	tpg_attr "$stormy" use_srq 0
	sleep 0.7
}
reset_lun() {
	sg_reset -d -N "$rough"
	sleep 0.5
}
reset_host() {
	sg_reset -H -N "$rough"
	sleep 3
}
look() {
	cat "$debugfs_srpt/channels" "$srpt/$stormy/acls"/*/info
	sleep 0.5
}

ok "the target can be configured" target_simple || exit
stormy=$(port_name_guid rxe0)/stormy
backstore_ramdisk disk2
tpg_create "$stormy" && tpg_lun "$stormy" 0 disk2 &&
	tpg_acl "$stormy" "$(ext_id 1)" 0 &&
	tpg_acl "$stormy" "$(ext_id 2)" 0 &&
	tpg_acl "$stormy" "$(ext_id 3)" 0 && tpg_enable "$stormy"
# Without registration for the reason told at initiator_hasty.
initiator_stubborn register_always=N never_register=Y
ok "login to the quiet TPG" login || exit
dev=$(disk "$host")
ok "login to the other" login "$(ext 1)" || exit
rough=$(disk "$host")
echo 3 >"/sys/block/${rough##*/}/device/timeout"
ok "another one comes and goes" come_and_go
before=$(memory_settled)

ib_io "$dev"
within 10 "the quiet one's I/O moves" ib_moves || io_stands_still
fio --name=rough --filename="$rough" --direct=1 --ioengine=libaio --thread \
	--rw=randrw --bs=16k --iodepth=8 --size=8m --rate=1m --time_based \
	--runtime="$seconds" --ignore_error=EIO,EIO >/run/fio.rough 2>&1 3>&- &
writer=$!
busy=()
for what in come_and_go switch_tpg switch_acl switch_port switch_srq \
	reset_lun reset_host look; do
	until_end "$what" &
	busy+=($!)
done
until_end come_and_go 3 &
busy+=($!)
sleep "$seconds"
: >/run/storm.over
for pid in "${busy[@]}"; do
	wait_for 30 not_running "$pid"
done
ok "the storm is over" wait_for 1 all_ended
rm /run/storm.over

within 10 "the quiet one's I/O moves still" ib_moves || io_stands_still
ib_io_ok "it did not notice anything"
tpg_enable "$stormy"
within 40 "the other one's I/O comes to an end" not_running "$writer"
echo 30 >"/sys/block/${rough##*/}/device/timeout"
echo running >"/sys/block/${rough##*/}/device/state"
within 20 "its session is there" eval \
	'[[ $(sessions_of "$stormy" "$(ext_id 1)") == *LOGGED_IN* ]]'
ok "verified I/O" verified_io "$rough"
[[ -e $srpt/$stormy/acls/$(ext_id 2) ]] || tpg_acl "$stormy" "$(ext_id 2)" 0
ok "the third can come and go" come_and_go
# A shared receive queue is large: the measure is without one, as before.
tpg_attr "$stormy" use_srq 0
sg_reset -H -N "$rough"
within 10 "no other connection is left" channels_are 2
sleep 2
after=$(memory_settled)
at_most $((after - before)) 8000 "the memory is back (KiB)"
