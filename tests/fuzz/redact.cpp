// SPDX-License-Identifier: Apache-2.0
// The masker, with all its patterns: what comes out does not depend on how the text was
// cut, nothing is left that a second look would mask as a whole, and JSON stays JSON.
#include "tests/fuzz/fuzz.hpp"

#include "plugins/hook/redact/json_masker.hpp"

#include <nlohmann/json.hpp>

using namespace gatehouse::fuzz;
using namespace gatehouse::redact;

namespace {

const Rules& rules() {
    static const Rules all = [] {
        Rules made;
        for (const std::string& name : built_in_names()) promise(made.add_built_in(name), "it is built in");
        made.add("badge", R"(\bB-\d{4}-[a-z]\b)");
        made.finish("[{name}]");
        return made;
    }();
    return all;
}

std::string text_in(const std::vector<std::string_view>& pieces) {
    Tally tally(rules().names().size());
    std::string out;
    TextOutput output(out);
    Masker masker(rules(), tally);
    for (std::string_view piece : pieces) {
        masker.feed(piece, output);
        promise(masker.held() <= longest_secret, "the withheld text is bounded");
    }
    masker.finish(output);
    return out;
}

std::string json_in(const std::vector<std::string_view>& pieces) {
    Tally tally(rules().names().size());
    std::string out;
    JsonMasker masker(rules(), tally);
    for (std::string_view piece : pieces) masker.feed(piece, out);
    masker.finish(out);
    return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text_of(data, size);
    const std::string text = text_in({input}), json = json_in({input});
    for (const auto& pieces : {pieces_of(input), bytes_of(input)}) {
        same(text_in(pieces), text, "however it is cut, a text is masked alike");
        same(json_in(pieces), json, "however it is cut, JSON is masked alike");
    }
    if (rules().first(input, 0) == std::string_view::npos)
        same(text, input, "a text without secrets stays as it is");
    // To this parser a NUL is the end, whatever follows.
    if (input.find('\0') == std::string_view::npos && nlohmann::json::accept(input))
        promise(nlohmann::json::accept(json), "JSON stays JSON", input, json);
    return 0;
}
