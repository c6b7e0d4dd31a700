# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The guest-side library, for scenarios: source this file alone.

lib=${BASH_SOURCE[0]%/*}
# shellcheck disable=SC2034 # functions to call after each scenario
reset_hooks=()

# A process costs 40 ms in the debug kernel, be it only for $(...); bash's own
# versions of commands cost nothing; this stat has other options than the command.
for part in mkdir rmdir ln rm sleep basename dirname stat; do
	enable -f "/usr/lib/bash/$part" "$part" 2>/dev/null
done
for part in tap log fabric backstore target channels initiator io ib wire crowd disks \
	stuck faults views docs; do
	# shellcheck disable=SC1090 # all of them are in this folder
	. "$lib/$part.sh"
done
