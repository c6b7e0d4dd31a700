#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# make, make install and make uninstall, as on a real machine, but into a folder
# that is thrown away and with the headers of a Debian kernel of the cache.  Makefile
# and Kbuild are the driver's; its sources are hollow: the real ones are compiled for
# the guests.

set -uo pipefail
# shellcheck source=tests/checks.sh
. "${0%/*}/checks.sh"

kernel=$(scripts/debian-kernel 6.12 2>/dev/null) || exit
release=$(ls "$kernel/lib/modules")
root=$tmp/root
modules=$root/lib/modules/$release

# What a checkout holds, without what was built in it.
mkdir "$tmp/tree"
git ls-files -co --exclude-standard | grep -vE '/' |
	xargs cp -t "$tmp/tree"
for file in "$tmp"/tree/*.c; do
	echo '/* hollow */' >"$file"
done
cat >"$tmp/tree/ib_srpt.c" <<-'SOURCE'
	#include <linux/module.h>
	MODULE_DESCRIPTION("Nothing");
	MODULE_LICENSE("Dual BSD/GPL");
SOURCE
# The modules that this one needs, and the one that it takes the place of.
mkdir -p "${modules%/*}"
cp -as "$kernel/lib/modules/$release" "$modules"
rm "$modules"/modules.{dep,alias,symbols,softdep}*
depmod -b "$root" "$release"

driver() { make -C "$tmp/tree" KDIR="$kernel/build" KVER="$release" "$@"; }
install_here() { driver INSTALL_MOD_PATH="$root" "$1"; }
taken() {
	modprobe -d "$root" -S "$release" --show-depends ib_srpt |
		sed -n 's/^insmod \([^ ]*ib_srpt[^ ]*\).*/\1/p'
}
takes() { taken | grep "$1"; }
says_what_it_needs() {
	local words

	! words=$(make -C "$tmp/tree" KVER=0.0.0-none 2>&1) &&
		grep 'install linux-headers-0.0.0-none' <<<"$words"
}

holds "the kernel's own module is there before" takes /kernel/
holds "make" driver
holds "it leaves the module" test -f "$tmp/tree/ib_srpt.ko"
holds "make install" install_here install
holds "modprobe takes this one" takes /updates/ib_srpt.ko
holds "it is the one that was built" test \
	"$(modinfo -F srcversion "$(taken)")" == \
	"$(modinfo -F srcversion "$tmp/tree/ib_srpt.ko")"
holds "make uninstall" install_here uninstall
holds "modprobe takes the kernel's own again" takes /kernel/
holds "make clean" driver clean
holds "nothing is left of the build" test ! -e "$tmp/tree/ib_srpt.ko"
holds "without headers make says what to install" says_what_it_needs
all_told
