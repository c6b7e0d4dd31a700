#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The newest kernel that Debian has, if this machine can get it.
here=$(CDPATH='' cd "${0%/*}" && pwd -P)
"$here/../scripts/debian-kernel" 7.x >/dev/null || {
	echo "1..0 # SKIP Debian's newest kernel cannot be had here"
	exit
}
exec "$here/run" --kernel 7.x
