#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Counts which lines of the driver run, too: build/coverage.txt.
build=$(CDPATH='' cd "${0%/*}/.." && pwd -P)/build
exec "${0%/*}/run" --kernel um --coverage "$build/coverage.txt" --floor 90
