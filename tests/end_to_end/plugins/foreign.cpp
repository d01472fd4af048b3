// SPDX-License-Identifier: Apache-2.0
// A library that is not a plugin.  For the end-to-end tests only.
extern "C" [[gnu::visibility("default")]] int nothing_of_ours();
extern "C" int nothing_of_ours() { return 0; }
