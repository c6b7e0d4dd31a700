# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# about: srpt-config sets the target up and takes that away, prints what it does, and saves what there is
# time: 35
# routine: um

script=${BASH_SOURCE[0]%/*}/../../scripts/srpt-config
serial() { cat "$core"/iblock_0/srpt-dev-disk/wwn/vpd_unit_serial; }
works() {
	ok "$1: login" login || return
	ok "$1: verified I/O to the block device" \
		verified_io "$(disk "$host" 0)" --size=256k
	ok "$1: to the file" verified_io "$(disk "$host" 1)" --size=256k
	ok "$1: logout" logout "$host"
}

ok "a disk" nullblk disk 16 || exit
truncate -s 8M "/dev/shm/a file"
read -r port where < <("$script" ports)
is "$port $where" "$(port_name_gid rxe0) rxe0 port 1" "it knows the port"
up=(up "$port" --rdma-cm "$target_port" --acl "$(initiator_port_id)"
	/dev/disk "/dev/shm/a file")

fails "there is nothing to save" "$script" save
printed=$("$script" --dry-run "${up[@]}")
fails "a dry run does nothing" test -e /sys/module/ib_srpt
ok "up" "$script" "${up[@]}"
tpg=$port/tpgt_1
! half 0 || works "up"
serial=$(serial)
fails "not twice" "$script" "${up[@]}"
ok "another group offers the disk too" \
	"$script" up "$port" --tpg tpgt_2 --acl 10.1.1.1 /dev/disk
ok "down" "$script" down "$port"
ok "the other one still has it" test -d "$core/iblock_0/srpt-dev-disk"
ok "down, that as well" "$script" down "$port" --tpg tpgt_2
is "$(find "$srpt" -mindepth 1 -maxdepth 1 -name '0x*')" "" "no port is left"
is "$(find "$core" -mindepth 2 -maxdepth 2 -name 'srpt-*')" "" "and no disk"

ok "what it prints does the same" sh -e <<<"$printed"
! half 1 || works "printed"
is "$(serial)" "$serial" "the disk has the same serial number"
ok "down again" "$script" down "$port"

ok "another's group" target_simple || exit
fails "is not taken away" "$script" down "$port"
ok "not even in part" login
fails "a disk that is none" "$script" up "$port" --tpg x --acl 1.2.3.4 /dev/disk \
	/dev/shm
fails "leaves nothing" test -e "$srpt/$port/x"
fails "an ACL that is none" "$script" up "$port" --tpg x --acl nobody /dev/disk
ok "can be taken away" "$script" down "$port" --tpg x
is "$(find "$core" -mindepth 2 -maxdepth 2 -name 'srpt-*')" "" "with its disk"
logout "$host"
target_clear
backstores_down

# --- what there is, whoever made it, as a script -----------------------------------

# made: all that somebody has configured, files with their contents.
made() {
	cd "$core/.." || return
	find srpt -name statistics -prune -o -type d -print -o -type l -printf '%p > %l\n' | sort
	grep -sH '' srpt/*/*/{enable,attrib/*} srpt/*/*/acls/*/lun_*/write_protect \
		core/*_0/*/{info,enable,attrib/*,wwn/vpd_unit_serial} | sed 's/ ID: [0-9]*//'
}
# Three groups under two names of a port, and each kind of ACL; rtslib could have made
# the first.
rich() {
	local gid first second third guid

	gid=$(port_name_gid rxe0)
	first=$gid/tpgt_1 second=$gid/second third=$(port_name_guid rxe0)/tpgt_1
	guid=$(peer_guid)
	nullblk disk 16 && backstore_block block /dev/disk && backstore_file file 8 &&
		backstore_ramdisk memory 8 && target_load || return
	echo "a serial number" >"$core/iblock_0/block/wwn/vpd_unit_serial"
	backstore_attr block emulate_caw 0
	tpg_create "$first" && tpg_lun "$first" 0 memory &&
		tpg_acl "$first" "$(initiator_port_id)" 0 && tpg_enable "$first" &&
		tpg_create "$second" && tpg_lun "$second" 0 file &&
		tpg_attr "$second" use_srq 1 && tpg_acl "$second" "$guid" &&
		tpg_acl "$second" "0x0000000000000000${guid//:/}" || return
	tpg_create "$third" && tpg_lun "$third" 0 block && tpg_lun "$third" 2 file &&
		tpg_attr "$third" srp_max_rdma_size 131072 &&
		tpg_acl "$third" "$initiator_ip" 0 2 && tpg_acl "$third" "$initiator_ip6" 2 &&
		echo 1 >"$srpt/$third/acls/$initiator_ip/lun_2/write_protect" &&
		tpg_enable "$third"
}
# as_after_boot: nothing is left, and nothing loaded. The disks are there.
as_after_boot() {
	target_unload && rmdir "$core"/*_0/*/ "$core"/*_0 && lio_unload
}

ok "several groups and names, each kind of ACL and of disk" rich || exit
before=$(made)
ok "all that can be saved" doc_run config-save
cp /usr/local/sbin/srpt-start /run/first
ok "and taken away" as_after_boot || exit
fails "none of it is left" test -e "$core"
ok "the script makes it again" /usr/local/sbin/srpt-start || exit
is "$(made)" "$before" "all is as it was"
ok "what can be saved again" doc_run config-save
is "$(</usr/local/sbin/srpt-start)" "$(</run/first)" "in the same words"
ok "login" login || exit
ok "verified I/O" verified_io "$(disk "$host" 0)" --size=256k
logout "$host"
target_clear
backstores_down

# --- why: the trap that the guide tells of -------------------------------------------

ok "two groups of a port" eval 'target_load && backstore_ramdisk disk &&
	tpg_create "$port/tpgt_1" && tpg_create "$port/tpgt_2"' || exit
mkdir -p /run/dbus
dbus-daemon --system --fork >/dev/null 2>&1
ok "rtslib saves them" targetctl save /run/saved.json
target_clear
backstores_down
like "$(targetctl restore /run/saved.json 2>&1)" "cannot have multiple TPGs" \
	"and cannot restore them"
