#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# usage: tests/mutants.t
#
# Do the tests notice a broken driver?  Those mutants whose turn it is at this
# commit (see tests/mutants --help).

set -uo pipefail
here=$(CDPATH='' cd "${0%/*}" && pwd -P)
# shellcheck source=scripts/lib.sh
. "$here/../scripts/lib.sh"
case ${1:-} in
-h | --help) usage 0 ;;
esac
exec "$here/mutants" --turn
