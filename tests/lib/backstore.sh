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

backstores_down() {
	local d

	for d in "$core"/*/*/; do
		[[ -d $d/attrib ]] && rmdir "$d"
	done
	for d in "$core"/*/; do
		[[ -e $d/hba_mode && $d != */alua/ ]] && rmdir "$d" 2>/dev/null
	done
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
