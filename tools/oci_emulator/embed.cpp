// SPDX-License-Identifier: Apache-2.0
// Computes vectors, in every number type, for checked requests.
#include "tools/oci_emulator/embed.hpp"

#include "tools/oci_emulator/call.hpp"
#include "tools/oci_emulator/encoding.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace gatehouse::emulator {

namespace {

constexpr std::size_t most_inputs = 96;
constexpr std::int64_t tokens_of_image = 256;

Refusal check_fields(const Json& details) {
    static const Check contents = some(tagged(
        "type",
        {{"TEXT", {{"text", true, text()}}},
         {"IMAGE",
          {{"imageUrl", true,
            object({{"url", true, media_url()}, {"detail", false, word({"AUTO", "HIGH", "LOW"})}})}}}}));
    static const std::vector<FieldRule> rules = {
        {"inputs", false, some(text())},
        {"embedContents", false, contents},
        {"servingMode", true, any_object()},
        {"compartmentId", true, text()},
        {"inputType", false,
         word({"SEARCH_DOCUMENT", "SEARCH_QUERY", "CLASSIFICATION", "CLUSTERING", "IMAGE"})},
        {"truncate", false, word({"NONE", "START", "END"})},
        {"embeddingTypes", false, some(word({"float", "int8", "uint8", "binary", "ubinary", "base64"}))},
        {"outputDimensions", false, integer(1)},
        {"isEcho", false, boolean()}};
    return check_object(details, "", rules);
}

// Inputs that get one vector each.
struct Item {
    std::string content;
    bool image = false;
};

Refusal read_items(const Json& details, const Model& model, std::vector<Item>& items) {
    const Json* inputs = member(details, "inputs");
    const Json* contents = member(details, "embedContents");
    if (!inputs && !contents) return missing("inputs");
    if (inputs && contents) return invalid("embedContents", "excludes 'inputs'");
    const bool image = string_member(details, "inputType") == "IMAGE";
    if (contents) {
        if (!model.chooses_dimensions && !model.any_operation)
            return invalid("embedContents", "is not supported by this model");
        for (const Json& one : *contents)
            if (const Json* url = member(one, "imageUrl"))
                items.push_back({std::string(string_member(*url, "url")), true});
            else
                items.push_back({std::string(string_member(one, "text"))});
    } else {
        if (image && inputs->size() > 1) return invalid("inputs", "must be one image");
        for (const Json& one : *inputs) items.push_back({one.get<std::string>(), image});
    }
    if (items.size() > most_inputs)
        return invalid(inputs ? "inputs" : "embedContents",
                       "must not have more than " + std::to_string(most_inputs) + " elements");
    for (const Item& item : items) {
        if (item.content.empty())
            return invalid(inputs ? "inputs" : "embedContents", "must not hold an empty text");
        if (!item.image) continue;
        if (!item.content.starts_with("data:image/"))
            return invalid("inputs", "must be data:image/...;base64,<data>");
        if (auto refusal = media_url()(item.content, "inputs")) return refusal;
    }
    return {};
}

// Truncates each text to the model's limit, or refuses it.
Refusal cut(const Json& details, const Model& model, std::vector<Item>& items) {
    const std::string_view how = string_member(details, "truncate");
    const auto most = static_cast<std::size_t>(model.most_tokens);
    for (Item& item : items) {
        if (item.image) continue;
        auto words = words_of(item.content);
        if (words.size() <= most) continue;
        if (how.empty() || how == "NONE")
            return ServiceError{.message = "invalid request: the input has " + std::to_string(words.size()) +
                                           " tokens, more than " + std::to_string(most)};
        const auto excess = static_cast<std::ptrdiff_t>(words.size() - most);
        if (how == "START")
            words.erase(words.begin(), words.begin() + excess);
        else
            words.erase(words.end() - excess, words.end());
        item.content.clear();
        for (const std::string& word : words) item.content += word;
    }
    return {};
}

Refusal choose_dimensions(const Json& details, Model& model) {
    const Json* wanted = member(details, "outputDimensions");
    if (!wanted) return {};
    if (!model.chooses_dimensions && !model.any_operation)
        return invalid("outputDimensions", "is not supported by this model");
    for (int size : {256, 512, 1024, 1536})
        if (*wanted == size) {
            model.dimensions = size;
            return {};
        }
    return invalid("outputDimensions", "must be one of 256, 512, 1024, 1536");
}

// Packs eight numbers in a byte, the first in the highest bit.
std::vector<int> packed(const std::vector<float>& vector, int offset) {
    std::vector<int> bytes;
    for (std::size_t i = 0; i + 7 < vector.size(); i += 8) {
        int byte = 0;
        for (std::size_t k = 0; k < 8; ++k) byte = byte << 1 | (vector[i + k] > 0);
        bytes.push_back(byte + offset);
    }
    return bytes;
}

// Writes the shortest digits that identify the number, as the service does.
Json short_numbers(const std::vector<float>& vector) {
    Json numbers = Json::array();
    for (float number : vector) {
        std::array<char, 64> text{};
        double exact = 0;
        const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
        std::from_chars(text.data(), written.ptr, exact);
        numbers.push_back(exact);
    }
    return numbers;
}

Json in_type(const std::vector<float>& vector, std::string_view type) {
    if (type == "float") return short_numbers(vector);
    if (type == "binary") return packed(vector, -128);
    if (type == "ubinary") return packed(vector, 0);
    if (type == "base64") {
        std::string bytes;
        for (float number : vector) {
            const auto bits = std::bit_cast<std::uint32_t>(number);
            for (int shift : {0, 8, 16, 24}) bytes += static_cast<char>(bits >> shift & 255);
        }
        return to_base64(bytes);
    }
    const float largest = std::abs(*std::max_element(
        vector.begin(), vector.end(), [](float a, float b) { return std::abs(a) < std::abs(b); }));
    Json numbers = Json::array();
    for (float number : vector)
        numbers.push_back(static_cast<int>(std::lround(number / largest * 127)) +
                          (type == "uint8" ? 128 : 0));
    return numbers;
}

std::uint64_t next_random(std::uint64_t& state) {  // SplitMix64
    std::uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

}  // namespace

std::vector<float> vector_of(std::string_view text, int dimensions) {
    std::uint64_t state = 0;
    const std::string digest = sha256(text);
    std::memcpy(&state, digest.data(), sizeof state);
    std::vector<float> vector;
    double squares = 0;
    for (int i = 0; i < dimensions; ++i) {
        const double number = static_cast<double>(next_random(state) >> 11) / 0x1p52 - 1;
        squares += number * number;
        vector.push_back(static_cast<float>(number));
    }
    for (float& number : vector) number = static_cast<float>(number / std::sqrt(squares));
    return vector;
}

http::Response embed(const Json& details, const RequestRules& rules, const std::string& id) {
    Model model;
    std::vector<Item> items;
    if (auto refusal = check_fields(details)) return to_response(*refusal);
    if (!compartment_exists(string_member(details, "compartmentId"), rules))
        return to_response(usual_error(404));
    for (const auto& step :
         {std::function<Refusal()>(
              [&] { return check_serving(details.at("servingMode"), rules, Operation::embed, model); }),
          std::function<Refusal()>([&] { return read_items(details, model, items); }),
          std::function<Refusal()>([&] { return choose_dimensions(details, model); }),
          std::function<Refusal()>([&] { return cut(details, model, items); })})
        if (auto refusal = step()) return to_response(*refusal);

    const Json* types = member(details, "embeddingTypes");
    Json result = {{"id", id}, {"embeddings", Json::array()}};
    if (types)
        for (const Json& type : *types) result["embeddingsByType"][type.get<std::string>()] = Json::array();
    std::int64_t tokens = 0;
    for (const Item& item : items) {
        const std::vector<float> vector = vector_of(item.content, model.dimensions);
        tokens += item.image ? tokens_of_image : count_words(item.content);
        if (!types) result["embeddings"].push_back(short_numbers(vector));
        if (types)
            for (auto& [type, vectors] : result["embeddingsByType"].items())
                vectors.push_back(in_type(vector, type));
    }
    if (flag(details, "isEcho"))
        for (const char* name : {"inputs", "embedContents"})
            if (const Json* sent = member(details, name)) result[name] = *sent;
    result["modelId"] = model.id;
    result["modelVersion"] = "1.0";
    result["usage"] = {{"completionTokens", 0}, {"promptTokens", tokens}, {"totalTokens", tokens}};
    return {{200, {{"content-type", "application/json"}}}, to_text(result)};
}

}  // namespace gatehouse::emulator
