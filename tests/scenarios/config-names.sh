# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: ports by GUID or GID, in either case, before the HCA exists and after it has gone
# time: 30
# routine: um 6.12

# port_for N NAME: a TPG of the port of that name, for initiator N.
port_for() {
	tpg_create "$2/tpgt_1" && tpg_lun "$2/tpgt_1" 0 disk &&
		tpg_acl "$2/tpgt_1" "$(ext_id "$1")" 0 &&
		tpg_enable "$2/tpgt_1"
}

# lets_in N NAME: initiator N logs in, by that name.
lets_in() {
	klog_mark
	ok "initiator $1 is let in" login "$(ext "$1")" || return
	ok "to $2" klog_has "login to $2 by ACL"
	dev=$(disk "$host")
	ok "I/O" verified_io "$dev" --size=64k
	like "$(tr -d '\0' <"/sys/block/${dev##*/}/device/vpd_pg83")" \
		"$2,t,0x0001" "the disk says which port it is behind"
	logout "$host"
}

guid=$(port_name_guid rxe0)
gid=$(upper "$(port_name_gid rxe0)")
id1=$(ext_id 1) id2=$(ext_id 2) service_guid=$(service_guid)
ext_id() { local v=id$1; echo "${!v}"; }

ok "there is no HCA" rxe_down || exit
ok "the driver loads all the same" target_load || exit
backstore_ramdisk disk
ok "a port by its GUID" port_for 1 "$guid" || exit
ok "the HCA appears" rxe_up || exit
lets_in 1 "$guid"
ok "the same port by its GID, in capitals" port_for 2 "$gid" || exit
lets_in 2 "$gid"
lets_in 1 "$guid"

ok "the HCA goes" rxe_down || exit
ok "the configuration can be changed meanwhile" \
	tpg_attr "$gid/tpgt_1" use_srq 1
ok "a port can be removed" port_remove "$guid"
ok "and made, in capitals" port_for 1 "$(upper "$guid")" || exit
ok "the HCA comes back" rxe_up || exit
lets_in 2 "$gid"
lets_in 1 "$(upper "$guid")"

for name in "$guid" "${gid,,}"; do
	klog_mark
	fails "$name is not there twice" mkdir "$srpt/$name"
	ok "and the log says why" klog_has "\"$name\" exists in another spelling"
done
for name in foo "${gid#0x}" "${gid%?}" "${gid}0" "${guid#?}" "$guid:" \
	"${guid//:/-}" 0x 10.77.0.1 "${guid%?}g"; do
	klog_mark
	fails "port $name is refused" mkdir "$srpt/$name"
	ok "and the log says why" klog_has "target port \"$name\": not"
done
ok "any other port's name can be given" mkdir "$srpt/0123:4567:89ab:cdef"
ok "and taken away" rmdir "$srpt/0123:4567:89ab:cdef"
