// SPDX-License-Identifier: Apache-2.0
// A library without the symbol of the C interface, or with a function of that name.
#define EXPORT __attribute__((visibility("default")))
#ifdef FUNCTION
EXPORT int gatehouse_c_provider(void);
int gatehouse_c_provider(void) { return 1; }
#else
EXPORT int something_else(void);
int something_else(void) { return 1; }
#endif
