# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: the README's and the administration guide's commands do what they say, as printed
# time: 60
# routine: um

# A reader has two machines, each with an HCA mlx5_0; here is one with both.
at_target() { hca_is "$target_hca"; }
at_initiator() { hca_is "$initiator_hca"; }

# Ways in are tried in both halves; what does not depend on them in one, but for him
# who wants all.
whole() { [[ ! ${HALF:-} ]]; }

# logged_in TEXT: what has just been typed has made a disk that works.
logged_in() {
	within 20 "$1: a disk is there" eval 'first_host && disk_now "$host" >/dev/null' ||
		exit
	dev=$(disk "$host")
	ok "$1: verified I/O" verified_io "$dev" --size=256k
}

# README.md: from nothing to a disk, in its order. WHICH is the line of those printed
# that is for this way in, ACL what the README shows in its place, or "".
readme_disk() {
	local which=$1 example=$2 acls=()

	at_target
	ok "$way: the README's disk" doc_run readme-disk || exit
	at_initiator
	ok "$way: it tells who the initiator is" doc_run readme-who || exit
	mapfile -t acls <<<"$printed"
	at_target
	if [[ $example ]]; then
		ok "$way: its ACL" doc_run readme-acl "$example=${acls[which]}" || exit
	else
		is "${acls[which]}" ib.fe80000000000000e41d2d0300a1b2c3 \
			"$way: who is what the README shows"
		ok "$way: its ACL" doc_run readme-acl || exit
	fi
	like "$printed" 'Configuration saved to' "$way: which is saved"
}

# What is to be seen with a session at work.
looks() {
	ok "$way: what goes on" doc_until srpt-top 2 readme-look || exit
	like "$printed" 'LOGGED_IN.*login to 0x.* by ACL' "$way: sessions and the log"
	like "$printed" 'p99.*version 1.*version 1' "$way: srpt-top and the views"
	ok "$way: latency of each command" doc_run latency
	is "$(</sys/module/ib_srpt/parameters/srpt_latency_sample)" 1 "$way: is taken"
	ok "$way: srpt-top, as printed" doc_until srpt-top 1 top
	like "$printed" '"session":1,' "$way: says it in JSON too"
	exporter
	ok "$way: a session can be closed" doc_run close
	within 5 "$way: it is" grep -q 'initiator logs out\|channel closed' <(dmesg)
}

# unloads EXAMPLE=MINE...
unloads() {
	ok "$way: logout" logout_all
	ok "$way: all goes" doc_run unload "$@"
	fails "$way: nothing is left of it" test -e /sys/module/ib_srpt
	ok "$way: nor of the disk" backstore_remove disk1
}

# The guide's upgrade, under I/O; its example is what a reader puts something else for.
upgrade() {
	io_start "$dev" --time_based --runtime=600
	ok "$way: an upgrade with a session at work" doc_run upgrade || exit
	within 60 "$way: I/O goes on" io_moves
	io_ok "$way: nothing is lost"
}

# As when the machine starts: a service of Debian runs this.
restart() {
	ok "$way: what the service does when the machine starts" targetctl restore
	ok "$way: loads the driver" test -e /sys/module/ib_srpt
	is "$(<"$srpt/0xfe800000000000000002c903000f1a2b/tpgt_1/enable")" 1 \
		"$way: and brings all back"
	ok "$way: rules for srp_daemon" doc_file srp-daemon-conf /etc/srp_daemon.conf
	within 10 "$way: the port announces device management" ib_has_dm vhca1
	ok "$way: srp_daemon follows them" doc_run srp-daemon
	logged_in "$way: started anew"
}

exporter() {
	local command

	ok "$way: the line for cron" doc_block crontab
	command=${block#'* * * * *'}
	mkdir -p /var/lib/prometheus/node-exporter
	ok "$way: works" env PATH="$docs_path" sh -c "$command"
	ok "$way: and leaves metrics" grep -q '^srpt_session_info{' \
		/var/lib/prometheus/node-exporter/srpt.prom
}

# multipath_reads: what it makes of its configuration, if it complains of nothing.
multipath_reads() {
	local d=$UNPACKED/multipath-tools l=$UNPACKED/liburcu8/usr/lib/x86_64-linux-gnu

	LD_LIBRARY_PATH=$d/lib:$l "$d/sbin/multipath" -t 2>/run/multipath.err
	cat /run/multipath.err
	[[ ! -s /run/multipath.err ]]
}

# The guide's ways without targetcli. The arguments are what a reader puts in
# the place of its examples, or "": it is what they say.
no_targetcli() {
	local name=$1 guid=$2 acl=$3

	mkdir -p /dev/vg
	ln -sf /dev/disk1 /dev/vg/disk1
	rm -f "$docs_env"
	ok "$way: srpt-config" doc_run config-up "$name" "$acl" || exit
	ok "$way: login" "$login" || exit
	logged_in "$way: srpt-config"
	ok "$way: logout" logout_all
	ok "$way: away again" doc_run config-down "$name"
	ok "$way: the script in plain shell" doc_run script "$guid" "$acl" || exit
	ok "$way: the port to listen at" doc_run listen
	ok "$way: login" "$login" || exit
	logged_in "$way: plain shell"
	ok "$way: logout" logout_all
	ok "$way: the target goes" target_unload
	backstore_remove disk1
}

# The modules that the guide has loaded when a service of one's own needs them.
modules() {
	local module

	doc_block modules-load || return
	for module in $block; do
		modprobe "$module" || return
	done
	modprobe -r ib_srpt
}

mkdir -p /run/dbus
dbus-daemon --system --fork >/dev/null 2>&1
ok "a disk" nullblk disk1 16 || exit
ok "options for the module" doc_file options /etc/modprobe.d/ib_srpt.conf

if half 0; then
	way=InfiniBand
	modprobe vhca && ib_ctl vhca0 guid 1 0 0xe41d2d0300a1b2c3 &&
		ib_ctl vhca1 guid 1 0 0x0002c903000f1a2b
	ib_up || bail "the fabric comes up"
	ok "$way: time-outs for one path" doc_file ib-srp-single /etc/modprobe.d/ib_srp.conf
	target_hca=vhca1 initiator_hca=vhca0
	at_target
	ok "the guide's way to see the GID" doc_run gid
	is "$printed" fe80:0000:0000:0000:0002:c903:000f:1a2b "shows it"
	readme_disk 0 ''
	is "$(</sys/module/ib_srpt/parameters/srpt_srq_size)" 8191 "the option is taken"
	at_initiator
	within 10 "the port announces device management" ib_has_dm vhca1
	ok "$way: the README's way in" doc_run readme-ib || exit
	logged_in "$way"
	is "$(</sys/module/ib_srp/parameters/fast_io_fail_tmo)" 600 \
		"$way: the time-outs are taken"
	upgrade
	! whole || looks
	unloads
	restart
	unloads
	login_again() { doc_run readme-ib; }
	login=login_again
	! whole || no_targetcli '' '' 192.0.2.7=e41d:2d03:00a1:b2c3
	initiator_unload
	hca_is_itself
	ib_down
	rxe_up
fi

if half 1; then
	way=RoCE
	rm -f "$docs_env"
	ip address add 192.0.2.1/24 dev d0
	ip address add 192.0.2.7/24 dev d0
	undo ip address delete 192.0.2.1/24 dev d0
	undo ip address delete 192.0.2.7/24 dev d0
	target_hca=rxe0 initiator_hca=rxe0
	ok "$way: modules to be loaded" modules
	ok "$way: time-outs for several paths" \
		doc_file ib-srp-multipath /etc/modprobe.d/ib_srp.conf
	port=$(port_name_gid rxe0)
	readme_disk 1 ib.fe80000000000000e41d2d0300a1b2c3
	ok "$way: it listens" doc_run readme-listen || exit
	echo "guid=$(tail -n 1 <<<"$printed")" >>"$docs_env"
	ok "$way: the README's way in" doc_run readme-rdma-cm || exit
	logged_in "$way"
	ok "$way: the drop-in for systemd" doc_block drop-in
	ok "$way: its command" eval "$(sed -n 's/^ExecStartPost=//p' <<<"$block")"
	is "$(</sys/module/ib_srp/parameters/dev_loss_tmo)" off \
		"$way: the time-outs are taken"
	ok "$way: multipath.conf" doc_file multipath-conf /etc/multipath.conf
	like "$(multipath_reads)" 'vendor "LIO-ORG"[^}]*no_path_retry "queue"' \
		"$way: is understood"
	looks
	unloads "ib.fe800000000000000002c903000f1a2b=ib.${port#0x}"
	login_from() {
		hca=mlx5_0-1 service_guid=$(ib_service) \
			login dest=192.0.2.1:5555 src=192.0.2.7
	}
	login=login_from
	no_targetcli "0xfe800000000000000002c903000f1a2b=$port" \
		"0002:c903:000f:1a2b=$(port_name_guid mlx5_0)" ''
	hca_is_itself
	ok "the shell of a guest" doc_run readme-shell
	like "$printed" '/dev/sd' "has a disk"
fi
