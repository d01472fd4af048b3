// SPDX-License-Identifier: Apache-2.0
// A plugin whose door is wrong in one way or another, as the build says: each
// macro replaces one field of a good descriptor.
#include <gatehouse/sdk.hpp>

#include <stdexcept>

using namespace gatehouse;

#ifndef MAGIC
#define MAGIC magic
#endif
#ifndef ABI
#define ABI abi
#endif
#ifndef LAYOUT
#define LAYOUT layout
#endif
#ifndef TOOLCHAIN
#define TOOLCHAIN toolchain
#endif
#ifndef KIND
#define KIND Provider::kind
#endif
#ifndef NAME
#define NAME "good"
#endif
#ifndef KEYS
#define KEYS &keys
#endif

namespace {

[[maybe_unused]] std::vector<Key> keys() { return {{.name = "greeting", .doc = "What to say."}}; }
[[maybe_unused]] std::vector<Key> no_keys() { throw std::runtime_error("no keys today"); }

[[maybe_unused]] Result<std::unique_ptr<Plugin>> create(const Config&, Host&) {
    return Error{ErrorKind::bad_config, "never made"};
}

}  // namespace

#ifdef UNDEFINED
extern void nobody_has_this();
extern "C" [[gnu::visibility("default")]] void call() { nobody_has_this(); }
#endif

#ifndef NO_DOOR
extern "C" [[gnu::visibility("default")]] const Descriptor gatehouse_plugin;
extern "C" const Descriptor gatehouse_plugin = {MAGIC, ABI,     LAYOUT, TOOLCHAIN, KIND,
                                                NAME,  "1.2.3", KEYS,   &create};
#endif
