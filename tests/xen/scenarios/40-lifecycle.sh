# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest that changes its domain: reboot, save and restore, migration.

setup()
{
	guest mover type=pvh net=eth0,10.0.0.61/24 vif=bridge=xenbr0,mac=00:16:3e:00:00:61
}

# expect_moved OLD-VIF: the guest has a new domain, its vif is wired, nothing is left of the old one.
expect_moved()
{
	local vif
	vif=$(vif_of mover)
	[ "$vif" != "$1" ] || fail "the guest is still in the old domain"
	wait_link_gone "$1" || fail "$1 is still there"
	expect_port "$vif" xenbr0
	expect_ping mover 10.0.0.1
	expect "its state" "$(vif_status "$vif" state)" connected
	expect "its domain" "$(vif_status "$vif" domain)" mover
	expect "the number of vifs in status" "$(vif_count)" 1
}

case_a_guest_pings_after_its_reboot()
{
	local old domid
	old=$(vif_of mover) domid=$(guest_domid mover)
	guest_run mover 'reboot -f' 2>/dev/null &
	wait_path_gone "/local/domain/$domid" 120 || fail "the old domain does not end"
	kill $! 2>/dev/null || :
	wait_for 60 xl domid mover || fail "the new domain does not come"
	guest_ready mover
	expect_moved "$old"
}

case_a_guest_pings_after_save_and_restore()
{
	local old
	old=$(vif_of mover)
	xl save mover "$T/mover.save" >"$T/save.out" 2>&1 || fail "xl save: $(tail -n 3 "$T/save.out")"
	xl restore "$T/mover.save" >"$T/restore.out" 2>&1 || fail "xl restore: $(tail -n 3 "$T/restore.out")"
	rm "$T/mover.save"
	guest_attach mover
	wait_key "$(backend_of mover)/state" 4 || fail "the backend does not connect again"
	expect_moved "$old"
}

case_a_guest_pings_after_migration_to_localhost_and_has_lost_the_incoming_name()
{
	local old
	old=$(vif_of mover)
	printf '#!/bin/sh\n# In place of ssh: the host is this one.\nshift\nexec "$@"\n' >"$T/no-ssh"
	chmod 755 "$T/no-ssh"
	xl migrate -s "$T/no-ssh" mover localhost >"$T/migrate.out" 2>&1 ||
		fail "xl migrate: $(tail -n 3 "$T/migrate.out")"
	guest_attach mover
	wait_key "$(backend_of mover)/state" 4 || fail "the backend does not connect again"
	expect_moved "$old"
}
