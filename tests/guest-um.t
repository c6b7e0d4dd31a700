#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Counts which lines of the driver run, too: build/coverage.txt.  LANES guests
# share the work.
build=$(CDPATH='' cd "${0%/*}/.." && pwd -P)/build
exec "${0%/*}/run" --kernel um --lanes "${LANES:-1}" \
	--coverage "$build/coverage.txt" --floor 90
