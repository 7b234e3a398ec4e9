# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Debian 12: Xen 4.17, Linux 6.1. Runs every scenario.

suite_xen=4.17
suite_packages=(systemd)
suite_scenarios=()
suite_skip=(xl-vlan)
