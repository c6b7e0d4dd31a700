#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The administration guide's "When the machine starts", with systemd, in guests that
# boot with it (scripts/guest --boot): modules, services and drop-ins as printed there,
# and an HCA that comes when all of it is over.  Not a part of make check: two minutes of
# processor each, several on a busy machine.

set -uo pipefail
# shellcheck source=tests/checks.sh
. "${0%/*}/checks.sh"

if [[ ! -x /lib/systemd/systemd ]]; then
	echo "1..0 # SKIP systemd is not installed"
	exit
fi
kernel=${K:-6.12}
tree=$(scripts/module --tree --no-hca --kernel "$kernel") || exit
scripts/fio-stubs build/fio || exit
mkdir -p build/logs

# boots WHAT: its results, renumbered.
boots() {
	local line rc=0 plan='' guest="env SLOW=3 HOME=/root TERM=dumb tests/lib/boot-guest"

	scripts/guest --kernel "$kernel" --modules "$tree" --timeout 900 \
		--log "build/logs/boot-$1" --boot "$guest prepare $1" -- \
		env SLOW=3 HOME=/root TERM=dumb tests/lib/boot-guest check "$1" >"$tmp/$1" || rc=$?
	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		'ok '*) echo "ok $((++n)) - $1: ${line#* - }" ;;
		'not ok '*) failed=1; echo "not ok $((++n)) - $1: ${line#* - }" ;;
		1..*) plan=1 ;;
		'#'*) echo "$line" | tee /dev/stderr ;;
		esac
	done <"$tmp/$1"
	holds "$1: the guest came to its end (see build/logs/boot-$1)" [ "$rc$plan" = 01 ]
}

boots saved
boots own
all_told
