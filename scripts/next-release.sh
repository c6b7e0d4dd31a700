# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # lib.sh comes first; for its readers
#
# The backports of Debian's next release, which have the newest kernels.  Sourced by
# scripts that want those, never run.

codename=trixie
lists=$cache/debian/lists-$codename
newest=(-o "Dir::Etc::sourcelist=$lists/sources.list" -o Dir::Etc::sourceparts=/dev/null
	-o "Dir::State::lists=$lists/lists" -o "Dir::Cache::pkgcache="
	-o "Dir::Cache::srcpkgcache=" -o APT::Sandbox::User=root)
newest_cache=(apt-cache "${newest[@]}")

# Lists of a folder of its own: this machine's apt need not know that release.
# They are fetched once a day.
refresh_newest() {
	[[ ! $(find "$lists/complete" -mmin -1440 2>/dev/null) ]] || return 0
	find_archive
	mkdir -p "$lists/lists/partial"
	echo "deb $archive $codename-backports main" >"$lists/sources.list"
	say "asking for the newest kernel"
	apt-get -q "${newest[@]}" update >&2 || {
		[[ -e $lists/complete ]] ||
			die "cannot read the package lists of $codename-backports"
		say "going on with older package lists"
		return 0
	}
	touch "$lists/complete"
}
