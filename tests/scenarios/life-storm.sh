# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: everything at once for minutes, against verified I/O: then all is well
# processors: parallel
# time: 200
# every: one

# Seconds of a round; there are two, and the driver is unloaded after each.
declare -A rounds=([um]=40 [6.12]=30 [6.1]=25 [7.x]=25)
seconds=${STORM_SECONDS:-${rounds[$KERNEL]}}

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

# what_runs: what has not ended, processes, and where those are that wait in the
# kernel.
what_runs() {
	local dir stat pid

	for pid in "${busy[@]}"; do
		not_running "$pid" || diag "$pid: ${doing[pid]}"
	done
	diag "$(grep . "$rports"/*/state /sys/block/sd*/device/{state,io*_cnt})"
	diag "$(ps -N --ppid 2 -p 2 -o pid,ppid,stat,etimes,comm)"
	for dir in /proc/[0-9]*; do
		read -r stat 2>/dev/null <"$dir/stat" || continue
		[[ ${stat##*) } != D* ]] || diag "$(<"$dir/comm"): $(<"$dir/stack")"
	done
}

# Several of these run at a time, and login takes the host that is new for its
# own: one login after the other.
one_login() {
	{
		flock 9 && login "$@" 9>&-
	} 9>/run/login.lock
}
come_and_go() {
	one_login "$(ext "${1:-2}")" && logout "$host"
	sleep 0.2
}
switch_tpg() {
	tpg_disable "$stormy"
	sleep 0.3
	tpg_enable "$stormy"
	sleep 1.2
}
remake_tpg() {
	sleep 1
	tpg_remove "$passing"
	make_passing
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
# Takes longer than the initiator is ready to wait.
be_aborted() {
	dd if="$slow" of=/dev/null bs=4k count=1 iflag=direct
	echo running >"/sys/block/${slow##*/}/device/state"
	sleep 0.5
}
# With a session at work.  Its initiator does not try again: ib_srp does not
# survive the end of a host that found no HCA then.
pull_hca() {
	local hca=rxe1-1

	other_rxe_up
	one_login "dest=$other_ip:$target_port" "src=$other_initiator_ip" &&
		echo off >"$rports/port-${host#host}:1/reconnect_delay" &&
		{ dd if="$(disk "$host")" of=/dev/null bs=64k count=64 \
			iflag=direct 3>&- & }
	sleep 1
	other_rxe_down
}
look() {
	cat "$debugfs_srpt"/{sessions,channels,latency,ending,ports,refusals} \
		"$srpt/$stormy/acls"/*/info
	sleep 0.5
}

# A disk of the initiator may be stopped for good, in its kernel: error handling
# takes it offline while a reconnect has it blocked, and be_aborted puts it back
# before that reconnect is through; then scsi_internal_device_unblock_nowait()
# finds that it runs already, and leaves its queue stopped. A command that has been
# sent ends, or is sent again, when its 30 s are over; if nothing has been sent for
# longer, and yet somebody waits, it is that. The next reconnect starts the queue.
slow_sent() { echo "$(<"/sys/block/${slow##*/}/device/iorequest_cnt")"; }
ends() {
	local sent

	sent=$(slow_sent)
	wait_for 40 not_running "$1" && return
	[[ ${doing[$1]} == be_aborted && $(slow_sent) == "$sent" ]] || return
	diag "nothing was sent to the slow disk: the initiator connects anew"
	sg_reset -H -N "$rough"
	wait_for 20 not_running "$1"
}

# --- what is there -----------------------------------------------------------

make_passing() {
	tpg_create "$passing" && tpg_lun "$passing" 0 disk2 &&
		tpg_acl "$passing" "$(ext_id 4)" 0 && tpg_enable "$passing"
}
make_disks() {
	modprobe target_core_mod && backstore_ramdisk disk &&
		backstore_ramdisk disk2 && nullblk nb 16 &&
		dm_slow slow /dev/nb 1500 &&
		backstore_block slow /dev/mapper/slow
}
configure() {
	local id

	target_load "srpt_service_guid=$service_guid" &&
		tpg_create "$tpg" && tpg_lun "$tpg" 0 disk &&
		tpg_acl "$tpg" "$acl" 0 && tpg_enable "$tpg" &&
		tpg_create "$stormy" && tpg_lun "$stormy" 0 disk2 &&
		tpg_lun "$stormy" 1 slow || return
	for id in 1 2 3; do
		tpg_acl "$stormy" "$(ext_id $id)" 0 || return
	done
	acl_lun "$stormy" "$(ext_id 1)" 1 && tpg_enable "$stormy" &&
		make_passing &&
		tpg_create "$pulled" && tpg_lun "$pulled" 0 disk2 &&
		tpg_acl "$pulled" "$pulled_id" 0 && tpg_enable "$pulled"
}

# --- a round -----------------------------------------------------------------

rough_io() {
	LD_LIBRARY_PATH=$fio_libs fio --name=rough --filename="$rough" --direct=1 --ioengine=libaio \
		--thread --rw=randrw --bs=16k --iodepth=8 --size=8m --rate=1m \
		--time_based --runtime="$seconds" --ignore_error=EIO,EIO \
		>/run/fio.rough 2>&1 3>&- &
	writer=$!
}
storm() {
	local what pid

	rough_io
	busy=()
	doing=()
	for what in come_and_go 'come_and_go 3' 'come_and_go 4' switch_tpg \
		remake_tpg switch_acl switch_port switch_srq reset_lun \
		reset_host be_aborted pull_hca look; do
		# shellcheck disable=SC2086 # words
		until_end $what &
		busy+=($!)
		doing[$!]=$what
	done
	sleep "$seconds"
	: >/run/storm.over
	for pid in "${busy[@]}"; do
		ends "$pid"
	done
	ok "the storm is over" wait_for 1 all_ended || what_runs
	rm /run/storm.over
	within 10 "the quiet one's I/O moves still" io_moves || io_stands_still
}
# Initiators come back by themselves.
reload() {
	returns_within 60 "the configuration can be removed" target_clear
	ok "the driver unloads" modprobe -r ib_srpt || exit
	ok "and is there again" configure || exit
	within 30 "the quiet one's I/O goes on" io_moves || io_stands_still
}

declare -A doing
rports=/sys/class/srp_remote_ports
service_guid=$(service_guid rxe0)
tpg=$(port_name_gid rxe0)/tpgt_1
acl=$(initiator_port_id)
stormy=$(port_name_guid rxe0)/stormy
passing=$(port_name_guid rxe0)/passing
ok "another HCA" other_rxe_up || exit
pulled=$(port_name_guid rxe1)/pulled
pulled_id=$(initiator_port_id rxe1)
ok "the target can be configured" eval 'make_disks && configure' || exit
# These two come back whatever happens, those that come and go give up.
initiator_hasty
ok "login to the quiet TPG" login || exit
rport_timeouts "$host" 600
dev=$(disk "$host")
ok "login to the other" login "$(ext 1)" || exit
rport_timeouts "$host" 600
rough=$(disk "$host")
slow=$(disk "$host" 1)
like "$slow" ^/dev/sd "its slow disk is there" || exit
echo 3 >"/sys/block/${rough##*/}/device/timeout"
echo 1 >"/sys/block/${slow##*/}/device/timeout"
ok "another one comes and goes" come_and_go
other_rxe_down
before=$(memory_settled)

mixed_io "$dev"
within 10 "the quiet one's I/O moves" io_moves || io_stands_still
for round in 1 2; do
	diag "round $round"
	storm
	reload
done
io_ok "it did not notice anything"

tpg_enable "$stormy"
within 40 "the other one's I/O comes to an end" not_running "$writer"
echo 30 >"/sys/block/${rough##*/}/device/timeout"
echo running >"/sys/block/${rough##*/}/device/state"
within 20 "its session is there" eval \
	'[[ $(sessions_of "$stormy" "$(ext_id 1)") == *LOGGED_IN* ]]'
ok "verified I/O" verified_io "$rough"
ok "the third can come and go" come_and_go
within 10 "no other connection is left" channels_are 2
sleep 2
after=$(memory_settled)
at_most $((after - before)) 8000 "the memory is back (KiB)"
