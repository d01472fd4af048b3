// SPDX-License-Identifier: Apache-2.0
// Plugins as they are shipped: the libraries of the release build, opened by their entry
// point, as in the core.  A step that fails ends the program.
#pragma once

#include <gatehouse/testing.hpp>

#include <memory>
#include <string>

namespace gatehouse::benchmark {

/// Prints `what` and ends the program, because later results would be wrong.
[[noreturn]] void fail(const std::string& what);

/// Returns the value, or ends the program.
template <typename T>
T expect(Result<T> result) {
    if (!result) fail(result.error().message);
    return std::move(*result);
}

/// The descriptor of `plugins/PATH.so` in the build folder.
const Descriptor& descriptor(const std::string& path);

template <typename Interface>
std::unique_ptr<Interface> open(const std::string& path, Table table, Host& host) {
    return expect(testing::create<Interface>(descriptor(path), std::move(table), host));
}

/// A file of the folder BENCH_BODIES: the requests that ./tools/bench sends.
std::string body(const std::string& name);

}  // namespace gatehouse::benchmark
