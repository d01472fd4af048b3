// SPDX-License-Identifier: Apache-2.0
// The keys of the OCI provider, what it makes of them at start, and its door.
#include "plugins/provider/oci/oci.hpp"

#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/text_completion.hpp"
#include "plugins/provider/oci/chat_exchange.hpp"
#include "plugins/provider/oci/chat_request.hpp"
#include "plugins/provider/oci/embed_exchange.hpp"
#include "plugins/provider/oci/model_list.hpp"
#include "plugins/provider/oci/rerank_exchange.hpp"
#include "plugins/provider/oci/text.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::oci {

namespace {
const std::vector<std::string> input_types = {"search_document", "search_query", "classification",
                                              "clustering"};
const std::vector<std::string> truncations = {"none", "start", "end"};
}  // namespace

const Fields<ModelOptions> model_fields = {
    optional("like", &ModelOptions::like,
             "Name of a base model whose manners this one has, for OCIDs and fine-tuned models, such as "
             "\"meta.llama-3.3-70b-instruct\"."),
    choice("format", &ModelOptions::format, {"auto", "generic", "cohere", "coherev2", "embed", "rerank"},
           "The chat format of the model, or what else it does; auto goes by its name, and is generic for "
           "OCIDs."),
    choice("serving", &ModelOptions::serving, {"auto", "on_demand", "dedicated"},
           "How the model is served; auto takes OCIDs of endpoints for dedicated ones."),
    choice("surface", &ModelOptions::surface, {"native", "openai", "auto"},
           "As the provider's, for this model."),
    choice("token_limit", &ModelOptions::token_limit, {"auto", "max_tokens", "max_completion_tokens"},
           "The field in which the model takes the limit of its answer; auto goes by its name."),
    ranged("max_tokens", &ModelOptions::max_tokens, 1, 10'000'000,
           "Limit of an answer when the client gives none, in place of the provider's."),
    ranged("max_tokens_cap", &ModelOptions::max_tokens_cap, 1, 10'000'000,
           "A client's higher limit is lowered to this, where OCI would refuse it."),
    ranged("context_window", &ModelOptions::context_window, 1, 100'000'000,
           "Tokens of prompt and answer together, named to clients whose prompt is too long."),
    choice("streaming", &ModelOptions::streaming, {"native", "simulated"},
           "As the provider's, for this model."),
    choice("tool_turns", &ModelOptions::tool_turns, {"auto", "parallel", "sequential"},
           "Whether several tool calls may share a turn; auto is sequential for Google's models."),
    choice("tools", &ModelOptions::tools, {"auto", "yes", "no"},
           "Whether the model calls tools; auto is no for Cohere's vision models.  Tools for a model without "
           "are refused."),
    choice(
        "exclusive_bounds", &ModelOptions::exclusive_bounds, {"auto", "keep", "replace"},
        "What becomes of exclusiveMinimum and exclusiveMaximum in schemas; auto replaces them for Google's "
        "models, which refuse them."),
    choice("developer_role", &ModelOptions::developer_role, {"auto", "developer", "system"},
           "What developer messages are sent as; auto is developer for OpenAI's commercial models."),
    optional(
        "empty_text", &ModelOptions::empty_text,
        "Text for an assistant's turn that has tool calls and no text, for backends that want one; without "
        "it such a turn has no content."),
    optional("send_reasoning", &ModelOptions::send_reasoning,
             "Send reasoning_content of earlier turns back to the model."),
    optional("drop", &ModelOptions::drop,
             "Fields that this model refuses, such as \"temperature\": never sent."),
    choice("input_type", &ModelOptions::input_type, input_types, "As the provider's, for this model."),
    choice("truncate", &ModelOptions::truncate, truncations, "As the provider's, for this model."),
    ranged("embed_batch", &ModelOptions::embed_batch, 1, 10'000,
           "Texts of one request for embeddings, 96 if not given; more are asked for in several requests."),
    choice("images", &ModelOptions::images, {"auto", "apart", "together"},
           "Whether texts and images of one request for embeddings may go together; auto goes by the model's "
           "name."),
};

const Fields<Options> fields = {
    optional(
        "compartment_id", &Options::compartment_id,
        "OCID of the compartment, or of the tenancy, that the requests are made in and billed to.  Needed, "
        "unless surface is \"openai\" and the signer sends an API key."),
    optional("region", &Options::region,
             "Region of the service, such as us-chicago-1 or its short code ord; of several, the first that "
             "works is used.  This or endpoint is needed."),
    optional("endpoint", &Options::endpoint,
             "http(s)://host[:port][/base] of the service, in place of the regions' own; of several, the "
             "first that works is used."),
    ranged("max_tokens", &Options::max_tokens, 1, 10'000'000,
           "Limit of an answer when the client gives none.  OCI's own default is tiny; some models on demand "
           "refuse more than 4000."),
    choice("streaming", &Options::streaming, {"native", "simulated"},
           "Whether OCI streams, or a whole answer is asked for and cut into words."),
    choice(
        "surface", &Options::surface, {"native", "openai", "auto"},
        "Where models chat: by OCI's own operation, or on its OpenAI-compatible surface, where fields that "
        "neither knows go through; auto: there, where the model's name says that it is served."),
    optional("surface_path", &Options::surface_path,
             "Where that surface is; /20231130/actions/v1 is its older place."),
    optional("project", &Options::project,
             "OCID of a Generative AI project, sent to that surface as OpenAI-Project."),
    choice("input_type", &Options::input_type, input_types,
           "What embeddings are for when the client does not say."),
    choice("truncate", &Options::truncate, truncations,
           "Which end of a text that is too long for an embedding is cut off when the client does not say; "
           "with none it is refused."),
    table_map("models", &Options::models, model_fields, &Options::models_word, {"discover"},
              "What is special about a model, by its name or OCID; a star at the end stands for any rest.  "
              "\"discover\": nothing is, and the models are listed as with discover = true."),
    optional("discover", &Options::discover,
             "List the service's models in the background, for GET /v1/models and the patterns of the "
             "mapper."),
};

namespace {

bool is_plain(std::string_view text) {
    return !text.empty() && text.size() <= 512 &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") ==
               text.npos;
}

Service make_service(const Options& options, Host& host) {
    if (!options.compartment_id.empty() && !is_plain(options.compartment_id))
        throw KeyError("compartment_id", in_quotes(options.compartment_id) +
                                             " is no OCID: give one such as ocid1.compartment.oc1..aaaa");
    const RegionEnvironment environment = region_environment();
    for (const std::string& complaint : environment.complaints)
        host.log(Level::warning, "a declared region is passed over", {{"reason", complaint}});
    return {.endpoints = Endpoints(find_endpoints(options, environment)),
            .compartment_id = options.compartment_id,
            .models = Models(options),
            .host = host,
            .learned = {},
            .listed = {}};
}

Error unsupported(const std::string& model, std::string_view what) {
    return {.kind = ErrorKind::unsupported,
            .message = "model " + in_quotes(std::string_view(model).substr(0, 200)) + " " + std::string(what),
            .param = "model"};
}

/// An error if the model is known, and known for something else than `wanted`.
std::optional<Error> other_use(const Model& model, Format wanted) {
    if (!model.known || model.format == wanted) return std::nullopt;
    const bool embeds = wanted == Format::embed;
    const std::string_view does = model.format == Format::embed    ? "makes embeddings"
                                  : model.format == Format::rerank ? "ranks documents"
                                                                   : "chats";
    return unsupported(model.id,
                       std::string(does) +
                           (embeds ? "; it cannot make embeddings: use a model such as cohere.embed-v4.0"
                                   : "; it cannot rank documents: use a model such as cohere.rerank-v3.5") +
                           ", or set the key models." + in_quotes(model.id) + ".format to \"" +
                           (embeds ? "embed" : "rerank") + "\" if it does");
}

/// OCI refuses a request with fields that it does not know: one line for those that
/// the client has sent and OCI is not.
void tell_left_out(Host& host, const std::string& model, const JsonText& extra) {
    const json::Extras unknown(extra);
    std::string names;
    for (const json::Extras::Member& member : unknown.all())
        if (names.size() < 1000) add_to_list(names, presentable(member.name, 64));
    if (names.empty()) return;
    host.log(Level::debug, "left out of the request: OCI has no place for it",
             {{"model", model}, {"fields", names}});
}

Error no_compartment(const std::string& what) {
    return {ErrorKind::unsupported,
            "this provider has no " + what +
                ": OCI's own operations need its key compartment_id, which is not given"};
}

}  // namespace

Oci::Oci(const Options& options, Host& host)
    : service_(make_service(options, host)),
      surface_(options),
      discovers_(options.discover || options.models_word == "discover") {
    for (std::size_t i = 0; i < service_.endpoints.size(); ++i)
        if (const Endpoint& endpoint = service_.endpoints[i]; !endpoint.region_known)
            host.log(Level::warning, "the region is in no table of this version; its host is a guess",
                     {{"region", endpoint.region}, {"host", endpoint.host}});
    if (!options.compartment_id.empty() && !options.compartment_id.starts_with("ocid1."))
        host.log(Level::warning, "compartment_id does not look like an OCID", {});
}

Result<std::unique_ptr<Exchange>> Oci::chat(const ChatRequest& request) {
    Model model = service_.models.find(request.model);
    if (auto ok = upstream::check_text_completion(request, model.format != Format::cohere); !ok)
        return ok.error();
    const bool coheres = model.format == Format::cohere || model.format == Format::coherev2;
    if (model.surface == Surface::openai && (coheres || model.format == Format::generic)) {
        if (coheres && !model.surface_given)
            return unsupported(
                model.id,
                "is one of Cohere's, which OCI's OpenAI-compatible surface does not serve: set the "
                "key models." +
                    in_quotes(model.id) + ".surface to \"native\"");
        return std::make_unique<ChatExchange>(service_, request, std::move(model), surface_);
    }
    switch (model.format) {
        case Format::generic:
            return std::make_unique<ChatExchange>(service_, request, std::move(model), generic_format());
        case Format::cohere:
            return std::make_unique<ChatExchange>(service_, request, std::move(model), cohere_format());
        case Format::coherev2:
            return std::make_unique<ChatExchange>(service_, request, std::move(model), cohere_v2_format());
        case Format::embed: return unsupported(model.id, "makes embeddings; it cannot chat");
        case Format::rerank: return unsupported(model.id, "ranks documents; it cannot chat");
    }
    return Error{ErrorKind::internal, "internal error", "unknown chat format"};
}

Result<std::unique_ptr<Exchange>> Oci::embed(const EmbeddingRequest& request) {
    Model model = service_.models.find(request.model);
    if (auto other = other_use(model, Format::embed)) return *std::move(other);
    if (service_.compartment_id.empty()) return no_compartment("embeddings");
    auto plan = plan_embeddings(request, model);
    if (!plan) return plan.error();
    tell_left_out(service_.host, model.id, request.extra);
    return std::make_unique<EmbedExchange>(service_, request, std::move(model), *std::move(plan));
}

Result<std::unique_ptr<Exchange>> Oci::rerank(const RerankRequest& request) {
    Model model = service_.models.find(request.model);
    if (auto other = other_use(model, Format::rerank)) return *std::move(other);
    if (service_.compartment_id.empty()) return no_compartment("rankings");
    tell_left_out(service_.host, model.id, request.extra);
    return std::make_unique<RerankExchange>(service_, request, std::move(model));
}

Result<std::unique_ptr<Exchange>> Oci::models() {
    if (service_.compartment_id.empty()) return no_compartment("list of models");
    return std::make_unique<ModelList>(service_);
}

}  // namespace gatehouse::oci

GATEHOUSE_PLUGIN(gatehouse::oci::Oci, gatehouse::oci::Options, gatehouse::oci::fields, "oci", "1.0.0");
