# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
#
# virsh.sh - ask libvirt about the domain that libvirt.sh made; sourced after steps.sh
#
# DIR has the domain's disks and its definition.

domain=vport
patience=400		# seconds for a guest to boot or to go

vsh()
{
	timeout 60 virsh -q "$@"
}

ask()
{
	vsh qemu-agent-command "$domain" "$1"
}

# guest_file PATH - what is in a file of the guest
guest_file()
{
	local handle answer

	handle=$(member return "$(ask '{"execute": "guest-file-open",
		"arguments": {"path": "'"$1"'"}}')")
	answer=$(ask '{"execute": "guest-file-read",
		"arguments": {"handle": '"$handle"', "count": 65536}}') || return
	ask '{"execute": "guest-file-close",
		"arguments": {"handle": '"$handle"'}}' >/dev/null || return
	member buf-b64 "$answer" | base64 -d
}

# What libvirt tells as it happens comes from a pipe, a line for each event.
listen()
{
	coproc EVENTS { exec stdbuf -oL virsh -q event --loop --all 2>&1; }
}

# await PATTERN... - these must be told, one after the other
await()
{
	local line pattern

	for pattern in "$@"; do
		while :; do
			read -r -t "$patience" -u "${EVENTS[0]}" line || {
				echo "waited $patience s for $pattern"
				return 1
			}
			[[ ! $line =~ $pattern ]] || break
		done
	done
}

channel_state()
{
	vsh dumpxml "$domain" | grep "org.qemu.guest_agent.0.*state="
}

start()
{
	vsh define "$DIR/domain.xml" >/dev/null && vsh start "$domain" &&
		await 'lifecycle.* Started' "state: 'connected'" && channel_state
}
