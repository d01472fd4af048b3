// SPDX-License-Identifier: Apache-2.0
// A number that changes if a boundary type changes its size, a variant its alternatives
// or an enumeration its last value.  It refuses a plugin that was built against other
// headers even if the ABI number was not raised by mistake.  It does not detect members
// that change places; tests/abi does.
#pragma once

#include "gatehouse/admin.hpp"
#include "gatehouse/auth.hpp"
#include "gatehouse/dialect.hpp"
#include "gatehouse/hook.hpp"
#include "gatehouse/limiter.hpp"
#include "gatehouse/mapper.hpp"
#include "gatehouse/observer.hpp"
#include "gatehouse/provider.hpp"
#include "gatehouse/store.hpp"

namespace gatehouse {

namespace detail {
constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    return (hash ^ value) * 0x100000001b3;  // FNV-1a, a word at a time
}
template <typename... Types>
constexpr std::uint64_t sizes(std::uint64_t hash) {
    for (std::uint64_t size : {sizeof(Types)...}) hash = mix(hash, size);
    return hash;
}
template <typename... Variants>
constexpr std::uint64_t alternatives(std::uint64_t hash) {
    for (std::uint64_t count : {std::variant_size_v<Variants>...}) hash = mix(hash, count);
    return hash;
}
template <typename... Enums>
constexpr std::uint64_t last_values(std::uint64_t hash, Enums... last) {
    for (std::uint64_t value : {static_cast<std::uint64_t>(last)...}) hash = mix(hash, value);
    return hash;
}

constexpr std::uint64_t layout_hash() {
    std::uint64_t hash = 0xcbf29ce484222325;
    hash =
        sizes<Error, Key, Value, Table, Entry, Config, http::RequestHead, http::Request, http::ResponseHead,
              http::Response, Completion<int>, Text, Image, Audio, File, Refusal, Thought, ToolCallRef,
              OtherPart, Message, ToolCall, SharedJson, Tool, ToolChoice, ResponseFormat, Sampling,
              TextCompletion, ChatRequest, TokenCountRequest, EmbeddingRequest, RerankRequest, ModelsRequest,
              RawRequest, AnswerInfo, TextDelta, ReasoningDelta, RefusalDelta, BlockEnd, ThoughtEnd,
              ToolCallDelta, OtherBlock, TokenLogprob, LogprobsDelta, Citation, Finish, Usage, Embedding,
              Ranking, TokenCount, RawBytes, ModelInfo, Extra, Identity, Rejection, RequestInfo, Verdict,
              AttemptInfo, RequestOutcome, Route, Price, RouteHealth, RouteQuery, Parsed, Dialect::Endpoint,
              Limits, Descriptor, StoreKey, Record, Put, Count, Counts, StoreSize, RecordId, Keep,
              AdminMethod, AdminRequest, Drain, LimitState, Standing, LimitRequest, BilledAttempt, Bill,
              LimitDecision, Trace, StoryStage, Cost, StoryAttempt, StoryParameters, Story>(hash);
    hash = alternatives<Part, Operation, Event, decltype(Value::data)>(hash);
    return last_values(hash, ErrorKind::internal, Level::error, ValueType::table, Role::tool,
                       ToolChoice::Mode::other, ResponseFormat::Kind::other, FinishReason::content_filter,
                       Extra::Place::message);
}
}  // namespace detail

inline constexpr std::uint64_t layout = detail::layout_hash();

}  // namespace gatehouse
