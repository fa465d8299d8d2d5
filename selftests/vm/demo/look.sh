# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2054,SC2154
#
# look.sh - how the demonstration looks; sourced

if [[ -t 1 && ${TERM:-dumb} != dumb && ! ${NO_COLOR:-} ]]; then
	bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' dim=$'\e[2m' plain=$'\e[0m'
else
	bold='' green='' red='' dim='' plain=''
fi

# title TEXT - a part begins
title()
{
	printf '\n%s%s%s\n' "$bold" "$*" "$plain"
	step=0
}

# step TEXT - the next one; $step is the number of the last
step()
{
	printf '  %s%d%s  %s\n' "$bold" "$((++step))" "$plain" "$*"
}

# Lines from standard input, under a step.
detail()
{
	sed "s/^/      /"
}

good()
{
	printf '  %s%s%s\n' "$green" "$*" "$plain"
}

bad()
{
	printf '  %s%s%s\n' "$red" "$*" "$plain"
}
