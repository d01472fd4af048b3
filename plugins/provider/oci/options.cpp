// SPDX-License-Identifier: Apache-2.0
// The keys with their documentation.
#include "plugins/provider/oci/options.hpp"

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
    choice("surface", &ModelOptions::surface, {"native", "openai", "responses", "auto"},
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
    choice("hosting", &ModelOptions::hosting, {"auto", "oracle", "external"},
           "Where the model runs, for hosting and allowed_regions of the provider; auto uses the model "
           "discovery, and the model's name."),
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
        "surface", &Options::surface, {"native", "openai", "responses", "auto"},
        "API for chats: OCI's own operation, or its OpenAI-compatible surface, which passes unknown fields "
        "through, by Chat Completions or by Responses; auto: the OpenAI-compatible surface for models whose "
        "names show that it serves them."),
    optional("surface_path", &Options::surface_path,
             "Path of the OpenAI-compatible surface; /20231130/actions/v1 is its older path."),
    optional("project", &Options::project,
             "OCID of a Generative AI project, sent to the OpenAI-compatible surface as OpenAI-Project."),
    choice("responses", &Options::responses, {"auto", "native", "chat"},
           "API for clients of the Responses API whose models use the OpenAI-compatible surface: native is "
           "that of the surface, chat translates to Chat Completions; auto is native with a project."),
    choice("input_type", &Options::input_type, input_types,
           "Purpose of embeddings if the client does not give one."),
    choice("truncate", &Options::truncate, truncations,
           "End at which a text that is too long for an embedding is cut, if the client does not choose; "
           "with none OCI refuses the text."),
    choice("hosting", &Options::hosting, {"any", "oracle_only"},
           "oracle_only refuses requests for models that run at an external provider, or are not known to "
           "run inside Oracle."),
    optional("allowed_regions", &Options::allowed_regions,
             "Regions to which requests may be sent.  Other regions in this table are refused at the start; "
             "models that run at an external provider, or are not known to run inside Oracle, with each "
             "request.  Any region if left out."),
    optional("guardrail_categories", &Options::guardrail_categories,
             "Categories of content moderation that POST /v1/moderations checks."),
    optional("guardrail_personal", &Options::guardrail_personal,
             "Types of personal data that POST /v1/moderations looks for, such as \"EMAIL\"."),
    optional("guardrail_injection", &Options::guardrail_injection,
             "Whether POST /v1/moderations looks for prompt injections."),
    optional("guardrail_version", &Options::guardrail_version,
             "Version of OCI's guardrails; the service's default if left out."),
    table_map("models", &Options::models, model_fields, &Options::models_mode, {"discover"},
              "Settings of a model, by its name or OCID; a star at the end matches any rest of a name.  "
              "\"discover\": no settings, and the models are listed as with discover = true."),
    optional("discover", &Options::discover,
             "List the service's models in the background, for GET /v1/models and the mapper's patterns."),
};

}  // namespace gatehouse::oci
