#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# usage: tests/model.t
#
# Checks tests/model/*.pml with spin: every order of steps of every process.
# And each rule that a model names is broken once: then it must fail.

set -uo pipefail
here=$(cd "${0%/*}" && pwd -P)
# shellcheck source=scripts/lib.sh
. "$here/../scripts/lib.sh"
case ${1:-} in
-h | --help) usage 0 ;;
esac
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0

# holds MODEL MUTANT: builds the checker and lets it look at all states.
holds() {
	local out

	(
		cd "$tmp" && rm -f pan* ./*.trail &&
			spin -DMUTANT="$2" -a "$1" >spin.out 2>&1 &&
			gcc -O1 -w -DSAFETY -DNOREDUCE -o pan pan.c
	) || { echo "# cannot be built"; cat "$tmp/spin.out"; return 2; }
	out=$(cd "$tmp" && ./pan -m200000 2>&1)
	grep -q 'errors: 0' <<<"$out" && ! grep -q 'search not completed' <<<"$out"
}

for model in "$here"/model/*.pml; do
	name=${model##*/}
	if holds "$model" 0; then
		echo "ok $((++n)) - $name: holds in every order"
	else
		echo "not ok $((++n)) - $name: holds in every order"
	fi
	mapfile -t mutants < <(sed -n 's/^ \*  \([0-9][0-9]*\)  .*/\1/p' "$model")
	for mutant in "${mutants[@]}"; do
		holds "$model" "$mutant"
		if (($? == 1)); then
			echo "ok $((++n)) - $name: mutant $mutant is noticed"
		else
			echo "not ok $((++n)) - $name: mutant $mutant is noticed"
		fi
	done
done
echo "1..$n"
