// SPDX-License-Identifier: Apache-2.0
// The keys of the OCI provider, its start, and its entry point.
#include "plugins/provider/oci/oci.hpp"

#include "plugins/common/openai/foreign_chat.hpp"
#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/text_completion.hpp"
#include "plugins/provider/oci/chat/exchange.hpp"
#include "plugins/provider/oci/chat/request.hpp"
#include "plugins/provider/oci/embed/exchange.hpp"
#include "plugins/provider/oci/embed/rerank_exchange.hpp"
#include "plugins/provider/oci/models/model_list.hpp"
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
             "Name of a base model whose capabilities apply, for OCIDs and fine-tuned models, such as "
             "\"meta.llama-3.3-70b-instruct\"."),
    choice("format", &ModelOptions::format, {"auto", "generic", "cohere", "coherev2", "embed", "rerank"},
           "Chat format of the model, or its other use; auto selects it by name and uses generic for OCIDs."),
    choice("serving", &ModelOptions::serving, {"auto", "on_demand", "dedicated"},
           "How the model is served; auto treats OCIDs of endpoints as dedicated."),
    choice("surface", &ModelOptions::surface, {"native", "openai", "auto"},
           "The provider's surface key, for this model."),
    choice("token_limit", &ModelOptions::token_limit, {"auto", "max_tokens", "max_completion_tokens"},
           "Field that carries the token limit; auto selects it by the model's name."),
    ranged("max_tokens", &ModelOptions::max_tokens, 1, 10'000'000,
           "Maximum tokens of a response if the client sets no limit; overrides the provider's max_tokens."),
    ranged("max_tokens_cap", &ModelOptions::max_tokens_cap, 1, 10'000'000,
           "Highest token limit that is sent; a client's higher limit is lowered to it, because OCI would "
           "refuse it."),
    ranged(
        "context_window", &ModelOptions::context_window, 1, 100'000'000,
        "Tokens of prompt and response together; named in the error to a client whose prompt is too long."),
    choice("streaming", &ModelOptions::streaming, {"native", "simulated"},
           "The provider's streaming key, for this model."),
    choice("tool_turns", &ModelOptions::tool_turns, {"auto", "parallel", "sequential"},
           "Whether several tool calls may share a turn; auto is sequential for Google's models."),
    choice("tools", &ModelOptions::tools, {"auto", "yes", "no"},
           "Whether the model calls tools; auto: no for Cohere's vision models.  A request with tools for a "
           "model without tools is refused."),
    choice("exclusive_bounds", &ModelOptions::exclusive_bounds, {"auto", "keep", "replace"},
           "Treatment of exclusiveMinimum and exclusiveMaximum in schemas; auto replaces them for Google's "
           "models, which refuse them."),
    choice("developer_role", &ModelOptions::developer_role, {"auto", "developer", "system"},
           "Role that is sent for developer messages; auto: developer for OpenAI's commercial models."),
    optional("empty_text", &ModelOptions::empty_text,
             "Text for an assistant's turn that has tool calls and no text, for backends that require one; "
             "default: \".\" for Google's models. An empty text sends such a turn without content."),
    optional("send_reasoning", &ModelOptions::send_reasoning,
             "Send reasoning_content of earlier turns back to the model."),
    optional("drop", &ModelOptions::drop,
             "Fields that are never sent because this model refuses them, such as \"temperature\"."),
    choice("input_type", &ModelOptions::input_type, input_types,
           "The provider's input_type key, for this model."),
    choice("truncate", &ModelOptions::truncate, truncations, "The provider's truncate key, for this model."),
    ranged("embed_batch", &ModelOptions::embed_batch, 1, 10'000,
           "Maximum texts in one embedding request, 96 if not given; more texts are split into several "
           "requests."),
    choice("images", &ModelOptions::images, {"auto", "apart", "together"},
           "Whether texts and images may share one embedding request; auto selects it by the model's name."),
};

const Fields<Options> fields = {
    optional("compartment_id", &Options::compartment_id,
             "OCID of the compartment or tenancy that owns the requests and pays for them.  Required, unless "
             "surface is \"openai\" and the signer sends an API key."),
    optional("region", &Options::region,
             "Region of the service, such as us-chicago-1 or its short code ord; a list is tried in order.  "
             "Either region or endpoint is required."),
    optional("endpoint", &Options::endpoint,
             "http(s)://host[:port][/base] of the service, instead of the region's own host; a list is tried "
             "in order."),
    ranged("max_tokens", &Options::max_tokens, 1, 10'000'000,
           "Maximum tokens of a response if the client sets no limit.  OCI's own default is very small; some "
           "on-demand models refuse more than 4000."),
    choice("streaming", &Options::streaming, {"native", "simulated"},
           "native: OCI streams.  simulated: the provider requests a non-streaming response and splits it "
           "into words."),
    choice(
        "surface", &Options::surface, {"native", "openai", "auto"},
        "API for chats: OCI's own operation, or its OpenAI-compatible surface, which passes unknown fields "
        "through; auto: the OpenAI-compatible surface for models whose names show that it serves them."),
    optional("surface_path", &Options::surface_path,
             "Path of the OpenAI-compatible surface; /20231130/actions/v1 is its older path."),
    optional("project", &Options::project,
             "OCID of a Generative AI project, sent to the OpenAI-compatible surface as OpenAI-Project."),
    choice("input_type", &Options::input_type, input_types,
           "Purpose of embeddings if the client does not give one."),
    choice("truncate", &Options::truncate, truncations,
           "End at which a text that is too long for an embedding is cut, if the client does not choose; "
           "with none OCI refuses the text."),
    table_map("models", &Options::models, model_fields, &Options::models_mode, {"discover"},
              "Settings of a model, by its name or OCID; a star at the end matches any rest of a name.  "
              "\"discover\": no settings, and the models are listed as with discover = true."),
    optional("discover", &Options::discover,
             "List the service's models in the background, for GET /v1/models and the mapper's patterns."),
};

namespace {

bool is_plain_ocid(std::string_view text) {
    return !text.empty() && text.size() <= 512 &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") ==
               text.npos;
}

/// An OCID is ocid1.TYPE.REALM.[REGION].ID.  OCIDs of the service's first years are ocidv1:TYPE:….
void check_compartment(const std::string& id) {
    if (id.empty()) return;
    const std::string wanted = ": give one such as ocid1.compartment.oc1..aaaa";
    if (!is_plain_ocid(id) || !(id.starts_with("ocid1.") || id.starts_with("ocidv1:")))
        throw KeyError("compartment_id", in_quotes(id) + " is not an OCID" + wanted);
    const std::size_t begin = id.find_first_of(".:") + 1;
    const std::string type = id.substr(begin, id.find_first_of(".:", begin) - begin);
    if (type != "compartment" && type != "tenancy")
        throw KeyError("compartment_id", in_quotes(id) + " is the OCID of a resource of type " +
                                             in_quotes(type) + ", not of a compartment or tenancy" + wanted);
}

Service make_service(const Options& options, Host& host) {
    check_compartment(options.compartment_id);
    const RegionEnvironment environment = region_environment();
    for (const std::string& complaint : environment.complaints)
        host.log(Level::warning, "declared region ignored", {{"reason", complaint}});
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

std::string_view use_of(Format format) {
    switch (format) {
        case Format::embed: return "makes embeddings";
        case Format::rerank: return "ranks documents";
        case Format::generic:
        case Format::cohere:
        case Format::coherev2: return "chats";
    }
    return "chats";
}

/// Returns an error if the model is known for a use other than `wanted`.
std::optional<Error> other_use(const Model& model, Format wanted) {
    if (!model.known || model.format == wanted) return std::nullopt;
    const bool embeds = wanted == Format::embed;
    return unsupported(model.id,
                       std::string(use_of(model.format)) +
                           (embeds ? "; it cannot make embeddings: use a model such as cohere.embed-v4.0"
                                   : "; it cannot rank documents: use a model such as cohere.rerank-v3.5") +
                           ", or set the key models." + in_quotes(model.id) + ".format to \"" +
                           (embeds ? "embed" : "rerank") + "\" if it does");
}

/// Logs one line that names the client's fields that are not sent, because OCI
/// refuses unknown fields.
void tell_left_out(Host& host, const std::string& model, const JsonText& extra) {
    const json::Extras unknown(extra);
    std::string names;
    for (const json::Extras::Member& member : unknown.all())
        if (names.size() < 1000) common::add_to_list(names, presentable(member.name, 64));
    if (names.empty()) return;
    host.log(Level::debug, "request fields dropped", {{"model", model}, {"fields", names}});
}

Error no_compartment(const std::string& what) {
    return {ErrorKind::unsupported,
            "this provider has no " + what +
                ": OCI's own operations require the key compartment_id; set it in the provider's table"};
}

}  // namespace

Oci::Oci(const Options& options, Host& host)
    : service_(make_service(options, host)),
      surface_(options),
      discovers_(options.discover || options.models_mode == "discover") {
    for (std::size_t i = 0; i < service_.endpoints.size(); ++i)
        if (const Endpoint& endpoint = service_.endpoints[i]; !endpoint.region_known) {
            const std::string near = nearest_region(endpoint.region);
            host.log(Level::warning, "region not in this version's table, host guessed",
                     {{"region", endpoint.region},
                      {"host", endpoint.host},
                      {"advice", near.empty() ? "check the name" : "did you mean " + near + "?"}});
        }
}

Result<std::unique_ptr<Exchange>> Oci::chat(const ChatRequest& request) {
    return openai_format::TranslatedExchange::make(request, service_.host,
                                                   [this](const ChatRequest& own) { return own_chat(own); });
}

Result<std::unique_ptr<Exchange>> Oci::own_chat(const ChatRequest& request) {
    Model model = service_.models.find(request.model);
    if (auto ok = upstream::check_text_completion(request, model.format != Format::cohere); !ok)
        return ok.error();
    const bool coheres = model.format == Format::cohere || model.format == Format::coherev2;
    if (model.surface == Surface::openai && (coheres || model.format == Format::generic)) {
        if (coheres && !model.surface_given)
            return unsupported(model.id,
                               "is one of Cohere's models, which OCI's OpenAI-compatible surface does not "
                               "serve: set the key models." +
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
