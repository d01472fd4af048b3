// SPDX-License-Identifier: Apache-2.0
// The echo, a local provider.  Any number of threads may run it.
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

/// The words of `text`, each with the blanks before it.  The last word also has the blanks
/// after it.  The words joined are the text, unless it has only blanks.
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
