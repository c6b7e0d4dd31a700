# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a port that could not be announced once is announced soon after
# time: 10
# routine: um

hit() { (($(ib_hits vhca1) > 0)); }
gone() { ! ib_has_dm vhca1; }

ib_up || bail "the fabric comes up"
# 12: ENOMEM, as from a driver that found no memory for its command
for errno in 12 11; do
	ok "error $errno: the port cannot be changed, once" \
		ib_ctl vhca1 verb modify_port 1 1 "$errno"
	ok "error $errno: the target can be configured" ib_target || exit
	within 5 "error $errno: that has happened" hit
	within 8 "error $errno: the port is announced" ib_has_dm vhca1
	ok "error $errno: login" ib_login || exit
	ok "error $errno: logout" logout "$host"
	ib_ctl vhca1 clear
	ok "error $errno: a port that cannot be changed" \
		ib_ctl vhca1 verb modify_port 1 1 "$errno"
	ok "error $errno: the target is off" tpg_disable "$tpg"
	within 8 "error $errno: the port is announced no more" gone
	target_clear
	backstores_down
	ok "error $errno: the driver unloads" target_unload
	ib_ctl vhca1 clear
done
