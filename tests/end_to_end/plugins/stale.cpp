// SPDX-License-Identifier: Apache-2.0
// A plugin that was built long ago, as the definitions say: ABI_OFFSET from
// today's number, LAYOUT_CHANGE against today's layout.  It must never be asked
// for anything, so its functions end the process.  For the end-to-end tests only.
#include <gatehouse/sdk.hpp>

#include <cstdlib>

using namespace gatehouse;

namespace {
std::vector<Key> keys() { std::abort(); }
Result<std::unique_ptr<Plugin>> create(const Config&, Host&) { std::abort(); }
}  // namespace

[[gnu::section(".note.gatehouse"), gnu::used, gnu::aligned(4)]] static constexpr Note gatehouse_note =
    note_of(magic, abi + (ABI_OFFSET), layout ^ (LAYOUT_CHANGE), toolchain, "provider/1");

extern "C" [[gnu::visibility("default")]] const Descriptor gatehouse_plugin;
extern "C" const Descriptor gatehouse_plugin = {
    magic, abi + (ABI_OFFSET), layout ^ (LAYOUT_CHANGE), toolchain, "provider/1", NAME, "0.0.1", &keys, &create};
