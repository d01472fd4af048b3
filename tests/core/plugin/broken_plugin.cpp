// SPDX-License-Identifier: Apache-2.0
// A plugin whose note or descriptor is wrong, as the build says: each macro replaces one field
// of a good one.
#include <gatehouse/sdk.hpp>

#include <cstdlib>
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
extern void undefined_function();
extern "C" [[gnu::visibility("default")]] void call() { undefined_function(); }
#endif

#ifdef ABORTS
// A refused library must run nothing, not even this.
[[gnu::constructor]] static void run_at_load() { std::abort(); }
#endif

#ifndef NOTE_KIND
#define NOTE_KIND KIND
#endif
#ifndef NO_NOTE
[[gnu::section(".note.gatehouse"), gnu::used, gnu::aligned(4)]] static constexpr Note gatehouse_note =
    note_of(MAGIC, ABI, LAYOUT, TOOLCHAIN, NOTE_KIND);
#endif

#ifndef NO_ENTRY_POINT
extern "C" [[gnu::visibility("default")]] const Descriptor gatehouse_plugin;
extern "C" const Descriptor gatehouse_plugin = {MAGIC, ABI,     LAYOUT, TOOLCHAIN, KIND,
                                                NAME,  "1.2.3", KEYS,   &create};
#endif
