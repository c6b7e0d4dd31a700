# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of demo-ha-guest and the library
#
# The part of demo-ha-guest that is about Ceph.  Sourced, never run.

# what is not needed of the packages, and would take a guest long to read
unpack_less=(--exclude={cephfs,radosgw,rbd-replay,ceph-syn,ceph-dencoder}\*
	--exclude=ceph-\*-tool --exclude=mount.ceph)
export_by=srpt-drbd=srpt-rbd	# what takes the place of words of the recipe
client_packages=(libboost-program-options1.74.0 libncurses6 librados2 librbd1 ceph-common)
cluster_packages=(libfuse2 libleveldb1d liblua5.3-0 liboath0 libsnappy1v5
	python3-ceph-argparse python3-ceph-common python3-prettytable python3-rados
	python3-wcwidth ceph-base ceph-mon ceph-osd)
cluster_ip=$link_disk.3

# --- the cluster -----------------------------------------------------------------

# cluster_network IP: both links are one network.
cluster_network() {
	modprobe bridge
	ip link add name lan type bridge
	ip link set lan mtu 4200 up
	ip link set eth0 mtu 4200 up master lan
	ip link set eth1 mtu 4200 up master lan
	ip address add "$1/24" dev lan
}

ceph_conf() {
	mkdir -p /etc/ceph
	cat >/etc/ceph/ceph.conf <<-CONF
		[global]
		fsid = 5a2f7f6e-8a0c-4c39-9f0b-2d6f4f0f6b11
		mon host = $cluster_ip
		keyring = /etc/ceph/ceph.\$name.keyring
		log file = /run/ceph/\$name.log
	CONF
}

# cluster_up: the OSD's disk is memory.
cluster_up() {
	unpack "${client_packages[@]}" "${cluster_packages[@]}"
	mkdir -p /run/ceph /run/mon /run/osd
	ceph_conf
	cat >>/etc/ceph/ceph.conf <<-CONF
		osd objectstore = memstore
		osd crush chooseleaf type = 0
		osd pool default size = 1
		osd pool default pg num = 8
		mon allow pool size one = true
		mon data = /run/mon
		osd data = /run/osd
	CONF
	{ monitor_up && osd_up; } >/run/ceph/start 2>&1 || { cat /run/ceph/start; return 1; }
}

monitor_up() {
	local admin=/etc/ceph/ceph.client.admin.keyring all=/run/mon.keyring

	ceph-authtool --create-keyring $all --gen-key -n mon. --cap mon 'allow *' &&
		ceph-authtool --create-keyring $admin --gen-key -n client.admin \
			--cap mon 'allow *' --cap osd 'allow *' &&
		ceph-authtool $all --import-keyring $admin &&
		monmaptool --create --fsid "$(ceph-conf -s global fsid)" --addv c \
			"[v2:$cluster_ip:3300,v1:$cluster_ip:6789]" /run/monmap &&
		ceph-mon --mkfs -i c --monmap /run/monmap --keyring $all &&
		ceph-mon -i c 3>&-
}

osd_up() {
	local uuid=8b1d7c52-59a5-4f11-bf0a-2e7a2c8f4c60

	ceph osd new $uuid &&
		ceph auth get-or-create osd.0 mon 'profile osd' osd 'allow *' \
			-o /etc/ceph/ceph.osd.0.keyring &&
		ceph-osd -i 0 --mkfs --osd-uuid $uuid &&
		ceph-osd -i 0 3>&- &&
		wait_for 20 osd_is_up
}
osd_is_up() { ceph osd stat | grep -q ' 1 up'; }

# --- targets -----------------------------------------------------------------------

# client_up KEYRING: what the recipe has copied.
client_up() {
	unpack "${client_packages[@]}"
	ceph_conf
	echo "$1" >/etc/ceph/ceph.client.srpt.keyring
	modprobe -a rbd dm_mod
}

watch_block() { doc_block rbd-watch; }
watch_over() { pkill -f '/srpt-rbd watch'; }

# client_down: the disk is nobody's any more.
client_down() {
	watch_over
	target_clear && rmdir "$core"/iblock_0/r0/alua/node? "$core"/iblock_0/r0 &&
		dmsetup remove r0 && not_mapped && modprobe -r rbd
}
not_mapped() { ! compgen -G '/sys/bus/rbd/devices/*' >/dev/null; }
given_up() { wait_for 20 not_mapped; }

# late_begin MIB: writes there, past LIO, ten times a second, until it cannot.
late_begin() {
	python3 -c 'import mmap, os, sys, time
disk = os.open("/dev/rbd0", os.O_WRONLY | os.O_DIRECT)
page = mmap.mmap(-1, 4096)
page.write(b"a" * 4096)
times = 0
try:
    while True:
        os.pwrite(disk, page, int(sys.argv[1]) << 20)
        times += 1
        time.sleep(0.1)
except OSError as error:
    print("%d writes went well, then: %s" % (times, error.strerror))' "$1" \
		>/run/late 2>&1 3>&- </dev/null &
	late_pid=$!
	sleep 2
	kill -0 $late_pid
}

# late_end: it could not write any more.
late_end() {
	wait_for 20 test -s /run/late
	cat /run/late
	grep -q 'went well, then: Input/output error' /run/late
}

# --- the initiator -------------------------------------------------------------------

# put_letter LETTER MIB: writes a block of it there.
put_letter() {
	local page=/run/page

	printf '%4096s' '' | tr ' ' "$1" >$page
	dd if=$page of=/dev/mapper/mpatha bs=4096 seek=$(($2 * 256)) oflag=direct status=none
}
