// SPDX-License-Identifier: Apache-2.0
// Plugins as they are shipped: the libraries of the release build, opened by
// their door as the core does it.  A step that fails ends the program.
#pragma once

#include <gatehouse/testing.hpp>

#include <memory>
#include <string>

namespace gatehouse::benchmark {

/// Says what is wrong and ends the program: nothing after it could be believed.
[[noreturn]] void fail(const std::string& what);

/// The value, or the end.
template <typename T>
T expect(Result<T> result) {
    if (!result) fail(result.error().message);
    return std::move(*result);
}

/// The door of `plugins/PATH.so` in the build folder.
const Descriptor& door(const std::string& path);

template <typename Interface>
std::unique_ptr<Interface> open(const std::string& path, Table table, Host& host) {
    return expect(testing::create<Interface>(door(path), std::move(table), host));
}

/// A file of the folder BENCH_BODIES: the requests that ./tools/bench sends.
std::string body(const std::string& name);

}  // namespace gatehouse::benchmark
