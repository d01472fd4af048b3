// SPDX-License-Identifier: Apache-2.0
// The masked and the unchanged members of a request.
#include "plugins/hook/redact/request.hpp"
#include "secrets.hpp"

using namespace gatehouse;
using namespace gatehouse::redact;
using namespace gatehouse::redact::testing;

namespace {

const std::string plain = "bob@example.com", hidden = "[email]";

template <typename Request>
Request mask(Request request) {
    static const Rules all = rules();
    Tally tally(all.names().size());
    Operation operation = std::move(request);
    mask_request(all, tally, operation, [](const std::string&) { return true; });
    return std::get<Request>(std::move(operation));
}

ChatRequest says(std::vector<std::string> texts) {
    Message message;
    for (std::string& text : texts) message.parts.push_back(Text{std::move(text)});
    return {.model = "m", .messages = {std::move(message)}};
}

std::vector<std::string> texts(const ChatRequest& request) {
    std::vector<std::string> all;
    for (const Part& part : request.messages.at(0).parts)
        if (auto* text = std::get_if<Text>(&part)) all.push_back(text->text);
    return all;
}

}  // namespace

TEST_CASE("each text member of a chat is masked") {
    const JsonText json{"{\"x\":[\"" + plain + "\"]}"}, json_hidden{"{\"x\":[\"" + hidden + "\"]}"};
    ChatRequest request{.model = plain};
    for (const Role role : {Role::system, Role::developer, Role::user, Role::assistant, Role::tool})
        request.messages.push_back(
            {.role = role,
             .parts = {Text{plain, json}, Image{"https://h/?u=" + plain, "low"}, Refusal{plain},
                       File{.filename = plain}, OtherPart{"new", json}},
             .name = plain,
             .tool_calls = {{"id", plain, "{\"to\":\"" + plain + "\"}"}, {"id2", "f", plain}},
             .tool_call_id = "id",
             .refusal = plain,
             .reasoning = plain,
             .extra = json});
    request.tools = {{.name = plain, .description = plain, .parameters = json, .extra = json}};
    request.tool_choice = {.mode = ToolChoice::Mode::other, .name = plain, .json = json};
    request.response_format = {ResponseFormat::Kind::json_schema, plain, plain, json, true};
    request.sampling.stop = {plain, "END"};
    request.prediction = request.web_search_options = request.metadata = request.extra = json;
    request.user = request.safety_identifier = request.prompt_cache_key = plain;

    const ChatRequest out = mask(request);
    CHECK(out.model == plain);  // the model must be found by its name
    for (const Message& message : out.messages) {
        const auto& text = std::get<Text>(message.parts[0]);
        CHECK(text.text == hidden);
        CHECK(text.extra.text == json_hidden.text);
        CHECK(std::get<Image>(message.parts[1]).url == "https://h/?u=" + hidden);
        CHECK(std::get<Refusal>(message.parts[2]).text == hidden);
        CHECK(std::get<File>(message.parts[3]).filename == hidden);
        CHECK(std::get<OtherPart>(message.parts[4]).json.text == json_hidden.text);
        CHECK(message.name == hidden);
        CHECK(message.tool_calls[0].name == hidden);
        CHECK(message.tool_calls[0].arguments == "{\"to\":\"" + hidden + "\"}");
        CHECK(message.tool_calls[1].arguments == hidden);
        CHECK(message.refusal == hidden);
        CHECK(message.reasoning == hidden);
        CHECK(message.extra.text == json_hidden.text);
    }
    CHECK(out.tools[0].name == hidden);
    CHECK(out.tools[0].description == hidden);
    CHECK(out.tools[0].parameters.text == json_hidden.text);
    CHECK(out.tools[0].extra.text == json_hidden.text);
    CHECK(out.tool_choice.name == hidden);
    CHECK(out.tool_choice.json.text == json_hidden.text);
    CHECK(out.response_format.name == hidden);
    CHECK(out.response_format.description == hidden);
    CHECK(out.response_format.schema.text == json_hidden.text);
    CHECK(out.sampling.stop == std::vector<std::string>{hidden, "END"});
    for (const JsonText* one : {&out.prediction, &out.web_search_options, &out.metadata, &out.extra})
        CHECK(one->text == json_hidden.text);
    for (const std::string* one : {&out.user, &out.safety_identifier, &out.prompt_cache_key})
        CHECK(*one == hidden);
}

TEST_CASE("each secret is masked in a message and in the arguments of a tool call") {
    for (const auto& [name, text] : secrets()) {
        ChatRequest request = says({"Use " + text + " now"});
        std::string arguments;
        for (const char c : "{\"a\":\"" + text + "\"}")
            arguments += c == '\n' ? std::string("\\n") : std::string(1, c);
        request.messages[0].tool_calls = {{"id", "f", arguments}};
        const ChatRequest out = mask(request);
        CHECK(texts(out) == std::vector<std::string>{"Use [" + name + "] now"});
        CHECK(out.messages[0].tool_calls[0].arguments == "{\"a\":\"[" + name + "]\"}");
    }
}

TEST_CASE("a secret that is split over several texts of a message is masked") {
    for (const Secret& plain : secrets())
        for (std::size_t cut = 1; cut < plain.text.size(); ++cut) {
            const std::string& text = plain.text;
            const auto out = texts(mask(says({"is " + text.substr(0, cut), "", text.substr(cut) + " it"})));
            CAPTURE(text);
            CAPTURE(cut);
            CHECK((out[0] + out[1] + out[2]).find(text) == std::string::npos);
            CHECK(out[0].starts_with("is "));
            CHECK(out[2].ends_with(" it"));
        }
    CHECK(texts(mask(says({"to bob@exa", "mple.com, and", " more"}))) ==
          std::vector<std::string>{"to [email]", ", and", " more"});
    // Joined, the texts are a longer number, but a provider may send each text alone.
    CHECK(texts(mask(says({"4111111111111111", "22222222"}))) ==
          std::vector<std::string>{"[card]", "22222222"});
}

TEST_CASE("images, sounds and files stay unchanged") {
    const std::string image = "data:image/png;base64,AKIAIOSFODNN7EXAMPLE", sound = "AKIAIOSFODNN7EXAMPLE";
    ChatRequest request{
        .messages = {{.parts = {Image{image}, Audio{sound, "wav"}, File{.data = image, .id = "file-1"}}}}};
    const Message out = mask(request).messages[0];
    CHECK(std::get<Image>(out.parts[0]).url == image);
    CHECK(std::get<Audio>(out.parts[1]).data == sound);
    CHECK(std::get<File>(out.parts[2]).data == image);
    CHECK(mask(EmbeddingRequest{.inputs = {image}}).inputs[0] == image);
}

TEST_CASE("masked ids of tool calls stay different, and results keep the id of their call") {
    ChatRequest request{
        .messages = {
            {.role = Role::assistant,
             .tool_calls = {{"call_a@b.co", "f", "{}"}, {"call_c@d.co", "f", "{}"}, {"e", "f", "{}"}}},
            {.role = Role::tool, .tool_call_id = "call_c@d.co"},
            {.role = Role::tool, .tool_call_id = "call_a@b.co"},
            {.role = Role::tool, .tool_call_id = "e"}}};
    const auto out = mask(request).messages;
    const auto& calls = out[0].tool_calls;
    CHECK(calls[0].id != calls[1].id);
    CHECK(out[1].tool_call_id == calls[1].id);
    CHECK(out[2].tool_call_id == calls[0].id);
    CHECK(out[3].tool_call_id == "e");
    CHECK(calls[0].id.find("a@b.co") == std::string::npos);
}

TEST_CASE("prompts and suffixes of text completions are masked, and errors use the client's names") {
    ChatRequest one = says({"mail " + plain});
    one.completion = TextCompletion{.suffix = "to " + plain};
    CHECK(texts(mask(one))[0] == "mail " + hidden);
    CHECK(mask(one).completion->suffix == "to " + hidden);
    std::string places;
    Operation operation = one;
    const Rules all = rules();
    Tally tally(all.names().size());
    mask_request(all, tally, operation, [&](const std::string& part) {
        places += part + " ";
        return part != "suffix";
    });
    CHECK(places == "prompt prompt suffix ");

    auto prompts = [](const std::string& json) {
        return mask(ChatRequest{.completion = TextCompletion{.prompts = {json}}}).completion->prompts.text;
    };
    CHECK(prompts("[\"a\", \"" + plain + "\"]") == "[\"a\", \"" + hidden + "\"]");
    // Prompts of tokens are not scanned.
    CHECK(prompts("[[4111111111111111],[4,1]]") == "[[4111111111111111],[4,1]]");
}

TEST_CASE("embeddings and rankings are masked") {
    const auto embed =
        mask(EmbeddingRequest{.inputs = {plain, "x " + plain}, .extra = {"{\"a\":\"" + plain + "\"}"}});
    CHECK(embed.inputs == std::vector<std::string>{hidden, "x " + hidden});
    CHECK(embed.extra.text == "{\"a\":\"" + hidden + "\"}");
    const auto rank = mask(
        RerankRequest{.query = plain, .documents = {"a", plain}, .extra = {"{\"a\":\"" + plain + "\"}"}});
    CHECK(rank.query == hidden);
    CHECK(rank.documents == std::vector<std::string>{"a", hidden});
    CHECK(rank.extra.text == "{\"a\":\"" + hidden + "\"}");
}
