/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf_value.h - the types of values in the configuration
 *
 * Each fills a member and returns 0, -EINVAL for a value that it does not
 * take, or -ENOMEM.
 */

#ifndef VPORTD_CONF_VALUE_H
#define VPORTD_CONF_VALUE_H

struct port_conf;

int conf_value_bool(const char *value, void *member);	/* bool */
int conf_value_mode(const char *value, void *member);	/* mode_t */
int conf_value_time(const char *value, void *member);	/* uint64_t, usec */
int conf_value_size(const char *value, void *member);	/* uint64_t */
int conf_value_files(const char *value, void *member);	/* unsigned int */
int conf_value_path(const char *value, void *member);	/* char *, template */
int conf_value_program(const char *value, void *member);	/* char * */
int conf_value_words(const char *value, void *member);	/* char **, templates */
int conf_value_listen(const char *value, void *member);	/* char *, template */
int conf_value_connect(const char *value, void *member);

/* These fill more than one. */
int conf_value_owner(const char *value, void *conf);
int conf_value_group(const char *value, void *conf);
int conf_value_user(const char *value, void *conf);
int conf_value_target(const char *value, void *conf);

/* And these an enum of conf.h, by their words in its order. */
int conf_value_host_leaves(const char *value, void *member);
int conf_value_hold(const char *value, void *member);
int conf_value_start(const char *value, void *member);
int conf_value_restart(const char *value, void *member);
int conf_value_pass(const char *value, void *member);

#endif /* VPORTD_CONF_VALUE_H */
