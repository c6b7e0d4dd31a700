# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: sessions are shown: the file info, rtslib, debugfs
# time: 15

first_live() { [[ $(sessions_of "$tpg" "$acl") == *STATE_LOGGED_IN* ]]; }

# as rtslib, and with it targetcli, sees them
rtslib_sessions() {
	/usr/bin/python3 - <<-'EOF'
		import rtslib_fb
		for tpg in rtslib_fb.FabricModule("srpt").targets:
		    for acl in (a for t in tpg.tpgs for a in t.node_acls):
		        s = acl.session
		        print(acl.node_wwn, s and (s["type"], s["state"],
		              [(c["cstate"], c["address"], c["transport"])
		               for c in s["connections"]]))
	EOF
}

ok "the target can be configured" target_simple || exit
tpg_acl "$tpg" "$(ext_id 1)" 0
like "$(sessions_of "$tpg" "$acl")" '^No active' "no session at first"
ok "login" login || exit
info=$(sessions_of "$tpg" "$acl")
like "$info" "InitiatorName: $acl" "then its name is shown"
like "$info" TARG_SESS_STATE_LOGGED_IN "its state"
like "$info" "Address $initiator_ip" "and its address"
ok "no session of the other ACL" no_session "$tpg" "$(ext_id 1)"

first=$(sed -n 's/^LIO Session ID: \([0-9]*\) .*/\1/p' <<<"$info")
mine=$host
ok "another initiator" login "$(ext 1)"
second=$(sessions_of "$tpg" "$(ext_id 1)")
like "$second" "LIO Session ID: [1-9]" "its session has a number"
unlike "$second" "LIO Session ID: $first " "of its own"
unlike "$(grep InitiatorAlias <<<"$second")" ':.*:' \
	"the alias has no colon, where rtslib would cut it"
logout "$host"
within 5 "its session ends" no_session "$tpg" "$(ext_id 1)"
host=$mine
ok "the first one is there" first_live
shown=$(rtslib_sessions)
like "$shown" "ib.${acl#0x} \('Normal', 'LOGGED_IN', \[\('LOGGED_IN', '$initiator_ip" \
	"rtslib reads the same"
like "$shown" "ib.$(ext_id 1 | cut -c3-) None" "and none of the other"

verified_io "$(disk "$host")"
channel=$(<"$debugfs_srpt/channels")
like "$channel" $'^version 1\n'"$initiator_ip " "the channel's peer is in debugfs"
like "$channel" "state=live acl=$acl " "its state and ACL"
like "$channel" 'cmds=[1-9][0-9][0-9]' "and counters"
logout "$host"
within 5 "no session after logout" no_session "$tpg" "$acl"
within 5 "and no channel" channels_are 0
