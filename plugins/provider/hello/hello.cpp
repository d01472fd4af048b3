// SPDX-License-Identifier: Apache-2.0
// The smallest provider: it sends a greeting and needs no upstream.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

struct Options {
    std::string greeting = "Hello";
};

const Fields<Options> fields = {
    optional("greeting", &Options::greeting, "Text before the user's own text."),
};

class Hello final : public Provider {
public:
    Hello(Options options, Host&) : options_(std::move(options)) {}

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override {
        if (request.completion && request.messages.empty())
            return Error{.kind = ErrorKind::unsupported,
                         .message = "a greeting accepts one prompt only",
                         .param = "prompt"};
        return answer(options_.greeting + ", " + last_user_text(request));
    }

private:
    Options options_;
};

GATEHOUSE_PLUGIN(Hello, Options, fields, "hello", "1.0.0");
