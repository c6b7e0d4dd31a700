# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # the scripts use these variables
#
# What the scripts of this folder have in common.  Sourced, never run.

# What the user of this machine likes shall not matter: how tools sort and what
# language they speak, who may read files, where "cd" looks, options for make
# from an outer make or for the kernel's build.
export LC_ALL=C
umask 022
unset CDPATH GREP_OPTIONS POSIXLY_CORRECT MAKEFLAGS MFLAGS GNUMAKEFLAGS \
	MAKELEVEL MAKEOVERRIDES ARCH CROSS_COMPILE KCFLAGS KBUILD_OUTPUT \
	PYTHONHOME PYTHONPATH
[[ ${HOME:-} ]] || export HOME=~

top=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd -P)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ib_srpt
self=${0##*/}

say() { printf '%s: %s\n' "$self" "$*" >&2; }
die() { say "$*"; exit 1; }

# Prints the comment block at the head of the calling script.
usage() {
	sed -n '/^# SPDX/d; 1d; /^#/!q; s/^# \{0,1\}//p' "$0"
	exit "${1:-0}"
}

# exit_at_signals STATUS: so that what has a trap for EXIT cleans up.  A second
# signal does not cut that short: timeout(1) sends one to a process and another to
# its group.
exit_at_signals() {
	# shellcheck disable=SC2064 # the status of now
	trap "trap '' INT TERM HUP; exit $1" INT TERM HUP
}

# with_lock FILE COMMAND...: one at a time; says so when it has to wait.
with_lock() {
	local file=$1 fd rc=0
	shift
	mkdir -p "${file%/*}"
	exec {fd}>"$file"
	if ! flock -n "$fd"; then
		say "waiting for another run that holds ${file##*/}"
		flock "$fd"
	fi
	"$@" || rc=$?
	exec {fd}>&-
	return "$rc"
}

# apt_says WORD...: what apt-cache WORD... prints. It takes seconds to ask, so the
# answer is kept until there are other lists or sources of packages.
apt_says() {
	local folder=$cache/debian/said key file source new old=''

	key=$(sha256sum <<<"$*")
	file=$folder/${key%% *}
	for source in /var/lib/apt/lists /etc/apt /etc/apt/*.d /etc/apt/sources.list; do
		[[ ! $source -nt $file ]] || old=1
	done
	# others may be reading it: it is exchanged, never taken away
	if [[ $old || ! -s $file ]]; then
		mkdir -p "$folder"
		new=$file.$BASHPID
		apt-cache "$@" >"$new" || return
		mv "$new" "$file"
	fi
	cat "$file"
}

# package_version NAME: prints the version that Debian has; nothing if it is not
# known here.
package_version() {
	apt_says policy "$1" | sed -n 's/^ *Candidate: //p'
}

# A name that is not known here, or no longer to be had, may only mean that
# the lists are old.
refresh_lists() {
	local run=(apt-get -q update)

	((EUID == 0)) || run=(sudo -n "${run[@]}")
	say "refreshing the package lists"
	"${run[@]}" >&2 || die "cannot refresh the package lists: run" \
		"apt-get update as root"
}

jobs_allowed() { echo "${JOBS:-$(nproc)}"; }

# pause SECONDS: sleep without a process, for who waits by looking again and again.
pause() {
	[[ ${pause_fd:-} ]] || exec {pause_fd}<> <(:)
	read -rt "$1" -u "$pause_fd" || true
}

# progress WHAT LOG COMMAND...: runs a long command into LOG, with one line a
# quarter of a minute; shows the tail of LOG if the command fails.
progress() {
	local what=$1 log=$2 pid start=$SECONDS next=15 rc=0
	shift 2
	say "$what ..."
	"$@" >"$log" 2>&1 &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		pause 0.5
		if ((SECONDS - start >= next)); then
			say "$what: $((SECONDS - start)) s, $(wc -l <"$log") lines"
			((next += 15))
		fi
	done
	wait "$pid" || rc=$?
	if ((rc)); then
		tail -n 20 "$log" >&2
		say "$what: failed; the whole log is $log"
	fi
	return "$rc"
}

# find_turn N: sets $turn: 0 to N - 1, the next one at each commit, or what TURN in
# the environment says; "all" if there is no commit that could tell.
find_turn() {
	turn=${TURN:-}
	if [[ ! $turn ]]; then
		turn=$(git -C "$top" rev-list --count --first-parent HEAD \
			2>/dev/null) || turn=all
		# a clone without history counts to one: anything but always that
		[[ $(git -C "$top" rev-parse --is-shallow-repository \
			2>/dev/null) != true ]] ||
			turn=$((0x$(git -C "$top" rev-parse HEAD | cut -c1-6)))
	fi
	[[ $turn == all ]] || turn=$((turn % $1))
}

# number_of TEXT: sets $number: the same for the same text, whatever else there is.
number_of() {
	local i code

	number=0
	for ((i = 0; i < ${#1}; i++)); do
		printf -v code %d "'${1:i:1}"
		((number = (number * 31 + code) & 0xffffff))
	done
}

# The archive that this machine takes its own packages from.
find_archive() {
	# shellcheck disable=SC2016 # apt's own variables
	archive=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \
		'Created-By: Packages' |
		sed -n '/^[a-z]* main /{s/^[^ ]* main //p;q}')
	[[ $archive ]] || die "apt knows no archive of Debian"
}

# make_system CODENAME DIR PACKAGE...: a small system of that Debian release in
# DIR/root, with those packages. Needs root, or sudo.
make_system() {
	local codename=$1 dir=$2 packages run=()

	shift 2
	printf -v packages '%s,' "$@"
	((EUID == 0)) || run=(sudo -n)
	[[ ${archive:-} ]] || find_archive
	progress "a small system of $codename" "$dir.log" "${run[@]}" \
		debootstrap --variant=minbase --include="${packages%,}" \
		"$codename" "$dir/root" "$archive" || return
	"${run[@]}" rm -rf "$dir/root"/var/cache/apt/archives \
		"$dir/root"/usr/share/{doc,locale,man}
	((EUID == 0)) || sudo -n chown -R "$(id -un)" "$dir/root"/{usr,mnt}
	rm -f "$dir.log"
}

# inside ROOT DIR COMMAND...: runs it in the system in ROOT, which sees DIR as /mnt.
# What is mounted for that is gone with the command.
inside() {
	local run=(unshare -m)

	((EUID == 0)) || run+=(-r)
	# shellcheck disable=SC2016 # of the inner shell
	"${run[@]}" sh -c 'root=$1 dir=$2
		shift 2
		mount --rbind /proc "$root/proc" &&
			mount --bind "$dir" "$root/mnt" &&
			exec chroot "$root" "$@"' sh "$@"
}

# What checks sources for the newest kernel: sparse does not know that word of C23 yet,
# and the kernel's build leaves it out, with no more than a line in its log. What it says
# wrongly then: of a constant that is read into a variable, and of MODULE_INFO().
sparse_7x='sparse -D__typeof_unqual__=__typeof__'
sparse_7x_wrong='\(different modifiers\)$|error: bad constant expression$'

# kernel_folder um|6.12|6.1|7.x: builds or fetches that kernel if need be; prints
# the folder with its build/ and lib/modules/.
kernel_folder() {
	case $1 in
	um) "$top/scripts/um-kernel" ;;
	6.12 | 6.1 | 7.x) "$top/scripts/debian-kernel" "$1" ;;
	*) die "no such kernel: $1 (there are um, 6.12, 6.1 and 7.x)" ;;
	esac
}

# source_tarball FOLDER PACKAGE[=VERSION] [OPTION...]: prints the tarball of a kernel's
# source from Debian's package of it, which stays in FOLDER; OPTIONs make apt know it.
source_tarball() {
	local folder=$1 package=$2

	shift 2
	(cd "$folder" || exit
	apt-get -q "$@" download "$package" >&2 && exit
	((!$#)) && refresh_lists && apt-get -q download "$package" >&2) || return
	dpkg-deb --fsys-tarfile "$folder/${package%%=*}"_*.deb |
		tar -xO "./usr/src/${package%%=*}.tar.xz"
}

kernel_release() { ls "$1/lib/modules"; }
