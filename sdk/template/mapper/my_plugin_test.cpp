// SPDX-License-Identifier: Apache-2.0
// Tests the mapper without a gateway: names in, routes out.  The test makes the instance
// through the plugin's entry point, as the gateway does.
#include <gatehouse/testing.hpp>

#include <cstdio>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

int failures = 0;

void check(bool holds, const char* sentence) {
    if (holds) return;
    std::printf("FAILED: %s\n", sentence);
    ++failures;
}

/// "a/b, c/d"
std::string routes(const ModelMapper& mapper, const char* model, const char* client) {
    auto found = mapper.map({.model = model, .who = Identity{client}});
    if (!found) return found.error().message;
    std::string text;
    for (const Route& route : *found) text += (text.empty() ? "" : ", ") + route.provider + "/" + route.model;
    return text;
}

}  // namespace

int main() {
    FakeHost host;
    Table table = strings({{"stable", "a/old"}, {"candidate", "b/new"}});
    table.entries.push_back({"testers", Value{std::vector<std::string>{"ci"}}});
    auto made = create<ModelMapper>(gatehouse_plugin, table, host);
    if (!made) {
        std::printf("%s\n", made.error().message.c_str());
        return 1;
    }
    const ModelMapper& mapper = **made;
    check(routes(mapper, "gpt-5", "laptop") == "a/old", "a client uses the stable model");
    check(routes(mapper, "gpt-5", "ci") == "b/new, a/old", "a tester uses the candidate first");
    check(routes(mapper, "", "ci") == "name a model", "an empty model name is an error");
    check(mapper.providers() == std::vector<std::string>{"a", "b"}, "both providers are named");
    check(mapper.models(Identity{}, {}).front().id == "old", "the stable model is listed");

    auto wrong =
        create<ModelMapper>(gatehouse_plugin, strings({{"stable", "old"}, {"candidate", "b/new"}}), host);
    check(!wrong && wrong.error().message == "stable: expected PROVIDER/MODEL",
          "a wrong route is reported at its key");
    return failures == 0 ? 0 : 1;
}
