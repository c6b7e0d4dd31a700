# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What LIO exports: ramdisks, files, block devices; and block devices that can
# be slow or stuck on purpose.

core=/sys/kernel/config/target/core

# Each of these prints nothing and leaves a backstore under the name given;
# backstore_path NAME finds it.
backstore_make() {
	local hba=$1 name=$2 control=$3

	[[ -d $core ]] || modprobe target_core_mod || return
	mkdir -p "$core/${hba}_0" && mkdir "$core/${hba}_0/$name" || return
	echo "$control" >"$core/${hba}_0/$name/control" || return
	echo "test-$name" >"$core/${hba}_0/$name/wwn/vpd_unit_serial"
	echo 1 >"$core/${hba}_0/$name/enable"
}

backstore_path() { echo "$core"/*_0/"$1"; }

# backstore_ramdisk NAME [MIB]
backstore_ramdisk() {
	backstore_make rd_mcp "$1" "rd_pages=$((${2:-32} * 256))"
}

# backstore_null NAME [MIB]: takes all writes, reads as anything.
backstore_null() {
	backstore_make rd_mcp "$1" "rd_pages=$((${2:-32} * 256)),rd_nullio=1"
}

# backstore_file NAME [MIB]
backstore_file() {
	truncate -s "${2:-32}M" "/dev/shm/$1.img" || return
	modprobe -q target_core_file
	backstore_make fileio "$1" \
		"fd_dev_name=/dev/shm/$1.img,fd_dev_size=$((${2:-32} << 20)),fd_buffered_io=1"
}

# backstore_block NAME DEVICE
backstore_block() {
	modprobe -q target_core_iblock
	backstore_make iblock "$1" "udev_path=$2,force=1"
}

# backstore_attr NAME ATTRIBUTE VALUE
backstore_attr() {
	echo "$3" >"$(backstore_path "$1")/attrib/$2"
}

backstore_remove() {
	rmdir "$(backstore_path "$1")"
}

# nullblk NAME [MIB [ATTRIBUTE=VALUE...]]: /dev/NAME, memory backed unless
# told otherwise; e.g. irqmode=2 completion_nsec=2000000000 for a slow one.
nullblk() {
	local name=$1 mib=${2:-32} dir=/sys/kernel/config/nullb/$1 word

	shift $(($# > 2 ? 2 : $#))
	modprobe -q null_blk nr_devices=0
	mkdir "$dir" || return
	for word in "size=$mib" memory_backed=1 blocksize=512 "$@"; do
		echo "${word#*=}" >"$dir/${word%%=*}" || return
	done
	echo 1 >"$dir/power"
	# The kernel of Debian 12 counts its devices; newer ones take our name.
	[[ -b /dev/$name ]] ||
		ln -s "/dev/nullb$(cat "$dir/index")" "/dev/$name"
}

# dm_block NAME DEVICE: /dev/mapper/NAME, a linear map that can be frozen.
dm_block() {
	modprobe -q dm_mod
	dmsetup create "$1" --table "0 $(blockdev --getsz "$2") linear $2 0"
	dmsetup mknodes
}

# dm_freeze NAME / dm_thaw NAME: I/O to it waits until it is thawed.
dm_freeze() { dmsetup suspend --noflush --nolockfs "$1"; }
dm_thaw() { dmsetup resume "$1"; }

# dm_slow NAME DEVICE MILLISECONDS: every I/O takes that long.
dm_slow() {
	modprobe -q dm_delay
	dmsetup create "$1" \
		--table "0 $(blockdev --getsz "$2") delay $2 0 $3"
	dmsetup mknodes
}

# dm_broken NAME DEVICE FIRST COUNT: I/O to those sectors fails.
dm_broken() {
	local size=$(($(blockdev --getsz "$2"))) end=$(($3 + $4))

	modprobe -q dm_mod
	{
		(($3 == 0)) || echo "0 $3 linear $2 0"
		echo "$3 $4 error"
		((end >= size)) || echo "$end $((size - end)) linear $2 $end"
	} | dmsetup create "$1"
	dmsetup mknodes
}

# --- other kinds of disk -----------------------------------------------------
#
# What makes one of these says how it is taken down again.

undo_list=/run/backstores

# undo WORD...: a command for the time when all is taken down: the last first.
undo() { printf '%q ' "$@" >>"$undo_list" && echo >>"$undo_list"; }

undo_all() {
	local lines i

	[[ -e $undo_list ]] || return 0
	mapfile -t lines <"$undo_list"
	rm "$undo_list"
	for ((i = ${#lines[@]} - 1; i >= 0; i--)); do
		eval "${lines[i]}"
	done
}

# disk_name NAME DEVICE: /dev/NAME for a device that is numbered.
disk_name() {
	ln -sf "$2" "/dev/$1" && undo rm -f "/dev/$1"
}

# block_sectors DEVICE: its size, set as $sectors.
block_sectors() { sectors=$(blockdev --getsz "$1"); }

dm_make() {
	local name=$1

	dmsetup create "$name" --table "$2" && dmsetup mknodes &&
		undo dm_gone "$name"
}
dm_gone() {
	# (its node stays)
	! dmsetup info "$1" >/dev/null 2>&1 || dmsetup remove --force "$1"
}

# dm_vault NAME DEVICE [SECTOR_SIZE]: /dev/mapper/NAME, encrypted.
dm_vault() {
	local key=00112233445566778899aabbccddeeff sectors

	block_sectors "$2"
	modprobe -aq aes_generic aes ecb xts dm_crypt
	dm_make "$1" "0 $sectors crypt aes-xts-plain64 $key$(rev <<<$key) 0 $2 0 1 sector_size:${3:-4096}"
}

# dm_thin NAME DEVICE METADATA_DEVICE: /dev/mapper/NAME, as large as DEVICE,
# which takes room in it when it is written to. Metadata must begin with zeroes.
dm_thin() {
	local sectors

	block_sectors "$2"
	modprobe -q dm_thin_pool
	dm_make "$1-pool" "0 $sectors thin-pool $3 $2 128 0" &&
		dmsetup message "$1-pool" 0 'create_thin 0' &&
		dm_make "$1" "0 $sectors thin /dev/mapper/$1-pool 0"
}

# md_raid5 NAME DEVICE...: /dev/NAME, without a superblock, so without mdadm.
md_raid5() {
	local name=$1 md=/sys/block/md_$1/md device sectors slot=0

	shift
	modprobe -aq md_mod raid456
	block_sectors "$1"
	echo "md_$name" >/sys/module/md_mod/parameters/new_array || return
	undo eval "echo clear >$md/array_state"
	echo none >"$md/metadata_version" && echo raid5 >"$md/level" &&
		echo $# >"$md/raid_disks" && echo 16384 >"$md/chunk_size" &&
		echo 2 >"$md/layout" || return
	for device; do
		device=$(realpath "$device")
		echo "$(<"/sys/class/block/${device##*/}/dev")" >"$md/new_dev" &&
			echo 0 >"$md/dev-${device##*/}/offset" &&
			echo $((sectors / 2)) >"$md/dev-${device##*/}/size" &&
			echo $((slot++)) >"$md/dev-${device##*/}/slot" || return
	done
	echo $((sectors / 2)) >"$md/component_size" &&
		echo none >"$md/resync_start" &&
		echo active >"$md/array_state" && disk_name "$name" "/dev/md_$name"
}

# zram_disk NAME [MIB]: /dev/NAME, compressed memory.
zram_disk() {
	local number

	if [[ ! -e /sys/class/zram-control ]]; then
		modprobe -aq lzo-rle lzo zram num_devices=0
		undo modprobe -r zram
	fi
	number=$(</sys/class/zram-control/hot_add) || return
	undo eval "echo $number >/sys/class/zram-control/hot_remove"
	echo "${2:-32}M" >"/sys/block/zram$number/disksize" &&
		disk_name "$1" "/dev/zram$number"
}

# loop_disk NAME FILE: /dev/NAME.
loop_disk() {
	local device

	modprobe -q loop
	device=$(losetup --find --show "$2") && undo losetup --detach "$device" &&
		disk_name "$1" "$device"
}

# nvme_disk NAME DEVICE: /dev/NAME, an NVMe namespace over that device.
nvme_disk() {
	local name=$1 nvmet=/sys/kernel/config/nvmet ns port=1 d device

	modprobe -aq nvme_loop || return
	ns=$nvmet/subsystems/$name/namespaces/1
	while [[ -d $nvmet/ports/$port ]]; do
		((++port))
	done
	mkdir "$nvmet/subsystems/$name" "$ns" "$nvmet/ports/$port" || return
	undo rmdir "$nvmet/ports/$port" "$ns" "$nvmet/subsystems/$name"
	echo 1 >"$nvmet/subsystems/$name/attr_allow_any_host" &&
		echo "$2" >"$ns/device_path" && echo 1 >"$ns/enable" &&
		echo loop >"$nvmet/ports/$port/addr_trtype" &&
		ln -s "$nvmet/subsystems/$name" "$nvmet/ports/$port/subsystems/$name" ||
		return
	undo rm "$nvmet/ports/$port/subsystems/$name"
	echo "transport=loop,nqn=$name" >/dev/nvme-fabrics || return
	for d in /sys/class/nvme/nvme*; do
		[[ $(<"$d/subsysnqn") == "$name" ]] || continue
		undo eval "echo 1 >$d/delete_controller"
		device=/dev/${d##*/}n1
		wait_for 10 test -b "$device" && disk_name "$name" "$device"
		return
	done
	return 1
}

# user_disks_up: the daemon behind LIO's disks in user space is at work; it is not
# of the scenario's session, because disks are removed after that has ended.
# user_disks_stop, user_disks_go: it answers nothing meanwhile.
user_disks_up() {
	local from=$UNPACKED/tcmu-runner

	modprobe target_core_user || return
	mkdir -p /run/dbus /run/user-disks
	mkdir -p /etc/tcmu /etc/dbus-1/system.d
	cp "$from"/etc/tcmu/*.conf /etc/tcmu || return
	cp "$from"/etc/dbus-1/system.d/*.conf /etc/dbus-1/system.d || return
	setsid dbus-daemon --system --nofork --nopidfile >/dev/null 2>&1 3>&- &
	undo pkill -x dbus-daemon
	wait_for 10 test -S /run/dbus/system_bus_socket || return
	setsid "$from/usr/bin/tcmu-runner" -l /run/user-disks --handler-path \
		"$from/usr/lib/x86_64-linux-gnu/tcmu-runner" \
		>/run/user-disks/out 2>&1 3>&- &
	undo pkill -x tcmu-runner
	wait_for 20 user_disks_listen
}
user_disks_listen() {
	[[ $(dbus-send --system --print-reply=literal \
		--dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
		string:org.kernel.TCMUService1 2>/dev/null) == *true* ]]
}
user_disks_stop() { pkill -STOP -x tcmu-runner; }
user_disks_go() { pkill -CONT -x tcmu-runner; }

# backstore_user NAME [MIB]: an image that the daemon of user_disks_up reads and
# writes.
backstore_user() {
	truncate -s "${2:-16}M" "/run/user-disks/$1.img" &&
		backstore_make user "$1" "dev_config=qcow//run/user-disks/$1.img,\
dev_size=$((${2:-16} << 20))"
}

# scsi_debug_load [PARAMETER=VALUE...]: SCSI devices in memory, each host with
# memory of its own; $scsi_debug becomes an array of their H:C:T:L.
scsi_debug_load() {
	local d

	modprobe scsi_debug delay=0 dev_size_mb=32 per_host_store=1 "$@" ||
		return
	scsi_debug=()
	for d in /sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*:*:*:*; do
		[[ ! -d $d ]] || scsi_debug+=("${d##*/}")
	done
	((${#scsi_debug[@]}))
}

# scsi_block H:C:T:L: prints the device of that disk.
scsi_block() {
	local d

	wait_for 10 compgen -G "/sys/bus/scsi/devices/$1/block/*" >/dev/null
	for d in "/sys/bus/scsi/devices/$1/block"/*; do
		echo "/dev/${d##*/}"
	done
}

# backstore_pscsi NAME H:C:T:L: a SCSI device passed through as it is.
backstore_pscsi() {
	local at control device

	modprobe -q target_core_pscsi
	IFS=: read -ra at <<<"$2"
	control=scsi_host_id=${at[0]},scsi_channel_id=${at[1]}
	control+=,scsi_target_id=${at[2]},scsi_lun_id=${at[3]}
	if compgen -G "/sys/bus/scsi/devices/$2/block/*" >/dev/null; then
		device=$(scsi_block "$2")
	else
		device=/dev/sg # of no consequence but that it must be given
	fi
	mkdir -p "$core/pscsi_0/$1" &&
		echo "$control" >"$core/pscsi_0/$1/control" &&
		echo "$device" >"$core/pscsi_0/$1/udev_path" || return
	echo 1 >"$core/pscsi_0/$1/enable"
}

# fs_make NAME DEVICE: a file system on it, at /run/fs/NAME; fs_freeze and
# fs_thaw NAME: writes to it wait. It is thawed before all else is taken down.
fs_make() {
	mkfs.ext4 -qF -O ^has_journal -E nodiscard,lazy_itable_init=1 "$2" >/dev/null ||
		return
	mkdir -p "/run/fs/$1" && mount -t ext4 "$2" "/run/fs/$1" &&
		undo fs_gone "$1"
}
fs_gone() {
	! mountpoint -q "/run/fs/$1" || umount "/run/fs/$1"
}
fs_freeze() { fsfreeze --freeze "/run/fs/$1"; }
fs_thaw() { fsfreeze --unfreeze "/run/fs/$1"; }

# backstore_fs_file NAME FILE_SYSTEM [MIB [CONTROL]]: a file there, written
# through; CONTROL, e.g., ,fd_buffered_io=1 or ,fd_async_io=1.
backstore_fs_file() {
	truncate -s "${3:-16}M" "/run/fs/$2/$1.img" || return
	modprobe -q target_core_file
	backstore_make fileio "$1" \
		"fd_dev_name=/run/fs/$2/$1.img,fd_dev_size=$((${3:-16} << 20))${4:-}"
}

backstores_down() {
	local d

	for d in "$core"/*/*/; do
		[[ -d $d/attrib ]] && rmdir "$d"
	done
	for d in "$core"/*/; do
		[[ -e $d/hba_mode && $d != */alua/ ]] && rmdir "$d" 2>/dev/null
	done
	undo_all
	if compgen -G '/sys/block/dm-*' >/dev/null; then
		dmsetup remove_all --force >/dev/null 2>&1
	fi
	for d in /sys/kernel/config/nullb/*/; do
		[[ -d $d ]] && rmdir "$d"
	done
	[[ ! -e /sys/module/null_blk ]] ||
		find /dev -maxdepth 1 -lname '/dev/nullb*' -delete
	rm -f /dev/shm/*.img
	[[ ! -e /sys/module/scsi_debug ]] || modprobe -r scsi_debug
}
