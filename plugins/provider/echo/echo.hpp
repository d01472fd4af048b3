// SPDX-License-Identifier: Apache-2.0
// The echo: a local provider.  Any thread may run it, also several at once.
#pragma once

#include <gatehouse/local.hpp>
#include <gatehouse/schema.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {
class Host;
}

namespace gatehouse::echo {

struct Options {
    std::int64_t words_per_second = 50;
    std::int64_t delay_ms = 0;
    std::string prefix = {};
    bool ignore_tools = false;
};

extern const Fields<Options> fields;

/// The words of `text`, each with the blanks before it, the last one also with
/// those behind it: joined, they are the text, unless it has no words at all.
std::vector<std::string_view> split(std::string_view text);

class Echo final : public LocalProvider {
public:
    Echo(Options options, Host& host) : options_(std::move(options)), host_(host) {}

    Result<void> run(const Operation& operation, LocalSink& sink) override;

private:
    const Options options_;
    Host& host_;
};

}  // namespace gatehouse::echo
