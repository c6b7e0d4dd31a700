#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # the checks are called through same and holds
#
# Nothing shall depend on which awk this machine has, nor on the language, the
# umask, or the home folder of whoever runs the tests: functions of the library
# and scripts give the same under mawk, GNU awk and busybox awk, and with a
# strange environment.  And: the turns of scenarios and mutants, and the record of
# runs.

set -uo pipefail
# shellcheck source=tests/checks.sh
. "${0%/*}/checks.sh"

# prints WANTED COMMAND...: exactly that.
prints() {
	local got

	got=$("${@:2}")
	[[ $got == "$1" ]] || { printf "wanted '%s'\ngot '%s'\n" "$1" "$got"; return 1; }
}

# --- each awk in turn --------------------------------------------------------

# with_awk NAME COMMAND...: where "awk" is that one.
with_awk() {
	(PATH=$tmp/$1:$PATH && hash -r && shift && "$@")
}

make_awk() {
	mkdir -p "$tmp/$1"
	ln -s "$(command -v "$1")" "$tmp/$1/awk"
	[[ -x $tmp/$1/awk ]]
}

# Addresses that look like numbers, to some awk: decimal, with an exponent, with
# letters; out of order; of the kernel and of two modules.
symbols() {
	cat <<-'SYMBOLS'
		0000000060011000 t before
		0000000060012e10 T first_one
		0000000060012e99 t second_one
		000000006001e500 t after_it
		0000000060100000 D some_data
		0000000064000400 t third_one	[mod]
		0000000064000abc t fourth_one	[mod]
		0000000064000fff t same_module	[mod]
		0000000064000b00 t next_of_other	[other]
		ffffffffc0a1e000 t upper	[other]
		ffffffffc0a1e100 t upper_end	[other]
		00000000000e1200 A zero_e
		00000000000e1300 A zero_end
	SYMBOLS
}

# shellcheck disable=SC2034 # fault_functions reads it
functions() {
	local fault_symbols=$tmp/symbols

	fault_functions "$@"
}

check_awk() {
	holds "$1: functions that lie together" prints \
		'0x0000000060012e10 0x000000006001e500' \
		with_awk "$1" functions first_one second_one
	holds "$1: one function" prints '0x0000000060012e99 0x000000006001e500' \
		with_awk "$1" functions second_one
	holds "$1: functions of a module" prints \
		'0x0000000064000400 0x0000000064000fff' \
		with_awk "$1" functions fourth_one third_one
	holds "$1: functions of another" prints \
		'0xffffffffc0a1e000 0xffffffffc0a1e100' \
		with_awk "$1" functions upper
	holds "$1: no such function" prints '' with_awk "$1" functions nobody
	holds "$1: data is no function" prints '' with_awk "$1" functions some_data
	holds "$1: views for node_exporter" prints "$(exported)" \
		with_awk "$1" export_views
	holds "$1: rates of sessions" prints "$(rates)" with_awk "$1" look --json
	holds "$1: the same in a table" \
		prints ' 7 0 1000 0.0 0.0 4s >4s - - 3/192 0 10.0.0.1' \
		with_awk "$1" look_again
}

# Views with numbers beyond 32 bits, a backslash, and reasons of several words.
views() {
	mkdir -p "$tmp/views"
	printf '%s\n' 'version 1' \
		'session session=7 hca=rxe0 port=1 target=0xfe80 tpg=a\040b acl=10.0.0.1 port_id=0x12 channels=1 age=55 active=3 stalled=0 oldest=1234' \
		'  cmds=12345678901 writes=9007199254740991' >"$tmp/views/sessions"
	printf '%s\n' 'version 1' \
		'latency session=7 dir=read lt1=0 lt2=5 lt4194304=5000000000 more=2' \
		>"$tmp/views/latency"
	printf '%s\n' 'version 1' 'port hca=rxe0 port=1 channels=1 accepted=4' \
		'  refusals=3 why=no ACL for this initiator' >"$tmp/views/ports"
	printf '%s\n' 'version 1' \
		'10.0.0.1 qp=17 state=live acl=10.0.0.1 depth=128 session=7' \
		'  cmds=1' '10.0.0.1 qp=18 state=live depth=64 session=7' \
		'  cmds=2' >"$tmp/views/channels"
	# two seconds ago
	mkdir -p "$tmp/before"
	printf '%s\n' 'version 1' 'session session=7' \
		'  cmds=12345674901 writes=9007199254738991' >"$tmp/before/sessions"
	printf '%s\n' 'version 1' \
		'latency session=7 dir=read lt1=0 lt2=0 lt4194304=4999999990 more=1' \
		>"$tmp/before/latency"
}

# What the exporter is to make of them; types aside.
exported() {
	cat <<-'EXPORTED'
		srpt_session_info{session="7",hca="rxe0",port="1",target="0xfe80",tpg="a\\040b",acl="10.0.0.1",port_id="0x12"} 1
		srpt_session_channels{session="7"} 1
		srpt_session_active{session="7"} 3
		srpt_session_stalled{session="7"} 0
		srpt_session_age_seconds{session="7"} 55
		srpt_session_oldest_seconds{session="7"} 1.234
		srpt_session_cmds_total{session="7"} 12345678901
		srpt_session_writes_total{session="7"} 9007199254740991
		srpt_session_latency_seconds_bucket{session="7",dir="read",le="0.000001"} 0
		srpt_session_latency_seconds_bucket{session="7",dir="read",le="0.000002"} 5
		srpt_session_latency_seconds_bucket{session="7",dir="read",le="4.194304"} 5000000005
		srpt_session_latency_seconds_bucket{session="7",dir="read",le="+Inf"} 5000000007
		srpt_session_latency_seconds_count{session="7",dir="read"} 5000000007
		srpt_port_accepted_total{hca="rxe0",port="1"} 4
		srpt_port_refused_total{hca="rxe0",port="1",why="no ACL for this initiator"} 3
	EXPORTED
}
# What has become of that in two seconds: commands, and how long they took.
rates() {
	cat <<-'RATES'
		{"seconds":2,"sessions":[{"session":7,"acl":"10.0.0.1","port_id":"0x12","read_iops":0.0,"write_iops":1000.0,"read_bytes":0,"write_bytes":0,"read_p50_us":4194304,"read_p99_us":99999999,"write_p50_us":null,"write_p99_us":null,"active":3,"depth":192,"stalled":0,"oldest_ms":1234}]}
	RATES
}
look() {
	scripts/srpt-top --views "$tmp/views" --since "$tmp/before" --interval 2 \
		"$@"
}
look_again() { look "$@" | sed -n '3s/  */ /gp'; }
export_views() { scripts/srpt-exporter --views "$tmp/views" | grep -v '^# TYPE'; }

symbols >"$tmp/symbols"
views
# shellcheck disable=SC2034 # the library's own
reset_hooks=()
# shellcheck source=tests/lib/faults.sh
. tests/lib/faults.sh
# shellcheck source=tests/lib/log.sh
. tests/lib/log.sh
for awk in mawk gawk busybox; do
	holds "there is $awk" make_awk "$awk"
	check_awk "$awk"
done

# Whatever else wants an awk comes here, and into check_awk.
only_one_awk() {
	prints $'scripts/srpt-exporter\nscripts/srpt-top\ntests/lib/faults.sh' git grep -lE '(^|[|(])\s*awk ' -- \
		scripts tests Makefile .ci ':!tests/tools.t'
}
holds "no other script runs awk" only_one_awk

# --- what was awk's ----------------------------------------------------------

slabs() {
	printf '%s\n' 'slabinfo - version: 2.1' \
		'# name <active_objs> <num_objs> : tunables 0' \
		'kmalloc-8 12 512 8 512 1' 'kmalloc-8 30 512 8 512 1' \
		'kmalloc-80 7 512 8 512 1' >"$tmp/slabs"
	# shellcheck disable=SC2034 # slab_objects reads it
	local slab_info=$tmp/slabs

	slab_objects "$1"
}
holds "objects of a slab cache" prints 42 slabs kmalloc-8
holds "of one that is not there" prints 0 slabs kmalloc-9

# from FILE FUNCTION...: those functions of a script that cannot be sourced.
from() {
	local file=$1 name

	shift
	for name; do
		eval "$(sed -n "/^$name() {/,/^}/p" "$file")"
	done
}
from tests/run share_of_lines
share() {
	# shellcheck disable=SC2034 # of share_of_lines
	local coverage=$tmp/coverage percent ran lines

	printf '%s\n' 'srpt_a.c: 91.23% of 100' 'srpt_b.c: 100.00% of 300 ' \
		'srp_iu.h: 1.00% of 1000' 'srpt_c.c: 0.09% of 1' '' \
		'srpt_b.c:7:  nobody' >"$coverage"
	share_of_lines
	echo "$percent $lines"
}
holds "the share of lines that ran" prints '97.5 401' share
from scripts/fio-stubs versions
version_script() {
	printf '%s\n' 'glfs_init@GFAPI_3.4' 'glfs_x' 'glfs_new@@GFAPI_3.4' |
		versions
}
holds "a version script" prints 'GFAPI_3.4 { global:glfs_init;glfs_new; };' \
	version_script
from scripts/demo-guest show_throughput
throughput_of() {
	local fields=() i

	for ((i = 0; i < 60; i++)); do fields[i]=0; done
	fields[6]=12345 fields[7]=3086 fields[47]=55 fields[48]=14
	(IFS=';' && echo "${fields[*]}") | show_throughput "what it is"
}
holds "throughput of fio's terse line" prints \
	'  what it is                3100 I/O per second    12.4 MB/s' throughput_of

# --- a strange environment ---------------------------------------------------

# strange COMMAND...: with all that a user may have set.
strange() {
	(
		umask 077
		unset HOME
		env LC_ALL=tr_TR.UTF-8 LANG=de_DE.UTF-8 LANGUAGE=de \
			LC_NUMERIC=de_DE.UTF-8 CDPATH="$top:/usr" ARCH=arm64 \
			MAKEFLAGS='n -j7' POSIXLY_CORRECT=1 PYTHONPATH=/nowhere \
			"$@"
	)
}
# shellcheck disable=SC2016 # for the other shell
environment='. scripts/lib.sh
	echo "$LC_ALL $(umask) ${HOME:+home} ${CDPATH-}${ARCH-}${MAKEFLAGS-}"'
holds "the scripts' environment is the same for all" prints 'C 0022 home ' \
	strange bash -c "$environment"

# Every script that people or prove start takes it from there.
takes_environment() {
	local file bad=''

	for file in scripts/* tests/run tests/mutants tests/*.t; do
		[[ $(head -n 1 "$file") == *bash ]] || continue
		grep -qE '^\. .*(scripts/lib|/checks)\.sh|^\. "\$\{0%/\*\}/lib\.sh"|^exec |chroot' \
			"$file" || bad+=" $file"
	done
	prints '' echo "$bad"
}
holds "every script takes it from scripts/lib.sh" takes_environment
lists() {
	local plain

	plain=$(tests/run --list --kernel 6.1 | cksum) &&
		prints "$plain" eval 'strange tests/run --list --kernel 6.1 | cksum'
}
holds "scenarios are chosen as ever" lists
holds "no script relies on whatever python3 comes first" prints '' \
	git grep -nE '^#!.*env python' -- scripts tests

# What is known of packages is asked once, and again once there are newer lists.
asked() {
	mkdir "$tmp/apt"
	printf '#!/bin/sh\necho "$@"\necho >>%s\n' "$tmp/apt/asked" >"$tmp/apt/apt-cache"
	chmod +x "$tmp/apt/apt-cache"
	ask() {
		# it puts a folder in front of PATH
		XDG_CACHE_HOME=$tmp/apt with_awk apt \
			bash -c '. scripts/lib.sh; for word; do apt_says policy "$word"; done' - "$@"
	}
	ask one one two one | tr '\n' ' '
	touch -d @0 "$tmp"/apt/ib_srpt/debian/said/*
	ask one
	wc -l <"$tmp/apt/asked"
}
holds "the package lists are asked once, until they are newer" prints \
	$'policy one policy one policy two policy one policy one\n3' asked

# --- turns -------------------------------------------------------------------

# What runs at commits in a row, until all begins anew: a file for each kernel and
# commit.
for kernel in um 6.12 6.1 7.x; do
	for turn in {0..17}; do
		ALL='' TURN=$turn tests/run --kernel "$kernel" --list \
			>"$tmp/turn.$kernel.$turn"
	done
done
# without_turn KERNEL: all that is routine there.
without_turn() {
	local kernel=$1 turn=all head todo

	# as tests/run does, where no commit can tell
	(cp tests/run "$tmp/run" && sed -i "s#^here=.*#here=$top/tests#" "$tmp/run" &&
		sed -i 's#^\. .*scripts/lib.sh.*#&\nfind_turn() { turn=all; }#' \
			"$tmp/run" &&
		ALL='' "$tmp/run" --kernel "$kernel" --list | sort)
}
all_have_their_turn() {
	local routine

	routine=$(without_turn "$1")
	[[ $routine ]] && prints "$routine" eval "sort -u $tmp/turn.$1.{$2}"
}
for kernel in um 6.12 6.1 7.x; do
	holds "$kernel: commits in a row run all scenarios" \
		all_have_their_turn "$kernel" 0,1,2,3,4,5,6,7,8
done
three_have_their_turn() {
	prints "$(for k in 6.12 6.1 7.x; do without_turn "$k"; done | sort -u)" \
		eval "cat $tmp/turn.[67]*.[$1] | sort -u"
}
holds "three run each of them on one of Debian's kernels" three_have_their_turn 012
holds "whichever three" three_have_their_turn 345
# often KERNEL SCENARIO: at how many of those commits it runs there.
often() { cat "$tmp/turn.$1".* | grep -cx "$2"; }
at_each() { cat "$tmp"/turn.[67]*."$1" | grep -cx "$2"; }
holds "what the header says runs at each" prints 18 often 6.1 verify
for turn in {0..8}; do
	holds "... on one of the kernels, commit $turn" prints 1 at_each "$turn" life-storm
done
holds "in turn" prints 6 often 6.1 life-storm
holds "other scenarios at one of nine" prints 2 often 7.x wire-iu
holds "or of three, if there is one such kernel" prints 6 often 6.1 wire-srq
holds "but in the debug kernel at each" prints 18 often um wire-iu

for turn in {0..9}; do
	TURN=$turn tests/mutants --turn --list >"$tmp/mutants.$turn"
done
mutants_have_their_turn() {
	local all

	all=$(tests/mutants --list | sort) &&
		prints "$all" eval "sort $tmp/mutants.[0-9]"
}
holds "ten commits in a row run each mutant once" mutants_have_their_turn
turns_are_alike() {
	local turn n all

	all=$(cat "$tmp"/mutants.[0-9] | wc -l)
	for turn in {0..9}; do
		n=$(wc -l <"$tmp/mutants.$turn")
		((n * 20 > all && n * 5 < all)) ||
			{ echo "turn $turn: $n of $all"; return 1; }
	done
}
holds "each of them a tenth, more or less" turns_are_alike
others_do_not_matter() {
	TURN=$1 prints "$(grep '^unit ' "$tmp/mutants.$1")" \
		tests/mutants --turn --list '^unit '
}
holds "whatever others there are" others_do_not_matter 3

# --- the record --------------------------------------------------------------

export RECORD_FOLDER=$tmp/record
RECORD=
# run_of N NAME TRY SECONDS: the N-th run of make check had that scenario.
run_of() {
	mkdir -p "$RECORD_FOLDER"
	RECORD=$RECORD_FOLDER/2026-$(printf %03d "$1").run
	{
		printf 'run\tcommit%s\t1\t2\n' "$1"
		printf 'scenario\tum.1\tum\t%s\tok\t%s\t%d\t500\n' "$2" "$3" \
			"$(($4 * 1000))"
		printf 'lane\tum.1\t20000\t1000\n'
	} >"$RECORD"
}
report() {
	local rc=0

	tests/record --report 2>/dev/null >"$tmp/report" || rc=$?
	cat "$tmp/report"
	return "$rc"
}
shows() { report | grep -E "$1"; }
for ((i = 1; i <= 12; i++)); do
	run_of "$i" odd $((i == 2 ? 2 : 1)) 7
done
holds "a run without second tries is well" report
holds "times are known" prints 'odd 7000' tests/record --times um
run_of 13 odd 1 17
holds "what a scenario cost is beside what it did" \
	shows 'um  *odd  *17\.0  *0\.5  *16\.5  *7\.0  *0\.5'
holds "so is a lane" shows 'um\.1  *20\.0  *1\.0  *19\.0'
run_of 14 odd 2 7
holds "one second try in ten runs is allowed" report
holds "and told" shows 'odd needed its second try in 1 of'
run_of 15 odd 2 7
holds "two are not" eval '! report'
holds "they can be forgiven" tests/record --forget odd
holds "and are" report
run_of 16 odd 2 7
holds "the next one counts" shows 'odd needed its second try in 1 of'
unset RECORD RECORD_FOLDER

# --- what is a product of its own --------------------------------------------

holds "the test HCA knows nothing of SRP" prints '' \
	git grep --untracked -niE 'srpt?([^a-z]|$)' -- tests/hca ':!*.md'
debug_kernel() {
	prints 3 eval "git grep --untracked -hiE 'srp' -- tests/kernel ':!*.md' | wc -l" &&
		prints 3 grep -cE '^CONFIG_(INFINIBAND_SRPT?=m|LOCALVERSION=)' \
			tests/kernel/um.config
}
holds "nor does the debug kernel, but for its name and two modules" debug_kernel
# The newest kernel has been tried today, and could not be built.
unfit_kernel() {
	local folder name

	folder=$tmp/unfit name=''
	mkdir -p "$folder/ib_srpt" && ln -s "$cache/debian" "$folder/ib_srpt" || return
	name=$(XDG_CACHE_HOME=$folder scripts/um-kernel --print 7.x) &&
		mkdir -p "$name" && touch "$name/unfit"
	name=$(XDG_CACHE_HOME=$folder UM_SOURCE='' scripts/um-kernel --print) &&
		[[ $name == "$folder/ib_srpt/um/6.12."* ]]
}
holds "without the newest source it is of 6.12" unfit_kernel

# --- a build for each kernel -------------------------------------------------

from scripts/kernels names only_newest as_one warnings well
found_by_apt() {
	printf '%s\n' 'linux-headers-7.2.11+deb13-amd64 - Linux 7.2.11 for 64-bit PCs' \
		'linux-headers-6.1.0-56-rt-amd64 - Header files' \
		'linux-headers-6.12-amd64 - Header files (meta-package)' \
		'linux-headers-amd64 - Header files (meta-package)' \
		'linux-headers-7.2.6+deb13-cloud-amd64 - Linux' \
		'linux-headers-7.2.6+deb13-common - Common header files' | names
}
holds "kernels of package lists, in their order" prints \
	$'6.1.0-56-rt-amd64\n7.2.6+deb13-cloud-amd64\n7.2.11+deb13-amd64' found_by_apt
newest_of_each() {
	printf '%s\n' 6.1.0-47-amd64 6.1.0-47-rt-amd64 6.1.0-56-amd64 6.12.9+deb12-amd64 \
		7.3.4+deb13-cloud-amd64 | only_newest
}
holds "the newest of a series and kind" prints \
	$'6.1.0-56-amd64\n6.1.0-47-rt-amd64\n6.12.9+deb12-amd64\n7.3.4+deb13-cloud-amd64' \
	newest_of_each
all_as_one() {
	mkdir "$tmp/one"
	cp ./*.[ch] Kbuild "$tmp/one"
	as_one "$tmp/one"
	{
		echo srpt_state.c
		sed -n 's/^#include "\(.*\)"$/\1/p' "$tmp/one/srpt_one.c"
	} | sort | diff - <(printf '%s\n' *.c | sort)
}
holds "each source is a part when they become one" all_as_one
warned() {
	printf '%s\n' 'linux/mm.h:1:2: warning: of the kernel' \
		'/mnt/source/srpt_cm.c:12:5: warning: unused' '  CC [M]  warning.o' \
		'WARNING: modpost: missing' 'ib_srpt.o: warning: objtool: f()' \
		>"$tmp/build.log"
	warnings "$tmp/build.log"
}
holds "warnings that are ours" prints 3 warned
well_enough() {
	well 'a  gcc-12         0  builds' && well 'a  -  -  no RDMA' &&
		well 'a  gcc-12         0  builds as one' &&
		! well 'a  gcc-12        10  builds' && ! well 'a  -  -  no headers' &&
		! well 'a  gcc-12         0  does not build'
}
holds "one that builds without any is well" well_enough

# --- the version of the package ----------------------------------------------

# package_versions: of a small repository, as its commits and tags come.
package_versions() {
	local tree=$tmp/versions

	mkdir -p "$tree/scripts" "$tree/debian"
	cp scripts/lib.sh scripts/package "$tree/scripts"
	cp ib_srpt.c "$tree"
	cp debian/changelog "$tree/debian"
	(cd "$tree" && export GIT_CONFIG_GLOBAL=/dev/null GIT_CEILING_DIRECTORIES=$tmp
		commit() { git -c user.name=x -c user.email=x@x commit -qam "$1"; }
		said() { scripts/package --print-version | sed 's/g[0-9a-f]*$/g/'; }
		said_now=$(said)
		plain() { said | sed "s/^$said_now/V/"; }
		git init -q . && git add . && commit one
		plain
		git tag v0.1 && plain
		echo >>ib_srpt.c && commit two && git tag "v$said_now" && plain
		echo >>ib_srpt.c && commit three && plain
		sed -i 1s/1/2/ debian/changelog
		scripts/package --print-version 2>/dev/null || echo refused)
}
holds "a package has the version of the module, and of the commit" \
	prints $'V\nV~0.g\nV\nV+1.g\nrefused' package_versions

# --- who is told to end ------------------------------------------------------

# stopped_twice: a script with something to clean up gets two signals.
stopped_twice() {
	local pid

	rm -f "$tmp"/{begun,cleaned}
	# shellcheck disable=SC2016 # its own variables
	bash -c '. scripts/lib.sh
		trap "sleep 0.3; touch $1/cleaned" EXIT
		exit_at_signals 143
		touch "$1/begun"
		while :; do sleep 0.1; done' stopped "$tmp" &
	pid=$!
	while [[ ! -e $tmp/begun ]]; do sleep 0.1; done
	kill -TERM "$pid"
	sleep 0.2
	kill -TERM "$pid"
	wait "$pid"
	prints 143 echo "$?" && [[ -e $tmp/cleaned ]]
}
holds "a second signal does not keep a script from cleaning up" stopped_twice
all_told
