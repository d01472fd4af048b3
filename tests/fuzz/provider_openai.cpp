// SPDX-License-Identifier: Apache-2.0
// The decoders of the provider for OpenAI-compatible servers: streaming and non-streaming chats
// and text completions, embeddings, rankings, models, and error responses.
#include "tests/fuzz/decoder.hpp"

#include "plugins/provider/openai/openai.hpp"

using namespace gatehouse;
using namespace gatehouse::fuzz;

namespace {

ChatRequest completion(bool stream) {
    ChatRequest request = chat("m", stream);
    request.tools.clear();
    request.completion.emplace();
    return request;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static testing::FakeHost host;
    static openai_provider::OpenAi provider(openai_provider::Options{}, host);
    static Decoder decoder(provider);

    const std::string_view answer = text_of(data, size);
    if (is_stream(answer)) {
        decoder.check({chat("m", true), 200, "text/event-stream"}, answer);
        decoder.check({completion(true), 200, "text/event-stream"}, answer);
        return 0;
    }
    decoder.check({chat("m", false)}, answer);
    decoder.check({completion(false)}, answer);
    decoder.check({embeddings("m")}, answer);
    decoder.check({ranking("m")}, answer);
    decoder.check({ModelsRequest{}}, answer);
    if (is_error(answer))
        for (int status : {400, 404, 429, 500}) decoder.check({chat("m", true), status}, answer);
    return 0;
}
