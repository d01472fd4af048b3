// SPDX-License-Identifier: Apache-2.0
// A provider that answers with its version.  VERSION 2 has one more key.  For the end-to-end tests only.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

struct Options {
    std::string extra;
};

const Fields<Options> fields = {
#if VERSION > 1
    optional("extra", &Options::extra, "Words after the version."),
#endif
};

class Versioned final : public Provider {
public:
    Versioned(Options options, Host&) : options_(std::move(options)) {}

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest&) override {
        return answer("version " + std::to_string(VERSION) + options_.extra);
    }

private:
    const Options options_;
};

#if VERSION > 1
GATEHOUSE_PLUGIN(Versioned, Options, fields, "versioned", "2.0.0");
#else
GATEHOUSE_PLUGIN(Versioned, Options, fields, "versioned", "1.0.0");
#endif
