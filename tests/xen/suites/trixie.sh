# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Debian 13: Xen 4.20, Linux 6.12, whose xl knows vlan=. Runs the core and what only this xl can ask.

suite_xen=4.20
suite_packages=()
suite_skip=()
suite_scenarios=(bridge driver-domain errors xl-vlan hvm)
