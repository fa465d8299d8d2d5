// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio_user_version.c - what both ends of a vfio-user connection can do
 */

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "vfio_user.h"

/* What is said with it is flat. */
#define JSON_DEPTH	8

/*
 * QEMU warns of words that it does not know, and takes no answer that is longer
 * than its request.  Several writes in one message are of no use to it.
 */
static const char capabilities[] =
	"{\"capabilities\":{\"max_msg_fds\":16,"
	"\"max_data_xfer_size\":65536,\"max_dma_maps\":65535}}";

static_assert(VFU_MAX_FDS == 16 && VFU_MAX_DATA == 65536, "as said");

/* Nothing is asked for there that we would have to know. */
static int check_json(struct vfu_session *session, const char *text, size_t len)
{
	struct json_tokener *tokener;
	struct json_object *object;
	int ret = 0;

	if (text[len - 1]) {
		vfu_complain(session, "VERSION: expected a NUL at the end");
		return -EINVAL;
	}
	tokener = json_tokener_new_ex(JSON_DEPTH);
	if (!tokener)
		return -ENOMEM;

	object = json_tokener_parse_ex(tokener, text, len);
	if (!json_object_is_type(object, json_type_object) ||
	    json_tokener_get_parse_end(tokener) != len - 1) {
		vfu_complain(session, "VERSION: expected a JSON object");
		ret = -EINVAL;
	}
	json_object_put(object);
	json_tokener_free(tokener);
	return ret;
}

int vfu_version(struct vfu_session *session, struct vfu_msg *msg)
{
	struct vfu_version *version = &msg->payload.version;
	size_t room = vfu_payload_size(msg) - sizeof(*version);
	char *json = (char *)vfu_data(msg, sizeof(*version));
	int ret;

	if (version->major) {
		vfu_complain(session, "VERSION: %u.%u, expected 0.x",
			     version->major, version->minor);
		return -EINVAL;
	}
	if (room) {
		ret = check_json(session, json, room);
		if (ret)
			return ret;
	}

	session->negotiated = true;
	version->minor = 0;
	if (room < sizeof(capabilities))
		return vfu_reply(session, sizeof(*version));
	memcpy(json, capabilities, sizeof(capabilities));
	return vfu_reply(session, sizeof(*version) + sizeof(capabilities));
}
