// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * schema_types.c - the types of what commands return
 */

#include <stddef.h>

#include "schema.h"

#define MEMBERS(...)	((const struct schema_member []) { __VA_ARGS__, { NULL } })
#define VALUES(...)	((const char *const []) { __VA_ARGS__, NULL })

#define MUST(name, type)	{ name, type, false }
#define MAY(name, type)		{ name, type, true }

const struct schema_type schema_types[] = {
	/* command_chardev.c */
	{ "ChardevInfo", MEMBERS(MUST("label", "str"), MUST("filename", "str"),
				 MUST("frontend-open", "bool")) },
	{ "ChardevBackendInfo", MEMBERS(MUST("name", "str")) },
	{ "ChardevReturn", MEMBERS(MAY("pty", "str")) },

	/* command_device.c */
	{ "VirtioSerialPortStats",
	  MEMBERS(MUST("bus", "str"), MUST("nr", "int"), MUST("driver", "str"),
		  MAY("id", "str"), MAY("name", "str"), MAY("chardev", "str"),
		  MUST("guest-connected", "bool"),
		  MUST("host-connected", "bool"), MUST("throttled", "bool"),
		  MUST("bytes-to-host", "int"), MUST("bytes-to-guest", "int"),
		  MUST("bytes-dropped", "int"), MUST("throttles", "int"),
		  MUST("starvations", "int"), MUST("clients", "int"),
		  MUST("history-waiting", "int"),
		  MUST("clients-missed", "int")) },

	/* command_fd.c */
	{ "AddfdInfo", MEMBERS(MUST("fdset-id", "int"), MUST("fd", "int")) },
	{ "FdsetFdInfo", MEMBERS(MUST("fd", "int"), MAY("opaque", "str")) },
	{ "FdsetInfo", MEMBERS(MUST("fdset-id", "int"),
			       MUST("fds", "[FdsetFdInfo]")) },

	/* command_qom.c, qom_types.c */
	{ "ObjectPropertyInfo",
	  MEMBERS(MUST("name", "str"), MUST("type", "str"),
		  MAY("description", "str"), MAY("default-value", "any")) },
	{ "ObjectPropertyValue",
	  MEMBERS(MUST("name", "str"), MUST("type", "str"),
		  MAY("value", "any")) },
	{ "ObjectPropertiesValues",
	  MEMBERS(MUST("properties", "[ObjectPropertyValue]")) },
	{ "ObjectTypeInfo", MEMBERS(MUST("name", "str"), MAY("abstract", "bool"),
				    MAY("parent", "str")) },

	/* command_trace.c */
	{ "TraceEventState", .values = VALUES("disabled", "enabled") },
	{ "TraceEventInfo", MEMBERS(MUST("name", "str"),
				    MUST("state", "TraceEventState")) },

	/* command_misc.c */
	{ "CommandLineParameterType",
	  .values = VALUES("string", "boolean", "number", "size") },
	{ "CommandLineParameterInfo",
	  MEMBERS(MUST("name", "str"),
		  MUST("type", "CommandLineParameterType"), MAY("help", "str"),
		  MAY("default", "str")) },
	{ "CommandLineOptionInfo",
	  MEMBERS(MUST("option", "str"),
		  MUST("parameters", "[CommandLineParameterInfo]")) },
	{ "YankInstanceType", .values = VALUES("chardev") },
	{ "YankInstanceChardev", MEMBERS(MUST("id", "str")) },
	{ "YankInstance", MEMBERS(MUST("type", "YankInstanceType")),
	  .tag = "type",
	  .cases = MEMBERS(MUST("chardev", "YankInstanceChardev")) },

	/* command.c */
	{ "CommandInfo", MEMBERS(MUST("name", "str")) },
	{ "NameInfo", MEMBERS(MAY("name", "str")) },
	{ "UuidInfo", MEMBERS(MUST("UUID", "str")) },
	{ "RunState", .values = VALUES("paused", "prelaunch", "running") },
	{ "StatusInfo", MEMBERS(MUST("running", "bool"),
				MUST("status", "RunState")) },
	{ "VersionTriple", MEMBERS(MUST("major", "int"), MUST("minor", "int"),
				   MUST("micro", "int")) },
	{ "VersionInfo", MEMBERS(MUST("qemu", "VersionTriple"),
				 MUST("package", "str")) },

	/* command_virtio.c */
	{ "VirtioInfo", MEMBERS(MUST("path", "str"), MUST("name", "str")) },
	{ "VirtioDeviceFeatures",
	  MEMBERS(MUST("transports", "[str]"), MAY("dev-features", "[str]"),
		  MAY("unknown-dev-features", "int")) },
	{ "VirtioStatus",
	  MEMBERS(MUST("name", "str"), MUST("device-id", "int"),
		  MUST("device-endian", "str"),
		  MUST("guest-features", "VirtioDeviceFeatures"),
		  MUST("host-features", "VirtioDeviceFeatures"),
		  MUST("num-vqs", "int"), MUST("vm-running", "bool"),
		  MUST("attached", "bool"), MUST("started", "bool"),
		  MUST("broken", "bool"), MUST("bus-name", "str")) },
	{ "VirtQueueStatus",
	  MEMBERS(MUST("name", "str"), MUST("queue-index", "int"),
		  MUST("inuse", "int"), MUST("vring-num", "int"),
		  MUST("vring-desc", "int"), MUST("vring-avail", "int"),
		  MUST("vring-used", "int"), MAY("last-avail-idx", "int"),
		  MAY("shadow-avail-idx", "int"), MUST("used-idx", "int"),
		  MUST("signalled-used", "int"),
		  MUST("signalled-used-valid", "bool"),
		  MUST("running", "bool")) },
	{ "VirtioRingDesc", MEMBERS(MUST("addr", "int"), MUST("len", "int"),
				    MUST("flags", "[str]")) },
	{ "VirtioRingAvail", MEMBERS(MUST("flags", "int"), MUST("idx", "int"),
				     MUST("ring", "int")) },
	{ "VirtioRingUsed", MEMBERS(MUST("flags", "int"), MUST("idx", "int")) },
	{ "VirtioQueueElement",
	  MEMBERS(MUST("name", "str"), MUST("index", "int"),
		  MUST("descs", "[VirtioRingDesc]"),
		  MUST("avail", "VirtioRingAvail"),
		  MUST("used", "VirtioRingUsed")) },

	/* schema.c */
	{ "SchemaMetaType", .values = VALUES("array", "builtin", "command",
					     "enum", "event", "object") },
	{ "JSONType", .values = VALUES("boolean", "int", "string", "value") },
	{ "SchemaInfoArray", MEMBERS(MUST("element-type", "str")) },
	{ "SchemaInfoBuiltin", MEMBERS(MUST("json-type", "JSONType")) },
	{ "SchemaInfoCommand",
	  MEMBERS(MUST("arg-type", "str"), MUST("ret-type", "str"),
		  MAY("allow-oob", "bool")) },
	{ "SchemaInfoEnumMember", MEMBERS(MUST("name", "str")) },
	{ "SchemaInfoEnum", MEMBERS(MUST("members", "[SchemaInfoEnumMember]"),
				    MUST("values", "[str]")) },
	{ "SchemaInfoEvent", MEMBERS(MUST("arg-type", "str")) },
	{ "SchemaInfoObjectMember",
	  MEMBERS(MUST("name", "str"), MUST("type", "str"),
		  MAY("default", "any")) },
	{ "SchemaInfoObjectVariant",
	  MEMBERS(MUST("case", "str"), MUST("type", "str")) },
	{ "SchemaInfoObject",
	  MEMBERS(MUST("members", "[SchemaInfoObjectMember]"), MAY("tag", "str"),
		  MAY("variants", "[SchemaInfoObjectVariant]")) },
	{ "SchemaInfo",
	  MEMBERS(MUST("name", "str"), MUST("meta-type", "SchemaMetaType")),
	  .tag = "meta-type",
	  .cases = MEMBERS(MUST("array", "SchemaInfoArray"),
			   MUST("builtin", "SchemaInfoBuiltin"),
			   MUST("command", "SchemaInfoCommand"),
			   MUST("enum", "SchemaInfoEnum"),
			   MUST("event", "SchemaInfoEvent"),
			   MUST("object", "SchemaInfoObject")) },
	{ NULL }
};
