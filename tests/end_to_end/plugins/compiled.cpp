// SPDX-License-Identifier: Apache-2.0
// A provider that says which compiler built it, or throws across the boundary.
// The end-to-end tests build it, with each compiler that there is; NAME is its name.
#include <gatehouse/sdk.hpp>

#include <stdexcept>

using namespace gatehouse;

struct Options {
    std::vector<std::string> words = {"built", "by"};
};

const Fields<Options> fields = {optional("words", &Options::words, "First words of the response.")};

class Compiled final : public Provider {
public:
    Compiled(Options options, Host& host) : options_(std::move(options)) {
        host.log(Level::info, "made", {{"compiler", __VERSION__}});
    }

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override {
        if (request.model == "throw") throw std::runtime_error("thrown by " NAME);
        if (request.model == "refuse")
            return Error{.kind = ErrorKind::unprocessable, .message = "refused by " NAME};
        std::string text;
        for (const std::string& word : options_.words) text += word + " ";
        return answer(text + __VERSION__ + ": " + last_user_text(request));
    }

private:
    Options options_;
};

GATEHOUSE_PLUGIN(Compiled, Options, fields, NAME, "1.0.0");
