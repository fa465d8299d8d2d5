# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# suites.sh - run suites and add up what they found; sourced after vm/lib.sh

logs=$build/check
passed=0 failed=0 skipped=0
rows=()				# of the table: suite, counts, seconds
declare -A running=()		# jobs: a name for each process
began=0

heading()
{
	began=$SECONDS
	printf '\n# ---- %s\n' "$*"
}

# add SUITE STATUS PASSED FAILED SKIPPED
add()
{
	local suite=$1 status=$2 found=$(($3 + $4 + $5)) failures=$4

	if ((status != 0 && failures == 0)); then
		echo "# $suite: failed as a whole, see above"
		((failures += 1))
	elif ((found == 0)); then
		echo "# $suite: no test was run"
		((failures += 1))
	fi
	rows+=("$suite $3 $failures $5 $((SECONDS - began))")
	printf '# %s: %d passed, %d failed, %d skipped\n' "$suite" "$3" \
		"$failures" "$5"
	((passed += $3, failed += failures, skipped += $5, 1))
}

# conform_sum passed|failed - out of the last line of $log, "172 passed, 0 failed".
conform_sum()
{
	tail -n 1 "$log" | grep -oE "[0-9]+ $1" | grep -oE '^[0-9]+' || echo 0
}

# One list of checks for QEMU's device and for vportemu's; QEMU= may name another.
device_suite()
{
	local status=0 log=$logs/conformance-device.log

	heading "conformance: vportemu beside QEMU's device"
	"$build/conform-device" 2>&1 | tee "$log" || status=1
	add "conformance device" "$status" "$(conform_sum passed)" \
		"$(conform_sum failed)" 0
}

# guest_suite ENVIRONMENT SCENARIO DRIVER DESCRIPTION
guest_suite()
{
	local status=0 totals=(0 0 0) log=$logs/$1-$2

	heading "$4"
	rm -f "$log.totals"
	"$vm/boot" "$1" "$2" 2>"$log.err" | tee "$log.tap" |
		"$vm/tap" "$log.totals" "$3" || status=1
	grep -v 'virtio-serial-bus: Unexpected port id' "$log.err" |
		sed 's/^/# /' || :
	[[ ! -e $log.totals ]] || read -ra totals <"$log.totals"
	add "$1 $2" "$status" "${totals[@]}"
}

# peer_suite NAME DESCRIPTION [ARGUMENT...] - a script of selftests/vm that prints
# TAP itself
peer_suite()
{
	local status=0 totals=(0 0 0) log=$logs/$1

	heading "$2"
	rm -f "$log.totals"
	"$vm/$1" "${@:3}" 2>"$log.err" | tee "$log.tap" |
		"$vm/tap" "$log.totals" ours || status=1
	sed 's/^/# /' "$log.err"
	[[ ! -e $log.totals ]] || read -ra totals <"$log.totals"
	add "$1 -" "$status" "${totals[@]}"
}

# log_suite ENVIRONMENT DESCRIPTION
log_suite()
{
	local status=0 log=$logs/$1-console-log

	heading "$2"
	"$vm/console-log" "$1" | tee "$log.tap" || status=1
	add "$1 console-log" "$status" "$(grep -c '^ok' "$log.tap")" \
		"$(grep -c '^not ok' "$log.tap")" 0
}

# job NAME SUITE [ARGUMENT...] - run a suite; with JOBS= of more than 1 beside
# others, and what it prints comes when it has ended
job()
{
	if ((${JOBS:-1} == 1)); then
		"${@:2}"
		return
	fi
	((${#running[@]} < JOBS)) || job_end
	# shellcheck disable=SC2030,SC2031
	(
		rows=()
		"${@:2}" </dev/null
		printf '%s\n' "${rows[@]}" >"$logs/$1.row"
	) >"$logs/$1.out" 2>&1 &
	running[$!]=$1
}

# Wait for a job that ends, and tell of it.
job_end()
{
	local pid name row=()

	wait -n -p pid "${!running[@]}" || :
	name=${running[$pid]}
	unset "running[$pid]"
	cat "$logs/$name.out"
	[[ ! -e $logs/$name.row ]] || read -ra row <"$logs/$name.row"
	if ((${#row[@]} < 6)); then
		echo "# $name: ended before its suite did"
		row=("$name" - 0 1 0 0)
	fi
	rm -f "$logs/$name.row"
	# shellcheck disable=SC2031
	rows+=("${row[*]}")
	((passed += row[2], failed += row[3], skipped += row[4], 1))
}

# Wait for all of them.
jobs_end()
{
	while ((${#running[@]})); do
		job_end
	done
}

# The last lines of all.
total()
{
	printf '\n# %d seconds; logs are in %s\n' "$SECONDS" "$logs"
	echo "$passed passed, $failed failed, $skipped skipped"
	((failed == 0))
}

table()
{
	local row suite scenario counts

	printf '\n%-34s %6s %6s %7s %7s\n' suite passed failed skipped seconds
	for row in "${rows[@]}"; do
		read -r suite scenario counts <<<"$row"
		# shellcheck disable=SC2086
		printf '%-23s %-10s %6d %6d %7d %7d\n' "$suite" "$scenario" $counts
	done
}
