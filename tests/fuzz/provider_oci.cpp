// SPDX-License-Identifier: Apache-2.0
// The OCI provider's decoders: streaming and non-streaming chats in its three formats,
// embeddings, rankings, the list of models, and error responses.
#include "tests/fuzz/decoder.hpp"

#include "plugins/provider/oci/oci.hpp"

using namespace gatehouse;
using namespace gatehouse::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static testing::FakeHost host;
    static oci::Oci provider = [] {
        oci::Options options;
        options.compartment_id = "ocid1.compartment.oc1..aaaaaaaaexample";
        options.region = {"us-chicago-1"};
        return oci::Oci(options, host);
    }();
    static Decoder decoder(provider);
    constexpr const char* models[] = {"meta.llama-3.3-70b-instruct", "cohere.command-a-03-2025",
                                      "cohere.command-a-reasoning"};

    const std::string_view answer = text_of(data, size);
    if (is_stream(answer)) {
        for (const char* model : models) decoder.check({chat(model, true), 200, "text/event-stream"}, answer);
        return 0;
    }
    for (const char* model : models) decoder.check({chat(model, false)}, answer);
    decoder.check({embeddings("cohere.embed-v4.0")}, answer);
    decoder.check({ranking("cohere.rerank-v3.5")}, answer);
    decoder.check({ModelsRequest{}}, answer);
    if (is_error(answer))
        for (int status : {400, 404, 429, 500}) decoder.check({chat(models[0], true), status}, answer);
    return 0;
}
