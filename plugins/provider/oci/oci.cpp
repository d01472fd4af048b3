// SPDX-License-Identifier: Apache-2.0
// The start of the OCI provider, its operations, and its entry point.
#include "plugins/provider/oci/oci.hpp"

#include "plugins/common/openai/chat_request.hpp"
#include "plugins/common/openai/foreign_chat.hpp"
#include "plugins/common/openai/responses/request.hpp"
#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/text_completion.hpp"
#include "plugins/provider/oci/chat/exchange.hpp"
#include "plugins/provider/oci/chat/request.hpp"
#include "plugins/provider/oci/embed/exchange.hpp"
#include "plugins/provider/oci/embed/rerank_exchange.hpp"
#include "plugins/provider/oci/models/model_list.hpp"
#include "plugins/provider/oci/moderation.hpp"
#include "plugins/provider/oci/stored_objects.hpp"
#include "plugins/provider/oci/tables/control_table.hpp"
#include "plugins/provider/oci/tables/model_table.hpp"
#include "plugins/provider/oci/text.hpp"

#include <gatehouse/sdk.hpp>

#include <set>

namespace gatehouse::oci {

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

/// Throws KeyError if a request could be sent to another region.
void check_regions(const Options& options, const Endpoints& endpoints, const RegionEnvironment& environment) {
    if (options.allowed_regions.empty()) return;
    std::set<std::string> allowed;
    for (const std::string& name : options.allowed_regions) allowed.insert(find_region(name, environment).id);
    for (std::size_t i = 0; i < endpoints.size(); ++i)
        if (const Endpoint& one = endpoints[i]; !allowed.contains(one.region))
            throw KeyError("allowed_regions",
                           one.region.empty()
                               ? "the region of the endpoint " + one.host + " is not known: give it as region"
                               : "the list lacks region " + one.region + ", which this provider uses");
}

bool discovery_wanted(const Options& options) {
    return options.discover || options.models_mode == "discover";
}

Service make_service(const Options& options, Host& host) {
    check_compartment(options.compartment_id);
    const RegionEnvironment environment = region_environment();
    for (const std::string& complaint : environment.complaints)
        host.log(Level::warning, "declared region ignored", {{"reason", complaint}});
    Endpoints endpoints(find_endpoints(options, environment));
    check_regions(options, endpoints, environment);
    return {.endpoints = std::move(endpoints),
            .compartment_id = options.compartment_id,
            .residency_needs_discovery = discovery_wanted(options) && (options.hosting == "oracle_only" ||
                                                                       !options.allowed_regions.empty()),
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
      guardrails_{.categories = options.guardrail_categories,
                  .personal_types = options.guardrail_personal,
                  .prompt_injection = options.guardrail_injection,
                  .version = options.guardrail_version.value_or("")},
      oracle_only_(options.hosting == "oracle_only"),
      regions_limited_(!options.allowed_regions.empty()),
      discovers_(discovery_wanted(options)) {
    for (std::size_t i = 0; i < service_.endpoints.size(); ++i)
        if (const Endpoint& endpoint = service_.endpoints[i]; !endpoint.region_known) {
            const std::string near = nearest_region(endpoint.region);
            host.log(Level::warning, "region not in this version's table, host guessed",
                     {{"region", endpoint.region},
                      {"host", endpoint.host},
                      {"advice", near.empty() ? "check the name" : "did you mean " + near + "?"}});
        }
}

/// Returns an error if the request could leave Oracle or the allowed regions.  A model that is not known to
/// run inside Oracle could.
std::optional<Error> Oci::leaves(const Model& model) {
    if (!oracle_only_ && !regions_limited_) return std::nullopt;
    std::string why;
    if (model.routed)
        why = "is a routing profile, which chooses the region itself";
    else if (!model.proxied)
        why = "is not known to run inside Oracle";
    else if (*model.proxied)
        why = "runs at an external provider" +
              std::string(oracle_only_ ? "" : ", outside of the allowed regions");
    if (why.empty()) return std::nullopt;
    const std::string name = "model " + in_quotes(std::string_view(model.id).substr(0, 200)) + " ";
    const bool needs_list = !model.routed && !model.proxied && service_.residency_needs_discovery;
    const auto answer = service_.listed.answer();
    if (needs_list && answer == Listed::Answer::none)
        return Error{.kind = ErrorKind::unavailable,
                     .message = name + why + " yet: the list of models has not been received",
                     .retry_after_seconds = 5};
    std::string reason = why;
    if (needs_list && answer == Listed::Answer::refusal) reason += "; OCI refused the list of models";
    service_.host.log(Level::warning, "request refused by residency",
                      {{"model", model.id}, {"reason", std::move(reason)}});
    return Error{.kind = ErrorKind::forbidden,
                 .message = name + why + ": this gateway's rules of residency do not allow it",
                 .code = "residency",
                 .param = "model"};
}

Result<std::unique_ptr<Exchange>> Oci::chat(const ChatRequest& request) {
    Model model = service_.find(request.model);
    if (auto error = leaves(model)) return *std::move(error);
    if (openai_format::responses::is_native(request) && has_responses(model))
        return std::make_unique<ChatExchange>(service_, request, std::move(model), responses_);
    return openai_format::TranslatedExchange::make(
        request, service_.host, [&](const ChatRequest& own) { return own_chat(own, std::move(model)); });
}

/// Whether OCI serves the model by its Responses API.
bool Oci::has_responses(const Model& model) const {
    if (model.format != Format::generic) return false;
    return model.surface == Surface::responses ||
           (model.surface == Surface::openai && model.responses && surface_.has_responses());
}

/// The exchange of a request in the words of OpenAI's Chat Completions.
Result<std::unique_ptr<Exchange>> Oci::own_chat(const ChatRequest& request, Model model) {
    if (auto ok = upstream::check_text_completion(request, model.format != Format::cohere); !ok)
        return ok.error();
    const bool coheres = model.format == Format::cohere || model.format == Format::coherev2;
    if (model.surface != Surface::native && (coheres || model.format == Format::generic)) {
        if (coheres && !model.surface_given)
            return unsupported(model.id,
                               "is one of Cohere's models, which OCI's OpenAI-compatible surface does not "
                               "serve: set the key models." +
                                   in_quotes(model.id) + ".surface to \"native\"");
        const bool responses = model.surface == Surface::responses;
        return std::make_unique<ChatExchange>(
            service_, request, std::move(model),
            responses ? static_cast<const ChatFormat&>(responses_) : surface_);
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
    Model model = service_.find(request.model);
    if (auto error = leaves(model)) return *std::move(error);
    if (auto other = other_use(model, Format::embed)) return *std::move(other);
    if (service_.compartment_id.empty()) return no_compartment("embeddings");
    auto plan = plan_embeddings(request, model);
    if (!plan) return plan.error();
    tell_left_out(service_.host, model.id, request.extra);
    return std::make_unique<EmbedExchange>(service_, request, std::move(model), *std::move(plan));
}

Result<std::unique_ptr<Exchange>> Oci::rerank(const RerankRequest& request) {
    Model model = service_.find(request.model);
    if (auto error = leaves(model)) return *std::move(error);
    if (auto other = other_use(model, Format::rerank)) return *std::move(other);
    if (service_.compartment_id.empty()) return no_compartment("rankings");
    tell_left_out(service_.host, model.id, request.extra);
    return std::make_unique<RerankExchange>(service_, request, std::move(model));
}

/// A table for an operator (sdk/PROVIDER.md).
Result<std::unique_ptr<Exchange>> Oci::table(const RawRequest& request) {
    const auto list = control_list_called(request.operation);
    if (!list && request.operation != "models") return Provider::raw(request);
    if (service_.compartment_id.empty()) return no_compartment("table of " + request.operation);
    if (list) return std::make_unique<ControlTable>(service_, *list);
    return std::make_unique<ModelTable>(service_);
}

Result<std::unique_ptr<Exchange>> Oci::raw(const RawRequest& request) {
    if (request.protocol == "operator") return table(request);
    if (request.protocol == openai_format::own_protocol && request.stored)
        return std::make_unique<StoredObjectExchange>(service_, surface_, request);
    if (request.protocol != openai_format::own_protocol || request.operation != "moderations")
        return Provider::raw(request);
    if (service_.compartment_id.empty()) return no_compartment("moderations");
    auto inputs = read_moderation(request.body);
    if (!inputs) return inputs.error();
    Model model;
    model.id = request.model;
    return std::make_unique<ModerationExchange>(service_, std::move(model), guardrails_, *std::move(inputs));
}

Result<std::unique_ptr<Exchange>> Oci::models() {
    if (service_.compartment_id.empty()) return no_compartment("list of models");
    return std::make_unique<ModelList>(service_);
}

}  // namespace gatehouse::oci

GATEHOUSE_PLUGIN(gatehouse::oci::Oci, gatehouse::oci::Options, gatehouse::oci::fields, "oci", "1.0.0");
