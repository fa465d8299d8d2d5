# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Completion of vportctl for bash: subcommands, options, names of ports, sockets

_vportctl_ports()
{
	cat /sys/class/virtio-ports/*/name 2>/dev/null
	ls /sys/class/virtio-ports 2>/dev/null
}

# _vportctl_options SUBCOMMAND - in addition to --help
_vportctl_options()
{
	case $1 in
	agent | qmp) echo --timeout= ;;
	cat) echo --follow ;;
	list | watch) echo --json ;;
	ping) echo --count= --interval= --timeout= ;;
	esac
}

_vportctl_reply()
{
	local current=$1

	mapfile -t COMPREPLY < <(compgen "${@:2}" -- "$current")
}

_vportctl()
{
	local current=${COMP_WORDS[COMP_CWORD]} sub=${COMP_WORDS[1]:-}
	local verbs='exec get put shell guest-ping guest-info guest-get-osinfo
		guest-get-host-name guest-network-get-interfaces guest-get-fsinfo
		guest-get-users guest-get-time guest-shutdown guest-fsfreeze-status'
	local words=0 i

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		_vportctl_reply "$current" -W \
			'agent cat list ping qmp send watch --help --version'
		return
	fi
	if [[ $current == -* ]]; then
		_vportctl_reply "$current" -W "--help $(_vportctl_options "$sub")"
		[[ ${COMPREPLY[*]:-} != *= ]] || compopt -o nospace
		return
	fi

	# Which of the arguments that are no options this is.
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		= | -*) ;;
		*) [[ ${COMP_WORDS[i - 1]} == = ]] || ((++words)) ;;
		esac
	done
	case $sub:$words in
	list:* | watch:*) ;;
	qmp:0 | send:1) _vportctl_reply "$current" -f ;;
	agent:1) _vportctl_reply "$current" -W "$verbs" ;;
	*:0) _vportctl_reply "$current" -f -W "$(_vportctl_ports)" ;;
	agent:*) _vportctl_reply "$current" -f ;;
	esac
}

complete -o filenames -F _vportctl vportctl
