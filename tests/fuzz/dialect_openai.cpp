// SPDX-License-Identifier: Apache-2.0
// Requests to each endpoint of the OpenAI dialect.
#include "tests/fuzz/dialect.hpp"

#include "plugins/dialect/openai/dialect.hpp"

#include <gatehouse/testing.hpp>

using namespace gatehouse;
using namespace gatehouse::fuzz;

namespace {

bool is_error(const DialectChecks::Json& body) {
    return body.is_object() && body["error"].is_object() && body["error"]["message"].is_string();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static testing::FakeHost host;
    static openai_dialect::OpenAi dialect(openai_dialect::Options{}, host);
    static DialectChecks checks(
        dialect, is_error,
        {AnswerInfo{.created = 1}, TextDelta{"Hello \"\xc3\xa9\n"}, Embedding{0, {0.5f, -1}}, Ranking{0, 0.5},
         Finish{FinishReason::stop}, Usage{.prompt = 1, .completion = 1, .total = 2}});
    checks.read(text_of(data, size), {"/v1/chat/completions", "/v1/completions", "/v1/embeddings",
                                      "/v1/rerank", "/v2/rerank", "/v1/responses", "/v1/moderations"});
    return 0;
}
