# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# about: srpt-config sets the target up and takes that away, and prints what it does
# time: 25
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
