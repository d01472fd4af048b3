// SPDX-License-Identifier: Apache-2.0
// The table of model families.  Names and limits change monthly: these are
// defaults, and every column has a key in the configuration.
#include "plugins/provider/oci/models/model_families.hpp"

namespace gatehouse::oci {

namespace {

// OpenAI's reasoning models accept only 1 as temperature and top_p.  Other
// refusals are learned at run time.
constexpr FieldSet fixed_sampling = {RequestField::temperature, RequestField::top_p};
constexpr FieldSet no_stop = {RequestField::stop, RequestField::presence_penalty,
                              RequestField::frequency_penalty};
constexpr FieldSet no_stop_no_effort = {RequestField::stop, RequestField::presence_penalty,
                                        RequestField::frequency_penalty, RequestField::reasoning_effort};

constexpr std::int64_t cohere_cap = 4000;

constexpr Family family_table[] = {
    {.prefix = "cohere.command-a-vision",
     .format = Format::coherev2,
     .tools = false,
     .drop = {RequestField::reasoning_effort},
     .context_window = 128'000,
     .hosted = true,
     .max_tokens_cap = cohere_cap},
    {.prefix = "cohere.command-a-reasoning",
     .format = Format::coherev2,
     .context_window = 256'000,
     .hosted = true,
     .max_tokens_cap = cohere_cap},
    {.prefix = "cohere.command-a",
     .format = Format::cohere,
     .context_window = 256'000,
     .hosted = true,
     .max_tokens_cap = cohere_cap},
    {.prefix = "cohere.command-r",
     .format = Format::cohere,
     .context_window = 128'000,
     .hosted = true,
     .max_tokens_cap = cohere_cap},
    {.prefix = "cohere.embed-", .format = Format::embed, .dimensions = true, .mixed = true, .hosted = true},
    {.prefix = "cohere.embed-english", .format = Format::embed, .hosted = true},
    {.prefix = "cohere.embed-multilingual", .format = Format::embed, .hosted = true},
    {.prefix = "cohere.rerank-", .format = Format::rerank, .hosted = true},
    {.prefix = "cohere.", .format = Format::cohere, .hosted = true, .max_tokens_cap = cohere_cap},

    {.prefix = "openai.gpt-oss", .context_window = 128'000, .responses = true, .hosted = true},
    {.prefix = "openai.", .max_completion_tokens = true, .developer = true, .responses = true},
    {.prefix = "openai.gpt-4.1",
     .max_completion_tokens = true,
     .developer = true,
     .context_window = 1'047'576,
     .responses = true},
    {.prefix = "openai.gpt-4o",
     .max_completion_tokens = true,
     .developer = true,
     .context_window = 128'000,
     .responses = true},
    {.prefix = "openai.gpt-5",
     .max_completion_tokens = true,
     .developer = true,
     .drop = fixed_sampling,
     .context_window = 400'000,
     .responses = true},
    {.prefix = "openai.o1",
     .max_completion_tokens = true,
     .developer = true,
     .drop = fixed_sampling,
     .context_window = 200'000,
     .responses = true},
    {.prefix = "openai.o3",
     .max_completion_tokens = true,
     .developer = true,
     .drop = fixed_sampling,
     .context_window = 200'000,
     .responses = true},
    {.prefix = "openai.o4",
     .max_completion_tokens = true,
     .developer = true,
     .drop = fixed_sampling,
     .context_window = 200'000,
     .responses = true},

    {.prefix = "xai.grok-3", .context_window = 131'072, .responses = true},
    {.prefix = "xai.grok-3-mini", .drop = no_stop, .context_window = 131'072, .responses = true},
    {.prefix = "xai.grok-4", .drop = no_stop_no_effort, .context_window = 128'000, .responses = true},
    {.prefix = "xai.grok-4.", .drop = no_stop, .context_window = 1'000'000, .responses = true},
    {.prefix = "xai.grok-4.20-multi-agent",
     .drop = no_stop,
     .context_window = 2'000'000,
     .responses = true,
     .responses_only = true},
    {.prefix = "xai.grok-4-fast", .drop = no_stop_no_effort, .context_window = 2'000'000, .responses = true},
    {.prefix = "xai.grok-4-1-fast",
     .drop = no_stop_no_effort,
     .context_window = 2'000'000,
     .responses = true},
    {.prefix = "xai.grok-code", .drop = no_stop, .context_window = 256'000, .responses = true},

    {.prefix = "google.", .sequential_tools = true, .exclusive_bounds = false, .empty_text = "."},
    {.prefix = "google.gemini-2.5",
     .sequential_tools = true,
     .exclusive_bounds = false,
     .empty_text = ".",
     .context_window = 1'048'576},

    {.prefix = "meta.llama-3", .context_window = 131'072, .hosted = true},
    {.prefix = "meta.llama-4-scout", .context_window = 192'000, .hosted = true},
    {.prefix = "meta.llama-4-maverick", .context_window = 512'000, .hosted = true},

    {.prefix = "", .dimensions = true},
};

}  // namespace

const Family& family_of(std::string_view name) {
    const Family* best = std::end(family_table) - 1;
    for (const Family& family : family_table)
        if (family.prefix.size() > best->prefix.size() && name.starts_with(family.prefix)) best = &family;
    return *best;
}

std::string_view name_of(Format format) {
    switch (format) {
        case Format::generic: return "GENERIC";
        case Format::cohere: return "COHERE";
        case Format::coherev2: return "COHEREV2";
        case Format::embed: return "embedText";
        case Format::rerank: return "rerankText";
    }
    return "GENERIC";
}

}  // namespace gatehouse::oci
