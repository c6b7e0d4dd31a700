# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: CM messages of each kind are lost, or arrive twice
# time: 90

# with_fault HCA MESSAGE COUNT ACTION
with_fault() {
	ib_ctl "$1" clear
	ib_ctl "$1" mad cm "$2" 1 "$3" "$4"
}

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target || exit

for fault in "vhca0 req" "vhca1 rep" "vhca0 rtu" "vhca0 dreq" "vhca1 drep"; do
	for action in drop dup; do
		read -r sender message <<<"$fault"
		what="$message: $action"
		ok "$what" with_fault "$sender" "$message" 1 "$action"
		ok "$what: login" ib_login || continue
		ok "$what: verified I/O" verified_io "$(disk "$host")"
		ok "$what: logout" logout "$host"
		within 10 "$what: that has happened" \
			eval '(($(ib_hits "$sender") == 1))'
		ib_ctl "$sender" clear
	done
done

# The RTU never comes: the initiator's first message stands for it.
ok "no RTU ever" with_fault vhca0 rtu 0 drop
ok "no RTU ever: login" ib_login
ok "no RTU ever: verified I/O" verified_io "$(disk "$host")"
ok "no RTU ever: logout" logout "$host"
ib_ctl vhca0 clear

# The REP does not come: the target must not keep what it has prepared.
ok "no REP for long" with_fault vhca1 rep 0 drop
klog_mark
ib_login 2>/dev/null 3>&- &
login=$!
if [[ ! ${STOCK:-} ]]; then
	within 30 "no REP for long: the target gives up" \
		klog_has 'login was never completed'
fi
ok "REPs come again" ib_ctl vhca1 clear
within 60 "the login ends" not_running "$login"
! first_host || logout "$host"
ok "login after that" ib_login
ok "verified I/O" verified_io "$(disk "$host")"
ok "logout" logout "$host"

# The REJ is lost: the initiator asks again, and is refused again.
ok "a REJ is lost" with_fault vhca1 rej 1 drop
fails "a login that must be refused is refused" \
	ib_login initiator_ext=00000000000000ff id_ext=1111111111111111
ib_ctl vhca1 clear
ok "the driver unloads" target_unload
