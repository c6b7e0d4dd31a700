# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: several channels, logout, and requests before the connection stands
# time: 60
# routine: um 6.1

ok "the target can be configured" wire_target || exit
ok "an honest initiator at work" wire_honest || exit

# info while there are more channels than a page has room for: the longest seen.
watch_info() {
	local page longest=''

	while [[ -e /run/info.watch ]]; do
		page=$(sessions_of "$tpg" "0x$wire_iport")
		((${#page} <= ${#longest})) || longest=$page
		sleep 0.1
	done
	echo "$longest"
}
: >/run/info.watch
watch_info >/run/info 3>&- &
watcher=$!
wire --case session.channel-limit
rm /run/info.watch
wait "$watcher"
like "$(tail -n 1 /run/info)" '^\([1-9][0-9]* more in debugfs\)$' \
	"what a page of info has no room for is told"
is "$(grep -c '^   Address .* commands [0-9]*$' /run/info)" \
	"$(grep -c '^CID: ' /run/info)" "whole records only"
wire --group session
wire_honest_ok
