// SPDX-License-Identifier: Apache-2.0
// The Anthropic provider's decoders: streaming and non-streaming messages, the list of
// models, and error responses.
#include "tests/fuzz/decoder.hpp"

#include "plugins/provider/anthropic/anthropic.hpp"

using namespace gatehouse;
using namespace gatehouse::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static testing::FakeHost host;
    static anthropic::Anthropic provider(anthropic::Options{}, host);
    static Decoder decoder(provider);

    const std::string_view answer = text_of(data, size);
    if (is_stream(answer)) {
        decoder.check({chat("claude-sonnet-4-5", true), 200, "text/event-stream"}, answer);
        return 0;
    }
    decoder.check({chat("claude-sonnet-4-5", false)}, answer);
    decoder.check({ModelsRequest{}}, answer);
    if (is_error(answer))
        for (int status : {400, 404, 429, 529})
            decoder.check({chat("claude-sonnet-4-5", true), status}, answer);
    return 0;
}
