// SPDX-License-Identifier: Apache-2.0
// Ollama's own API: chats as JSON lines, embeddings, the list of models (Ollama, docs/api.md).
#include "chat_request.hpp"

#include <gatehouse/base_url.hpp>
#include <gatehouse/call_id.hpp>
#include <gatehouse/conversation.hpp>
#include <gatehouse/finish_reason.hpp>
#include <gatehouse/sdk.hpp>
#include <gatehouse/text_so_far.hpp>
#include <gatehouse/upstream_stream.hpp>
#include <gatehouse/url.hpp>

#include <algorithm>

namespace gatehouse::ollama {

struct Options {
    std::string base_url = "http://127.0.0.1:11434";
    std::optional<std::int64_t> context_window = {};
    std::string models = "listed";
};

namespace {

const Fields<Options> fields = {
    optional("base_url", &Options::base_url, "URL of the server, without /api."),
    ranged("context_window", &Options::context_window, 1, 100'000'000, "Tokens: Ollama's num_ctx."),
    choice("models", &Options::models, {"listed", "discover"},
           "discover lists the server's models in the background, for GET /v1/models."),
};

struct Chat final : LineExchange {
    Chat(Host& host, const Options& options, const ChatRequest& chat)
        : LineExchange(host, "Ollama", !chat.stream), options(options), chat(chat) {}

    Result<std::optional<http::Request>> request() override {
        text = thoughts = {}, calls.clear(), ends.reset(), begun = more = false;
        prompt.reset(), completion.reset();
        if (auto fine = check(chat); !fine) return fine.error();
        return json_request("POST", options.base_url + "/api/chat",
                            write_chat(chat, options.context_window, thinks));
    }
    Error on_failure() override {
        Error error = LineExchange::on_failure();
        if (error.kind == ErrorKind::not_found) error.code = "model_not_found", error.param = "model";
        return error;
    }
    /// Once more without `think`, if the model does not know it.
    bool amend(const Error& error) override {
        return error.message.find("does not support thinking") != std::string::npos &&
               std::exchange(thinks, false);
    }
    Result<void> on_json(JsonValue top, EventSink& events) override {
        if (const std::string failure = failure_in(top); !failure.empty())
            return upstream_error("Ollama", failure);
        const JsonValue message = top["message"];
        if (message && !std::exchange(begun, true)) events.emit(AnswerInfo{.model = top["model"].str()});
        // A document may lack `done`.
        const bool document = !chat.stream && message && !top["done"];
        const bool done = document || top["done"].boolean() == true;
        bool said = false;
        if (std::string piece = news(thoughts, text_of(message["thinking"]), done); !piece.empty())
            said = true, events.emit(ReasoningDelta{piece});
        if (std::string piece = news(text, text_of(message["content"]), done); !piece.empty())
            said = true, events.emit(TextDelta{piece});
        const std::size_t before = done ? calls.size() : 0;
        for (std::size_t place = 0; const JsonValue call : message["tool_calls"].items()) {
            if (!take_call(call, place++ < before ? place : 0, events))
                return invalid("a tool call has no name");
            said = true;
        }
        if (const auto count = top["prompt_eval_count"].integer()) prompt = count;
        if (const auto count = top["eval_count"].integer()) completion = count;
        if (done && (!ends || ends->native == "stop")) ends = {.native = top["done_reason"].str()};
        // Some servers say `done` in each line, or repeat the answer in the last one.
        more = more || (said && ends);
        if (ends) may_finish(more);
        return {};
    }
    Result<void> on_done(EventSink& events) override {
        if (!ends) return invalid("it ends without its last line");
        const auto reason = read_finish_reason(ends->native);
        if (!reason)
            return Error{ErrorKind::upstream, "the model failed in the middle of its answer (done reason " +
                                                  one_line(ends->native, 64) + ")"};
        const bool whole = std::ranges::all_of(calls, [](const Call& call) { return call.whole; });
        ends->reason = *reason == FinishReason::tool_calls ? FinishReason::stop : *reason;
        if (!calls.empty() && (whole || !is_cut(*reason))) ends->reason = FinishReason::tool_calls;
        events.emit(*ends);
        emit_usage(events, prompt, completion);
        return {};
    }

    /// The part of a document that reports a failure.  Empty if it is an answer.
    static std::string failure_in(JsonValue top) {
        const JsonValue error = top["error"], message = top["message"];
        const bool answers = message.is(JsonType::object);
        const auto code = error["code"].integer();
        const bool success = answers && code && (*code == 0 || (*code >= 200 && *code < 300));
        if (error && !success && error.raw() != "false")
            if (std::string json = "{\"error\":" + std::string(error.raw()) + "}";
                !read_error_body(json).message.empty())
                return json;
        const bool reason = message.is(JsonType::string) || top["detail"] || top["errors"];
        return reason && !answers ? std::string(top.raw()) : "";
    }
    /// Emits a call, unless it repeats the one at `place`, which counts from 1.
    bool take_call(JsonValue call, std::size_t place, EventSink& events) {
        const JsonValue function = call["function"] ? call["function"] : call;
        const JsonValue arguments = function["arguments"];
        ToolCallDelta delta{.index = static_cast<int>(calls.size()), .name = function["name"].str()};
        if (delta.name.empty()) return false;
        delta.arguments = arguments.is(JsonType::string) ? arguments.str() : arguments.text().text;
        if (delta.arguments.empty()) delta.arguments = "{}";
        const Call made{call["id"].str(), delta.name + delta.arguments, bool(read_json(delta.arguments))};
        auto same = [&](const Call& other) {
            return other.said == made.said && (made.id.empty() || other.id == made.id);
        };
        if (place > 0 && same(calls[place - 1])) return true;
        const bool taken = std::ranges::any_of(calls, [&](const Call& other) { return other.id == made.id; });
        delta.id = made.id.empty() || taken ? make_call_id() : made.id;
        if (call["function"]) delta.extra = members_except(call, {"id", "type", "function"});
        delta.inner_extra = members_except(function, {"id", "type", "index", "name", "arguments"});
        calls.push_back(made);
        events.emit(delta);
        return true;
    }
    struct Call {
        std::string id, said;
        bool whole;
    };
    /// The part of `piece` that is new, if a line with `done` repeats the answer.
    static std::string news(TextSoFar& so_far, std::string piece, bool done) {
        if (done && so_far.pieces() > 1 && so_far.begins(piece)) piece.erase(0, so_far.size());
        so_far.add(piece);
        return piece;
    }
    const Options& options;
    const ChatRequest& chat;
    TextSoFar text, thoughts;
    std::vector<Call> calls;
    std::optional<Finish> ends;  // a line with `done` has come
    std::optional<std::int64_t> prompt, completion;
    bool begun = false, thinks = true;
    bool more = false;  // a text came with `done` or behind it
};

struct Embed final : UpstreamExchange {
    Embed(Host& host, const Options& options, const EmbeddingRequest& asked)
        : UpstreamExchange(host, "Ollama"), options(options), asked(asked) {}

    Result<std::optional<http::Request>> request() override {
        if (!asked.tokens.empty()) return unsupported_field("input", "Ollama embeds texts only");
        if (asked.truncate == "start")
            return unsupported_field("truncate", "Ollama truncates at the end only");
        std::string body;
        JsonWriter json(body);
        json.begin_object().member("model", asked.model).member("dimensions", asked.dimensions);
        if (!asked.truncate.empty()) json.member("truncate", asked.truncate == "end");
        json.member("input", asked.inputs).end_object();
        return json_request("POST", options.base_url + "/api/embed", std::move(body));
    }
    Result<void> on_json(JsonValue top, EventSink& events) override {
        if (top["embeddings"].size() != asked.inputs.size())
            return invalid("it has another number of embeddings than there are inputs");
        for (int index = 0; const JsonValue list : top["embeddings"].items()) {
            Embedding one{.index = index++};
            for (const JsonValue number : list.items())
                one.vector.push_back(static_cast<float>(number.number().value_or(0)));
            events.emit(std::move(one));
        }
        emit_usage(events, top["prompt_eval_count"].integer());
        return {};
    }
    const Options& options;
    const EmbeddingRequest& asked;
};

struct Models final : UpstreamExchange {
    Models(Host& host, const Options& options) : UpstreamExchange(host, "Ollama"), options(options) {}

    Result<std::optional<http::Request>> request() override {
        return json_request("GET", options.base_url + "/api/tags");
    }
    Result<void> on_json(JsonValue top, EventSink& events) override {
        JsonValue list = top;
        for (const char* key : {"data", "models", "result"})
            if (const JsonValue inner = list[key]; !list.is(JsonType::array) && inner) list = inner;
        if (!list.is(JsonType::array)) return invalid("it has no list of models");
        for (const JsonValue model : list.items()) {
            std::string id = model.str();
            for (const char* key : {"name", "model", "id"})
                if (id.empty()) id = model[key].str();
            if (!id.empty()) events.emit(ModelInfo{.id = id});
        }
        return {};
    }
    const Options& options;
};

class Ollama final : public Provider {
public:
    Ollama(Options options, Host& host) : options_(std::move(options)), host_(host) {
        BaseUrl base = parse_base_url(options_.base_url, "base_url", "base_url");
        for (const char* ending : {"/v1", "/api"}) strip_ending(base, ending);
        options_.base_url = base.text;
    }
    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& chat) override {
        return std::make_unique<Chat>(host_, options_, chat);
    }
    Result<std::unique_ptr<Exchange>> embed(const EmbeddingRequest& asked) override {
        return std::make_unique<Embed>(host_, options_, asked);
    }
    Result<std::unique_ptr<Exchange>> models() override { return std::make_unique<Models>(host_, options_); }
    bool discovers() const override { return options_.models == "discover"; }

private:
    Options options_;
    Host& host_;
};

}  // namespace

}  // namespace gatehouse::ollama

GATEHOUSE_PLUGIN(gatehouse::ollama::Ollama, gatehouse::ollama::Options, gatehouse::ollama::fields, "ollama",
                 "1.0.0");
