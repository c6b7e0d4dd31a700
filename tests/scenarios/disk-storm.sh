# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a file system and verified I/O over two paths that fail, and resets, above an encrypted RAID
# routine: by-hand
# processors: parallel
# time: 120

# STORM_SECONDS=600 for a long one.
seconds=${STORM_SECONDS:-40}

until_end() {
	while [[ ! -e /run/storm.over ]]; do
		"$@" >/dev/null 2>&1
	done 3>&-
}
# A path that fails comes back: its port is closed for a while, by turns.
switch_paths() {
	local one

	for one in "$first" "$second"; do
		tpg_disable "$one"
		sleep 1
		tpg_enable "$one"
		sleep 4
	done
}
reset_paths() {
	local dev

	for dev in "${paths[@]}"; do
		sg_reset -d -N "$dev"
		sleep 0.7
	done
}
reset_host() {
	sleep 5
	sg_reset -H -N "${paths[0]}"
}
# Files are written, read back past the cache, compared, and removed.
files() {
	head -c 1500000 /dev/urandom >/run/storm.in
	if ! cp /run/storm.in "/run/fs/storm/$1" || ! sync "/run/fs/storm/$1"; then
		echo "cannot write" >>/run/storm.wrong
		return
	fi
	echo 1 >/proc/sys/vm/drop_caches
	cmp /run/storm.in "/run/fs/storm/$1" >>/run/storm.wrong 2>&1
	rm "/run/fs/storm/$1"
}

modprobe target_core_mod
modprobe -aq dm_multipath dm_round_robin
for name in a b c; do
	nullblk $name 80
done
ok "RAID 5" md_raid5 raid /dev/a /dev/b /dev/c || exit
ok "encrypted" dm_vault store /dev/raid || exit
backstore_block store /dev/mapper/store
ok "the target can be configured" target_simple store || exit
first=$tpg
second=$(port_name_guid rxe0)/second
tpg_create "$second" && tpg_lun "$second" 0 store &&
	tpg_acl "$second" "$(ext_id 1)" 0 && tpg_enable "$second"
# A path that fails is told so soon; what comes back is used again.
initiator_load reconnect_delay=1 fast_io_fail_tmo=3 dev_loss_tmo=off
paths=()
for who in 0 1; do
	ok "login of path $who" login "$(ext $who)" || exit
	paths+=("$(disk "$host")")
	echo 5 >"/sys/block/${paths[who]##*/}/device/timeout"
done
block_sectors "${paths[0]}"
table="0 $sectors multipath 1 queue_if_no_path 0 2 1"
for dev in "${paths[@]}"; do
	table+=" round-robin 0 1 1 $dev 1000"
done
ok "one disk with two paths" dm_make both "$table" || exit
half=$((sectors / 2))
ok "a part for a file system" dm_make top \
	"0 $half linear /dev/mapper/both 0" || exit
ok "one for the rest" dm_make rest \
	"0 $((sectors - half)) linear /dev/mapper/both $half" || exit
ok "a file system" fs_make storm /dev/mapper/top || exit

LD_LIBRARY_PATH=$fio_libs fio --name=storm --filename=/dev/mapper/rest --direct=1 \
	--ioengine=libaio --thread --rw=randrw --bsrange=4k-256k --iodepth=8 \
	--size=16m --verify=crc32c --verify_backlog=32 --verify_fatal=1 \
	--verify_state_save=0 --time_based --runtime="$seconds" --rate=4m \
	>/run/fio.storm 2>&1 3>&- &
writer=$!
: >/run/storm.wrong
busy=()
for what in switch_paths reset_paths reset_host 'files one'; do
	# shellcheck disable=SC2086 # words
	until_end $what &
	busy+=($!)
done
# A path that was told to fail is tried again.
until_end eval 'for dev in "${paths[@]}"; do
	dmsetup message both 0 "reinstate_path $dev"; done; sleep 1' &
busy+=($!)
sleep "$seconds"
: >/run/storm.over
for pid in "${busy[@]}"; do
	wait_for 60 not_running "$pid" || fail "the storm is over"
done
for dev in "${paths[@]}"; do
	dmsetup message both 0 "reinstate_path $dev"
done
within 60 "the I/O comes to an end" not_running "$writer"
ok "all that it wrote was there" wait "$writer" || diag "$(tail -n 20 /run/fio.storm)"
is "$(</run/storm.wrong)" "" "so were all files"
ok "the file system is left" umount /run/fs/storm
ok "and sound" e2fsck -fn /dev/mapper/top
dmsetup remove rest
dmsetup remove top
dmsetup remove both
for dev in "${paths[@]}"; do
	ok "verified I/O on $dev" verified_io "$dev" --size=256k
done
