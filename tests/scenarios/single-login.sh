# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a login that ends an older channel waits for its writes, and nobody else does
# time: 40
# routine: um

# The raw initiator at work in the background.
begin() { wire_run --lun 1 "$@" >/run/single-login.out & }
end_is() {
	local line ok=1

	wait
	while IFS= read -r line; do
		case $line in
		'ok '*) ok=0 ;;
		'not ok '* | 'Bail out!'*) ok=1; break ;;
		esac
	done </run/single-login.out
	if ((ok)); then
		cat /run/single-login.out
	fi
	return "$ok"
}

# Somebody else logs in, works, and leaves, as if there was nothing.
other_goes_on() {
	local from=$SECONDS

	ok "$1: meanwhile another logs in" login || exit
	ok "$1: it has its disk" verified_io "$(disk "$host")" --size=64k
	ok "$1: and logs out" logout "$host"
	at_most $((SECONDS - from)) $((8 * ${SLOW:-1})) "$1: all that in seconds"
}

ok "srp-wire can be built" wire_program || exit
modprobe target_core_mod
nullblk nb 16
ok "a slow disk" dm_slow slow /dev/nb 0
backstore_ramdisk honest
backstore_block slow /dev/mapper/slow
ok "the target can be configured" target_simple honest || exit
ok "the slow disk is the raw initiator's alone" tpg_lun "$tpg" 1 slow || exit
tpg_acl "$tpg" "0x$wire_iport" 1
# of writes alone: whatever else a login needs is quick
slower() {
	dmsetup suspend slow &&
		dmsetup load slow --table \
			"0 $(blockdev --getsz /dev/nb) delay /dev/nb 0 0 /dev/nb 0 $1" &&
		dmsetup resume slow
}

ok "its writes take 10 s" slower 10000
begin --case session.single-slow --seconds 10
sleep 2
other_goes_on "slow disk"
ok "the login is answered when the old write has ended" end_is

ok "the disk hangs" dm_freeze slow
begin --case session.single-stuck
sleep 2
other_goes_on "stuck disk"
ok "the login is refused after a while" end_is
ok "it hangs no longer" dm_thaw slow
