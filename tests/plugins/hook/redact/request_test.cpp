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
    request.tools = {{.name = plain, .description = plain, .parameters = {json.text}, .extra = json}};
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

TEST_CASE("the unknown members of tools, tool calls and parts are masked") {
    const JsonText json{"{\"x\":[\"" + plain + "\"]}"}, json_hidden{"{\"x\":[\"" + hidden + "\"]}"};
    ChatRequest request;
    request.messages = {
        {.role = Role::assistant,
         .parts = {Image{.extra = json, .inner_extra = json}, Audio{.extra = json, .inner_extra = json},
                   File{.extra = json, .inner_extra = json}, Refusal{"no", json}},
         .tool_calls = {{.arguments = "{}", .extra = json, .inner_extra = json}}}};
    request.tools = {{.type = "custom", .format = json, .extra = json, .inner_extra = json},
                     {.type = "web_search", .json = json}};
    request.tool_choice = {.extra = json, .inner_extra = json};
    request.response_format = {
        .kind = ResponseFormat::Kind::other, .extra = json, .inner_extra = json, .json = json};
    request.stream_extra = json;
    request.betas = {"beta-1", plain};

    const ChatRequest out = mask(request);
    const Message& message = out.messages[0];
    const auto& image = std::get<Image>(message.parts[0]);
    const auto& audio = std::get<Audio>(message.parts[1]);
    const auto& file = std::get<File>(message.parts[2]);
    const ToolCall& call = message.tool_calls[0];
    for (const JsonText* one :
         {&image.extra, &image.inner_extra, &audio.extra, &audio.inner_extra, &file.extra, &file.inner_extra,
          &std::get<Refusal>(message.parts[3]).extra, &call.extra, &call.inner_extra, &out.tools[0].format,
          &out.tools[0].extra, &out.tools[0].inner_extra, &out.tools[1].json, &out.tool_choice.extra,
          &out.tool_choice.inner_extra, &out.response_format.extra, &out.response_format.inner_extra,
          &out.response_format.json, &out.stream_extra})
        CHECK(one->text == json_hidden.text);
    CHECK(out.betas == std::vector<std::string>{"beta-1", hidden});
}

TEST_CASE("the text of a call of a custom tool is not read as JSON") {
    ChatRequest request{.messages = {{.role = Role::assistant}}};
    // In JSON, \u0040 would be an @, and the number would become a string.
    const std::string code = R"(["bob\u0040example.com", bob@example.com, 4111111111111111])";
    request.messages[0].tool_calls = {{.arguments = code, .custom = true}, {.arguments = code}};
    const auto calls = mask(request).messages[0].tool_calls;
    CHECK(calls[0].arguments.str() == R"(["bob\u0040example.com", [email], [card]])");
    CHECK(calls[1].arguments.str() == R"(["[email]", "[email]", "[card]"])");
}

TEST_CASE("a masked thought loses its signature and its encrypted text, and another thought stays") {
    const Thought signed_text{.text = "so", .signature = "sig", .encrypted = "enc", .origin = "anthropic"};
    Thought secret = signed_text;
    secret.text = "to " + plain;
    secret.extra = {"{\"x\":\"" + plain + "\"}"};
    ChatRequest request{.messages = {{.role = Role::assistant, .parts = {signed_text, secret}}}};
    const auto parts = mask(request).messages[0].parts;
    const auto& kept = std::get<Thought>(parts[0]);
    CHECK(kept.text == "so");
    CHECK(kept.signature == "sig");
    CHECK(kept.encrypted == "enc");
    const auto& changed = std::get<Thought>(parts[1]);
    CHECK(changed.text == "to " + hidden);
    CHECK(changed.signature.empty());
    CHECK(changed.encrypted.empty());
    CHECK(changed.origin == "anthropic");
    CHECK(changed.extra.text == "{\"x\":\"" + hidden + "\"}");
}

TEST_CASE("a request for a count of tokens is masked like its chat") {
    CHECK(texts(mask(TokenCountRequest{says({"mail " + plain})}).chat)[0] == "mail " + hidden);
}

TEST_CASE("tokens of embeddings stay unchanged, and texts among them are masked") {
    auto tokens = [](const std::string& json) {
        return mask(EmbeddingRequest{.tokens = {{json}}}).tokens.at(0).text;
    };
    CHECK(tokens("[4111111111111111,4,1]") == "[4111111111111111,4,1]");
    CHECK(tokens("[1,\"" + plain + "\"]") == "[1,\"" + hidden + "\"]");
}

TEST_CASE("the body of another operation is masked as its content type says") {
    auto body = [](const std::string& type, const std::string& bytes) {
        return mask(RawRequest{.content_type = type, .body = bytes}).body;
    };
    const std::string json = R"({"input":"bob\u0040example.com"})";
    for (const char* type :
         {"application/json", "Application/JSON; charset=utf-8", "application/ld+json", ""})
        CHECK(body(type, json) == R"({"input":"[email]"})");
    CHECK(body("text/plain", "to " + plain) == "to " + hidden);
    CHECK(body("application/x-www-form-urlencoded", "to=" + plain) == "to=" + hidden);
    CHECK(body("audio/wav", "RIFF " + plain) == "RIFF " + plain);
    const RawRequest other = mask(RawRequest{.operation = plain, .model = plain, .protocol = "openai"});
    CHECK(other.operation == plain);
    CHECK(other.model == plain);
}

TEST_CASE("fields of a form are masked, and its files stay unchanged") {
    auto form = [](const std::string& name, const std::string& field) {
        return "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n" + field +
               "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
               "\"\r\nContent-Type: audio/wav\r\n\r\nRIFF " + plain + "\r\n--b--\r\n";
    };
    for (const char* type : {"multipart/form-data; boundary=b", "multipart/form-data; boundary=\"b\""}) {
        const RawRequest request{.content_type = type, .body = form(plain, "to " + plain)};
        CHECK(mask(request).body == form(hidden, "to " + hidden));
    }
    for (const std::string bytes : {"", "--", "--b", "no boundary", "--b\r\n\r\n--b"})
        CHECK(mask(RawRequest{.content_type = "multipart/form-data; boundary=b", .body = bytes}).body ==
              bytes);
    CHECK(mask(RawRequest{.content_type = "multipart/form-data", .body = plain}).body == plain);
}
