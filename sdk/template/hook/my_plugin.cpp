// SPDX-License-Identifier: Apache-2.0
// A hook that instructs, rejects and counts.  Change it into your own.
//
// It puts an instruction before every chat, rejects chats with too many messages,
// and logs the number of text bytes in each answer.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

// The keys of [hook.NAME] in the gateway's TOML.  The gateway checks them.
// `gatehouse explain -c gatehouse.toml hook my_plugin` prints them.
struct Options {
    std::string instruction = "";
    std::int64_t max_messages = 100;
};

const Fields<Options> fields = {
    optional("instruction", &Options::instruction,
             "A system message before the messages of every chat; empty adds nothing."),
    ranged("max_messages", &Options::max_messages, 1, 100'000, "Chats with more messages are rejected."),
};

// One request.  Its members are never called at the same time.
class Watch final : public HookState {
public:
    Watch(const Options& options, Host& host) : options_(options), host_(host) {}

    // Before routing.  An error answers the client at once.
    Result<void> request(Operation& operation) override {
        auto* chat = std::get_if<ChatRequest>(&operation);
        if (!chat) return {};
        if (chat->messages.size() > static_cast<std::size_t>(options_.max_messages))
            return Error{.kind = ErrorKind::bad_request,
                         .message = "expected at most " + std::to_string(options_.max_messages) + " messages",
                         .param = "messages"};
        if (!options_.instruction.empty())
            chat->messages.insert(chat->messages.begin(),
                                  {.role = Role::system, .parts = {Text{options_.instruction}}});
        return {};
    }

    // A new attempt begins.  Forget the events of the failed one.
    void attempt(const AttemptInfo&) override { bytes_ = 0; }

    void event(Event event, EventSink& next) override {
        if (auto* delta = std::get_if<TextDelta>(&event)) bytes_ += delta->text.size();
        next.emit(std::move(event));
    }

    // Always the last call.  Never log a prompt or an answer.
    void done(const RequestOutcome& outcome) override {
        host_.log(Level::info, outcome.error ? "a request failed" : "a request was answered",
                  {{"bytes", std::to_string(bytes_)}});
    }

private:
    const Options& options_;  // the hook and its host outlive its requests, also over a reload
    Host& host_;
    std::size_t bytes_ = 0;
};

class Watching final : public Hook {
public:
    Watching(Options options, Host& host) : options_(std::move(options)), host_(host) {}

    // Many threads may call this at once.
    std::unique_ptr<HookState> begin(const RequestInfo&) override {
        return std::make_unique<Watch>(options_, host_);
    }

private:
    const Options options_;
    Host& host_;
};

}  // namespace

GATEHOUSE_PLUGIN(Watching, Options, fields, "my_plugin", "0.1.0");
