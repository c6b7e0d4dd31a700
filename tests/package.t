#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # the checks are called through holds
#
# The package ib-srpt-dkms from its building to its purging, in a small Debian system
# (scripts/debian-root) with an old kernel, which a new one follows.  What is written
# there is forgotten, and nothing is installed on this machine.

set -uo pipefail
# shellcheck source=tests/checks.sh
. "${0%/*}/checks.sh"

if ((EUID != 0)); then
	echo "1..0 # SKIP only root can install packages, be it in another system"
	exit
fi
# Mounts of this test's own, which go with its last process.
[[ ${in_namespace:-} ]] || exec env in_namespace=1 unshare -m "$0"

base=$(scripts/debian-root) || exit
old=$(scripts/debian-kernel 6.1) && new=$(scripts/debian-kernel 6.12) || exit
old_release=$(kernel_release "$old")
new_release=$(kernel_release "$new")
root=$tmp/root

# The system and the headers of both kernels, read-only, below a layer in memory;
# copies of them where that cannot be mounted.
lay_over() {
	local layer

	mkdir -p "$tmp/memory" "$root"
	mount -t tmpfs tmpfs "$tmp/memory" && mkdir "$tmp"/memory/{upper,work} &&
		mount -t overlay overlay "$root" -o "lowerdir=$base:$old/root:$new/root" \
			-o "upperdir=$tmp/memory/upper,workdir=$tmp/memory/work" &&
		return
	cp -a "$base/." "$root" || return
	for layer in "$old" "$new"; do
		cp -a "$layer/root/usr/." "$root/usr" || return
	done
}
end() {
	umount -l "$root/proc" "$root" "$tmp/memory" 2>/dev/null
	rm -rf --one-file-system "$tmp"
}
trap end EXIT

there() {
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		DEBIAN_FRONTEND=noninteractive "$@"
}

# kernel_comes FOLDER RELEASE: what its packages unpack: headers are there already,
# and say where they were in the cache folder; of the modules those that matter.
kernel_comes() {
	local modules=$root/lib/modules/$2 part

	mkdir -p "$modules/kernel/drivers" "$root/$1"
	ln -s / "$root/$1/root"
	cp -a "$1/lib/modules/$2"/modules.{order,builtin*} "$modules"
	for part in infiniband target; do
		cp -a "$1/lib/modules/$2/kernel/drivers/$part" \
			"$modules/kernel/drivers"
	done
	ln -s "/usr/src/linux-headers-$2" "$modules/build"
	there depmod "$2"
}
# What their scripts run then.
hooks_run() { there run-parts --arg="$2" "/etc/kernel/$1.d"; }

info() { there modinfo -k "$1" -F "$2" ib_srpt; }
# taken RELEASE: the module that modprobe would take, without the end of its name.
taken() { info "$1" filename | sed "s#.*/lib/modules/$1/##; s#\.ko.*#.ko#"; }
is() { [[ $("${@:2}") == "$1" ]] || { echo "not '$1':"; "${@:2}"; return 1; }; }

# installs FILE: shows what the compiler said if it cannot be.
installs() {
	cp "$1" "$root/tmp" && there dpkg -i "/tmp/${1##*/}" && return
	cat "$root"/var/lib/dkms/ib-srpt/*/build/make.log
	return 1
}
# What there is; times, and the package manager's own notes, aside.
list() {
	(cd "$root" && find . -path ./proc -prune -o -path ./tmp -prune -o \
		-path ./var/lib/dpkg -prune -o -print &&
		find lib/modules/ -type f -exec cksum {} +) | sort
}

first=$(scripts/package --print-version)
next=$first+next
key_name="a key of this test"
make_key() {
	there openssl req -new -x509 -nodes -days 7 -subj "/CN=$key_name" \
		-newkey rsa:2048 -keyout /var/lib/dkms/mok.key \
		-outform DER -out /var/lib/dkms/mok.pub
}
if ! lay_over || ! mount --rbind /proc "$root/proc"; then
	echo "Bail out! No system to install it in"
	exit 1
fi

# A driver of a few lines: the later version need not be compiled for long.
make_next() {
	mkdir "$tmp/next"
	cp -a ./*.[ch] Kbuild dkms.conf README.md Documentation debian scripts "$tmp/next"
	cat >"$tmp/next/ib_srpt.c" <<-'SOURCE'
		#include <linux/module.h>
		MODULE_DESCRIPTION("Nothing");
		MODULE_VERSION("1.0");
		MODULE_LICENSE("GPL");
	SOURCE
	echo 'obj-m := ib_srpt.o' >"$tmp/next/Kbuild"
	"$tmp/next/scripts/package" --version "$next" --into "$tmp"
}
deb() { echo "$tmp/ib-srpt-dkms_${1}_all.deb"; }

holds "the package is built" scripts/package --version "$first" --into "$tmp"
holds "one of a later version, with less in it" make_next
if [[ $(command -v lintian) ]]; then
	holds "lintian has nothing to say" is '' lintian "$(deb "$first")"
fi

holds "there is an old kernel" kernel_comes "$old" "$old_release"
holds "there is a key to sign with" make_key
list >"$tmp/before"
holds "the kernel's own module is taken" \
	is kernel/drivers/infiniband/ulp/srpt/ib_srpt.ko taken "$old_release"
holds "the package can be installed" installs "$(deb "$first")"
holds "the module is built, and wins over the kernel's own" \
	is updates/dkms/ib_srpt.ko taken "$old_release"
holds "it says its version" is "$first" info "$old_release" version
holds "its commands find what they share" there sh -c 'srpt-drbd --help && srpt-rbd --help'
holds "it is signed with the key" is "$key_name" info "$old_release" signer

holds "it can be upgraded" installs "$(deb "$next")"
holds "the new module is taken" is "$next" info "$old_release" version
holds "the old source is gone" test ! -e "$root/usr/src/ib-srpt-$first"

list_modules() { (cd "$root/lib/modules/$1" && find . -type f -exec cksum {} + | sort); }
new_comes() {
	kernel_comes "$new" "$new_release" && list_modules "$new_release" >"$tmp/modules" &&
		hooks_run header_postinst "$new_release"
}
holds "a new kernel comes, with its headers" new_comes
holds "the module is built for it too, and wins" \
	is updates/dkms/ib_srpt.ko taken "$new_release"
holds "it says its version" is "$next" info "$new_release" version
holds "it is signed with the key" is "$key_name" info "$new_release" signer

holds "it can be purged" there dpkg --purge ib-srpt-dkms
for release in "$old_release" "$new_release"; do
	holds "the kernel's own module is taken again" \
		is kernel/drivers/infiniband/ulp/srpt/ib_srpt.ko taken "$release"
done
modules_as_before() { diff "$tmp/modules" <(list_modules "$new_release"); }
holds "nothing is left for the new kernel" modules_as_before
rm -rf "$root/lib/modules/$new_release" "${root:?}/$new"
as_before() { diff "$tmp/before" <(list); }
holds "nor anywhere else" as_before
all_told
