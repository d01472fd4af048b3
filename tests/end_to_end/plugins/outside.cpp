// SPDX-License-Identifier: Apache-2.0
// A provider that is built outside the tree, with clang++, against the
// installed SDK.  The end-to-end tests do so; the build does not.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

struct Options {
    std::string word = "outside";
    std::int64_t times = 1;
};

const Fields<Options> fields = {
    optional("word", &Options::word, "Word to repeat."),
    optional("times", &Options::times, "How often."),
};

class Outside final : public Provider {
public:
    Outside(Options options, Host&) : options_(std::move(options)) {}

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override {
        std::string text;
        for (std::int64_t i = 0; i < options_.times; ++i) text += options_.word + " ";
        return answer(text + last_user_text(request));
    }

private:
    Options options_;
};

GATEHOUSE_PLUGIN(Outside, Options, fields, "outside", "1.0.0");
