// SPDX-License-Identifier: Apache-2.0
// The list of everything that crosses between the core and a plugin.
#include "tests/abi/abi_text.hpp"

#include "tests/abi/describe.hpp"

#include <gatehouse/pages.hpp>
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

using abi_description::Description;

void values(Description& text) {
    ABI_STRUCT(Error, kind, message, detail, code, param, retry_after_seconds, status)
    text.type<Result<int>>("Result<int>");
    text.type<Result<void>>("Result<void>");
    text.type<Result<std::string>>("Result<std::string>");
    text.type<Completion<int>>("Completion<int>");
    text.alternatives<decltype(Value::data)>("Value");
    ABI_STRUCT(Table, entries)
    ABI_STRUCT(Entry, name, value)
    ABI_STRUCT(Key, name, type, required, secret, doc, fallback, allowed, minimum, maximum, keys)
    ABI_STRUCT(Descriptor, magic, abi, layout, toolchain, kind, name, version, keys, create)
    ABI_STRUCT(Limits, max_json_depth, max_event_bytes, max_answer_bytes, strict_permissions)
    ABI_STRUCT(Identity, name, models, id, groups, attributes)
    text.type<Rejection>("Rejection");
    text.type<RequestInfo>("RequestInfo");
    ABI_STRUCT(Verdict, answers, events)
    ABI_STRUCT(AttemptInfo, provider, model, number)
    ABI_STRUCT(RequestOutcome, error, status, stream, client_left, model, provider, route, attempts, usage,
               bytes_in, bytes_out, total, first_token, upstream)
    ABI_STRUCT(Route, provider, model)
    ABI_STRUCT(Price, input, output)
    ABI_STRUCT(RouteHealth, open, running, first_byte, price)
    text.type<RouteQuery>("RouteQuery");
    ABI_STRUCT(Parsed, operation, formatter, recall, resume, forget, keep, reply)
    ABI_STRUCT(RecordId, space, id)
    ABI_STRUCT(Keep, id, body, keep_for, expected, change)
    ABI_STRUCT(Dialect::Endpoint, method, path, header)
    text.type<http::Headers>("http::Headers");
    ABI_STRUCT(http::RequestHead, method, path, query, headers, peer, certificate, certificate_names)
    ABI_STRUCT(http::Request, method, url, headers, body, connect_timeout, first_byte_timeout, idle_timeout,
               total_timeout, ca_file, no_proxy)
    ABI_STRUCT(StoreKey, owner, space, id)
    ABI_STRUCT(Record, body, version)
    ABI_STRUCT(Put, key, body, keep_for, expected)
    ABI_STRUCT(Drain, amount, time)
    ABI_STRUCT(Count, key, amount, keep_for, limit, drain)
    ABI_STRUCT(Counts, added, values)
    ABI_STRUCT(StoreSize, records, bytes)
    ABI_STRUCT(LimitState, limit, remaining, reset)
    ABI_STRUCT(Standing, requests, tokens, retry_after, headers)
    text.type<LimitRequest>("LimitRequest");
    ABI_STRUCT(BilledAttempt, route, usage, output_tokens, sent, consumed)
    ABI_STRUCT(Bill, attempts, status, client_left, total)
    ABI_STRUCT(LimitDecision, grant, refusal, standing, max_output_tokens)
    ABI_STRUCT(TraceId, high, low)
    ABI_STRUCT(SpanId, value)
    ABI_STRUCT(Trace, id, span, parent, parent_sampled, random, state)
    ABI_STRUCT(Cost, nano, currency, estimated)
    ABI_STRUCT(StoryStage, name, begin, end)
    ABI_STRUCT(StoryAttempt, span, route, plugin, endpoint, why, status, upstream_id, model, answer_id, begin,
               end, sent, answered, first_output, usage, finished, error, cause, cancelled)
    ABI_STRUCT(StoryParameters, max_tokens, top_k, seed, choices, temperature, top_p, frequency_penalty,
               presence_penalty)
    ABI_STRUCT(Story, trace, sampled, id, start, total, waited, first_output, method, path, peer, user_agent,
               endpoint, dialect, client, client_id, groups, operation, model, route, hook, parameters,
               stream, status, outcome, error, upstream_requests, bytes_in, bytes_out, usage, cost, stages,
               attempts)
    ABI_STRUCT(AdminMethod, method, needs, doc)
    ABI_STRUCT(Page, name, type, gzip, tag, immutable)
    ABI_STRUCT(AdminRequest, method, path, query, headers, body, who)
    ABI_STRUCT(http::ResponseHead, status, headers)
    ABI_STRUCT(http::Response, head, body)
}

void requests(Description& text) {
    ABI_STRUCT(JsonText, text)
    ABI_STRUCT(SharedJson, text)
    ABI_STRUCT(Text, text, extra)
    ABI_STRUCT(Image, url, detail, extra, inner_extra)
    ABI_STRUCT(Audio, data, format, extra, inner_extra)
    ABI_STRUCT(File, data, filename, id, extra, inner_extra)
    ABI_STRUCT(Refusal, text, extra)
    ABI_STRUCT(Thought, text, signature, encrypted, origin, extra)
    ABI_STRUCT(ToolCallRef, index)
    ABI_STRUCT(OtherPart, type, json)
    text.alternatives<Part>("Part");
    ABI_STRUCT(ToolCall, id, name, arguments, custom, extra, inner_extra)
    ABI_STRUCT(Message, role, parts, listed, name, tool_calls, tool_call_id, refusal, reasoning, failed,
               extra)
    ABI_STRUCT(Tool, type, name, description, parameters, strict, format, extra, inner_extra, json)
    ABI_STRUCT(ToolChoice, mode, name, custom, extra, inner_extra, json)
    ABI_STRUCT(ResponseFormat, kind, name, description, schema, strict, extra, inner_extra, json)
    ABI_STRUCT(Sampling, temperature, top_p, presence_penalty, frequency_penalty, top_k, max_tokens,
               max_completion_tokens, seed, n, top_logprobs, logprobs, stop, logit_bias)
    ABI_STRUCT(TextCompletion, prompts, suffix, echo, best_of, logprobs)
    ABI_STRUCT(ChatRequest, model, protocol, messages, tools, tool_choice, parallel_tool_calls,
               response_format, sampling, reasoning_effort, verbosity, service_tier, reasoning_summary,
               stream, include_usage, stream_extra, prediction, web_search_options, metadata, modalities,
               audio, store, user, safety_identifier, prompt_cache_key, betas, extra, completion)
    ABI_STRUCT(TokenCountRequest, chat)
    ABI_STRUCT(EmbeddingRequest, model, inputs, tokens, dimensions, input_type, truncate, encoding, extra)
    ABI_STRUCT(RerankRequest, model, query, documents, top_n, max_chunks_per_document,
               max_tokens_per_document, extra)
    ABI_STRUCT(ModelsRequest, id)
    ABI_STRUCT(RawRequest, operation, model, protocol, content_type, body, stored, method, path, query)
    text.alternatives<Operation>("Operation");
}

void events(Description& text) {
    ABI_STRUCT(AnswerInfo, created, service_tier, id, model, prompt_tokens, headers)
    ABI_STRUCT(TextDelta, text, choice)
    ABI_STRUCT(ReasoningDelta, text, choice)
    ABI_STRUCT(RefusalDelta, text, choice)
    ABI_STRUCT(BlockEnd, choice)
    ABI_STRUCT(ThoughtEnd, signature, encrypted, origin, choice)
    ABI_STRUCT(ToolCallDelta, index, id, name, arguments, choice, custom, extra, inner_extra)
    ABI_STRUCT(OtherBlock, protocol, type, json, choice)
    ABI_STRUCT(TokenLogprob::Alternative, token, logprob, bytes, extra)
    ABI_STRUCT(TokenLogprob, token, logprob, top, bytes, extra)
    ABI_STRUCT(LogprobsDelta, tokens, choice, refusal, extra)
    ABI_STRUCT(Citation, url, title, start, end, choice, extra, inner_extra)
    ABI_STRUCT(Finish, reason, choice, native, stop_sequence, details)
    ABI_STRUCT(Usage, prompt, completion, total, cached, reasoning, accepted_prediction, rejected_prediction,
               cache_written, extra, prompt_extra, completion_extra)
    ABI_STRUCT(Embedding, index, vector, encoded)
    ABI_STRUCT(Ranking, index, score)
    ABI_STRUCT(TokenCount, input, estimated)
    ABI_STRUCT(RawBytes, content_type, bytes)
    ABI_STRUCT(ModelInfo, id, owned_by, created, context_window, max_output_tokens, extra)
    ABI_STRUCT(Extra, place, members, choice, protocol)
    text.alternatives<Event>("Event");
}

void enumerations(Description& text) {
    ABI_ENUM(ErrorKind, bad_config, bad_request, context_length, unauthenticated, forbidden, not_found,
             conflict, too_large, unprocessable, unsupported, rate_limited, upstream, unavailable, timeout,
             internal)
    ABI_ENUM(Level, debug, info, warning, error)
    ABI_ENUM(ValueType, boolean, integer, number, string, string_list, table_list, table_map, string_list_map,
             table)
    ABI_ENUM(Role, system, developer, user, assistant, tool)
    ABI_ENUM(ToolChoice::Mode, unset, automatic, none, required, named, other)
    ABI_ENUM(ResponseFormat::Kind, unset, text, json_object, json_schema, other)
    ABI_ENUM(FinishReason, stop, length, tool_calls, content_filter)
    ABI_ENUM(Extra::Place, answer, choice, message)
}

// Slots 0 and 1 of a type with a virtual destructor belong to the destructor.  The last
// slot of Host is write_log, which is private.
void interfaces(Description& text) {
    ABI_INTERFACE(Config, instance, table, error)
    ABI_INTERFACE(Host, now, limits, fetch, after, run, store, counter, gauge, histogram)
    ABI_INTERFACE(Counter, add)
    ABI_INTERFACE(Gauge, set, add)
    ABI_INTERFACE(Histogram, observe)
    ABI_INTERFACE(EventSink, emit, full)
    ABI_INTERFACE(Plugin, admin)
    ABI_INTERFACE(AdminResource, name, methods, handle)
    ABI_INTERFACE(PageSource, pages)
    ABI_INTERFACE(Exchange, request, head, body, end, next, delay, complete, may_end, amend, advice,
                  request_id_header)
    ABI_INTERFACE(Provider, chat, embed, rerank, count_tokens, raw, models, discovers, local)
    ABI_INTERFACE(LocalSink, emit, sleep, gone)
    ABI_INTERFACE(LocalProvider, run)
    ABI_INTERFACE(Authenticator, authenticate, unready)
    ABI_INTERFACE(Signer, sign, sign_for, rejected, advice)
    ABI_INTERFACE(RouteHealths, of)
    ABI_INTERFACE(ModelMapper, map, moved, measures, models, providers)
    ABI_INTERFACE(ResponseFormatter, streams, head, event, end, keep, heartbeat, error)
    ABI_INTERFACE(Dialect, endpoints, parse, request_id_header, error, limits)
    ABI_INTERFACE(HookState, request, decides, decide, attempt, response, event, end, waits, wait, resume,
                  done)
    ABI_INTERFACE(Hook, begin)
    ABI_INTERFACE(Grant, progress, settle, cost)
    ABI_INTERFACE(Limiter, admit, doubt)
    ABI_INTERFACE(Observer, samples, wants, finished, flush)
    ABI_INTERFACE(Store, get, put, erase, add, shared, size)
    for (const char* kind : {Provider::kind, Authenticator::kind, Signer::kind, ModelMapper::kind,
                             Dialect::kind, Hook::kind, Limiter::kind, Observer::kind, Store::kind})
        text.value("kind", kind);
}

}  // namespace

std::string abi_text() {
    Description text;
    text.value("abi", gatehouse::abi);
    text.value("magic", gatehouse::magic);
    text.value("toolchain", gatehouse::toolchain);
    text.value("layout", gatehouse::layout);
    values(text);
    requests(text);
    events(text);
    enumerations(text);
    interfaces(text);
    return text.text();
}
