# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: rdma_cm_port is changed under I/O: taken ports, no port, wrong ports
# time: 20

file=$srpt/discovery_auth/rdma_cm_port

# reachable PORT: a login gets through there.
reachable() {
	login "$(ext 1)" "dest=$target_ip:$1" && logout "$host"
}
not_listening() { ! reachable "$@"; }

ok "the target can be configured" target_simple || exit
tpg_acl "$tpg" "$(ext_id 1)" 0
is "$(<"$file")" "$target_port" "the port is shown"
ok "login" login || exit
dev=$(disk "$host")
steady_io "$dev"

returns_within 5 "another port" writes "$file" 0x15b4
is "$(<"$file")" 5556 "is shown"
ok "a login there" reachable 5556
ok "none at the old one" not_listening "$target_port"
within 10 "the session goes on" io_moves

"$lib/rdma-listen" 5557 >/run/listen 2>&1 3>&- &
other=$!
wait_for 20 grep -q listening /run/listen || bail "a port can be taken"
fails "a port that somebody else has is refused" writes "$file" 5557
is "$(<"$file")" 5556 "the old one is still shown"
ok "and still works" reachable 5556
kill "$other"
within 10 "the port is free again, and can be had" writes "$file" 5557
for bad in 65536 -1 all 5555x; do
	fails "$bad is refused" writes "$file" $bad
done
is "$(<"$file")" 5557 "nothing has changed"

returns_within 5 "no port" writes "$file" 0
is "$(<"$file")" 0 "is shown"
ok "nobody gets in" not_listening 5557
within 10 "the session goes on" io_moves
returns_within 5 "back to the first" writes "$file" "$target_port"
ok "a login there" reachable "$target_port"
io_ok "the session did not notice anything"
