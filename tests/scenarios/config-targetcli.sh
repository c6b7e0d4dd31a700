# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: targetcli configures, saves, clears and restores, also before the HCA is there
# time: 60

config=/run/saved.json

# As one process; targetcli takes seconds to start.
cli() { targetcli >/run/cli.out 2>&1 || { cat /run/cli.out; return 1; }; }

mkdir -p /run/dbus
dbus-daemon --system --fork >/dev/null 2>&1
id=$(initiator_port_id)
port=$(port_name_gid rxe0)
service_guid=$(service_guid)
ok "the driver loads" target_load || exit

ok "targetcli configures a target" cli <<EOF || exit
set global auto_save_on_exit=false
/backstores/ramdisk create disk 16M
/srpt create ib.${port#0x}
/srpt/ib.${port#0x}/luns create /backstores/ramdisk/disk
/srpt/ib.${port#0x}/acls create ib.${id#0x}
EOF
ok "it can be used" login
like "$(disk "$host")" ^/dev/sd "the disk is there"
dev=$(disk "$host")
ok "verified I/O" verified_io "$dev"
ok "targetcli shows the session" cli <<EOF
set global auto_save_on_exit=false
sessions
EOF
like "$(</run/cli.out)" "LOGGED_IN" "logged in"
ok "saves the configuration, and clears it with the session at work" cli <<EOF
set global auto_save_on_exit=false
saveconfig $config
clearconfig confirm=True
EOF
ok "nothing is left" test ! -e "$srpt/$port"
within 5 "no session either" channels_are 0
logout "$host"
ok "the HCA goes" rxe_down
target_listen 0
ok "the configuration can be restored without it" cli <<EOF
set global auto_save_on_exit=false
restoreconfig $config
EOF
unlike "$(</run/cli.out)" 'rror|ould not' "without a complaint"
is "$(cat "$srpt/$port/tpgt_1/enable")" 1 "and is enabled"
is "$(<"$srpt/discovery_auth/rdma_cm_port")" "$target_port" \
	"the port for RDMA/CM comes with it"
klog_mark
ok "an attribute of a TPG changes it" tpg_attr "$port/tpgt_1" rdma_cm_port 5601
ok "which the log tells" klog_has "port 5601, no more at $target_port"
is "$(<"$srpt/discovery_auth/rdma_cm_port")" 5601 "for all"
target_listen "$target_port"
ok "the HCA comes back" rxe_up
ok "login" login || exit
ok "verified I/O" verified_io "$(disk "$host")"
logout "$host"
tpg_disable "$port/tpgt_1"
ok "targetcli only looks" cli <<EOF
set global auto_save_on_exit=false
ls /srpt
EOF
is "$(cat "$srpt/$port/tpgt_1/enable")" 1 "and enables the target, as the guide says"
