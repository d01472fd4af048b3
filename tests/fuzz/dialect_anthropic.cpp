// SPDX-License-Identifier: Apache-2.0
// Requests to each endpoint of the Anthropic dialect.
#include "tests/fuzz/dialect.hpp"

#include "plugins/dialect/anthropic/dialect.hpp"

#include <gatehouse/testing.hpp>

using namespace gatehouse;
using namespace gatehouse::fuzz;

namespace {

bool is_error(const DialectChecks::Json& body) {
    return body.is_object() && body["type"] == "error" && body["error"]["message"].is_string();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static testing::FakeHost host;
    static anthropic_dialect::Anthropic dialect(anthropic_dialect::Options{}, host);
    static DialectChecks checks(
        dialect, is_error,
        {AnswerInfo{.created = 1}, ReasoningDelta{"hm"}, ThoughtEnd{"s", "", "anthropic"},
         TextDelta{"Hello \"\xc3\xa9\n"}, ToolCallDelta{.id = "a", .name = "f", .arguments = "{}"},
         TokenCount{7}, Finish{FinishReason::stop}, Usage{.prompt = 1, .completion = 1, .total = 2}});
    const std::string_view input = text_of(data, size);
    checks.read(input, {"/v1/messages", "/v1/messages/count_tokens"});
    (void)checks.parse(
        {.path = "/v1/models", .query = std::string(input), .headers = {{"anthropic-version", "2023-06-01"}}},
        "");
    return 0;
}
