// SPDX-License-Identifier: Apache-2.0
// Masks each member of each vocabulary type.  Skipped members are not text (numbers, images,
// sounds) or are words of the protocol.
#include "plugins/hook/redact/request.hpp"

#include "plugins/hook/redact/json_masker.hpp"
#include "plugins/hook/redact/raw_body.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace gatehouse::redact {

namespace {

std::string place(const char* list, std::size_t index) {
    return std::string(list) + "[" + std::to_string(index) + "]";
}

class RequestMasker {
public:
    RequestMasker(const Rules& rules, Tally& tally, const std::function<bool(const std::string&)>& looked)
        : rules_(rules), tally_(tally), looked_(looked) {}

    bool mask(ChatRequest& request) {
        for (std::size_t i = 0; i < request.messages.size(); ++i)
            if (mask(request.messages[i]); !looked_(request.completion ? "prompt" : place("messages", i)))
                return false;
        if (request.completion && !mask(*request.completion)) return false;
        for (std::size_t i = 0; i < request.tools.size(); ++i)
            if (mask(request.tools[i]); !looked_(place("tools", i))) return false;
        text(request.tool_choice.name), json(request.tool_choice.json);
        json(request.tool_choice.extra), json(request.tool_choice.inner_extra);
        if (!looked_("tool_choice")) return false;
        text(request.response_format.name), text(request.response_format.description);
        json(request.response_format.schema), json(request.response_format.json);
        json(request.response_format.extra), json(request.response_format.inner_extra);
        if (!looked_("response_format")) return false;
        for (std::string& stop : request.sampling.stop) text(stop);
        if (!looked_("stop")) return false;
        json(request.metadata);
        if (!looked_("metadata")) return false;
        json(request.prediction);
        if (!looked_("prediction")) return false;
        json(request.web_search_options);
        if (!looked_("web_search_options")) return false;
        text(request.user);
        if (!looked_("user")) return false;
        text(request.safety_identifier);
        if (!looked_("safety_identifier")) return false;
        text(request.prompt_cache_key);
        if (!looked_("prompt_cache_key")) return false;
        for (std::string& beta : request.betas) text(beta);
        if (!looked_("anthropic-beta")) return false;
        json(request.stream_extra), json(request.extra);
        return looked_("");
    }

    bool mask(TokenCountRequest& request) { return mask(request.chat); }

    bool mask(EmbeddingRequest& request) {
        for (std::size_t i = 0; i < request.inputs.size(); ++i)
            if (url(request.inputs[i]); !looked_(place("input", i))) return false;
        for (JsonText& one : request.tokens) tokens(one);
        if (!looked_("input")) return false;
        json(request.extra);
        return looked_("");
    }

    bool mask(RerankRequest& request) {
        text(request.query);
        if (!looked_("query")) return false;
        for (std::size_t i = 0; i < request.documents.size(); ++i)
            if (text(request.documents[i]); !looked_(place("documents", i))) return false;
        json(request.extra);
        return looked_("");
    }

    bool mask(ModelsRequest&) { return true; }

    bool mask(RawRequest& request) {
        request.body = masked_body(rules_, tally_, request.content_type, std::move(request.body));
        return looked_("");
    }

private:
    /// `value` is a std::string or a JsonString.
    template <typename Words>
    void text(Words& text) {
        if (!text.empty()) text = masked(rules_, tally_, text);
    }
    template <typename Json>
    void json(Json& json) {
        if (!json.empty()) json.text = masked_json(rules_, tally_, json.text);
    }
    // Tokens are numbers and cannot be scanned.
    void tokens(JsonText& tokens) {
        if (tokens.text.find('"') != std::string::npos) json(tokens);
    }
    // A URL, or a text that may be a URL.
    template <typename Words>
    void url(Words& url) {
        if (!is_base64_url(url)) text(url);
    }

    // Different ids must stay different, and equal ids must stay equal.
    void id(std::string& id) {
        if (id.empty()) return;
        const std::string masked_id = masked(rules_, tally_, id);
        if (masked_id == id) return;
        const auto [known, is_new] = ids_.try_emplace(id);
        if (is_new) known->second = masked_id + "_" + std::to_string(ids_.size());
        id = known->second;
    }

    bool mask(TextCompletion& completion) {
        tokens(completion.prompts);
        if (!looked_("prompt")) return false;
        text(completion.suffix);
        return looked_("suffix");
    }

    void mask(Message& message) {
        for (Part& part : message.parts) std::visit([&](auto& one) { mask(one); }, part);
        mask_joined(message);
        text(message.name), text(message.refusal), text(message.reasoning);
        for (ToolCall& call : message.tool_calls) {
            id(call.id), text(call.name);
            if (call.custom)
                text(call.arguments);
            else
                call.arguments = masked_json(rules_, tally_, call.arguments);
            json(call.extra), json(call.inner_extra);
        }
        id(message.tool_call_id);
        json(message.extra);
    }

    void mask(Text& part) { text(part.text), json(part.extra); }
    void mask(Image& part) { url(part.url), text(part.detail), json(part.extra), json(part.inner_extra); }
    void mask(Audio& part) { json(part.extra), json(part.inner_extra); }
    void mask(File& part) { text(part.filename), json(part.extra), json(part.inner_extra); }
    void mask(Refusal& part) { text(part.text), json(part.extra); }
    // A changed thought would not match its signature, and the encrypted one has the secret.
    void mask(Thought& part) {
        const std::string before = part.text.str();
        text(part.text);
        if (part.text.str() != before) part.signature.clear(), part.encrypted.clear();
        json(part.extra);
    }
    void mask(ToolCallRef&) {}
    void mask(OtherPart& part) { json(part.json); }

    // A provider may join the texts of a message, so the joined text is scanned too.
    void mask_joined(Message& message) {
        std::vector<Text*> texts;
        for (Part& part : message.parts)
            if (auto* one = std::get_if<Text>(&part)) texts.push_back(one);
        if (texts.size() < 2 || rules_.first(text_of(message), 0) == std::string::npos) return;

        // Returns each byte to its original text.
        struct Divider final : Output {
            explicit Divider(const std::vector<Text*>& texts) : texts(texts), out(texts.size()) {}
            void plain(std::string_view bytes) override { take(bytes, true); }
            void mask(std::string_view mask) override { skip_full(), out[at] += mask; }
            void hidden(std::string_view bytes) override { take(bytes, false); }
            void skip_full() {
                while (at + 1 < texts.size() && taken == texts[at]->text.str().size()) ++at, taken = 0;
            }
            void take(std::string_view bytes, bool keep) {
                while (!bytes.empty()) {
                    skip_full();
                    const std::size_t count = std::min(bytes.size(), texts[at]->text.str().size() - taken);
                    if (keep) out[at] += bytes.substr(0, count);
                    taken += count;
                    bytes.remove_prefix(count);
                }
            }
            const std::vector<Text*>& texts;
            std::vector<std::string> out;
            std::size_t at = 0, taken = 0;
        };
        Divider divider(texts);
        Masker masker(rules_, tally_);
        for (const Text* part : texts) masker.feed(part->text, divider);
        masker.finish(divider);
        for (std::size_t i = 0; i < texts.size(); ++i) texts[i]->text = std::move(divider.out[i]);
    }

    void mask(Tool& tool) {
        text(tool.name), text(tool.description);
        json(tool.parameters), json(tool.format), json(tool.json);
        json(tool.extra), json(tool.inner_extra);
    }

    const Rules& rules_;
    Tally& tally_;
    const std::function<bool(const std::string&)>& looked_;
    std::map<std::string, std::string> ids_;  // masked id by original id of a tool call
};

}  // namespace

void mask_request(const Rules& rules, Tally& tally, Operation& operation,
                  const std::function<bool(const std::string& part)>& looked) {
    std::visit([&](auto& request) { RequestMasker(rules, tally, looked).mask(request); }, operation);
}

}  // namespace gatehouse::redact
