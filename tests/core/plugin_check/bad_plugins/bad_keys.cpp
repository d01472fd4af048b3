// SPDX-License-Identifier: Apache-2.0
// A planted defect: keys without docs, an unmarked secret, a key twice, one of the core's, a default out of
// range.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

struct Options {
    std::string a, token, mode = "slow", use;
    std::int64_t retries = 50;
};

const Fields<Options> fields = {
    optional("a", &Options::a, ""),
    optional("a", &Options::a, "no full stop"),
    optional("token", &Options::token, "Printed for everybody."),
    optional("use", &Options::use, "Which one."),
    choice("mode", &Options::mode, {"fast", "thorough"}, "How hard to try."),
    ranged("retries", &Options::retries, 0, 10, "Attempts after the first."),
};

class Keys final : public Provider {
public:
    Keys(Options, Host&) {}
    Result<std::unique_ptr<Exchange>> chat(const ChatRequest&) override { return answer("well"); }
};

}  // namespace

GATEHOUSE_PLUGIN(Keys, Options, fields, "bad_keys", "one");
