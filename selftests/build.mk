# SPDX-License-Identifier: GPL-2.0-or-later

include selftests/unit.mk
-include $(wildcard selftests/*/fuzz.mk)
