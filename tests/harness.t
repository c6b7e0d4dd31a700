#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# A scenario that goes wrong must fail, whatever goes wrong with it: each file
# of tests/broken goes wrong in its own way.  One that goes wrong once is tried
# again, and it is the second try that counts.  Two guests share them.

set -uo pipefail
here=$(CDPATH='' cd "${0%/*}" && pwd -P)
# shellcheck source=scripts/lib.sh
. "$here/../scripts/lib.sh"
# what goes wrong here is no scenario's record
unset RECORD
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

n=0
check() {
	local what=$1

	shift
	if "$@"; then
		echo "ok $((++n)) - $what"
	else
		echo "not ok $((++n)) - $what"
		sed 's/^/# /' "$out/tap"
	fi
}

failed() { grep -q "^not ok [0-9]* - $1: $2\$" "$out/tap"; }

TRIES=1 "$here/run" --stock --lanes 2 "$here"/broken/*.sh >"$out/tap" 2>"$out/err"
rc=$?

check "the runner says that something failed" test "$rc" -ne 0
check "a guest that dies fails its scenario" \
	failed crash 'the guest survived.*'
check "what came before the crash is kept" \
	grep -q '^ok [0-9]* - crash: alive$' "$out/tap"
check "a scenario that aborts fails" failed dies 'the scenario ran to its end'
check "a scenario without a test fails" \
	failed empty 'the scenario tested something'
check "a failed test is shown with its output" \
	grep -q 'some words of output' "$out/err"
check "a scenario that hangs fails" failed hangs 'hangs ends in time'
check "a warning of the kernel fails its scenario" \
	failed warns 'the kernel has nothing to complain about'
check "what cannot be taken down fails its scenario" \
	failed stuck 'everything can be taken down again'
check "an HCA that is left behind fails its scenario" \
	failed leaves 'everything can be taken down again'
check "each of them was run" test \
	"$(grep -o '^.*ok [0-9]* - [a-z]*:' "$out/tap" | sed 's/.* //' |
		sort -u | grep -vc leaks)" -eq "$(find "$here/broken" -name "*.sh" | wc -l)"

check "they are counted in one row" test \
	"$(grep -oE '^(not )?ok [0-9]+' "$out/tap" | sed 's/.* //' | tr '\n' ' ')" == \
	"$(seq -s ' ' "$(grep -cE '^(not )?ok ' "$out/tap")") "

cat >"$out/once.sh" <<'EOF'
isnt "${RETRIED:-}" "" "not the first try"
EOF
"$here/run" --stock "$out/once.sh" >"$out/tap" 2>"$out/err"
check "the second try of a scenario counts" test "$?" -eq 0
check "the first one is shown" \
	grep -q '^not ok 1 - once: not the first try # TODO' "$out/tap"
check "and so is the second" \
	grep -q '^ok [0-9]* - once: not the first try$' "$out/tap"
"$here/run" --stock "$here"/broken/{fails,warns}.sh >"$out/tap" 2>"$out/err"
rc=$?
check "a scenario that fails twice fails" test "$rc" -ne 0
check "with the second try" failed fails 'one is two'
check "and one that the kernel complained about has none" \
	test -z "$(grep '^not ok .* - warns: .* # TODO' "$out/tap")"
echo "1..$n"
