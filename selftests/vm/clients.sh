# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# clients.sh - other people's clients of an agent, used as they are used; sourced
# after virsh.sh
#
# What the agent answers goes to standard error: standard output is the socket.

# at_socket SOCKET FUNCTION - with the socket for both standard streams
at_socket()
{
	export -f hear by_hand with_ids in_one_piece
	timeout 60 socat "UNIX-CONNECT:$1" "EXEC:bash -c $2"
}

# One line of the agent's, without the byte 0xFF that marks an answer to a sync.
hear()
{
	local line

	LC_ALL=C read -r -t 30 line && printf '%s\n' "${line#$'\xff'}" >&2
}

# By hand, behind somebody else's unfinished request, which 0xFF ends.
by_hand()
{
	printf '{"execute": "guest-\xff'
	printf '{"execute": "guest-sync-delimited", "arguments": {"id": 4711}}\n'
	hear
	printf '{"execute": "guest-get-host-name"}\n'
	hear
}

# As QEMU's own Python library, which finds the answer by the id of the request.
with_ids()
{
	local n

	for n in 1 2 3; do
		printf '{"execute": "guest-ping", "id": "__qmp#0000%d"}\n' $n
	done
	hear && hear && hear
}

# As Proxmox: a sync and a command in one piece, and off again.
in_one_piece()
{
	printf '\xff{"execute":"guest-sync-delimited","arguments":{"id":%d}}\n%s' \
		"$BASHPID" '{"execute":"guest-get-osinfo","arguments":{}}'
	hear && hear
}

again_and_again()
{
	local n

	for n in {1..20}; do
		at_socket "$1" in_one_piece 2>&1 || return
	done | grep -c '"id": "debian"'
}

# What libvirt offers to programs, as Python has it.
libvirt_python()
{
	/usr/bin/python3 - "$domain" <<-'EOF'
	import json, sys
	import libvirt, libvirt_qemu

	domain = libvirt.open("qemu:///system").lookupByName(sys.argv[1])

	def ask(command):
	    request = json.dumps({"execute": command})
	    return json.loads(libvirt_qemu.qemuAgentCommand(domain, request, 20, 0))

	addresses = domain.interfaceAddresses(
	    libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT)
	print(ask("guest-get-host-name")["return"]["host-name"],
	      domain.hostname(libvirt.VIR_DOMAIN_GET_HOSTNAME_AGENT),
	      domain.guestInfo(libvirt.VIR_DOMAIN_GUEST_INFO_OS)["os.id"],
	      [one["addr"] for one in addresses["eth0"]["addrs"]],
	      sorted(info[0] for info in domain.fsInfo()),
	      domain.fsFreeze(), domain.fsThaw())
	try:
	    ask("guest-none-such")
	except libvirt.libvirtError as error:
	    print(error.get_error_message())
	EOF
}
