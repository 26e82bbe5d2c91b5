/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Libraries that some verbs need, loaded when they are asked for. A static program can load none. */
#ifndef CLI_UTIL_LIBRARY_H
#define CLI_UTIL_LIBRARY_H

/* NULL: there is no such library here. */
void *library_open(const char *name);
/* Put the address of its function where ret, a pointer to a function, lies. 0, or -ENOSYS: it has none. */
int library_function(void *library, const char *name, void *ret);
void library_close(void *library);

#endif
