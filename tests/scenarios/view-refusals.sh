# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: who was refused, when, why, and what was looked at; a stranger hides nobody
# time: 12

no_acl='why=no ACL for this initiator'
off='why=target port not enabled'
count_records() { grep -c '^count=' "$debugfs_srpt/refusals"; }

ok "the target can be configured" target_simple || exit
other=$(port_name_guid rxe0)/second
tpg_create "$other"
printf -v start '%(%s)T' -1
refused 0x00010003 "a stranger is refused" "$(ext 7)"
refused 0x00010003 "and again" "$(ext 8)"
refused 0x00010003 "and again, by IPv6" "$(ext 8)" "dest=[$target_ip6]:$target_port"
printf -v end '%(%s)T' -1
is "$(count_records)" 2 "that are two entries: it is the same address" ||
	diag "$(<"$debugfs_srpt/refusals")"
ok "one for IPv4" record refusals "peer=$initiator_ip" "$no_acl" count=2 \
	hca=rxe0 port=1 cm=RDMA "ipv4=$initiator_ip" \
	"guid=0000:ffff:0a4d:0002" "gid=0x00000000000000000000ffff0a4d0002" \
	"port_id=$(ext_id 8)" || diag "$(<"$debugfs_srpt/refusals")"
like "$record" "looked_at=$(port_name_guid rxe0),$(port_name_gid rxe0) " \
	"with the names of the port"
like "$record" " ${tpg//./\\.}\(enabled\)" "the TPG that was looked in"
like "$record" " $other\(disabled\)" "and the one that was not enabled"
value_of first "$record"
at_most "$start" "$value" "when it was first"
value_of last "$record"
at_most "$value" "$end" "and when last"
ok "one for IPv6" record refusals "peer=$initiator_ip6" "$no_acl" count=1
tpg_disable "$tpg"
refused 0x00010000 "another reason: the TPG is off"
ok "is another entry, the first" record refusals "$off" count=1 "port_id=$acl"
tpg_enable "$tpg"

# The place of one whom a stranger tries to hide.
for ((i = 0; i < 33; i++)); do
	login "$(ext 9)" 2>/dev/null
done
ok "it is there after 33 others" record refusals "$off" count=1
ok "the others are one" record refusals "peer=$initiator_ip" "$no_acl" \
	count=35 "port_id=$(ext_id 9)"
ok "login" login
ok "the port has counted all that" record ports "hca=rxe0" "port=1" \
	"accepted=$(nproc)" "refusals=36 $no_acl" "refusals=1 $off" ||
	diag "$(<"$debugfs_srpt/ports")"
