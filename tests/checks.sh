# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # those who source it use these
#
# For *.t that check this tree on this machine. Sourced: goes to the top of the
# tree; $tmp is a folder that goes at the end.

cd "${BASH_SOURCE[0]%/*}/.." || exit
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0
failed=0

# holds TEXT COMMAND...: the command succeeds.
holds() {
	local what=$1

	shift
	if "$@" >"$tmp/output" 2>&1; then
		echo "ok $((++n)) - $what"
	else
		echo "not ok $((++n)) - $what"
		tail -n 20 "$tmp/output" | sed 's/^/# /' | tee /dev/stderr
		failed=1
	fi
}

all_told() {
	echo "1..$n"
	exit "$failed"
}
