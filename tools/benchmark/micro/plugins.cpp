// SPDX-License-Identifier: Apache-2.0
// Libraries stay open until the process ends, as in the core.
#include "tools/benchmark/micro/plugins.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <dlfcn.h>

namespace gatehouse::benchmark {

void fail(const std::string& what) {
    std::fprintf(stderr, "bench_micro: %s\n", what.c_str());
    std::exit(1);
}

const Descriptor& descriptor(const std::string& path) {
    void* library = dlopen((std::string(PLUGINS) + "/" + path + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) fail(dlerror());
    const auto* found = static_cast<const Descriptor*>(dlsym(library, "gatehouse_plugin"));
    if (found == nullptr || found->abi != abi || found->layout != layout)
        fail(path + " is not of this build");
    return *found;
}

std::string body(const std::string& name) {
    const char* folder = std::getenv("BENCH_BODIES");
    std::ifstream file(std::string(folder == nullptr ? "." : folder) + "/" + name, std::ios::binary);
    if (!file) fail("no request " + name + "; ./tools/bench --micro writes them");
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace gatehouse::benchmark
