# SPDX-License-Identifier: GPL-2.0-or-later
lib := userspace/lib

unit-lib/base64_test := $(lib)/base64.c
unit-lib/bytes_test := $(lib)/bytes.c
unit-lib/json_lex_test := $(lib)/json_lex.c
unit-lib/json_stream_test := $(addprefix $(lib)/json_,builder.c lex.c stream.c string.c)
unit-lib/json_write_test := $(addprefix $(lib)/,bytes.c json_write.c)
unit-lib/log_test := $(lib)/log.c
unit-lib/socket_file_test := $(lib)/socket_file.c
