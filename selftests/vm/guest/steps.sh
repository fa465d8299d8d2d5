# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# steps.sh - a scenario's steps as TAP; sourced

# begin NAME COUNT
begin()
{
	suite=$1 number=0 failed=0
	echo 'TAP version 13'
	echo '1..1'
	echo "# Subtest: $suite"
	echo "    1..$2"
}

# step NAME [COMMAND...] - the command, or the function NAME, must succeed
step()
{
	number=$((number + 1))
	step=$1
	shift
	[ $# -gt 0 ] || set -- "$step"
	if "$@"; then
		echo "    ok $number $suite.$step"
	else
		echo "    not ok $number $suite.$step"
		failed=$((failed + 1))
	fi
}

end()
{
	if [ "$failed" = 0 ]; then
		echo "ok 1 - $suite"
		request verdict pass
	else
		echo "not ok 1 - $suite"
		request verdict fail
	fi
}
