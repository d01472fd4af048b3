// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/guardrails_oci/request.hpp"

#include <gatehouse/all_texts.hpp>

#include <algorithm>
#include <iterator>

namespace gatehouse::guardrails_oci {

namespace {

/// The messages after the last turn of the assistant.  A turn at the end is the beginning of the answer, and
/// new.
Operation new_messages(const ChatRequest& request) {
    const auto is_assistants = [](const Message& one) { return one.role == Role::assistant; };
    const auto asked = std::find_if_not(request.messages.rbegin(), request.messages.rend(), is_assistants);
    const auto last = std::find_if(asked, request.messages.rend(), is_assistants);
    ChatRequest part;
    part.messages.assign(last.base(), request.messages.end());
    part.completion = request.completion;
    return part;
}

class Masker {
public:
    explicit Masker(const Decision& decision) : decision_(decision) {}

    void operator()(ChatRequest& request) const {
        for (Message& message : request.messages) {
            for (Part& part : message.parts) change(part);
            change(message.refusal);
            change(message.reasoning);
        }
    }
    void operator()(TokenCountRequest& request) const { (*this)(request.chat); }
    void operator()(EmbeddingRequest& request) const {
        for (std::string& input : request.inputs) change(input);
    }
    void operator()(RerankRequest& request) const {
        change(request.query);
        for (std::string& document : request.documents) change(document);
    }
    void operator()(ModelsRequest&) const {}
    void operator()(RawRequest&) const {}

private:
    template <typename String>
    bool change(String& text) const {
        std::string changed = masked(std::string(text), decision_);
        if (std::string_view(changed) == std::string_view(std::string(text))) return false;
        text = std::move(changed);
        return true;
    }
    void change(Part& part) const {
        if (auto* text = std::get_if<Text>(&part)) change(text->text);
        if (auto* refusal = std::get_if<Refusal>(&part)) change(refusal->text);
        if (auto* thought = std::get_if<Thought>(&part); thought && change(thought->text)) {
            thought->signature.clear();
            thought->encrypted.clear();
        }
    }

    const Decision& decision_;
};

}  // namespace

std::string texts_of(const Operation& operation, bool only_new) {
    const auto* chat = std::get_if<ChatRequest>(&operation);
    return chat && only_new ? all_texts(new_messages(*chat)) : all_texts(operation);
}

bool mask(Operation& operation, const Decision& decision) {
    std::visit(Masker(decision), operation);
    const std::string rest = all_texts(operation);
    return std::ranges::none_of(decision.masks,
                                [&](const auto& one) { return rest.find(one.first) != rest.npos; });
}

}  // namespace gatehouse::guardrails_oci
